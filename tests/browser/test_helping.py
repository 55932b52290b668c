"""Helping when it is full, as two residents with a phone each meet it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import Site

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


def fill_up(visit: Visit) -> Page:
    """Somebody who takes the soup's last places; answers with their receipt."""
    phone = visit("/aktiviteter")
    phone.get_by_role("link", name=re.compile("Suppe og prat")).last.click()
    phone.get_by_role("link", name=re.compile("Bli med.*Lage suppe")).click()
    left = int(re.findall(r"(\d+) av", phone.locator("article.task", has=phone.locator("form")).inner_text())[0])
    phone.get_by_label("Hva skal vi kalle deg?").fill("Bjørn")
    phone.get_by_text("Flere valg").click()
    phone.get_by_label("Hvor mange er dere?").fill(str(left))
    phone.get_by_role("button", name="Jeg blir med").click()
    expect(phone.get_by_role("heading", name="Du er med, Bjørn!")).to_be_focused()
    return phone


def join_the_queue(visit: Visit, **options: object) -> Page:
    phone = visit("/aktiviteter", **options)
    phone.get_by_role("link", name=re.compile("Suppe og prat")).last.click()
    phone.get_by_role("link", name=re.compile("Sett meg på ventelista.*Lage suppe")).click()
    phone.get_by_label("Hva skal vi kalle deg?").fill("Amina")
    phone.get_by_text("Flere valg").click()
    phone.get_by_label("Spør meg først").check()
    phone.get_by_label("Telefon eller e-post").fill("amina@people.example")
    phone.get_by_label("Gi meg beskjed om plass").check()
    phone.get_by_role("button", name="Sett meg på ventelista").click()
    expect(phone.get_by_role("heading", name="Du står på ventelista, Amina")).to_be_visible()
    expect(phone.get_by_text("spør vi deg først")).to_be_visible()
    return phone


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_full_task_a_place_that_comes_free_and_a_yes(visit: Visit, site: Site, scripts: bool):
    leaving = fill_up(visit)
    waiting = join_the_queue(visit, java_script_enabled=scripts)

    leaving.get_by_role("button", name="Meld meg av").click()
    expect(leaving.get_by_role("heading", name="Du er meldt av")).to_be_focused()

    waiting.goto("/mine-bidrag")
    waiting.get_by_role("link", name=re.compile("Lage suppe")).click()
    expect(waiting.get_by_role("heading", name="Det er en ledig plass, Amina!")).to_be_visible()
    waiting.get_by_role("button", name="Ja, jeg tar plassen").click()
    expect(waiting.get_by_role("heading", name="Du er med, Amina!")).to_be_visible()


def test_an_error_in_what_is_folded_unfolds_it_and_has_focus(visit: Visit, site: Site):
    phone = visit("/aktiviteter")
    phone.get_by_role("link", name=re.compile("Suppe og prat")).last.click()
    phone.get_by_role("link", name=re.compile("Bli med.*Lage suppe")).click()
    expect(phone.get_by_label("Telefon eller e-post")).to_be_hidden()
    phone.get_by_label("Hva skal vi kalle deg?").fill("Amina")
    phone.get_by_text("Flere valg").click()
    phone.get_by_label("Telefon eller e-post").fill("1234")
    phone.get_by_label("Minn meg på det").check()
    phone.get_by_role("button", name="Jeg blir med").click()

    expect(phone.get_by_text("Nummeret ser ikke riktig ut.")).to_be_visible()
    expect(phone.get_by_label("Telefon eller e-post")).to_be_focused()
    expect(phone.get_by_label("Hva skal vi kalle deg?")).to_have_value("Amina")
    phone.get_by_label("Telefon eller e-post").fill("900 00 000")
    phone.get_by_role("button", name="Jeg blir med").click()
    expect(phone.get_by_text("+47 90 00 00 00")).to_be_visible()


def test_a_contact_can_be_taken_back_and_the_place_stays(visit: Visit, site: Site):
    phone = join_with_address(visit)
    phone.get_by_role("button", name="Slett adressen nå").click()
    expect(phone.get_by_role("heading", name="Du er med, Amina!")).to_be_focused()
    expect(phone.get_by_text("amina@people.example")).to_have_count(0)


def join_with_address(visit: Visit) -> Page:
    phone = visit("/aktiviteter")
    phone.get_by_role("link", name=re.compile("Suppe og prat")).last.click()
    phone.get_by_role("link", name=re.compile("Bli med.*Lage suppe")).click()
    phone.get_by_label("Hva skal vi kalle deg?").fill("Amina")
    phone.get_by_text("Flere valg").click()
    phone.get_by_label("Telefon eller e-post").fill("amina@people.example")
    phone.get_by_label("Gi meg beskjed om plass").check()
    phone.get_by_role("button", name="Jeg blir med").click()
    return phone
