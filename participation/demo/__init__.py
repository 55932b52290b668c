"""The demo: Torstrand as content files, laid relative to the day they are loaded."""

import tomllib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from .. import clock
from ..activities.models import Activity, ActivityState, Kind, Signup, Task
from ..db import db, write
from ..handlingsrom.models import Area, Card, Level, Theme, Verdict
from ..i18n import Translated
from ..live import Feed
from ..workshops.models import Idea, IdeaState, Question, Reason, Workshop, WorkshopState

FOLDER = Path(__file__).parent


@write
def load_if_empty() -> bool:
    """Load the demo into a database without content; answers whether it did."""
    if db.session.scalar(sa.select(sa.func.count()).select_from(Theme)):
        return False
    today = clock.today()
    themes, cards = _handlingsrom(_read("handlingsrom"))
    activities = {entry["slug"]: _activity(entry, themes, cards, today) for entry in _read("activities")["activity"]}
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


def _activity(entry: dict[str, Any], themes: dict[str, Theme], cards: dict[str, Card], today: date) -> Activity:
    day = today + timedelta(days=entry["day"])
    activity = Activity(
        state=ActivityState.CANCELLED if entry.get("cancelled") else ActivityState.PUBLISHED,
        starts_at=_at(day, entry["start"]),
        ends_at=_at(day, entry["end"]),
        place=entry["place"],
        organiser=entry["organiser"],
        languages=entry["languages"],
        price=entry["price"],
        step_free=entry["step_free"],
        drop_in=entry["drop_in"],
        example=entry["example"],
        theme=themes[entry["theme"]],
        cards=[cards[slug] for slug in entry["cards"]],
        came_of=Translated(entry["came_of"]) if "came_of" in entry else None,
        **_texts(entry, "title", "summary", "way_in", "contact", "audience"),
    )
    db.session.add(activity)
    for task in entry.get("task", ()):
        _task(task, activity, day)
    return activity


def _task(entry: dict[str, Any], activity: Activity, day: date) -> None:
    taken = entry["taken"]
    task = Task(
        activity=activity,
        kind=Kind(entry["kind"]),
        starts_at=_at(day, entry["start"]),
        ends_at=_at(day, entry["end"]),
        capacity=entry["capacity"],
        arrivals=taken,
        **_texts(entry, "title", "meet"),
    )
    db.session.add(task)
    db.session.add_all(Signup(task=task, name=f"Eksempel {number}", arrival=number) for number in range(1, taken + 1))


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
            )
        )
    db.session.flush()


def _texts(entry: dict[str, Any], *names: str) -> dict[str, Translated]:
    return {name: Translated(entry[name]) for name in names}


def _at(day: date, text: str) -> datetime:
    return clock.oslo(day, time.fromisoformat(text))
