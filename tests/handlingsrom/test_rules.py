"""What stands behind each of the four doors, on a given day."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from participation.handlingsrom import rules
from participation.handlingsrom.models import Verdict

Make = Callable[..., Any]
TODAY = date(2026, 3, 1)


def test_all_four_doors_are_there_even_when_nothing_stands_behind_them(app: object) -> None:
    assert rules.doors(TODAY) == dict.fromkeys(Verdict, 0)


@pytest.mark.parametrize(
    ("day", "verdict"),
    [
        (TODAY - timedelta(days=1), Verdict.OPEN),
        (TODAY, Verdict.OPEN),
        (TODAY + timedelta(days=1), Verdict.GIVEN),
    ],
)
def test_what_can_be_influenced_until_a_day_is_decided_the_day_after(card: Make, day: date, verdict: Verdict) -> None:
    plan = card("Områdeplan", Verdict.OPEN, open_until=TODAY)

    assert plan.verdict_on(day) is verdict
    assert rules.doors(day) == {**dict.fromkeys(Verdict, 0), verdict: 1}
    assert [found.id for found in rules.behind(verdict, day)] == [plan.id]


def test_what_has_no_end_stays_open(card: Make) -> None:
    card("Alltid", Verdict.OPEN)

    assert rules.doors(date(2099, 1, 1))[Verdict.OPEN] == 1


@pytest.mark.parametrize("verdict", [Verdict.YOURS, Verdict.GIVEN, Verdict.OTHER])
def test_a_date_changes_only_what_was_open(card: Make, verdict: Verdict) -> None:
    plan = card("Annet", verdict, open_until=TODAY)

    assert plan.verdict_on(TODAY + timedelta(days=99)) is verdict
    assert rules.doors(TODAY + timedelta(days=99))[verdict] == 1


def test_a_card_that_nobody_has_checked_for_half_a_year_is_marked(card: Make) -> None:
    checked = card("Gammelt", checked_on=TODAY)

    assert not checked.is_dated_on(TODAY + timedelta(days=180))
    assert checked.is_dated_on(TODAY + timedelta(days=181))


def test_cards_come_theme_by_theme(card: Make) -> None:
    first = card("A")
    second = card("B")
    third = card("C", theme=first.theme, position=1)

    found = [each.id for each in rules.behind(Verdict.YOURS, TODAY)]
    assert sorted(found) == [first.id, second.id, third.id]
    assert found.index(third.id) != 0


def test_a_card_nobody_has_made_is_not_there(app: object) -> None:
    assert rules.card("zzzzzzzzzz") is None
