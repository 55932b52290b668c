"""A crowd from outside: `python -m tests.crowd TASK PEOPLE` signs people up in a process of its own, many at a time.

Prints the number in the queue that each was told.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from participation import create_app
from participation.activities import queues, rules, signups
from participation.db import db

AT_A_TIME = 8


def arrive(app: Flask, task: str, name: str) -> int:
    """One person says yes; answers with their number in the queue."""
    with app.app_context():
        wanted = rules.task(task)
        assert wanted is not None
        number = queues.queue_number(
            signups.sign_up(wanted, signups.Person(name), f"key-of-{name}", f"holder-of-{name}")
        )
        db.session.rollback()
        return number


def all_at_once(app: Flask, task: str, names: list[str], at_a_time: int) -> list[int]:
    """Many people say yes from as many threads; answers with the number each was told."""
    with ThreadPoolExecutor(at_a_time) as threads:
        return list(threads.map(lambda name: arrive(app, task, name), names))


if __name__ == "__main__":
    _, wanted, process, people = sys.argv
    crowd = [f"{process} {number}" for number in range(int(people))]
    print(*all_at_once(create_app(), wanted, crowd, AT_A_TIME))
