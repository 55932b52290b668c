"""Lists that can be narrowed: what fits, what each filter leaves, and addresses that mean nothing."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest

from participation.activities import filters, rules
from participation.activities.filters import OF_ACTIVITIES, OF_TASKS, Choice, Group, Trait
from participation.activities.models import Kind
from participation.db import db, write
from participation.handlingsrom.models import Area, Theme
from participation.places import rules as places
from tests import world
from tests.page import Visitor, words

Make = Callable[..., Any]


@write
def theme(slug: str, title: str) -> Theme:
    """A theme."""
    kept = Theme(slug=slug, area=Area.PLACE, title=world.nb(title), about=world.nb(title))
    db.session.add(kept)
    db.session.flush()
    return kept


def titles(page: rules.Page) -> list[str]:
    """What is on a page."""
    return [found.row.title["nb"] for found in page.found]


def asked(**query: str) -> Choice:
    """The choice that an address with this query holds."""
    return filters.read({name.replace("_", "-"): value for name, value in query.items()}, OF_ACTIVITIES)


@pytest.fixture
def town(app: object) -> dict[str, Any]:
    """Three activities that differ in all that can be chosen."""
    park = world.place("Parken", step_free=None)
    made = {
        "Tur": world.activity("Tur", in_hours=1, lasts=1, place=park, theme=theme("ute", "Ute"), bring_children=True),
        "Suppe": world.activity("Suppe", in_hours=2, lasts=3, price=50, no_norwegian=True),
        "Kor": world.activity("Kor", in_hours=3, lasts=2, no_norwegian=True, theme=theme("sang", "Sang")),
    }
    world.task("Koke", at=made["Suppe"])
    return {**made, "park": park}


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ({}, ["Tur", "Suppe", "Kor"]),
        ({"under_en_time": "ja"}, ["Tur"]),
        ({"uten_norsk": "ja"}, ["Suppe", "Kor"]),
        ({"med_barn": "ja"}, ["Tur"]),
        ({"trinnfritt": "ja"}, ["Suppe", "Kor"]),
        ({"gratis": "ja"}, ["Tur", "Kor"]),
        ({"trenger_hjelp": "ja"}, ["Suppe"]),
        ({"tema": "sang"}, ["Kor"]),
        ({"gratis": "ja", "uten_norsk": "ja"}, ["Kor"]),
        ({"gratis": "ja", "uten_norsk": "ja", "tema": "ute"}, []),
    ],
)
def test_filters_narrow_and_combine(town: dict[str, Any], query: dict[str, str], left: list[str]) -> None:
    assert titles(rules.browse(asked(**query))) == left


def test_a_place_is_chosen_with_its_rooms(town: dict[str, Any], activity: Make) -> None:
    house = places.place_named("Torstrand Grendehus")
    activity("Bakst", in_hours=9, place=world.place("Kjøkkenet", house=house))

    assert titles(rules.browse(asked(sted=house.public_id))) == ["Suppe", "Kor", "Bakst"]
    assert titles(rules.browse(asked(sted=town["park"].public_id))) == ["Tur"]


def test_a_room_is_as_step_free_as_its_house_where_nothing_else_is_said(activity: Make) -> None:
    house = places.place_named("Torstrand Grendehus")
    write(lambda: setattr(house, "step_free", True))()
    activity("Bakst", place=world.place("Kjøkkenet", house=house, step_free=None))
    activity("Kjellerkino", place=world.place("Kjelleren", house=house, step_free=False))

    assert titles(rules.browse(asked(trinnfritt="ja"))) == ["Bakst"]


def test_every_count_is_what_the_filter_leaves(town: dict[str, Any]) -> None:
    for number in range(len(OF_ACTIVITIES.traits)):
        for chosen in combinations(OF_ACTIVITIES.traits, number):
            panel = rules.browse(Choice(chosen)).panel
            chips = [*panel.traits, *(chip for _, group in panel.values for chip in group)]
            for chip in chips:
                found = rules.browse(filters.read(dict(chip.query), OF_ACTIVITIES)).found
                assert len(found) == chip.left, (chosen, chip)


def test_counting_costs_no_more_questions_than_the_list(town: dict[str, Any], statements: list[str]) -> None:
    statements.clear()
    rules.browse(asked(gratis="ja"))

    assert len([line for line in statements if line.startswith("SELECT")]) == 2


def test_who_has_chosen_is_offered_nothing_that_leaves_nothing(town: dict[str, Any]) -> None:
    panel = rules.browse(asked(med_barn="ja")).panel

    assert {chip.filter for chip in panel.traits} == {Trait.SHORT, Trait.FREE}
    assert panel.values == ()


def test_the_same_choice_has_one_address_however_it_came_about() -> None:
    one = Choice().with_value(Group.PLACE, "a" * 10).with_trait(Trait.FREE).with_trait(Trait.SHORT)
    other = Choice().with_trait(Trait.SHORT).with_trait(Trait.FREE).with_value(Group.PLACE, "a" * 10)

    assert one.query == other.query
    assert filters.read(dict(one.query), OF_ACTIVITIES) == one
    assert one.without(Trait.FREE).without(Group.PLACE).without(Trait.SHORT) == Choice()


HOSTILE = [
    "gratis=nei",
    "gratis=",
    "gratis=nei&gratis=ja&gratis[]=ja",
    "tema='%20OR%201=1--",
    "tema=" + "x" * 5000,
    "tema=finnes-ikke",
    "tema[]=ute",
    "sted=%F0%9F%A6%8A",
    "sted=zzzzzzzzzz",
    "sted=0%0a00000000",
    "slag=murder",
    "slag=cook%0d%0aSet-Cookie:a=b",
    "fra=zzzzzzzzzz",
    "fra=-1",
    "fra=" + "9" * 40,
    "%ff=%ff",
    "endpoint=x&_external=1&_anchor=x&_scheme=javascript",
]


@pytest.mark.parametrize("query", HOSTILE)
@pytest.mark.parametrize("path", ["/aktiviteter", "/hjelp", "/aktiviteter/tidligere"])
def test_what_an_address_cannot_mean_is_passed_over(
    client: Visitor, town: dict[str, Any], path: str, query: str
) -> None:
    plain, hostile = client.get(path), client.get(f"{path}?{query}")

    assert hostile.status_code == 200
    assert words(hostile.page.main) == words(plain.page.main)


# --- Help


def test_tasks_are_narrowed_by_what_they_ask_for(activity: Make, task: Make) -> None:
    feast = activity("Suppe", in_hours=1, lasts=4, bring_children=True)
    world.task("Koke", at=feast)
    short = task("Kjøre", at=activity("Tur", in_hours=2, lasts=1))
    write(lambda: setattr(db.session.merge(short), "kind", Kind.DRIVE))()
    world.task("Oversette", at=activity("Språkhjelp", in_hours=-9000, lasts=18000, standing=True))

    def left(**query: str) -> list[str]:
        choice = filters.read({name.replace("_", "-"): value for name, value in query.items()}, OF_TASKS)
        return [found.need.title["nb"] for found in rules.help_wanted(choice).found if found.need]

    assert left() == ["Koke", "Kjøre", "Oversette"]
    assert left(slag="drive") == ["Kjøre"]
    assert left(under_en_time="ja") == ["Kjøre"]
    assert left(naar_det_passer="ja") == ["Oversette"]
    assert left(med_barn="ja") == ["Koke"]
    assert left(gratis="ja") == left(), "what helping costs is no question"


# --- On the page


def chips(page: Any, group: str = "details.filters") -> dict[str, str]:
    """The filters on a page: words → address."""
    return {words(chip): chip["href"] for chip in page.select(f"{group} .chip")}


def test_one_tap_adds_a_filter_and_one_takes_it_away(client: Visitor, town: dict[str, Any]) -> None:
    offered = chips(client.get("/ar/aktiviteter").page)
    free = next(address for address in offered.values() if address.endswith("?gratis=ja"))
    narrowed = client.get(free).page

    assert [words(row) for row in narrowed.select("a.row h3")] == ["Tur", "Kor"]
    (away,) = narrowed.select(".chip[data-chosen]")
    assert away["href"] == "/ar/aktiviteter"

    twice = client.get("/aktiviteter?gratis=ja&tema=sang").page
    assert [chip["href"] for chip in twice.select(".chip[data-chosen]")] == [
        "/aktiviteter?tema=sang",
        "/aktiviteter?gratis=ja",
    ]
    assert "Ta bort alle" in words(twice)


def test_nothing_left_says_what_stands_in_the_way_and_leads_on(client: Visitor, town: dict[str, Any]) -> None:
    page = client.get("/aktiviteter?med-barn=ja&tema=sang").page

    assert not page.select("a.row")
    assert [words(chip) for chip in page.select(".chip[data-chosen]")] == [
        "Ta bort filteret: Ta med barn",
        "Ta bort filteret: Sang",
    ]
    assert page.select_one('main a[href="/handlingsrom/bare-gjor-det"]')
    assert "Ingenting passer med alt du har valgt" in words(page)


def test_a_filter_is_offered_with_how_many_it_leaves(client: Visitor, town: dict[str, Any]) -> None:
    assert {"Gratis 2", "Ta med barn 1", "Sang 1", "Parken 1", "Trenger hjelp 1"} <= chips(
        client.get("/aktiviteter").page
    ).keys()


def test_help_is_narrowed_on_the_page_as_well(client: Visitor, task: Make) -> None:
    task("Lage suppe")
    drive = task("Hente varer")
    write(lambda: setattr(db.session.merge(drive), "kind", Kind.DRIVE))()

    offered = chips(client.get("/hjelp").page)
    page = client.get(offered["Kjøre 1"]).page

    assert [words(row) for row in page.select("a.row h3")] == ["Hente varer"]
    assert client.get("/hjelp?slag=bake").page.select_one('main a[href="/handlingsrom/bare-gjor-det"]')


@pytest.mark.parametrize(
    ("query", "calendar"),
    [("", "/kalender.ics"), ("?tema=sang", "/kalender/sang.ics"), ("?sted={}", "/steder/{}/kalender.ics")],
)
def test_what_one_chose_can_be_had_as_a_calendar(
    client: Visitor, town: dict[str, Any], query: str, calendar: str
) -> None:
    park = town["park"].public_id
    path = calendar.format(park)

    page = client.get(f"/aktiviteter{query.format(park)}").page

    assert page.select_one('main a[href^="webcal:"]')["href"] == f"webcal://localhost/nb{path}"
    link = page.select_one('main a[href^="/"][href$=".ics"]')
    assert (link["href"], link.get_text()) == (path, f"http://localhost/nb{path}")
    assert client.get(f"/nb{path}").mimetype == "text/calendar"


@pytest.mark.parametrize("tag", ["nb", "en", "ar"])
def test_a_calendar_speaks_the_language_of_the_page_it_was_found_on(client: Visitor, tag: str) -> None:
    by_prefix = client.get(f"/{tag}/aktiviteter").page
    by_phone = client.get("/aktiviteter", headers={"Accept-Language": tag}).page

    for page in (by_prefix, by_phone):
        assert page.select_one('main a[href^="webcal:"]')["href"] == f"webcal://localhost/{tag}/kalender.ics"


def test_the_list_leads_to_the_sheet_and_the_screen_of_what_one_chose(client: Visitor, town: dict[str, Any]) -> None:
    park = town["park"].public_id
    for query, chosen in (("", ""), (f"?sted={park}", f"?sted={park}")):
        page = client.get(f"/aktiviteter{query}").page
        for path in ("/denne-uka.pdf", "/skjerm"):
            assert client.get(page.select_one(f'main a[href="{path}{chosen}"]')["href"]).status_code == 200
