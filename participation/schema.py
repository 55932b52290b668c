"""The database's schema, brought up and down by Alembic; by a command before the server starts, never by a worker."""

from collections.abc import Callable
from typing import Any

from alembic import command
from alembic.config import Config

from .config import PACKAGE
from .db import db


def migrate(revision: str = "head") -> None:
    """Bring the schema up to a revision."""
    _with_connection(lambda config: command.upgrade(config, revision))


def undo(revision: str) -> None:
    """Bring the schema down to an earlier revision; `base` is an empty database, `-1` one step back."""
    _with_connection(lambda config: command.downgrade(config, revision))


def draft(message: str) -> None:
    """Write a new migration from what the models and the database differ in."""
    _with_connection(lambda config: command.revision(config, message=message, autogenerate=True))


def differences() -> list[Any]:
    """What the models have that the migrations do not, or the other way round."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with db.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), db.metadata))


def _with_connection(work: Callable[[Config], object]) -> None:
    config = Config()
    config.set_main_option("script_location", str(PACKAGE / "migrations"))
    with db.engine.connect().execution_options(writing=True) as connection:
        driver: Any = connection.connection.driver_connection
        on_sqlite = connection.dialect.name == "sqlite"
        if on_sqlite:
            # A table is rebuilt by copying, and its old version dropped: no moment to check who points to it.
            # Said to the driver, as SQLite hears it outside a transaction only.
            driver.execute("PRAGMA foreign_keys=OFF")
        config.attributes["connection"] = connection
        try:
            work(config)
            connection.commit()
        finally:
            if on_sqlite:
                connection.rollback()
                driver.execute("PRAGMA foreign_keys=ON")
