"""«Mine bidrag»: what one has said yes to and suggested, on any phone that knows the code."""

import time
from dataclasses import dataclass

from flask import Response, current_app, request, url_for
from flask_babel import gettext as _

from ..forms import text_in
from ..limits import at_most
from ..messages import transport
from ..messages.models import Channel
from ..posters import qr
from ..web import Entry, open_to, private, public_url, see_other, show
from . import bp, codes, finders, forget_all, mine, remember, rules, sections
from .forms import CodeForm, LostForm

ANSWER_TIME = 0.3  # seconds: longer than it takes to put a letter in the outbox


@dataclass(frozen=True)
class Card:
    """What a person keeps: the code, and the QR that opens it on another phone."""

    code: str
    qr: str


def card() -> Card | None:
    """The card of this phone's first code; None on a phone that has none."""
    for code in codes():
        address = public_url(url_for("receipts.opened", code=code)).upper()
        return Card(rules.grouped(code), qr.svg(address, _("QR-kode til mine bidrag")))
    return None


@bp.get("/mine-bidrag")
@open_to(Entry.ANYONE)
def index() -> Response:
    """All that the holder of this phone has said yes to and suggested, and the way in with a code."""
    return _page(CodeForm.from_request())


@bp.post("/mine-bidrag")
@open_to(Entry.ANYONE)
# Generous, as a whole workshop shares one guest network; at this pace one hit would take millions of years.
@at_most("600 per minute", lambda: request.remote_addr or "")
def open_with_code() -> Response:
    """Open the contributions of a typed code on this phone."""
    form = CodeForm.from_request()
    if form.validate() and _remembered(text_in(form.code)):
        return see_other(url_for(".index"))
    if not form.errors:
        form.code.errors = [_("Vi kjenner ikke denne koden. Se etter en gang til: den har ti tegn.")]
    return _page(form, 422)


@bp.get("/r/<code>")
@bp.get("/R/<code>")
@open_to(Entry.ANYONE)
def opened(code: str) -> Response:
    """A scanned code, not yet opened: a link that somebody sends must change nothing on the phone that follows it."""
    form = CodeForm(data={"code": rules.grouped(rules.normalise(code)[: rules.CODE_LENGTH])})
    return private(show("receipts/opened.html", form=form))


@bp.get("/kode/mistet")
@open_to(Entry.ANYONE)
def lost() -> Response:
    """For those who have lost the code."""
    return _lost_page(LostForm.from_request())


@bp.post("/kode/mistet")
@open_to(Entry.ANYONE)
@at_most("30 per minute", lambda: request.remote_addr or "")  # one contact gets a letter an hour at the most anyway
def send_lost() -> Response:
    """Send whoever is reached there links to what they have; the answer is the same for everybody.

    So is how long it takes: whether somebody is known to us must not be heard from that either.
    """
    started = time.monotonic()
    form = LostForm.from_request()
    if not (form.validate() and _can_reach(form)):
        return _lost_page(form, 422)
    for find in finders:
        find(form.reached_at)
    time.sleep(max(0.0, started + ANSWER_TIME - time.monotonic()))
    return see_other(url_for(".asked"))


@bp.get("/kode/mistet/spurt")
@open_to(Entry.ANYONE)
def asked() -> Response:
    """What is said to everybody who has lost the code."""
    return private(show("receipts/asked.html"))


@bp.post("/mine-bidrag/glem")
@open_to(Entry.ANYONE)
def forget() -> Response:
    """Forget the codes on this phone: for a phone that others use too."""
    forget_all()
    return see_other(url_for(".index"))


def _remembered(typed: str) -> bool:
    code = rules.normalise(typed)
    known = bool(rules.find([code], str(current_app.config["SECRET_KEY"])))
    if known:
        remember(code)
    return known


def _can_reach(form: LostForm) -> bool:
    if transport.can_send(Channel.MAIL if form.reached_at.email else Channel.SMS):
        return True
    way_out = _("Vi kan ikke sende SMS herfra. Skriv e-posten du ga oss, eller spør den som ordner aktiviteten.")
    form.contact.errors = [way_out if form.reached_at.phone else _("Vi kan ikke sende e-post herfra. Skriv nummeret.")]
    return False


def _lost_page(form: LostForm, status: int = 200) -> Response:
    return private(show("receipts/lost.html", status=status, form=form, can_send=bool(transport.channels())))


def _page(form: CodeForm, status: int = 200) -> Response:
    holders = mine()
    shown = [(section.template, section.contributions(holders)) for section in sections] if holders else []
    filled = [(template, contributions) for template, contributions in shown if contributions]
    return private(
        show("receipts/index.html", status=status, sections=filled, card=card() if holders else None, form=form)
    )
