"""«Jeg kan …» as people meet it: offer, take back, be asked, answer; with scripts and without."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from participation import clock
from participation.activities import queues
from participation.activities.models import ActivityState, Signup
from participation.contact import Contact
from participation.db import db
from participation.offers import invitations, rules
from participation.offers.models import Offer, OfferState
from tests.conftest import SECRET
from tests.page import Visitor, words

Make = Callable[..., Any]
PHONE = "90 00 00 17"


def typed(**changed: Any) -> dict[str, Any]:
    """A form filled in well, but for what is changed; None is left out."""
    filled = {
        "key": "a-key-that-is-long-enough",
        "kinds": ["cook", "drive"],
        "when": "Kvelder og helger",
        "languages": ["nb", "ar"],
        "name": "Amina",
        "contact": PHONE,
        "until": (clock.today() + timedelta(days=90)).isoformat(),
        "consent": "y",
        **changed,
    }
    return {name: value for name, value in filled.items() if value is not None}


def offers() -> list[Offer]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Offer).order_by(Offer.id)))


def followed(person: Visitor, response: TestResponse) -> BeautifulSoup:
    """What the person sees in the end."""
    page: BeautifulSoup = (person.get(response.location) if response.status_code == 303 else response).page
    return page


def leave(person: Visitor, **changed: Any) -> BeautifulSoup:
    return followed(person, person.post("/jeg-kan", data=typed(**changed)))


def helping() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Signup.name).where(queues.LIVING)))


# --- Offer


def test_the_form_asks_for_all_it_needs_and_ticks_no_consent(anyone: Visitor) -> None:
    form = anyone.get("/ar/jeg-kan").page.form

    assert len(form.select("input[name=kinds]")) == 9
    assert not form.select("input[name=kinds][checked], input[name=consent][checked]")
    assert [box["value"] for box in form.select("input[name=languages][checked]")] == ["ar"]
    until = form.select_one("input[name=until]")
    assert (until["min"], until["value"], until["max"]) == (
        clock.today().isoformat(),
        rules.latest(clock.today()).isoformat(),
        rules.latest(clock.today()).isoformat(),
    )


def test_an_offer_is_kept_as_told_and_its_receipt_says_so(anyone: Visitor) -> None:
    page = leave(anyone)

    (kept,) = offers()
    assert (kept.name, kept.kinds, kept.when) == ("Amina", ["cook", "drive"], "Kvelder og helger")
    assert (kept.phone, kept.email, kept.languages, kept.language) == ("+4790000017", None, ["nb", "ar"], "nb")
    assert kept.wording
    for said in ("Takk, Amina!", "Lage mat", "Kjøre bil", "Kvelder og helger", "norsk bokmål", "+47 90 00 00 17"):
        assert said in words(page)
    assert page.select_one(".ticket svg[aria-label]")


def test_an_e_mail_address_will_do(anyone: Visitor) -> None:
    leave(anyone, contact="amina@people.example")

    assert (offers()[0].email, offers()[0].phone) == ("amina@people.example", None)


def test_the_same_form_sent_three_times_is_one_offer(anyone: Visitor) -> None:
    for _ in range(3):
        leave(anyone)

    assert len(offers()) == 1


def test_the_same_form_from_a_phone_that_lost_the_answer_is_one_offer(visitor: Make) -> None:
    for _ in range(2):
        visitor().post("/jeg-kan", data=typed())

    assert len(offers()) == 1


def test_one_family_may_make_several_offers_on_one_phone(anyone: Visitor) -> None:
    leave(anyone)
    leave(anyone, name="Bjørn", key="another-key-that-is-long")

    assert len(offers()) == 2
    mine = anyone.get("/mine-bidrag", headers={"HX-Request": ""}).page
    assert len(mine.select('a[href^="/jeg-kan/"]')) == 2


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kinds": None}, "kinds"),
        ({"kinds": ["surgery"]}, "kinds"),
        ({"kinds": [""]}, "kinds"),
        ({"languages": None}, "languages"),
        ({"languages": ["xx"]}, "languages"),
        ({"languages": ["../../etc"]}, "languages"),
        ({"name": ""}, "name"),
        ({"name": " \t\u202e"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"contact": None}, "contact"),
        ({"contact": ""}, "contact"),
        ({"contact": "112"}, "contact"),
        ({"contact": "1234"}, "contact"),
        ({"contact": "ring meg"}, "contact"),
        ({"contact": "amina@"}, "contact"),
        ({"contact": "a@people.example\r\nBcc: b@people.example,c"}, "contact"),
        ({"contact": "9" * 20_000}, "contact"),
        ({"contact": "\u200e\u200f"}, "contact"),
        ({"until": ""}, "until"),
        ({"until": "i morgen"}, "until"),
        ({"until": "2026-13-45"}, "until"),
        ({"until": "0001-01-01"}, "until"),
        ({"until": "9999-12-31"}, "until"),
        ({"until": -1}, "until"),
        ({"until": 367}, "until"),
        ({"until": 36500}, "until"),
        ({"consent": None}, "consent"),
        ({"when": "x" * 301}, "when"),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_typed_is_kept(
    anyone: Visitor, changed: dict[str, Any], field: str
) -> None:
    if isinstance(changed.get("until"), int):
        changed = {"until": (clock.today() + timedelta(days=changed["until"])).isoformat()}

    response = anyone.post("/jeg-kan", data=typed(**changed))

    assert response.status_code == 422
    assert offers() == []
    page = response.page
    assert page.find(id=f"{field}-error").get_text().strip()
    assert page.select_one(f'[aria-describedby~="{field}-error"]')
    assert len(page.select(".error")) == 1
    assert page.select_one("[autofocus]")
    if "name" not in changed:
        assert page.select_one("input[name=name]")["value"] == "Amina"
    if "kinds" not in changed:
        assert [box["value"] for box in page.select("input[name=kinds][checked]")] == ["cook", "drive"]


def test_nothing_sent_at_all_is_refused(anyone: Visitor) -> None:
    assert anyone.post("/jeg-kan").status_code == 422
    assert offers() == []


def test_an_offer_without_an_end_stands_for_a_year(anyone: Visitor) -> None:
    leave(anyone, until=None)

    assert offers()[0].until == rules.latest(clock.today())


@pytest.mark.parametrize("days", [0, 1, 365])
def test_an_offer_may_stand_for_a_day_or_a_year(anyone: Visitor, days: int) -> None:
    leave(anyone, until=(clock.today() + timedelta(days=days)).isoformat())

    assert [rules.stands(one) for one in offers()] == [True]


@pytest.mark.parametrize("name", ["Å", "x" * 100, "O'Brien", "محمد", "🦊", "<b>Bo</b>", "{{ 7*7 }}", "%(name)s"])
def test_a_name_and_a_wish_are_whatever_somebody_writes(anyone: Visitor, name: str) -> None:
    page = leave(anyone, name=name, when=f"{name}\nog litt til")

    assert name in words(page.h2)
    assert offers()[0].when.startswith(name)


def test_a_name_with_line_breaks_stands_on_one_line(anyone: Visitor) -> None:
    leave(anyone, name="Amina\r\nBcc: alle")

    assert offers()[0].name == "Amina Bcc: alle"


def test_one_phone_cannot_flood_the_list(client: Visitor, limits: None) -> None:
    codes = [client.post("/jeg-kan", data=typed(key=f"key-number-{number:010}")).status_code for number in range(12)]

    assert codes[:11] == [303] * 11, "the first comes without a code yet"
    assert codes[11] == 429


def test_opening_pages_offers_and_ends_nothing(client: Visitor) -> None:
    leave(client)
    address = f"/jeg-kan/{offers()[0].public_id}"

    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
        assert client.open(f"{address}/ta-bort", method=method).status_code in (200, 405)
    client.get("/jeg-kan?name=Amina&kinds=cook")

    assert [one.state for one in offers()] == [OfferState.OPEN]


# --- The public, and strangers


def test_the_public_sees_nothing_of_offers(visitor: Make, task: Make) -> None:
    soup = task("Lage suppe")
    leave(visitor(), name="Uvanlig", when="Ring når som helst")

    stranger = visitor()
    for path in ("/", "/hjelp", "/jeg-kan", "/aktiviteter", f"/aktiviteter/{soup.activity.public_id}", "/mine-bidrag"):
        page = words(stranger.get(path).page)
        assert "Uvanlig" not in page
        assert "Ring når" not in page


def test_a_stranger_can_neither_see_nor_end_an_offer_nor_answer_for_it(
    visitor: Make, client: Visitor, task: Make
) -> None:
    leave(client)
    (made,) = offers()
    asked = invitations.invite(made, task())

    for htmx in (False, True):
        stranger = visitor(htmx=htmx)
        assert stranger.get(f"/jeg-kan/{made.public_id}").status_code == 404
        assert stranger.post(f"/jeg-kan/{made.public_id}/ta-bort").status_code == 404
        for link in ("", f"/{'0' * 32}", f"/{invitations.key_of('zzzzzzzzzz', SECRET)}", "/%C3%A9"):
            address = f"/jeg-kan/spurt/{asked.public_id}{link}"
            assert stranger.get(address).status_code == 404
            for answer in ("yes", "no", "never"):
                assert stranger.post(address, data={"answer": answer}).status_code == 404
    assert helping() == []
    assert [one.state for one in offers()] == [OfferState.OPEN]


# --- Take back


def test_one_tap_ends_an_offer_and_all_that_told_who_it_was_is_gone(anyone: Visitor) -> None:
    page = leave(anyone)

    ended = followed(anyone, anyone.submit(page.select_one('form[action$="/ta-bort"]')))

    assert "Tilbudet er tatt bort" in words(ended)
    assert "Amina" not in words(ended)
    assert (offers()[0].name, offers()[0].phone, offers()[0].when) == ("", None, "")


def test_ending_twice_does_no_harm(anyone: Visitor) -> None:
    form = leave(anyone).select_one('form[action$="/ta-bort"]')

    assert anyone.submit(form).status_code == anyone.submit(form).status_code


# --- What fits


def test_whoever_offers_is_led_to_what_needs_it_now(anyone: Visitor, task: Make) -> None:
    soup = task("Lage suppe", capacity=2)

    page = leave(anyone)

    link = page.select_one(f'a[href="/oppgaver/{soup.public_id}/bli-med"]')
    assert "Lage suppe" in words(link)
    assert "Trenger 2 til" in words(link)


def test_help_that_is_needed_all_along_has_no_day(anyone: Visitor, activity: Make, task: Make) -> None:
    task("Vaffelsteking", at=activity(standing=True, in_hours=-100, lasts=1000))

    assert "Når det passer, til" in words(leave(anyone))


# --- Be asked


@pytest.fixture
def asked(anyone: Visitor, task: Make) -> Callable[..., str]:
    """Makes this person offer to cook and be asked to; answers with the address of the letter's link."""

    def make(by_link: bool = True, **details: Any) -> str:
        leave(anyone, contact="amina@people.example")
        asked = invitations.invite(offers()[0], task(**details))
        link = f"/{invitations.key_of(asked.public_id, SECRET)}" if by_link else ""
        return f"/jeg-kan/spurt/{asked.public_id}{link}"

    return make


def say(person: Visitor, address: str, answer: str, **more: str) -> BeautifulSoup:
    form = next(form for form in person.get(address).page.select("form") if form.select(f'button[value="{answer}"]'))
    return followed(person, person.submit(form, press=answer, **more))


@pytest.mark.parametrize("by_link", [True, False])
def test_the_question_says_what_and_that_nothing_is_promised(anyone: Visitor, asked: Make, by_link: bool) -> None:
    page = anyone.get(asked(by_link)).page

    for said in (
        "Hei, Amina!",
        "Grendelaget spør",
        "Lage suppe",
        "Suppelørdag",
        "Torstrand Grendehus",
        "ikke meldt på",
    ):
        assert said in words(page)
    assert helping() == []


@pytest.mark.parametrize("by_link", [True, False])
def test_a_yes_signs_up(anyone: Visitor, asked: Make, by_link: bool) -> None:
    page = say(anyone, asked(by_link), "yes")

    assert "Du er med, Amina!" in words(page)
    assert helping() == ["Amina"]


def test_a_link_works_on_a_phone_that_knows_nothing_and_leads_on_to_the_sign_up(visitor: Make, asked: Make) -> None:
    address, other = asked(), visitor()

    page = say(other, address, "yes")

    receipt = page.find("a", string="Se kvitteringen")["href"]
    assert "Du er med" in words(other.get(receipt).page)
    assert "Set-Cookie" not in other.get(address).headers


def test_the_phone_that_offered_finds_the_question_among_its_own(anyone: Visitor, asked: Make) -> None:
    address = asked(by_link=False)

    plain = {"headers": {"HX-Request": ""}}
    assert "Noen spør deg" in words(anyone.get("/mine-bidrag", **plain).page)
    assert anyone.get(f"/jeg-kan/{offers()[0].public_id}").page.select_one(f'a[href="{address}"]')


def test_a_no_is_fine_and_may_be_taken_back(anyone: Visitor, asked: Make) -> None:
    address = asked()

    assert "Det er helt greit" in words(say(anyone, address, "no"))
    assert helping() == []
    assert "Du er med" in words(say(anyone, address, "yes"))
    assert "Det er helt greit" in words(say(anyone, address, "no"))
    assert helping() == []


def test_a_reminder_is_a_choice_of_its_own(anyone: Visitor, asked: Make, activity: Make) -> None:
    say(anyone, asked(at=activity(in_hours=48)), "yes", remind="1")

    (signup,) = db.session.scalars(sa.select(Signup)).all()
    assert {consent.purpose.value for consent in signup.consents} == {"task", "reminder"}


def test_when_it_has_become_full_the_question_says_so_and_a_yes_waits(
    anyone: Visitor, asked: Make, signup: Make
) -> None:
    address = asked(capacity=1)
    signup(invitations.invitation(address.split("/")[3]).task, "Bjørn")  # type: ignore[union-attr]

    assert "Sier du ja, kommer du på ventelista" in words(anyone.get(address).page)
    assert "Du er nummer 1 på ventelista" in words(say(anyone, address, "yes"))


def test_one_may_ask_not_to_be_asked_again_without_the_code(visitor: Make, asked: Make) -> None:
    page = say(visitor(), asked(), "never")

    assert "Tilbudet er tatt bort" in words(page)
    assert offers()[0].email is None


@pytest.mark.parametrize("answer", ["", "maybe", "YES", None])
def test_an_answer_that_is_none_changes_nothing(anyone: Visitor, asked: Make, answer: str | None) -> None:
    address = asked()

    anyone.post(address, data={} if answer is None else {"answer": answer})

    assert helping() == []
    assert "Ja, jeg blir med" in words(anyone.get(address).page)


def test_opening_the_link_answers_nothing(anyone: Visitor, asked: Make) -> None:
    address = asked()

    for method in ("GET", "HEAD", "OPTIONS", "PUT"):
        anyone.open(f"{address}?answer=yes", method=method)

    assert helping() == []


def test_a_yes_too_late_says_that_it_is_over(anyone: Visitor, asked: Make, later: Callable[[timedelta], None]) -> None:
    address = asked()
    later(timedelta(days=3))

    response = anyone.post(address, data={"answer": "yes"})

    assert response.status_code == 410
    assert "Dette er over" in words(response.page)
    assert helping() == []


def test_a_yes_after_the_offer_was_ended_signs_nobody_up(anyone: Visitor, asked: Make) -> None:
    address = asked()
    rules.end(offers()[0])

    response = anyone.post(address, data={"answer": "yes"})

    assert response.status_code == 410
    assert "Tilbudet er tatt bort" in words(response.page)
    assert helping() == []


def test_whoever_said_yes_reads_that_it_was_cancelled(anyone: Visitor, asked: Make) -> None:
    address = asked()
    say(anyone, address, "yes")
    held = invitations.invitation(address.split("/")[3]).task.activity  # type: ignore[union-attr]
    rules.write(lambda: setattr(db.session.merge(held), "state", ActivityState.CANCELLED))()

    assert "Aktiviteten er avlyst" in words(anyone.get(address).page)


@pytest.mark.parametrize("tag", ["nb", "en", "ar"])
def test_every_page_is_there_in_every_language_and_kept_by_nobody(
    client: Visitor, offer: Make, task: Make, tag: str
) -> None:
    leave(client)
    invited = invitations.invite(offer("Bjørn", contact=Contact(phone="+4790000001")), task())
    key = invitations.key_of(invited.public_id, SECRET)

    for path in (f"/jeg-kan/{offers()[0].public_id}", f"/jeg-kan/spurt/{invited.public_id}/{key}"):
        response = client.get(f"/{tag}{path}")
        assert response.page.html["lang"] == tag
        assert response.page.select_one('meta[name=robots][content="noindex"]')
        assert response.headers["Cache-Control"] == "no-store"
    assert client.get(f"/{tag}/jeg-kan").page.html["lang"] == tag
