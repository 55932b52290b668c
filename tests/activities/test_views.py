"""Browsing activities, saying yes to help and no again, with scripts and without."""

from collections.abc import Callable
from typing import Any

import pytest
from icalendar import Calendar

from participation.activities.models import ActivityState
from tests.page import Visitor, words

Make = Callable[..., Any]


# --- Browse


def test_an_activity_says_when_where_for_whom_and_what_it_needs(client: Visitor, activity: Make, task: Make) -> None:
    feast = activity("Suppelørdag")
    task("Lage suppe", capacity=5, at=feast)

    page = client.get(f"/aktiviteter/{feast.public_id}").page

    assert page.h1.get_text() == "Suppelørdag"
    for fact in ("Torstrand Grendehus", "Inn fra gårdsplassen", "Trinnfritt", "gratis", "Lage suppe", "5 av 5 plasser"):
        assert fact in words(page)


def test_texts_that_are_not_translated_are_shown_in_bokmal_and_marked_as_that(client: Visitor, activity: Make) -> None:
    feast = activity("Suppelørdag")

    heading = client.get(f"/ar/aktiviteter/{feast.public_id}").page.h1

    assert heading.get_text() == "Suppelørdag"
    assert (heading.bdi["lang"], heading.bdi["dir"]) == ("nb", "ltr")


@pytest.mark.parametrize("path", ["", "/kalender.ics"])
def test_a_draft_is_as_unknown_as_what_does_not_exist(client: Visitor, activity: Make, path: str) -> None:
    draft = activity(state=ActivityState.DRAFT)

    for public_id in (draft.public_id, "zzzzzzzzzz"):
        assert client.get(f"/aktiviteter/{public_id}{path}").status_code == 404


@pytest.mark.parametrize("public_id", ["1", "ABCDEFGHJK", "zzzzzzzzzzz", "%00", "..%2F", "' OR 1=1 --", "ulioulioul"])
def test_an_id_that_cannot_be_is_not_found(anyone: Visitor, public_id: str) -> None:
    for path in ("/aktiviteter/{}", "/oppgaver/{}/bli-med", "/pamelding/{}"):
        assert anyone.get(path.format(public_id)).status_code == 404


def test_the_list_of_needs_leads_to_the_task_on_its_activity(client: Visitor, task: Make) -> None:
    soup = task("Lage suppe", capacity=3)

    link = client.get("/hjelp").page.select_one("main a.row")
    path, _, fragment = link["href"].partition("#")

    assert client.get(path).page.find(id=fragment)
    assert "Trenger 3" in words(link)
    assert soup.public_id in fragment


def test_a_cancelled_activity_says_so_and_asks_for_nothing(client: Visitor, activity: Make, task: Make) -> None:
    off = activity(state=ActivityState.CANCELLED)
    task(at=off)

    page = client.get(f"/aktiviteter/{off.public_id}").page

    assert "Avlyst" in words(page)
    assert not page.select('a[href$="/bli-med"]')
    assert not page.select("form")


# --- The phone's calendar


def test_an_activity_fits_into_the_phones_calendar(client: Visitor, activity: Make) -> None:
    feast = activity("Suppelørdag, for alle; store & små")

    response = client.get(f"/aktiviteter/{feast.public_id}/kalender.ics")

    assert response.mimetype == "text/calendar"
    (event,) = Calendar.from_ical(response.data).walk("VEVENT")
    assert event["SUMMARY"] == "Suppelørdag, for alle; store & små"
    assert event.decoded("DTSTART") == feast.starts_at.replace(microsecond=0)
    assert event["STATUS"] == "CONFIRMED"
    assert str(event["URL"]).startswith("http://localhost/")
    assert len(event.walk("VALARM")) == 1


def test_the_calendar_says_when_it_is_off(client: Visitor, activity: Make) -> None:
    off = activity(state=ActivityState.CANCELLED)

    (event,) = Calendar.from_ical(client.get(f"/aktiviteter/{off.public_id}/kalender.ics").data).walk("VEVENT")

    assert event["STATUS"] == "CANCELLED"
