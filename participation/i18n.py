"""Languages: which one a reader gets, how it is written, and texts that exist in several."""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from babel import Locale
from babel.dates import format_date
from flask import g, request
from flask_babel import Babel
from markupsafe import Markup
from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from .clock import local

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

COOKIE = "language"


@dataclass(frozen=True)
class Language:
    """A language the app speaks: its tag, its name for itself, its direction, its script, and whose formats it uses."""

    tag: str
    endonym: str
    direction: str
    script: str
    locale: Locale


def _language(tag: str, endonym: str, direction: str = "ltr", script: str = "Latn", locale: str = "") -> Language:
    return Language(tag, endonym, direction, script, Locale.parse(locale or tag))


LANGUAGES = {
    language.tag: language
    for language in (
        _language("nb", "Norsk bokmål"),
        _language("en", "English", locale="en_GB"),
        _language("ar", "العربية", "rtl", "Arab"),
    )
}
SOURCE = LANGUAGES["nb"]

# What browsers ask for, and what it means here. Norwegian phones say `no`, and a nynorsk reader reads bokmål better
# than English, which is what plain matching would give.
ALIASES = {"no": "nb", "nn": "nb", "nb": "nb", "da": "nb", "sv": "nb"}

SCRIPTS = {"LATIN": "Latn", "ARABIC": "Arab", "CYRILLIC": "Cyrl", "ETHIOPIC": "Ethi"}


class LanguagePrefix:
    """Lets every address be had in every language: `/ar/aktiviteter` is `/aktiviteter` in Arabic.

    The prefix becomes part of the script name, so every link made while answering keeps it.
    """

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        first, _, rest = environ.get("PATH_INFO", "").lstrip("/").partition("/")
        tag = first.lower()
        if tag in LANGUAGES:
            environ["participation.language"] = tag
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/{tag}"
            environ["PATH_INFO"] = f"/{rest}"
        return self.app(environ, start_response)


def choose_language() -> Language:
    """The reader's language: in the address, else chosen before, else what the phone asks for, else bokmål."""
    asked = request.environ.get("participation.language") or request.cookies.get(
        COOKIE, request.cookies.get(f"__Host-{COOKIE}", "")
    )
    return LANGUAGES.get(asked) or preferred(request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=1024)
def preferred(accept_language: str) -> Language:
    """The first language the app speaks among those a browser accepts; unknown and malformed tags are passed over."""
    wanted = parse_accept_header(accept_language[:500], LanguageAccept)
    for tag, quality in wanted:
        primary = tag.lower().replace("_", "-").partition("-")[0]
        known = LANGUAGES.get(ALIASES.get(primary, primary))
        if known and quality > 0:
            return known
    return SOURCE


def reader() -> Language:
    """The language of the answer being made."""
    if "language" not in g:
        g.language = choose_language()
    language: Language = g.language
    return language


def init_app(babel: Babel, app: Any) -> None:
    """Give the app its languages."""
    babel.init_app(app, locale_selector=lambda: reader().locale)
    app.wsgi_app = LanguagePrefix(app.wsgi_app)


# --- Texts in several languages


@dataclass(frozen=True)
class Reading:
    """A text as one reader gets it: the words, and the language they are in."""

    text: str
    tag: str


class Translated(Mapping[str, str]):
    """One text in many languages: language tag → words. Bokmål is the original that the others translate.

    Never changed, and taken apart only when it is read: a list of texts costs no more than the ones that are shown.
    """

    __slots__ = ("_texts", "packed")

    def __init__(self, texts: Mapping[str, str] | str) -> None:
        self.packed = texts if isinstance(texts, str) else json.dumps(dict(texts), ensure_ascii=False)
        self._texts: dict[str, str] | None = None

    @property
    def texts(self) -> dict[str, str]:
        """The words in each language."""
        if self._texts is None:
            self._texts = json.loads(self.packed)
        return self._texts or {}

    def read(self, tag: str) -> Reading:
        """The text in this language, else in bokmål, else in whatever language it has; never blank without cause."""
        for candidate in (tag, SOURCE.tag):
            if self.texts.get(candidate):
                return Reading(self.texts[candidate], candidate)
        return next((Reading(text, other) for other, text in self.texts.items() if text), Reading("", tag))

    def __getitem__(self, tag: str) -> str:
        return self.texts[tag]

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)

    def __hash__(self) -> int:
        return hash(self.packed)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Translated) and self.packed == other.packed

    def __repr__(self) -> str:
        return f"Translated({self.packed})"


class TranslatedText(TypeDecorator[Translated]):
    """A column that holds a Translated, as the text of a JSON object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Translated | None, dialect: Dialect) -> str | None:
        """Kept as it is packed."""
        return None if value is None else value.packed

    def process_result_value(self, value: str | None, dialect: Dialect) -> Translated | None:
        """Read back as a Translated."""
        return None if value is None else Translated(value)


def say(text: Translated) -> str:
    """The text in the reader's language; marked with its own language when it had to fall back."""
    language = reader()
    reading = text.read(language.tag)
    if reading.tag == language.tag:
        return reading.text
    return foreign(reading.text, reading.tag)


def plain(text: Translated) -> str:
    """The words alone, for titles and attributes."""
    return text.read(reader().tag).text


def foreign(text: str, tag: str) -> Markup:
    """Words in a language of their own inside a page in another."""
    known = LANGUAGES.get(tag)
    return Markup('<bdi lang="{}" dir="{}">{}</bdi>').format(tag, known.direction if known else "auto", text)


def isolated(text: str) -> Markup:
    """A person's words inside a sentence, kept from turning its letters around."""
    return Markup("<bdi>{}</bdi>").format(text)


def language_name(tag: str) -> Markup:
    """A language by its own name."""
    name = Locale.parse(tag).get_display_name(tag) or tag
    return Markup('<bdi lang="{}">{}</bdi>').format(tag, name)


def script_of(text: str) -> str | None:
    """The script most letters of a text are written in, as ISO 15924 names it; None when it has no known one."""
    found: Counter[str] = Counter()
    for character in text[:400]:
        if character.isalpha():
            found[SCRIPTS.get(unicodedata.name(character, "").partition(" ")[0], "")] += 1
    found.pop("", None)
    return found.most_common(1)[0][0] if found else None


def language_of(text: str, language: Language) -> str:
    """The language tag for what a reader of this language wrote: theirs, unless the script shows that it can't be."""
    script = script_of(text)
    return language.tag if script in (None, language.script) else f"und-{script}"


# --- Dates and times, as people here read them


@lru_cache(maxsize=4096)
def _date(day: date, pattern: str, locale: Locale) -> str:
    return format_date(day, pattern, locale=locale)


def full_day(moment: datetime | date) -> str:
    """`lørdag 21. november`: the weekday always written out."""
    pattern = {"nb": "EEEE d. MMMM", "ar": "EEEE d MMMM"}.get(reader().tag, "EEEE d MMMM")
    return _date(_day(moment), pattern, reader().locale)


def short_weekday(moment: datetime | date) -> str:
    """`lør`, for a date tile."""
    return _date(_day(moment), "EEE", reader().locale).rstrip(".")


def short_month(moment: datetime | date) -> str:
    """`nov`, for a date tile."""
    return _date(_day(moment), "MMM", reader().locale).rstrip(".")


def long_date(day: date) -> str:
    """`21. november 2026`."""
    return _date(day, "long", reader().locale)


def clock_time(moment: datetime) -> str:
    """`16:00`, in every language, as on the posters."""
    return f"{local(moment):%H:%M}"


def iso(moment: datetime) -> str:
    """A moment for machines, with the offset that holds in Oslo then."""
    return local(moment).isoformat(timespec="minutes")


def _day(moment: datetime | date) -> date:
    return local(moment).date() if isinstance(moment, datetime) else moment
