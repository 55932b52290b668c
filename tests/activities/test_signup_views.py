"""Saying yes to help, and no again, with scripts and without."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from babel.dates import format_date
from icalendar import Calendar
from werkzeug.test import TestResponse

from participation import clock
from participation.activities import queues
from participation.activities.forms import WORDING
from participation.activities.models import Activity, ActivityState, Purpose, Signup, SignupState, Task
from participation.db import db, write
from tests.page import Visitor, words
from tests.world import nb

Make = Callable[..., Any]


@pytest.fixture
def ahead(activity: Make) -> Activity:
    """An activity far enough ahead for a reminder."""
    return activity(in_hours=48)  # type: ignore[no-any-return]


def names() -> list[str]:
    """Who is signed up to anything."""
    return list(
        db.session.scalars(sa.select(Signup.name).where(Signup.state != SignupState.WITHDRAWN).order_by(Signup.id))
    )


def the_one() -> Signup:
    """The only sign-up there is."""
    return db.session.scalars(sa.select(Signup)).one()


def error_of(response: TestResponse, name: str) -> str:
    """What is said to be wrong with a field, heard together with it."""
    field = response.page.select_one(f"input[name={name}]")
    assert field["aria-invalid"] == "true"
    return words(response.page.find(id=field["aria-describedby"].split()[0]))


def say_yes(person: Visitor, task: Task, name: str = "Amina", times: int = 1, **more: str) -> TestResponse:
    """Fill in the form and send it; the answer is the receipt, page or fragment."""
    form = person.get(f"/oppgaver/{task.public_id}/bli-med").page.form
    for _ in range(times):
        response = person.submit(form, name=name, **more)
    return person.get(response.location) if response.status_code == 303 else response


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

    assert "Du er nummer 1 på ventelista" in words(second.page)
    assert "Du er nummer 2 på ventelista" in words(third.page)


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


# --- More than a name


def test_everything_but_the_name_is_folded_away(anyone: Visitor, task: Make) -> None:
    form = anyone.get(f"/oppgaver/{task().public_id}/bli-med").page.form

    seen = [control for control in form.select("input:not([type=hidden])") if not control.find_parent("details")]
    assert [control["name"] for control in seen] == ["name"]
    assert not form.details.has_attr("open")
    assert not form.select("input[type=checkbox][checked]")


def test_the_card_says_what_it_takes_from_what_age_and_where_to_meet(client: Visitor, task: Make) -> None:
    lifting = task(min_age=16, takes=nb("Du må kunne løfte 15 kg"))

    page = words(client.get(f"/oppgaver/{lifting.public_id}/bli-med").page)

    for fact in ("Fra 16 år", "Det krever: Du må kunne løfte 15 kg", "Oppmøte: Møt på kjøkkenet"):
        assert fact in page


def test_people_are_counted_and_not_forms(anyone: Visitor, task: Make) -> None:
    soup = task(capacity=5)

    receipt = say_yes(anyone, soup, "Amina", party="3")

    assert "Du og 2 til" in words(receipt.page)
    assert queues.places([soup])[soup.id].left == 2


@pytest.mark.parametrize(("typed", "people"), [("", 1), ("1", 1), (" 5 ", 5), ("٤", 4)])
def test_how_many_may_be_written_in_the_digits_of_any_script(
    anyone: Visitor, task: Make, typed: str, people: int
) -> None:
    say_yes(anyone, task(), party=typed)

    assert the_one().party == people


@pytest.mark.parametrize("typed", ["0", "-1", "21", "1000000000", "9" * 5000, "to", "1.5", "1e1", "½", "<b>"])
def test_an_impossible_number_is_refused_in_words_and_kept_in_the_box(anyone: Visitor, task: Make, typed: str) -> None:
    form = anyone.get(f"/oppgaver/{task(capacity=20).public_id}/bli-med").page.form

    refused = anyone.submit(form, name="Amina", party=typed)

    assert refused.status_code == 422
    assert error_of(refused, "party") == "Skriv hvor mange dere er, med et tall fra 1 til 20."
    assert refused.page.select_one("input[name=party]")["value"] == typed
    assert refused.page.select_one("input[name=name]")["value"] == "Amina"
    assert refused.page.form.details.has_attr("open")
    assert names() == []


def test_more_than_there_is_room_for_in_all_would_wait_for_ever(anyone: Visitor, task: Make) -> None:
    form = anyone.get(f"/oppgaver/{task(capacity=2).public_id}/bli-med").page.form

    refused = anyone.submit(form, name="Amina", party="3")

    assert (refused.status_code, error_of(refused, "party")) == (422, "Her er det bare plass til 2 i alt.")


def test_how_to_be_asked_is_chosen_when_it_is_full_only(anyone: Visitor, task: Make, signup: Make) -> None:
    full, roomy = task("Lage suppe", capacity=1), task("Bære stoler")
    signup(full, "Bjørn")

    assert not anyone.get(f"/oppgaver/{roomy.public_id}/bli-med").page.select("input[name=when_free]")
    form = anyone.get(f"/oppgaver/{full.public_id}/bli-med").page.form
    (chosen,) = form.select("input[name=when_free][checked]")
    assert words(chosen.find_parent("label")) == "Gi meg plassen"


@pytest.mark.parametrize(("choice", "asked"), [("take", False), ("ask", True)])
def test_whoever_waits_is_given_the_place_or_asked_first(
    anyone: Visitor, task: Make, signup: Make, choice: str, asked: bool
) -> None:
    full = task(capacity=1)
    signup(full, "Bjørn")

    receipt = say_yes(anyone, full, when_free=choice)

    assert db.session.scalars(sa.select(Signup).where(Signup.name == "Amina")).one().ask_first is asked
    assert ("spør vi deg først" in words(receipt.page)) is asked


@pytest.mark.parametrize(
    ("typed", "phone", "email"),
    [
        ("900 00 000", "+4790000000", None),
        ("٩٠٠٠٠٠٠٠", "+4790000000", None),
        ("0048 500 000 000", "+48500000000", None),
        ("Amina@Example.NO", None, "Amina@example.no"),
        ("  o'brien@example.no ", None, "o'brien@example.no"),
    ],
)
def test_one_field_takes_phone_or_e_mail_and_each_purpose_its_own_yes(
    anyone: Visitor, task: Make, ahead: Activity, typed: str, phone: str | None, email: str | None
) -> None:
    receipt = say_yes(anyone, task(at=ahead), contact=typed, tell="y", remind="y")

    kept = the_one()
    assert (kept.phone, kept.email) == (phone, email)
    assert {consent.purpose for consent in kept.consents} == {Purpose.TASK, Purpose.REMINDER}
    assert {consent.wording for consent in kept.consents} == {WORDING}
    shown = receipt.page.select_one("dd bdi[dir=ltr]").get_text()
    assert shown.replace(" ", "") == (phone or email)


def test_its_purpose_and_the_day_it_is_deleted_stand_beside_the_field(client: Visitor, task: Make) -> None:
    soup = task()
    deleted = clock.local(soup.ends_at).date() + timedelta(days=30)
    day = format_date(deleted, "long", locale="nb")

    form = client.get(f"/oppgaver/{soup.public_id}/bli-med").page.form

    hint = form.find(id=form.select_one("input[name=contact]")["aria-describedby"])
    assert f"Slettes 30 dager etter aktiviteten: {day}" in words(hint)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("112", "Nummeret"),
        ("1234", "Nummeret"),
        ("ring meg", "Nummeret"),
        ("+47 90", "Nummeret"),
        ("O'Brien <x@y.no>", "E-postadressen"),
        ("x@y", "E-postadressen"),
        ("a@example.no\nBcc: alle@example.no", "E-postadressen"),
        ("a@example.no\r\n\r\nHei", "E-postadressen"),
        ("900 00 000\nBcc: x", "Nummeret"),
        ("x" * 20_000 + "@example.no", "E-postadressen"),
    ],
)
def test_a_contact_that_reaches_nobody_is_refused_in_words_and_nothing_typed_is_lost(
    anyone: Visitor, task: Make, ahead: Activity, typed: str, said: str
) -> None:
    form = anyone.get(f"/oppgaver/{task(at=ahead).public_id}/bli-med").page.form

    refused = anyone.submit(form, name="Amina", party="2", contact=typed, tell="y")

    assert refused.status_code == 422
    assert error_of(refused, "contact").startswith(f"{said} ser ikke riktig ut.")
    again = refused.page.form
    assert again.details.has_attr("open")
    assert again.select_one("input[name=name]")["value"] == "Amina"
    assert again.select_one("input[name=party]")["value"] == "2"
    assert again.select_one("input[name=contact]")["value"].split() == typed.split()
    assert again.select_one("input[name=tell]").has_attr("checked")
    assert not again.select_one("input[name=remind]").has_attr("checked")
    assert names() == []


@pytest.mark.parametrize("box", ["tell", "remind"])
def test_a_box_without_a_contact_says_what_is_missing(anyone: Visitor, task: Make, ahead: Activity, box: str) -> None:
    form = anyone.get(f"/oppgaver/{task(at=ahead).public_id}/bli-med").page.form

    refused = anyone.submit(form, name="Amina", **{box: "y"})

    assert refused.status_code == 422
    assert error_of(refused, "contact") == "Skriv telefon eller e-post, eller ta bort krysset under."
    assert refused.page.select_one(f"input[name={box}]").has_attr("checked")


@pytest.mark.parametrize(("in_hours", "asked"), [(25, True), (23, False)])
def test_a_reminder_is_offered_only_while_one_can_come(
    anyone: Visitor, task: Make, activity: Make, in_hours: int, asked: bool
) -> None:
    soup = task(at=activity(in_hours=in_hours))
    form = anyone.get(f"/oppgaver/{soup.public_id}/bli-med").page.form

    assert bool(form.select_one("input[name=remind]")) is asked
    assert form.select_one("input[name=tell]")


def test_a_contact_without_a_box_says_to_tick_or_remove(anyone: Visitor, task: Make) -> None:
    form = anyone.get(f"/oppgaver/{task().public_id}/bli-med").page.form

    refused = anyone.submit(form, name="Amina", contact="900 00 000")

    assert refused.status_code == 422
    assert error_of(refused, "tell") == "Kryss av for det vi kan bruke nummeret eller adressen til, eller ta det bort."
    assert refused.page.select_one("input[name=contact]")["value"] == "900 00 000"


def test_an_error_in_the_name_alone_leaves_the_rest_folded(anyone: Visitor, task: Make) -> None:
    form = anyone.get(f"/oppgaver/{task().public_id}/bli-med").page.form

    assert not anyone.submit(form, name="").page.form.details.has_attr("open")
    assert anyone.submit(form, name="", party="2").page.form.details.has_attr("open")


def test_a_line_break_in_a_name_does_not_make_it_two(anyone: Visitor, task: Make) -> None:
    anyone.post(f"/oppgaver/{task().public_id}/bli-med", data={"name": "Amina\r\nBcc: alle@example.no"})

    assert names() == ["Amina Bcc: alle@example.no"]


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

    write(lambda: setattr(db.session.merge(held), "state", ActivityState.CANCELLED))()

    page = client.get(receipt.request.path).page
    assert "Aktiviteten er avlyst" in words(page)


def test_a_promise_to_help_comes_with_an_alarm(client: Visitor, task: Make) -> None:
    say_yes(client, task("Lage suppe"))
    receipt = client.get("/mine-bidrag").page.select_one('a[href*="/pamelding/"]')["href"]

    response = client.get(f"{receipt}/kalender.ics")

    (alarm,) = Calendar.from_ical(response.data).walk("VALARM")
    assert alarm.decoded("TRIGGER") == timedelta(hours=-2)
    assert response.headers["Cache-Control"] == "no-store"
