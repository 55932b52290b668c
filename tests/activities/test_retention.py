"""How long we know who somebody was: until a month after what they helped with, and not a day longer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from participation import worker
from participation.activities import retention, signups
from participation.activities.models import Consent, Purpose, Signup, SignupState
from participation.db import db
from participation.messages.models import Message, MessageState

Make = Callable[..., Any]
Later = Callable[[timedelta], None]
MONTH = timedelta(days=30)
REACHED = {"email": "amina@people.example", "phone": "+4790000000", "purposes": frozenset(Purpose)}


def everything() -> str:
    """All that the database holds of people."""
    tables = (Signup.__table__, Consent.__table__, Message.__table__)
    return repr([db.session.execute(sa.select(table)).all() for table in tables])


def kept() -> list[Signup]:
    db.session.rollback()  # let go of what was read before
    return list(db.session.scalars(sa.select(Signup).order_by(Signup.id)))


@pytest.mark.parametrize(("days", "known"), [(29, True), (31, False)])
def test_a_month_afterwards_nobody_knows_who_it_was(
    task: Make, signup: Make, later: Later, days: int, known: bool
) -> None:
    soup = task()
    signup(soup, "Amina Navnesen", **REACHED)
    later(soup.ends_at - soup.starts_at + timedelta(days=days + 1))

    assert retention.forget_contacts(MONTH) == (0 if known else 1)

    for trace in ("Navnesen", "amina@people.example", "+4790000000"):
        assert (trace in everything()) is known
    (yes,) = kept()
    assert yes.state is SignupState.PLACED
    assert len(yes.consents) == (2 if known else 0)


def test_a_second_time_there_is_nothing_to_do_and_nothing_is_written(
    task: Make, signup: Make, later: Later, statements: list[str]
) -> None:
    signup(task(), **REACHED)
    later(timedelta(days=40))
    assert retention.forget_contacts(MONTH) == 1
    statements.clear()

    assert retention.forget_contacts(MONTH) == 0
    assert not [statement for statement in statements if statement.startswith(("UPDATE", "DELETE", "INSERT"))]


def test_whoever_waited_or_was_offered_a_place_is_forgotten_too(task: Make, signup: Make, later: Later) -> None:
    soup = task(capacity=1)
    for name in ("Amina", "Bjørn", "Cecilie"):
        signup(soup, name)
    later(timedelta(days=40))

    assert retention.forget_contacts(MONTH) == 3
    assert [yes.name for yes in kept()] == ["", "", ""]


def test_two_who_are_forgotten_may_have_had_the_same_name(task: Make, signup: Make, later: Later) -> None:
    soup = task()
    signups.sign_up(soup, signups.Person("Amina"), "one key", "one phone")
    signups.sign_up(soup, signups.Person("Amina"), "other key", "other phone")
    later(timedelta(days=40))

    assert retention.forget_contacts(MONTH) == 2


def test_it_copes_with_thousands(task: Make, signup: Make, later: Later) -> None:
    soup = task(capacity=2000)
    for number in range(1100):
        signup(soup, f"Person {number}")
    later(timedelta(days=40))

    assert retention.forget_contacts(MONTH) == 1100
    assert retention.forget_contacts(MONTH) == 0


def test_the_worker_does_it_every_day_for_as_many_days_as_the_settings_say(
    app: Flask, task: Make, signup: Make, later: Later, set_up: Make
) -> None:
    set_up(CONTACT_DAYS=3)
    signup(task(), "Amina")
    worker.run_due(app)
    later(timedelta(days=4))
    worker.run_due(app)
    assert [yes.name for yes in kept()] == ["Amina"]

    later(timedelta(days=1))
    worker.run_due(app)

    assert [yes.name for yes in kept()] == [""]


def test_taking_the_contact_back_keeps_the_place_and_stops_what_was_to_be_told(task: Make, signup: Make) -> None:
    yes = signup(task(), **REACHED)

    retention.forget_contact(yes)
    retention.forget_contact(yes)

    (left,) = kept()
    assert (left.name, left.phone, left.email, left.consents, left.state) == ("Amina", None, None, [], "placed")
    assert {message.state for message in db.session.scalars(sa.select(Message))} == {MessageState.STOPPED}
