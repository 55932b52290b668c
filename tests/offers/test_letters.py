"""The letter that asks: to the right address, in the person's language, once, and not when it is needless."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask

from participation import worker
from participation.activities.models import Kind
from participation.contact import Contact
from participation.messages import letters
from participation.messages.models import Channel
from participation.offers import invitations, rules
from tests.messages.outside import Gateway, PostOffice, read_part
from tests.page import Visitor, words

Make = Callable[..., Any]


def link_in(text: str) -> str:
    """The path of the one link in a letter."""
    (address,) = set(re.findall(r"http://localhost(/\S+/jeg-kan/\S+)", text))
    return str(address)


def asked_mail(office: PostOffice) -> EmailMessage:
    (mail,) = [mail for mail in office.received if "jeg-kan/spurt" in read_part(mail, "text/plain")]
    return mail


def test_the_mail_asks_and_its_link_answers(
    app: Flask, post_office: PostOffice, offer: Make, task: Make, visitor: Make
) -> None:
    invitations.invite(offer("Amina"), task("Lage suppe"))

    worker.run_due(app)
    worker.run_due(app)

    mail = asked_mail(post_office)
    assert mail["To"] == "amina@people.example"
    assert "Kan du hjelpe?" in mail["Subject"]
    text = read_part(mail, "text/plain")
    for said in ("Amina", "Lage suppe", "Suppelørdag", "Grendelaget", "Torstrand Grendehus", "ikke meldt på"):
        assert said in text
    person: Visitor = visitor()
    page = person.get(link_in(text)).page
    assert "Hei, Amina!" in words(page)
    assert link_in(text) in read_part(mail, "text/html")


def test_the_letter_speaks_the_persons_language(app: Flask, post_office: PostOffice, offer: Make, task: Make) -> None:
    invitations.invite(offer("Amina", language="ar"), task())

    worker.run_due(app)

    mail = asked_mail(post_office)
    assert mail["Content-Language"] == "ar"
    assert 'dir="rtl"' in read_part(mail, "text/html")
    assert link_in(read_part(mail, "text/plain")).startswith("/ar/")


def test_a_phone_gets_an_sms_that_is_short(app: Flask, gateway: Gateway, offer: Make, task: Make) -> None:
    invitations.invite(offer("Amina", contact=Contact(phone="+4790000017")), task("Lage suppe " + "og brød " * 20))

    worker.run_due(app)

    ((_, _, body),) = gateway.asked
    assert body["to"] == "+4790000017"
    assert link_in(body["text"])
    assert len(body["text"].replace(link_in(body["text"]), "")) < 160


def test_a_yes_by_mail_is_confirmed_by_mail(app: Flask, post_office: PostOffice, offer: Make, task: Make) -> None:
    invitations.answer(invitations.invite(offer("Amina"), task()), yes=True)

    worker.run_due(app)

    assert [str(mail["To"]) for mail in post_office.received] == ["amina@people.example"]
    assert "jeg-kan/spurt" not in read_part(post_office.received[0], "text/plain")


@pytest.mark.parametrize("what", ["ended", "answered", "over"])
def test_nobody_is_asked_what_needs_no_answer_any_longer(
    app: Flask, post_office: PostOffice, offer: Make, task: Make, activity: Make, later: Make, what: str
) -> None:
    made = offer("Amina")
    asked = invitations.invite(made, task())
    if what == "ended":
        rules.end(made)
    elif what == "answered":
        invitations.answer(asked, yes=False)
    else:
        later(timedelta(days=3))

    worker.run_due(app)

    assert post_office.received == []


@pytest.mark.parametrize(
    ("contact", "way"),
    [
        (Contact(email="a@people.example"), Channel.MAIL),
        (Contact(phone="+4790000017"), Channel.SMS),
        (Contact(phone="+4722123456"), None),
    ],
)
def test_a_letter_goes_the_way_it_can(offer: Make, contact: Contact, way: Channel | None) -> None:
    assert letters.way_to(offer("Amina", Kind.COOK, contact=contact)) is way


def test_a_phone_that_takes_no_sms_is_left_to_a_person(app: Flask, gateway: Gateway, offer: Make, task: Make) -> None:
    invitations.invite(offer("Amina", contact=Contact(phone="+4722123456")), task())

    worker.run_due(app)

    assert gateway.asked == []
