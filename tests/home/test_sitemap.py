"""What search engines are told, and what they leave alone."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest

from participation import demo
from participation.activities.models import ActivityState
from participation.i18n import LANGUAGES
from tests.page import Visitor

Make = Callable[..., Any]
NAMES = {"map": "http://www.sitemaps.org/schemas/sitemap/0.9", "xhtml": "http://www.w3.org/1999/xhtml"}


def entries(client: Visitor) -> dict[str, dict[str, str]]:
    """Each address of the map, with the same page in other languages."""
    answer = client.get("/sitemap.xml")
    assert answer.mimetype == "application/xml"
    root = ElementTree.fromstring(answer.data)
    return {
        entry.findtext("map:loc", "", NAMES): {
            link.attrib["hreflang"]: link.attrib["href"] for link in entry.findall("xhtml:link", NAMES)
        }
        for entry in root.findall("map:url", NAMES)
    }


def test_the_map_names_each_page_in_each_language_as_the_page_does(client: Visitor, activity: Make, card: Make) -> None:
    feast, door = activity(), card()

    found = entries(client)

    for path in (
        f"/aktiviteter/{feast.public_id}",
        f"/steder/{feast.place.public_id}",
        f"/arrangorer/{feast.organiser.public_id}",
        f"/handlingsrom/{door.public_id}",
        "/aktiviteter",
    ):
        for address in (f"http://localhost/{tag}{path}" for tag in LANGUAGES):
            links = client.get(urlsplit(address).path).page.select("link[rel=alternate][hreflang]")
            assert found[address] == {link["hreflang"]: link["href"] for link in links}


def test_every_page_of_the_map_is_there_and_open_to_robots(client: Visitor) -> None:
    demo.load_if_empty()
    rules = RobotFileParser()
    rules.parse(client.get("/robots.txt").text.splitlines())

    paths = {urlsplit(address).path for address in entries(client)}

    assert len(paths) > 100
    for path in sorted(path for path in paths if path.startswith("/ar/")):
        assert client.get(path).status_code == 200, path
    assert [path for path in paths if not rules.can_fetch("*", path)] == []


def test_what_is_no_longer_or_not_yet_public_is_not_on_the_map(client: Visitor, activity: Make) -> None:
    draft = activity(state=ActivityState.DRAFT)

    assert not [address for address in entries(client) if draft.public_id in address]


@pytest.mark.parametrize("prefix", ["", *(f"/{tag}" for tag in LANGUAGES)])
@pytest.mark.parametrize(
    "path", ["/mine-bidrag", "/stab/", "/stab/inn", "/pamelding/x", "/oppgaver/x/bli-med", "/R/X", "/r/x", "/sprak/en"]
)
def test_robots_leave_personal_and_staff_pages_alone(client: Visitor, prefix: str, path: str) -> None:
    rules = RobotFileParser()
    rules.parse(client.get("/robots.txt").text.splitlines())

    assert not rules.can_fetch("*", prefix + path)
    assert rules.site_maps() == ["http://localhost/sitemap.xml"]


def test_in_a_language_the_map_is_the_same_one(client: Visitor) -> None:
    assert client.get("/ar/sitemap.xml").location == "/sitemap.xml"
