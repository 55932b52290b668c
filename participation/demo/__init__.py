"""The demo: Torstrand as content files, laid relative to the day they are loaded."""

import tomllib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from .. import clock
from ..activities import series
from ..activities.models import (
    Activity,
    ActivityState,
    Consent,
    Kind,
    Purpose,
    Series,
    Signup,
    SignupState,
    Task,
)
from ..activities.recurrence import Every, rule
from ..db import db, write
from ..handlingsrom.models import Area, Card, Level, Theme, Verdict
from ..i18n import Translated
from ..live import Feed
from ..places import rules as places
from ..places.models import Organiser, Place
from ..workshops.models import Idea, IdeaState, Question, Reason, Workshop, WorkshopState

FOLDER = Path(__file__).parent


@write
def load_if_empty() -> bool:
    """Load the demo into a database without content; answers whether it did."""
    if db.session.scalar(sa.select(sa.func.count()).select_from(Theme)):
        return False
    today = clock.today()
    themes, cards = _handlingsrom(_read("handlingsrom"))
    content = _read("activities")
    _places(content)
    activities = {entry["slug"]: _activity(entry, themes, cards, today) for entry in content["activity"]}
    for entry in _read("workshops")["workshop"]:
        _workshop(entry, activities)
    return True


def _read(name: str) -> dict[str, Any]:
    with (FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def _handlingsrom(content: dict[str, Any]) -> tuple[dict[str, Theme], dict[str, Card]]:
    themes = {
        entry["slug"]: Theme(
            slug=entry["slug"],
            area=Area(entry["area"]),
            position=position,
            title=Translated(entry["title"]),
            about=Translated(entry["about"]),
        )
        for position, entry in enumerate(content["theme"])
    }
    cards = {
        entry["slug"]: Card(
            verdict=Verdict(entry["verdict"]),
            level=Level(entry["level"]),
            theme=themes[entry["theme"]],
            position=position,
            open_until=entry.get("open_until"),
            money=Translated(entry["money"]) if "money" in entry else None,
            source=entry["source"],
            checked_on=entry["checked_on"],
            **_texts(entry, "title", "summary", "decides", "first_step", "contact"),
        )
        for position, entry in enumerate(content["card"])
    }
    db.session.add_all([*themes.values(), *cards.values()])
    return themes, cards


def _places(content: dict[str, Any]) -> None:
    """Places and organisers that have something to say of themselves; the others are made by their names."""
    for entry in content["place"]:
        house = places.place_named(entry["house"]) if "house" in entry else None
        db.session.add(Place(name=entry["name"], house=house, **_texts(entry, "about")))
        db.session.flush()
    db.session.add_all(Organiser(name=entry["name"], **_texts(entry, "about")) for entry in content["organiser"])
    db.session.flush()


def _activity(entry: dict[str, Any], themes: dict[str, Theme], cards: dict[str, Card], today: date) -> Activity:
    day = today + timedelta(days=entry["day"])
    last = day + timedelta(days=entry.get("standing", 0))
    activity = Activity(
        state=ActivityState.CANCELLED if entry.get("cancelled") else ActivityState.PUBLISHED,
        starts_at=_at(day, entry["start"]),
        ends_at=_at(last, entry["end"]),
        standing="standing" in entry,
        place=places.place_named(entry["place"]),
        organiser=places.organiser_named(entry["organiser"]),
        theme=themes[entry["theme"]],
        cards=[cards[slug] for slug in entry["cards"]],
        visitors=entry.get("visitors"),
        **_texts(entry, "title", "summary", "way_in", "contact", "audience"),
        **{name: Translated(entry[name]) for name in ("came_of", "thanks") if name in entry},
        **{name: entry[name] for name in ("languages", "price", "drop_in", "example")},
        **{name: entry.get(name, False) for name in ("bring_children", "no_norwegian")},
    )
    db.session.add(activity)
    for task in entry.get("task", ()):
        _task(task, activity, day, last)
    if "every" in entry:
        _repeat(activity, Every(entry["every"]))
    return activity


def _repeat(activity: Activity, every: Every) -> None:
    start = activity.starts_at
    activity.series = Series(rule=rule(every, start), first_at=start, filled_until=start)
    activity.occurrence_at = start
    db.session.flush()
    series.fill(activity.series)


def _task(entry: dict[str, Any], activity: Activity, day: date, last: date) -> None:
    taken, waiting = entry["taken"], entry.get("waiting", 0)
    task = Task(
        activity=activity,
        kind=Kind(entry["kind"]),
        starts_at=_at(day, entry["start"]),
        ends_at=_at(last, entry["end"]),
        capacity=entry["capacity"],
        arrivals=taken + waiting,
        **_texts(entry, "title", "meet"),
    )
    db.session.add(task)
    db.session.add_all(
        Signup(
            task=task,
            state=SignupState.PLACED if number <= taken else SignupState.WAITING,
            ask_first=taken < number <= taken + entry.get("ask_first", 0),
            name=f"Eksempel {number}",
            arrival=number,
            # An address that leads nowhere, so that the organiser's list shows what one looks like.
            email="eksempel@torstrand.example" if waiting and number == 1 else None,
            consents=[Consent(purpose=Purpose.TASK, wording="demo")] if waiting and number == 1 else [],
        )
        for number in range(1, taken + waiting + 1)
    )


def _workshop(entry: dict[str, Any], activities: dict[str, Activity]) -> None:
    closed_at = clock.now() - timedelta(days=entry["closed_days_ago"]) if "closed_days_ago" in entry else None
    workshop = Workshop(
        code=entry["code"],
        state=WorkshopState(entry["state"]),
        place=entry["place"],
        approval=entry["approval"],
        example=True,
        activity=activities.get(entry.get("activity", "")),
        feed=Feed(),
        closed_at=closed_at,
        **_texts(entry, "title", "promise"),
    )
    question = Question(workshop=workshop, **_texts({"text": entry["question"]}, "text"))
    db.session.add_all([workshop, question])
    oldest_first = sorted(entry["ideas"], key=lambda idea: -int(idea["minutes_ago"]))
    for number, idea in enumerate(oldest_first):
        at = clock.now() - timedelta(minutes=idea["minutes_ago"])
        state = IdeaState(idea["state"])
        db.session.add(
            Idea(
                question=question,
                state=state,
                reason=Reason.DOUBLE if state is IdeaState.HIDDEN else None,
                text=idea["text"],
                language=idea["lang"],
                sent=f"demo {entry['code']} {number}",
                created_at=at,
                decided_at=None if state is IdeaState.WAITING else at,
                activity=activities.get(idea.get("became", "")),
            )
        )
    db.session.flush()


def _texts(entry: dict[str, Any], *names: str) -> dict[str, Translated]:
    return {name: Translated(entry[name]) for name in names}


def _at(day: date, text: str) -> datetime:
    return clock.oslo(day, time.fromisoformat(text))
