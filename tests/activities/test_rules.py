"""How activities are listed, and how places to help are shared out."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from participation import clock
from participation.activities import rules
from participation.activities.models import Activity, ActivityState, Signup, SignupState, Task
from participation.db import db, write
from tests import world

Make = Callable[..., Any]


def numbers(task: Task) -> list[int]:
    """The place in the queue of everybody still signed up, in order of arrival; 0 has a place."""
    joined = sa.select(Signup).where(Signup.task == task, Signup.state == SignupState.JOINED)
    return [rules.queue_number(one) for one in db.session.scalars(joined.order_by(Signup.arrival))]


# --- Say yes


def test_a_task_takes_as_many_as_it_has_room_for_and_the_others_wait_in_turn(task: Make, signup: Make) -> None:
    soup = task(capacity=2)

    for name in ("Amina", "Bjørn", "Cecilie", "Dawit"):
        signup(soup, name)

    assert numbers(soup) == [0, 0, 1, 2]
    assert rules.places([soup])[soup.id] == rules.Places(capacity=2, joined=4)


def test_whoever_withdraws_gives_the_place_to_the_next_at_once(task: Make, signup: Make) -> None:
    soup = task(capacity=1)
    first, second, third = (signup(soup, name) for name in ("Amina", "Bjørn", "Cecilie"))

    rules.withdraw(first)

    assert rules.queue_number(second) == 0
    assert rules.queue_number(third) == 1


def test_a_withdrawal_forgets_the_name_everywhere(task: Make, signup: Make) -> None:
    yes = signup(task(), "Amina Unik Navnesen")

    rules.withdraw(yes)

    rows = db.session.execute(sa.select(sa.literal_column("*")).select_from(Signup)).all()
    assert len(rows) == 1
    assert "Navnesen" not in repr(rows)
    assert yes.state is SignupState.WITHDRAWN


def test_withdrawing_twice_is_as_good_as_once(task: Make, signup: Make) -> None:
    soup = task(capacity=1)
    first, *_ = [signup(soup, name) for name in ("Amina", "Bjørn", "Cecilie")]

    rules.withdraw(first)
    at = first.withdrawn_at
    rules.withdraw(first)

    assert first.withdrawn_at == at
    assert numbers(soup) == [0, 1]


def test_the_same_form_sent_twice_is_one_yes(task: Make, signup: Make) -> None:
    soup = task()

    assert signup(soup, "Amina").id == signup(soup, "Amina").id
    assert numbers(soup) == [0]


def test_two_people_may_share_a_phone(task: Make, signup: Make) -> None:
    soup = task()

    signup(soup, "Amina", holder="one phone")
    signup(soup, "Yusuf", holder="one phone")

    assert numbers(soup) == [0, 0]


def test_two_people_may_share_a_name(task: Make) -> None:
    soup = task()

    rules.sign_up(soup, "Amina", "one key", "one phone")
    rules.sign_up(soup, "Amina", "other key", "other phone")

    assert numbers(soup) == [0, 0]


def test_the_same_name_from_the_same_phone_is_one_yes_even_with_a_new_form(task: Make) -> None:
    soup = task()

    rules.sign_up(soup, "Amina", "one key", "one phone")
    rules.sign_up(soup, "Amina", "other key", "one phone")

    assert numbers(soup) == [0]


def test_one_who_withdrew_may_come_back_and_stands_last(task: Make, signup: Make) -> None:
    soup = task(capacity=1)
    first = signup(soup, "Amina")
    second = signup(soup, "Bjørn")
    rules.withdraw(first)

    again = signup(soup, "Amina")

    assert rules.queue_number(second) == 0
    assert rules.queue_number(again) == 1


def test_nobody_signs_up_for_what_is_over(task: Make, signup: Make, later: Callable[[timedelta], None]) -> None:
    soup = task()
    later(timedelta(days=2))

    with pytest.raises(rules.TaskClosed):
        signup(soup)
    assert numbers(soup) == []


@pytest.mark.parametrize("state", [ActivityState.CANCELLED, ActivityState.DRAFT])
def test_nobody_signs_up_for_what_is_off(activity: Make, task: Make, signup: Make, state: ActivityState) -> None:
    with pytest.raises(rules.TaskClosed):
        signup(task(at=activity(state=state)))


def test_one_can_sign_up_until_the_task_ends(activity: Make, task: Make, signup: Make) -> None:
    begun = task(at=activity(in_hours=-1, lasts=2))

    assert rules.queue_number(signup(begun)) == 0


def test_one_can_withdraw_from_what_is_over(task: Make, signup: Make, later: Callable[[timedelta], None]) -> None:
    yes = signup(task())
    later(timedelta(days=2))

    rules.withdraw(yes)

    assert yes.state is SignupState.WITHDRAWN


def test_the_form_is_still_known_after_the_task_has_filled_and_closed(
    task: Make, signup: Make, later: Callable[[timedelta], None]
) -> None:
    soup = task()
    yes = signup(soup)
    later(timedelta(days=2))

    assert signup(soup).id == yes.id


# --- Whose is it


def test_a_signup_is_found_by_its_holder_and_by_nobody_else(task: Make, signup: Make) -> None:
    mine, other = signup(task(), "Amina", holder="me"), signup(task(), "Bjørn", holder="other")
    me = [world.receipt("me")]

    assert rules.signup_of(mine.public_id, me).id == mine.id  # type: ignore[union-attr]
    assert rules.signup_of(other.public_id, me) is None
    assert rules.signup_of(mine.public_id, []) is None


def test_mine_are_listed_soonest_first_without_those_i_withdrew_from(activity: Make, task: Make, signup: Make) -> None:
    late, soon, gone = (task(title, at=activity(in_hours=hours)) for title, hours in (("s", 48), ("t", 24), ("u", 36)))
    for each in (late, soon, gone):
        withdrawn = signup(each, "Amina", holder="me")
    rules.withdraw(withdrawn)

    mine = rules.signups_of([world.receipt("me")])

    assert [(one.task_id, number) for one, number in mine] == [(soon.id, 0), (late.id, 0)]


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
    rules.withdraw(withdrawn)

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
