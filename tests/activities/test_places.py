"""The pages of places and of organisers."""

from collections.abc import Callable
from typing import Any

import pytest

from participation.db import write
from participation.places import rules as places
from tests import world
from tests.page import Visitor, words

Make = Callable[..., Any]


def test_a_house_shows_what_happens_in_it_and_in_its_rooms(client: Visitor, activity: Make) -> None:
    house = world.place("Grendehuset", address="Torggata 1")
    room = world.place("Kjøkkenet", house=house)
    activity("Bakst", place=room)
    activity("Kino", place=house)
    activity("Tur", place=world.place("Parken"))

    page = client.get(f"/steder/{house.public_id}").page
    assert [words(row) for row in page.select("a.row h3")] == ["Bakst", "Kino"]
    assert "Torggata 1" in words(page)

    inside = client.get(f"/steder/{room.public_id}").page
    assert [words(row) for row in inside.select("a.row h3")] == ["Bakst"]
    assert words(inside.h1) == "Kjøkkenet, Grendehuset"


def test_an_organiser_shows_what_is_theirs(client: Visitor, activity: Make) -> None:
    choir = places.organiser_named("O'Koret <b>")
    activity("Sang", organiser=choir)
    activity("Suppe")

    page = client.get(f"/arrangorer/{choir.public_id}").page

    assert words(page.h1) == "O'Koret <b>"
    assert [words(row) for row in page.select("a.row h3")] == ["Sang"]


@pytest.mark.parametrize("path", ["steder", "arrangorer"])
def test_a_place_or_organiser_that_is_not_there_is_not_found(client: Visitor, path: str) -> None:
    assert client.get(f"/{path}/zzzzzzzzzz").status_code == 404


@pytest.mark.parametrize(
    ("website", "leads"),
    [
        ("https://vel.example/om", True),
        ("javascript:alert(1)", False),
        ("vel.example", False),
        ("https://[", False),
        (None, False),
    ],
)
def test_an_organisers_website_is_a_link_only_if_it_is_one(
    client: Visitor, app: object, website: str | None, leads: bool
) -> None:
    choir = places.organiser_named("Koret")
    write(lambda: setattr(choir, "website", website))()

    links = client.get(f"/arrangorer/{choir.public_id}").page.select("main a[rel]")

    assert [link["href"] for link in links] == ([website] if leads else [])


def test_all_places_and_organisers_are_on_one_page(client: Visitor, activity: Make) -> None:
    held = activity(place=world.place("Kjøkkenet", house=world.place("Grendehuset")))

    page = client.get("/steder").page

    for path in (f"/steder/{held.place.public_id}", f"/arrangorer/{held.organiser.public_id}"):
        assert client.get(page.select_one(f'main a[href="{path}"]')["href"]).status_code == 200
