"""How places to help are shared out: first come, first served, and nobody who has one loses it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from participation import clock
from participation.activities import notices, queues, signups
from participation.activities.models import ActivityState, Consent, Purpose, Signup, SignupState, Task
from participation.db import db
from participation.messages.models import Message, MessageState
from tests import world

Make = Callable[..., Any]
Later = Callable[[timedelta], None]


def numbers(task: Task) -> list[int]:
    """The place in the queue of everybody still signed up, in order of arrival; 0 has a place."""
    joined = sa.select(Signup).where(Signup.task == task, queues.LIVING)
    return [queues.queue_number(one) for one in db.session.scalars(joined.order_by(Signup.arrival))]


# --- Say yes


def test_a_task_takes_as_many_as_it_has_room_for_and_the_others_wait_in_turn(task: Make, signup: Make) -> None:
    soup = task(capacity=2)

    for name in ("Amina", "Bjørn", "Cecilie", "Dawit"):
        signup(soup, name)

    assert numbers(soup) == [0, 0, 1, 2]
    assert queues.places([soup])[soup.id] == queues.Places(capacity=2, placed=2, waiting=2)


def test_whoever_withdraws_gives_the_place_to_the_next_at_once(task: Make, signup: Make) -> None:
    soup = task(capacity=1)
    first, second, third = (signup(soup, name) for name in ("Amina", "Bjørn", "Cecilie"))

    signups.withdraw(first)

    assert queues.queue_number(second) == 0
    assert queues.queue_number(third) == 1


def test_a_withdrawal_forgets_the_name_everywhere(task: Make, signup: Make) -> None:
    yes = signup(task(), "Amina Unik Navnesen")

    signups.withdraw(yes)

    rows = db.session.execute(sa.select(sa.literal_column("*")).select_from(Signup)).all()
    assert len(rows) == 1
    assert "Navnesen" not in repr(rows)
    assert yes.state is SignupState.WITHDRAWN


def test_withdrawing_twice_is_as_good_as_once(task: Make, signup: Make) -> None:
    soup = task(capacity=1)
    first, *_ = [signup(soup, name) for name in ("Amina", "Bjørn", "Cecilie")]

    signups.withdraw(first)
    at = first.withdrawn_at
    signups.withdraw(first)

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

    signups.sign_up(soup, signups.Person("Amina"), "one key", "one phone")
    signups.sign_up(soup, signups.Person("Amina"), "other key", "other phone")

    assert numbers(soup) == [0, 0]


def test_the_same_name_from_the_same_phone_is_one_yes_even_with_a_new_form(task: Make) -> None:
    soup = task()

    signups.sign_up(soup, signups.Person("Amina"), "one key", "one phone")
    signups.sign_up(soup, signups.Person("Amina"), "other key", "one phone")

    assert numbers(soup) == [0]


def test_one_who_withdrew_may_come_back_and_stands_last(task: Make, signup: Make) -> None:
    soup = task(capacity=1)
    first = signup(soup, "Amina")
    second = signup(soup, "Bjørn")
    signups.withdraw(first)

    again = signup(soup, "Amina")

    assert queues.queue_number(second) == 0
    assert queues.queue_number(again) == 1


def test_nobody_signs_up_for_what_is_over(task: Make, signup: Make, later: Callable[[timedelta], None]) -> None:
    soup = task()
    later(timedelta(days=2))

    with pytest.raises(signups.TaskClosed):
        signup(soup)
    assert numbers(soup) == []


@pytest.mark.parametrize("state", [ActivityState.CANCELLED, ActivityState.DRAFT])
def test_nobody_signs_up_for_what_is_off(activity: Make, task: Make, signup: Make, state: ActivityState) -> None:
    with pytest.raises(signups.TaskClosed):
        signup(task(at=activity(state=state)))


def test_one_can_sign_up_until_the_task_ends(activity: Make, task: Make, signup: Make) -> None:
    begun = task(at=activity(in_hours=-1, lasts=2))

    assert queues.queue_number(signup(begun)) == 0


def test_one_can_withdraw_from_what_is_over(task: Make, signup: Make, later: Callable[[timedelta], None]) -> None:
    yes = signup(task())
    later(timedelta(days=2))

    signups.withdraw(yes)

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

    assert queues.signup_of(mine.public_id, me).id == mine.id  # type: ignore[union-attr]
    assert queues.signup_of(other.public_id, me) is None
    assert queues.signup_of(mine.public_id, []) is None


def test_mine_are_listed_soonest_first_without_those_i_withdrew_from(activity: Make, task: Make, signup: Make) -> None:
    late, soon, gone = (task(title, at=activity(in_hours=hours)) for title, hours in (("s", 48), ("t", 24), ("u", 36)))
    for each in (late, soon, gone):
        withdrawn = signup(each, "Amina", holder="me")
    signups.withdraw(withdrawn)

    mine = queues.signups_of([world.receipt("me")])

    assert [(one.task_id, number) for one, number in mine] == [(soon.id, 0), (late.id, 0)]


# --- A place that is offered


def states(task: Task) -> list[str]:
    """Where everybody still signed up stands, in order of arrival."""
    db.session.expire_all()
    found = db.session.scalars(sa.select(Signup).where(Signup.task == task, queues.LIVING).order_by(Signup.arrival))
    return [one.state.value for one in found]


@pytest.fixture
def full(activity: Make, task: Make, signup: Make) -> Task:
    """A task in four days with one place, which Amina has; Bjørn waits and will be asked first, Cecilie after him."""
    soup: Task = task(capacity=1, at=activity(in_hours=96))
    signup(soup, "Amina")
    signup(soup, "Bjørn", ask_first=True)
    signup(soup, "Cecilie", ask_first=True)
    return soup


def named(name: str) -> Signup:
    return db.session.scalars(sa.select(Signup).where(Signup.name == name)).one()


def test_whoever_asked_to_be_asked_is_offered_the_place_for_a_day(full: Task) -> None:
    signups.withdraw(named("Amina"))

    assert states(full) == ["offered", "waiting"]
    kept = named("Bjørn").offered_until
    assert kept is not None
    assert timedelta(hours=23, minutes=59) < kept - clock.now() <= timedelta(hours=24)
    assert queues.places([full])[full.id] == queues.Places(capacity=1, offered=1, waiting=1)


def test_an_offer_lasts_half_of_the_time_that_is_left_when_that_is_less(
    activity: Make, task: Make, signup: Make
) -> None:
    soup = task(capacity=1, at=activity(in_hours=30))
    first = signup(soup, "Amina")
    signup(soup, "Bjørn", ask_first=True)

    signups.withdraw(first)

    kept = named("Bjørn").offered_until
    assert kept is not None
    assert timedelta(hours=14, minutes=59) < kept - clock.now() <= timedelta(hours=15)


def test_a_yes_to_an_offer_gives_the_place_and_a_second_yes_changes_nothing(full: Task) -> None:
    signups.withdraw(named("Amina"))

    signups.take(named("Bjørn"))
    signups.take(named("Bjørn"))

    assert states(full) == ["placed", "waiting"]


def test_an_offer_that_nobody_answers_passes_on_and_one_keeps_ones_turn(full: Task, later: Later) -> None:
    signups.withdraw(named("Amina"))
    later(timedelta(hours=25))

    signups.settle_expired()

    assert states(full) == ["waiting", "offered"]
    assert named("Bjørn").passed_over


def test_an_offer_that_has_run_out_is_free_for_whoever_waits_when_nobody_else_is_asked(
    full: Task, later: Later
) -> None:
    signups.withdraw(named("Amina"))
    for _ in range(2):
        later(timedelta(hours=25))
        signups.settle_expired()
    assert states(full) == ["waiting", "waiting"]

    assert queues.may_take(named("Bjørn"))
    signups.take(named("Bjørn"))

    assert states(full) == ["placed", "waiting"]
    with pytest.raises(signups.PlaceGone):
        signups.take(named("Cecilie"))


def test_an_offer_that_has_run_out_cannot_be_taken_when_somebody_else_has_been_asked(full: Task, later: Later) -> None:
    signups.withdraw(named("Amina"))
    late = named("Bjørn")
    later(timedelta(hours=25))
    signups.settle_expired()

    with pytest.raises(signups.PlaceGone):
        signups.take(late)


def test_an_offer_that_has_run_out_counts_as_free_before_anybody_has_passed_it_on(full: Task, later: Later) -> None:
    signups.withdraw(named("Amina"))
    later(timedelta(hours=25))

    assert queues.places([full])[full.id] == queues.Places(capacity=1, waiting=2)


def test_somebody_new_does_not_pass_whoever_has_been_offered_the_place(full: Task, signup: Make) -> None:
    signups.withdraw(named("Amina"))

    signup(full, "Dawit")

    assert states(full) == ["offered", "waiting", "waiting"]


def test_in_the_last_day_the_first_tap_takes_a_free_place(full: Task, later: Later) -> None:
    later(timedelta(hours=73))
    signups.withdraw(named("Amina"))
    assert states(full) == ["waiting", "waiting"]

    signups.take(named("Cecilie"))

    assert states(full) == ["waiting", "placed"]
    with pytest.raises(signups.PlaceGone):
        signups.take(named("Bjørn"))


def test_whoever_wants_the_place_at_once_gets_it_also_in_the_last_day(task: Make, signup: Make) -> None:
    soup = task(capacity=1)
    first = signup(soup, "Amina")
    signup(soup, "Bjørn")

    signups.withdraw(first)

    assert states(soup) == ["placed"]


def test_nobody_takes_a_place_at_what_is_over(full: Task, later: Later) -> None:
    signups.withdraw(named("Amina"))
    later(timedelta(days=9))

    with pytest.raises(signups.TaskClosed):
        signups.take(named("Bjørn"))


# --- People are counted, not forms


def test_a_party_takes_as_many_places_as_it_has_people(task: Make, signup: Make) -> None:
    soup = task(capacity=3)

    signup(soup, "Amina", party=2)
    signup(soup, "Bjørn", party=2)
    signup(soup, "Cecilie")

    assert states(soup) == ["placed", "waiting", "placed"]
    assert queues.places([soup])[soup.id] == queues.Places(capacity=3, placed=3, waiting=2)


def test_a_party_gets_its_places_when_there_are_enough(task: Make, signup: Make) -> None:
    soup = task(capacity=2)
    one, other = signup(soup, "Amina"), signup(soup, "Bjørn")
    signup(soup, "Cecilie", party=2)

    signups.withdraw(one)
    assert states(soup) == ["placed", "waiting"]
    signups.withdraw(other)

    assert states(soup) == ["placed"]


# --- More room, and less


def test_more_room_lets_the_next_in(task: Make, signup: Make) -> None:
    soup = task(capacity=1)
    for name in ("Amina", "Bjørn", "Cecilie"):
        signup(soup, name)

    places = signups.set_capacity(soup, 2)

    assert states(soup) == ["placed", "placed", "waiting"]
    assert places == queues.Places(capacity=2, placed=2, waiting=1)


def test_less_room_throws_nobody_out_and_lets_nobody_in_until_there_is_room(task: Make, signup: Make) -> None:
    soup = task(capacity=2)
    first, _, third = (signup(soup, name) for name in ("Amina", "Bjørn", "Cecilie"))

    places = signups.set_capacity(soup, 1)
    assert places == queues.Places(capacity=1, placed=2, waiting=1)
    assert places.left == 0
    signups.withdraw(first)

    assert states(soup) == ["placed", "waiting"]
    with pytest.raises(signups.PlaceGone):
        signups.take(third)


@pytest.mark.parametrize("capacity", [0, -1, -(10**9)])
def test_a_task_is_for_somebody(task: Make, capacity: int) -> None:
    soup = task(capacity=2)

    with pytest.raises(ValueError, match="somebody"):
        signups.set_capacity(soup, capacity)
    db.session.refresh(soup)
    assert soup.capacity == 2


# --- Two things at once


def test_somebody_who_helps_with_two_things_at_once_is_told(activity: Make, task: Make, signup: Make) -> None:
    feast, elsewhere, later_on = activity(), activity(), activity(in_hours=60)
    soup, chairs, tidy = task("s", at=feast), task("c", at=elsewhere), task("t", at=later_on)
    one, two, three = (signup(wanted, "Amina", holder="me") for wanted in (soup, chairs, tidy))
    signup(chairs, "Bjørn", holder="other")

    assert [found.id for found in queues.overlapping(one)] == [two.id]
    assert queues.overlapping(three) == []


# --- Who is told


def told() -> list[tuple[str, str]]:
    """The messages that wait to be sent: of what kind, and whose."""
    rows = db.session.execute(
        sa.select(Message.kind, Signup.name)
        .join(Signup, Signup.id == Message.about)
        .where(Message.state == MessageState.WAITING, Message.kind != notices.Notice.LEFT)
        .order_by(Message.id)
    )
    return [(kind, name) for kind, name in rows]


BOTH = frozenset(Purpose)


def test_only_those_who_let_us_are_told_and_only_of_what_they_said(activity: Make, task: Make, signup: Make) -> None:
    soup = task(at=activity(in_hours=96))

    signup(soup, "Amina", email="amina@example.org", purposes=BOTH, wording="1")
    signup(soup, "Bjørn", email="bjorn@example.org", purposes=frozenset([Purpose.REMINDER]), wording="1")
    signup(soup, "Cecilie")

    assert told() == [("confirmation", "Amina"), ("reminder", "Amina"), ("reminder", "Bjørn")]


def test_a_reminder_waits_until_the_day_before(activity: Make, task: Make, signup: Make) -> None:
    soup = task(at=activity(in_hours=96))

    signup(soup, "Amina", phone="+4790000000", purposes=BOTH, wording="1")

    due = db.session.scalars(sa.select(Message.due_at).where(Message.kind == "reminder")).one()
    assert due == soup.starts_at - timedelta(hours=24)


def test_each_step_of_the_queue_is_told_once(full: Task, signup: Make, later: Later) -> None:
    signup(full, "Dawit", email="dawit@example.org", purposes=BOTH, wording="1", ask_first=True)
    assert told() == [("confirmation", "Dawit")]
    for name in ("Amina", "Bjørn", "Cecilie"):
        signups.withdraw(named(name))
    signups.settle(full)
    assert told() == [("confirmation", "Dawit"), ("offer", "Dawit")]

    signups.take(named("Dawit"))

    assert told() == [("confirmation", "Dawit"), ("offer", "Dawit"), ("confirmation", "Dawit"), ("reminder", "Dawit")]


def test_whoever_withdraws_is_told_nothing_more_and_the_organiser_is(activity: Make, task: Make, signup: Make) -> None:
    soup = task(at=activity(in_hours=96))
    yes = signup(soup, "Amina", email="amina@example.org", purposes=BOTH, wording="1")

    signups.withdraw(yes)

    waiting = sa.select(Message.kind, Message.about).where(Message.state == MessageState.WAITING)
    assert db.session.execute(waiting).all() == [("left", soup.id)]


def test_whoever_only_waited_leaves_without_the_organiser_being_told(full: Task) -> None:
    signups.withdraw(named("Cecilie"))

    assert db.session.scalars(sa.select(Message)).all() == []


def test_a_withdrawal_forgets_contact_and_consents_everywhere(task: Make, signup: Make) -> None:
    yes = signup(task(), "Amina", phone="+4790011223", email="amina@example.org", purposes=BOTH, wording="1")

    signups.withdraw(yes)

    everything = repr(db.session.execute(sa.select(sa.literal_column("*")).select_from(Signup)).all())
    assert "90011223" not in everything
    assert "amina" not in everything.lower()
    assert db.session.scalars(sa.select(Consent)).all() == []


# --- A clock that jumps


@pytest.mark.parametrize("jump", [-365, -1, 365])
def test_who_comes_first_is_first_whatever_the_clock_says(
    task: Make, signup: Make, later: Later, activity: Make, jump: int
) -> None:
    soup = task(capacity=1, at=activity(in_hours=24 * 400))
    signup(soup, "Amina")
    signup(soup, "Bjørn")
    later(timedelta(days=jump))
    signup(soup, "Cecilie")

    assert numbers(soup) == [0, 1, 2]
    signups.withdraw(db.session.scalars(sa.select(Signup).where(Signup.name == "Amina")).one())
    assert numbers(soup) == [0, 1]


def test_an_offer_outlives_a_clock_that_is_set_back_and_no_clock_gives_two_the_same_place(
    task: Make, signup: Make, later: Later, activity: Make
) -> None:
    soup = task(capacity=1, at=activity(in_hours=24 * 30))
    first, second, third = (signup(soup, name, ask_first=True) for name in ("Amina", "Bjørn", "Cecilie"))
    signups.withdraw(first)

    later(timedelta(days=-2))
    signups.settle_expired()
    assert (second.state, third.state) == (SignupState.OFFERED, SignupState.WAITING)

    later(timedelta(days=4))
    signups.settle_expired()
    assert (second.state, third.state) == (SignupState.WAITING, SignupState.OFFERED)

    later(timedelta(days=-4))
    signups.settle_expired()
    with pytest.raises(signups.PlaceGone):
        signups.take(second)
    signups.take(third)
    assert queues.places([soup])[soup.id].taken == 1
