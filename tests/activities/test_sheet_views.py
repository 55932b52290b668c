"""«Denne uka» on paper, and the screen in the hall."""

import io
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pypdf
import pytest
from flask import Flask

from participation import clock
from participation.activities import agenda
from participation.activities.models import ActivityState
from participation.db import db, write
from participation.i18n import Translated
from participation.places import rules as places
from tests import world
from tests.page import Visitor, words
from tests.posters.test_poster import found, printed, structure
from tests.posters.test_sheets import left_edge

Make = Callable[..., Any]
SATURDAY = date(2026, 11, 21)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[date, time], datetime]:
    """Stops the clock."""

    def stop(day: date = SATURDAY, hour: time = time(12)) -> datetime:
        now = clock.oslo(day, hour)
        monkeypatch.setattr(clock, "now", lambda: now)
        return now

    return stop


@write
def held(title: str, start: datetime, hours: float = 2, tasks: int = 0, **details: Any) -> Any:
    made = world.activity(title, **details)
    made.starts_at, made.ends_at = start, start + timedelta(hours=hours)
    for number in range(tasks):
        task = world.task(f"Oppgave {number}", at=made, capacity=2)
        task.starts_at, task.ends_at = made.starts_at, made.ends_at
    db.session.flush()
    return made


def sheet(client: Visitor, path: str = "/nb/denne-uka.pdf") -> bytes:
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    return response.data


def text_of(document: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(document)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


# --- «Denne uka»


def test_the_sheet_has_the_seven_days_from_today_and_what_each_thing_needs(client: Visitor, at: Make) -> None:
    now = at()
    held("Suppelørdag", now + timedelta(hours=4), tasks=1)
    held("Begynt i går", now - timedelta(hours=20), hours=30)
    held("Fredag kveld", clock.oslo(SATURDAY + timedelta(days=6), time(20)))
    for title, start in (("Neste lørdag", 7 * 24.0), ("I går", -24)):
        held(title, now + timedelta(hours=start))
    held("Kladd", now, state=ActivityState.DRAFT)
    held("Hagegruppa", now, standing=True)
    held("Koret", now + timedelta(days=1), state=ActivityState.CANCELLED, tasks=1)

    text = text_of(sheet(client))

    assert "21.–27. nov. 2026" in text
    order = ["lørdag 21. november", "Begynt i går", "Suppelørdag", "Trenger 2: Oppgave 0", "søndag 22. november"]
    order += ["Avlyst", "Koret", "fredag 27. november", "20:00–22:00", "Fredag kveld"]
    assert sorted(order, key=text.index) == order
    assert text.count("Trenger") == 1, "what is off needs nobody"
    for absent in ("Neste lørdag", "I går", "Kladd", "Hagegruppa"):
        assert absent not in text.replace("Begynt i går", "")


def test_the_sheet_of_a_place_has_its_rooms_and_nothing_else(client: Visitor, at: Make) -> None:
    now = at()
    house = world.place("Grendehuset")
    kitchen = world.place("Kjøkkenet", house=house)
    held("På kjøkkenet", now, place=kitchen)
    held("I parken", now, place=world.place("Parken"))

    text = text_of(sheet(client, f"/nb/denne-uka.pdf?sted={house.public_id}"))

    assert "På kjøkkenet" in text
    assert "Kjøkkenet, Grendehuset" in text
    assert "I parken" not in text
    assert client.get("/nb/denne-uka.pdf?sted=0000000000").status_code == 404


def test_an_empty_week_says_so_and_asks_who_starts_something(client: Visitor, at: Make) -> None:
    at()

    assert "Det står ingenting på planen de neste sju dagene. Kanskje er det du" in text_of(sheet(client))


@pytest.mark.parametrize(("path", "address"), [("/nb", "aktiviteter"), ("/ar", "ar/aktiviteter")])
def test_a_phone_reads_the_code_and_people_can_type_the_address(
    client: Visitor, at: Make, path: str, address: str
) -> None:
    held("Suppelørdag", at())

    document = sheet(client, f"{path}/denne-uka.pdf")

    assert [code.text for code in found(printed(document, 150))] == [f"http://localhost/{address}"]
    assert f"localhost/{address}" in text_of(document)


def test_the_sheet_can_be_read_aloud(client: Visitor, at: Make) -> None:
    held("Suppelørdag", at())

    document = sheet(client)

    read = pypdf.PdfReader(io.BytesIO(document))
    kinds = [element["/S"] for element in structure(document)]
    assert "<pdfuaid:part>1</pdfuaid:part>" in read.trailer["/Root"]["/Metadata"].get_data().decode()
    assert read.metadata.title == "Denne uka · Nabolaget"
    assert read.trailer["/Root"]["/Lang"] == "nb"
    assert kinds.index("/H1") < kinds.index("/H2") < kinds.index("/Figure")


def test_in_arabic_the_sheet_is_in_arabic_and_runs_from_the_right(client: Visitor, at: Make) -> None:
    made = held("Suppelørdag", at())
    write(lambda: setattr(made, "title", Translated({"nb": "Suppelørdag", "ar": "سبت الحساء"})))()

    document = sheet(client, "/ar/denne-uka.pdf")

    assert "الحساء" in text_of(document)
    assert "Suppelørdag" not in text_of(document)
    assert left_edge(document, "12:00–14:00") > 400, "the hour stands on the right"


def test_much_flows_over_and_what_has_no_room_is_counted(
    client: Visitor, at: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = at()
    monkeypatch.setattr(agenda, "WEEK_LIMIT", 30)
    for number in range(34):
        held(f"Ting{number:02}", now + timedelta(hours=number))

    document = sheet(client)

    text = text_of(document)
    assert [number for number in range(30) if f"Ting{number:02}" not in text] == []
    assert "Ting30" not in text
    assert "Og 4 til – se localhost/aktiviteter" in text
    assert 1 < len(pypdf.PdfReader(io.BytesIO(document)).pages) < 4


def test_a_usual_week_is_one_page(client: Visitor, at: Make) -> None:
    now = at()
    for number in range(8):
        held(f"Ting{number:02}", now + timedelta(hours=18 * number), tasks=1)

    assert len(pypdf.PdfReader(io.BytesIO(sheet(client))).pages) == 1


HOSTILE = r"#strong[x] $a$ *b* _c_ @kari <tag> \ `r` //nei [x] " + "langtordsomaldritarslutt" * 4


def test_words_on_the_sheet_are_never_markup(client: Visitor, at: Make) -> None:
    held(HOSTILE, at(), place=world.place(HOSTILE[:60]), audience=world.nb(HOSTILE))

    text = text_of(sheet(client)).replace("- ", "").replace(" ", "").replace("\xad", "").replace("-", "")

    assert text.count(HOSTILE.replace(" ", "")) == 2


# --- The screen in the hall


def test_nobody_keeps_the_press_busy_for_all_others(client: Visitor, limits: None) -> None:
    answers = [client.get("/nb/denne-uka.pdf?sted=finnesikke").status_code for _ in range(31)]

    assert answers == [404] * 30 + [429]


def test_the_screen_has_today_this_week_what_is_needed_and_the_way_on(client: Visitor, at: Make) -> None:
    now = at()
    held("Suppelørdag", now - timedelta(hours=1), tasks=1)
    held("Kveldskaffe", now + timedelta(hours=8))
    held("Koret", now + timedelta(days=2), state=ActivityState.CANCELLED)
    held("Neste uke", now + timedelta(days=8))

    page = client.get("/nb/skjerm").page

    today, week = page.select("section[aria-labelledby]")
    assert words(today) == (
        "I dag 11:00–13:00 Pågår nå Suppelørdag Torstrand Grendehus 20:00–22:00 Kveldskaffe Torstrand Grendehus"
    )
    assert words(week) == "Denne uka man 23 12:00–14:00 Koret Torstrand Grendehus Avlyst"
    assert words(page.select_one(".needs")) == "Vi trenger hjelp Trenger 2: Oppgave 0"
    assert words(page.select_one(".address")) == "localhost/aktiviteter"
    assert "lørdag 21. november · oppdatert kl. 12:00" in words(page)


def test_the_screen_asks_for_itself_every_minute_with_and_without_scripts(client: Visitor, htmx: Visitor) -> None:
    page = client.get("/ar/skjerm").page
    (root,) = htmx.get("/ar/skjerm").page.contents

    assert page.select_one('noscript meta[http-equiv="refresh"]')["content"] == "60"
    for hall in (page.select_one("#hall"), root):
        assert hall["id"] == "hall"
        assert hall["hx-get"] == "/ar/skjerm"
        assert hall["hx-trigger"] == "every 60s"
        assert hall["hx-swap"] == "outerHTML"
    assert not page.select("a, button, form, input"), "nobody stands there to press anything"


def test_at_midnight_in_oslo_tomorrow_becomes_today(client: Visitor, at: Make) -> None:
    at(SATURDAY, time(23, 59))
    held("Søndagstur", clock.oslo(SATURDAY + timedelta(days=1), time(11)))
    before = client.get("/nb/skjerm").page

    at(SATURDAY + timedelta(days=1), time(0))
    after = client.get("/nb/skjerm").page

    assert "Søndagstur" in words(before.select_one('[aria-labelledby="hall-week"]'))
    assert "Søndagstur" in words(after.select_one('[aria-labelledby="hall-today"]'))


def test_what_is_over_leaves_the_screen(client: Visitor, at: Make) -> None:
    now = at()
    held("Frokost", now - timedelta(hours=2), hours=2)

    page = client.get("/nb/skjerm").page

    assert "Frokost" not in words(page)
    assert "Ingenting på planen i dag." in words(page)


def test_the_screen_of_a_place_is_called_by_its_name_and_asks_for_itself(client: Visitor, at: Make) -> None:
    now = at()
    held("I huset", now, place=world.place("Grendehuset"))
    held("I parken", now, place=world.place("Parken"))
    (house,) = [place for place in places.places() if place.name == "Grendehuset"]

    page = client.get(f"/nb/skjerm?sted={house.public_id}").page

    assert words(page.h1) == "Grendehuset"
    assert page.select_one("#hall")["hx-get"] == f"/nb/skjerm?sted={house.public_id}"
    assert "I huset" in words(page)
    assert "I parken" not in words(page)
    assert client.get("/skjerm?sted=0000000000").status_code == 404


def test_more_than_three_needs_are_counted(client: Visitor, at: Make) -> None:
    held("Suppelørdag", at(), tasks=5)

    assert words(client.get("/nb/skjerm").page.select_one(".needs")).endswith("og 2 oppgaver til")


def test_many_activities_cost_no_more_questions_to_the_database(
    client: Visitor, at: Make, statements: list[str], app: Flask
) -> None:
    now = at()

    def asked() -> int:
        statements.clear()
        client.get("/nb/skjerm")
        return len([statement for statement in statements if statement.startswith("SELECT")])

    held("Én", now, tasks=1)
    few = asked()
    for number in range(20):
        held(f"Nummer {number}", now + timedelta(hours=number), tasks=2)
    assert asked() == few <= 5
