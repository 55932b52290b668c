"""What the bench is run on: the demo, its activities repeated until the list has ROWS, and GRENDE without approval."""

from datetime import timedelta
from itertools import cycle
from typing import Any, TypeVar

import sqlalchemy as sa

from participation import create_app, demo, schema
from participation.activities import rules
from participation.activities.models import Activity, Task
from participation.db import db, write
from participation.workshops.models import Workshop

ROWS = 20
T = TypeVar("T", Activity, Task)
OWN = {"id", "public_id", "starts_at", "ends_at", "activity_id", "arrivals", "series_id", "occurrence_at"}


@write
def fill() -> None:
    """Repeat coming activities with their tasks, a week later each time round."""
    db.session.execute(sa.update(Workshop).where(Workshop.code == "GRENDE").values(approval=False))
    coming = [activity for row in rules.coming() if (activity := db.session.get(Activity, row.id)) and activity.tasks]
    missing = ROWS - len(rules.coming()) - len(rules.past())
    for number, activity in zip(range(missing), cycle(coming)):
        later = timedelta(weeks=1 + number // len(coming))
        tasks = [_copy(task, later) for task in activity.tasks]
        db.session.add(_copy(activity, later, tasks=tasks))


def _copy(thing: T, later: timedelta, **more: Any) -> T:
    kept = {name: getattr(thing, name) for name in set(type(thing).__table__.columns.keys()) - OWN}
    return type(thing)(**kept, starts_at=thing.starts_at + later, ends_at=thing.ends_at + later, **more)


if __name__ == "__main__":
    with create_app().app_context():
        schema.migrate()
        demo.load_if_empty()
        fill()
        if len(rules.coming()) + len(rules.past()) != ROWS:
            raise SystemExit("The list has not as many rows as the bench says.")
