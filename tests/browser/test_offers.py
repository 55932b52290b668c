"""«Jeg kan …» in a real browser, from the offer to the yes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import PHONE, Site
from .test_every_page import TALL, problems_of

pytestmark = pytest.mark.browser


def fits(page: Page) -> None:
    """Nobody stumbles over anything on this page."""
    page.set_viewport_size({"width": PHONE["width"], "height": TALL})
    assert problems_of(page, PHONE["width"]) == []
    page.set_viewport_size(PHONE)


def test_somebody_offers_is_asked_says_yes_and_changes_their_mind(visit: Callable[..., Page], site: Site) -> None:
    person = visit("/nb/jeg-kan")
    person.get_by_role("button", name="Si at jeg kan").click()
    expect(person.get_by_label("Lage mat")).to_be_focused()
    fits(person)
    person.get_by_label("Lage mat").check()
    person.get_by_label("Hva skal vi kalle deg?").fill("Amina")
    person.get_by_label("Telefon eller e-post").fill("٩٠ ٠٠ ٠٠ ١٧")
    person.get_by_label("Ja, dere kan ta kontakt").check()
    person.get_by_role("button", name="Si at jeg kan").click()
    expect(person.get_by_role("heading", name="Takk, Amina!")).to_be_focused()
    fits(person)

    task = person.locator("#fitting ~ .stack a").first.get_attribute("href")
    assert task
    organiser = visit("/nb" + site.one_time_link().removeprefix(site.url))
    organiser.locator("main button").click()
    organiser.goto(task.replace("/nb/", "/nb/stab/").replace("bli-med", "kan-hjelpe"))
    fits(organiser)
    organiser.get_by_role("button", name="Spør Amina").click()
    expect(organiser.locator("#matches > .note", has_text="Amina er spurt.")).to_be_focused()
    expect(organiser.get_by_text("Har ikke svart ennå")).to_be_visible()
    fits(organiser)

    person.goto("/nb/mine-bidrag")
    person.get_by_role("link", name="Noen spør deg").click()
    person.get_by_role("link", name="Svar ja eller nei").click()
    fits(person)
    person.get_by_role("button", name="Ja, jeg blir med").click()
    expect(person.get_by_role("heading", name="Du er med, Amina!")).to_be_focused()
    organiser.reload()
    expect(organiser.get_by_text("Sa ja")).to_be_visible()

    person.get_by_role("button", name="Jeg kan ikke likevel").click()
    expect(person.get_by_role("heading", name="Det er helt greit")).to_be_focused()
    person.get_by_text("Vil du ikke bli spurt mer?").click()
    person.get_by_role("button", name="Ta bort tilbudet").click()
    expect(person.get_by_role("heading", name="Tilbudet er tatt bort")).to_be_focused()
    fits(person)
    organiser.reload()
    expect(organiser.get_by_text("Amina")).to_have_count(0)


def test_the_whole_way_works_without_scripts(visit: Callable[..., Page]) -> None:
    person = visit("/ar/jeg-kan", java_script_enabled=False)
    person.locator("input[value=tidy]").check()
    person.locator("input[name=name]").fill("أمينة")
    person.locator("input[name=contact]").fill("amina@people.example")
    person.locator("input[name=consent]").check()
    person.locator("main form button").click()
    expect(person.locator("#offer h2").first).to_contain_text("أمينة")
    person.locator("form[action$='/ta-bort'] button").click()
    expect(person.locator("#offer")).not_to_contain_text("أمينة")
