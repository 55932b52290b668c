"""Looking for something to do, in a real browser."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


def test_two_taps_narrow_the_list_and_the_address_can_be_passed_on(visit: Visit) -> None:
    page = visit("/nb/aktiviteter")
    before = page.locator("a.row").count()

    page.get_by_text("Filtrer").click()
    page.get_by_role("link", name="Under 1 time").click()

    expect(page.get_by_role("link", name="Ta bort filteret: Under 1 time")).to_be_visible()
    assert page.url.endswith("?under-en-time=ja")
    assert page.locator("a.row").count() < before
    page.get_by_text("Filtrer").click()
    heights = page.locator(".chip").evaluate_all("chips => chips.map(chip => chip.getBoundingClientRect().height)")
    assert min(heights) >= 44


def test_filters_work_without_scripts(visit: Visit) -> None:
    page = visit("/nb/aktiviteter", java_script_enabled=False)

    page.get_by_text("Filtrer").click()
    page.get_by_role("link", name="Trinnfritt").click()

    expect(page.get_by_role("link", name="Ta bort filteret: Trinnfritt")).to_be_visible()


def test_sharing_copies_the_address_where_the_phone_has_nothing_better(visit: Visit) -> None:
    page = visit("/nb/aktiviteter", permissions=["clipboard-read", "clipboard-write"])
    page.locator("a.row").first.click()
    expect(page.locator("#address")).to_be_hidden()

    page.get_by_role("button", name="Del med noen").click()

    expect(page.get_by_role("status")).to_contain_text("Adressen er kopiert")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.url.replace("/nb/", "/")


def test_sharing_uses_what_the_phone_has(visit: Visit) -> None:
    page = visit("/nb/aktiviteter")
    page.add_init_script("navigator.share = (what) => { window.shared = what; return Promise.resolve() }")
    page.locator("a.row").first.click()

    page.get_by_role("button", name="Del med noen").click()

    assert page.evaluate("window.shared.url") == page.url.replace("/nb/", "/")


def test_what_other_sites_read_is_let_through_by_the_security_policy(visit: Visit) -> None:
    page = visit("/nb/aktiviteter")
    page.locator("a.row").first.click()

    data = page.locator('script[type="application/ld+json"]').text_content()

    assert json.loads(data or "")["@type"] == "Event"


def test_without_scripts_the_address_to_share_is_there_to_read(visit: Visit) -> None:
    page = visit("/nb/aktiviteter", java_script_enabled=False)
    page.locator("a.row").first.click()

    expect(page.locator("#address")).to_be_visible()
    expect(page.get_by_role("button", name="Del med noen")).to_be_hidden()
