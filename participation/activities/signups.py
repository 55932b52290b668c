"""Who has a place and who waits: every change to a task's sign-ups goes through here, behind the task's lock."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from .. import clock
from ..db import db, write
from ..receipts import rules as receipts
from . import notices
from .models import Consent, Purpose, Signup, SignupState, Task
from .queues import LIVING, Places, held, may_take, places

OFFER_TIME = timedelta(hours=24)  # how long a place is kept for somebody who asked to be asked first
LAST_CALL = timedelta(hours=24)  # so short before the start a free place is kept for nobody
LARGEST_PARTY = 20


class TaskClosed(Exception):
    """It is too late to help with this, or the activity is off."""


class PlaceGone(Exception):
    """Somebody else was first, or the offer has run out."""


@dataclass(frozen=True)
class Person:
    """Somebody who says yes, as they told it."""

    name: str
    party: int = 1
    ask_first: bool = False
    phone: str | None = None
    email: str | None = None
    purposes: frozenset[Purpose] = field(default_factory=frozenset)
    wording: str = ""
    language: str = "nb"


@write
def sign_up(task: Task, person: Person, key: str, holder: str) -> Signup:
    """Say yes to a task: there is never one more than it has room for, and whoever comes later waits in turn.

    The same form sent twice is one sign-up, and so is the same name from the same phone. Raises TaskClosed.
    """
    arrival = _lock(task.id)
    db.session.expire(task)  # its room may have changed while this one queued
    receipt_id = receipts.obtain(holder)
    sent = hashlib.sha256(f"{key} {task.id} {person.name}".encode()).hexdigest()
    already = db.session.scalar(
        sa.select(Signup).where(
            LIVING,
            Signup.task_id == task.id,
            sa.or_(Signup.sent == sent, sa.and_(Signup.receipt_id == receipt_id, Signup.name == person.name)),
        )
    )
    if already is not None:
        return already
    if task.is_closed:
        raise TaskClosed
    free = _settle(task)
    signup = Signup(
        task=task,
        receipt_id=receipt_id,
        state=SignupState.PLACED if person.party <= free else SignupState.WAITING,
        arrival=arrival,
        sent=sent,
        **{name: getattr(person, name) for name in ("name", "party", "ask_first", "language", "phone", "email")},
        consents=[Consent(purpose=purpose, wording=person.wording) for purpose in sorted(person.purposes)],
    )
    db.session.add(signup)
    db.session.flush()
    notices.signed_up(signup)
    return signup


@write
def take(signup: Signup) -> None:
    """Say yes to an offered place, or to one that is free: the first tap wins. Raises PlaceGone and TaskClosed."""
    _lock(signup.task_id)
    db.session.refresh(signup)
    if signup.state is SignupState.PLACED:
        return
    if signup.task.is_closed:
        raise TaskClosed
    if not may_take(signup):
        raise PlaceGone
    _move(signup, SignupState.PLACED)
    notices.signed_up(signup)


@write
def withdraw(signup: Signup) -> None:
    """Take a yes back: always open, no reason asked.

    The name and the contact are forgotten, and the place goes on, in the same moment.
    """
    _lock(signup.task_id)
    db.session.refresh(signup)
    if signup.state is SignupState.WITHDRAWN:
        return
    notices.left(signup)
    _move(signup, SignupState.WITHDRAWN)
    signup.withdrawn_at = clock.now()
    forget(signup)
    signup.sent = None
    _settle(signup.task)


@write
def set_capacity(task: Task, capacity: int) -> Places:
    """Make room for more, or for fewer: then nobody is thrown out, and whoever answers for it sees how many too many.

    Raises ValueError for less than one.
    """
    if capacity < 1:
        raise ValueError("A task is for somebody.")
    _lock(task.id)
    db.session.refresh(task)
    task.capacity = capacity
    db.session.flush()
    _settle(task)
    return places([task])[task.id]


@write
def settle(task: Task) -> None:
    """Pass on what nobody answered, and share out what is free."""
    _lock(task.id)
    db.session.refresh(task)
    _settle(task)


def settle_expired() -> None:
    """Pass every offer on that has run out; each task in a transaction of its own."""
    expired = sa.select(Task).where(
        Task.id.in_(
            sa.select(Signup.task_id).where(Signup.state == SignupState.OFFERED, Signup.offered_until <= clock.now())
        )
    )
    for task in db.session.scalars(expired).all():
        settle(task)


def forget(signup: Signup) -> None:
    """Empty a sign-up of what tells who it was; that somebody signed up is still counted."""
    signup.name = ""
    signup.phone = signup.email = None
    signup.consents.clear()


def _lock(task_id: int) -> int:
    """Queue for the task; answers with the arrival number this gives."""
    arrival: int = db.session.execute(
        sa.update(Task).where(Task.id == task_id).values(arrivals=Task.arrivals + 1).returning(Task.arrivals)
    ).scalar_one()
    return arrival


def _move(signup: Signup, state: SignupState, until: datetime | None = None) -> None:
    """The one place where a sign-up changes its state."""
    signup.state = state
    signup.offered_until = until


def _settle(task: Task) -> int:
    """Share out the free places, whoever came first first; answers how many are left. The task must be locked.

    Somebody with more people than there is room for is passed by until there is: a place must not stay empty while
    others could fill it. Nobody who has a place loses it.
    """
    now = clock.now()
    asked = Signup.state.in_([SignupState.OFFERED, SignupState.WAITING])
    queue = db.session.scalars(sa.select(Signup).where(asked, Signup.task_id == task.id).order_by(Signup.arrival)).all()
    for signup in queue:
        if signup.offered_until and signup.offered_until <= now:
            _move(signup, SignupState.WAITING)
            signup.passed_over = True
    db.session.flush()
    taken = db.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Signup.party), 0)).where(held(now), Signup.task_id == task.id)
    )
    free = task.capacity - int(taken or 0)
    if task.is_closed:
        return free
    time_left = (task.ends_at if task.activity.standing else task.starts_at) - now
    for signup in queue:
        if signup.state is not SignupState.WAITING or signup.party > free or signup.passed_over:
            continue
        if not signup.ask_first:
            _move(signup, SignupState.PLACED)
            notices.placed(signup)
        elif time_left <= LAST_CALL:
            notices.free(signup)
            continue
        else:
            _move(signup, SignupState.OFFERED, now + min(OFFER_TIME, time_left / 2))
            notices.offered(signup)
        free -= signup.party
    db.session.flush()
    return free
