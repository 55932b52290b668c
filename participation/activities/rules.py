"""What happens, when and where, and what is needed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from .. import clock
from ..db import db
from ..handlingsrom.models import Theme
from ..places import rules as places
from . import listing
from .filters import OF_ACTIVITIES, OF_TASKS, PUBLIC_ID, Choice, Found, Group, Offered, Panel, Value, narrow
from .listing import FOREVER, LONGEST, Need, Row
from .models import Activity, ActivityState, Signup, SignupState, Task

PAGE = 100  # activities that a page looks through
LAST_ID = 2**31 - 1
Timed = TypeVar("Timed", Row, Found)


@dataclass(frozen=True)
class Page:
    """One page of a list: what is on it, the filters, and the id of what the next page begins with."""

    found: list[Found]
    choice: Choice
    panel: Panel
    is_first: bool
    following: str

    @property
    def rows(self) -> list[Row]:
        """The activities on it."""
        return [found.row for found in self.found]


# --- Lists


def coming(
    until: datetime = FOREVER, limit: int = PAGE, start: str = "", *, place: str = "", organiser: str = ""
) -> list[Row]:
    """What is going on and coming, soonest first, with what each still needs; cancelled ones stay visible.

    What comes again is one row, with the next time. From the activity `start` on; at a place with its rooms, or by an
    organiser.
    """
    where = "place" if place else "organiser" if organiser else "anywhere"
    return _rows(listing.COMING[where], start, {"until": until, "limit": limit, "of": place or organiser})


def past(limit: int = PAGE, start: str = "") -> list[Row]:
    """What has been, the latest first, from the activity `start` back."""
    now = clock.now()
    since, number = _position(start) or (now, LAST_ID)
    asked = {"now": now, "from": since, "from_id": number, "limit": limit}
    return [Row(*row) for row in db.session.connection().execute(listing.PAST, asked)]


def needs(limit: int = 50, start: str = "") -> list[Found]:
    """The tasks that need people in the `limit` soonest activities, from `start` on; of a series the soonest time.

    Those of standing activities, which can be done whenever it suits, come last, and not when there is a `start`.
    """
    return _needs(_every_time(limit, start)) + ([] if start else standing(limit))


def standing(limit: int = 50, *, organiser: str = "") -> list[Found]:
    """The tasks of standing activities that need people; all, or an organiser's."""
    where = "organiser" if organiser else "anywhere"
    return _needs(_rows(listing.STANDING[where], "", {"limit": limit, "of": organiser}))


def soonest_needs(rows: Iterable[Row], limit: int) -> list[Found]:
    """The soonest tasks that need people, one of each activity."""
    return [Found(row, row.needs[0]) for row in rows if row.needs][:limit]


def past_page(start: str = "") -> tuple[list[Row], str]:
    """A page of what has been, and the id of what the next one begins with."""
    rows = past(PAGE + 1, start)
    return rows[:PAGE], rows[PAGE].public_id if rows[PAGE:] else ""


def browse(choice: Choice, start: str = "") -> Page:
    """A page of what is coming, narrowed to what somebody chose."""
    start = _known(start)
    rows = coming(limit=PAGE + 1, start=start)
    return _page([Found(row) for row in rows[:PAGE]], choice, OF_ACTIVITIES, start, rows[PAGE:])


def help_wanted(choice: Choice, start: str = "") -> Page:
    """A page of tasks that need people, narrowed to what somebody chose."""
    start = _known(start)
    rows = _every_time(PAGE + 1, start)
    tasks_before = accumulate((len(row.needs) for row in rows), initial=0)
    room = sum(before < PAGE for before, _ in zip(tasks_before, rows[:PAGE], strict=False))
    found = _needs(rows[:room]) + ([] if start else standing())
    return _page(found, choice, OF_TASKS, start, rows[room:])


def _page(found: list[Found], choice: Choice, offered: Offered, start: str, following: list[Row]) -> Page:
    names = _named(choice)
    choice = replace(choice, values=tuple((group, value) for group, value in choice.values if group in names))
    fitting, panel = narrow(found, choice, offered, names)
    panel = replace(panel, more=bool(following))
    return Page(fitting, choice, panel, not start, following[0].public_id if following else "")


def _known(start: str) -> str:
    return start if _position(start) else ""


def _named(choice: Choice) -> dict[Group, Value]:
    """What is chosen of each group with its name; what there is none of is left out."""
    names: dict[Group, Value] = {}
    for group, value in choice.values:
        if group is Group.KIND:
            names[group] = Value(value, None)
        elif group is Group.THEME and (title := db.session.scalar(sa.select(Theme.title).where(Theme.slug == value))):
            names[group] = Value(value, title)
        elif group is Group.PLACE and (place := places.place(value)) and not place.house:
            names[group] = Value(value, place.name)
    return names


def _rows(statement: sa.Select[Any], start: str, asked: Mapping[str, object]) -> list[Row]:
    now = clock.now()
    connection = db.session.connection()
    since, number = _position(start) or (now - LONGEST, 0)
    parameters = {"now": now, "since": now - LONGEST, "from": since, "from_id": number, **asked}
    rows = connection.execute(statement, parameters).all()
    needing = [row.id for row in rows if row.state is ActivityState.PUBLISHED]
    needs: dict[int, list[Need]] = {row.id: [] for row in rows}
    for activity_id, *need in connection.execute(listing.NEEDS, {"now": now, "activities": needing}):
        needs[activity_id].append(Need(*need))
    return [Row(*row, needs=tuple(needs[row.id])) for row in rows]  # type: ignore[misc]


def _every_time(limit: int, start: str) -> list[Row]:
    return _rows(listing.EVERY_TIME, start, {"until": FOREVER, "limit": limit})


def _needs(rows: Iterable[Row]) -> list[Found]:
    """The needs, of each series at the soonest time that has any."""
    found: list[Found] = []
    seen: set[int] = set()
    for row in rows:
        if row.needs and row.series not in seen:
            found += [Found(row, need) for need in row.needs]
            seen |= {row.series} if row.series else set()
    return found


def _position(public_id: str) -> tuple[datetime, int] | None:
    if not PUBLIC_ID.fullmatch(public_id):
        return None
    found = db.session.connection().execute(listing.POSITION, {"public_id": public_id}).first()
    return (found.starts_at, found.id) if found else None


def by_time(rows: Iterable[Timed], today: date) -> dict[str, list[Timed]]:
    """What has a time under `today`, `week` (the seven days that start today) and `later`; empty ones are left out."""
    groups: dict[str, list[Timed]] = {"today": [], "week": [], "later": []}
    for row in rows:
        day = clock.local(row.starts_at).date()
        name = "today" if day <= today else "week" if day < today + timedelta(days=7) else "later"
        groups[name].append(row)
    return {name: found for name, found in groups.items() if found}


# --- One activity


def activity(public_id: str) -> Activity | None:
    """An activity that the public may see, with its tasks and cards."""
    return db.session.scalar(
        sa.select(Activity)
        .where(Activity.public_id == public_id, Activity.state != ActivityState.DRAFT)
        .options(
            selectinload(Activity.tasks),
            selectinload(Activity.cards),
            joinedload(Activity.theme),
            joinedload(Activity.series),
        )
    )


def task(public_id: str) -> Task | None:
    """A task of an activity that the public may see."""
    return db.session.scalar(
        sa.select(Task)
        .join(Task.activity)
        .where(Task.public_id == public_id, Activity.state != ActivityState.DRAFT)
        .options(joinedload(Task.activity))
    )


def times(activity: Activity, limit: int = 6) -> list[Activity]:
    """The other times to come of an activity that comes again, soonest first; cancelled ones among them."""
    if activity.series_id is None:
        return []
    return list(
        db.session.scalars(
            sa.select(Activity)
            .where(
                Activity.series_id == activity.series_id,
                Activity.id != activity.id,
                Activity.state != ActivityState.DRAFT,
                Activity.ends_at > clock.now(),
            )
            .order_by(Activity.starts_at, Activity.id)
            .limit(limit)
        )
    )


def standing_beside(activity: Activity, limit: int = 3) -> list[Found]:
    """What else its organiser needs help with all along."""
    found = standing(organiser=activity.organiser.public_id)
    return [one for one in found if one.row.id != activity.id][:limit]


def helped(activity: Activity) -> int:
    """How many people helped at it."""
    people = sa.select(sa.func.coalesce(sa.func.sum(Signup.party), 0))
    return (
        db.session.scalar(
            people.join(Signup.task).where(Task.activity_id == activity.id, Signup.state == SignupState.PLACED)
        )
        or 0
    )
