"""A scanned code, the question and one box; one's own ideas, others' ideas, and the wall."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from participation import live
from participation.db import db
from participation.workshops import rules, views
from participation.workshops.models import Idea, IdeaState, Reason, Workshop
from tests.page import Visitor, read, words

Make = Callable[..., Any]
HOSTILE = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "htmx": '<b hx-get="/stab/" hx-trigger="load">hei</b>',
    "quotes": "' OR 1=1; DROP TABLE idea; -- \"",
    "template": "{{ 7*7 }} {% raw %} %(name)s %s ${x}",
    "right to left": "مكان للأطفال الصغار",
    "cyrillic": "Сцена для музики влітку",
    "emoji": "🦊 👩‍👩‍👧 🇳🇴",
    "marks": "e\u0301 \u200f \u2066isolert\u2069",
    "long word": "å" * 2000,
    "like a stream": "a\n\ndata: <b>b</b>\nid: 9\nevent: x",
}


def texts() -> list[str]:
    """What has come in."""
    return list(db.session.scalars(sa.select(Idea.text).order_by(Idea.id)))


def answer(person: Visitor, asked: Workshop, text: str, times: int = 1) -> TestResponse:
    """Write in the box and send."""
    form = person.get(f"/W/{asked.code}").page.select_one("form[data-keep]")
    for _ in range(times):
        response = person.submit(form, text=text)
    return response


def as_page(person: Visitor, response: TestResponse) -> BeautifulSoup:
    """What the person sees then."""
    return person.get(response.location).page if response.status_code == 303 else response.page


# --- The question


@pytest.mark.parametrize("address", ["/W/{}", "/w/{}", "/ar/W/{}", "/AR/W/{}"])
def test_a_scanned_code_leads_to_the_question_and_one_box(client: Visitor, workshop: Make, address: str) -> None:
    asked = workshop("Hva skal parken bli?")

    for code in (asked.code, asked.code.lower()):
        page = client.get(address.format(code)).page
        assert page.h1.get_text() == "Hva skal parken bli?"
        assert len(page.select("main textarea, main input:not([type=hidden])")) == 1


@pytest.mark.parametrize("code", ["AAAAAA", "A", "%00", "x" * 2000, "%F0%9F%A6%8A", "%ED%A0%80", "<script>"])
@pytest.mark.parametrize("tag", ["nb", "ar"])
def test_a_code_nobody_knows_leads_on(client: Visitor, workshop: Make, code: str, tag: str) -> None:
    asked = workshop()

    response = client.get(f"/{tag}/W/{code}")

    assert response.status_code == 404
    assert response.page.select_one('form[role=search] input[name="code"]')
    assert response.page.select_one(f'a[href="/{tag}/W/{asked.code}"]')


@pytest.mark.parametrize("path", ["/mine", "/ideer", "/vegg", "/strom"])
def test_nothing_stands_behind_a_code_nobody_knows(anyone: Visitor, path: str) -> None:
    assert anyone.get(f"/W/AAAAAA{path}").status_code == 404
    assert anyone.post("/W/AAAAAA", data={"text": "hei"}).status_code == 404


def test_a_workshop_that_has_not_begun_says_so_and_takes_nothing(anyone: Visitor, workshop: Make) -> None:
    asked = workshop(state="draft")

    assert "har ikke åpnet ennå" in words(anyone.get(f"/W/{asked.code}").page)
    assert anyone.get(f"/W/{asked.code}").page.select("textarea") == []
    assert anyone.post(f"/W/{asked.code}", data={"text": "hei"}).status_code == 409
    assert texts() == []


def test_a_closed_workshop_still_takes_an_idea_and_says_that_it_is_late(anyone: Visitor, workshop: Make) -> None:
    asked = workshop(state="closed")
    assert "Verkstedet er stengt" in words(anyone.get(f"/W/{asked.code}").page)

    page = as_page(anyone, answer(anyone, asked, "Benker"))

    assert "Kom etter stengetid" in words(page)
    assert texts() == ["Benker"]


# --- One box


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_an_idea_is_shown_as_it_was_written_wherever_it_is_shown(
    anyone: Visitor, client: Visitor, workshop: Make, text: str
) -> None:
    asked = workshop(approval=False)

    mine = as_page(anyone, answer(anyone, asked, text))

    (kept,) = texts()
    assert mine.select_one(".words").get_text() == kept
    assert client.get(f"/W/{asked.code}/ideer").page.select_one(".words").get_text() == kept
    assert client.get(f"/W/{asked.code}/vegg").page.select_one("li.idea").get_text() == kept


@pytest.mark.parametrize("text", ["", "   ", "\n\n\t", "\x00", "\x00\u202e\ufeff", "\u202d"])
def test_an_empty_idea_is_refused_kindly(anyone: Visitor, workshop: Make, text: str) -> None:
    response = answer(anyone, workshop(), text)

    assert response.status_code == 422
    assert "Skriv noe i boksen først" in words(response.page)
    assert response.page.textarea["aria-invalid"] == "true"
    assert texts() == []


@pytest.mark.parametrize("letter", ["x", "å", "م", "🦊"])
def test_a_text_that_is_too_long_comes_back_in_the_box(anyone: Visitor, workshop: Make, letter: str) -> None:
    text = letter * 20_000

    response = answer(anyone, workshop(), text)

    assert response.status_code == 422
    assert response.page.textarea.get_text().strip() == text
    assert texts() == []


def test_what_deceives_the_eye_and_what_no_database_keeps_is_taken_out(anyone: Visitor, workshop: Make) -> None:
    answer(anyone, workshop(), "  Ben\x00ker \u202eog\u202d bord\r\nog e\u0301n til\x1b[31m ")

    assert texts() == ["Benker og bord\nog én til[31m"]


def test_line_breaks_are_kept(client: Visitor, workshop: Make) -> None:
    answer(client, workshop(), "en\r\n\r\nto")

    assert texts() == ["en\n\nto"]


def test_the_same_form_sent_twice_is_one_idea(anyone: Visitor, workshop: Make) -> None:
    response = answer(anyone, workshop(), "Benker", times=3)

    assert texts() == ["Benker"]
    assert response.status_code in (201, 303)


def test_a_phone_that_lost_the_answer_is_told_the_same_again(visitor: Make, workshop: Make) -> None:
    form = visitor().get(f"/W/{workshop().code}").page.select_one("form[data-keep]")

    lost, again = (visitor(htmx=True).submit(form, text="Benker") for _ in range(2))

    assert texts() == ["Benker"]
    assert lost.headers["X-Ack"] == again.headers["X-Ack"]
    assert lost.headers["Set-Cookie"].split(";")[0] == again.headers["Set-Cookie"].split(";")[0]


def test_the_phone_learns_by_the_key_that_it_was_this_server_that_took_the_idea(
    anyone: Visitor, workshop: Make
) -> None:
    key = "a-key-made-on-the-phone-0123456789"

    for text, status in (("Benker", (201, 303)), ("", (422,))):
        response = anyone.post(f"/W/{workshop().code}", data={"text": text, "key": key})
        assert response.status_code in status
        assert response.headers["X-Ack"] == key


@pytest.mark.parametrize(
    "key", ["", "short", "x" * 65, "a b" * 10, "<script>alert(1)</script>", "\r\nSet-Cookie: a=b\r\n", "æ" * 20]
)
def test_a_key_that_no_form_of_ours_has_is_replaced(anyone: Visitor, workshop: Make, key: str) -> None:
    response = anyone.post(f"/W/{workshop().code}", data={"text": "Benker", "key": key})

    assert response.status_code in (201, 303)
    assert response.headers["X-Ack"] != key
    assert texts() == ["Benker"]


def test_after_sending_the_box_is_empty_and_ready_for_the_next_idea(htmx: Visitor, workshop: Make) -> None:
    asked = workshop()
    first = answer(htmx, asked, "Benker")
    form = first.page.select_one("form[data-keep]")

    assert first.status_code == 201
    assert form.textarea.get_text().strip() == ""
    assert form.select_one("[name=key]")["value"] != first.headers["X-Ack"]
    htmx.submit(form, text="Bord")
    assert texts() == ["Benker", "Bord"]


def test_an_idea_is_kept_without_anything_about_who_wrote_it(client: Visitor, workshop: Make) -> None:
    client.post(
        f"/W/{workshop().code}",
        data={"text": "Benker", "name": "Amina", "phone": "90000000"},
        headers={"User-Agent": "a very special telephone"},
    )

    rows = repr([db.session.execute(table.select()).all() for table in db.metadata.tables.values()])
    assert "Benker" in rows
    for trace in ("Amina", "90000000", "special telephone", "127.0.0.1"):
        assert trace not in rows


@pytest.mark.parametrize(
    ("page", "text", "language"),
    [
        ("nb", "Langbord", "nb"),
        ("ar", "مكان", "ar"),
        ("nb", "مكان", "und-Arab"),
        ("en", "Сцена", "und-Cyrl"),
        ("ar", "Langbord", "und-Latn"),
        ("nb", "🦊 12", "nb"),
    ],
)
def test_an_idea_is_marked_with_the_language_it_can_be_in(
    client: Visitor, workshop: Make, page: str, text: str, language: str
) -> None:
    client.post(f"/{page}/W/{workshop().code}", data={"text": text})

    assert db.session.scalars(sa.select(Idea.language)).all() == [language]


# --- What becomes of it


def test_one_sees_what_became_of_ones_own_idea(client: Visitor, workshop: Make) -> None:
    asked = workshop()
    page = as_page(client, answer(client, asked, "Benker"))
    assert "venter på å bli lest" in words(page)

    (kept,) = db.session.scalars(sa.select(Idea))
    rules.show(kept)
    assert "På veggen" in words(client.get(f"/W/{asked.code}/mine").page)

    rules.hide(kept, Reason.PERSONAL)
    assert "Ikke vist: den forteller noe om en person" in words(client.get(f"/W/{asked.code}/mine").page)


def test_others_read_only_what_is_shown_and_how_many_are_not(client: Visitor, workshop: Make, idea: Make) -> None:
    asked = workshop()
    idea(asked, "Synlig", state="shown")
    idea(asked, "Ventende hemmelighet")
    idea(asked, "Skjult hemmelighet", state="hidden")

    for path in ("/ideer", "/vegg", "/mine", ""):
        page = client.get(f"/W/{asked.code}{path}")
        assert b"hemmelighet" not in page.data
    page = words(client.get(f"/W/{asked.code}/ideer").page)
    assert "Synlig" in page
    assert "3 ideer kom inn. 1 venter på å bli lest. 1 er ikke vist." in page


def test_nobody_sees_which_ideas_are_a_strangers(client: Visitor, visitor: Make, workshop: Make) -> None:
    asked = workshop()
    answer(client, asked, "Benker")

    assert b"Benker" not in visitor().get(f"/W/{asked.code}/mine").data
    assert client.get(f"/W/{asked.code}/mine").headers["Cache-Control"] == "no-store"


def test_one_who_comes_back_finds_ones_ideas_under_the_box(client: Visitor, workshop: Make) -> None:
    asked = workshop()
    answer(client, asked, "Benker")

    place = client.get(f"/W/{asked.code}").page.find(id="mine")

    assert "Benker" in words(client.get(place["hx-get"]).page)


def test_the_list_of_workshops_leads_to_those_that_ask_and_those_that_have_asked(
    client: Visitor, workshop: Make
) -> None:
    asks, asked, not_yet = workshop(), workshop(state="closed"), workshop(state="draft")

    page = client.get("/ideer").page

    assert page.select_one(f'a[href="/W/{asks.code}"]')
    assert page.select_one(f'a[href="/W/{asked.code}/ideer"]')
    assert not_yet.code not in str(page)


# --- The wall


def test_the_wall_shows_the_question_the_code_and_the_way_in(client: Visitor, workshop: Make) -> None:
    asked = workshop("Hva skal parken bli?")

    page = client.get(f"/W/{asked.code}/vegg").page

    assert page.h1.get_text() == "Hva skal parken bli?"
    assert asked.code in words(page.aside)
    assert "localhost/W/" in words(page.aside)
    assert page.aside.svg["aria-label"]


def test_the_wall_goes_on_from_where_its_page_was_drawn(client: Visitor, workshop: Make, idea: Make) -> None:
    asked = workshop()
    idea(asked, state="shown")

    stream = client.get(f"/W/{asked.code}/vegg").page.main["hx-sse:connect"]

    assert stream == f"/W/{asked.code}/strom?since={live.position(asked.feed_id)}"


@pytest.mark.parametrize(("state", "on_the_wall"), [("shown", 1), ("waiting", 0), ("hidden", 0)])
def test_a_change_is_drawn_as_things_are_now(
    app: Flask, workshop: Make, idea: Make, state: str, on_the_wall: int
) -> None:
    asked = workshop()
    kept = idea(asked, "Langbord", state=state)

    with app.test_request_context(f"/W/{asked.code}/strom"):
        drawn = read(views.draw(asked.code, live.Told(2, "idea", kept.id)))

    targets = [part["hx-target"] for part in drawn.find_all("x-template", recursive=False)]
    assert targets[0] == f"#idea-{kept.public_id}"
    assert targets[-1] == "#meter"
    assert len(drawn.select("li.idea")) == on_the_wall
    assert ("Langbord" in drawn.get_text()) == bool(on_the_wall)


@pytest.mark.parametrize(("tag", "closed"), [("nb", "Stengt"), ("ar", "")])
def test_a_wall_is_told_in_the_language_it_was_opened_in(app: Flask, workshop: Make, tag: str, closed: str) -> None:
    asked = workshop(state="closed")

    with app.test_request_context(f"/W/{asked.code}/strom", environ_overrides={"participation.language": tag}):
        drawn = read(views.draw(asked.code, live.Told(2, "workshop", asked.id)))

    heading = drawn.select_one("h1")
    assert (heading.bdi is None) == (tag == "nb")  # the question was asked in bokmål only
    assert ("Stengt" in drawn.get_text()) == bool(closed)


# --- Floods


def test_one_phone_that_floods_is_slowed_down_and_nobody_else_is(
    client: Visitor, visitor: Make, workshop: Make, limits: None
) -> None:
    asked = workshop()
    statuses = [client.post(f"/W/{asked.code}", data={"text": f"Nummer {number}"}).status_code for number in range(33)]

    assert statuses.count(303) == 31  # the first came from a phone without a code
    refused = client.post(f"/W/{asked.code}", data={"text": "Enda en"})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "Vent et minutt" in words(refused.page)
    assert visitor().post(f"/W/{asked.code}", data={"text": "Min første"}).status_code == 303


def test_a_room_full_of_phones_behind_one_address_is_let_in(visitor: Make, workshop: Make, limits: None) -> None:
    asked = workshop()

    for person in range(40):
        phone = visitor()
        for number in range(2):
            assert phone.post(f"/W/{asked.code}", data={"text": f"{person} {number}"}).status_code == 303

    assert rules.tally(asked.question).total == 80


def test_a_facilitator_hides_while_the_writer_reads(client: Visitor, workshop: Make, idea: Make) -> None:
    asked = workshop()
    kept = idea(asked, "Langbord", state="shown")
    assert b"Langbord" in client.get(f"/W/{asked.code}/ideer").data

    rules.hide(kept, Reason.OFF_TOPIC)

    assert b"Langbord" not in client.get(f"/W/{asked.code}/ideer").data
    assert kept.state is IdeaState.HIDDEN
