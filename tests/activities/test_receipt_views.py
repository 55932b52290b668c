"""A sign-up's receipt in each of its states, on the phone that made it and by a link from a letter."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from participation import clock
from participation.activities import access, queues, signups
from participation.activities.models import ActivityState, Purpose, Signup, SignupState
from participation.db import db, write
from participation.receipts import rules as receipts
from tests.conftest import SECRET
from tests.page import Visitor, words
from tests.world import nb

Make = Callable[..., Any]
Later = Callable[[timedelta], None]
CODE = "7F3QK7F3QK"
BOTH = frozenset(Purpose)


@pytest.fixture
def mine(anyone: Visitor, signup: Make) -> Make:
    """Somebody's yes whose code is on the phone."""
    anyone.set_cookie("receipts", CODE)
    return lambda task, name="Amina", **details: signup(task, name, receipts.holder(CODE, SECRET), **details)


@pytest.fixture
def offered(task: Make, signup: Make, mine: Make, activity: Make) -> Signup:
    """Somebody who asked to be asked first, and now is."""
    soup = task(capacity=1, at=activity(in_hours=100))
    first = signup(soup, "Bjørn")
    yes: Signup = mine(soup, ask_first=True)
    signups.withdraw(first)
    return yes


def address(signup: Signup) -> str:
    return f"/pamelding/{signup.public_id}"


def link(signup: Signup) -> str:
    return f"{address(signup)}/{access.token(signup.public_id)}"


def state(signup: Signup) -> SignupState:
    db.session.expire_all()
    return db.session.get_one(Signup, signup.id).state


def press(person: Visitor, page: Any, action: str) -> TestResponse:
    """Press the button that posts there, and come to what is shown then."""
    response = person.submit(page.select_one(f'form[action$="/{action}"]'))
    return person.get(response.location) if response.status_code == 303 else response


def open_receipt(person: Visitor, at: str) -> Any:
    return person.get(at).page


def change(thing: Any, **details: Any) -> None:
    def rule() -> None:
        kept = db.session.merge(thing)
        for name, value in details.items():
            setattr(kept, name, value)

    write(rule)()


# --- A place


def test_a_receipt_says_what_when_where_and_how_many(anyone: Visitor, task: Make, mine: Make) -> None:
    page = words(open_receipt(anyone, address(mine(task(), party=2))))

    for fact in ("Du er med, Amina!", "Lage suppe", "Torstrand Grendehus", "Møt på kjøkkenet", "Du og 1 til"):
        assert fact in page


def test_two_things_at_the_same_time_are_a_warning_and_not_a_wall(anyone: Visitor, task: Make, mine: Make) -> None:
    soup = task("Lage suppe")
    mine(task("Bære stoler"))

    page = open_receipt(anyone, address(mine(soup)))

    assert "Du er med, Amina!" in words(page)
    assert "Du har også sagt ja til noe annet på samme tid: Bære stoler" in words(page.select_one(".note"))


def test_what_was_changed_since_says_so(anyone: Visitor, activity: Make, task: Make, mine: Make) -> None:
    feast = activity()
    yes = mine(task(at=feast))
    assert "endret" not in words(open_receipt(anyone, address(yes)))

    change(feast, sequence=1, changed_at=clock.now())

    assert "Tid eller sted er endret siden du meldte deg" in words(open_receipt(anyone, address(yes)))


def test_what_was_cancelled_says_why_and_not_to_come(anyone: Visitor, activity: Make, task: Make, mine: Make) -> None:
    feast = activity()
    yes = mine(task(at=feast))

    change(feast, state=ActivityState.CANCELLED, cancelled_why=nb("Strømmen er borte."))

    page = open_receipt(anyone, address(yes))
    assert "Aktiviteten er avlyst. Du trenger ikke å møte. Strømmen er borte." in words(page)
    assert "Legg i kalenderen" not in words(page)


def test_afterwards_the_receipt_thanks(anyone: Visitor, task: Make, mine: Make, later: Later) -> None:
    yes = mine(task())

    later(timedelta(hours=30))

    assert "Takk for hjelpen, Amina!" in words(open_receipt(anyone, address(yes)))


def test_help_that_is_needed_all_along_has_no_hour(anyone: Visitor, activity: Make, task: Make, mine: Make) -> None:
    page = open_receipt(anyone, address(mine(task(at=activity(in_hours=-24, lasts=500, standing=True)))))

    assert "Når det passer" in words(page)
    assert "Legg i kalenderen" not in words(page)


def test_the_contact_is_shown_with_its_end_and_goes_with_one_tap(anyone: Visitor, task: Make, mine: Make) -> None:
    yes = mine(task(), phone="+4790000000", purposes=BOTH)
    page = open_receipt(anyone, address(yes))
    assert page.select_one("dd bdi[dir=ltr]").get_text() == "+47 90 00 00 00"

    gone = press(anyone, page, "slett-kontakt")

    assert "+47" not in words(gone.page)
    kept = db.session.get_one(Signup, yes.id)
    assert (kept.phone, list(kept.consents), kept.state) == (None, [], SignupState.PLACED)


# --- Waiting, and a place that is offered


def test_an_offer_says_until_when_and_is_taken_with_one_tap(anyone: Visitor, offered: Signup) -> None:
    page = open_receipt(anyone, address(offered))
    until = clock.local(offered.offered_until)  # type: ignore[arg-type]
    assert "Det er en ledig plass, Amina!" in words(page)
    assert f"{until.day}." in words(page)
    assert f"kl. {until:%H:%M}." in words(page)

    taken = press(anyone, page, "ta-plassen")

    assert "Du er med, Amina!" in words(taken.page)
    assert state(offered) is SignupState.PLACED


def test_taking_twice_is_as_good_as_once(anyone: Visitor, offered: Signup) -> None:
    form = open_receipt(anyone, address(offered)).select_one('form[action$="/ta-plassen"]')

    assert anyone.submit(form).status_code == anyone.submit(form).status_code
    assert state(offered) is SignupState.PLACED


def test_an_offer_that_ran_out_is_gone_and_one_is_still_in_the_queue(
    anyone: Visitor, offered: Signup, later: Later
) -> None:
    form = open_receipt(anyone, address(offered)).select_one('form[action$="/ta-plassen"]')
    later(timedelta(hours=25))

    late = anyone.submit(form)

    assert late.status_code == 409
    assert "Plassen er gått videre til en annen. Du står fortsatt på ventelista." in words(late.page)
    assert "Fristen for å svare er ute, men du står fortsatt på ventelista." in words(late.page)


def test_in_the_end_the_first_tap_wins(anyone: Visitor, task: Make, signup: Make, mine: Make) -> None:
    soup = task(capacity=1)
    first = signup(soup, "Bjørn")
    yes = mine(soup, ask_first=True)
    signup(soup, "Cecilie", ask_first=True)
    signups.withdraw(first)

    page = open_receipt(anyone, address(yes))
    assert "Den som trykker først, får den." in words(page)
    assert "Du er med, Amina!" in words(press(anyone, page, "ta-plassen").page)


def test_whoever_taps_second_is_told_kindly(anyone: Visitor, task: Make, signup: Make, mine: Make) -> None:
    soup = task(capacity=1)
    first = signup(soup, "Bjørn")
    yes = mine(soup, ask_first=True)
    faster = signup(soup, "Cecilie", ask_first=True)
    signups.withdraw(first)
    form = open_receipt(anyone, address(yes)).select_one('form[action$="/ta-plassen"]')
    signups.take(faster)

    beaten = anyone.submit(form)

    assert beaten.status_code == 409
    assert "Plassen er gått videre til en annen." in words(beaten.page)
    assert "Du er nummer 1 på ventelista." in words(beaten.page)


def test_a_place_at_what_is_over_is_gone_for_good(
    anyone: Visitor, task: Make, signup: Make, mine: Make, later: Later
) -> None:
    soup = task(capacity=1)
    signup(soup, "Bjørn")
    yes = mine(soup)
    later(timedelta(hours=30))

    late = anyone.post(f"{address(yes)}/ta-plassen")

    assert late.status_code == 410
    assert "Det ble ikke plass denne gangen." in words(late.page)


def test_whoever_left_can_take_nothing(anyone: Visitor, offered: Signup) -> None:
    signups.withdraw(offered)

    late = anyone.post(f"{address(offered)}/ta-plassen")

    assert late.status_code == 410
    assert "Du er meldt av" in words(late.page)


def test_who_waits_reads_whether_they_will_be_told(
    anyone: Visitor, task: Make, signup: Make, mine: Make, activity: Make, later: Later
) -> None:
    soup = task(capacity=1, at=activity(in_hours=48))
    signup(soup, "Bjørn")

    silent = words(open_receipt(anyone, address(mine(soup))))
    yes = mine(soup, "Dawit", email="d@people.example", purposes=BOTH)
    told = words(open_receipt(anyone, address(yes)))

    assert "Vi kan ikke varsle deg" in silent
    assert "Vi kan ikke varsle deg" not in told
    assert "Du får beskjed om endringer, og en påminnelse dagen før." in told
    later(timedelta(hours=30))
    assert "påminnelse" not in words(open_receipt(anyone, address(yes)))


def test_mine_shows_each_yes_as_it_stands(
    anyone: Visitor, offered: Signup, task: Make, signup: Make, mine: Make
) -> None:
    full = task("Bake kake", capacity=1)
    signup(full, "Dawit")
    mine(full)
    mine(task("Bære stoler"), party=3)

    anyone.htmx = False
    rows = {row.h3.get_text(): words(row) for row in anyone.get("/mine-bidrag").page.select("a.row")}

    assert "Ledig plass: svar før" in rows["Lage suppe"]
    assert "Nummer 1 på ventelista" in rows["Bake kake"]
    assert "Du er med" in rows["Bære stoler"]
    assert "Du og 2 til" in rows["Bære stoler"]


# --- Withdrawn


def test_one_tap_takes_the_withdrawal_back_with_all_that_was_told(anyone: Visitor, task: Make, mine: Make) -> None:
    soup = task()
    yes = mine(soup, party=2, ask_first=True, email="a@people.example", purposes=frozenset({Purpose.REMINDER}))
    gone = anyone.submit(open_receipt(anyone, address(yes)).select_one('form[action$="/meld-av"]'))
    assert state(yes) is SignupState.WITHDRAWN
    assert "Navnet og kontaktinfoen din er slettet." in words(gone.page)
    assert "Angre – jeg blir med likevel" in words(gone.page)

    assert press(anyone, gone.page, "bli-med").status_code in (200, 201)

    (back, _) = queues.signups_of(receipts.find([CODE], SECRET))[0]
    assert (back.name, back.party, back.ask_first, back.email) == ("Amina", 2, True, "a@people.example")
    assert [consent.purpose for consent in back.consents] == [Purpose.REMINDER]


def test_when_the_place_has_gone_on_the_way_back_is_the_waiting_list(
    anyone: Visitor, task: Make, signup: Make, mine: Make
) -> None:
    soup = task(capacity=1)
    yes = mine(soup)
    signup(soup, "Bjørn")

    gone = anyone.submit(open_receipt(anyone, address(yes)).select_one('form[action$="/meld-av"]'))

    assert "Angre – sett meg på ventelista" in words(gone.page)
    assert "Du er nummer 1 på ventelista." in words(press(anyone, gone.page, "bli-med").page)


@pytest.mark.parametrize("hours", [30, 90, 200])  # to answer, until it begins, until it is over
def test_one_can_leave_whatever_has_run_out_and_as_often_as_one_likes(
    anyone: Visitor, offered: Signup, later: Later, hours: int
) -> None:
    page = open_receipt(anyone, address(offered))
    later(timedelta(hours=hours))

    for _ in range(2):
        gone = anyone.submit(page.select_one('form[action$="/meld-av"]'))
        assert (gone.status_code, words(gone.page.h2)) == (200, "Du er meldt av")

    assert (state(offered), db.session.get_one(Signup, offered.id).name) == (SignupState.WITHDRAWN, "")
    assert queues.places([offered.task])[offered.task_id].taken == 0


# --- By a link from a letter


def test_a_personal_link_shows_one_sign_up_on_any_phone(anyone: Visitor, task: Make, signup: Make) -> None:
    yes = signup(task(), holder="a phone")
    signup(task("Bære stoler"), holder="a phone")

    response = anyone.get(link(yes))

    assert "Du er med, Amina!" in words(response.page)
    assert "Bære stoler" not in words(response.page)
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers
    assert not response.page.select(".ticket")
    if not anyone.htmx:
        assert response.page.select_one('meta[name=robots][content="noindex"]')
        assert access.token(yes.public_id) not in response.page.title.get_text()


def test_following_a_link_changes_nothing_however_often(client: Visitor, offered: Signup) -> None:
    for path in (link(offered), f"{link(offered)}/kalender.ics", f"{link(offered)}/meld-av"):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert client.open(path, method=method).status_code in (200, 405)
    for action in ("ta-plassen", "meld-av", "slett-kontakt"):
        assert client.get(f"{link(offered)}/{action}").status_code == 405

    assert state(offered) is SignupState.OFFERED


def test_what_a_receipt_can_do_a_link_can_too(visitor: Make, offered: Signup) -> None:
    stranger = visitor()

    taken = press(stranger, open_receipt(stranger, link(offered)), "ta-plassen")
    assert "Du er med, Amina!" in words(taken.page)
    gone = press(stranger, taken.page, "meld-av")
    assert "Du er meldt av" in words(gone.page)
    assert state(offered) is SignupState.WITHDRAWN


def test_a_link_dies_with_the_sign_up(anyone: Visitor, offered: Signup) -> None:
    signups.withdraw(offered)

    for response in (
        anyone.get(link(offered)),
        anyone.post(f"{link(offered)}/meld-av"),
        anyone.post(f"{link(offered)}/ta-plassen"),
    ):
        assert response.status_code == 410
        assert "Du er meldt av" in words(response.page)


def test_a_link_dies_when_the_name_is_forgotten(anyone: Visitor, task: Make, signup: Make) -> None:
    yes = signup(task())
    change(yes, name="")

    gone = anyone.get(link(yes))

    assert gone.status_code == 410
    assert "Navnet og kontaktinfoen din er slettet" in words(gone.page)
    assert anyone.post(f"{link(yes)}/meld-av").status_code == 410
    assert state(yes) is SignupState.PLACED


def test_a_wrong_link_is_as_unknown_as_any(anyone: Visitor, task: Make, signup: Make) -> None:
    yes, other = signup(task(), "Amina"), signup(task(), "Bjørn")
    right = access.token(yes.public_id)

    wrong = [
        access.token(other.public_id),
        "x" * len(right),
        "é" * len(right),
        right[:-1] + ("a" if right[-1] != "a" else "b"),
        right.swapcase(),
    ]
    for token in wrong:
        assert anyone.get(f"{address(yes)}/{token}").status_code == 404
        for action in ("meld-av", "ta-plassen", "slett-kontakt"):
            assert anyone.post(f"{address(yes)}/{token}/{action}").status_code == 404
    assert anyone.get(f"/pamelding/zzzzzzzzzz/{access.token('zzzzzzzzzz')}").status_code == 404
    assert anyone.get(f"{address(yes)}/{right}x").status_code == 404
    assert state(yes) is SignupState.PLACED


def test_a_token_has_128_bits_and_follows_from_the_secret_key_alone(app: Flask, set_up: Make) -> None:
    token = access.token("7f3qk7f3qk")
    assert len(token) * 5 >= 128
    assert token == access.token("7f3qk7f3qk")

    set_up(SECRET_KEY="another key, which nobody has ever seen")
    assert token != access.token("7f3qk7f3qk")


@pytest.mark.parametrize("action", ["meld-av", "ta-plassen", "slett-kontakt"])
def test_a_stranger_cannot_change_somebodys_yes(anyone: Visitor, task: Make, signup: Make, action: str) -> None:
    yes = signup(task())

    assert anyone.post(f"{address(yes)}/{action}").status_code == 404
    assert state(yes) is SignupState.PLACED


def test_a_name_in_another_script_keeps_its_order(client: Visitor, signup: Make, task: Make) -> None:
    yes = signup(task(), "أمينة (2)")

    for language in ("nb", "ar"):
        assert client.get(f"/{language}{link(yes)}").page.h2.bdi.get_text() == "أمينة (2)"
