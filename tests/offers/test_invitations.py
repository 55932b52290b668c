"""Asking somebody who made an offer: once, and nobody is signed up without their own yes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from participation.activities import queues, signups
from participation.activities.models import ActivityState, Kind, Purpose, Signup, SignupState
from participation.contact import Contact
from participation.db import db, write
from participation.messages.models import Message, MessageState
from participation.offers import invitations, rules
from participation.offers.models import Invitation, InvitationState

Make = Callable[..., Any]


def living() -> list[str]:
    return list(db.session.scalars(sa.select(Signup.name).where(queues.LIVING).order_by(Signup.arrival)))


def message() -> Message:
    return db.session.scalars(
        sa.select(Message).where(Message.kind == rules.INVITATION).execution_options(populate_existing=True)
    ).one()


def test_asking_signs_nobody_up_and_puts_one_letter_in_the_outbox(offer: Make, task: Make) -> None:
    asked = invitations.invite(offer(language="ar"), task())

    assert asked.state is InvitationState.ASKED
    assert living() == []
    assert (message().about, message().state, message().language) == (asked.id, MessageState.WAITING, "ar")


def test_asking_twice_is_once(offer: Make, task: Make) -> None:
    made, soup = offer(), task()

    assert invitations.invite(made, soup).id == invitations.invite(made, soup).id
    assert message()


def test_whoever_is_asked_after_a_task_was_removed_is_told_too(offer: Make, task: Make) -> None:
    removed = task()
    invitations.invite(offer("Bjørn"), removed)
    write(lambda: setattr(message(), "state", MessageState.SENT))()
    write(lambda: db.session.delete(removed))()

    after = invitations.invite(offer(), task()).id  # SQLite gives it the number of the one that is gone

    told = sa.select(Message.about).where(Message.state == MessageState.WAITING, Message.kind == rules.INVITATION)
    assert db.session.scalars(told).all() == [after]


def test_a_no_from_whoever_took_the_offer_back_leaves_the_family_signed_up(
    offer: Make, task: Make, signup: Make
) -> None:
    soup = task()
    made = offer("Amina", holder="one phone")
    asked = invitations.invite(made, soup)
    signup(soup, "Bjørn", holder="one phone")
    rules.end(made)

    assert invitations.signup_of(asked) is None
    invitations.answer(asked, yes=False)

    assert living() == ["Bjørn"]


def test_organisers_who_ask_at_the_same_time_ask_once(app: Flask, offer: Make, task: Make) -> None:
    made, soup = offer().id, task().id

    def ask(_: int) -> None:
        with app.app_context():
            wanted = db.session.get_one(rules.Offer, made), db.session.get_one(rules.Task, soup)
            invitations.invite(*wanted)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(ask, range(8)))
    db.session.rollback()

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Invitation)) == 1


def test_nobody_is_asked_to_what_is_full_over_or_off(offer: Make, task: Make, activity: Make, signup: Make) -> None:
    full = task(capacity=1)
    signup(full, "Bjørn")

    with pytest.raises(invitations.TaskFull):
        invitations.invite(offer(), full)
    for closed in (activity(in_hours=-5), activity(state=ActivityState.CANCELLED)):
        with pytest.raises(signups.TaskClosed):
            invitations.invite(offer(), task(at=closed))
    assert db.session.scalars(sa.select(Message).where(Message.kind == rules.INVITATION)).all() == []


def test_nobody_is_asked_who_has_ended_the_offer_or_offered_something_else(offer: Make, task: Make) -> None:
    soup, ended = task(), offer("Amina")
    rules.end(ended)

    with pytest.raises(invitations.OfferEnded):
        invitations.invite(ended, soup)
    with pytest.raises(invitations.DoesNotFit):
        invitations.invite(offer("Bjørn", Kind.DRIVE), soup)


def test_a_yes_signs_up_with_the_offers_name_contact_and_consent(offer: Make, task: Make) -> None:
    made = offer("Amina", contact=Contact(phone="+4790000000"), wording="offer-1", language="ar")

    signup = invitations.answer(invitations.invite(made, task()), yes=True)

    assert signup is not None
    assert (signup.name, signup.phone, signup.language) == ("Amina", "+4790000000", "ar")
    assert signup.state is SignupState.PLACED
    assert signup.receipt_id == made.receipt_id
    assert [(consent.purpose, consent.wording) for consent in signup.consents] == [(Purpose.TASK, "offer-1")]


def test_a_reminder_comes_only_to_whoever_asked_for_it(offer: Make, task: Make) -> None:
    signup = invitations.answer(invitations.invite(offer(), task()), yes=True, remind=True)

    assert signup is not None
    assert signup.allows(Purpose.REMINDER)


def test_a_yes_when_it_has_become_full_waits_in_the_queue(offer: Make, task: Make, signup: Make) -> None:
    soup = task(capacity=1)
    asked = invitations.invite(offer("Amina"), soup)
    signup(soup, "Bjørn")

    waiting = invitations.answer(asked, yes=True)

    assert waiting is not None
    assert queues.queue_number(waiting) == 1


def test_yes_twice_is_one_yes(offer: Make, task: Make) -> None:
    asked = invitations.invite(offer("Amina"), task())

    for _ in range(3):
        invitations.answer(asked, yes=True)

    assert living() == ["Amina"]


def test_answers_that_come_at_once_leave_what_the_last_one_said(app: Flask, offer: Make, task: Make) -> None:
    asked = invitations.invite(offer("Amina"), task()).id

    def say(yes: bool) -> None:
        with app.app_context():
            invitations.answer(db.session.get_one(Invitation, asked), yes=yes)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(say, [True, False] * 6))

    db.session.rollback()
    kept = db.session.get_one(Invitation, asked)
    assert living() == (["Amina"] if kept.state is InvitationState.YES else [])


def test_a_no_signs_nobody_up_and_stops_the_letter(offer: Make, task: Make) -> None:
    asked = invitations.invite(offer(), task())

    assert invitations.answer(asked, yes=False) is None

    assert asked.state is InvitationState.NO
    assert living() == []
    assert message().state is MessageState.STOPPED


def test_one_may_change_ones_mind_both_ways(offer: Make, task: Make) -> None:
    asked = invitations.invite(offer("Amina", contact=Contact(phone="+4790000017")), task())

    for yes, names in ((False, []), (True, ["Amina"]), (False, []), (True, ["Amina"])):
        invitations.answer(asked, yes=yes)
        assert living() == names
        assert asked.state is (InvitationState.YES if yes else InvitationState.NO)


def test_after_ending_the_offer_one_may_still_say_no_but_not_yes(offer: Make, task: Make) -> None:
    made = offer("Amina")
    said_yes, not_answered = (invitations.invite(made, task(title)) for title in ("Suppe", "Kake"))
    invitations.answer(said_yes, yes=True)
    rules.end(made)

    with pytest.raises(invitations.OfferEnded):
        invitations.answer(not_answered, yes=True)
    assert living() == ["Amina"]
    invitations.answer(said_yes, yes=False)
    assert living() == []


def test_a_yes_that_comes_when_it_is_over_is_refused(
    offer: Make, task: Make, later: Callable[[timedelta], None]
) -> None:
    asked = invitations.invite(offer(), task())
    later(timedelta(days=3))

    with pytest.raises(signups.TaskClosed):
        invitations.answer(asked, yes=True)
    assert living() == []


def test_a_no_does_not_touch_others_on_a_familys_receipt(offer: Make, task: Make, signup: Make) -> None:
    soup = task()
    signup(soup, "Bestemor", holder="holder-of-Amina")
    asked = invitations.invite(offer("Amina"), soup)

    invitations.answer(asked, yes=False)

    assert living() == ["Bestemor"]


def test_ending_the_offer_stops_the_letters(offer: Make, task: Make) -> None:
    made = offer()
    invitations.invite(made, task())

    rules.end(made)

    assert message().state is MessageState.STOPPED


def test_the_organiser_sees_who_was_asked_and_whether_they_are_with_them(offer: Make, task: Make) -> None:
    soup = task()
    asked = {name: invitations.invite(offer(name), soup) for name in ("Asked", "Yes", "No", "Gone", "Ended")}
    for name, yes in {"Yes": True, "No": False, "Gone": True}.items():
        invitations.answer(asked[name], yes=yes)
    signups.withdraw(invitations.signup_of(asked["Gone"]))  # type: ignore[arg-type]
    rules.end(asked["Ended"].offer)

    seen = [(one.offer.name, one.state.value, here) for one, here in invitations.invitations(soup)]

    assert seen == [("Asked", "asked", False), ("Yes", "yes", True), ("No", "no", False), ("Gone", "yes", False)]


def test_a_key_opens_its_own_invitation_only(offer: Make, task: Make) -> None:
    secret, other = "s" * 32, "t" * 32
    first, second = "aaaaaaaaaa", "bbbbbbbbbb"
    key = invitations.key_of(first, secret)

    assert invitations.opens(key, first, secret)
    for wrong, whose, by in (
        (key, second, secret),
        (key, first, other),
        (key[:-1], first, secret),
        ("", first, secret),
        ("é", first, secret),
    ):
        assert not invitations.opens(wrong, whose, by)
