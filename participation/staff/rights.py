"""Whose activities somebody may see and change: an administrator all, others those of the organisers they speak for."""

from datetime import timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from .. import clock
from ..activities.models import Activity, ActivityState, Signup, SignupState, Task
from ..activities.queues import LIVING
from ..db import db, write
from ..places import rules as places
from ..places.models import Organiser
from .models import Role, Staff, Viewing

ASKED_FOR = timedelta(days=60)  # how long after an activity the desk asks what came of it
MOST = 300  # rows of a list


class Helpers(NamedTuple):
    """A task with those who help, and those who wait, in the order they came."""

    task: Task
    placed: list[Signup]
    waiting: list[Signup]


def organisers_of(staff: Staff) -> list[Organiser]:
    """The organisers somebody may make activities for."""
    return places.organisers() if staff.role is Role.ADMIN else list(staff.organisers)


def activity_of(staff: Staff, public_id: str) -> Activity | None:
    """An activity, draft or not, for those who may change it."""
    statement = _theirs(staff).where(Activity.public_id == public_id)
    return db.session.scalar(statement.options(selectinload(Activity.tasks), selectinload(Activity.cards)))


def untold(staff: Staff) -> list[Activity]:
    """What has been lately, and nobody has told what came of it; the latest first."""
    now = clock.now()
    return _found(
        _theirs(staff)
        .where(Activity.state == ActivityState.PUBLISHED, Activity.ends_at <= now, Activity.ends_at > now - ASKED_FOR)
        .where(Activity.came_of.is_(None), Activity.visitors.is_(None))
        .order_by(Activity.ends_at.desc())
    )


def told(staff: Staff) -> list[Activity]:
    """What has been, and what came of it is told, or is asked for no longer; the latest first."""
    now = clock.now()
    kept = sa.or_(Activity.came_of.is_not(None), Activity.visitors.is_not(None), Activity.ends_at <= now - ASKED_FOR)
    seen = (Activity.state == ActivityState.PUBLISHED, Activity.ends_at <= now)
    return _found(_theirs(staff).where(*seen, kept).order_by(Activity.ends_at.desc()).limit(20))


def coming(staff: Staff) -> list[tuple[Activity, int]]:
    """What comes, soonest first; of what comes again the next one only, with how many come after it."""
    return _next_ones(_theirs(staff).where(Activity.state != ActivityState.DRAFT, Activity.standing.is_(False)))


def standing(staff: Staff) -> list[Activity]:
    """Where help is needed all along."""
    return [one for one, _ in _next_ones(_theirs(staff).where(_PUBLISHED, Activity.standing.is_(True)))]


def drafts(staff: Staff) -> list[tuple[Activity, int]]:
    """What is not published yet, what has not been used in time too; of what comes again the first only."""
    found = _found(_theirs(staff).where(Activity.state == ActivityState.DRAFT).order_by(Activity.starts_at))
    return _first_of_each(found)


def latest_of(staff: Staff) -> Activity | None:
    """What somebody's organisers made last: the next is often held at the same place, in the same languages."""
    if staff.role is Role.ADMIN and not staff.organisers:
        return None
    mine = _theirs(staff).where(Activity.organiser_id.in_([organiser.id for organiser in staff.organisers]))
    return db.session.scalar(mine.order_by(Activity.id.desc()).limit(1))


def helpers(activity: Activity) -> list[Helpers]:
    """Who helps with each task of an activity, and who waits."""
    living: dict[int, list[Signup]] = {task.id: [] for task in activity.tasks}
    found = sa.select(Signup).where(LIVING, Signup.task_id.in_(living)).order_by(Signup.arrival)
    for signup in db.session.scalars(found.options(selectinload(Signup.consents))):
        living[signup.task_id].append(signup)
    return [
        Helpers(
            task,
            [one for one in living[task.id] if one.state is SignupState.PLACED],
            [one for one in living[task.id] if one.state is not SignupState.PLACED],
        )
        for task in activity.tasks
    ]


def signup_at(activity: Activity, public_id: str) -> Signup | None:
    """Somebody who helps at this activity, or waits to."""
    at = sa.select(Signup).join(Signup.task).where(Task.activity_id == activity.id, Signup.public_id == public_id)
    return db.session.scalar(at.where(LIVING))


@write
def note_viewing(staff: Staff, what: str, activity: Activity) -> None:
    """Keep that somebody saw or took out the names of those who help at an activity."""
    db.session.add(Viewing(staff_id=staff.id, what=what, subject=activity.public_id))


def everybody() -> list[Staff]:
    """All who have an account that can be used, by name."""
    return list(
        db.session.scalars(
            sa.select(Staff).where(Staff.disabled_at.is_(None)).order_by(Staff.name).options(_WITH_ORGANISERS)
        )
    )


def person(public_id: str) -> Staff | None:
    """Somebody on the staff."""
    return db.session.scalar(sa.select(Staff).where(Staff.public_id == public_id))


@write
def speak_for(staff: Staff, organiser: str) -> None:
    """Let somebody speak for an organiser, made if it is new."""
    spoken_for = places.organiser_named(organiser)
    if spoken_for not in staff.organisers:
        staff.organisers.append(spoken_for)


@write
def write_to(organiser: Organiser, email: str) -> None:
    """Let the app write to an organiser at this address, or not at all when it is empty."""
    organiser.email = email or None


@write
def speak_no_more(staff: Staff, organiser: str) -> None:
    """Let somebody no longer speak for an organiser, by its public id."""
    staff.organisers = [one for one in staff.organisers if one.public_id != organiser]


_PUBLISHED = Activity.state == ActivityState.PUBLISHED
_WITH_ORGANISERS = selectinload(Staff.organisers)


def _theirs(staff: Staff) -> sa.Select[Activity]:
    every = sa.select(Activity)
    if staff.role is Role.ADMIN:
        return every
    return every.where(Activity.organiser_id.in_([organiser.id for organiser in staff.organisers]))


def _next_ones(statement: sa.Select[Any]) -> list[tuple[Activity, int]]:
    statement = statement.where(Activity.ends_at > clock.now())
    return _first_of_each(_found(statement.order_by(Activity.starts_at, Activity.id)))


def _found(statement: sa.Select[Any]) -> list[Activity]:
    return list(db.session.scalars(statement.limit(MOST).options(selectinload(Activity.tasks))))


def _first_of_each(activities: list[Activity]) -> list[tuple[Activity, int]]:
    """Those that come once, and the first of each series, on or called off, with how many more like it come after."""
    first: dict[object, int] = {}
    kept: list[tuple[Activity, int]] = []
    for activity in activities:
        key = (activity.series_id or -activity.id, activity.is_cancelled)
        if key in first:
            earliest, more = kept[first[key]]
            kept[first[key]] = (earliest, more + 1)
        else:
            first[key] = len(kept)
            kept.append((activity, 0))
    return kept
