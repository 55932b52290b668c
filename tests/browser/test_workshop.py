"""A workshop as the room lives it: phones, the wall, the facilitator, and a network that comes and goes."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import Site

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


def send(phone: Page, text: str) -> None:
    phone.get_by_label("Din idé").fill(text)
    phone.get_by_role("button", name="Send").click()


def sign_in(visit: Visit, site: Site) -> Page:
    facilitator = visit(site.one_time_link().removeprefix(site.url))
    facilitator.get_by_role("button", name="Logg inn").click()
    expect(facilitator.get_by_role("heading", name="Verkstedene dine")).to_be_visible()
    return facilitator


def open_demo_desk(visit: Visit, site: Site) -> Page:
    facilitator = sign_in(visit, site)
    facilitator.get_by_role("link", name=re.compile("Hva skal Glassverkparken bli")).click()
    return facilitator


def ideas_on(wall: Page) -> list[str]:
    return wall.locator("#ideas .idea").all_inner_texts()


def test_an_idea_goes_from_a_phone_past_the_facilitator_to_the_wall_within_a_second(visit: Visit, site: Site):
    wall = visit("/W/GRENDE/vegg", viewport={"width": 1920, "height": 1080})
    facilitator = open_demo_desk(visit, site)
    phone = visit("/W/GRENDE")
    send(phone, "En utekjøkkenhage")
    expect(phone.get_by_text("Takk! Ideen er sendt.")).to_be_visible()
    expect(phone.locator("#mine")).to_contain_text("En utekjøkkenhage")
    expect(phone.locator("#mine")).to_contain_text("venter på å bli lest")
    expect(wall.locator("#meter")).to_contain_text("12 ideer")
    assert "En utekjøkkenhage" not in wall.content()

    waiting = facilitator.locator("#waiting li", has_text="En utekjøkkenhage")
    expect(waiting).to_be_visible()
    began = time.monotonic()
    waiting.get_by_role("button", name="Vis").click()
    expect(wall.locator("#ideas .idea").first).to_have_text("En utekjøkkenhage")
    assert time.monotonic() - began < 1.5
    expect(facilitator.locator("#shown li").first).to_contain_text("En utekjøkkenhage")
    phone.reload()
    expect(phone.locator("#mine")).to_contain_text("På veggen")


def test_a_hidden_idea_leaves_the_wall_and_its_writer_is_told_why(visit: Visit, site: Site):
    wall = visit("/W/GRENDE/vegg")
    facilitator = open_demo_desk(visit, site)
    shown = facilitator.locator("#shown li", has_text="Benker med ryggstøtte")
    shown.locator("summary").click()
    shown.get_by_role("button", name="Kan såre noen").click()
    expect(facilitator.locator("#hidden")).to_contain_text("Benker med ryggstøtte")
    expect(wall.locator("#ideas")).not_to_contain_text("Benker med ryggstøtte")
    expect(wall.locator("#meter")).to_contain_text("2 skjult")


def test_a_facilitator_makes_a_workshop_opens_it_and_closes_it_again(visit: Visit, site: Site):
    facilitator = sign_in(visit, site)
    facilitator.get_by_role("link", name="Nytt verksted").click()
    facilitator.get_by_label("Spørsmålet på norsk").fill("Hva gjør Furumoa til ditt sted?")
    facilitator.get_by_label("Hva slags møte er det?").fill("Idéverksted")
    facilitator.get_by_label("Hvor er det?").fill("Torstrand Grendehus")
    facilitator.get_by_role("button", name="Lag verkstedet").click()
    facilitator.get_by_role("button", name="Åpne verkstedet").click()
    expect(facilitator.locator("#bar")).to_contain_text("Steng")
    code = facilitator.locator("#bar bdi").inner_text()

    phone = visit(f"/w/{code.lower()}")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Hva gjør Furumoa til ditt sted?")
    facilitator.get_by_role("button", name="Steng").click()
    expect(facilitator.locator("#bar")).to_contain_text("Åpne igjen")
    send(phone, "Kom litt sent")
    expect(phone.get_by_text("Verkstedet er stengt, men ideen er tatt vare på.")).to_be_visible()


def test_text_typed_without_network_waits_on_the_phone_and_is_sent_once_when_it_is_back(visit: Visit, site: Site):
    wall = visit("/W/GRENDE/vegg")
    phone = visit("/W/GRENDE")
    phone.context.set_offline(True)
    send(phone, "Skrevet uten nett")
    expect(phone.locator("#outbox")).to_contain_text("Skrevet uten nett")
    expect(phone.get_by_label("Din idé")).to_have_value("")
    send(phone, "Og en til")
    expect(phone.locator("#outbox li")).to_have_count(2)
    phone.context.set_offline(False)
    expect(phone.locator("#outbox")).to_be_hidden()
    expect(phone.locator("#mine .idea")).to_have_count(2)
    expect(wall.locator("#meter")).to_contain_text("13 ideer")
    assert phone.evaluate("Object.keys(localStorage)") == []


def test_a_closed_tab_sends_what_waited_at_the_next_visit(visit: Visit, site: Site):
    phone = visit("/W/GRENDE")
    phone.context.set_offline(True)
    send(phone, "Lukket for tidlig")
    expect(phone.locator("#outbox")).to_be_visible()
    context = phone.context
    phone.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto("/W/GRENDE")
    expect(again.locator("#mine")).to_contain_text("Lukket for tidlig")
    expect(again.locator("#outbox")).to_be_hidden()


def test_half_written_text_survives_a_reload_and_a_change_of_language(visit: Visit, site: Site):
    phone = visit("/W/GRENDE")
    phone.get_by_label("Din idé").fill("Halvferdig tanke")
    phone.reload()
    expect(phone.locator("#text")).to_have_value("Halvferdig tanke")
    phone.locator("details.languages summary").click()
    phone.get_by_role("link", name="العربية").click()
    expect(phone.locator("html")).to_have_attribute("dir", "rtl")
    expect(phone.locator("#text")).to_have_value("Halvferdig tanke")


def test_an_answer_that_got_lost_does_not_make_a_second_idea(visit: Visit, site: Site):
    phone = visit("/W/GRENDE")
    lost = []

    def lose_the_answer(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())  # the server has it
            route.abort()
        else:
            route.continue_()

    phone.route("**/W/GRENDE", lose_the_answer)
    send(phone, "Svaret forsvant")
    expect(phone.locator("#outbox")).to_contain_text("Svaret forsvant")
    phone.evaluate("dispatchEvent(new Event('online'))")
    expect(phone.locator("#outbox")).to_be_hidden()
    phone.reload()
    expect(phone.locator("#mine .idea")).to_have_count(1)


def hold(phone: Page) -> Callable[[], None]:
    """Keep what is sent on its way until the answer is called for."""
    held = []
    phone.route(
        "**/W/GRENDE", lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )
    return lambda: held.pop().continue_()


def test_what_is_typed_while_an_idea_is_on_its_way_stays_in_the_box(visit: Visit, site: Site):
    phone = visit("/W/GRENDE")
    let_go = hold(phone)
    send(phone, "Den første")
    phone.get_by_label("Din idé").fill("Den andre, halvveis")
    let_go()
    expect(phone.locator("#mine")).to_contain_text("Den første")
    expect(phone.get_by_label("Din idé")).to_have_value("Den andre, halvveis")


def test_what_is_typed_while_an_idea_cannot_be_sent_stays_in_the_box(visit: Visit, site: Site):
    phone = visit("/W/GRENDE")
    phone.route("**/W/GRENDE", lambda route: None if route.request.method == "POST" else route.continue_())
    send(phone, "Den første")
    phone.get_by_label("Din idé").fill("Den første og mer")
    phone.context.set_offline(True)
    phone.evaluate("document.querySelector('form[data-keep]').dispatchEvent(new Event('htmx:abort'))")
    phone.evaluate("""htmx.trigger(document.querySelector('form[data-keep]'), 'htmx:error',
        { ctx: { sourceElement: document.querySelector('form[data-keep]') } })""")
    expect(phone.locator("#outbox")).to_contain_text("Den første")
    expect(phone.get_by_label("Din idé")).to_have_value("Den første og mer")


def test_a_text_that_is_too_long_comes_whole_into_the_box_and_is_refused_in_words(visit: Visit, site: Site):
    phone = visit("/W/GRENDE")
    send(phone, "a" * 2500)
    expect(phone.get_by_text("Kort det ned til 2000 tegn")).to_be_visible()
    assert len(phone.get_by_label("Din idé").input_value()) == 2500
    expect(phone.locator("#outbox")).to_be_hidden()


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 502, "body": "<h1>Bad gateway</h1>"},
        {"status": 200, "content_type": "text/html", "body": "<form id=login>Logg inn på gjestenettet</form>"},
    ],
    ids=["a broken gateway", "a guest network's login page"],
)
def test_nothing_but_our_own_server_is_believed(visit: Visit, site: Site, answer: dict):
    phone = visit("/W/GRENDE")
    phone.route("**/W/GRENDE", lambda r: r.fulfill(**answer) if r.request.method == "POST" else r.continue_())
    send(phone, "Ikke borte")
    expect(phone.locator("#outbox")).to_contain_text("Ikke borte")
    expect(phone.locator("form[data-keep]")).to_have_count(1)
    phone.unroute("**/W/GRENDE")
    phone.evaluate("dispatchEvent(new Event('online'))")
    expect(phone.locator("#mine")).to_contain_text("Ikke borte")


def test_a_double_tap_is_one_idea(visit: Visit, site: Site):
    phone = visit("/W/GRENDE")
    phone.get_by_label("Din idé").fill("Dobbelt trykk")
    phone.get_by_role("button", name="Send").dblclick()
    expect(phone.get_by_text("Takk! Ideen er sendt.")).to_be_visible()
    phone.reload()
    expect(phone.locator("#mine .idea")).to_have_count(1)


def test_an_empty_box_is_refused_in_words_and_nothing_is_queued(visit: Visit, site: Site):
    phone = visit("/W/GRENDE")
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_text("Skriv noe i boksen først.")).to_be_visible()
    assert phone.evaluate("document.activeElement.id") == "text"
    expect(phone.locator("#outbox")).to_be_hidden()


def test_without_storage_an_idea_is_sent_as_any_form_is(visit: Visit, site: Site):
    phone = visit("/om")
    phone.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('blocked') }})")
    phone.goto("/W/GRENDE")
    send(phone, "Uten lager")
    expect(phone.get_by_text("Takk! Ideen er sendt.")).to_be_visible()


def test_phones_and_wall_recover_by_themselves_when_the_server_dies_in_the_middle(visit: Visit, site: Site):
    wall = visit("/W/GRENDE/vegg")
    phone = visit("/W/GRENDE")
    expect(wall.locator("#meter")).to_contain_text("11 ideer")
    site.stop()
    send(phone, "Midt i strømbruddet")
    expect(phone.locator("#outbox")).to_contain_text("Midt i strømbruddet")
    expect(wall.get_by_text("Mistet nettet")).to_be_visible()
    before = ideas_on(wall)
    site.start()
    phone.evaluate("dispatchEvent(new Event('online'))")
    expect(phone.locator("#mine")).to_contain_text("Midt i strømbruddet")
    expect(wall.locator("#meter")).to_contain_text("12 ideer", timeout=15_000)
    expect(wall.get_by_text("Mistet nettet")).to_be_hidden()
    assert ideas_on(wall) == before


def test_hostile_text_is_shown_as_text_and_asks_nothing_of_the_server(visit: Visit, site: Site):
    facilitator = open_demo_desk(visit, site)
    phone = visit("/W/GRENDE")
    hostile = '<b hx-get="/stab/" hx-trigger="load">fet</b><script>alert(1)</script>{{ 7*7 }}'
    send(phone, hostile)
    waiting = facilitator.locator("#waiting li", has_text="alert(1)")
    expect(waiting.locator(".words")).to_have_text(hostile)
    asked = []
    wall = visit("/W/GRENDE/vegg")
    wall.on("request", lambda request: asked.append(request.url))
    waiting.get_by_role("button", name="Vis").click()
    expect(wall.locator("#ideas .idea").first).to_have_text(hostile)
    wall.wait_for_timeout(300)
    assert not [url for url in asked if "/stab" in url]


def test_it_all_works_without_javascript(visit: Visit, site: Site):
    phone = visit("/W/GRENDE", java_script_enabled=False)
    send(phone, "Uten skript")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Dine ideer")
    expect(phone.locator("main")).to_contain_text("Uten skript")
    facilitator = sign_in(lambda path: visit(path, java_script_enabled=False), site)
    facilitator.get_by_role("link", name=re.compile("Hva skal Glassverkparken bli")).click()
    waiting = facilitator.locator("#waiting li", has_text="Uten skript")
    waiting.get_by_role("button", name="Vis").click()
    expect(facilitator.locator("#shown")).to_contain_text("Uten skript")
    wall = visit("/W/GRENDE/vegg", java_script_enabled=False)
    expect(wall.locator("#ideas")).to_contain_text("Uten skript")
