"""What an organiser does with an activity: makes it, changes it, calls it off, and tells what came of it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import sqlalchemy as sa

from .. import clock
from ..db import ALPHABET, db, write
from ..handlingsrom.models import Card
from ..i18n import Translated
from ..messages import rules as messages
from ..places import rules as places
from . import notices, signups
from .models import Activity, ActivityState, Kind, Signup, Task
from .queues import LIVING

LARGEST_CAPACITY = 500  # people on one task; more is a slip of the finger


class TooLate(Exception):
    """It has been, or it would have been before anybody could see it."""


class NotYet(Exception):
    """Nothing can have come of it: it is not over, or nobody ever saw it."""


class CalledOff(Exception):
    """It is off, and stays so: make a new one instead."""


class TaskInUse(Exception):
    """Somebody helps with this task or waits to: they must be called before it can be removed."""

    def __init__(self, task: str) -> None:
        super().__init__(task)
        self.task = task


@dataclass(frozen=True)
class Role:
    """A task as an organiser wants it; `task` is the public id of the one it changes, empty for a new one."""

    kind: Kind
    title: Translated
    meet: Translated
    capacity: int
    hours: tuple[time, time] | None = None  # none: as the activity, or as far from its start as before
    takes: Translated | None = None
    min_age: int | None = None
    task: str = ""


@dataclass(frozen=True)
class Plan:
    """An activity as an organiser wants it."""

    title: Translated
    summary: Translated
    starts_at: datetime
    ends_at: datetime
    place: str
    organiser_id: int
    contact: Translated
    audience: Translated
    languages: list[str]
    price: int = 0
    drop_in: bool = True
    standing: bool = False
    no_norwegian: bool = False
    bring_children: bool = False
    way_in: Translated | None = None
    bring: Translated | None = None
    theme_id: int | None = None
    cards: tuple[int, ...] = ()
    roles: tuple[Role, ...] = ()
    removed: frozenset[str] = frozenset()  # public ids of tasks


SIMPLE = (
    *("title", "summary", "starts_at", "ends_at", "organiser_id", "contact", "audience", "languages", "price"),
    *("drop_in", "standing", "no_norwegian", "bring_children", "way_in", "bring", "theme_id"),
)


@write
def make(plan: Plan, key: str, publish: bool = False) -> Activity:
    """Make an activity with its tasks; the same form sent twice makes one. Raises TooLate."""
    public_id = _id_from(f"{plan.organiser_id} {key}")
    already = db.session.scalar(sa.select(Activity).where(Activity.public_id == public_id))
    if already is not None:
        return already
    if plan.ends_at <= clock.now():
        raise TooLate
    activity = Activity(public_id=public_id, state=ActivityState.PUBLISHED if publish else ActivityState.DRAFT)
    _describe(activity, plan)
    db.session.add(activity)
    _set_roles(activity, plan, (plan.starts_at, plan.ends_at))
    db.session.flush()
    return activity


@write
def change(activity: Activity, plan: Plan) -> None:
    """Make an activity as it is now planned. Its tasks move along, and those who said yes are told of a new time.

    Raises TooLate, CalledOff and TaskInUse.
    """
    lock([activity])
    if activity.is_cancelled:
        raise CalledOff
    if activity.is_over or plan.ends_at <= clock.now():
        raise TooLate
    before = _when_and_where(activity)
    hours = (activity.starts_at, activity.ends_at)
    _describe(activity, plan)
    _set_roles(activity, plan, hours)
    db.session.flush()
    whole, tasks = _when_and_where(activity)
    if whole != before[0] or any(before[1].get(task, hours) != hours for task, hours in tasks.items()):
        _count_change(activity)
        if activity.state is ActivityState.PUBLISHED:
            notices.changed(activity)


@write
def publish(activity: Activity) -> None:
    """Let everybody see a draft. Raises TooLate and CalledOff."""
    lock([activity])
    if activity.is_cancelled:
        raise CalledOff
    if activity.is_over:
        raise TooLate
    activity.state = ActivityState.PUBLISHED


@write
def discard(draft: Activity) -> None:
    """Remove a draft, which nobody else has seen, for good."""
    if draft.state is not ActivityState.DRAFT:
        raise ValueError("Only a draft can be removed: what others have seen is called off.")
    for task in draft.tasks:
        db.session.delete(task)
    db.session.delete(draft)


@write
def cancel(activity: Activity, why: Translated | None) -> None:
    """Call an activity off: it stays to be seen, and those who said yes are told. Twice is as good as once.

    Raises TooLate.
    """
    lock([activity])
    if activity.is_cancelled:
        return
    if activity.is_over:
        raise TooLate
    activity.state = ActivityState.CANCELLED
    activity.cancelled_why = why
    _count_change(activity)
    db.session.flush()
    notices.cancelled(activity)


@write
def tell_outcome(
    activity: Activity, visitors: int | None, came_of: Translated | None, thanks: Translated | None
) -> None:
    """Keep what came of an activity, for everybody to read. Raises NotYet and CalledOff."""
    if activity.is_cancelled:
        raise CalledOff
    if not activity.is_over or activity.state is ActivityState.DRAFT:
        raise NotYet
    activity.visitors, activity.came_of, activity.thanks = visitors, came_of, thanks


def lock(activities: Iterable[Activity]) -> None:
    """Let nobody sign up to these, or be promoted there, until the transaction ends; what is read now holds."""
    activities = list(activities)
    ids = [activity.id for activity in activities]
    db.session.scalars(sa.select(Task.id).where(Task.activity_id.in_(ids)).order_by(Task.id).with_for_update()).all()
    for activity in activities:
        db.session.refresh(activity)


def moved(moment: datetime, by: timedelta) -> datetime:
    """The moment when the clocks on the wall show so much more: a week on is the same time of day, always."""
    wall = clock.local(moment).replace(tzinfo=None) + by
    return clock.oslo(wall.date(), wall.time())


def between(earlier: datetime, later: datetime) -> timedelta:
    """How much more the clocks on the wall show."""
    return clock.local(later).replace(tzinfo=None) - clock.local(earlier).replace(tzinfo=None)


def moved_along(hours: tuple[datetime, datetime], by: timedelta) -> tuple[datetime, datetime]:
    """A start and an end, both moved on the wall's clock; never without length, whatever night it is."""
    starts_at, ends_at = (moved(moment, by) for moment in hours)
    return starts_at, ends_at if ends_at > starts_at else starts_at + (hours[1] - hours[0])


def _describe(activity: Activity, plan: Plan) -> None:
    for name in SIMPLE:
        setattr(activity, name, getattr(plan, name))
    activity.place = places.place_named(plan.place)
    activity.cards = list(db.session.scalars(sa.select(Card).where(Card.id.in_(plan.cards)).order_by(Card.id)))


def _set_roles(activity: Activity, plan: Plan, before: tuple[datetime, datetime]) -> None:
    """Make the tasks as planned; those that are not mentioned, or have no hours of their own, move along."""
    now = (plan.starts_at, plan.ends_at)
    by = between(before[0], now[0])
    known = {task.public_id: task for task in sorted(activity.tasks, key=lambda task: task.id)}
    for task in known.values():
        whole = plan.standing or (task.starts_at, task.ends_at) == before
        task.starts_at, task.ends_at = now if whole else moved_along((task.starts_at, task.ends_at), by)
    changed = {role.task: role for role in plan.roles if role.task in known}
    for public_id, task in known.items():  # by id: the order in which tasks are locked everywhere
        if public_id in plan.removed:
            _remove(task)
        elif public_id in changed:
            _set_role(task, changed[public_id], now)
    for role in plan.roles:
        if not role.task:
            task = Task(activity=activity, starts_at=now[0], ends_at=now[1], capacity=role.capacity)
            db.session.add(task)
            _set_role(task, role, now)


def _set_role(task: Task, role: Role, of_activity: tuple[datetime, datetime]) -> None:
    for name in ("kind", "title", "meet", "takes", "min_age"):
        setattr(task, name, getattr(role, name))
    if role.hours:
        day = clock.local(of_activity[0]).date()
        starts, ends = role.hours
        last_day = day if ends > starts else day + timedelta(days=1)
        lasts = datetime.combine(last_day, ends) - datetime.combine(day, starts)
        task.starts_at, ends_at = clock.oslo(day, starts), clock.oslo(last_day, ends)
        task.ends_at = ends_at if ends_at > task.starts_at else task.starts_at + lasts  # the night the clocks change
    if task.capacity != role.capacity:
        signups.set_capacity(task, role.capacity)


def _remove(task: Task) -> None:
    """Remove a task; of those who had said no again, even that is forgotten, with what they were told."""
    everybody = db.session.scalars(sa.select(Signup.id).where(Signup.task_id == task.id)).all()
    if db.session.scalar(sa.select(sa.exists().where(LIVING, Signup.task_id == task.id))):
        raise TaskInUse(task.public_id)
    messages.forget(notices.TO_THE_PERSON, *everybody)
    messages.forget(notices.Notice.LEFT, task.id)
    db.session.execute(sa.delete(Signup).where(Signup.task_id == task.id))
    db.session.delete(task)


def _when_and_where(activity: Activity) -> tuple[object, dict[str, object]]:
    tasks: dict[str, object] = {task.public_id: (task.starts_at, task.ends_at) for task in activity.tasks}
    return (activity.starts_at, activity.ends_at, activity.place.id), tasks


def _count_change(activity: Activity) -> None:
    activity.sequence += 1
    activity.changed_at = clock.now()


def _id_from(secret: str) -> str:
    """A public id that the same secret always gives."""
    number = int.from_bytes(hashlib.sha256(secret.encode()).digest())
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(10)).lower()
