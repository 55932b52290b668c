"""The page of an activity: what one needs to know before one goes, what came of it, and how it looks when shared."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from participation import clock
from participation.activities import signups
from participation.activities.models import Activity, ActivityState
from participation.db import db, write
from participation.workshops.models import Idea
from tests import world
from tests.page import Visitor, words

Make = Callable[..., Any]


def page_of(client: Visitor, activity: Activity, language: str = "") -> Any:
    """Its page."""
    return client.get(f"{language}/aktiviteter/{activity.public_id}").page


def facts(page: Any) -> str:
    """What its page says in short."""
    return words(page.select_one("dl.facts"))


def data(page: Any) -> Any:
    """What its page tells other sites."""
    return json.loads(page.select_one('script[type="application/ld+json"]').get_text())


# --- Before one goes


@pytest.mark.parametrize(
    ("has", "said"),
    [(True, "Trinnfritt"), (False, "Ikke trinnfritt"), (None, "Trinnfritt Vi vet ikke – spør kontakten")],
)
def test_access_is_yes_no_or_that_nobody_knows(client: Visitor, activity: Make, has: bool | None, said: str) -> None:
    place = world.place("Huset", step_free=has, hearing_loop=True, toilet=False)

    fact = page_of(client, activity(place=place)).select(".access li")

    assert [words(one).replace("TrinnfrittVi", "Trinnfritt Vi") for one in fact] == [
        said,
        "Teleslynge",
        "Ikke HC-toalett",
    ]


def test_the_way_in_is_the_activitys_else_the_places_else_the_houses(client: Visitor, activity: Make) -> None:
    house = world.place("Huset", way_in=world.nb("Den røde døra"))
    hall, cellar = world.place("Salen", house=house), world.place("Kjelleren", house=house, way_in=world.nb("Luka"))

    assert "Bakdøra" in facts(page_of(client, activity(place=cellar, way_in=world.nb("Bakdøra"))))
    assert "Luka" in facts(page_of(client, activity(place=cellar, way_in=None)))
    assert "Den røde døra" in facts(page_of(client, activity(place=hall, way_in=None)))


def test_one_reads_what_to_bring_who_may_come_and_whether_to_say_so_first(client: Visitor, activity: Make) -> None:
    details = {"bring": world.nb("Varme klær"), "no_norwegian": True, "bring_children": True}

    page = words(page_of(client, activity(drop_in=False, price=50, **details)).main)

    for said in ("Varme klær", "Ingen norsk nødvendig", "Ta gjerne med barn", "Si fra til kontakten", "50 kr"):
        assert said in page


def test_the_map_is_a_plain_link_that_says_where_it_leads_and_not_where_one_comes_from(
    client: Visitor, activity: Make
) -> None:
    place = world.place("Huset", address="Torggata 1 & 2, Larvik")

    link = page_of(client, activity(place=place)).select_one('a[href*="openstreetmap"]')

    assert parse_qs(urlsplit(link["href"]).query) == {"query": ["Torggata 1 & 2, Larvik"]}
    assert {*link["rel"]} == {"noopener", "noreferrer"}
    assert "OpenStreetMap" in words(link)


def test_the_map_finds_a_room_by_its_house(client: Visitor, activity: Make) -> None:
    room = world.place("Salen", house=world.place("Huset"))

    link = page_of(client, activity(place=room)).select_one('a[href*="openstreetmap"]')

    assert parse_qs(urlsplit(link["href"]).query) == {"query": ["Huset"]}


def test_what_is_off_says_why_and_no_longer_asks_anybody_to_come(client: Visitor, activity: Make) -> None:
    off = activity(state=ActivityState.CANCELLED, cancelled_why=world.nb("Verten er syk"))

    page = words(page_of(client, off).main)

    assert "Avlyst" in page
    assert "Verten er syk" in page
    assert "Bare møt opp" not in page


def test_without_scripts_the_address_to_share_stands_as_text(client: Visitor, activity: Make) -> None:
    feast = activity()

    page = page_of(client, feast, "/ar")

    assert page.select_one("button[data-share]").has_attr("hidden")
    assert f"http://localhost/aktiviteter/{feast.public_id}" in words(page.find(id="address"))


def test_a_night_says_on_which_day_it_ends(client: Visitor, activity: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 1, 10, tzinfo=UTC))

    assert "mandag 1. juni 22:00 – tirsdag 2. juni 03:00" in facts(page_of(client, activity(in_hours=10, lasts=5)))


# --- What it came from, and what came of it


def test_an_activity_gives_credit_to_the_idea_it_began_as_and_the_idea_leads_to_it(
    client: Visitor, activity: Make, workshop: Make, idea: Make
) -> None:
    asked, feast = workshop(), activity("Langbordsfest")
    seed, hidden = idea(asked, "Langbord under tak", state="shown"), idea(asked, "Sladder", state="hidden")

    @write
    def grow() -> None:
        for one in (seed, hidden):
            db.session.get_one(Idea, one.id).activity_id = feast.id

    grow()

    page = page_of(client, feast)
    assert "Langbord under tak" in words(page.main)
    assert "Sladder" not in words(page.main)
    credit = page.select_one("section[aria-labelledby=idea] a")
    assert "Begynte som en idé på «Idéverksted»" in words(credit)

    ideas = client.get(credit["href"]).page
    back = ideas.select_one(".became a")
    assert words(back) == "Dette ble til Langbordsfest"
    assert back["href"] == f"/aktiviteter/{feast.public_id}"


def test_an_idea_does_not_tell_of_an_activity_that_is_a_draft(
    client: Visitor, activity: Make, workshop: Make, idea: Make
) -> None:
    asked, draft = workshop(), activity("Hemmelig", state=ActivityState.DRAFT)
    seed = idea(asked, state="shown")
    write(lambda: setattr(db.session.get_one(Idea, seed.id), "activity_id", draft.id))()

    assert "Hemmelig" not in words(client.get(f"/W/{asked.code}/ideer").page)


def test_ideas_are_listed_with_as_many_questions_however_many_became_something(
    client: Visitor, activity: Make, workshop: Make, idea: Make, statements: list[str]
) -> None:
    asked = workshop()

    def grow(text: str) -> int:
        seed, feast = idea(asked, text, state="shown"), activity(text)
        write(lambda: setattr(db.session.get_one(Idea, seed.id), "activity_id", feast.id))()
        statements.clear()
        client.get(f"/W/{asked.code}/ideer")
        return len(statements)

    assert grow("Langbord") == grow("Kor") == grow("Tur")


def test_what_came_of_it_is_told_in_numbers_words_and_thanks(
    client: Visitor, activity: Make, later: Callable[[timedelta], None]
) -> None:
    told = {"visitors": 42, "came_of": world.nb("Vi spiste alt"), "thanks": world.nb("Takk til Kari")}
    feast = activity(**told)
    soup = world.task(at=feast, capacity=5)
    world.signup(soup, "Amina", party=3)
    world.signup(soup, "Bjørn")
    signups.withdraw(world.signup(soup, "Cecilie"))
    assert "Vi spiste alt" not in words(page_of(client, feast).main), "not before it is over"

    later(timedelta(days=3))
    section = words(page_of(client, feast).find(id="came"))

    for said in ("42 kom", "4 hjalp til", "Vi spiste alt", "Takk til Kari"):
        assert said in section
    assert "Amina" not in words(page_of(client, feast))
    assert "42 kom" in words(client.get("/aktiviteter/tidligere").page)


# --- When it is shared


def test_other_sites_read_when_in_oslo_where_by_whom_and_for_how_much(
    client: Visitor, activity: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The clocks go back while it lasts: it begins in summer time and ends in winter time.
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 10, 24, 10, tzinfo=UTC))
    place = world.place("Huset", address="Torggata 1", step_free=True, toilet=False)
    feast = activity("Natt & dag </script>", in_hours=12, lasts=6, place=place)

    event = data(page_of(client, feast, "/en"))

    assert event["@type"] == "Event"
    assert event["name"] == "Natt & dag </script>"
    assert (event["startDate"], event["endDate"]) == ("2026-10-25T00:00+02:00", "2026-10-25T05:00+01:00")
    assert event["eventStatus"] == "https://schema.org/EventScheduled"
    assert event["url"] == f"http://localhost/en/aktiviteter/{feast.public_id}"
    assert event["location"]["address"] == "Torggata 1"
    assert {one["value"] for one in event["location"]["amenityFeature"]} == {True, False}
    assert len(event["location"]["amenityFeature"]) == 2, "nothing is said of what nobody knows"
    assert (event["offers"]["price"], event["offers"]["priceCurrency"]) == (0, "NOK")
    assert event["organizer"]["name"] == "Grendelaget"
    assert client.get(urlsplit(event["organizer"]["url"]).path).status_code == 200


def test_other_sites_are_told_when_it_is_off(client: Visitor, activity: Make) -> None:
    event = data(page_of(client, activity(state=ActivityState.CANCELLED, price=50)))

    assert event["eventStatus"] == "https://schema.org/EventCancelled"
    assert event["offers"]["price"] == 50
    assert event["isAccessibleForFree"] is False


def test_help_that_is_needed_all_along_is_no_event(client: Visitor, activity: Make) -> None:
    page = page_of(client, activity("Språkhjelp", standing=True, in_hours=-24, lasts=480))

    assert not page.select('script[type="application/ld+json"]')
    assert "Når det passer" in facts(page)


def test_a_shared_link_says_what_when_and_where(client: Visitor, activity: Make) -> None:
    page = page_of(client, activity('Suppe "til alle"'), "/en")
    shared = {tag["property"]: tag["content"] for tag in page.select("meta[property]")}

    assert shared["og:title"] == 'Suppe "til alle"'
    assert "Torstrand Grendehus" in shared["og:description"]
    assert shared["og:url"] == page.select_one("link[rel=canonical]")["href"]
    assert page.select_one("meta[name=description]")["content"] == shared["og:description"]


def test_a_narrowed_list_is_the_whole_lists_for_search_engines(client: Visitor, activity: Make) -> None:
    activity()

    page = client.get("/nb/aktiviteter?gratis=ja").page

    assert page.select_one("link[rel=canonical]")["href"] == "http://localhost/nb/aktiviteter"
