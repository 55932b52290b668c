"""Whatever people do, in whatever order: never over capacity, never a lost person, and every waiting person moves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from participation import clock
from participation.activities import queues, signups
from participation.activities.models import Signup, SignupState, Task
from participation.db import db, write
from tests import world

ANYBODY = st.integers(0, 99)
SOMEBODY = st.tuples(st.integers(1, 3), st.booleans())  # how many they are, and whether they will be asked first


class Clock:
    """A clock that the machine moves on."""

    def __init__(self) -> None:
        self.passed = timedelta()
        self.real = clock.now

    def now(self) -> datetime:
        return self.real() + self.passed


class Queue(RuleBasedStateMachine):
    """One task, and people who come and go while time passes."""

    time: Clock

    @initialize(capacity=st.integers(1, 4), days=st.integers(1, 6), crowd=st.lists(SOMEBODY, max_size=6))
    def a_task(self, capacity: int, days: int, crowd: list[tuple[int, bool]]) -> None:
        self.time.passed = timedelta()
        self.task: Task = world.task(capacity=capacity, at=world.activity(in_hours=24 * days, lasts=2))
        self.living = 0
        self.arrived = 0
        self.placed: set[int] = set()
        self.people = 0  # with a place or an offer, after the step before
        for party, ask_first in crowd:
            self.come(party, ask_first)

    def everybody(self) -> list[Signup]:
        db.session.rollback()
        db.session.expire_all()
        living = sa.select(Signup).where(Signup.task_id == self.task.id, queues.LIVING).order_by(Signup.arrival)
        return list(db.session.scalars(living))

    def one(self, number: int, *states: SignupState) -> Signup | None:
        some = [one for one in self.everybody() if not states or one.state in states]
        return some[number % len(some)] if some else None

    @rule(somebody=SOMEBODY)
    def somebody_comes(self, somebody: tuple[int, bool]) -> None:
        self.come(*somebody)

    def come(self, party: int, ask_first: bool) -> None:
        self.arrived += 1
        name = f"person {self.arrived} of task {self.task.id}"
        try:
            world.signup(self.task, name, party=party, ask_first=ask_first)
        except signups.TaskClosed:
            assert self.task.is_closed
        else:
            self.living += 1

    @precondition(lambda self: self.living)
    @rule(number=ANYBODY)
    def somebody_leaves(self, number: int) -> None:
        leaving = self.one(number)
        assert leaving is not None
        self.placed.discard(leaving.id)
        signups.withdraw(leaving)
        self.living -= 1

    @rule(number=ANYBODY)
    def somebody_takes_a_place(self, number: int) -> None:
        taking = self.one(number, SignupState.WAITING, SignupState.OFFERED)
        if taking is None:
            return
        may = queues.may_take(taking)
        try:
            signups.take(taking)
        except (signups.PlaceGone, signups.TaskClosed):
            assert not may
        else:
            assert may

    @rule(capacity=st.integers(1, 8))
    def there_is_more_or_less_room(self, capacity: int) -> None:
        signups.set_capacity(self.task, capacity)

    @rule(hours=st.integers(1, 40))
    def time_passes(self, hours: int) -> None:
        self.time.passed += timedelta(hours=hours)
        signups.settle_expired()

    @invariant()
    def nobody_is_lost(self) -> None:
        assert len(self.everybody()) == self.living

    @invariant()
    def nobody_who_has_a_place_loses_it(self) -> None:
        now_placed = {one.id for one in self.everybody() if one.state is SignupState.PLACED}
        assert self.placed <= now_placed
        self.placed = now_placed

    @invariant()
    def never_one_more_than_there_is_room_for(self) -> None:
        people = sum(one.party for one in self.everybody() if one.state is not SignupState.WAITING)
        assert people <= max(self.task.capacity, self.people), "more than before only where there is room"
        self.people = people

    @invariant()
    def no_place_stays_free_that_somebody_waits_for(self) -> None:
        everybody = self.everybody()
        if self.task.is_closed:
            return
        free = self.task.capacity - sum(one.party for one in everybody if one.state is not SignupState.WAITING)
        last_call = self.task.starts_at - clock.now() <= signups.LAST_CALL
        for one in everybody:
            if one.state is SignupState.WAITING and one.party <= free:
                assert one.passed_over or (one.ask_first and last_call)
                assert queues.may_take(one)

    @invariant()
    def those_who_wait_are_numbered_as_they_came(self) -> None:
        waiting = [one for one in self.everybody() if one.state is SignupState.WAITING]
        numbers = queues.queue_numbers(waiting) if waiting else {}
        assert [numbers[one.id] for one in waiting] == list(range(1, len(waiting) + 1))


@pytest.fixture
def machine(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Queue]]:
    """The machine, on a clock of its own."""
    time = Clock()
    monkeypatch.setattr(clock, "now", time.now)
    yield type("MovedQueue", (Queue,), {"time": time})
    write(lambda: None)()


def test_the_queue_keeps_its_promises_whatever_people_do(machine: Any) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
