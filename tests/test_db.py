"""Writing: whole or not at all, one after the other, from many threads and processes, on both databases."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from participation import db as module
from participation.activities import queues, signups
from participation.activities.models import Signup, Task
from participation.db import Busy, Moment, db, write
from participation.receipts import rules as receipts
from participation.receipts.models import Receipt
from participation.workshops import rules as workshops
from tests import crowd, world

Make = Callable[..., Any]
ROOT = Path(__file__).parents[1]


def arrivals(task: Task) -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Signup.arrival).where(Signup.task_id == task.id).order_by(Signup.arrival)))


def test_of_24_people_at_once_for_5_places_exactly_5_get_one_and_19_wait_in_turn(app: Flask, task: Make) -> None:
    soup = task(capacity=5)

    told = crowd.all_at_once(app, soup.public_id, [f"Person {number}" for number in range(24)], at_a_time=24)

    assert sorted(told) == [0] * 5 + list(range(1, 20))
    assert arrivals(soup) == list(range(1, 25))


def test_five_hundred_people_over_four_processes_get_five_places_and_the_others_wait_as_they_came(
    app: Flask, task: Make, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    soup = task(capacity=5)

    command = [sys.executable, "-m", "tests.crowd", soup.public_id]
    crowds = [
        subprocess.Popen([*command, str(process), "125"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for process in range(4)
    ]
    told = [int(number) for one in crowds for number in one.communicate(timeout=60)[0].split()]

    assert [one.returncode for one in crowds] == [0] * 4
    assert sorted(told) == [0] * 5 + list(range(1, 496))
    assert arrivals(soup) == list(range(1, 501))


def test_one_form_sent_by_many_at_once_is_one_yes(app: Flask, task: Make) -> None:
    soup = task()

    told = crowd.all_at_once(app, soup.public_id, ["Amina"] * 16, at_a_time=16)

    assert told == [0] * 16
    assert len(arrivals(soup)) == 1


def test_one_idea_sent_by_many_at_once_is_one_idea(app: Flask, workshop: Make) -> None:
    code = workshop().code

    def send(_: int) -> int:
        with app.app_context():
            question = workshops.by_code(code).question  # type: ignore[union-attr]
            return workshops.submit(question, "Benker", "nb", "one key", "one phone").number

    with ThreadPoolExecutor(16) as threads:
        assert len(set(threads.map(send, range(16)))) == 1


def test_what_two_put_in_at_once_is_there_once(app: Flask) -> None:
    def put(_: int) -> int:
        with app.app_context():
            return receipts.obtain("me")

    with ThreadPoolExecutor(16) as threads:
        assert len(set(threads.map(put, range(16)))) == 1


def test_people_who_come_and_go_at_once_leave_the_queue_whole(app: Flask, task: Make) -> None:
    identity = task(capacity=2).id

    def come_and_go(number: int) -> None:
        with app.app_context():
            yes = signups.sign_up(
                db.session.get_one(Task, identity), signups.Person(f"{number}"), f"k{number}", f"h{number}"
            )
            if number % 2:
                signups.withdraw(yes)

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(come_and_go, range(24)))

    db.session.rollback()
    staying = db.session.scalars(sa.select(Signup).where(queues.LIVING).order_by(Signup.arrival)).all()
    assert [queues.queue_number(one) for one in staying] == [0, 0, *range(1, 11)]


def test_whoever_signs_up_the_moment_a_task_shrinks_waits(app: Flask, task: Make) -> None:
    identity = task(capacity=2).id
    db.session.rollback()

    def come(name: str) -> str:
        with app.app_context():
            yes = signups.sign_up(db.session.get_one(Task, identity), signups.Person(name), f"k{name}", f"h{name}")
            return str(yes.state.value)

    come("Amina")
    with db.engine.connect().execution_options(writing=True) as organiser, ThreadPoolExecutor(1) as phone:
        organiser.execute(sa.update(Task).where(Task.id == identity).values(capacity=1))
        second = phone.submit(come, "Bjørn")
        wait([second], 0.5)  # it queues for the task, or for the database
        organiser.commit()

        assert second.result() == "waiting"


# --- The one way to write


def test_a_change_outside_a_write_is_refused(app: Flask) -> None:
    db.session.add(Receipt(holder="stray"))

    with pytest.raises(RuntimeError, match="outside a rule marked @write"):
        db.session.flush()
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count(Receipt.id))) == 0


def test_a_change_to_what_was_read_outside_a_write_is_refused(app: Flask, task: Make) -> None:
    soup = task()
    soup.capacity = 99

    with pytest.raises(RuntimeError, match="outside a rule marked @write"):
        db.session.commit()
    db.session.rollback()
    assert soup.capacity == 5


def test_a_rule_that_fails_has_written_nothing(app: Flask) -> None:
    @write
    def fail() -> None:
        receipts.obtain("half")
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        fail()
    assert db.session.scalar(sa.select(sa.func.count(Receipt.id))) == 0
    receipts.obtain("whole")
    assert db.session.scalar(sa.select(sa.func.count(Receipt.id))) == 1


def test_a_rule_called_by_a_rule_is_part_of_it(app: Flask) -> None:
    commits: list[object] = []

    def note(connection: object) -> None:
        commits.append(connection)

    sa.event.listen(db.engine, "commit", note)

    @write
    def both() -> None:
        receipts.obtain("one")
        receipts.obtain("other")

    both()
    sa.event.remove(db.engine, "commit", note)
    assert len(commits) == 1


def test_a_rule_sees_what_was_committed_since_the_request_last_read(app: Flask) -> None:
    assert db.session.scalar(sa.select(sa.func.count(Receipt.id))) == 0

    def elsewhere() -> None:
        with app.app_context():
            receipts.obtain("elsewhere")

    with ThreadPoolExecutor(1) as thread:
        thread.submit(elsewhere).result()

    seen = write(lambda: db.session.scalar(sa.select(sa.func.count(Receipt.id))))()
    assert seen == 1


@contextmanager
def held(soup: Task) -> Iterator[None]:
    """Somebody else writes to a task, and takes their time."""
    with db.engine.connect().execution_options(writing=True) as other:
        other.execute(sa.update(Task).where(Task.id == soup.id).values(arrivals=7))
        yield
        other.rollback()


def test_when_the_database_stays_busy_the_resident_is_told_and_nothing_is_written(
    app: Flask, task: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    soup = task()
    identity = soup.id
    monkeypatch.setattr(module, "PATIENCE", 0.3)

    @write
    def wait_in_vain() -> None:
        if db.engine.dialect.name == "postgresql":
            db.session.execute(sa.text("SET LOCAL lock_timeout = '100ms'"))
        db.session.execute(sa.update(Task).where(Task.id == identity).values(arrivals=9))

    with held(soup), pytest.raises(Busy):
        wait_in_vain()
    db.session.rollback()
    assert soup.arrivals == 0
    wait_in_vain()
    assert soup.arrivals == 9


def test_no_writer_waits_for_ever(app: Flask) -> None:
    if db.engine.dialect.name == "postgresql":
        assert db.session.scalar(sa.text("SHOW lock_timeout")) == f"{module.PATIENCE:.0f}s"
    else:
        assert db.session.scalar(sa.text("PRAGMA busy_timeout")) == 0  # `write` waits itself, and lets others go on


def test_what_is_committed_is_on_the_disk(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        assert db.engine.dialect.name == "postgresql"  # durable unless told otherwise, as the tests' own server is
        return
    pragmas = {
        name: db.session.scalar(sa.text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


# --- Moments


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5, minutes=30))])
def test_a_moment_comes_back_as_the_same_moment_in_utc(app: Flask, zone: timezone) -> None:
    moment = datetime(2026, 10, 25, 1, 30, 0, 123456, tzinfo=zone)

    kept = world.staff("Siri")
    write(lambda: setattr(kept, "disabled_at", moment))()

    assert kept.disabled_at == moment
    assert kept.disabled_at.tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Moment().process_bind_param(datetime(2026, 1, 1), sa.create_mock_engine("sqlite://", print).dialect)  # noqa: DTZ001


def test_ids_in_addresses_say_nothing_of_order(app: Flask, activity: Make) -> None:
    ids = [activity().public_id for _ in range(20)]

    assert len(set(ids)) == 20
    assert ids != sorted(ids)
    assert all(len(one) == 10 and one == one.lower() for one in ids)
