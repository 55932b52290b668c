"""The outbox: each thing is told once, by one sender at a time, later when it can't be now, and never when stopped."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from participation import clock
from participation.db import db, write
from participation.messages import rules
from participation.messages.models import Channel, Message, MessageState
from participation.messages.rules import BACKOFF, KEPT, LEASE, TRIES, Claim

BOTH = set(Channel)
MOMENT = timedelta(seconds=5)


def queue(about: int = 1, occasion: str = "", kind: str = "greeting", due_in: timedelta = timedelta()) -> None:
    rules.queue(kind, about, occasion, "nb", clock.now() + due_in)


def claim() -> Claim:
    claimed = rules.claim_next(BOTH)
    assert claimed is not None
    return claimed


def message(about: int = 1) -> Message:
    db.session.rollback()
    return db.session.scalars(sa.select(Message).where(Message.about == about)).one()


# --- Putting in and taking out


def test_a_message_is_put_in_once_for_each_occasion(app: Flask) -> None:
    for occasion in ("first", "first", "second"):
        queue(occasion=occasion)

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Message)) == 2


def test_two_who_put_the_same_in_at_once_make_one(app: Flask) -> None:
    def put_in(_: int) -> None:
        with app.app_context():
            queue()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(put_in, range(12)))

    assert message().state is MessageState.WAITING


def test_what_is_put_in_by_a_rule_that_fails_was_never_there(app: Flask) -> None:
    @write
    def change_one_s_mind() -> None:
        queue()
        raise LookupError

    with pytest.raises(LookupError):
        change_one_s_mind()

    assert rules.claim_next(BOTH) is None


def test_nothing_personal_lies_in_the_outbox(app: Flask) -> None:
    assert {column.name for column in sa.inspect(Message).columns} == {
        "id", "public_id", "kind", "about", "occasion", "language", "channel", "state",
        "due_at", "next_try_at", "attempts", "queued_at", "sent_at", "trouble",
    }  # fmt: skip


def test_a_message_is_taken_when_it_is_due_and_not_before(app: Flask, later: Callable[[timedelta], None]) -> None:
    queue(due_in=timedelta(hours=1))

    later(timedelta(hours=1) - MOMENT)
    assert rules.claim_next(BOTH) is None

    later(MOMENT)
    assert claim()[2:] == ("greeting", 1, "nb", 1)


def test_who_waited_longest_comes_first(app: Flask) -> None:
    for about, hours in ((1, -1), (2, -3), (3, -2)):
        queue(about, due_in=timedelta(hours=hours))

    assert [claim().about for _ in range(3)] == [2, 3, 1]


def test_no_two_senders_get_the_same_message(app: Flask) -> None:
    for about in range(50):
        queue(about)

    def take_all(_: int) -> list[int]:
        with app.app_context():
            return [claimed.about for claimed in iter(lambda: rules.claim_next(BOTH), None) if claimed]

    with ThreadPoolExecutor(4) as threads:
        taken = [about for some in threads.map(take_all, range(4)) for about in some]

    assert sorted(taken) == list(range(50))


def test_looking_when_nothing_is_due_writes_nothing(app: Flask, statements: list[str]) -> None:
    queue(due_in=timedelta(hours=1))
    statements.clear()

    rules.claim_next(BOTH)
    rules.tidy()

    assert statements
    assert not [one for one in statements if one != "BEGIN" and not one.startswith("SELECT")]


def test_without_a_way_out_nothing_is_taken(app: Flask) -> None:
    queue()

    assert rules.claim_next(set()) is None


# --- What becomes of it


def test_a_message_that_was_sent_is_not_sent_again(app: Flask, later: Callable[[timedelta], None]) -> None:
    queue()
    rules.done(claim(), Channel.MAIL)

    queue()
    later(timedelta(days=300))

    assert rules.claim_next(BOTH) is None
    assert (message().state, message().channel) == (MessageState.SENT, Channel.MAIL)
    assert message().sent_at is not None


def test_a_sender_that_dies_leaves_the_message_to_the_next(app: Flask, later: Callable[[timedelta], None]) -> None:
    queue()
    dead = claim()

    later(LEASE - MOMENT)
    assert rules.claim_next(BOTH) is None

    later(MOMENT)
    assert claim() == dead._replace(attempt=2)


def test_a_sender_that_was_thought_dead_decides_nothing(app: Flask, later: Callable[[timedelta], None]) -> None:
    queue()
    slow = claim()
    later(LEASE)
    claim()

    rules.done(slow, Channel.MAIL)
    rules.failed(slow, "mail: 550", final=True)
    rules.not_needed(slow)

    assert message().state is MessageState.SENDING


def test_a_message_whose_senders_all_die_is_given_up(app: Flask, later: Callable[[timedelta], None]) -> None:
    queue()
    for _ in range(TRIES):
        claim()
        later(LEASE)

    assert rules.claim_next(BOTH) is None
    rules.tidy()

    assert (message().state, message().trouble) == (MessageState.FAILED, "sender lost")


def test_a_failure_is_tried_again_ever_more_seldom_and_then_given_up(
    app: Flask, later: Callable[[timedelta], None]
) -> None:
    queue()
    for pause in BACKOFF:
        rules.failed(claim(), "mail: recipient 451")
        later(pause - MOMENT)
        assert rules.claim_next(BOTH) is None
        later(MOMENT)

    rules.failed(claim(), "mail: recipient 451")
    later(timedelta(days=1))

    assert rules.claim_next(BOTH) is None
    assert (message().state, message().attempts) == (MessageState.FAILED, TRIES)
    assert message().trouble == "mail: recipient 451"


def test_what_is_refused_for_good_is_not_tried_again(app: Flask, later: Callable[[timedelta], None]) -> None:
    queue()

    rules.failed(claim(), "mail: recipient 550", final=True)
    later(timedelta(days=1))

    assert rules.claim_next(BOTH) is None
    assert message().state is MessageState.FAILED


def test_what_must_go_another_way_waits_until_that_way_is_open(app: Flask) -> None:
    queue()

    rules.hold(claim(), Channel.SMS)

    assert rules.claim_next({Channel.MAIL}) is None
    assert claim().attempt == 1, "waiting for a way out is no failure"


# --- Stopping


def test_a_stopped_message_is_never_sent(app: Flask) -> None:
    for kind in ("greeting", "reminder", "other"):
        queue(kind=kind)
    queue(about=2)

    rules.stop(["greeting", "reminder"], 1)

    assert sorted((claim().kind, claim().kind)) == ["greeting", "other"]
    assert rules.claim_next(BOTH) is None


def test_a_stopped_message_waits_anew_when_it_is_put_in_again(app: Flask, later: Callable[[timedelta], None]) -> None:
    queue()
    rules.stop("greeting", 1)

    queue(due_in=timedelta(hours=1))

    assert rules.claim_next(BOTH) is None
    later(timedelta(hours=1))
    assert claim().about == 1


def test_what_reached_somebody_in_the_moment_it_was_stopped_counts_as_sent(app: Flask) -> None:
    queue()
    sending = claim()
    rules.stop("greeting", 1)

    rules.done(sending, Channel.SMS)

    assert message().state is MessageState.SENT


def test_what_failed_in_the_moment_it_was_stopped_stays_stopped(app: Flask) -> None:
    queue()
    sending = claim()
    rules.stop("greeting", 1)

    rules.failed(sending, "mail: recipient 451")

    assert message().state is MessageState.STOPPED


def test_stopping_does_not_undo_what_has_happened(app: Flask) -> None:
    queue()
    rules.done(claim(), Channel.MAIL)
    queue(about=2)
    rules.failed(claim(), "mail: recipient 550", final=True)

    rules.stop("greeting", 1, 2)

    assert (message(1).state, message(2).state) == (MessageState.SENT, MessageState.FAILED)


# --- Who must be called


def must_be_called(*channels: Channel) -> list[int]:
    return [found.about for found in rules.unsent(["greeting"], range(10), channels)]


def test_without_a_way_out_all_that_is_due_must_be_told_by_hand(app: Flask) -> None:
    queue(1)
    queue(2, due_in=timedelta(hours=1))
    queue(3)
    rules.stop("greeting", 3)
    queue(4, kind="other")

    assert must_be_called() == [1]
    assert must_be_called(Channel.MAIL) == []


def test_what_needs_a_way_that_is_not_there_must_be_told_by_hand(app: Flask) -> None:
    queue(1)
    rules.hold(claim(), Channel.SMS)

    assert must_be_called(Channel.MAIL) == [1]
    assert must_be_called(Channel.MAIL, Channel.SMS) == []


def test_what_failed_must_be_told_by_hand_and_what_is_tried_again_not_yet(app: Flask) -> None:
    queue(1, due_in=-MOMENT)
    rules.failed(claim(), "mail: recipient 550", final=True)
    queue(2)
    rules.failed(claim(), "mail: recipient 451")

    assert must_be_called(*BOTH) == [1]


def test_what_was_over_long_ago_is_forgotten(app: Flask, later: Callable[[timedelta], None]) -> None:
    queue(1)
    rules.done(claim(), Channel.MAIL)
    later(KEPT - timedelta(days=1))
    queue(2)
    rules.done(claim(), Channel.MAIL)

    rules.tidy()
    assert message(1).state is MessageState.SENT

    later(timedelta(days=2))
    rules.tidy()
    rules.tidy()
    assert [found.about for found in db.session.scalars(sa.select(Message))] == [2]


def test_what_nothing_could_send_for_a_year_is_forgotten(app: Flask, later: Callable[[timedelta], None]) -> None:
    queue(1)
    later(KEPT + timedelta(days=1))

    rules.tidy()

    assert db.session.scalars(sa.select(Message)).all() == []


# --- Jobs

HOURLY = {"hourly": timedelta(hours=1)}


def test_a_job_s_turn_comes_when_it_should(app: Flask, later: Callable[[timedelta], None]) -> None:
    assert rules.last_run("hourly") is None
    assert rules.due_jobs(HOURLY) == ["hourly"]
    assert rules.take_turns(HOURLY) == ["hourly"]
    assert rules.due_jobs(HOURLY) == []

    later(timedelta(hours=1))
    assert rules.due_jobs(HOURLY) == ["hourly"]
    started = clock.now()
    assert rules.take_turns(HOURLY) == ["hourly"]
    run = rules.last_run("hourly")
    assert run is not None
    assert run.ran_at >= started


def test_a_clock_that_ran_a_year_ahead_and_was_put_right_stops_no_job(
    app: object, later: Callable[[timedelta], None]
) -> None:
    later(timedelta(days=365))
    rules.take_turns(HOURLY)
    later(timedelta(days=-365))

    assert rules.due_jobs(HOURLY) == ["hourly"]
    assert rules.take_turns(HOURLY) == ["hourly"]
    assert rules.due_jobs(HOURLY) == []


@pytest.mark.parametrize("is_new", [True, False])
def test_one_worker_only_takes_a_job_s_turn(app: Flask, later: Callable[[timedelta], None], is_new: bool) -> None:
    if not is_new:
        rules.take_turns(HOURLY)
        later(timedelta(hours=2))

    def take(_: int) -> list[str]:
        with app.app_context():
            return rules.take_turns(HOURLY)

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(take, range(4))) == [[], [], [], ["hourly"]]
