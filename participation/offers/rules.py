"""Offers to help: leaving one and taking it back, and finding what fits."""

import hashlib
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from sqlalchemy.orm import joinedload

from .. import clock
from ..activities import queues
from ..activities.models import Activity, ActivityState, Kind, Signup, Task
from ..contact import Contact
from ..db import db, write
from ..messages import rules as messages
from ..receipts import rules as receipts
from ..receipts.models import Receipt
from .models import Invitation, Offer, OfferState

TERM = relativedelta(months=12)  # the longest that an offer stands, and whoever gave it is remembered
INVITATION = "invitation"  # the kind of message that asks
SHOWN = 5  # tasks for whoever made an offer: more would be a list to search, and that is elsewhere
LOOKED_AT = 50  # tasks in which those are looked for


@dataclass(frozen=True)
class Helper:
    """Somebody who offers to help, as they told it."""

    name: str
    kinds: tuple[Kind, ...]
    contact: Contact
    until: date
    when: str = ""
    languages: tuple[str, ...] = ()
    wording: str = ""
    language: str = "nb"


def latest(day: date) -> date:
    """The last day that an offer made on this day may stand."""
    return day + TERM


def stands(offer: Offer) -> bool:
    """Whether somebody may still be asked because of it."""
    return offer.state is OfferState.OPEN and offer.until >= clock.today()


# --- Leave an offer, and take it back


@write
def leave(helper: Helper, key: str, holder: str) -> Offer:
    """Offer to help. The same form sent again is the same offer, with what it says now."""
    receipt_id = receipts.obtain(holder)
    sent = hashlib.sha256(f"{key} {holder}".encode()).hexdigest()
    offer = db.session.scalar(sa.select(Offer).where(Offer.sent == sent))
    if offer is None:
        offer = Offer(receipt_id=receipt_id, sent=sent)
        db.session.add(offer)
    offer.name, offer.when, offer.until = helper.name, helper.when, helper.until
    offer.kinds, offer.languages = [kind.value for kind in helper.kinds], list(helper.languages)
    offer.phone, offer.email = helper.contact.phone, helper.contact.email
    offer.wording, offer.language = helper.wording, helper.language
    db.session.flush()
    return offer


@write
def end(offer: Offer) -> None:
    """Take an offer back: always open, no reason asked. Who gave it is forgotten in the same moment."""
    db.session.refresh(offer)
    _forget(offer)


def expire() -> None:
    """Forget who gave the offers whose term is over. Writes nothing when there are none."""
    over = sa.and_(Offer.state == OfferState.OPEN, Offer.until < clock.today())
    if db.session.scalar(sa.select(sa.exists().where(over))):
        _expire(over)


@write
def _expire(over: sa.ColumnElement[bool]) -> None:
    for offer in db.session.scalars(sa.select(Offer).where(over)):
        _forget(offer)


def _forget(offer: Offer) -> None:
    """Empty an offer of what tells who gave it; that it was given is still counted."""
    offer.state = OfferState.ENDED
    offer.name = offer.when = ""
    offer.kinds, offer.languages = [], []
    offer.phone = offer.email = offer.sent = None
    messages.stop(INVITATION, *(invitation.id for invitation in offer.invitations))


# --- Find


def offer_of(public_id: str, holders: list[Receipt]) -> Offer | None:
    """An offer, for those whose receipt it is on."""
    whose = [receipt.id for receipt in holders]
    return db.session.scalar(sa.select(Offer).where(Offer.public_id == public_id, Offer.receipt_id.in_(whose)))


def offers_of(holders: list[Receipt]) -> list[Offer]:
    """The offers of these receipts' holders that stand, the newest first."""
    whose = [receipt.id for receipt in holders]
    return list(db.session.scalars(_standing().where(Offer.receipt_id.in_(whose)).order_by(Offer.id.desc())))


def offer(public_id: str) -> Offer | None:
    """An offer that stands, for those who may ask."""
    return db.session.scalar(_standing().where(Offer.public_id == public_id))


def _standing() -> sa.Select[Offer]:
    return sa.select(Offer).where(Offer.state == OfferState.OPEN, Offer.until >= clock.today())


def open_tasks() -> tuple[sa.ColumnElement[bool], ...]:
    """What makes a task one that may still be helped with."""
    return Task.ends_at > clock.now(), Activity.state == ActivityState.PUBLISHED


# --- Match


def matches(task: Task) -> list[Offer]:
    """Whose offers fit a task, the most fitting first; without those who help with it already, or have been asked.

    Whoever speaks more of the activity's languages fits better, then whoever offered little else, then who came first.
    """
    asked = sa.select(Invitation.offer_id).where(Invitation.task_id == task.id)
    helping = sa.select(Signup.receipt_id).where(
        queues.LIVING, Signup.task_id == task.id, Signup.receipt_id.is_not(None)
    )
    named = sa.cast(Offer.kinds, sa.String).contains(f'"{task.kind.value}"')
    offers = db.session.scalars(
        _standing().where(named, Offer.id.not_in(asked), Offer.receipt_id.not_in(helping)).order_by(Offer.id)
    )
    fitting = [offer for offer in offers if fits(offer, task)]
    return sorted(fitting, key=lambda offer: (-len(_shared_languages(offer, task)), len(offer.kinds), offer.id))


def tasks_for(offer: Offer) -> list[tuple[Task, int]]:
    """The next tasks that still need what somebody offers, each with how many it needs.

    Without those they help with already, or have been asked about: these they have elsewhere.
    """
    if not stands(offer):
        return []
    mine = sa.select(Signup.task_id).where(queues.LIVING, Signup.receipt_id == offer.receipt_id)
    asked = sa.select(Invitation.task_id).where(Invitation.offer_id == offer.id)
    taken = sa.select(sa.func.coalesce(sa.func.sum(Signup.party), 0)).where(
        queues.held(clock.now()), Signup.task_id == Task.id
    )
    tasks = db.session.scalars(
        sa.select(Task)
        .join(Task.activity)
        .where(*open_tasks(), Task.kind.in_(offer.kinds), Task.id.not_in(mine), Task.id.not_in(asked))
        .where(taken.scalar_subquery() < Task.capacity)
        .options(joinedload(Task.activity))
        .order_by(Task.starts_at, Task.id)
        .limit(LOOKED_AT)
    )
    fitting = [task for task in tasks if fits(offer, task)][:SHOWN]
    places = queues.places(fitting) if fitting else {}
    return [(task, places[task.id].left) for task in fitting]


def fits(offer: Offer, task: Task) -> bool:
    """Whether the task is of a kind that is offered; whoever is to translate must share a language with it."""
    of_the_kind = task.kind.value in offer.kinds
    return of_the_kind and (task.kind is not Kind.TRANSLATE or bool(_shared_languages(offer, task)))


def _shared_languages(offer: Offer, task: Task) -> set[str]:
    return set(offer.languages) & set(task.activity.languages)
