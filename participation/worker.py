"""What is done without anybody asking: jobs that come round, and sending what is due.

It runs in every process that serves, and as a command; any number of them share the work without doing it twice.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from typing import NamedTuple

from flask import Flask

from .messages import rules
from .messages.delivery import deliver_due
from .messages.registry import Registry

log = logging.getLogger(__name__)

PAUSE = 5.0  # seconds between rounds
OUTBOX = "outbox"


class Routine(NamedTuple):
    """A job: how many seconds between its runs, and what it does, which must do no harm when done twice."""

    every: float
    work: Callable[[], object]


# Features put theirs in. The outbox's own is also the sign that somebody works: see `rules.last_run`.
jobs: Registry[Routine] = Registry({OUTBOX: Routine(60, rules.tidy)})


def run_due(app: Flask, stop: Event | None = None) -> int:
    """Run the jobs that are due and send the messages that are; answers with how many messages were looked at.

    Writes nothing when nothing is due: every write wakes those who watch a workshop.
    """
    stop = stop or Event()
    _run_jobs(app, stop)
    return deliver_due(app, stop)


def _run_jobs(app: Flask, stop: Event) -> None:
    every = {name: timedelta(seconds=routine.every) for name, routine in jobs.items()}
    with app.app_context():
        due = rules.due_jobs(every)
        mine = rules.take_turns({name: every[name] for name in due}) if due else []
    for name in mine:
        if stop.is_set():
            return
        with app.app_context():
            _run(name)


def _run(name: str) -> None:
    before = rules.last_run(name)
    trouble = ""
    try:
        jobs[name].work()
    except Exception as error:  # one bad job must not keep the others from their turn
        log.exception("The job «%s» failed.", name)
        trouble = type(error).__name__
    if before is None or before.trouble != trouble:
        rules.note_trouble(name, trouble)


def run_forever(app: Flask, stop: Event) -> None:
    """Go round until told to stop; whatever goes wrong, the next round comes."""
    while not stop.is_set():
        try:
            run_due(app, stop)
        except Exception:
            log.exception("A round of the worker failed.")
        stop.wait(PAUSE)


def start(app: Flask) -> Callable[[float], None]:
    """Go round beside whatever this process does; answers with how to stop it, waiting so many seconds for its end."""
    stop = Event()
    thread = Thread(target=run_forever, args=(app, stop), name="worker", daemon=True)
    thread.start()

    def end(patience: float) -> None:
        stop.set()
        thread.join(patience)

    return end
