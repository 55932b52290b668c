"""Browsing activities, saying yes to help and no again, with scripts and without."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from icalendar import Calendar
from werkzeug.test import TestResponse

from participation.activities import rules
from participation.activities.models import ActivityState, Signup, SignupState, Task
from participation.db import db
from tests.page import Visitor, words

Make = Callable[..., Any]


def names() -> list[str]:
    """Who is signed up to anything."""
    return list(
        db.session.scalars(sa.select(Signup.name).where(Signup.state == SignupState.JOINED).order_by(Signup.id))
    )


def say_yes(person: Visitor, task: Task, name: str = "Amina", times: int = 1) -> TestResponse:
    """Fill in the form and send it; the answer is the receipt, page or fragment."""
    form = person.get(f"/oppgaver/{task.public_id}/bli-med").page.form
    for _ in range(times):
        response = person.submit(form, name=name)
    return person.get(response.location) if response.status_code == 303 else response


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


# --- Say yes


def test_one_field_is_enough_to_help_and_the_receipt_says_so(anyone: Visitor, task: Make) -> None:
    soup = task("Lage suppe")

    receipt = say_yes(anyone, soup, "Amina")

    assert "Du er med, Amina!" in words(receipt.page)
    assert names() == ["Amina"]
    assert receipt.page.select_one(".ticket svg[aria-label]")


def test_a_plain_form_is_sent_on_so_that_reloading_repeats_nothing(client: Visitor, task: Make) -> None:
    form = client.get(f"/oppgaver/{task().public_id}/bli-med").page.form

    response = client.submit(form, name="Amina")

    assert response.status_code == 303
    assert client.get(response.location).status_code == 200
    assert names() == ["Amina"]


def test_with_htmx_the_same_element_comes_back_changed(htmx: Visitor, task: Make) -> None:
    form = htmx.get(f"/oppgaver/{task().public_id}/bli-med").page.form
    target = form["hx-target"].removeprefix("#")

    response = htmx.submit(form, name="Amina")

    assert response.status_code == 201
    assert response.page.find(True)["id"] == target


def test_the_same_form_sent_twice_is_one_yes(anyone: Visitor, task: Make) -> None:
    receipt = say_yes(anyone, task(), times=3)

    assert names() == ["Amina"]
    assert "Du er med" in words(receipt.page)


def test_a_form_sent_again_by_a_phone_that_lost_the_answer_gives_the_same_receipt(
    client: Visitor, visitor: Make, task: Make
) -> None:
    form = client.get(f"/oppgaver/{task().public_id}/bli-med").page.form

    lost = visitor().submit(form, name="Amina")
    again = visitor().submit(form, name="Amina")

    assert lost.location == again.location
    assert lost.headers["Set-Cookie"].split(";")[0] == again.headers["Set-Cookie"].split(";")[0]
    assert names() == ["Amina"]


def test_whoever_comes_late_is_told_their_number_in_the_queue(visitor: Make, task: Make) -> None:
    soup = task(capacity=1)
    say_yes(visitor(), soup, "Amina")

    second = say_yes(visitor(), soup, "Bjørn")
    third = say_yes(visitor(htmx=True), soup, "Cecilie")

    assert "Du er nummer 1 i køen" in words(second.page)
    assert "Du er nummer 2 i køen" in words(third.page)


@pytest.mark.parametrize(
    "name",
    [
        "Å",
        "x" * 100,
        "O'Brien",
        "محمد",
        "Оксана",
        "🦊",
        "\u200fأحمد\u200e",
        "Anne-Grete d’Arc",
        "<b>Bo</b>",
        "{{ 7*7 }}",
        "%(name)s",
    ],
)
def test_a_name_is_whatever_somebody_calls_themselves(anyone: Visitor, task: Make, name: str) -> None:
    receipt = say_yes(anyone, task(), name)

    assert names() == [name]
    assert name in receipt.page.h2.get_text()


@pytest.mark.parametrize("name", ["", "   ", "\t\n", "\x00", "\u202e", "\ufeff", "x" * 101, "x" * 20_000])
def test_a_name_that_is_empty_or_too_long_is_refused_and_kept_in_the_box(
    anyone: Visitor, task: Make, name: str
) -> None:
    form = anyone.get(f"/oppgaver/{task().public_id}/bli-med").page.form

    response = anyone.submit(form, name=name)

    assert response.status_code == 422
    assert names() == []
    field = response.page.select_one("input[name=name]")
    assert field["value"] == (name if name.strip().startswith("x") else "")
    assert field["aria-invalid"] == "true"
    assert response.page.find(id=field["aria-describedby"].split()[0]).get_text().strip()


def test_a_page_with_an_error_says_so_in_its_title(client: Visitor, task: Make) -> None:
    form = client.get(f"/oppgaver/{task().public_id}/bli-med").page.form

    assert client.submit(form, name="").page.title.get_text().startswith("Feil: ")


def test_the_form_may_come_without_any_of_its_fields(anyone: Visitor, task: Make) -> None:
    path = f"/oppgaver/{task().public_id}/bli-med"

    assert anyone.post(path).status_code == 422
    assert anyone.post(path, data={"name": "Amina"}).status_code in (201, 303)
    assert anyone.post(path, data={"name": "Yusuf", "key": "../../\x00"}).status_code in (201, 303)
    assert names() == ["Amina", "Yusuf"]


@pytest.mark.parametrize("details", [{"state": ActivityState.CANCELLED}, {"in_hours": -5}])
def test_what_is_off_or_over_takes_nobody_and_says_why(
    anyone: Visitor, activity: Make, task: Make, details: dict[str, Any]
) -> None:
    closed = task(at=activity(**details))

    response = anyone.post(f"/oppgaver/{closed.public_id}/bli-med", data={"name": "Amina"})

    assert response.status_code == 410
    assert "Det går ikke an å melde seg lenger" in words(response.page)
    assert names() == []


def test_a_task_of_a_draft_takes_nobody(anyone: Visitor, activity: Make, task: Make) -> None:
    hidden = task(at=activity(state=ActivityState.DRAFT))

    assert anyone.post(f"/oppgaver/{hidden.public_id}/bli-med", data={"name": "Amina"}).status_code == 404
    assert names() == []


def test_opening_the_form_changes_nothing(anyone: Visitor, task: Make) -> None:
    soup = task()

    for path in ("/bli-med", "/bli-med?name=Amina"):
        assert anyone.get(f"/oppgaver/{soup.public_id}{path}").status_code == 200
    assert names() == []


# --- Withdraw


def test_one_tap_withdraws_and_the_name_is_gone(anyone: Visitor, task: Make) -> None:
    receipt = say_yes(anyone, task())

    response = anyone.submit(receipt.page.select_one('form[action$="/meld-av"]'))
    page = anyone.get(response.location).page if response.status_code == 303 else response.page

    assert "Du er meldt av" in words(page)
    assert names() == []


def test_withdrawing_twice_does_no_harm(anyone: Visitor, task: Make) -> None:
    form = say_yes(anyone, task()).page.select_one('form[action$="/meld-av"]')

    assert anyone.submit(form).status_code == anyone.submit(form).status_code
    assert names() == []


def test_one_tap_takes_the_withdrawal_back(htmx: Visitor, task: Make) -> None:
    receipt = say_yes(htmx, task())
    withdrawn = htmx.submit(receipt.page.select_one('form[action$="/meld-av"]'))

    back = htmx.submit(withdrawn.page.form)

    assert "Du er med, Amina!" in words(back.page)
    assert names() == ["Amina"]


def test_opening_the_address_of_a_withdrawal_withdraws_nothing(client: Visitor, task: Make) -> None:
    form = say_yes(client, task()).page.select_one('form[action$="/meld-av"]')

    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
        assert client.open(form["action"], method=method).status_code in (200, 405)
    assert names() == ["Amina"]


def test_a_stranger_can_neither_see_nor_undo_somebodys_yes(client: Visitor, visitor: Make, task: Make) -> None:
    form = say_yes(client, task()).page.select_one('form[action$="/meld-av"]')
    receipt = form["action"].removesuffix("/meld-av")

    for htmx in (False, True):
        stranger = visitor(htmx=htmx)
        assert stranger.get(receipt).status_code == 404
        assert stranger.get(f"{receipt}/kalender.ics").status_code == 404
        assert stranger.post(form["action"]).status_code == 404
    assert names() == ["Amina"]


def test_the_next_in_line_reads_that_the_place_is_theirs(visitor: Make, task: Make) -> None:
    soup = task(capacity=1)
    first, second = visitor(), visitor()
    receipt = say_yes(first, soup, "Amina")
    say_yes(second, soup, "Bjørn")

    first.submit(receipt.page.select_one('form[action$="/meld-av"]'))

    assert "Du er med" in words(second.get("/mine-bidrag").page)


def test_a_receipt_of_what_was_cancelled_says_not_to_come(client: Visitor, activity: Make, task: Make) -> None:
    held = activity()
    receipt = say_yes(client, task(at=held))

    rules.write(lambda: setattr(db.session.merge(held), "state", ActivityState.CANCELLED))()

    page = client.get(receipt.request.path).page
    assert "Aktiviteten er avlyst" in words(page)


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
    assert not event.walk("VALARM")


def test_a_promise_to_help_comes_with_an_alarm(client: Visitor, task: Make) -> None:
    say_yes(client, task("Lage suppe"))
    receipt = client.get("/mine-bidrag").page.select_one('a[href*="/pamelding/"]')["href"]

    response = client.get(f"{receipt}/kalender.ics")

    (alarm,) = Calendar.from_ical(response.data).walk("VALARM")
    assert alarm.decoded("TRIGGER") == timedelta(hours=-2)
    assert response.headers["Cache-Control"] == "no-store"


def test_the_calendar_says_when_it_is_off(client: Visitor, activity: Make) -> None:
    off = activity(state=ActivityState.CANCELLED)

    (event,) = Calendar.from_ical(client.get(f"/aktiviteter/{off.public_id}/kalender.ics").data).walk("VEVENT")

    assert event["STATUS"] == "CANCELLED"
