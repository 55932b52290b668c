"""The kitchen sheet and the list of names: every name as it was given, and nothing on paper that need not be there."""

import io
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import time, timedelta
from typing import Any

import pypdf
import pytest
from flask import Flask

from participation import clock
from participation.activities import queues
from participation.activities.models import Purpose
from participation.i18n import Translated
from participation.posters import sheets
from participation.staff import rights
from tests import world
from tests.posters.test_poster import A4_POINTS, structure

Make = Callable[..., Any]
HOSTILE = [
    r"O'Brien #strong[x] $a^2$ *b* _c_ @kari <tag> \ `raw` //nei /*nei*/ = h",
    '#import "/etc/passwd": * #sys.inputs.words',
    r"\u{41}#emoji.face~--- ... [x] ${alert(1)}",
]
PHONE, EMAIL = "+47 412 34 567", "navn.med.mange.punktum.og.ord.som.ikke.tar.slutt.noen.gang@et.langt.domene.example"


@pytest.fixture
def reading(app: Flask) -> Iterator[None]:
    """Somebody asks, in bokmål."""
    with app.test_request_context("/", headers={"Accept-Language": "nb"}):
        yield


def crews(activity: Any) -> list[tuple[Any, list[Any], list[Any]]]:
    return rights.helpers(activity)


def pages(document: bytes) -> list[pypdf.PageObject]:
    return list(pypdf.PdfReader(io.BytesIO(document)).pages)


def text_of(document: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pages(document)).split())


def letters(text: str) -> str:
    """Without what only line breaks put in or leave out."""
    return re.sub(r"[\s\xad\u200b]|-(?=\n)", "", text)


def left_edge(document: bytes, word: str) -> float:
    """Where on the page a word begins, in points."""
    boxes = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=document, capture_output=True, check=True).stdout
    return float(re.search(rf'xMin="([\d.]+)"[^>]*>[^<]*{word}', boxes.decode())[1])  # type: ignore[index]


def feast() -> Any:
    start = clock.oslo(clock.today() + timedelta(days=3), time(16))
    held = world.activity("Suppelørdag")
    return world.write(lambda: _at(held, start))()


def _at(held: Any, start: Any) -> Any:
    held.starts_at, held.ends_at = start, start + timedelta(hours=2)
    return held


def contacts(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "purposes": frozenset({Purpose.TASK}), **more}


@pytest.mark.parametrize("draw", [sheets.kitchen, sheets.names])
def test_the_sheet_says_what_when_where_who_and_that_it_must_be_shredded(reading: None, draw: Make) -> None:
    held = feast()
    soup = world.task("Lage suppe", at=held, capacity=4)
    world.signup(soup, "Amina", party=2)
    world.signup(soup, "Kari")

    document = draw(held, crews(held))

    text = text_of(document)
    for words in (
        *("Suppelørdag", "Torstrand Grendehus", "16:00–18:00", "Lage suppe", "Møt på kjøkkenet", "Amina", "Kari"),
        *("3 av 4 plasser er tatt", "Makuleres etter bruk", "Skrevet ut"),
    ):
        assert words in text, words
    assert "Amina 2" in text
    assert [[float(page.mediabox.width), float(page.mediabox.height)] for page in pages(document)] == [
        pytest.approx(A4_POINTS, abs=0.1)
    ]


def test_the_kitchen_wall_learns_no_numbers_and_not_who_waits(reading: None) -> None:
    held = feast()
    soup = world.task("Lage suppe", at=held, capacity=1)
    world.signup(soup, **contacts("Amina", phone=PHONE))
    world.signup(soup, **contacts("Kari", email=EMAIL))

    wall, hand = text_of(sheets.kitchen(held, crews(held))), text_of(sheets.names(held, crews(held)))

    assert "Amina" in wall
    assert PHONE not in wall
    assert "Kari" not in wall
    assert EMAIL not in letters(wall)
    assert PHONE in hand
    assert EMAIL in letters(hand)
    assert hand.index("Venteliste") < hand.index("Kari")


def test_there_are_lines_to_write_on_for_the_places_that_are_free(reading: None) -> None:
    held = feast()
    world.task("Lage suppe", at=held, capacity=4)
    world.task("Rydde", at=held, capacity=100)
    full = world.task("Bære", at=held, capacity=1)
    world.signup(full, "Amina")

    document = sheets.kitchen(held, crews(held))

    # Rows of the tables: one heading and the free lines of each, and Amina.
    assert [element["/S"] for element in structure(document)].count("/TR") == (1 + 4) + (1 + 6) + (1 + 1 + 2)


@pytest.mark.parametrize("name", [*HOSTILE, "x" * 100, "Å" * 100, "ord " * 25])
def test_a_hostile_name_is_printed_as_it_is_and_never_obeyed(reading: None, name: str) -> None:
    held = world.activity(name, place=world.place(name[:60]))
    world.signup(world.task(name, at=held), name, "somebody", phone=PHONE)

    for draw in (sheets.kitchen, sheets.names):
        text = letters(text_of(draw(held, crews(held))).replace("- ", "").replace("-", ""))
        assert text.count(letters(name).replace("-", "")) >= 3


@pytest.mark.parametrize("name", ["محمد بن علي", "ትግስቲ ኣብርሃ", "Олена Шевченко", "Łucja Żółć", "Šarūnė", "فاطمه"])
def test_names_in_the_neighbours_scripts_are_printed(reading: None, name: str) -> None:
    held = feast()
    world.signup(world.task(at=held), name)

    text = text_of(sheets.kitchen(held, crews(held)))

    for word in name.split():
        assert word in text


def test_a_name_that_no_font_has_still_has_its_line(reading: None) -> None:
    held = feast()
    soup = world.task(at=held)
    for name in ("🎉🎉", "漢字", "Olga 🌻"):
        world.signup(soup, name)

    text = text_of(sheets.kitchen(held, crews(held)))

    assert text.count("(navnet kan ikke skrives ut)") == 2
    assert "Olga" in text


def test_in_arabic_the_sheet_runs_from_the_right(app: Flask) -> None:
    held = world.activity("Suppelørdag")
    world.write(lambda: setattr(held, "title", Translated({"nb": "Suppelørdag", "ar": "سبت الحساء"})))()
    world.signup(world.task(at=held), "Amina")

    with app.test_request_context("/", environ_overrides={"participation.language": "ar"}):
        document = sheets.names(held, crews(held))

    assert pypdf.PdfReader(io.BytesIO(document)).trailer["/Root"]["/Lang"] == "ar"
    assert left_edge(document, "Amina") > A4_POINTS[0] / 2, "names stand on the right"
    assert "سبت" in text_of(document)


@pytest.mark.parametrize("draw", [sheets.kitchen, sheets.names])
def test_the_sheet_can_be_read_aloud(reading: None, draw: Make) -> None:
    held = feast()
    world.signup(world.task(at=held), "Amina")

    document = draw(held, crews(held))

    read = pypdf.PdfReader(io.BytesIO(document))
    kinds = [element["/S"] for element in structure(document)]
    assert "<pdfuaid:part>1</pdfuaid:part>" in read.trailer["/Root"]["/Metadata"].get_data().decode()
    assert read.metadata.title.endswith(": Suppelørdag")
    assert kinds.index("/H1") < kinds.index("/H2") < kinds.index("/Table") < kinds.index("/TH") < kinds.index("/TD")


def test_many_people_go_on_to_the_next_page_and_none_is_lost(reading: None) -> None:
    held = feast()
    soup = world.task(at=held, capacity=80)
    people = [f"Navn{number:03}" for number in range(90)]
    for name in people:
        world.signup(soup, name)

    document = sheets.names(held, crews(held))

    text = text_of(document)
    assert [name for name in people if name not in text] == []
    assert len(pages(document)) > 1
    assert all("Makuleres etter bruk" in page.extract_text() for page in pages(document))
    assert all("Navn" in page.extract_text() for page in pages(document)), "each page has the table's heading"


def test_an_activity_without_tasks_has_a_sheet_too(reading: None) -> None:
    assert "Ingen oppgaver ennå." in text_of(sheets.kitchen(feast(), []))


def test_help_that_is_needed_all_along_has_no_hours(reading: None) -> None:
    garden = world.activity("Hagegruppa", standing=True)
    world.task("Vanne", at=garden)
    hours = f"{clock.local(garden.starts_at):%H:%M}–"

    standing = text_of(sheets.kitchen(garden, crews(garden)))
    world.write(lambda: setattr(garden, "standing", False))()

    assert hours not in standing
    assert hours in text_of(sheets.kitchen(garden, crews(garden)))


def test_what_it_says_of_places_is_what_the_pages_say(reading: None) -> None:
    held = feast()
    soup = world.task(at=held, capacity=5)
    world.signup(soup, "Amina", party=3)

    assert f"{queues.places([soup])[soup.id].placed} av 5 plasser er tatt" in text_of(sheets.kitchen(held, crews(held)))
