"""The organiser's page: whom one could ask, for those who answer for the task and nobody else."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from participation.activities.models import Task
from participation.contact import Contact
from participation.db import db, write
from participation.offers import invitations, rules
from participation.offers.models import Invitation
from participation.places import rules as places
from participation.staff import matching
from participation.staff.models import Staff, Viewing
from tests import world
from tests.messages.outside import Gateway, PostOffice
from tests.page import Visitor, words

Make = Callable[..., Any]


@pytest.fixture
def organiser(app: object) -> Staff:
    """Somebody who speaks for Grendelaget, which the world's activities belong to."""
    person = world.staff("Olga")
    write(lambda: person.organisers.append(places.organiser_named("Grendelaget")))()
    return person


def page_of(task: Task) -> str:
    return f"/stab/oppgaver/{task.public_id}/kan-hjelpe"


def ask(person: Visitor, task: Task, name: str = "Amina") -> Any:
    page = person.get(page_of(task)).page
    form = next(form for form in page.select('form[action*="/spor/"]') if name in words(form))
    response = person.submit(form)
    return person.get(response.location) if response.status_code == 303 else response


def viewings() -> list[tuple[str, str]]:
    db.session.rollback()
    return [(one.what, one.subject) for one in db.session.scalars(sa.select(Viewing).order_by(Viewing.id))]


@pytest.mark.parametrize("htmx", [False, True])
def test_the_organiser_sees_who_can_and_asks_with_one_tap(
    desk: Make, organiser: Staff, offer: Make, task: Make, htmx: bool
) -> None:
    soup = task()
    offer("Amina", when="Kvelder")
    offer("Bjørn")
    olga = desk(organiser, htmx=htmx)

    seen = words(olga.get(page_of(soup)).page)
    answer = ask(olga, soup)

    assert "Amina" in seen
    assert "Kvelder" in seen
    assert "amina@people.example" not in seen
    assert "Har ikke svart ennå" in words(answer.page)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Invitation)) == 1
    assert not [form for form in answer.page.select("form[action*='/spor/']") if "Amina" in words(form)]


def test_the_answers_are_seen(desk: Make, organiser: Staff, offer: Make, task: Make) -> None:
    soup = task()
    for name, yes in {"Amina": True, "Bjørn": False}.items():
        invitations.answer(invitations.invite(offer(name), soup), yes=yes)

    page = desk(organiser).get(page_of(soup)).page

    said = {item.find("bdi").get_text(): words(item) for item in page.select("#matches li.card") if item.find("bdi")}
    assert "Sa ja" in said["Amina"]
    assert "Kan ikke denne gangen" in said["Bjørn"]


@pytest.mark.parametrize("who", ["stranger", "facilitator", "other organiser", "organiser", "administrator"])
def test_only_those_who_answer_for_the_task_get_in(
    visitor: Make, desk: Make, organiser: Staff, offer: Make, task: Make, who: str
) -> None:
    soup, made = task(), offer("Amina")
    other = world.staff("Odd")
    write(lambda: other.organisers.append(places.organiser_named("Korpset")))()
    person = {
        "stranger": visitor,
        "facilitator": lambda: desk(world.staff("Siri")),
        "other organiser": lambda: desk(other),
        "organiser": lambda: desk(organiser),
        "administrator": lambda: desk(world.staff("Tor", world.Role.ADMIN)),
    }[who]()
    allowed = who in ("organiser", "administrator")

    asking = person.post(f"/stab/oppgaver/{soup.public_id}/spor/{made.public_id}")
    seeing = person.get(page_of(soup))

    assert (asking.status_code, seeing.status_code) == {True: (303, 200), False: (404, 404)}.get(allowed, ()) or (
        who == "stranger" and (asking.status_code, seeing.status_code) == (303, 303)
    )
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Invitation)) == int(allowed)
    assert ("Amina" in seeing.get_data(as_text=True)) is allowed
    assert bool(viewings()) is allowed


def test_each_viewing_of_names_is_noted_and_of_none_is_not(
    desk: Make, organiser: Staff, offer: Make, task: Make
) -> None:
    soup = task()
    olga = desk(organiser)

    olga.get(page_of(soup))
    assert viewings() == []

    offer("Amina")
    olga.get(page_of(soup))
    olga.get(page_of(soup))
    assert viewings() == [("offers", soup.activity.public_id)] * 2


def test_only_offers_that_fit_and_stand_can_be_asked(desk: Make, organiser: Staff, offer: Make, task: Make) -> None:
    soup, olga = task(), desk(organiser)
    ended = offer("Ended")
    rules.end(ended)
    other = offer("Other", rules.Kind.DRIVE)

    for public_id in (ended.public_id, other.public_id, "zzzzzzzzzz"):
        assert olga.post(f"/stab/oppgaver/{soup.public_id}/spor/{public_id}").status_code == 404
    assert db.session.scalars(sa.select(Invitation)).all() == []


def test_nobody_is_asked_when_there_are_enough(
    desk: Make, organiser: Staff, offer: Make, task: Make, signup: Make
) -> None:
    soup, made = task(capacity=1), offer("Amina")
    signup(soup, "Bjørn")
    olga = desk(organiser)

    page = olga.get(page_of(soup)).page
    late = olga.post(f"/stab/oppgaver/{soup.public_id}/spor/{made.public_id}")

    assert "Du har nok folk" in words(page)
    assert not page.select('form[action*="/spor/"]')
    assert late.status_code == 409
    assert db.session.scalars(sa.select(Invitation)).all() == []


def test_whoever_the_app_cannot_reach_must_be_called(desk: Make, organiser: Staff, offer: Make, task: Make) -> None:
    soup = task()
    offer("Amina", contact=Contact(phone="+4790000017"))

    assert "+47 90 00 00 17" in words(ask(desk(organiser), soup).page)


def test_a_contact_is_not_shown_when_the_app_asks_itself(
    desk: Make, organiser: Staff, offer: Make, task: Make, post_office: PostOffice, gateway: Gateway
) -> None:
    soup = task()
    offer("Amina", contact=Contact(phone="+4790000017"))
    offer("Bjørn")
    offer("Fasttelefon", contact=Contact(phone="+4722123456"))
    olga = desk(organiser)

    for name in ("Amina", "Bjørn", "Fasttelefon"):
        seen = words(ask(olga, soup, name).page)

    assert "90 00 00 17" not in seen
    assert "people.example" not in seen
    assert "+47 22 12 34 56" in seen


@pytest.mark.parametrize("tag", ["nb", "en", "ar"])
def test_the_page_is_there_in_every_language(desk: Make, organiser: Staff, offer: Make, task: Make, tag: str) -> None:
    soup = task()
    offer("Amina")

    response = desk(organiser).get(f"/{tag}{page_of(soup)}")

    assert response.page.html["lang"] == tag
    assert response.headers["Cache-Control"] == "no-store"


def test_no_more_names_are_shown_than_one_needs(
    desk: Make, organiser: Staff, offer: Make, task: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "SHOWN", 1)
    soup, olga = task(), desk(organiser)
    offer("Bjørn", rules.Kind.COOK, rules.Kind.BAKE)
    offer("Amina")

    before = words(olga.get(page_of(soup)).page)
    after = words(ask(olga, soup, "Amina").page)

    assert "Amina" in before
    assert "Bjørn" not in before
    assert "Bjørn" in after
