"""Every page in a real browser: accessible, light and dark, narrow and wide, left to right and right to left."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from .conftest import Site

pytestmark = pytest.mark.browser

TALL = 8000  # pixels: all of a page at once, as what is scrolled under a bar is not hidden for good
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
READERS = [("nb", "light", 320), ("ar", "dark", 320), ("en", "dark", 1280), ("ar", "light", 1280)]
PLAIN = [
    *("/", "/aktiviteter", "/hjelp", "/ideer", "/W/GRENDE", "/W/GRENDE/ideer", "/W/GRENDE/mine", "/W/GRENDE/vegg"),
    *("/skjerm", "/jeg-kan", "/steder", "/kode/mistet", "/aktiviteter/tidligere"),
    *("/stab/aktiviteter", "/stab/aktivitet/ny", "/stab/aktivitet/ny?slag=fast", "/stab/folk"),
    *(
        "/W/PARK25",
        "/W/NOPE",
        "/handlingsrom",
        "/handlingsrom/bestemt",
        "/mine-bidrag",
        "/kode/mistet",
        "/om",
        "/personvern",
    ),
    *("/stab/", "/stab/verksted/nytt", "/stab/passord", "/stab/inn", "/ukjent"),
]
# A reader may set text wider (WCAG 1.4.12); nothing may be cut off then.
WIDE_TEXT = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that these tests only look at."""
    site = Site(tmp_path_factory.mktemp("site"))
    yield site
    site.stop()


def pages_of(page: Page) -> list[str]:
    """The addresses of one page of each kind, found by following links as a visitor would."""
    first = {}
    for start in ("/aktiviteter", "/handlingsrom/bare-gjor-det", "/stab/", "/stab/aktiviteter"):
        page.goto(start)
        for href in page.locator("main a[href]").evaluate_all("links => links.map(link => link.pathname)"):
            kind = re.sub(r"[0-9a-z]{10}$", "…", href)
            if kind != href:
                first.setdefault(kind, href)
    page.goto(first["/aktiviteter/…"])
    join = page.locator("a[href*='bli-med']").first.get_attribute("href")
    desk = [f"{first['/stab/aktivitet/…']}/{part}" for part in ("endre", "avlys", "navn", "del?sprak=alle")]
    return [*PLAIN, join or "", *first.values(), *desk]


@pytest.mark.parametrize(("language", "scheme", "width"), READERS)
def test_every_page_is_accessible_and_fits(
    chromium: Browser, shared_site: Site, language: str, scheme: str, width: int
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": TALL}, color_scheme=scheme, locale="nb", base_url=shared_site.url
    )
    page = context.new_page()
    page.goto(shared_site.one_time_link().removeprefix(shared_site.url))
    page.locator("main button").click()
    found = []
    for address in pages_of(page):
        page.goto(f"/{language}{address}")
        found += [f"{address}: {problem}" for problem in problems_of(page, width)]
    context.close()
    assert not found, "\n".join(found)


def problems_of(page: Page, width: int) -> list[str]:
    """What a visitor to this page would stumble over."""
    page.evaluate(AXE.read_text("utf-8"))
    report = page.evaluate("tags => axe.run({ runOnly: tags })", TAGS)
    worst = [(broken["id"], broken["nodes"][0]) for broken in report["violations"]]
    problems = [f"{rule} at {node['target']}: {node['failureSummary']}" for rule, node in worst]
    if not any(rule["id"] == "target-size" for rule in report["passes"] + report["inapplicable"]):
        problems.append("axe did not look at the size of targets")
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
        problems.append(f"is {wide} pixels wide on a screen of {width}")
    if "vegg" not in page.url:
        page.evaluate(
            "css => { const wide = new CSSStyleSheet(); wide.replaceSync(css); document.adoptedStyleSheets = [wide] }",
            WIDE_TEXT,
        )
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            problems.append(f"is {wide} pixels wide when its text is set wider")
    return problems


def test_the_keyboard_reaches_the_content_first_and_shows_where_it_is(chromium: Browser, shared_site: Site) -> None:
    page = chromium.new_page(base_url=shared_site.url, locale="nb")
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    for _ in range(12):
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", page.evaluate("document.activeElement.outerHTML")
        page.keyboard.press("Tab")
    page.close()


def test_a_visit_that_only_reads_sets_no_cookie_and_stores_nothing(chromium: Browser, shared_site: Site) -> None:
    context = chromium.new_context(base_url=shared_site.url, locale="nb")
    page = context.new_page()
    for address in ("/", "/aktiviteter", "/W/GRENDE", "/W/GRENDE/vegg", "/handlingsrom", "/mine-bidrag", "/personvern"):
        page.goto(address)
    assert context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    context.close()


def test_nothing_moves_for_those_who_asked_for_stillness(chromium: Browser, shared_site: Site) -> None:
    page = chromium.new_page(base_url=shared_site.url, reduced_motion="reduce")
    for address in ("/", "/W/GRENDE/vegg"):
        page.goto(address)
        assert page.evaluate("document.getAnimations().length") == 0
    page.close()
