"""What a message says: composed when it is sent, in the language of whoever gets it, by the feature that knows."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.test import create_environ

from .. import contact
from ..i18n import LANGUAGES, SOURCE, reader
from ..rendering import render
from .models import Channel
from .registry import Registry

# Unicode's own isolation, for what is both plain text and HTML.
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
# Makes a line of plain text run from the right, also when it begins with a word that does not.
RIGHT_TO_LEFT_MARK = "\u200f"


class Attachment(NamedTuple):
    """A file that goes along; the type may carry parameters: `text/calendar; method=CANCEL`."""

    filename: str
    mimetype: str
    data: bytes


@dataclass(frozen=True)
class Letter:
    """A message with its address and words. An SMS is its text alone."""

    to: str
    channel: Channel
    language: str
    subject: str
    text: str
    html: str | None = None
    attachments: Sequence[Attachment] = ()


Composer = Callable[[int], Letter | None]

# What each kind of message says, about a subject by its inner id; None when it need not be said any longer.
# Features put theirs in. They are called as if by a request of the reader's: `_()`, `url_for` and templates work.
composers: Registry[Composer] = Registry()


class Reachable(Protocol):
    """Somebody who may have told how to reach them."""

    @property
    def phone(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...


class UnknownKind(Exception):
    """No feature says what this kind of message is."""


def way_to(person: Reachable) -> Channel | None:
    """How a letter reaches somebody; None when only a call does, as with a phone that gets no text messages."""
    if person.email:
        return Channel.MAIL
    return Channel.SMS if person.phone and contact.can_get_sms(person.phone) else None


def compose(app: Flask, kind: str, about: int, language: str) -> Letter | None:
    """The letter as it should be now; None when there is nobody to tell, or nothing to tell of."""
    if kind not in composers:
        raise UnknownKind(kind)
    with as_if_read_in(app, language):
        return composers[kind](about)


@contextmanager
def as_if_read_in(app: Flask, language: str) -> Iterator[None]:
    """Speak this language, and make links that keep it, with PUBLIC_URL in front where they are absolute.

    A context of its own: neither the language nor what is read from the database gets out.
    """
    tag = language if language in LANGUAGES else SOURCE.tag
    public = urlsplit(app.config["PUBLIC_URL"])
    environ = create_environ(base_url=f"{public.scheme}://{public.netloc}/{tag}")
    environ["participation.language"] = tag
    with app.app_context(), app.request_context(environ):
        yield


def letter(
    to: str,
    subject: str,
    paragraphs: Sequence[str],
    links: Sequence[tuple[str, str]] = (),
    attachments: Sequence[Attachment] = (),
) -> Letter:
    """A letter in the reader's language: one text, as plain words and as simple HTML.

    An address with @ gets mail, any other is a phone number. `links` are labels with their absolute addresses.
    """
    language = reader()
    mark = RIGHT_TO_LEFT_MARK if language.direction == "rtl" else ""
    lines = [*(mark + words for words in paragraphs), *(f"{mark}{label}\n{address}" for label, address in links)]
    if "@" not in to:
        return Letter(to, Channel.SMS, language.tag, subject, "\n".join(lines))
    html = render("messages/mail.html", subject=subject, paragraphs=paragraphs, links=links)
    return Letter(to, Channel.MAIL, language.tag, subject, "\n\n".join(lines) + "\n", html, attachments)


def apart(text: str) -> str:
    """A name or a title inside a sentence, kept from turning its letters around in text and in HTML."""
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"
