"""How a workshop goes: opened, answered, shown, closed."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from .. import clock, live
from ..activities.models import Activity
from ..db import db, public_id, random_code, write
from ..i18n import Translated
from ..receipts import rules as receipts
from ..receipts.models import Receipt
from .models import CODE_LENGTH, Idea, IdeaState, Question, Reason, Workshop, WorkshopState

IDEA_LENGTH = 2000  # characters; a wall card holds far less, a thought-through answer hardly more


class NotOpenYet(Exception):
    """The workshop has not begun: nobody has been asked anything yet."""


class Taken(NamedTuple):
    """An idea that has come in: its inner id, whether others can read it, and whether it came after closing."""

    number: int
    state: IdeaState
    late: bool


# Made once: in a full room everybody goes through these in the same minute.
TAKEN = sa.select(Idea.id, Idea.state, Idea.late).where(Idea.sent == sa.bindparam("fingerprint"))
TAKE = sa.insert(Idea).returning(Idea.id)
ASKING = (
    sa.select(Workshop.state, Workshop.approval, Workshop.feed_id)
    .join(Question)
    .where(Question.id == sa.bindparam("asked"))
)
ONE = sa.select(Workshop).options(joinedload(Workshop.questions))
BY_CODE = ONE.where(Workshop.code == sa.bindparam("code"))
WITH_WORKSHOP = sa.select(Idea).options(joinedload(Idea.question).joinedload(Question.workshop))
HELD = Idea.receipt_id.in_(sa.bindparam("receipts", expanding=True))
ON_RECEIPTS = WITH_WORKSHOP.where(HELD).options(selectinload(Idea.activity)).order_by(Idea.id.desc())
ANSWERS = ON_RECEIPTS.where(Idea.question_id == sa.bindparam("asked"))


@dataclass(frozen=True)
class Tally:
    """How many ideas there are, and how many of them others can read."""

    shown: int
    waiting: int
    hidden: int

    @property
    def total(self) -> int:
        """All that came in."""
        return self.shown + self.waiting + self.hidden


def normalise(code: str) -> str:
    """A code as it was meant: any case, with or without blanks and hyphens, O for 0, I and L for 1."""
    return receipts.normalise(code)


def by_code(code: str) -> Workshop | None:
    """The workshop whose code this is, however it was typed."""
    return db.session.scalars(BY_CODE, {"code": normalise(code)}).unique().one_or_none()


def by_id(public_id: str) -> Workshop | None:
    """The workshop with this id in addresses."""
    return db.session.scalars(ONE.where(Workshop.public_id == public_id)).unique().one_or_none()


def current() -> list[Workshop]:
    """The workshops that collect ideas now, the latest first."""
    return _all(Workshop.state == WorkshopState.OPEN)


def ended(limit: int = 10) -> list[Workshop]:
    """The workshops that have been, the latest first."""
    return _all(Workshop.state == WorkshopState.CLOSED)[:limit]


def all_for(owner_id: int | None) -> list[Workshop]:
    """A facilitator's workshops, or everybody's for None; the latest first."""
    return _all(sa.true() if owner_id is None else Workshop.owner_id == owner_id)


def tally(question: Question) -> Tally:
    """How the ideas to a question stand."""
    rows = db.session.execute(
        sa.select(Idea.state, sa.func.count()).where(Idea.question_id == question.id).group_by(Idea.state)
    )
    counts = Counter(dict(rows.all()))
    return Tally(counts[IdeaState.SHOWN], counts[IdeaState.WAITING], counts[IdeaState.HIDDEN])


def ideas(question: Question, state: IdeaState, limit: int = 500) -> list[Idea]:
    """The ideas in a state: those that wait with the oldest first, others with the latest decided first."""
    order = (Idea.id,) if state is IdeaState.WAITING else (Idea.decided_at.desc(), Idea.id.desc())
    return list(
        db.session.scalars(
            sa.select(Idea)
            .where(Idea.question_id == question.id, Idea.state == state)
            .options(selectinload(Idea.activity))
            .order_by(*order)
            .limit(limit)
        )
    )


def latest_waiting(question: Question) -> int:
    """The inner id of the latest idea that waits; 0 when none does."""
    waiting = sa.select(sa.func.max(Idea.id)).where(Idea.question_id == question.id, Idea.state == IdeaState.WAITING)
    return db.session.scalar(waiting) or 0


def idea(public_id: str) -> Idea | None:
    """An idea by its id in addresses."""
    return db.session.scalar(WITH_WORKSHOP.where(Idea.public_id == public_id))


def idea_numbered(number: int) -> Idea | None:
    """An idea by its inner id, as the change feed names it."""
    return db.session.scalar(WITH_WORKSHOP.where(Idea.id == number))


def ideas_of(holders: list[Receipt], question: Question | None = None) -> list[Idea]:
    """The ideas on these receipts, the latest first; all, or those to one question."""
    held = {"receipts": [receipt.id for receipt in holders]}
    if question is None:
        return list(db.session.scalars(ON_RECEIPTS, held))
    return list(db.session.scalars(ANSWERS, {**held, "asked": question.id}))


def submit(question: Question, text: str, language: str, key: str, holder: str) -> Taken:
    """Take an idea in. The same text sent twice with the same key is one idea; after closing it is kept as late.

    Raises NotOpenYet.
    """
    return _take_in(question.id, text, language, key, holder)


@write
def _take_in(asked: int, text: str, language: str, key: str, holder: str) -> Taken:
    connection = db.session.connection()
    sent = hashlib.sha256(f"{key} {asked} {text}".encode()).hexdigest()
    if already := connection.execute(TAKEN, {"fingerprint": sent}).first():
        return Taken(*already)
    workshop = connection.execute(ASKING, {"asked": asked}).one()
    if workshop.state is WorkshopState.DRAFT:
        raise NotOpenYet
    late = workshop.state is WorkshopState.CLOSED
    shown = not (workshop.approval or late)
    now = clock.now()
    state = IdeaState.SHOWN if shown else IdeaState.WAITING
    idea = {
        "public_id": public_id(),
        "question_id": asked,
        "receipt_id": receipts.obtain(holder),
        "state": state,
        "decided_at": now if shown else None,
        "created_at": now,
        "text": text,
        "language": language,
        "late": late,
        "sent": sent,
    }
    number = connection.execute(TAKE, idea).scalar_one()
    live.announce(workshop.feed_id, "idea", number)
    return Taken(number, state, late)


@write
def show(idea: Idea) -> None:
    """Let everybody read an idea."""
    _decide(idea, IdeaState.SHOWN, None)


@write
def hide(idea: Idea, reason: Reason) -> None:
    """Take an idea away from others' eyes; its words are kept, and its writer is told why."""
    _decide(idea, IdeaState.HIDDEN, reason)


@write
def show_all(question: Question, upto: int) -> int:
    """Show the ideas that wait, up to the one with this inner id, the last that was seen; answers how many."""
    waiting = [idea for idea in ideas(question, IdeaState.WAITING) if idea.id <= upto]
    for idea in waiting:
        _decide(idea, IdeaState.SHOWN, None)
    return len(waiting)


@write
def create(
    title: Translated,
    question: Translated,
    place: str,
    approval: bool,
    owner_id: int,
    activity_id: int | None = None,
) -> Workshop:
    """Prepare a workshop with one question and a code of its own, held at an activity or by itself."""
    feed = live.Feed()
    code = random_code(CODE_LENGTH)
    while by_code(code):
        code = random_code(CODE_LENGTH)
    workshop = Workshop(code=code, title=title, place=place, approval=approval, owner_id=owner_id, feed=feed)
    workshop.activity_id = activity_id
    workshop.questions.append(Question(text=question))
    db.session.add(workshop)
    db.session.flush()
    return workshop


@write
def open_doors(workshop: Workshop) -> None:
    """Begin, or begin again, to collect ideas."""
    _move(workshop, WorkshopState.OPEN)


@write
def close(workshop: Workshop) -> None:
    """Stop collecting. What is still on its way from a phone is kept as late."""
    _move(workshop, WorkshopState.CLOSED)


def _move(workshop: Workshop, state: WorkshopState) -> None:
    if workshop.state is state:
        return
    workshop.state = state
    workshop.closed_at = clock.now() if state is WorkshopState.CLOSED else None
    live.announce(workshop.feed_id, "workshop", workshop.id)


def _decide(idea: Idea, state: IdeaState, reason: Reason | None) -> None:
    if (idea.state, idea.reason) == (state, reason):
        return
    idea.state, idea.reason, idea.decided_at = state, reason, clock.now()
    live.announce(idea.question.workshop.feed_id, "idea", idea.id)


def _all(condition: sa.ColumnElement[bool]) -> list[Workshop]:
    query = sa.select(Workshop).where(condition).order_by(Workshop.id.desc()).options(selectinload(Workshop.questions))
    return list(db.session.scalars(query))


# --- What ideas became


def ideas_behind(activity: Activity) -> list[Idea]:
    """The ideas that became an activity."""
    return list(db.session.scalars(sa.select(Idea).where(Idea.activity_id == activity.id).order_by(Idea.id)))


def ideas_for(activity: Activity, limit: int = 60) -> list[Idea]:
    """Ideas that may have become this activity: its own, and the latest that others can read."""
    free = sa.and_(Idea.state == IdeaState.SHOWN, Idea.activity_id.is_(None))
    own_first = (Idea.activity_id.is_(None), Idea.id.desc())
    wanted = sa.select(Idea).where(sa.or_(Idea.activity_id == activity.id, free)).order_by(*own_first)
    return list(db.session.scalars(wanted.limit(limit)))


@write
def came_from(activity: Activity, ideas: list[str]) -> None:
    """Keep which ideas became this activity, by their public ids; those that became another stay with that."""
    for idea in ideas_for(activity):
        idea.activity_id = activity.id if idea.public_id in ideas else None
