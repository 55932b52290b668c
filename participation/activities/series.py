"""What comes again: each occurrence an activity with tasks of its own, made some months ahead by the series' rule."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from .. import clock
from ..db import db, write
from ..i18n import Translated
from . import editing
from .editing import Plan, Role
from .models import Activity, ActivityState, Series, Task
from .recurrence import Every, pattern, rule, starts

AHEAD = timedelta(days=183)  # how far ahead occurrences are made
STEP = timedelta(days=1)  # how much of that may be missing before it is made up for

SAME = (
    *("state", "title", "summary", "standing", "place", "organiser", "way_in", "contact", "audience", "bring"),
    *("languages", "no_norwegian", "bring_children", "price", "drop_in", "example", "theme"),
)
SAME_OF_TASK = ("kind", "title", "meet", "takes", "min_age", "capacity")


@write
def make(plan: Plan, every: Every, until: date | None, key: str, publish: bool = False) -> Activity:
    """Make an activity that comes again, until the end of a day or for ever; answers with the first occurrence.

    Raises TooLate and BadRule.
    """
    first = editing.make(plan, key, publish)
    if first.series is None:
        by = rule(every, first.starts_at, until)
        first.series = Series(rule=by, first_at=first.starts_at, filled_until=first.starts_at)
        first.occurrence_at = first.starts_at
        db.session.flush()
        fill(first.series)
    return first


@write
def fill(series: Series) -> int:
    """Make the occurrences that are missing up to AHEAD from now, as the latest one is; answers with how many.

    One that was moved or called off keeps the start that the rule gave it, so it is not made again.
    """
    _lock(series)
    horizon = clock.now() + AHEAD
    known = db.session.scalars(
        sa.select(Activity).where(Activity.series_id == series.id).order_by(Activity.occurrence_at.desc())
    ).all()
    living = [activity for activity in known if not activity.is_cancelled]
    if series.ended or series.filled_until >= horizon or not living:
        return 0
    pattern_ = next((activity for activity in living if activity.starts_at == activity.occurrence_at), living[0])
    taken = {activity.occurrence_at for activity in known}
    after = max(series.filled_until, clock.now())
    due = [start for start in starts(series.rule, series.first_at, after, horizon) if start not in taken]
    for start in due:
        _copy(pattern_, start)
    series.filled_until = horizon
    db.session.flush()
    return len(due)


def fill_all() -> None:
    """Make the occurrences that time has brought near; each series in a transaction of its own."""
    short = sa.select(Series).where(Series.ended.is_(False), Series.filled_until < clock.now() + AHEAD - STEP)
    for series in db.session.scalars(short).all():
        fill(series)


def rest(activity: Activity) -> list[Activity]:
    """An occurrence that is not over, and those after it, called off or not; the activity alone if it comes once."""
    if activity.series_id is None:
        return [activity]
    return list(
        db.session.scalars(
            sa.select(Activity)
            .where(
                Activity.series_id == activity.series_id,
                Activity.occurrence_at >= activity.occurrence_at,
                Activity.ends_at > clock.now(),
            )
            .order_by(Activity.occurrence_at)
            .options(selectinload(Activity.tasks))
        )
    )


@write
def publish_rest(activity: Activity) -> None:
    """Let everybody see a draft and all the drafts that come after it. Raises TooLate and CalledOff."""
    editing.publish(activity)
    for one in rest(activity):
        if one.state is ActivityState.DRAFT:
            editing.publish(one)


@write
def discard_rest(draft: Activity) -> None:
    """Remove a draft and all that come after it; nothing more is made."""
    _end(draft)
    for one in [draft, *rest(draft)]:
        if one.state is ActivityState.DRAFT and one not in db.session.deleted:
            editing.discard(one)


@write
def cancel_rest(activity: Activity, why: Translated | None) -> None:
    """Call off an occurrence and all that come after it; nothing more is made. Raises TooLate."""
    _end(activity)
    remaining = rest(activity)
    editing.lock(remaining)
    for one in remaining:
        if one.state is ActivityState.DRAFT:
            editing.discard(one)
        else:
            editing.cancel(one, why)


@write
def change_rest(activity: Activity, plan: Plan) -> None:
    """Make an occurrence as planned, and all that come after it alike: with a new start, by a rule that begins there.

    Those that had been moved on their own keep their time. Raises TooLate, CalledOff and TaskInUse.
    """
    if activity.series is None:
        editing.change(activity, plan)
        return
    _lock(activity.series)
    remaining = rest(activity)
    editing.lock(remaining)
    own_time = {one.id for one in remaining if one.starts_at != one.occurrence_at}
    twins = {one.id: _twins(activity, one) for one in remaining}
    was = activity.starts_at
    editing.change(activity, plan)
    if activity.starts_at != was:
        _begin_again(activity, remaining, editing.between(was, activity.starts_at))
    length = editing.between(plan.starts_at, plan.ends_at)
    for one in remaining:
        if one is not activity and not one.is_cancelled:
            start = one.starts_at if one.id in own_time else one.occurrence_at or one.starts_at
            end = one.ends_at if one.id in own_time else editing.moved(start, length)
            alike = _for(plan, twins[one.id], start, max(end, start + timedelta(minutes=1)))
            _change_alike(one, alike, twins[one.id])


def _begin_again(activity: Activity, remaining: list[Activity], by: timedelta) -> None:
    """Give the rest of a series a rule and a series of their own, so that what was keeps the old one's."""
    old = activity.series
    every = pattern(old.rule, old.first_at).every if old else None
    if old is None or every is None:
        return
    until = _until(old)
    last = until + timedelta(days=max(by.days, 0)) if until else None
    new = Series(rule=rule(every, activity.starts_at, last), first_at=activity.starts_at, filled_until=old.filled_until)
    old.ended = True
    horizon = activity.starts_at + AHEAD * 3
    for one, start in zip(remaining, starts(new.rule, new.first_at, new.first_at, horizon), strict=False):
        one.series, one.occurrence_at = new, start
    db.session.flush()


def _twins(activity: Activity, other: Activity) -> dict[str, str]:
    """The tasks of an occurrence, each with the one of another occurrence that is the same work."""
    free = list(other.tasks)
    found = {}
    for task in activity.tasks:
        twin = next((one for one in free if (one.kind, one.title) == (task.kind, task.title)), None)
        if twin is not None:
            free.remove(twin)
            found[task.public_id] = twin.public_id
    return found


def _for(plan: Plan, twins: dict[str, str], starts_at: datetime, ends_at: datetime) -> Plan:
    """The same plan for another occurrence, with its own tasks."""
    roles: list[Role] = [
        replace(role, task=twins.get(role.task, "")) for role in plan.roles if not role.task or role.task in twins
    ]
    removed = frozenset(twins[task] for task in plan.removed if task in twins)
    return replace(plan, starts_at=starts_at, ends_at=ends_at, roles=tuple(roles), removed=removed)


def _change_alike(activity: Activity, plan: Plan, twins: dict[str, str]) -> None:
    """Change one of the rest; a task that is in use there is named as in the occurrence that somebody looks at."""
    try:
        editing.change(activity, plan)
    except editing.TaskInUse as refusal:
        raise editing.TaskInUse(next(own for own, twin in twins.items() if twin == refusal.task)) from refusal


def _copy(activity: Activity, start: datetime) -> None:
    by = editing.between(activity.starts_at, start)
    starts_at, ends_at = editing.moved_along((activity.starts_at, activity.ends_at), by)
    made = Activity(
        starts_at=starts_at,
        ends_at=ends_at,
        series_id=activity.series_id,
        occurrence_at=start,
        cards=list(activity.cards),
        **{name: getattr(activity, name) for name in SAME},
    )
    for task in activity.tasks:
        begins, ends = editing.moved_along((task.starts_at, task.ends_at), by)
        of_task = {name: getattr(task, name) for name in SAME_OF_TASK}
        made.tasks.append(Task(starts_at=begins, ends_at=ends, **of_task))
    db.session.add(made)


def _end(activity: Activity) -> None:
    if activity.series is not None:
        _lock(activity.series)
        activity.series.ended = True


def _lock(series: Series) -> None:
    """Let nobody else fill or change the series until the transaction ends; what is read now holds."""
    db.session.refresh(series, with_for_update=True)


def _until(series: Series) -> date | None:
    found = re.search(r"UNTIL=(\d{8}T\d{6}Z)", series.rule)
    return clock.local(datetime.strptime(found[1], "%Y%m%dT%H%M%S%z")).date() if found else None
