"""What comes round by itself: jobs in their turn, messages sent by every process that serves, and nothing in vain."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from flask import Flask

from participation import worker
from participation.config import PACKAGE
from participation.db import db
from participation.messages import letters, rules
from participation.messages.models import Message, MessageState
from participation.messages.registry import Registry
from participation.worker import Routine
from tests.messages.outside import PostOffice, free_port
from tests.messages.postman import greet

Later = Callable[[timedelta], None]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker without the features' jobs."""
    monkeypatch.setattr(worker, "jobs", Registry({worker.OUTBOX: worker.jobs[worker.OUTBOX]}))


@pytest.fixture
def job(alone: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Gives the worker one more job."""

    def add(work: Callable[[], object], every: float = 60, name: str = "test") -> None:
        monkeypatch.setitem(worker.jobs, name, Routine(every, work))

    return add


def test_a_job_comes_round(app: Flask, job: Callable[..., None], later: Later) -> None:
    runs: list[str] = []
    job(lambda: runs.append("often"), 60, "often")
    job(lambda: runs.append("seldom"), 3600, "seldom")

    for _ in range(3):
        worker.run_due(app)
        worker.run_due(app)
        later(timedelta(minutes=1))

    assert sorted(runs) == ["often", "often", "often", "seldom"]


def test_two_features_can_t_call_their_jobs_the_same(job: Callable[..., None]) -> None:
    job(lambda: None)

    with pytest.raises(ValueError, match="test"):
        worker.jobs["test"] = Routine(60, lambda: None)


def test_workers_beside_each_other_run_a_job_once(app: Flask, job: Callable[..., None]) -> None:
    runs: list[int] = []
    job(lambda: runs.append(1))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(worker.run_due, [app] * 4))

    assert runs == [1]


def test_a_job_that_fails_says_so_and_keeps_no_other_from_its_turn(
    app: Flask, job: Callable[..., None], later: Later, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble() -> None:
        if is_broken:
            raise LookupError

    is_broken, runs = True, []
    job(stumble, name="a broken one")
    job(lambda: runs.append(1), name="b whole one")

    worker.run_due(app)

    run = rules.last_run("a broken one")
    assert run is not None
    assert run.trouble == "LookupError"
    assert "a broken one" in caplog.text
    assert runs == [1]

    is_broken = False
    later(timedelta(minutes=1))
    worker.run_due(app)
    with app.app_context():
        mended = rules.last_run("a broken one")
        assert mended is not None
        assert mended.trouble == ""


def test_one_can_see_that_somebody_works(app: Flask) -> None:
    assert rules.last_run(worker.OUTBOX) is None

    worker.run_due(app)

    with app.app_context():
        assert rules.last_run(worker.OUTBOX) is not None


def test_a_worker_with_nothing_to_do_writes_once_a_minute_at_most(
    app: Flask, job: Callable[..., None], later: Later, statements: list[str]
) -> None:
    job(lambda: None, 3600)
    worker.run_due(app)
    statements.clear()

    for _ in range(11):
        later(timedelta(seconds=5))
        worker.run_due(app)

    assert statements
    assert not [one for one in statements if one != "BEGIN" and not one.startswith("SELECT")]

    later(timedelta(seconds=5))
    worker.run_due(app)
    assert len([one for one in statements if one.startswith("UPDATE")]) == 1


def test_the_features_jobs_write_nothing_when_there_is_nothing_to_do(
    app: Flask, later: Later, statements: list[str]
) -> None:
    worker.run_due(app)
    later(timedelta(days=2))
    statements.clear()

    worker.run_due(app)

    assert len([one for one in statements if one.startswith("UPDATE job")]) == len(worker.jobs) > 1
    assert not [one for one in statements if not one.startswith(("SELECT", "BEGIN", "UPDATE job"))]
    with app.app_context():
        assert [name for name in worker.jobs if getattr(rules.last_run(name), "trouble", None) != ""] == []


def test_whatever_goes_wrong_the_next_round_comes(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rounds: list[int] = []
    second = Event()

    def stumble(*_: object) -> None:
        rounds.append(1)
        if len(rounds) == 2:
            second.set()
        raise LookupError

    monkeypatch.setattr(worker, "PAUSE", 0.01)
    monkeypatch.setattr(worker, "run_due", stumble)

    end = worker.start(app)
    assert second.wait(5)
    end(5)

    assert "A round of the worker failed." in caplog.text
    so_far = len(rounds)
    time.sleep(0.05)
    assert len(rounds) == so_far


# --- As processes of their own


@pytest.fixture
def post_office() -> Iterator[tuple[PostOffice, str]]:
    """A mail server, and its address."""
    office = PostOffice()
    controller = Controller(office, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield office, f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


@pytest.fixture
def environment(database: str, post_office: tuple[PostOffice, str]) -> dict[str, str]:
    """The settings of a process with this database and this mail server."""
    return {
        **os.environ,
        "DATABASE_URL": database,
        "MAIL_URL": post_office[1],
        "MAIL_FROM": "post@torstrand.example",
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
    }


def wait_for(is_so: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert is_so()


@contextmanager
def server(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The app as it is served, told to stop at the end."""
    command = ["-m", "gunicorn", "--config", str(PACKAGE / "server.py"), "tests.messages.postman:make_app()"]
    with subprocess.Popen([sys.executable, *command], env=environment, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        _, said = process.communicate(timeout=20)
    assert time.monotonic() - started < 5, "nobody waits long for it to stop"
    assert b"Traceback" not in said, said.decode()


def test_the_server_sends_what_is_due_and_nobody_hears_it_twice(
    app: Flask, environment: dict[str, str], post_office: tuple[PostOffice, str]
) -> None:
    office, _ = post_office
    for about in range(50):
        rules.queue("greeting", about, "", "nb")

    with server(environment):
        wait_for(lambda: len(office.received) >= 50)

    assert sorted(office.recipients) == sorted(f"person{about}@people.example" for about in range(50))


def test_a_server_that_stops_lets_the_message_on_its_way_get_there(
    app: Flask, environment: dict[str, str], post_office: tuple[PostOffice, str]
) -> None:
    office, _ = post_office
    office.pause = 1.5
    rules.queue("greeting", 1, "", "nb")

    with server(environment):
        wait_for(lambda: office.is_thinking)

    assert office.recipients == ["person1@people.example"]
    with app.app_context():
        assert db.session.scalars(sa.select(Message.state)).one() is MessageState.SENT


def test_a_process_that_is_killed_leaves_the_message_to_the_next(
    app: Flask,
    environment: dict[str, str],
    post_office: tuple[PostOffice, str],
    later: Later,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office, address = post_office
    office.pause = 1.0
    rules.queue("greeting", 1, "", "nb")
    with subprocess.Popen([sys.executable, "-m", "tests.messages.postman"], env=environment) as process:
        wait_for(lambda: office.is_thinking)
        process.kill()

    monkeypatch.setitem(letters.composers, "greeting", greet)
    monkeypatch.setitem(app.config, "MAIL_URL", address)
    monkeypatch.setitem(app.config, "MAIL_FROM", ("", "post@torstrand.example"))
    assert worker.run_due(app) == 0
    later(rules.LEASE)
    assert worker.run_due(app) == 1

    assert office.received
    assert len({message["Message-ID"] for message in office.received}) == 1, "a mail program knows it as the same"


def test_the_command_works_until_it_is_told_to_stop(app: Flask, environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "participation.cli", "work"], env=environment, stderr=subprocess.PIPE
    ) as process:
        try:
            wait_for(lambda: _has_worked(app))
        finally:
            process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)

    assert process.returncode == 0, said.decode()


def _has_worked(app: Flask) -> bool:
    with app.app_context():
        return rules.last_run(worker.OUTBOX) is not None


def test_the_command_does_what_is_due_once_and_ends(app: Flask, environment: dict[str, str]) -> None:
    rules.queue("nobody knows", 1, "", "nb")

    done = subprocess.run(
        [sys.executable, "-m", "participation.cli", "work", "--once"],
        env=environment, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip

    assert "Could not write nobody knows" in done.stderr
    assert _has_worked(app)
