"""An organiser's phone: an activity with two roles, made while the kettle boils."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from participation import clock

from .conftest import Site

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
DAY = (clock.today() + timedelta(days=7)).isoformat()


def sign_in(visit: Visit, site: Site, **options: object) -> Page:
    phone = visit(site.one_time_link().removeprefix(site.url), **options)
    phone.locator("main button").click()
    phone.get_by_role("link", name="Aktivitetene dine").click()
    return phone


def fill(phone: Page) -> int:
    """The steps it takes, counted."""
    steps = [
        lambda: phone.get_by_role("link", name="Ny aktivitet").click(),
        lambda: phone.get_by_label("Hva heter det?").fill("Vaffeltorsdag"),
        lambda: phone.get_by_label("Hva skjer?").fill("Vi steker vafler sammen."),
        lambda: phone.get_by_label("Dag", exact=True).fill(DAY),
        lambda: phone.get_by_label("Fra", exact=True).first.fill("17:00"),
        lambda: phone.get_by_label("Til", exact=True).first.fill("19:00"),
        lambda: phone.get_by_label("Hvor?", exact=True).fill("Torstrand Grendehus"),
        lambda: phone.get_by_label("Hvem arrangerer?").select_option(label="Torstrand Vel"),
        lambda: phone.get_by_label("Hva slags hjelp?").nth(0).select_option(label="Bake kaker"),
        lambda: phone.get_by_label("Hva slags hjelp?").nth(1).select_option(label="Rydde"),
    ]
    for step in steps:
        step()
    return len(steps)


@pytest.mark.parametrize("scripts", [True, False])
def test_an_activity_with_two_roles_takes_a_dozen_steps_and_stands_on_the_list(
    visit: Visit, site: Site, scripts: bool
) -> None:
    phone = sign_in(visit, site, java_script_enabled=scripts)

    assert fill(phone) < 12
    phone.get_by_role("button", name="Publiser").click()

    expect(phone.get_by_role("heading", level=1)).to_have_text("Vaffeltorsdag")
    expect(phone.get_by_text("0 av 3")).to_be_visible()
    resident = visit("/aktiviteter")
    resident.get_by_role("link", name=re.compile("Vaffeltorsdag")).first.click()
    expect(resident.get_by_role("heading", name="Bake kaker")).to_be_visible()
    expect(resident.get_by_role("heading", name="Rydde", exact=True)).to_be_visible()


def test_one_more_role_comes_without_a_new_page_and_nothing_typed_is_lost(visit: Visit, site: Site) -> None:
    phone = sign_in(visit, site)
    fill(phone)
    phone.evaluate("window.same = true")

    phone.get_by_role("button", name="En oppgave til").click()

    expect(phone.locator("fieldset.role")).to_have_count(4)
    expect(phone.locator("fieldset.role legend").last).to_be_focused()
    expect(phone.get_by_label("Hva slags hjelp?").nth(1)).to_have_value("tidy")
    expect(phone.get_by_label("Hva heter det?")).to_have_value("Vaffeltorsdag")
    assert phone.evaluate("window.same") is True


def test_what_is_wrong_is_said_and_has_focus(visit: Visit, site: Site) -> None:
    phone = sign_in(visit, site)
    fill(phone)
    phone.get_by_label("Til", exact=True).first.fill("16:00")

    phone.get_by_role("button", name="Publiser").click()

    expect(phone.get_by_text("Slutten må være etter starten.")).to_be_visible()
    expect(phone.get_by_label("Til", exact=True).first).to_be_focused()
    expect(phone.get_by_label("Hva heter det?")).to_have_value("Vaffeltorsdag")


def test_the_words_to_share_are_copied_or_marked(visit: Visit, site: Site) -> None:
    phone = sign_in(visit, site, permissions=["clipboard-read", "clipboard-write"])
    phone.get_by_role("link", name=re.compile("Suppe og prat")).click()
    phone.get_by_role("link", name="Spør om hjelp").click()

    phone.get_by_role("button", name="Kopier").click()

    expect(phone.get_by_role("status")).to_have_text("Teksten er kopiert.")
    assert "Suppe og prat" in phone.evaluate("navigator.clipboard.readText()")
    phone.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    phone.get_by_role("button", name="Kopier").click()
    marked = "document.activeElement.selectionEnd - document.activeElement.selectionStart"
    assert phone.evaluate(marked) > 50
