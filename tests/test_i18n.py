"""Languages: which one a reader gets, and how a text in another language is marked."""

import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from participation import i18n
from participation.i18n import LANGUAGES, Translated
from tests import world
from tests.page import Visitor

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("no", "nb"),
        ("nb-NO", "nb"),
        ("nn", "nb"),
        ("nn-NO,nn;q=0.9,no;q=0.8,nb;q=0.7,en;q=0.6", "nb"),
        ("no-NO,no", "nb"),
        ("no-NO,no;q=0.9,en-US;q=0.8,en;q=0.7", "nb"),
        ("da", "nb"),
        ("sv-SE", "nb"),
        ("en-US", "en"),
        ("EN_us", "en"),
        ("ar", "ar"),
        ("ar-SY,ar;q=0.9,en;q=0.8", "ar"),
        ("xx", "nb"),
        ("xx,ar;q=0.5", "ar"),
        ("prs", "nb"),
        ("prs,en;q=0.1", "en"),
        ("zh-Hant-TW", "nb"),
        ("../../etc/passwd", "nb"),
        ("*", "nb"),
        ("en;q=0,ar;q=0.1", "ar"),
        ("en;q=0.1,ar;q=0.9", "ar"),
        ("en;q=nonsense", "nb"),
        ("", "nb"),
        (",,,;;;===", "nb"),
        ("\x00", "nb"),
        ("a" * 4096, "nb"),
        ("en," * 1365, "en"),
        ("é,ar", "ar"),
    ],
)
def test_a_phone_gets_the_first_language_it_asks_for_that_we_speak(asked: str, given: str) -> None:
    assert i18n.preferred(asked).tag == given


@pytest.mark.parametrize("asked", ["no", "xx", "prs", "zh-Hant-TW", "../../etc/passwd", "q" * 4096, "en;q=1;q=2"])
def test_no_phone_is_answered_with_an_error_for_what_it_speaks(client: Visitor, asked: str) -> None:
    assert client.get("/om", headers={"Accept-Language": asked}).status_code == 200


def test_the_address_beats_the_choice_and_the_choice_beats_the_phone(client: Visitor) -> None:
    speaks_english = {"Accept-Language": "en"}
    assert client.get("/om", headers=speaks_english).page.html["lang"] == "en"

    client.get("/sprak/ar")
    assert client.get("/om", headers=speaks_english).page.html["lang"] == "ar"
    assert client.get("/nb/om", headers=speaks_english).page.html["lang"] == "nb"


@pytest.mark.parametrize("kept", ["xx", "../../etc/passwd", "", "NB", "x" * 4000, "ar-SY"])
def test_a_choice_that_is_unknown_is_passed_over(client: Visitor, kept: str) -> None:
    client.set_cookie("language", kept)

    assert client.get("/om", headers={"Accept-Language": "en"}).page.html["lang"] == "en"


@pytest.mark.parametrize("query", ["lang=ar", "lang=xx", "locale=../../etc/passwd"])
def test_a_query_does_not_choose_the_language(client: Visitor, query: str) -> None:
    assert client.get(f"/om?{query}").page.html["lang"] == "nb"


@pytest.mark.parametrize("prefix", ["/ar", "/AR", "/Ar"])
def test_every_link_on_a_page_keeps_its_language(client: Visitor, prefix: str) -> None:
    page = client.get(f"{prefix}/om").page

    assert {link["href"].split("/")[1] for link in page.select("nav a, footer a")} == {"ar"}


def test_every_language_is_offered_by_its_own_name_and_the_present_one_is_marked(client: Visitor) -> None:
    links = client.get("/ar/om").page.select(".languages a")

    assert [(link["lang"], link.get_text()) for link in links] == [(tag, one.endonym) for tag, one in LANGUAGES.items()]
    assert [link["lang"] for link in links if link.get("aria-current")] == ["ar"]


# --- Texts in several languages


@pytest.mark.parametrize(
    ("texts", "asked", "read"),
    [
        ({"nb": "hus", "ar": "بيت"}, "ar", ("بيت", "ar")),
        ({"nb": "hus", "ar": ""}, "ar", ("hus", "nb")),
        ({"nb": "hus"}, "xx", ("hus", "nb")),
        ({"pl": "dom"}, "ar", ("dom", "pl")),
        ({"nb": "", "pl": "dom"}, "nb", ("dom", "pl")),
        ({}, "en", ("", "en")),
    ],
)
def test_a_text_is_read_in_ones_language_else_in_bokmal_else_as_it_is(
    texts: dict[str, str], asked: str, read: tuple[str, str]
) -> None:
    assert i18n.Translated(texts).read(asked) == i18n.Reading(*read)


def test_a_text_in_another_language_says_which_and_is_safe(app: Flask) -> None:
    with app.test_request_context(environ_overrides={"participation.language": "ar"}):
        assert i18n.say(Translated({"ar": "<b>بيت</b>"})) == "<b>بيت</b>"  # escaped by the template
        assert i18n.say(Translated({"nb": "<b>hus</b>"})) == '<bdi lang="nb" dir="ltr">&lt;b&gt;hus&lt;/b&gt;</bdi>'
        assert i18n.say(Translated({"pl": "dom"})) == '<bdi lang="pl" dir="auto">dom</bdi>'


def test_texts_come_back_from_the_database_as_they_went_in(client: Visitor) -> None:
    title = Translated({"nb": "Suppe «&» <b>", "ar": "حساء", "en": "Soup"})
    kept = world.activity(summary=title)
    world.db.session.expire_all()

    assert kept.summary == title
    assert isinstance(kept.summary, Translated)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("hei", "Latn"),
        ("مرحبا", "Arab"),
        ("Привіт", "Cyrl"),
        ("ሰላም", "Ethi"),
        ("12 🦊", None),
        ("", None),
        ("hei مرحبا بكم", "Arab"),
        ("你好", None),
    ],
)
def test_the_script_of_a_text_is_that_of_most_of_its_letters(text: str, script: str | None) -> None:
    assert i18n.script_of(text) == script


# --- Dates and times


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "01:30"),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "03:30"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "02:30"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "02:30"),
        (datetime(2026, 6, 1, 16, 0, tzinfo=UTC), "18:00"),
    ],
)
def test_times_are_what_the_clocks_in_oslo_show(moment: datetime, shown: str) -> None:
    assert i18n.clock_time(moment) == shown


@pytest.mark.parametrize(
    ("tag", "day"), [("nb", "lørdag 21. november"), ("en", "Saturday 21 November"), ("ar", "السبت 21 نوفمبر")]
)
def test_days_are_written_out_in_every_language(app: Flask, tag: str, day: str) -> None:
    with app.test_request_context(environ_overrides={"participation.language": tag}):
        assert i18n.full_day(date(2026, 11, 21)) == day
        assert i18n.full_day(datetime(2026, 11, 20, 23, 30, tzinfo=UTC)) == day


def test_a_machine_is_told_the_offset_too() -> None:
    assert i18n.iso(datetime(2026, 7, 1, 10, 0, tzinfo=UTC)) == "2026-07-01T12:00+02:00"


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_the_language_table_agrees_with_itself(language: i18n.Language) -> None:
    letters = {unicodedata.bidirectional(letter) for letter in language.endonym if letter.isalpha()}

    assert (letters <= {"R", "AL"}) == (language.direction == "rtl")
    assert i18n.script_of(language.endonym) == language.script
