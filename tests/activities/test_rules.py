"""How activities are listed, and how places to help are shared out."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from participation import clock
from participation.activities import rules, signups
from participation.activities.models import Activity, ActivityState, Task
from participation.db import db, write
from tests import world

Make = Callable[..., Any]


# --- Browse


def test_a_draft_is_shown_to_nobody(activity: Make, task: Make) -> None:
    draft = activity(state=ActivityState.DRAFT)
    hidden = task(at=draft)

    assert rules.coming() == []
    assert rules.past() == []
    assert rules.activity(draft.public_id) is None
    assert rules.task(hidden.public_id) is None
    assert rules.needs() == []


def test_what_is_cancelled_stays_on_the_list_but_asks_for_no_help(activity: Make, task: Make) -> None:
    task(at=activity(state=ActivityState.CANCELLED))

    (row,) = rules.coming()

    assert row.is_cancelled
    assert row.needs == ()
    assert rules.needs() == []


def test_the_list_tells_how_many_each_task_still_needs(activity: Make, task: Make, signup: Make) -> None:
    feast = activity()
    soup, chairs = task("Lage suppe", capacity=3, at=feast), task("Bære stoler", capacity=1, at=feast)
    signup(soup, "Amina")
    signup(chairs, "Bjørn")
    withdrawn = signup(soup, "Cecilie")
    signups.withdraw(withdrawn)

    assert [(need.title["nb"], need.left) for _, need in rules.needs()] == [("Lage suppe", 2)]


def test_a_task_that_is_over_needs_nobody_although_the_activity_goes_on(activity: Make, task: Make) -> None:
    feast = activity(in_hours=-2, lasts=4)
    carry = task(at=feast)

    @write
    def end_early() -> None:
        db.session.get_one(Task, carry.id).ends_at = clock.now() - timedelta(minutes=1)

    end_early()

    assert rules.coming()[0].needs == ()


def test_a_list_costs_two_questions_to_the_database_however_long_it_is(
    activity: Make, task: Make, statements: list[str]
) -> None:
    for _ in range(5):
        task(at=activity())
    statements.clear()

    assert len(rules.coming()) == 5
    assert len([line for line in statements if line.startswith("SELECT")]) == 2


def test_a_list_is_cut_at_its_limit_with_the_soonest_kept(activity: Make) -> None:
    for hours in (30, 10, 20):
        activity(f"Om {hours} timer", in_hours=hours)

    assert [row.title["nb"] for row in rules.coming(limit=2)] == ["Om 10 timer", "Om 20 timer"]


def test_a_week_is_the_seven_days_that_start_today_on_the_clocks_in_oslo(
    activity: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Saturday evening in UTC is already Sunday 29 March in Oslo, the day the clocks go forward.
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 28, 23, 30, tzinfo=UTC))
    today = date(2026, 3, 29)
    moments = {
        "før midnatt": clock.oslo(today, datetime.min.time()) - timedelta(hours=1),
        "i dag": clock.oslo(today + timedelta(days=1)) - timedelta(minutes=1),
        "i uka": clock.oslo(today + timedelta(days=7)) - timedelta(minutes=1),
        "senere": clock.oslo(today + timedelta(days=7)),
    }
    for title, moment in moments.items():
        activity(title, in_hours=(moment - clock.now()).total_seconds() / 3600)

    groups = rules.by_time(rules.coming(), clock.today())

    assert {name: [row.title["nb"] for row in rows] for name, rows in groups.items()} == {
        "today": ["før midnatt", "i dag"],
        "week": ["i uka"],
        "later": ["senere"],
    }


def test_what_has_been_is_listed_latest_first(activity: Make) -> None:
    activity("i går", in_hours=-24)
    activity("i forgårs", in_hours=-48)
    activity("avlyst", in_hours=-24, state=ActivityState.CANCELLED)

    assert [row.title["nb"] for row in rules.past()] == ["i går", "i forgårs"]


# --- What the database itself refuses


@pytest.mark.parametrize("wrong", [{"capacity": 0}, {"capacity": -1}])
def test_the_database_refuses_a_task_without_room(app: object, wrong: dict[str, int]) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        world.task(**wrong)


@pytest.mark.parametrize("wrong", [{"lasts": 0}, {"lasts": -1}, {"price": -50}])
def test_the_database_refuses_an_activity_that_cannot_be(app: object, wrong: dict[str, Any]) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        world.activity(**wrong)
    assert db.session.scalar(sa.select(sa.func.count(Activity.id))) == 0
