"""The screen in the hall: it follows what happens by itself, and keeps what it knew when the network is gone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from .conftest import Site

pytestmark = pytest.mark.browser

SCREENS = [(1920, 1080), (1024, 768)]
MINUTE = 60_000  # milliseconds


@pytest.fixture
def hall(chromium: Browser, site: Site) -> Callable[..., Page]:
    """Opens the screen, with a clock that the test moves on."""

    def show(language: str = "nb", size: tuple[int, int] = SCREENS[0], **options: object) -> Page:
        page = chromium.new_page(viewport={"width": size[0], "height": size[1]}, base_url=site.url, **options)  # type: ignore[arg-type]
        page.clock.install()
        page.goto(f"/{language}/skjerm")
        return page

    return show


def answered(page: Page) -> None:
    """Let a minute pass, and what it asks for be answered."""
    with page.expect_response("**/skjerm"):
        page.clock.run_for(MINUTE)


def test_it_follows_what_happens_without_anybody_there(hall: Callable[..., Page]) -> None:
    page = hall()
    page.locator("h3").first.evaluate("title => { title.textContent = 'gammelt' }")

    answered(page)

    expect(page.get_by_text("gammelt")).to_have_count(0)
    expect(page.locator("#hall")).to_have_count(1)
    page.locator("h3").first.evaluate("title => { title.textContent = 'gammelt igjen' }")
    answered(page)
    expect(page.get_by_text("gammelt igjen")).to_have_count(0)


def lost(route: Route) -> None:
    route.abort()


def broken(route: Route) -> None:
    route.fulfill(status=502, content_type="text/html", body="<h1>Bad Gateway</h1>")


def captive(route: Route) -> None:
    route.fulfill(status=200, content_type="text/html", body="<h1>Welcome to our Wi-Fi</h1>")


@pytest.mark.parametrize("trouble", [lost, broken, captive])
def test_without_network_it_keeps_what_it_knew_says_so_and_comes_back(
    hall: Callable[..., Page], trouble: Callable[[Route], None]
) -> None:
    page = hall()
    knew = page.locator("#hall").inner_text()
    page.route("**/skjerm", trouble)

    page.clock.run_for(MINUTE)

    expect(page.get_by_text("Mistet nettet – dette er det siste vi vet.")).to_be_visible()
    assert page.locator("#hall").inner_text() == knew
    page.unroute("**/skjerm")
    answered(page)
    expect(page.get_by_text("Mistet nettet")).to_be_hidden()


@pytest.mark.parametrize("language", ["nb", "ar"])
@pytest.mark.parametrize("size", SCREENS)
def test_it_fills_the_screen_and_no_more_in_letters_that_five_metres_allow(
    hall: Callable[..., Page], language: str, size: tuple[int, int]
) -> None:
    page = hall(language, size)

    width, height = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert (width, height) == size
    # Of a screen's height: a television 55 cm high has capitals of over 1 cm. The address is for those who come near.
    smallest = page.evaluate(
        """Math.min(...[...document.querySelectorAll("#hall :is(h1, h2, h3, p:not(.address), li)")].map(
             element => parseFloat(getComputedStyle(element).fontSize)))"""
    )
    assert smallest >= 32 / 1080 * size[1]
    for box in (page.locator(element).bounding_box() for element in (".qr", ".needs")):
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= size[0]
        assert box["y"] + box["height"] <= size[1]


def test_too_much_is_not_cut_in_two_but_said(hall: Callable[..., Page]) -> None:
    page = hall()
    expect(page.get_by_text("Det skjer mer enn det er plass til her.")).to_be_hidden()

    page.evaluate(
        """() => {
          const list = document.querySelector(".lists ul");
          for (let i = 0; i < 30; i++) list.append(list.firstElementChild.cloneNode(true));
          dispatchEvent(new Event("resize"));
        }"""
    )

    expect(page.get_by_text("Det skjer mer enn det er plass til her.")).to_be_visible()
    seen = page.locator(".lists li").evaluate_all(
        """rows => {
          const frame = document.querySelector(".lists").getBoundingClientRect();
          return rows.map(row => row.getBoundingClientRect())
            .filter(row => row.left < frame.right && row.right > frame.left)
            .every(row => row.bottom <= frame.bottom + 1);
        }"""
    )
    assert seen, "a row is cut"


def test_nothing_moves(hall: Callable[..., Page]) -> None:
    page = hall(reduced_motion="reduce")

    assert page.evaluate("document.getAnimations().length") == 0
