"""Offer to help and take it back, and answer when somebody asks."""

from typing import Any

from flask import Response, current_app, request, url_for

from .. import clock, contact, receipts
from ..activities import access, notices, queues, signups
from ..activities.models import Signup
from ..forms import text_in
from ..limits import at_most
from ..receipts import views as receipt_views
from ..receipts.models import Receipt
from ..web import Entry, found, open_to, private, show, show_or_see_other
from . import bp, invitations, rules, words
from .forms import OfferForm
from .models import Invitation, Offer


@bp.get("/jeg-kan")
@open_to(Entry.ANYONE)
def new() -> Response:
    """What somebody can do, before there is a task for it."""
    return _show_form(OfferForm.new())


@bp.post("/jeg-kan")
@open_to(Entry.ANYONE)
@at_most("300 per hour", lambda: request.remote_addr or "")  # a hall full of people shares one
@at_most("10 per hour", lambda: ".".join(receipts.codes()))
def leave() -> Response:
    """Take an offer in."""
    form = OfferForm.new()
    if not form.validate():
        return _show_form(form, 422)
    key = text_in(form.key)
    offer = rules.leave(form.helper(), key, receipts.holder(key))
    receipts.remember_holder(key)
    return _show_offer(offer, url_for(".offer", offer=offer.public_id), 201)


@bp.get("/jeg-kan/<public_id:offer>")
@open_to(Entry.ANYONE)
def offer(offer: str) -> Response:
    """An offer, for those who made it: who asks, and what it fits."""
    mine = found(rules.offer_of(offer, receipts.mine()))
    return private(show("offers/show.html", "offers/_offer.html", **_offer_context(mine)))


@bp.post("/jeg-kan/<public_id:offer>/ta-bort")
@open_to(Entry.ANYONE)
def end(offer: str) -> Response:
    """Take an offer back. Twice is as good as once."""
    mine = found(rules.offer_of(offer, receipts.mine()))
    rules.end(mine)
    return _show_offer(mine, url_for(".offer", offer=mine.public_id))


@bp.get("/jeg-kan/spurt/<public_id:invitation>")
@bp.get("/jeg-kan/spurt/<public_id:invitation>/<link>")
@open_to(Entry.ANYONE)
def invitation(invitation: str, link: str = "") -> Response:
    """What somebody is asked, for them alone. Opening it answers nothing: mail programs open links to look at them."""
    asked = _asked(invitation, link)
    context = _invitation_context(asked, link, invitations.signup_of(asked))
    return private(show("offers/invitation.html", "offers/_invitation.html", **context))


@bp.post("/jeg-kan/spurt/<public_id:invitation>")
@bp.post("/jeg-kan/spurt/<public_id:invitation>/<link>")
@open_to(Entry.ANYONE)
@at_most("600 per minute", lambda: request.remote_addr or "")
def answer(invitation: str, link: str = "") -> Response:
    """Answer yes or no, or ask not to be asked again."""
    asked = _asked(invitation, link)
    said = request.form["answer"]
    if said == "never":
        rules.end(asked.offer)
    elif said in ("yes", "no"):
        try:
            invitations.answer(asked, said == "yes", "remind" in request.form)
        except (invitations.OfferEnded, signups.TaskClosed):
            return _show_answered(asked, link, 410)
    return _show_answered(asked, link)


def _asked(public_id: str, link: str) -> Invitation:
    """The invitation, for those who hold its letter or the receipt of the offer; to all others it does not exist."""
    asked = found(invitations.invitation(public_id))
    holds_letter = invitations.opens(link, public_id, current_app.config["SECRET_KEY"])
    return found(asked if holds_letter or (not link and _is_mine(asked.offer)) else None)


def _is_mine(offer: Offer) -> bool:
    return offer.receipt_id in {receipt.id for receipt in receipts.mine()}


def _show_form(form: OfferForm, status: int = 200) -> Response:
    last = rules.latest(clock.today())
    return show("offers/new.html", "offers/_form.html", status, form=form, last=last)


def _show_offer(offer: Offer, address: str, status: int = 200) -> Response:
    return private(show_or_see_other("offers/_offer.html", address, status, **_offer_context(offer)))


def _offer_context(offer: Offer) -> dict[str, Any]:
    return {
        "offer": offer,
        "stands": rules.stands(offer),
        "kinds": words.KINDS,
        "asked": invitations.unanswered(offer) if rules.stands(offer) else [],
        "fitting": rules.tasks_for(offer),
        "reached_at": offer.email or (contact.shown_phone(offer.phone) if offer.phone else ""),
        "card": receipt_views.card(),
    }


def _show_answered(invitation: Invitation, link: str, status: int = 200) -> Response:
    context = _invitation_context(invitation, link, invitations.signup_of(invitation))
    if status != 200:
        return private(show("offers/invitation.html", "offers/_invitation.html", status, **context))
    address = url_for(".invitation", invitation=invitation.public_id, link=link or None)
    return private(show_or_see_other("offers/_invitation.html", address, **context))


def _invitation_context(invitation: Invitation, link: str, signup: Signup | None) -> dict[str, Any]:
    return {
        "invitation": invitation,
        "task": invitation.task,
        "signup": signup,
        "number": queues.queue_number(signup) if signup else 0,
        "is_full": not queues.places([invitation.task])[invitation.task_id].left,
        "stands": rules.stands(invitation.offer),
        "remind": notices.can_remind(invitation.task),
        "link": link or None,
        "receipt": _receipt(invitation, signup) if signup else "",
    }


def _receipt(invitation: Invitation, signup: Signup) -> str:
    """Where their sign-up is; a phone that does not hold the receipt gets in by a link of the sign-up's own."""
    link = None if _is_mine(invitation.offer) else access.token(signup.public_id)
    return url_for("activities.signup", signup=signup.public_id, link=link)


def _mine(holders: list[Receipt]) -> list[tuple[Offer, bool]]:
    """The offers of these receipts' holders, each with whether somebody waits for an answer."""
    return [(offer, bool(invitations.unanswered(offer))) for offer in rules.offers_of(holders)]


receipts.sections.append(receipts.Section("offers/_mine.html", _mine))
