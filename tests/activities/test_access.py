"""Who has lost the code finds the way back, and nobody finds the way to another's."""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from participation import worker
from participation.activities import access, signups
from participation.activities.models import Purpose, Signup
from participation.db import db
from participation.messages.models import Message
from participation.receipts import rules as receipts
from participation.receipts import views as receipt_views
from tests.conftest import SECRET
from tests.messages.outside import Gateway, PostOffice, read_part
from tests.page import Visitor, words

Make = Callable[..., Any]
AMINA = {"email": "amina@people.example", "purposes": frozenset(Purpose)}
SAID = "Kjenner vi nummeret eller adressen, får du en melding."


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers without the pause that makes all answers take as long."""
    monkeypatch.setattr(receipt_views, "ANSWER_TIME", 0)


def ask(person: Visitor, contact: str) -> Any:
    """Ask for the way back; what is answered."""
    return person.post("/kode/mistet", data={"contact": contact})


def waiting(kind: str = "lost") -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).where(Message.kind == kind)) or 0


def links_in(office: PostOffice) -> dict[str, str]:
    html = BeautifulSoup(read_part(office.received[-1], "text/html"), "html.parser")
    return {words(link): str(link["href"]) for link in html.select("a.way")}


# --- By mail or SMS


def test_whoever_gave_an_address_gets_a_letter_with_the_way_to_each_yes(
    app: Flask, client: Visitor, post_office: PostOffice, task: Make, signup: Make
) -> None:
    signup(task("Lage suppe"), **AMINA)
    signup(task("Bære stoler"), "Yusuf", email="Amina@people.example", purposes=frozenset(Purpose))
    signup(task("Bake kake"), "Bjørn", email="bjorn@people.example", purposes=frozenset(Purpose))
    worker.run_due(app)

    page = client.get(
        client.submit(client.get("/kode/mistet").page.form, contact=" AMINA@people.example").location
    ).page
    assert SAID in words(page)
    worker.run_due(app)

    links = links_in(post_office)
    assert len(links) == 2
    assert {label.split(",")[0] for label in links} == {"Lage suppe", "Bære stoler"}
    for address in links.values():
        assert client.get(address).status_code == 200
    assert "Bake kake" not in read_part(post_office.received[-1], "text/plain")


def test_whoever_gave_a_number_gets_an_sms(
    app: Flask, client: Visitor, gateway: Gateway, task: Make, signup: Make
) -> None:
    yes = signup(task(), phone="+4790000000", purposes=frozenset(Purpose))
    worker.run_due(app)

    ask(client, "900 00 000")
    worker.run_due(app)

    text = gateway.asked[-1][2]["text"]
    assert text.startswith("Lage suppe\nhttp://localhost/nb/pamelding/")
    assert text.endswith(access.token(yes.public_id))


@pytest.mark.usefixtures("post_office")
def test_the_answer_is_the_same_whether_somebody_is_known_or_not(visitor: Make, task: Make, signup: Make) -> None:
    signup(task(), **AMINA)
    gone = signup(task(), "Bjørn", email="bjorn@people.example", purposes=frozenset(Purpose))
    signups.withdraw(gone)

    answers = [
        ask(visitor(), contact)
        for contact in ("amina@people.example", "bjorn@people.example", "nobody@people.example", "' OR 1=1 --@x.no")
    ]

    assert len({(answer.status_code, answer.location, answer.data) for answer in answers[:3]}) == 1
    assert answers[3].status_code == 422
    assert waiting() == 1


@pytest.mark.usefixtures("post_office")
def test_the_answer_takes_as_long_whether_somebody_is_known_or_not(
    client: Visitor, task: Make, signup: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt_views, "ANSWER_TIME", 0.3)
    client.inspects = False
    for number in range(4):
        signup(task(), f"Person {number}", email=f"person{number}@people.example", purposes=frozenset(Purpose))

    def seconds(contact: str) -> float:
        began = time.perf_counter()
        ask(client, contact)
        return time.perf_counter() - began

    known = statistics.median(seconds(f"person{number}@people.example") for number in range(4))
    unknown = statistics.median(seconds(f"nobody{number}@people.example") for number in range(4))

    assert min(known, unknown) >= 0.3
    assert abs(known - unknown) < 0.05
    assert waiting() == 4


@pytest.mark.usefixtures("post_office")
def test_one_contact_gets_one_letter_an_hour(
    client: Visitor, task: Make, signup: Make, later: Callable[[timedelta], None]
) -> None:
    signup(task(), **AMINA)

    for _ in range(5):
        assert ask(client, "amina@people.example").status_code == 303
    assert waiting() == 1

    later(timedelta(minutes=61))
    ask(client, "amina@people.example")
    assert waiting() == 2


@pytest.mark.usefixtures("post_office", "limits")
def test_whoever_asks_again_and_again_is_slowed_down(client: Visitor) -> None:
    statuses = [ask(client, f"person{number}@people.example").status_code for number in range(32)]

    assert statuses == [303] * 30 + [429] * 2


@pytest.mark.usefixtures("post_office", "gateway")
@pytest.mark.parametrize("typed", ["", " ", "112", "1234", "O'Brien <x@y>", "a@b.no\nBcc: c@d.no", "x" * 20_000])
def test_what_reaches_nobody_is_refused_in_words_and_kept(client: Visitor, typed: str) -> None:
    refused = client.submit(client.get("/kode/mistet").page.form, contact=typed)

    assert refused.status_code == 422
    field = refused.page.select_one("input[name=contact]")
    assert field["value"] == typed.strip()
    assert words(refused.page.find(id=field["aria-describedby"].split()[0]))
    assert refused.page.title.get_text().startswith("Feil: ")


def test_without_a_way_to_send_the_page_says_whom_to_ask(client: Visitor) -> None:
    page = client.get("/kode/mistet").page

    assert "Vi kan ikke sende meldinger herfra." in words(page)
    assert "Spør den som ordner aktiviteten" in words(page)
    assert not page.select("main form")
    assert ask(client, "amina@people.example").status_code == 422


@pytest.mark.usefixtures("post_office")
def test_without_sms_a_number_is_no_use_and_the_page_says_so(client: Visitor) -> None:
    refused = ask(client, "900 00 000")

    assert refused.status_code == 422
    assert "Vi kan ikke sende SMS herfra." in words(refused.page)


def test_a_link_that_somebody_sends_asks_for_nothing(
    client: Visitor, post_office: PostOffice, task: Make, signup: Make
) -> None:
    signup(task(), **AMINA)

    assert client.get("/kode/mistet?contact=amina@people.example").status_code == 200
    assert waiting() == 0


def test_the_way_there_stands_where_the_code_is_asked_for(client: Visitor) -> None:
    link = client.get("/mine-bidrag").page.select_one('a[href$="/kode/mistet"]')

    assert words(link) == "Mistet koden?"


# --- By the organiser's hand


def test_a_new_code_opens_this_one_yes_and_the_old_one_does_so_no_longer(
    visitor: Make, task: Make, signup: Make
) -> None:
    old = "7F3QK7F3QK"
    lost, other = (
        signup(task(title), name, receipts.holder(old, SECRET))
        for title, name in (("Lage suppe", "Amina"), ("Bære stoler", "Yusuf"))
    )

    new = access.reissue(lost)

    phone, old_phone = visitor(), visitor()
    phone.post("/mine-bidrag", data={"code": receipts.grouped(new)})
    old_phone.set_cookie("receipts", old)
    assert [words(row.h3) for row in phone.get("/mine-bidrag").page.select("a.row")] == ["Lage suppe"]
    assert [words(row.h3) for row in old_phone.get("/mine-bidrag").page.select("a.row")] == ["Bære stoler"]
    assert (lost.name, other.name) == ("Amina", "Yusuf")


def test_the_new_code_is_nowhere_to_be_read(task: Make, signup: Make) -> None:
    yes = signup(task())

    code = access.reissue(yes)

    assert len(code) == receipts.CODE_LENGTH
    assert code != access.reissue(yes)
    for table in db.metadata.sorted_tables:
        assert code not in repr(db.session.execute(sa.select(table)).all())
    assert db.session.get_one(Signup, yes.id).receipt_id
