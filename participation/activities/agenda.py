"""What is on, as calendars, sheets and screens need it: everywhere, at one place, by one organiser, on one theme."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from .. import clock
from ..db import db
from ..handlingsrom.models import Theme
from ..i18n import Translated
from ..places.models import Organiser, Place
from .filters import CAN_BE, Group
from .models import Activity, ActivityState, Task
from .queues import places

FEED_PAST, FEED_AHEAD = timedelta(days=30), timedelta(days=366)
FEED_LIMIT = 1000
WEEK = timedelta(days=7)
WEEK_LIMIT = 60


class Event(NamedTuple):
    """An activity with all that a calendar holds of it; equal ones give the same calendar."""

    public_id: str
    state: ActivityState
    title: Translated
    summary: Translated
    cancelled_why: Translated | None
    way_in: Translated | None
    starts_at: datetime
    ends_at: datetime
    sequence: int
    changed_at: datetime
    place: str
    address: str | None
    organiser: str
    organiser_id: str
    theme: Translated | None


class Need(NamedTuple):
    """A task that still needs people."""

    task: Task
    left: int


class Happening(NamedTuple):
    """An activity of the week, with what it still needs."""

    activity: Activity
    needs: tuple[Need, ...]


class Scope(NamedTuple):
    """Which part of all that happens is wanted; a house is wanted with its rooms."""

    place: Place | None = None
    organiser: Organiser | None = None
    theme: Theme | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The same in the database's words."""
        wanted: list[sa.ColumnElement[bool]] = []
        if self.place:
            rooms = sa.select(Place.id).where(Place.house_id == self.place.id)
            wanted.append(sa.or_(Activity.place_id == self.place.id, Activity.place_id.in_(rooms)))
        if self.organiser:
            wanted.append(Activity.organiser_id == self.organiser.id)
        if self.theme:
            wanted.append(Activity.theme_id == self.theme.id)
        return wanted


EVERYTHING = Scope()
LISTED = (Activity.state != ActivityState.DRAFT, Activity.standing.is_(False))
HOUSE = Place.__table__.alias("house")
A, P = Activity.__table__.c, Place.__table__.c
EVENTS = (
    sa.select(
        *(A.public_id, A.state, A.title, A.summary, A.cancelled_why, A.way_in),
        *(A.starts_at, A.ends_at, A.sequence, A.changed_at),
        sa.case((HOUSE.c.name.is_(None), P.name), else_=P.name + ", " + HOUSE.c.name).label("place"),
        sa.func.coalesce(P.address, HOUSE.c.address).label("address"),
        Organiser.name.label("organiser"),
        Organiser.public_id.label("organiser_id"),
        Theme.title.label("theme"),
    )
    .join_from(Activity, Place)
    .outerjoin(HOUSE, HOUSE.c.id == P.house_id)
    .join(Organiser)
    .outerjoin(Theme)
)


def theme(slug: str) -> Theme | None:
    """One theme."""
    if not CAN_BE[Group.THEME].fullmatch(slug):
        return None
    return db.session.scalar(sa.select(Theme).where(Theme.slug == slug))


def events(scope: Scope = EVERYTHING) -> list[Event]:
    """What a calendar shows: the last month and the year to come; of very many, what comes soonest."""
    start = clock.oslo(clock.today())
    statement = (
        EVENTS.where(
            *LISTED, *scope.conditions(), Activity.ends_at > start - FEED_PAST, Activity.starts_at < start + FEED_AHEAD
        )
        .order_by(Activity.ends_at <= start, Activity.starts_at, Activity.id)
        .limit(FEED_LIMIT)
    )
    return [Event(**row) for row in db.session.execute(statement).mappings()]


def event_of(activity: Activity) -> Event:
    """One activity in a calendar."""
    place, house = activity.place, activity.place.house
    return Event(
        public_id=activity.public_id,
        state=activity.state,
        title=activity.title,
        summary=activity.summary,
        cancelled_why=activity.cancelled_why,
        way_in=activity.way_in,
        starts_at=activity.starts_at,
        ends_at=activity.ends_at,
        sequence=activity.sequence,
        changed_at=activity.changed_at,
        place=place.full_name,
        address=place.address or (house.address if house else None),
        organiser=activity.organiser.name,
        organiser_id=activity.organiser.public_id,
        theme=activity.theme.title if activity.theme else None,
    )


def week(scope: Scope = EVERYTHING) -> tuple[list[Happening], int]:
    """What is going on and comes in the seven days that start today, soonest first; and how many more there are."""
    wanted = (*LISTED, *scope.conditions(), *_this_week())
    found = db.session.scalars(
        sa.select(Activity)
        .where(*wanted)
        .options(selectinload(Activity.tasks))
        .order_by(Activity.starts_at, Activity.id)
        .limit(WEEK_LIMIT)
    ).all()
    more = 0
    if len(found) == WEEK_LIMIT:
        more = (db.session.scalar(sa.select(sa.func.count(Activity.id)).where(*wanted)) or 0) - WEEK_LIMIT
    return _with_needs(found), more


def by_day(happenings: Sequence[Happening]) -> dict[date, list[Happening]]:
    """What happens on each day of Oslo's that has something; what began before today is still on today."""
    today = clock.today()
    days: dict[date, list[Happening]] = {}
    for happening in happenings:
        day = max(clock.local(happening.activity.starts_at).date(), today)
        days.setdefault(day, []).append(happening)
    return days


def _this_week() -> tuple[sa.ColumnElement[bool], ...]:
    end = clock.oslo(clock.today() + WEEK)
    return Activity.ends_at > clock.now(), Activity.starts_at < end


def _with_needs(activities: Sequence[Activity]) -> list[Happening]:
    open_tasks = [task for activity in activities for task in activity.tasks if not task.is_closed]
    standing = places(open_tasks) if open_tasks else {}
    needs: dict[int, list[Need]] = {}
    for task in open_tasks:
        if left := standing[task.id].left:
            needs.setdefault(task.activity_id, []).append(Need(task, left))
    return [Happening(activity, tuple(needs.get(activity.id, ()))) for activity in activities]
