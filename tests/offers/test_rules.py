"""Offers to help: made once, forgotten when they end, and matched with what is needed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from participation import clock, worker
from participation.activities import signups
from participation.activities.models import ActivityState, Kind, Task
from participation.contact import Contact
from participation.db import db, write
from participation.offers import invitations, rules
from participation.offers.models import Offer, OfferState
from tests import world

Make = Callable[..., Any]
PHONE = "+4790000017"


def of_kind(kind: Kind, title: str = "Hjelpe", **details: Any) -> Task:
    """A task of this kind, made by the world's own factory."""
    made = world.task(title, **details)
    write(lambda: setattr(made, "kind", kind))()
    return made


def names(offers: list[Offer]) -> list[str]:
    return [offer.name for offer in offers]


def dump() -> str:
    """Every row of every table, as text."""
    return "\n".join(str(row) for table in db.metadata.sorted_tables for row in db.session.execute(sa.select(table)))


# --- Leave and end


def test_the_same_form_sent_twice_is_one_offer(offer: Make) -> None:
    assert offer("Amina").id == offer("Amina").id
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Offer)) == 1


def test_a_form_that_arrives_several_times_at_once_is_one_offer(app: Flask, offer: Make) -> None:
    def send(_: int) -> None:
        with app.app_context():
            offer("Amina")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(send, range(12)))

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Offer)) == 1


def test_a_form_that_was_put_right_and_sent_again_is_the_same_offer_put_right(offer: Make) -> None:
    offer("Amina", contact=Contact(phone="+4790000001"))

    again = offer("Amina", Kind.BAKE, contact=Contact(phone="+4790000002"))

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Offer)) == 1
    assert (again.phone, again.kinds) == ("+4790000002", ["bake"])


def test_who_ends_an_offer_is_forgotten_in_the_same_moment(offer: Make, task: Make) -> None:
    made = offer("Amina Uvanlig", contact=Contact(phone=PHONE), when="Ring meg på kvelden", holder="hers")
    invitations.invite(made, task())
    assert PHONE in dump()

    rules.end(made)

    left = dump()
    for told in (PHONE, "Amina Uvanlig", "Ring meg"):
        assert told not in left
    assert (made.kinds, made.languages) == ([], [])


def test_an_offer_may_be_ended_twice(offer: Make) -> None:
    made = offer()

    rules.end(made)
    rules.end(made)

    assert made.state is OfferState.ENDED


def test_whoever_has_said_yes_still_helps_after_ending_the_offer(offer: Make, task: Make) -> None:
    soup = task()
    made = offer("Amina")
    invitations.answer(invitations.invite(made, soup), yes=True)

    rules.end(made)

    assert [one.name for one in db.session.scalars(sa.select(signups.Signup))] == ["Amina"]


@pytest.mark.parametrize(
    ("day", "last"), [(date(2026, 11, 21), date(2027, 11, 21)), (date(2028, 2, 29), date(2029, 2, 28))]
)
def test_an_offer_stands_for_a_year_at_the_most(day: date, last: date) -> None:
    assert rules.latest(day) == last


def test_an_offer_stands_through_its_last_day_and_is_forgotten_after(
    offer: Make, later: Callable[[timedelta], None]
) -> None:
    made = offer("Amina", contact=Contact(phone=PHONE), days=3, holder="hers")

    later(timedelta(days=3))
    rules.expire()
    db.session.refresh(made)
    assert rules.stands(made)

    later(timedelta(days=1))
    assert not rules.stands(made)
    rules.expire()
    rules.expire()

    assert PHONE not in dump()
    assert "Amina" not in dump()


def test_forgetting_writes_nothing_when_there_is_nothing_to_forget(offer: Make, statements: list[str]) -> None:
    offer()
    statements.clear()

    rules.expire()

    assert not [statement for statement in statements if statement.startswith(("UPDATE", "DELETE", "INSERT"))]


def test_the_worker_forgets_offers() -> None:
    assert worker.jobs["offers"].work is rules.expire


# --- Match


def test_an_offer_fits_a_task_of_its_kinds(offer: Make) -> None:
    offer("Baker", Kind.BAKE)
    offer("Both", Kind.COOK, Kind.BAKE)
    offer("Cook", Kind.COOK)

    assert names(rules.matches(of_kind(Kind.BAKE))) == ["Baker", "Both"]


def test_whoever_translates_must_share_a_language_with_the_activity(offer: Make) -> None:
    offer("Polish", Kind.TRANSLATE, languages=("pl",))
    offer("One", Kind.TRANSLATE, languages=("nb",))
    offer("Two", Kind.TRANSLATE, languages=("ar", "nb"))

    assert names(rules.matches(of_kind(Kind.TRANSLATE))) == ["Two", "One"]


def test_no_language_is_needed_to_carry(offer: Make) -> None:
    offer("Polish", Kind.CARRY, languages=("pl",))

    assert names(rules.matches(of_kind(Kind.CARRY))) == ["Polish"]


def test_the_most_fitting_come_first(offer: Make) -> None:
    offer("Much", Kind.COOK, Kind.BAKE, Kind.TIDY)
    offer("First", Kind.COOK)
    offer("Second", Kind.COOK)
    offer("Arabic", Kind.COOK, Kind.BAKE, Kind.TIDY, languages=("nb", "ar"))

    assert names(rules.matches(of_kind(Kind.COOK))) == ["Arabic", "First", "Second", "Much"]


def test_who_has_ended_is_over_helps_already_or_has_been_asked_is_no_match(
    offer: Make, task: Make, signup: Make, later: Callable[[timedelta], None]
) -> None:
    soup = task()
    rules.end(offer("Ended"))
    invitations.invite(offer("Asked"), soup)
    signup(soup, "Helping", holder="holder-of-Helping")
    offer("Helping")
    offer("Over", days=0)
    offer("Free")

    later(timedelta(days=1))

    assert names(rules.matches(soup)) == ["Free"]


def test_whoever_offers_sees_the_next_tasks_that_need_that(
    offer: Make, task: Make, activity: Make, signup: Make
) -> None:
    later = task("Suppe senere", at=activity(in_hours=72))
    sooner = task("Suppe snart", capacity=2)
    signup(task("Full", capacity=1), "Somebody")
    signup(task("Mine"), "Amina", holder="holder-of-Amina")
    task("Off", at=activity(state=ActivityState.CANCELLED))
    task("Draft", at=activity(state=ActivityState.DRAFT))
    task("Over", at=activity(in_hours=-5))
    of_kind(Kind.CARRY)

    fitting = rules.tasks_for(offer("Amina"))

    assert [(one.id, left) for one, left in fitting] == [(sooner.id, 2), (later.id, 5)]


def test_what_one_has_been_asked_about_is_not_suggested_too(offer: Make, task: Make) -> None:
    made = offer()
    invitations.invite(made, task())

    assert rules.tasks_for(made) == []


def test_an_ended_offer_fits_nothing(offer: Make, task: Make) -> None:
    task()
    made = offer()
    rules.end(made)

    assert rules.tasks_for(made) == []


def test_no_more_tasks_are_shown_than_one_reads(offer: Make, task: Make) -> None:
    for number in range(9):
        task(f"Suppe {number}")

    assert len(rules.tasks_for(offer())) == rules.SHOWN


def test_a_receipt_shows_its_own_offers_that_stand(offer: Make) -> None:
    mine = offer("Amina")
    offer("Bjørn")
    rules.end(offer("Amina før", holder="holder-of-Amina"))

    assert rules.offers_of([world.receipt("holder-of-Amina")]) == [mine]
    assert rules.offer_of(mine.public_id, [world.receipt("holder-of-Bjørn")]) is None
    assert rules.offers_of([]) == []


def test_the_day_is_oslos(monkeypatch: pytest.MonkeyPatch, offer: Make) -> None:
    made = offer(days=0)
    almost = clock.oslo(made.until + timedelta(days=1)) - timedelta(seconds=1)

    monkeypatch.setattr(clock, "now", lambda: almost)
    assert rules.stands(made)
    monkeypatch.setattr(clock, "now", lambda: almost + timedelta(seconds=1))
    assert not rules.stands(made)
