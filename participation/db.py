"""The database: one way to write to it, on SQLite and on PostgreSQL alike."""

import contextlib
import functools
import importlib
import random
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

# Older ones can lose the write-ahead log when it is reset: https://sqlite.org/wal.html#walresetbug
SQLITE_WITH_SAFE_WAL = (3, 51, 3)
try:
    sqlite = importlib.import_module("pysqlite3")
except ImportError:  # no wheel for this machine: then Python's own, with a warning if it is too old
    sqlite = importlib.import_module("sqlite3")

P = ParamSpec("P")
R = TypeVar("R")

PATIENCE = 15.0  # seconds a writer keeps trying before the resident is asked to try again
PASSING_TROUBLE = (
    "database is locked",
    "database table is locked",
    "deadlock detected",
    "could not serialize",
    "lock timeout",
)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

# Crockford's base 32: no I, L, O or U, so a code can be read aloud and typed from a poster.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Base(DeclarativeBase):
    """What every model is made from."""

    metadata = sa.MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)

# SQLite has one writer. Queueing for it inside the process, first come first served, doubles the throughput
# compared with every thread polling the file's lock.
_one_writer = threading.Lock()


class Busy(Exception):
    """The database could not take the change in PATIENCE seconds. Nothing was written; trying again is safe."""


def random_code(length: int) -> str:
    """A random code in Crockford's alphabet, five bits a character, from the system's secure source."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def public_id() -> str:
    """An opaque id for addresses: says nothing of order or number."""
    return random_code(10).lower()


def write(rule: Callable[P, R]) -> Callable[P, R]:
    """Make a rule run whole in one write transaction, and again when another writer was in the way.

    The rule may therefore run twice: it must have no effect outside the database. A rule called by another rule
    joins its transaction. Raises Busy after PATIENCE seconds.
    """

    @functools.wraps(rule)
    def in_transaction(*args: P.args, **kwargs: P.kwargs) -> R:
        session: Session = db.session()
        if session.info.get("writing"):
            return rule(*args, **kwargs)
        on_sqlite = db.engine.dialect.name == "sqlite"
        deadline = time.monotonic() + PATIENCE
        pause = 0.001
        seen_double = False
        session.rollback()  # a read snapshot must not become a write: SQLite would refuse it, for good
        with _one_writer if on_sqlite else contextlib.nullcontext():
            while True:
                try:
                    session.info["writing"] = True
                    session.connection(execution_options={"writing": True})
                    answer = rule(*args, **kwargs)
                    session.commit()
                    return answer
                except sa.exc.OperationalError as trouble:
                    session.rollback()
                    if not any(sign in str(trouble.orig) for sign in PASSING_TROUBLE):
                        raise
                    if time.monotonic() > deadline:
                        raise Busy from trouble
                    # Sleeping here, and not in SQLite's busy_timeout, lets a gevent worker serve others meanwhile.
                    time.sleep(pause * (0.5 + random.random()))  # noqa: S311
                    pause = min(pause * 1.5, 0.008)
                except sa.exc.IntegrityError:
                    session.rollback()
                    if seen_double:
                        raise
                    seen_double = True  # somebody put the same row in a moment before: now the rule can see it
                except BaseException:
                    session.rollback()
                    raise
                finally:
                    session.info["writing"] = False

    return in_transaction


def keep_as_read() -> None:
    """Let what this request has read stay as it is, for showing: a write would make all of it be read anew."""
    db.session.expunge_all()


def refuse_stray_writes(session: Session, *_: object) -> None:
    """Stop a flush outside `write`: it would skip the lock that keeps counts right."""
    if not session.info.get("writing"):
        raise RuntimeError("A change to the database outside a rule marked @write.")


def engine_options(url: str) -> dict[str, Any]:
    """How to connect: see `prepare_sqlite` for what SQLite needs besides."""
    # What people wrote must not stand in a log when a statement fails.
    quiet = {"hide_parameters": True}
    if url.startswith("sqlite"):
        return {**quiet, "module": sqlite, "connect_args": {"timeout": 0}, "pool_size": 16, "max_overflow": 16}
    return {
        **quiet,
        "connect_args": {"options": f"-c lock_timeout={PATIENCE:.0f}s"},  # else one stuck writer holds all the others
        "pool_size": 10,
        "max_overflow": 10,
        "pool_pre_ping": True,
        "isolation_level": "READ COMMITTED",
    }


def prepare_sqlite(engine: sa.Engine) -> None:
    """Set SQLite up to lose nothing: WAL, a sync for each commit, foreign keys, and writers that say so at BEGIN."""

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not open transactions of its own
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute("PRAGMA " + pragma)

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        writing = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def init_app(app: Flask) -> None:
    """Bind the database to an app; warns when SQLite is too old to be safe."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options(url))
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            prepare_sqlite(db.engine)
            if sqlite.sqlite_version_info < SQLITE_WITH_SAFE_WAL:
                app.logger.warning("SQLite %s can lose data when its log is reset.", sqlite.sqlite_version)
    sa.event.listen(db.session, "before_flush", refuse_stray_writes)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: aware in Python, on both databases."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone: nobody could say when it is."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs a time zone.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite forgets the zone; it was UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_of(kind: type[StrEnum]) -> sa.Enum:
    """A column type for a string enum, kept as its value and checked by the database."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=20,
        values_callable=lambda members: [member.value for member in members],
        name=kind.__name__.lower(),
    )


class HasId(Base):
    """A row with a number of its own inside, and an opaque id towards the world."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(10), unique=True, default=public_id)
