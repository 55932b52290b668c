"""How a task stands: who has a place, who is offered one, and who waits, in the order they came."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from .. import clock
from ..db import db
from ..receipts.models import Receipt
from .models import Activity, Signup, SignupState, Task

PLACED = Signup.state == SignupState.PLACED
WAITING = Signup.state == SignupState.WAITING
LIVING = Signup.state != SignupState.WITHDRAWN


@dataclass(frozen=True)
class Places:
    """How a task stands, in people."""

    capacity: int
    placed: int = 0
    offered: int = 0
    waiting: int = 0

    @property
    def taken(self) -> int:
        """How many places are somebody's, or kept for somebody."""
        return self.placed + self.offered

    @property
    def left(self) -> int:
        """How many more are needed."""
        return max(self.capacity - self.taken, 0)


def held(now: datetime) -> sa.ColumnElement[bool]:
    """Whose places are taken: those who have one, and those it is kept for."""
    return sa.or_(PLACED, sa.and_(Signup.state == SignupState.OFFERED, Signup.offered_until > now))


def places(tasks: Sequence[Task]) -> dict[int, Places]:
    """How each of these tasks stands, by the task's inner id."""
    now = clock.now()
    people: dict[int, dict[str, int]] = {task.id: {} for task in tasks}
    standing = sa.case(
        (sa.and_(Signup.state == SignupState.OFFERED, Signup.offered_until <= now), SignupState.WAITING.value),
        else_=sa.cast(Signup.state, sa.String),
    )
    for task_id, state, number in db.session.execute(
        sa.select(Signup.task_id, standing, sa.func.sum(Signup.party))
        .where(LIVING, Signup.task_id.in_(people))
        .group_by(Signup.task_id, standing)
    ):
        people[task_id][state] = number
    return {task.id: Places(task.capacity, **people[task.id]) for task in tasks}


def queue_numbers(signups: Iterable[Signup]) -> dict[int, int]:
    """By the sign-up's inner id: 0 for one who has a place or an offer, else the number in the queue, from 1."""
    signups = list(signups)
    numbered = sa.select(
        Signup.id, sa.func.row_number().over(partition_by=Signup.task_id, order_by=Signup.arrival).label("number")
    ).where(WAITING, Signup.task_id.in_({signup.task_id for signup in signups}))
    numbers: dict[int, int] = dict(db.session.execute(numbered).all())
    return {signup.id: numbers.get(signup.id, 0) for signup in signups}


def queue_number(signup: Signup) -> int:
    """0 for one who has a place or an offer, else the number in the queue, from 1."""
    return queue_numbers([signup])[signup.id]


def may_take(signup: Signup) -> bool:
    """Whether a tap now gives this person a place: one is kept for them, or there is one that is nobody's."""
    if signup.task.is_closed:
        return False
    if signup.state is SignupState.OFFERED:
        return signup.offered_until is not None and signup.offered_until > clock.now()
    return signup.state is SignupState.WAITING and places([signup.task])[signup.task_id].left >= signup.party


def overlapping(signup: Signup) -> list[Signup]:
    """What else the same receipt's holder has said yes to at the same time; a reason to warn, never to refuse."""
    task = signup.task
    if signup.receipt_id is None or task.activity.standing:
        return []
    return list(
        db.session.scalars(
            sa.select(Signup)
            .join(Signup.task)
            .join(Task.activity)
            .where(
                LIVING,
                Signup.receipt_id == signup.receipt_id,
                Signup.task_id != task.id,
                Task.starts_at < task.ends_at,
                Task.ends_at > task.starts_at,
                Activity.standing.is_(False),
            )
            .options(joinedload(Signup.task).joinedload(Task.activity))
            .order_by(Task.starts_at)
        )
    )


def signup_of(public_id: str, holders: list[Receipt]) -> Signup | None:
    """A sign-up, for those whose receipt it is on."""
    return db.session.scalar(
        sa.select(Signup)
        .where(Signup.public_id == public_id, Signup.receipt_id.in_([receipt.id for receipt in holders]))
        .options(joinedload(Signup.task).joinedload(Task.activity))
    )


def signups_of(holders: list[Receipt]) -> list[tuple[Signup, int]]:
    """All that these receipts' holders have said yes to, soonest first, each with its `queue_number`."""
    found = db.session.scalars(
        sa.select(Signup)
        .join(Signup.task)
        .where(LIVING, Signup.receipt_id.in_([receipt.id for receipt in holders]))
        .options(joinedload(Signup.task).joinedload(Task.activity))
        .order_by(Task.starts_at, Signup.id)
    ).all()
    numbers = queue_numbers(found) if found else {}
    return [(signup, numbers[signup.id]) for signup in found]
