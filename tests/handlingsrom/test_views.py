"""The four doors, and the cards behind them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from participation import clock
from participation.activities.models import ActivityState
from participation.handlingsrom.models import Level, Verdict
from participation.handlingsrom.views import DOORS
from tests import world
from tests.page import Visitor, words

Make = Callable[..., Any]


@pytest.mark.parametrize(("door", "verdict"), DOORS.items())
def test_each_door_leads_to_its_cards(client: Visitor, card: Make, door: str, verdict: Verdict) -> None:
    for each in Verdict:
        card(f"Kort {each}", each)

    page = words(client.get(f"/handlingsrom/{door}").page.main)

    assert [each for each in Verdict if f"Kort {each}" in page] == [verdict]
    assert client.get("/handlingsrom").page.select_one(f'a[href="/handlingsrom/{door}"]')


def test_a_card_says_who_decides_what_it_costs_until_when_and_how_to_start(client: Visitor, card: Make) -> None:
    until = clock.today() + timedelta(days=10)
    plan = card(
        "Områdeplan", Verdict.OPEN, open_until=until, money=world.nb("10 000 kr"), decides=world.nb("Kommunestyret")
    )

    page = client.get(f"/handlingsrom/{plan.public_id}").page

    assert page.h1.get_text() == "Områdeplan"
    for fact in (
        "Kommunestyret",
        "10 000 kr",
        "Kan påvirkes til",
        "Spør naboen.",
        "Programleder",
        "Handlingsplanen",
        "Sjekket",
    ):
        assert fact in words(page)


@pytest.mark.parametrize("level", Level)
def test_every_level_of_influence_carries_a_promise(client: Visitor, card: Make, level: Level) -> None:
    page = client.get(f"/handlingsrom/{card(level=level).public_id}").page

    promise = page.find("dt", string="Hva du kan vente deg").find_next("dd")
    assert len(words(promise)) > 15


def test_a_card_whose_time_has_passed_is_decided_and_says_until_when_it_was_open(client: Visitor, card: Make) -> None:
    plan = card("Områdeplan", Verdict.OPEN, open_until=clock.today() - timedelta(days=1))

    page = client.get(f"/handlingsrom/{plan.public_id}").page

    assert page.select_one(".kicker a")["href"] == "/handlingsrom/bestemt"
    assert "Var åpen til" in words(page)


def test_a_card_that_may_be_out_of_date_says_so(client: Visitor, card: Make) -> None:
    old = card(checked_on=clock.today() - timedelta(days=200))

    assert "Kan være utdatert" in words(client.get(f"/handlingsrom/{old.public_id}").page)


def test_a_card_leads_to_what_others_do_but_not_to_drafts(client: Visitor, card: Make, activity: Make) -> None:
    shared = card()
    activity("Dugnad", cards=[shared])
    activity("Hemmelig", cards=[shared], state=ActivityState.DRAFT)

    page = client.get(f"/handlingsrom/{shared.public_id}").page

    assert "Dugnad" in words(page)
    assert "Hemmelig" not in words(page)
    assert client.get(page.select_one("a.row")["href"]).status_code == 200


@pytest.mark.parametrize("path", ["zzzzzzzzzz", "annet", "bare-gjor-det/x", "1", "%00"])
def test_what_is_not_there_is_not_found(client: Visitor, path: str) -> None:
    assert client.get(f"/handlingsrom/{path}").status_code == 404
