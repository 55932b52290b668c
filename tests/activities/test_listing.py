"""Lists of what happens: what comes again, help that is needed all along, and more than one page."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from participation import clock
from participation.activities import rules
from participation.activities.filters import Choice
from participation.activities.models import Activity, ActivityState, Series
from participation.activities.recurrence import starts
from participation.db import db, write
from participation.places import rules as places
from tests import world
from tests.page import Visitor, words

Make = Callable[..., Any]


@write
def series(title: str = "Strikkekafé", *, times: int = 4, in_days: float = 2, ended: bool = False) -> list[Activity]:
    """Something that comes every week, at the same time on the clocks in Oslo."""
    first = clock.oslo(clock.today() + timedelta(days=in_days), time(17))
    kept = Series(rule="FREQ=WEEKLY", first_at=first, filled_until=first, ended=ended)
    db.session.add(kept)
    db.session.flush()
    return [
        world.activity(
            title, in_hours=(at - clock.now()).total_seconds() / 3600, lasts=1, series=kept, occurrence_at=at
        )
        for at in starts(kept.rule, first, first, first + timedelta(weeks=times))
    ]


@write
def cancel(*times: Activity) -> None:
    """Call them off."""
    for one in times:
        db.session.merge(one).state = ActivityState.CANCELLED


def shown() -> list[str]:
    """What is on the list, by id."""
    return [row.public_id for row in rules.coming()]


# --- What comes again


def test_what_comes_again_is_one_row_with_the_next_time(
    app: object, client: Visitor, later: Callable[[timedelta], None]
) -> None:
    first, second, *_ = series()

    assert shown() == [first.public_id]
    assert re.search(r"Hver \w+dag", words(client.get("/aktiviteter").page.select_one("a.row")))

    later(timedelta(days=5))
    assert shown() == [second.public_id]


def test_where_the_next_time_is_off_both_it_and_the_one_after_are_seen(app: object) -> None:
    first, second, *_ = series()
    cancel(first)

    assert shown() == [first.public_id, second.public_id]


def test_a_series_that_is_called_off_whole_is_one_row(app: object) -> None:
    times = series()
    cancel(*times)

    assert shown() == [times[0].public_id]


def test_a_time_that_is_off_later_on_is_not_on_the_list_but_on_the_activitys_page(app: object, client: Visitor) -> None:
    first, second, third, _ = series()
    cancel(third)

    assert shown() == [first.public_id]
    times = client.get(f"/aktiviteter/{first.public_id}").page.select("section[aria-labelledby=times] a")
    assert [link["href"].rpartition("/")[2] for link in times][:2] == [second.public_id, third.public_id]
    assert ["Avlyst" in words(link) for link in times] == [False, True, False]


def test_a_draft_among_the_times_is_passed_over(app: object) -> None:
    first, second, *_ = series()
    write(lambda: setattr(db.session.merge(first), "state", ActivityState.DRAFT))()

    assert shown() == [second.public_id]


def test_a_series_that_has_ended_no_longer_says_how_often(app: object) -> None:
    series(ended=True)

    assert rules.coming()[0].rule is None


def test_a_series_asks_for_help_at_the_soonest_time_that_needs_it(app: object) -> None:
    first, second, third, _ = series()
    full = world.task("Bake", capacity=1, at=first)
    world.signup(full)
    world.task("Koke", at=second)
    world.task("Bake", at=third)

    assert [(need.title["nb"], row.public_id) for row, need in rules.needs()] == [("Koke", second.public_id)]


@pytest.mark.parametrize("now", [datetime(2026, 3, 27, 12, tzinfo=UTC), datetime(2026, 10, 23, 12, tzinfo=UTC)])
def test_what_comes_again_keeps_its_time_when_the_clocks_change(
    client: Visitor, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)
    before, after, *_ = series(in_days=0)

    for one in (before, after):
        page = client.get(f"/aktiviteter/{one.public_id}").page
        assert "17:00–18:00" in words(page.select_one("dl.facts"))
    assert before.starts_at.hour != after.starts_at.hour


# --- Help that is needed all along


def test_standing_help_is_not_something_that_happens_but_something_to_do(client: Visitor, activity: Make) -> None:
    standing = activity("Språkhjelp", in_hours=-24 * 90, lasts=24 * 180, standing=True)
    world.task("Oversette", at=standing)

    assert shown() == []
    section = client.get("/hjelp").page.select_one("section[aria-labelledby=any-time]")
    assert "Oversette" in words(section)
    assert "Når det passer" in words(section.select_one("a.row"))
    assert not section.select("time")


def test_standing_help_stands_until_it_ends(activity: Make, later: Callable[[timedelta], None]) -> None:
    world.task("Oversette", at=activity(in_hours=-24, lasts=48, standing=True))
    assert len(rules.needs()) == 1

    later(timedelta(days=2))
    assert rules.needs() == []


def test_an_activity_leads_to_what_else_its_organiser_needs(client: Visitor, activity: Make) -> None:
    world.task("Oversette", at=activity("Språkhjelp", in_hours=-24, lasts=480, standing=True))
    elsewhere = activity("Andres", in_hours=-24, lasts=480, standing=True, organiser=places.organiser_named("Koret"))
    world.task("Synge", at=elsewhere)

    page = words(client.get(f"/aktiviteter/{activity().public_id}").page)

    assert "Oversette" in page
    assert "Synge" not in page


# --- Help on top of the list


def test_the_soonest_needs_stand_first_where_there_are_any(client: Visitor, activity: Make) -> None:
    feast = activity("Suppe")
    assert "Vi trenger hjelp" not in words(client.get("/aktiviteter").page)

    world.task("Koke", at=feast)
    page = client.get("/aktiviteter").page

    assert words(page.h2) == "Vi trenger hjelp"
    link = page.select_one("section[aria-labelledby=wanted] li a")
    path, _, task = link["href"].partition("#")
    assert client.get(path).page.find(id=task)


# --- More than one page


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two."""
    monkeypatch.setattr(rules, "PAGE", 2)


def pages(client: Visitor, path: str) -> list[list[str]]:
    """The headings of the rows, page by page."""
    found = []
    while path:
        page = client.get(path).page
        found.append([words(row) for row in page.select("a.row h3")])
        path = next((link["href"] for link in page.select("main .actions a") if "fra=" in link["href"]), "")
        assert len(found) < 20, "the pages never end"
    return found


@pytest.mark.usefixtures("small_pages")
def test_page_by_page_everything_is_seen_once_also_what_starts_at_the_same_moment(
    client: Visitor, activity: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    for title in "ABCDE":
        activity(title)

    assert pages(client, "/aktiviteter") == [["A", "B"], ["C", "D"], ["E"]]
    assert pages(client, "/aktiviteter?gratis=ja") == [["A", "B"], ["C", "D"], ["E"]]


@pytest.mark.usefixtures("small_pages")
def test_help_and_what_has_been_have_pages_as_well(client: Visitor, activity: Make) -> None:
    for hours in (1, 2, 3):
        feast = activity(f"Om {hours}", in_hours=hours)
        world.task(f"Oppgave {hours}", at=feast)
        world.task(f"Også {hours}", at=feast)
        activity(f"For {hours}", in_hours=-24 * hours)
    world.task("Alltid", at=activity(in_hours=-24, lasts=48, standing=True))

    assert pages(client, "/hjelp") == [
        ["Oppgave 1", "Også 1", "Alltid"],
        ["Oppgave 2", "Også 2"],
        ["Oppgave 3", "Også 3"],
    ]
    assert pages(client, "/aktiviteter/tidligere") == [["For 1", "For 2"], ["For 3"]]


@pytest.mark.usefixtures("small_pages")
def test_what_a_series_showed_on_one_page_it_does_not_show_on_the_next(client: Visitor, activity: Make) -> None:
    series("Strikk", in_days=1)
    for days in (2, 3, 9, 10):
        activity(f"Om {days}", in_hours=24 * days)

    assert pages(client, "/aktiviteter") == [["Strikk", "Om 2"], ["Om 3", "Om 9"], ["Om 10"]]


@pytest.mark.usefixtures("small_pages")
def test_a_count_says_that_there_may_be_more(client: Visitor, activity: Make) -> None:
    for title in "ABC":
        activity(title)

    assert "Gratis 2+" in words(client.get("/aktiviteter").page)
    assert rules.browse(Choice()).panel.more


def test_what_began_over_a_month_ago_is_not_looked_for(activity: Make) -> None:
    activity("Feil", in_hours=-24 * 32, lasts=24 * 60)

    assert shown() == []


def test_a_series_at_a_place_is_one_row_there_too(client: Visitor, app: object) -> None:
    first, *_ = series()

    assert [row.public_id for row in rules.coming(place=first.place.public_id)] == [first.public_id]
    assert [row.public_id for row in rules.coming(organiser=first.organiser.public_id)] == [first.public_id]
