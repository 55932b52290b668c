"""What happens and what is needed, and how places to help are shared out."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from .. import clock
from ..db import Moment, db, write
from ..i18n import Translated
from ..receipts import rules as receipts
from ..receipts.models import Receipt
from .models import Activity, ActivityState, Kind, Signup, SignupState, Task

JOINED = Signup.state == SignupState.JOINED


class TaskClosed(Exception):
    """It is too late to help with this, or the activity is off."""


@dataclass(frozen=True)
class Places:
    """How a task stands."""

    capacity: int
    joined: int

    @property
    def taken(self) -> int:
        """How many have a place."""
        return min(self.joined, self.capacity)

    @property
    def left(self) -> int:
        """How many more are needed."""
        return max(self.capacity - self.joined, 0)

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return max(self.joined - self.capacity, 0)


@dataclass(frozen=True)
class Need:
    """A task that still needs people."""

    public_id: str
    kind: Kind
    title: Translated
    starts_at: datetime
    ends_at: datetime
    left: int


@dataclass(frozen=True)
class Row:
    """An activity as a list shows it."""

    id: int
    public_id: str
    state: ActivityState
    title: Translated
    starts_at: datetime
    ends_at: datetime
    place: str
    audience: Translated
    price: int
    example: bool
    needs: tuple[Need, ...] = ()

    @property
    def is_cancelled(self) -> bool:
        """Whether it is off."""
        return self.state is ActivityState.CANCELLED


# The lists that everybody opens are asked for with statements made once, of columns and not of models: putting a
# statement together costs more than asking it, and these rows are shown and never changed.
A, T, S = Activity.__table__.c, Task.__table__.c, Signup.__table__.c
FOREVER = datetime.max.replace(tzinfo=UTC)
NOW = sa.bindparam("now", type_=Moment)
LIMIT = sa.bindparam("limit", type_=sa.Integer)
ROW = (A.id, A.public_id, A.state, A.title, A.starts_at, A.ends_at, A.place, A.audience, A.price, A.example)
COMING = (
    sa.select(*ROW)
    .where(A.state != ActivityState.DRAFT, A.ends_at > NOW, A.starts_at < sa.bindparam("until", type_=Moment))
    .order_by(A.starts_at, A.id)
    .limit(LIMIT)
)
PAST = (
    sa.select(*ROW)
    .where(A.state == ActivityState.PUBLISHED, A.ends_at <= NOW)
    .order_by(A.starts_at.desc(), A.id)
    .limit(LIMIT)
)
LEFT = (T.capacity - sa.func.count(S.id)).label("left")
NEEDS = (
    sa.select(T.activity_id, T.public_id, T.kind, T.title, T.starts_at, T.ends_at, LEFT)
    .outerjoin_from(Task.__table__, Signup.__table__, sa.and_(S.task_id == T.id, S.state == SignupState.JOINED))
    .where(T.activity_id.in_(sa.bindparam("activities", expanding=True)), T.ends_at > NOW)
    .group_by(T.id)
    .having(LEFT > 0)
    .order_by(T.starts_at, T.id)
)


# --- Browse


def coming(until: datetime = FOREVER, limit: int = 100) -> list[Row]:
    """What is going on and coming, soonest first, with what each still needs; cancelled ones stay visible."""
    now = clock.now()
    connection = db.session.connection()
    rows = connection.execute(COMING, {"now": now, "until": until, "limit": limit}).all()
    needing = [row.id for row in rows if row.state is ActivityState.PUBLISHED]
    needs: dict[int, list[Need]] = {row.id: [] for row in rows}
    for activity_id, *need in connection.execute(NEEDS, {"now": now, "activities": needing}):
        needs[activity_id].append(Need(*need))
    return [Row(*row, needs=tuple(needs[row.id])) for row in rows]  # type: ignore[misc]


def past(limit: int = 100) -> list[Row]:
    """What has been, the latest first."""
    return [Row(*row) for row in db.session.connection().execute(PAST, {"now": clock.now(), "limit": limit})]


def by_time(rows: Iterable[Row], today: date) -> dict[str, list[Row]]:
    """Rows under `today`, `week` (the seven days that start today) and `later`; empty ones are left out."""
    groups: dict[str, list[Row]] = {"today": [], "week": [], "later": []}
    for row in rows:
        day = clock.local(row.starts_at).date()
        name = "today" if day <= today else "week" if day < today + timedelta(days=7) else "later"
        groups[name].append(row)
    return {name: found for name, found in groups.items() if found}


def activity(public_id: str) -> Activity | None:
    """An activity that the public may see, with its tasks and cards."""
    return db.session.scalar(
        sa.select(Activity)
        .where(Activity.public_id == public_id, Activity.state != ActivityState.DRAFT)
        .options(selectinload(Activity.tasks), selectinload(Activity.cards), joinedload(Activity.theme))
    )


# --- Help


def task(public_id: str) -> Task | None:
    """A task of an activity that the public may see."""
    return db.session.scalar(
        sa.select(Task)
        .join(Task.activity)
        .where(Task.public_id == public_id, Activity.state != ActivityState.DRAFT)
        .options(joinedload(Task.activity))
    )


def places(tasks: Sequence[Task]) -> dict[int, Places]:
    """How each of these tasks stands, by the task's inner id."""
    joined = dict(
        db.session.execute(
            sa.select(Signup.task_id, sa.func.count())
            .where(JOINED, Signup.task_id.in_([task.id for task in tasks]))
            .group_by(Signup.task_id)
        ).all()
    )
    return {task.id: Places(task.capacity, joined.get(task.id, 0)) for task in tasks}


def queue_number(signup: Signup) -> int:
    """0 for one who has a place, else the number in the waiting list, from 1; counted from who came before."""
    earlier = db.session.scalar(
        sa.select(sa.func.count()).where(JOINED, Signup.task_id == signup.task_id, Signup.arrival < signup.arrival)
    )
    return max((earlier or 0) + 1 - signup.task.capacity, 0)


@write
def sign_up(task: Task, name: str, key: str, holder: str) -> Signup:
    """Say yes to a task: there is never one more than it has room for, and whoever comes later waits in turn.

    The same form sent twice is one sign-up, and so is the same name from the same phone. Raises TaskClosed.
    """
    arrival = db.session.execute(
        sa.update(Task).where(Task.id == task.id).values(arrivals=Task.arrivals + 1).returning(Task.arrivals)
    ).scalar_one()
    receipt_id = receipts.obtain(holder)
    sent = hashlib.sha256(f"{key} {task.id} {name}".encode()).hexdigest()
    already = db.session.scalar(
        sa.select(Signup).where(
            JOINED,
            Signup.task_id == task.id,
            sa.or_(Signup.sent == sent, sa.and_(Signup.receipt_id == receipt_id, Signup.name == name)),
        )
    )
    if already is not None:
        return already
    if task.is_closed:
        raise TaskClosed
    signup = Signup(task=task, receipt_id=receipt_id, name=name, arrival=arrival, sent=sent)
    db.session.add(signup)
    db.session.flush()
    return signup


@write
def withdraw(signup: Signup) -> None:
    """Take a yes back: always open, no reason asked. The name is forgotten and the place is the next one's at once."""
    db.session.execute(sa.update(Task).where(Task.id == signup.task_id).values(arrivals=Task.arrivals))
    db.session.refresh(signup)
    if signup.state is SignupState.WITHDRAWN:
        return
    signup.state = SignupState.WITHDRAWN
    signup.withdrawn_at = clock.now()
    signup.name = ""
    signup.sent = None


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
        .where(JOINED, Signup.receipt_id.in_([receipt.id for receipt in holders]))
        .options(joinedload(Signup.task).joinedload(Task.activity))
        .order_by(Task.starts_at)
    ).all()
    return [(signup, queue_number(signup)) for signup in found]


def helpers() -> list[tuple[Task, list[Signup], list[Signup]]]:
    """Who helps with each task to come, and who waits, in the order they came; for those who answer for the app."""
    tasks = db.session.scalars(
        sa.select(Task)
        .join(Task.activity)
        .where(Task.ends_at > clock.now(), Activity.state == ActivityState.PUBLISHED)
        .options(joinedload(Task.activity))
        .order_by(Task.starts_at, Task.id)
    ).all()
    joined: dict[int, list[Signup]] = {task.id: [] for task in tasks}
    for signup in db.session.scalars(
        sa.select(Signup).where(JOINED, Signup.task_id.in_(joined)).order_by(Signup.arrival)
    ):
        joined[signup.task_id].append(signup)
    return [(task, joined[task.id][: task.capacity], joined[task.id][task.capacity :]) for task in tasks]


def needs(limit: int = 50) -> list[tuple[Row, Need]]:
    """All the tasks to come that need people, soonest first, each with its activity."""
    return [(row, need) for row in coming(limit=limit) for need in row.needs]
