"""Whether the list stays as fast when there is much: 10,000 activities and 100,000 sign-ups beside 100 and 1,000."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median

import sqlalchemy as sa
from flask import Flask

from participation import clock, create_app, schema
from participation.activities.models import Activity, ActivityState, Kind, Signup, SignupState, Task
from participation.db import db, write
from participation.i18n import Translated
from participation.places import rules as places

from .result import Result

FEW, MANY = 100, 10_000
HELPERS = 10  # of each activity
ROUNDS = 30


def list_with_many(folder: Path) -> Iterator[Result]:
    """The list's time with MANY activities, half of them over, beside FEW that are all to come; /hjelp likewise."""
    few, many = (filled(folder / f"{number}", number) for number in (FEW, MANY))
    for path in ("/aktiviteter", "/hjelp"):
        for app in (few, many):
            milliseconds(app, path)  # the first round fills what is remembered
        pairs = [(milliseconds(few, path), milliseconds(many, path)) for _ in range(3)]
        # /hjelp looks through more rows where there are more, up to a bound: no figure is set for it.
        figure = 1.2 if path == "/aktiviteter" else None
        yield Result(f"{path} with {MANY:,} ÷ with {FEW}", median(much / little for little, much in pairs), "", figure)


def milliseconds(app: Flask, path: str) -> float:
    """The median of some answers' processor time."""
    client = app.test_client()
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        assert client.get(path).status_code == 200
        times.append(time.process_time() - began)
    return median(times) * 1000


def filled(folder: Path, number: int) -> Flask:
    """An app on a database with this many activities, an hour apart, the first of them to come, the others over."""
    folder.mkdir()
    app = create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'many.sqlite'}"})
    with app.app_context():
        schema.migrate()
        fill(number)
        db.session.remove()
    return app


@write
def fill(number: int) -> None:
    """Put the rows in, past PAGE of them half over."""
    place, organiser = places.place_named("Grendehuset"), places.organiser_named("Grendelaget")
    over = number // 2 if number > FEW else 0
    now = clock.now()

    def text(what: str, one: int) -> Translated:
        return Translated({"nb": f"{what} {one}"})

    def at(one: int) -> dict[str, object]:
        starts_at = now + timedelta(hours=1 + one - over)
        return {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=50)}

    activities = [
        {
            "id": one + 1,
            "state": ActivityState.PUBLISHED,
            "title": text("Suppe", one),
            "summary": text("Vi spiser", one),
            "contact": text("Verten", one),
            "audience": text("Alle", 0),
            "place_id": place.id,
            "organiser_id": organiser.id,
            "languages": ["nb"],
            "price": 0,
            "drop_in": True,
            **at(one),
        }
        for one in range(number)
    ]
    tasks = [
        {
            "id": one + 1,
            "activity_id": one + 1,
            "kind": Kind.COOK,
            "title": text("Lage suppe", one),
            "meet": text("Kjøkkenet", 0),
            "capacity": HELPERS + 2,
            "arrivals": HELPERS,
            **at(one),
        }
        for one in range(number)
    ]
    signups = [
        {"task_id": one + 1, "state": SignupState.PLACED, "name": f"Eksempel {arrival}", "arrival": arrival}
        for one in range(number)
        for arrival in range(HELPERS)
    ]
    for model, rows in ((Activity, activities), (Task, tasks), (Signup, signups)):
        db.session.execute(sa.insert(model), rows)
