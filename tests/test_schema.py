"""The schema: what the migrations make is what the models mean, and they go both ways, with rows in the tables too."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from participation import create_app, demo, schema
from participation.activities.models import Activity
from participation.db import db, write


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_app(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> Iterator[Flask]:
    """The app on a database without tables."""
    app = create_app({"SQLALCHEMY_DATABASE_URI": new_database(request.param)})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_the_migrations_make_what_the_models_mean(bare_app: Flask) -> None:
    schema.migrate()

    assert schema.differences() == []
    assert tables() == set(db.metadata.tables)


def test_what_the_models_let_the_database_check_is_checked(bare_app: Flask) -> None:
    schema.migrate()
    inspector = sa.inspect(db.engine)

    for table in db.metadata.tables.values():
        meant = {str(one.name) for one in table.constraints if isinstance(one, sa.CheckConstraint)}
        meant |= {str(one.name) for column in table.columns for one in column.constraints}
        assert {one["name"] for one in inspector.get_check_constraints(table.name)} == meant, table.name


def test_the_migrations_go_down_to_nothing_and_up_again(bare_app: Flask) -> None:
    schema.migrate()
    schema.undo("base")
    assert tables() == set()

    schema.migrate()
    assert schema.differences() == []


def test_the_schema_goes_down_although_there_are_rows(bare_app: Flask) -> None:
    schema.migrate()
    demo.load_if_empty()
    db.session.remove()

    schema.undo("base")

    assert tables() == set()


def test_migrating_what_is_up_to_date_changes_nothing(bare_app: Flask) -> None:
    schema.migrate()
    demo.load_if_empty()
    before = db.session.scalar(sa.text("SELECT count(*) FROM idea"))
    db.session.remove()

    schema.migrate()

    assert db.session.scalar(sa.text("SELECT count(*) FROM idea")) == before > 0


def test_the_demo_is_loaded_once(bare_app: Flask) -> None:
    schema.migrate()

    assert demo.load_if_empty() is True
    assert demo.load_if_empty() is False


def test_every_link_between_tables_holds(app: Flask) -> None:
    orphan = "INSERT INTO change (feed_id, seq, kind, subject, at) VALUES (7, 1, 'x', 1, '2026-01-01')"

    with db.engine.begin() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.execute(sa.text(orphan))


def put(table: str, **row: object) -> None:
    names = ", ".join(row)
    db.session.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row)


def test_what_people_signed_up_for_before_there_were_places_with_rooms_is_kept(bare_app: Flask) -> None:
    schema.migrate("0001")
    at, then = "2026-11-21 12:00:00", "2026-11-21 14:00:00"
    text = '{"nb": "Suppe"}'

    @write
    def as_it_was() -> None:
        common = {"title": text, "starts_at": at, "ends_at": then, "public_id": "0000000000"}
        words = dict.fromkeys(("summary", "way_in", "contact", "audience"), text)
        facts = {"step_free": True, "price": 0, "drop_in": True, "example": False, "languages": "[]"}
        place = {"place": "Grendehuset", "organiser": "Grendelaget", "state": "published"}
        put("activity", id=1, **common, **words, **facts, **place)
        put("task", id=1, activity_id=1, kind="cook", meet=text, capacity=1, arrivals=3, **common)
        for arrival, state in enumerate(("withdrawn", "joined", "joined"), 1):
            name = f"000000000{arrival}"
            put("signup", task_id=1, state=state, name=name, arrival=arrival, public_id=name, created_at=at)

    as_it_was()
    db.session.remove()
    schema.migrate()

    states = db.session.scalars(sa.text("SELECT state FROM signup ORDER BY arrival")).all()
    assert states == ["withdrawn", "placed", "waiting"]
    kept = db.session.scalars(sa.select(Activity)).one()
    assert (kept.place.name, kept.place.step_free, kept.organiser.name) == ("Grendehuset", True, "Grendelaget")
    assert kept.tasks[0].capacity == 1
    db.session.remove()

    schema.undo("0001")

    assert db.session.execute(sa.text("SELECT place, organiser, step_free FROM activity")).one() == (
        "Grendehuset",
        "Grendelaget",
        True,
    )
    assert db.session.scalars(sa.text("SELECT state FROM signup ORDER BY arrival")).all() == [
        "withdrawn",
        "joined",
        "joined",
    ]
