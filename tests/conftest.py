"""The ground the tests stand on: both databases, an app on each, and people to visit it."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from participation import clock, create_app, schema
from participation.db import db
from participation.limits import counter
from participation.staff import COOKIE
from participation.staff import rules as staff_rules
from participation.staff.models import Role, Staff
from tests import postgresql, world
from tests.page import Visitor

SECRET = "the key of the tests, and of nothing else"


@pytest.fixture(scope="session", autouse=True)
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings of the tests' own, whatever the machine's are."""
    with pytest.MonkeyPatch.context() as patch:
        switched_off = ("FLASK_DEBUG", "MAIL_URL", "SMS_URL")
        for name in ("DATABASE_URL", "TRUSTED_HOSTS", "TRUSTED_PROXIES", "SITE_NAME", *switched_off):
            patch.delenv(name, raising=False)
        patch.setenv("DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patch.setenv("SECRET_KEY", SECRET)
        patch.setenv("PUBLIC_URL", "http://localhost")
        yield


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Makes an empty database, `sqlite` or `postgresql`; answers with its URL."""
    with ExitStack() as servers:
        address = ""
        made = 0

        def make(kind: str) -> str:
            nonlocal address, made
            made += 1
            if kind == "sqlite":
                return f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'tests.sqlite'}"
            address = address or servers.enter_context(postgresql.server(_programs()))
            with psycopg.connect(f"{address} user=tests dbname=postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE tests{made}")  # type: ignore[arg-type]
            return f"postgresql+psycopg://tests@/tests{made}?{address}"

        yield make


def _programs() -> Path:
    found = postgresql.programs()
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("PostgreSQL is not installed, and CI may skip nothing.")
    return found or pytest.skip("PostgreSQL is not installed.")


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> str:
    """The URL of a database with the schema of the migrations; every test that stands on it runs on both kinds."""
    url = new_database(request.param)
    with create_app({"SQLALCHEMY_DATABASE_URI": url}).app_context():
        schema.migrate()
        db.engine.dispose()
    return url


@pytest.fixture(scope="session")
def running_app(database: str) -> Iterator[Flask]:
    """The app on a database, for the whole session."""
    app = create_app({"SQLALCHEMY_DATABASE_URI": database, "TESTING": True})
    app.test_client_class = Visitor
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(running_app: Flask) -> Iterator[Flask]:
    """The app on an empty database, with room for any number of requests."""
    running_app.config["RATE_LIMITS"] = False
    with running_app.app_context():
        empty()
        yield running_app


@pytest.fixture
def new_app(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Flask]]:
    """Makes one more app, as it starts with other settings in the environment."""
    made: list[Flask] = []

    def make(**environment: str) -> Flask:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        one = create_app({"SQLALCHEMY_DATABASE_URI": database})
        one.test_client_class = Visitor
        one.config["RATE_LIMITS"] = False
        made.append(one)
        return one

    yield make
    for one in made:
        with one.app_context():
            db.engine.dispose()


def empty() -> None:
    """Remove every row."""
    names = [f'"{table.name}"' for table in reversed(db.metadata.sorted_tables)]
    with db.engine.connect().execution_options(writing=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"))
        else:
            for name in names:
                connection.execute(sa.text(f"DELETE FROM {name}"))
        connection.commit()


@pytest.fixture
def limits(app: Flask) -> Iterator[None]:
    """The brakes on floods of requests, on and not yet used."""
    app.config["RATE_LIMITS"] = True
    counter.cache_clear()
    yield
    app.config["RATE_LIMITS"] = False


@pytest.fixture
def visitor(app: Flask) -> Callable[..., Visitor]:
    """Makes one more person with a phone of their own; with `htmx`, the phone runs our scripts."""

    def make(htmx: bool = False, **kwargs: Any) -> Visitor:
        made = app.test_client(**kwargs)
        assert isinstance(made, Visitor)
        made.htmx = htmx
        return made

    return make


@pytest.fixture
def client(visitor: Callable[..., Visitor]) -> Visitor:
    """A person whose phone runs no scripts."""
    return visitor()


@pytest.fixture
def htmx(visitor: Callable[..., Visitor]) -> Visitor:
    """A person whose phone swaps elements by htmx."""
    return visitor(htmx=True)


@pytest.fixture(params=["plain", "htmx"])
def anyone(request: pytest.FixtureRequest, visitor: Callable[..., Visitor]) -> Visitor:
    """A person, once with and once without scripts."""
    return visitor(htmx=request.param == "htmx")


@pytest.fixture
def desk(visitor: Callable[..., Visitor]) -> Callable[..., Visitor]:
    """Makes a person at their desk: signed in as somebody on the staff."""

    def make(person: Staff, htmx: bool = False) -> Visitor:
        session = staff_rules.use_link(staff_rules.invite(person.name, person.email, person.role)[1])
        seated = visitor(htmx=htmx)
        seated.set_cookie(COOKIE, session or "")
        return seated

    return make


@pytest.fixture
def facilitator(app: Flask) -> Staff:
    """Somebody who runs workshops."""
    return world.staff("Siri")


@pytest.fixture
def administrator(app: Flask) -> Staff:
    """Somebody who answers for the app."""
    return world.staff("Tor", Role.ADMIN)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Moves the clock on."""

    def move(step: timedelta) -> None:
        now: Callable[[], datetime] = clock.now
        monkeypatch.setattr(clock, "now", lambda: now() + step)

    return move


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements that reach the database during the test."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def activity(app: Flask) -> Callable[..., Any]:
    """Makes an activity."""
    return world.activity


@pytest.fixture
def task(app: Flask) -> Callable[..., Any]:
    """Makes a task."""
    return world.task


@pytest.fixture
def signup(app: Flask) -> Callable[..., Any]:
    """Makes somebody say yes to a task."""
    return world.signup


@pytest.fixture
def card(app: Flask) -> Callable[..., Any]:
    """Makes a card of the handlingsrom."""
    return world.card


@pytest.fixture
def workshop(app: Flask) -> Callable[..., Any]:
    """Makes a workshop."""
    return world.workshop


@pytest.fixture
def idea(app: Flask) -> Callable[..., Any]:
    """Makes an idea."""
    return world.idea


@pytest.fixture
def staff(app: Flask) -> Callable[..., Any]:
    """Makes somebody on the staff."""
    return world.staff
