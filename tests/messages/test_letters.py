"""What a message says: in the language of whoever gets it, with links that work from a mailbox."""

from collections.abc import Callable
from datetime import datetime

import pytest
from bs4 import BeautifulSoup
from flask import Flask, g, request, url_for
from flask_babel import gettext as _

from participation import clock, i18n
from participation.db import db
from participation.messages import letters
from participation.messages.letters import Letter, as_if_read_in
from participation.messages.models import Channel
from participation.web import public_url

SATURDAY = datetime(2026, 11, 21, 15, tzinfo=clock.OSLO)
HOSTILE = "<b>Per</b>\r\nBcc: alle@people.example"


def composed(app: Flask, composer: Callable[[int], Letter | None], language: str = "nb") -> Letter:
    letters.composers["test"] = composer
    try:
        letter = letters.compose(app, "test", 7, language)
    finally:
        del letters.composers["test"]
    assert letter is not None
    return letter


def soup(letter: Letter) -> BeautifulSoup:
    return BeautifulSoup(letter.html or "", "html.parser")


@pytest.mark.parametrize(
    ("language", "words", "day"),
    [("nb", "Mine bidrag", "lørdag 21. november"), ("ar", "مشاركاتي", "السبت 21 نوفمبر"), ("xx", "Mine bidrag", "lør")],
)
def test_a_letter_speaks_the_reader_s_language(app: Flask, language: str, words: str, day: str) -> None:
    def composer(_about: int) -> Letter:
        return letters.letter("kari@people.example", _("Mine bidrag"), [i18n.full_day(SATURDAY)])

    letter = composed(app, composer, language)

    assert letter.subject == words
    assert day in letter.text
    assert letter.language == (language if language in i18n.LANGUAGES else "nb")


def test_links_are_whole_and_keep_the_language(app: Flask, set_up: Callable[..., None]) -> None:
    set_up(PUBLIC_URL="https://torstrand.example", TRUSTED_HOSTS=["torstrand.example"])

    def composer(_about: int) -> Letter:
        address = public_url(url_for("receipts.index"))
        return letters.letter("kari@people.example", "", [], [("Mine bidrag", address)])

    letter = composed(app, composer, "ar")

    assert "https://torstrand.example/ar/mine" in letter.text
    assert next(link["href"] for link in soup(letter).find_all("a")).startswith("https://torstrand.example/ar/mine")
    with as_if_read_in(app, "ar"):
        assert url_for("home.about", _external=True) == "https://torstrand.example/ar/om"


def test_the_language_stays_inside(app: Flask) -> None:
    with app.test_request_context("/en/"), app.app_context():
        g.language = i18n.LANGUAGES["en"]
        outside = db.session()

        with as_if_read_in(app, "ar"):
            assert i18n.reader().tag == "ar"
            assert _("Mine bidrag") == "مشاركاتي"
            assert db.session() is not outside

        assert i18n.reader().tag == "en"
        assert _("Mine bidrag") == "My contributions"
        assert request.script_root == ""
        assert db.session() is outside


def test_html_runs_the_way_the_language_does(app: Flask) -> None:
    for language, direction in (("ar", "rtl"), ("nb", "ltr")):
        page = soup(composed(app, lambda _: letters.letter("kari@people.example", "", ["Hei"]), language))

        assert page.html is not None
        assert page.body is not None
        carrier = page.body.find(True)
        for element in (page.html, carrier):
            assert (element["lang"], element["dir"]) == (language, direction)  # type: ignore[index]


def test_plain_words_run_from_the_right_though_they_begin_with_a_norwegian_name(app: Flask) -> None:
    letter = composed(app, lambda _: letters.letter("kari@people.example", "", ["Kari: مرحبا", "مرحبا"]), "ar")

    assert all(line.startswith("\u200f") for line in letter.text.split("\n\n"))


def test_what_people_wrote_is_no_markup(app: Flask) -> None:
    letter = composed(app, lambda _: letters.letter("kari@people.example", "", [f"Hei {letters.apart(HOSTILE)}"]))

    assert HOSTILE in letter.text
    assert soup(letter).find("b") is None
    assert "<b>Per</b>" in soup(letter).get_text()


def test_a_number_gets_an_sms_with_nothing_but_words(app: Flask) -> None:
    letter = composed(
        app, lambda _: letters.letter("+4790000000", "Emne", ["Hei", "Velkommen"], [("Se her", "https://x.example/1")])
    )

    assert (letter.channel, letter.html, list(letter.attachments)) == (Channel.SMS, None, [])
    assert letter.text == "Hei\nVelkommen\nSe her\nhttps://x.example/1"


def test_a_kind_that_nobody_knows_is_an_error(app: Flask) -> None:
    with pytest.raises(letters.UnknownKind):
        letters.compose(app, "nonsense", 1, "nb")
