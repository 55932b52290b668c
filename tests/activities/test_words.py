"""How an activity that repeats is spoken of."""

from datetime import date, datetime, time

import pytest
from flask import Flask

from participation import clock, create_app
from participation.activities.recurrence import Every, rule
from participation.activities.words import repeats
from participation.i18n import LANGUAGES

WEDNESDAY = clock.oslo(date(2026, 3, 4), time(18))


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The app, on a database that nobody asks."""
    return create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path_factory.mktemp('words') / 'never.sqlite'}"})


def said(app: Flask, text: str, first: datetime = WEDNESDAY, tag: str = "nb") -> str:
    with app.test_request_context(headers={"Accept-Language": tag}):
        return repeats(text, first)


@pytest.mark.parametrize(
    ("every", "day", "words"),
    [
        (Every.WEEK, date(2026, 3, 4), "Hver onsdag"),
        (Every.FORTNIGHT, date(2026, 3, 5), "Annenhver torsdag"),
        (Every.MONTH, date(2026, 3, 4), "Første onsdag i måneden"),
        (Every.MONTH, date(2026, 3, 14), "Andre lørdag i måneden"),
        (Every.MONTH, date(2026, 3, 16), "Tredje mandag i måneden"),
        (Every.MONTH, date(2026, 3, 24), "Fjerde tirsdag i måneden"),
        (Every.MONTH, date(2026, 3, 29), "Siste søndag i måneden"),
    ],
)
def test_a_repeated_activity_is_spoken_of_by_its_day(speaking: Flask, every: Every, day: date, words: str) -> None:
    first = clock.oslo(day, time(18))

    assert said(speaking, rule(every, first), first) == words
    assert said(speaking, rule(every, first, date(2026, 12, 31)), first) == words


def test_what_no_short_sentence_can_say_is_left_open(speaking: Flask) -> None:
    assert said(speaking, "FREQ=WEEKLY;BYDAY=WE,FR") == "Flere ganger"


@pytest.mark.parametrize(("tag", "wednesday"), [("nb", "onsdag"), ("en", "Wednesday"), ("ar", "الأربعاء")])
def test_the_day_is_in_the_language_of_the_reader(speaking: Flask, tag: str, wednesday: str) -> None:
    assert all(wednesday in said(speaking, rule(every, WEDNESDAY), tag=tag) for every in Every)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_two_rules_sound_the_same(speaking: Flask, tag: str) -> None:
    texts = [
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2",
        *(f"FREQ=MONTHLY;BYDAY={nth}WE" for nth in (1, 2, 3, 4, -1)),
        "FREQ=DAILY",
    ]

    assert len({said(speaking, text, tag=tag) for text in texts}) == len(texts)
