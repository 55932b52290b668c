"""Helping, as a resident meets it: three taps, one word, and a way back."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import Site

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


def open_soup(visit: Visit, **options: object) -> Page:
    phone = visit("/aktiviteter", **options)
    phone.get_by_role("link", name=re.compile("Suppe og prat")).last.click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Suppe og prat")
    return phone


def join_soup(phone: Page, name: str) -> None:
    phone.get_by_role("link", name=re.compile("Bli med.*Lage suppe")).click()
    phone.get_by_label("Hva skal vi kalle deg?").fill(name)
    phone.get_by_role("button", name="Jeg blir med").click()


def test_three_taps_and_one_word_and_you_are_in(visit: Visit, site: Site):
    phone = open_soup(visit)
    join_soup(phone, "Amina")
    expect(phone.get_by_role("heading", name="Du er med, Amina!")).to_be_focused()
    expect(phone.locator(".ticket b")).to_have_text(re.compile("^[0-9A-Z]{5}-[0-9A-Z]{5}$"))
    expect(phone.locator(".ticket svg[role=img]")).to_be_visible()


def test_the_field_has_focus_when_it_appears(visit: Visit, site: Site):
    phone = open_soup(visit)
    phone.get_by_role("link", name=re.compile("Bli med.*Lage suppe")).click()
    expect(phone.get_by_label("Hva skal vi kalle deg?")).to_be_focused()


def test_an_empty_name_is_explained_and_the_field_has_focus(visit: Visit, site: Site):
    phone = open_soup(visit)
    join_soup(phone, " ")
    expect(phone.get_by_text("Skriv et fornavn eller et kallenavn")).to_be_visible()
    expect(phone.get_by_label("Hva skal vi kalle deg?")).to_be_focused()


def test_the_code_opens_my_contributions_on_another_phone_where_i_can_withdraw(visit: Visit, site: Site):
    phone = open_soup(visit)
    join_soup(phone, "Amina")
    code = phone.locator(".ticket b").inner_text()

    other = visit("/mine-bidrag")
    other.get_by_label("Koden din").fill(code.lower().replace("-", " "))
    other.get_by_role("button", name="Vis bidragene").click()
    other.get_by_role("link", name=re.compile("Lage suppe")).click()
    other.get_by_role("button", name="Meld meg av").click()
    expect(other.get_by_role("heading", name="Du er meldt av")).to_be_focused()

    other.get_by_role("button", name="Angre").click()
    expect(other.get_by_role("heading", name="Du er med, Amina!")).to_be_focused()


def test_the_same_thing_works_without_javascript(visit: Visit, site: Site):
    phone = open_soup(visit, java_script_enabled=False)
    join_soup(phone, "Amina")
    expect(phone.get_by_role("heading", name="Du er med, Amina!")).to_be_visible()
    phone.get_by_role("button", name="Meld meg av").click()
    expect(phone.get_by_role("heading", name="Du er meldt av")).to_be_visible()


def test_a_full_task_has_a_waiting_list_one_tap_away(visit: Visit, site: Site):
    phone = visit("/aktiviteter")
    phone.get_by_role("link", name=re.compile("Verksted: Hva skal Glassverkparken bli")).last.click()
    phone.get_by_role("link", name=re.compile("Sett meg på ventelista")).click()
    phone.get_by_label("Hva skal vi kalle deg?").fill("Jonas")
    phone.get_by_role("button", name="Sett meg på ventelista").click()
    expect(phone.get_by_role("heading", name="Du står på ventelista, Jonas")).to_be_visible()
    expect(phone.get_by_text("Du er nummer 1 på ventelista.")).to_be_visible()


def test_without_network_the_form_says_so_and_keeps_the_name(visit: Visit, site: Site):
    phone = open_soup(visit)
    phone.get_by_role("link", name=re.compile("Bli med.*Lage suppe")).click()
    phone.get_by_label("Hva skal vi kalle deg?").fill("Amina")
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Jeg blir med").click()
    expect(phone.get_by_role("status")).to_contain_text("Ingen kontakt med nettet")
    expect(phone.get_by_label("Hva skal vi kalle deg?")).to_have_value("Amina")
    phone.context.set_offline(False)
    phone.get_by_role("button", name="Jeg blir med").click()
    expect(phone.get_by_role("heading", name="Du er med, Amina!")).to_be_visible()


def test_a_double_tap_is_one_person(visit: Visit, site: Site):
    phone = open_soup(visit)
    phone.get_by_role("link", name=re.compile("Bli med.*Lage suppe")).click()
    phone.get_by_label("Hva skal vi kalle deg?").fill("Amina")
    phone.get_by_role("button", name="Jeg blir med").dblclick()
    expect(phone.get_by_role("heading", name="Du er med, Amina!")).to_be_visible()
    phone.goto("/mine-bidrag")
    expect(phone.get_by_role("link", name=re.compile("Lage suppe"))).to_have_count(1)


def test_from_the_front_page_to_what_one_may_just_start_in_two_taps(visit: Visit, site: Site):
    phone = visit("/")
    phone.get_by_role("link", name=re.compile("Bare gjør det")).click()
    phone.locator("a.card").first.click()
    expect(phone.get_by_role("heading", name="Slik starter du")).to_be_visible()
    expect(phone.get_by_text("Hvem du spør")).to_be_visible()
