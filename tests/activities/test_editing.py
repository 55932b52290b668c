"""Activities as an organiser makes, changes and calls them off, and what comes again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from participation import clock
from participation.activities import editing, rules, series, signups
from participation.activities.editing import Plan, Role
from participation.activities.models import Activity, ActivityState, Kind, Purpose, Series, Signup, Task
from participation.activities.queues import places
from participation.activities.recurrence import Every
from participation.db import db, write
from participation.messages.models import Message
from participation.places import rules as where
from tests.world import nb

Make = Callable[..., Any]
KEY = "a key of sixteen characters"
REACHABLE: dict[str, Any] = {"phone": "+4790000000", "purposes": frozenset(Purpose)}


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets the clock to a day."""

    def set_clock(year: int, month: int, day: int, hour: int = 8) -> None:
        monkeypatch.setattr(clock, "now", lambda: datetime(year, month, day, hour, tzinfo=UTC))

    return set_clock


def role(title: str = "Lage suppe", **details: Any) -> Role:
    return Role(**{"kind": Kind.COOK, "title": nb(title), "meet": nb("På kjøkkenet"), "capacity": 4, **details})


def plan(start: datetime | None = None, hours: float = 3, **details: Any) -> Plan:
    starts_at = start or clock.now() + timedelta(days=3)
    organiser = where.organiser_named(details.pop("organiser", "Torstrand Vel"))
    usual: dict[str, Any] = {
        "title": nb("Suppelørdag"),
        "summary": nb("Vi lager suppe sammen."),
        "place": "Torstrand Grendehus",
        "organiser_id": organiser.id,
        "contact": nb("Verten"),
        "audience": nb("Alle"),
        "languages": ["nb"],
        "roles": (role(),),
    }
    return Plan(starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours), **{**usual, **details})


def all_of(made: Activity) -> list[Activity]:
    return list(
        db.session.scalars(
            sa.select(Activity).where(Activity.series_id == made.series_id).order_by(Activity.occurrence_at)
        )
    )


def wall(activity: Activity) -> str:
    return f"{clock.local(activity.starts_at):%Y-%m-%d %H:%M}–{clock.local(activity.ends_at):%H:%M}"


def told(kind: str) -> list[int]:
    return list(db.session.scalars(sa.select(Message.about).where(Message.kind == kind).order_by(Message.about)))


# --- One activity


def test_what_an_organiser_makes_is_a_draft_that_nobody_else_sees(app: object) -> None:
    made = editing.make(plan(), KEY)

    assert made.state is ActivityState.DRAFT
    assert rules.activity(made.public_id) is None
    assert [(task.title, task.capacity) for task in made.tasks] == [(nb("Lage suppe"), 4)]
    assert (made.tasks[0].starts_at, made.tasks[0].ends_at) == (made.starts_at, made.ends_at)


def test_a_published_one_is_seen_by_everybody(app: object) -> None:
    made = editing.make(plan(), KEY)
    editing.publish(made)

    assert rules.activity(made.public_id) is not None


def test_the_same_form_sent_twice_makes_one_activity(app: object) -> None:
    wanted = plan()

    assert editing.make(wanted, KEY).id == editing.make(wanted, KEY).id
    assert editing.make(wanted, "another key of the same form").id != editing.make(wanted, KEY).id


def test_the_same_key_gives_nobody_anothers_activity(app: object) -> None:
    mine, theirs = editing.make(plan(), KEY), editing.make(plan(organiser="Hagelaget"), KEY)

    assert mine.id != theirs.id


def test_what_would_be_over_before_anybody_saw_it_is_refused(app: object) -> None:
    with pytest.raises(editing.TooLate):
        editing.make(plan(clock.now() - timedelta(days=1)), KEY)


def test_a_draft_whose_time_has_passed_is_not_published(app: object, later: Make) -> None:
    made = editing.make(plan(), KEY)
    later(timedelta(days=4))

    with pytest.raises(editing.TooLate):
        editing.publish(made)


def test_a_draft_can_be_removed_and_what_others_have_seen_can_not(app: object) -> None:
    draft, seen = editing.make(plan(), KEY), editing.make(plan(), KEY + "2", publish=True)
    editing.discard(draft)

    assert db.session.scalars(sa.select(Activity.id)).all() == [seen.id]
    with pytest.raises(ValueError, match="draft"):
        editing.discard(seen)


def test_a_new_time_moves_the_tasks_along_and_is_told_to_those_who_said_yes(app: object, signup: Make) -> None:
    start = clock.oslo(clock.today() + timedelta(days=4), time(18))
    wanted = plan(start, roles=(role(hours=(time(16), time(19))), role("Rydde", kind=Kind.TIDY)))
    made = editing.make(wanted, KEY, publish=True)
    helper = signup(made.tasks[0], **REACHABLE)

    editing.change(
        made,
        replace(
            wanted, starts_at=start + timedelta(days=1, hours=1), ends_at=start + timedelta(days=1, hours=4), roles=()
        ),
    )

    early, whole = made.tasks
    assert early.starts_at == start + timedelta(days=1, hours=-1)
    assert (whole.starts_at, whole.ends_at) == (made.starts_at, made.ends_at)
    assert made.sequence == 1
    assert told("change") == [helper.id]


def test_a_new_time_for_one_task_alone_is_told_and_counted_too(app: object, signup: Make) -> None:
    start = clock.oslo(clock.today() + timedelta(days=4), time(18))
    wanted = plan(start, roles=(role(), role("Rydde", kind=Kind.TIDY)))
    made = editing.make(wanted, KEY, publish=True)
    helper = signup(made.tasks[0], **REACHABLE)
    soup = role(task=made.tasks[0].public_id, hours=(time(16), time(19)))

    editing.change(made, replace(wanted, roles=(soup,)))

    assert (made.starts_at, made.tasks[0].starts_at) == (start, start - timedelta(hours=2))
    assert (made.sequence, told("change")) == (1, [helper.id])
    assert abs(made.changed_at - clock.now()) < timedelta(minutes=1)


def test_other_words_are_no_change_of_time(app: object, signup: Make) -> None:
    wanted = plan()
    made = editing.make(wanted, KEY, publish=True)
    signup(made.tasks[0], **REACHABLE)

    editing.change(made, replace(wanted, title=nb("Suppekveld"), roles=(role("Bake"),)))

    assert (made.title, made.sequence, told("change")) == (nb("Suppekveld"), 0, [])


def test_another_place_is_told_as_well(app: object, signup: Make) -> None:
    wanted = plan()
    made = editing.make(wanted, KEY, publish=True)
    helper = signup(made.tasks[0], **REACHABLE)

    editing.change(made, replace(wanted, place="Furumoa", roles=()))

    assert (made.place.name, made.sequence, told("change")) == ("Furumoa", 1, [helper.id])


def test_a_longer_activity_makes_the_tasks_that_last_all_of_it_longer(app: object) -> None:
    wanted = plan()
    made = editing.make(wanted, KEY)

    editing.change(made, replace(wanted, ends_at=wanted.ends_at + timedelta(hours=1), roles=()))

    assert made.tasks[0].ends_at == made.ends_at


def test_fewer_places_than_people_throws_nobody_out(app: object, signup: Make) -> None:
    wanted = plan()
    made = editing.make(wanted, KEY, publish=True)
    for name in "ABC":
        signup(made.tasks[0], name)

    editing.change(made, replace(wanted, roles=(role(capacity=1, task=made.tasks[0].public_id),)))

    stands = places(made.tasks)[made.tasks[0].id]
    assert (stands.capacity, stands.placed, stands.left) == (1, 3, 0)


def test_more_places_let_those_in_who_wait(app: object, signup: Make) -> None:
    wanted = plan(roles=(role(capacity=1),))
    made = editing.make(wanted, KEY, publish=True)
    signup(made.tasks[0], "A")
    waiting = signup(made.tasks[0], "B")

    editing.change(made, replace(wanted, roles=(role(capacity=2, task=made.tasks[0].public_id),)))

    assert waiting.state == "placed"


def test_a_task_that_somebody_helps_with_is_not_removed(app: object, signup: Make) -> None:
    wanted = plan()
    made = editing.make(wanted, KEY, publish=True)
    signup(made.tasks[0])

    with pytest.raises(editing.TaskInUse) as refusal:
        editing.change(made, replace(wanted, roles=(), removed=frozenset({made.tasks[0].public_id})))

    assert refusal.value.task == made.tasks[0].public_id


def test_a_task_that_everybody_has_left_is_removed_with_all_that_tells_of_them(app: object, signup: Make) -> None:
    wanted = plan(roles=(role(), role("Rydde")))
    made = editing.make(wanted, KEY, publish=True)
    helper = signup(made.tasks[0], **REACHABLE)
    signups.withdraw(helper)

    editing.change(made, replace(wanted, roles=(), removed=frozenset({made.tasks[0].public_id})))

    db.session.expire_all()
    assert [task.title for task in made.tasks] == [nb("Rydde")]
    assert db.session.scalars(sa.select(Signup.id)).all() == []
    assert told("confirmation") == []


def test_what_the_organiser_was_to_be_told_of_a_removed_task_is_not_told_of_the_next(app: object, signup: Make) -> None:
    wanted = plan(roles=(role("Rydde"), role()))
    made = editing.make(wanted, KEY, publish=True)
    signups.withdraw(signup(made.tasks[1], **REACHABLE))
    assert told("left") == [made.tasks[1].id]

    editing.change(made, replace(wanted, roles=(), removed=frozenset({made.tasks[1].public_id})))

    assert told("left") == []


def test_what_is_called_off_says_why_and_tells_those_who_said_yes_once(app: object, signup: Make) -> None:
    made = editing.make(plan(), KEY, publish=True)
    helper = signup(made.tasks[0], **REACHABLE)

    for _ in range(2):
        editing.cancel(made, nb("Kokken er syk"))

    assert (made.state, made.cancelled_why, made.sequence) == (ActivityState.CANCELLED, nb("Kokken er syk"), 1)
    assert told("cancellation") == [helper.id]
    assert made.tasks[0].is_closed


def test_what_is_called_off_stays_so(app: object) -> None:
    wanted = plan()
    made = editing.make(wanted, KEY, publish=True)
    editing.cancel(made, None)

    with pytest.raises(editing.CalledOff):
        editing.change(made, wanted)
    with pytest.raises(editing.CalledOff):
        editing.publish(made)
    with pytest.raises(editing.CalledOff):
        editing.tell_outcome(made, 3, None, None)


def test_what_has_been_is_neither_changed_nor_called_off(app: object, later: Make) -> None:
    wanted = plan()
    made = editing.make(wanted, KEY, publish=True)
    later(timedelta(days=5))

    with pytest.raises(editing.TooLate):
        editing.change(made, wanted)
    with pytest.raises(editing.TooLate):
        editing.cancel(made, None)


def test_what_came_of_it_is_told_when_it_is_over_and_not_before(app: object, later: Make) -> None:
    made = editing.make(plan(), KEY, publish=True)
    with pytest.raises(editing.NotYet):
        editing.tell_outcome(made, 30, nb("Vi ble mette."), nb("Takk!"))
    later(timedelta(days=5))

    editing.tell_outcome(made, 30, nb("Vi ble mette."), nb("Takk!"))

    assert (made.visitors, made.came_of, made.thanks) == (30, nb("Vi ble mette."), nb("Takk!"))


def test_nothing_comes_of_a_draft_that_nobody_saw(app: object, later: Make) -> None:
    draft = editing.make(plan(), KEY)
    later(timedelta(days=5))

    with pytest.raises(editing.NotYet):
        editing.tell_outcome(draft, 30, None, None)


def test_a_task_in_the_hour_that_is_skipped_still_has_a_length(app: object, on: Make) -> None:
    on(2027, 3, 1)
    night = plan(clock.oslo(date(2027, 3, 28), time(1)), roles=(role(hours=(time(2, 30), time(3))),))

    task = editing.make(night, KEY).tasks[0]

    assert task.ends_at - task.starts_at == timedelta(minutes=30)


def test_standing_help_is_needed_from_now_until_it_ends(app: object) -> None:
    wanted = plan(clock.now(), hours=24 * 60, standing=True)
    made = editing.make(wanted, KEY, publish=True)

    editing.change(made, replace(wanted, ends_at=wanted.ends_at + timedelta(days=30), roles=()))

    assert (made.tasks[0].starts_at, made.tasks[0].ends_at) == (made.starts_at, made.ends_at)


# --- What comes again


def test_a_series_is_made_half_a_year_ahead_each_with_its_own_tasks(app: object, on: Make) -> None:
    on(2026, 1, 5)
    first = series.make(plan(clock.oslo(date(2026, 1, 7), time(18))), Every.WEEK, None, KEY, publish=True)

    made = all_of(first)

    assert len(made) == 26
    assert {one.state for one in made} == {ActivityState.PUBLISHED}
    assert len({task.id for one in made for task in one.tasks}) == 26
    assert {task.capacity for one in made for task in one.tasks} == {4}


@pytest.mark.parametrize(
    ("day", "change"), [(date(2026, 3, 25), date(2026, 3, 29)), (date(2026, 10, 21), date(2026, 10, 25))]
)
def test_the_time_of_day_is_the_same_on_both_sides_of_the_night_the_clocks_change(
    app: object, on: Make, day: date, change: date
) -> None:
    on(day.year, day.month, day.day - 2)
    start = clock.oslo(day, time(18))
    first = series.make(plan(start, roles=(role(hours=(time(16), time(18))),)), Every.WEEK, day + timedelta(14), KEY)

    before, after, *_ = all_of(first)

    assert clock.local(before.starts_at).date() < change < clock.local(after.starts_at).date()
    assert [wall(one)[11:] for one in (before, after)] == ["18:00–21:00"] * 2
    assert {f"{clock.local(one.tasks[0].starts_at):%H:%M}" for one in (before, after)} == {"16:00"}
    assert after.starts_at - before.starts_at != timedelta(days=7)


def test_an_occurrence_in_the_hour_that_is_skipped_comes_after_it_and_still_has_a_length(app: object, on: Make) -> None:
    on(2026, 3, 20)
    start = clock.oslo(date(2026, 3, 22), time(2, 15))
    first = series.make(plan(start, hours=0.5), Every.WEEK, date(2026, 4, 5), KEY)

    assert [wall(one) for one in all_of(first)] == [
        "2026-03-22 02:15–02:45",
        "2026-03-29 03:15–03:45",
        "2026-04-05 02:15–02:45",
    ]


def test_a_series_with_an_end_ends(app: object, on: Make) -> None:
    on(2026, 1, 5)
    first = series.make(plan(clock.oslo(date(2026, 1, 7), time(18))), Every.FORTNIGHT, date(2026, 2, 4), KEY)

    assert [wall(one)[:10] for one in all_of(first)] == ["2026-01-07", "2026-01-21", "2026-02-04"]


def test_time_brings_new_occurrences_and_filling_twice_changes_nothing(app: object, on: Make) -> None:
    on(2026, 1, 5)
    first = series.make(plan(clock.oslo(date(2026, 1, 7), time(18))), Every.WEEK, None, KEY)
    on(2026, 1, 26)

    series.fill_all()
    once = [(one.id, wall(one)) for one in all_of(first)]
    series.fill_all()

    assert len(once) == 29
    assert [(one.id, wall(one)) for one in all_of(first)] == once


def test_a_series_that_slept_for_a_year_makes_up_for_nothing_that_is_past(app: object, on: Make) -> None:
    on(2026, 1, 5)
    first = series.make(plan(clock.oslo(date(2026, 1, 7), time(18))), Every.WEEK, None, KEY)
    on(2027, 6, 1)

    series.fill_all()

    assert not [one for one in all_of(first) if date(2026, 8, 1) < clock.local(one.starts_at).date() < date(2027, 6, 1)]
    assert clock.local(all_of(first)[-1].starts_at).date() > date(2027, 11, 1)


def test_what_was_moved_or_called_off_is_not_made_again(app: object, on: Make) -> None:
    on(2026, 1, 5)
    wanted = plan(clock.oslo(date(2026, 1, 7), time(18)))
    first = series.make(wanted, Every.WEEK, None, KEY, publish=True)
    second, third = all_of(first)[1:3]
    editing.cancel(second, None)
    moved = clock.oslo(date(2026, 1, 22), time(17))
    editing.change(third, replace(wanted, starts_at=moved, ends_at=moved + timedelta(hours=3), roles=()))
    before = len(all_of(first))
    write(lambda: setattr(first.series, "filled_until", first.series.first_at))()

    series.fill(first.series)

    assert len(all_of(first)) == before
    assert wall(third) == "2026-01-22 17:00–20:00"
    assert third.occurrence_at == clock.oslo(date(2026, 1, 21), time(18))


def test_calling_off_the_rest_leaves_what_comes_before_and_makes_no_more(app: object, on: Make, signup: Make) -> None:
    on(2026, 1, 5)
    first = series.make(plan(clock.oslo(date(2026, 1, 7), time(18))), Every.WEEK, None, KEY, publish=True)
    helper = signup(all_of(first)[4].tasks[0], **REACHABLE)

    series.cancel_rest(all_of(first)[2], nb("Vi flytter"))
    on(2026, 3, 5)
    series.fill_all()

    states = [one.state for one in all_of(first)]
    assert states == [ActivityState.PUBLISHED] * 2 + [ActivityState.CANCELLED] * 24
    assert told("cancellation") == [helper.id]


def test_changing_the_rest_moves_it_and_what_is_made_later_too(app: object, on: Make, signup: Make) -> None:
    on(2026, 1, 5)
    wanted = plan(clock.oslo(date(2026, 1, 7), time(18)))
    first = series.make(wanted, Every.WEEK, None, KEY, publish=True)
    third = all_of(first)[2]
    helper = signup(all_of(first)[5].tasks[0], **REACHABLE)
    thursday = clock.oslo(date(2026, 1, 22), time(19))

    series.change_rest(
        third,
        replace(wanted, title=nb("Suppetorsdag"), starts_at=thursday, ends_at=thursday + timedelta(hours=2), roles=()),
    )
    on(2026, 3, 5)
    series.fill_all()

    old, new = all_of(first), all_of(third)
    assert [wall(one) for one in old] == ["2026-01-07 18:00–21:00", "2026-01-14 18:00–21:00"]
    assert {wall(one)[11:] for one in new} == {"19:00–21:00"}
    assert {clock.local(one.starts_at).isoweekday() for one in new} == {4}
    assert {one.title for one in new} == {nb("Suppetorsdag")}
    assert clock.local(new[-1].starts_at).date() > date(2026, 8, 20)
    assert told("change") == [helper.id]


def test_changing_the_rest_of_a_monthly_series_keeps_the_week_of_the_month(app: object, on: Make) -> None:
    on(2026, 1, 5)
    wanted = plan(clock.oslo(date(2026, 1, 7), time(18)))
    first = series.make(wanted, Every.MONTH, date(2026, 4, 30), KEY, publish=True)
    tuesday = clock.oslo(date(2026, 2, 10), time(18))

    series.change_rest(
        all_of(first)[1], replace(wanted, starts_at=tuesday, ends_at=tuesday + timedelta(hours=3), roles=())
    )

    made = db.session.scalars(sa.select(Activity).order_by(Activity.starts_at)).all()
    assert [wall(one)[:10] for one in made] == ["2026-01-07", "2026-02-10", "2026-03-10", "2026-04-14"]


def test_changing_the_rest_leaves_one_that_was_moved_on_its_own_where_it_is(app: object, on: Make) -> None:
    on(2026, 1, 5)
    wanted = plan(clock.oslo(date(2026, 1, 7), time(18)))
    first = series.make(wanted, Every.WEEK, date(2026, 2, 4), KEY, publish=True)
    third = all_of(first)[2]
    own = clock.oslo(date(2026, 1, 23), time(12))
    editing.change(third, replace(wanted, starts_at=own, ends_at=own + timedelta(hours=1), roles=()))

    series.change_rest(
        first, replace(wanted, starts_at=wanted.starts_at + timedelta(hours=1), ends_at=wanted.ends_at, roles=())
    )

    assert wall(third) == "2026-01-23 12:00–13:00"
    assert {wall(one)[11:] for one in all_of(first) if one.id != third.id} == {"19:00–21:00"}


def test_tasks_of_the_rest_are_changed_added_and_removed_alike(app: object, on: Make) -> None:
    on(2026, 1, 5)
    wanted = plan(clock.oslo(date(2026, 1, 7), time(18)), roles=(role(), role("Rydde", kind=Kind.TIDY)))
    first = series.make(wanted, Every.WEEK, date(2026, 1, 21), KEY, publish=True)
    cook, tidy = first.tasks

    roles = (role("Lage gryte", capacity=6, task=cook.public_id), role("Bære", kind=Kind.CARRY))
    series.change_rest(first, replace(wanted, roles=roles, removed=frozenset({tidy.public_id})))

    db.session.expire_all()
    for one in all_of(first):
        assert [(task.title["nb"], task.capacity) for task in one.tasks] == [("Lage gryte", 6), ("Bære", 4)]


def test_a_task_that_somebody_helps_with_later_in_the_series_is_named_as_in_the_one_at_hand(
    app: object, on: Make, signup: Make
) -> None:
    on(2026, 1, 5)
    wanted = plan(clock.oslo(date(2026, 1, 7), time(18)))
    first = series.make(wanted, Every.WEEK, date(2026, 1, 21), KEY, publish=True)
    cook = first.tasks[0].public_id
    signup(all_of(first)[2].tasks[0])

    with pytest.raises(editing.TaskInUse) as refusal:
        series.change_rest(first, replace(wanted, roles=(), removed=frozenset({cook})))

    assert refusal.value.task == cook


def test_publishing_one_of_a_series_publishes_what_comes_after(app: object, on: Make) -> None:
    on(2026, 1, 5)
    first = series.make(plan(clock.oslo(date(2026, 1, 7), time(18))), Every.WEEK, date(2026, 2, 4), KEY)

    series.publish_rest(first)

    assert {one.state for one in all_of(first)} == {ActivityState.PUBLISHED}


def test_a_series_of_drafts_can_be_removed_whole(app: object, on: Make) -> None:
    on(2026, 1, 5)
    first = series.make(plan(clock.oslo(date(2026, 1, 7), time(18))), Every.WEEK, date(2026, 2, 4), KEY)

    series.discard_rest(first)

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Activity)) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Task)) == 0
    assert db.session.scalars(sa.select(Series.ended)).all() == [True]


@given(
    every=st.sampled_from(list(Every)),
    days=st.integers(0, 400),
    at=st.times(max_value=time(23, 0)).map(lambda at: at.replace(second=0, microsecond=0)),
    pauses=st.lists(st.integers(0, 60), max_size=4),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whenever_the_worker_comes_by_each_occurrence_is_made_once(
    app: object, every: Every, days: int, at: time, pauses: list[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        today = datetime(2026, 1, 5, 8, tzinfo=UTC)
        patch.setattr(clock, "now", lambda: today)
        day = date(2026, 1, 6) + timedelta(days=days)
        first = series.make(plan(clock.oslo(day, at), hours=0.5), every, None, f"{KEY} {every} {days} {at}")
        for pause in pauses:
            today += timedelta(days=pause)
            series.fill_all()
            before = [(one.id, one.occurrence_at) for one in all_of(first)]
            series.fill_all()
            assert [(one.id, one.occurrence_at) for one in all_of(first)] == before
        assert all(one.ends_at > one.starts_at for one in all_of(first))
        assert len({one.occurrence_at for one in all_of(first)}) == len(all_of(first)) >= 1


# --- Many at once


def at_once(app: Flask, *works: Callable[[], object]) -> None:
    """Do these at the same time, each as a request of its own."""

    def run(work: Callable[[], object]) -> None:
        with app.app_context():
            work()
            db.session.rollback()

    with ThreadPoolExecutor(len(works)) as threads:
        list(threads.map(run, works))


def test_whoever_signs_up_while_it_is_called_off_is_told_or_refused(app: Flask) -> None:
    made = editing.make(plan(roles=(role(capacity=3),)), KEY, publish=True)
    activity, task = made.id, made.tasks[0].id
    refused: list[str] = []

    def arrive(name: str) -> None:
        try:
            signups.sign_up(db.session.get_one(Task, task), signups.Person(name, **REACHABLE), f"key {name}", name)
        except signups.TaskClosed:
            refused.append(name)

    people = [partial(arrive, f"Person {number}") for number in range(12)]
    at_once(app, *people[:6], lambda: editing.cancel(db.session.get_one(Activity, activity), None), *people[6:])

    db.session.rollback()
    inside = db.session.scalars(sa.select(Signup.id).order_by(Signup.id)).all()
    assert len(inside) + len(refused) == 12
    assert told("cancellation") == list(inside)


def test_a_series_filled_and_called_off_by_many_at_once_stays_whole(app: Flask, on: Make) -> None:
    on(2026, 1, 5)
    first = series.make(plan(clock.oslo(date(2026, 1, 7), time(18))), Every.WEEK, None, KEY, publish=True)
    third, whole = all_of(first)[2].id, first.series_id
    on(2026, 1, 26)

    def fill() -> None:
        series.fill(db.session.get_one(Series, whole))

    at_once(app, fill, fill, lambda: series.cancel_rest(db.session.get_one(Activity, third), None), fill, fill)

    db.session.rollback()
    found = all_of(db.session.get_one(Activity, third))
    assert len({one.occurrence_at for one in found}) == len(found)
    assert {one.state for one in found if clock.local(one.starts_at).date() > date(2026, 1, 27)} == {
        ActivityState.CANCELLED
    }
