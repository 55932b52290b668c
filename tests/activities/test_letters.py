"""What helpers and organisers are told: by a real mail server and a real gateway, read back as they came."""

import string
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from icalendar import Calendar

from participation import clock, worker
from participation.activities import access, notices, retention, signups
from participation.activities.models import Activity, ActivityState, Purpose, Signup
from participation.db import db, write
from participation.i18n import Translated
from participation.messages.models import Message, MessageState
from participation.places import rules as places
from tests.messages.outside import Gateway, PostOffice, read_part
from tests.page import Visitor, words

Make = Callable[..., Any]
Later = Callable[[timedelta], None]
BOTH = frozenset(Purpose)
MAIL = {"email": "amina@people.example", "purposes": BOTH}
SMS = {"phone": "+4790000000", "purposes": BOTH}
SOUP = Translated({"nb": "Lage suppe", "ar": "طبخ الحساء"})
# The old telephone alphabet (GSM 03.38), as far as Norwegian needs it: 160 of these go in an SMS, 153 in each part.
GSM = set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà" + string.ascii_letters + string.digits)


@pytest.fixture
def deliver(app: Flask) -> Callable[[], None]:
    """Lets the worker do all that is due."""

    def run() -> None:
        while worker.run_due(app):
            pass

    return run


@pytest.fixture
def post(deliver: Callable[[], None], post_office: PostOffice) -> Callable[[], list[EmailMessage]]:
    """Has the mail delivered that is due; answers with what is new in the boxes."""

    def fetch() -> list[EmailMessage]:
        seen = len(post_office.received)
        deliver()
        return post_office.received[seen:]

    return fetch


def states(kind: str) -> list[str]:
    return list(db.session.scalars(sa.select(Message.state).where(Message.kind == kind).order_by(Message.id)))


def change(thing: Any, **details: Any) -> None:
    def rule() -> None:
        kept = db.session.merge(thing)
        for name, value in details.items():
            setattr(kept, name, value)

    write(rule)()


@write
def announce(activity: Activity, tell: Callable[[Activity], None], **details: Any) -> None:
    """Change an activity as its organiser's desk does, and tell of it."""
    kept = db.session.merge(activity)
    for name, value in details.items():
        setattr(kept, name, value)
    kept.sequence += 1
    db.session.flush()
    tell(kept)


def only(letters: list[EmailMessage]) -> EmailMessage:
    assert [letter["Subject"] for letter in letters] == [letter["Subject"] for letter in letters[:1]]
    return letters[0]


def plain(letter: EmailMessage) -> str:
    """A letter's plain words, without the marks of direction and with single blanks."""
    text = read_part(letter, "text/plain")
    return " ".join("".join(character for character in text if character not in "\u2068\u2069\u200f").split())


def calendar_in(letter: EmailMessage) -> Any:
    (event,) = Calendar.from_ical(read_part(letter, "text/calendar")).walk("VEVENT")
    return event


def link_in(letter: EmailMessage) -> str:
    html = BeautifulSoup(read_part(letter, "text/html"), "html.parser")
    return urlsplit(str(html.select_one("a.way")["href"])).path  # type: ignore[index]


# --- Each kind


def test_a_yes_is_confirmed_with_what_when_where_and_the_calendar(post: Make, task: Make, signup: Make) -> None:
    soup = task()
    yes = signup(soup, **MAIL, party=2)

    letter = only(post())

    assert letter["To"] == "amina@people.example"
    assert "Du er med:" in letter["Subject"]
    for fact in ("Hei Amina! Du er med på Lage suppe.", "Hvor: Torstrand Grendehus", "Oppmøte: Møt på kjøkkenet"):
        assert fact in plain(letter)
    assert "Du og 1 til." in plain(letter)
    assert f"kl. {clock.local(soup.starts_at):%H:%M}" in plain(letter)
    assert calendar_in(letter).decoded("DTSTART") == soup.starts_at.replace(microsecond=0)
    assert "Meld deg av med lenken her" in plain(letter)
    assert link_in(letter) == f"/nb/pamelding/{yes.public_id}/{access.token(yes.public_id)}"


def test_every_mail_leads_to_where_one_tap_withdraws(post: Make, task: Make, signup: Make, client: Visitor) -> None:
    yes = signup(task(), **MAIL)

    page = client.get(link_in(only(post()))).page
    gone = client.submit(page.select_one('form[action$="/meld-av"]'))

    assert "Du er meldt av" in words(gone.page)
    assert db.session.get_one(Signup, yes.id).name == ""


def test_whoever_waits_is_told_that_and_gets_no_calendar(post: Make, task: Make, signup: Make) -> None:
    soup = task(capacity=1)
    signup(soup, "Bjørn")
    signup(soup, **MAIL)

    letter = only(post())

    assert "du står på ventelista" in plain(letter)
    assert not [part for part in letter.walk() if part.get_content_type() == "text/calendar"]


def test_whoever_gets_a_place_is_told(post: Make, task: Make, signup: Make) -> None:
    soup = task(capacity=1)
    first = signup(soup, "Bjørn")
    signup(soup, **MAIL)
    post()

    signups.withdraw(first)

    letter = only(post())
    assert "Det ble en ledig plass på Lage suppe, og den er din." in plain(letter)
    assert calendar_in(letter)


def test_whoever_asked_to_be_asked_is_offered_it_until_a_day_and_an_hour(
    post: Make, activity: Make, task: Make, signup: Make, client: Visitor
) -> None:
    soup = task(capacity=1, at=activity(in_hours=100))
    first = signup(soup, "Bjørn")
    yes = signup(soup, **MAIL, ask_first=True)
    post()

    signups.withdraw(first)

    letter = only(post())
    until = clock.local(db.session.get_one(Signup, yes.id).offered_until)  # type: ignore[arg-type]
    assert "Den er din om du sier ja før" in plain(letter)
    assert f"{until.day}." in plain(letter)
    assert f"kl. {until:%H:%M}." in plain(letter)
    taken = client.submit(client.get(link_in(letter)).page.select_one('form[action$="/ta-plassen"]'))
    assert taken.status_code == 303
    assert "Du er med på Lage suppe." in plain(only(post()))


def test_in_the_last_hours_all_who_asked_are_told_of_the_free_place(post: Make, task: Make, signup: Make) -> None:
    soup = task(capacity=1)
    first = signup(soup, "Bjørn")
    signup(soup, **MAIL, ask_first=True)
    signup(soup, "Dawit", email="dawit@people.example", purposes=BOTH, ask_first=True)
    post()

    signups.withdraw(first)

    letters = post()
    assert sorted(letter["To"] for letter in letters) == ["amina@people.example", "dawit@people.example"]
    assert all("Den som svarer først, får den." in plain(letter) for letter in letters)


def test_an_offer_that_is_no_longer_true_is_not_sent(
    post: Make, activity: Make, task: Make, signup: Make, later: Later
) -> None:
    soup = task(capacity=1, at=activity(in_hours=100))
    first = signup(soup, "Bjørn")
    signup(soup, **MAIL, ask_first=True)
    post()
    signups.withdraw(first)

    later(timedelta(hours=25))

    assert [letter["Subject"] for letter in post()] == []
    assert states("offer") == [MessageState.STOPPED]


def test_a_reminder_comes_the_day_before_to_those_who_asked_for_it(
    post: Make, activity: Make, task: Make, signup: Make, later: Later
) -> None:
    soup = task(at=activity(in_hours=72))
    signup(soup, **{**MAIL, "purposes": frozenset({Purpose.REMINDER})})
    signup(soup, "Bjørn", email="bjorn@people.example", purposes=frozenset({Purpose.TASK}))
    assert "bjorn" in only(post())["To"]

    later(timedelta(hours=47))
    assert post() == []
    later(timedelta(hours=1, minutes=5))

    letter = only(post())
    assert letter["To"] == "amina@people.example"
    assert "Du ville bli minnet på Lage suppe." in plain(letter)


def test_a_reminder_that_is_held_up_until_it_began_is_not_sent(
    post: Make, activity: Make, task: Make, signup: Make, later: Later
) -> None:
    signup(task(at=activity(in_hours=72)), **MAIL)
    post()

    later(timedelta(hours=72, minutes=5))

    assert post() == []


def test_a_change_is_told_with_the_new_time_for_the_calendar(
    post: Make, activity: Make, task: Make, signup: Make
) -> None:
    feast = activity(in_hours=72)
    soup = task(at=feast)
    signup(soup, **MAIL)
    before = calendar_in(only(post()))
    moved = soup.starts_at + timedelta(hours=1)
    change(soup, starts_at=moved, ends_at=moved + timedelta(hours=2))

    announce(feast, notices.changed, starts_at=moved, ends_at=moved + timedelta(hours=2))

    letter = only(post())
    assert "Det er endringer i Lage suppe. Slik er det nå:" in plain(letter)
    assert f"kl. {clock.local(moved):%H:%M}" in plain(letter)
    after = calendar_in(letter)
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_a_cancellation_says_why_and_takes_it_out_of_the_calendar(
    post: Make, activity: Make, task: Make, signup: Make
) -> None:
    feast = activity(in_hours=72)
    signup(task(at=feast), **MAIL)
    post()

    announce(
        feast,
        notices.cancelled,
        state=ActivityState.CANCELLED,
        cancelled_why=Translated({"nb": "Strømmen er borte."}),
    )

    letter = only(post())
    assert "Suppelørdag er avlyst. Du trenger ikke å møte. Strømmen er borte." in plain(letter)
    assert calendar_in(letter)["STATUS"] == "CANCELLED"


def test_the_organiser_is_told_who_is_missing_and_never_who_left(
    post: Make, activity: Make, task: Make, signup: Make
) -> None:
    change(places.organiser_named("Grendelaget"), email="post@grendelaget.example")
    soup = task(capacity=3, at=activity(in_hours=72))
    yes = signup(soup, "Amina Navnesen")

    signups.withdraw(yes)

    letter = only(post())
    assert letter["To"] == "post@grendelaget.example"
    assert "Noen meldte seg av Lage suppe" in plain(letter)
    assert "Nå mangler 3." in plain(letter)
    assert "Navnesen" not in letter.as_string()


def test_an_organiser_without_an_address_gets_no_letter(post: Make, task: Make, signup: Make) -> None:
    signups.withdraw(signup(task()))

    assert post() == []
    assert states("left") == [MessageState.STOPPED]


# --- To whom, and no longer


def test_no_letter_without_a_yes_to_it(post: Make, task: Make, signup: Make) -> None:
    signup(task(), email="amina@people.example")

    assert post() == []


@pytest.mark.parametrize("leave", [signups.withdraw, retention.forget_contact])
def test_whoever_leaves_or_takes_the_contact_back_gets_nothing_more(
    post: Make, activity: Make, task: Make, signup: Make, later: Later, leave: Callable[[Signup], None]
) -> None:
    feast = activity(in_hours=72)
    yes = signup(task(at=feast), **MAIL)

    leave(yes)
    announce(feast, notices.changed)
    later(timedelta(hours=48))

    assert post() == []


def test_what_was_taken_to_be_sent_the_moment_somebody_left_is_not_written(
    app: Flask, post: Make, task: Make, signup: Make
) -> None:
    yes = signup(task(), **MAIL)
    change(yes, state="withdrawn", name="", email=None)

    assert post() == []
    assert states("confirmation") == [MessageState.STOPPED]


# --- In the person's language


def test_a_letter_in_arabic_runs_from_the_right(post: Make, task: Make, signup: Make) -> None:
    soup = task()
    change(soup, title=SOUP)
    yes = signup(soup, "أمينة", **MAIL, language="ar")

    letter = only(post())

    assert letter["Content-Language"] == "ar"
    assert "طبخ الحساء" in letter["Subject"]
    html = BeautifulSoup(read_part(letter, "text/html"), "html.parser")
    assert (html.html["lang"], html.html["dir"]) == ("ar", "rtl")  # type: ignore[index]
    text = read_part(letter, "text/plain").replace("\r\n", "\n")
    assert all(line.startswith("\u200f") for line in text.strip().split("\n\n"))
    assert "\u2068Torstrand Grendehus\u2069" in text
    assert link_in(letter).startswith(f"/ar/pamelding/{yes.public_id}/")


HOSTILE = [
    "Per\r\nBcc: alle@people.example",
    "<b>Per</b>",
    "{{ 7*7 }}",
    "%(task)s",
    "O'Brien",
    "🦊",
    "\u202ePer",
    "x" * 100,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_makes_a_header_or_markup(
    post: Make, post_office: PostOffice, task: Make, signup: Make, name: str
) -> None:
    signup(task(), name, "a phone", **MAIL)

    letter = only(post())

    assert post_office.recipients == ["amina@people.example"]
    assert letter["Bcc"] is None
    assert "".join(name.split()) in "".join(read_part(letter, "text/plain").split())
    assert BeautifulSoup(read_part(letter, "text/html"), "html.parser").find("b") is None


@pytest.mark.parametrize("title", ["Suppe\r\nBcc: alle@people.example", "<i>Suppe</i>", "حساء"])
def test_no_title_makes_a_header_or_markup(
    post: Make, post_office: PostOffice, task: Make, signup: Make, title: str
) -> None:
    signup(task(title), **MAIL)

    letter = only(post())

    assert (post_office.recipients, letter["Bcc"]) == (["amina@people.example"], None)
    assert BeautifulSoup(read_part(letter, "text/html"), "html.parser").find("i") is None


# --- By SMS


def parts(text: str) -> int:
    """How many text messages it takes."""
    if set(text) <= GSM:
        return 1 if len(text) <= 160 else -(-len(text) // 153)
    units = len(text.encode("utf-16-be")) // 2
    return 1 if units <= 70 else -(-units // 67)


@pytest.mark.parametrize(
    "title", ["Lage suppe", "Bære stoler og bord – fra «Låven» til Grendehuset, og tilbake igjen på kvelden…"]
)
def test_an_sms_is_two_at_the_most_whatever_it_tells(
    gateway: Gateway, deliver: Make, set_up: Make, activity: Make, task: Make, signup: Make, later: Later, title: str
) -> None:
    set_up(PUBLIC_URL="https://torstrand.larvik.kommune.no", TRUSTED_HOSTS=["torstrand.larvik.kommune.no"])
    feast = activity("Høstfest på Grendehuset", in_hours=72)
    first = signup(task(title, capacity=1, at=feast), "Bjørn")
    soup = first.task
    yes = signup(soup, "Амина 🦊", **SMS, ask_first=True)
    deliver()
    signups.withdraw(first)
    deliver()
    signups.take(yes)
    deliver()
    announce(feast, notices.changed)
    deliver()
    later(timedelta(hours=48, minutes=5))
    deliver()
    announce(feast, notices.cancelled, state=ActivityState.CANCELLED)
    deliver()

    sent = [body["text"] for _, _, body in gateway.asked]

    told = ("Du står på ventelista", "Din om du sier ja", "Du er med på", "Endret:", "Husk", "Avlyst:")
    assert len(sent) == len(told)
    for text, words_ in zip(sent, told, strict=True):
        assert words_ in text
        assert text.splitlines()[-1].startswith(f"https://torstrand.larvik.kommune.no/nb/pamelding/{yes.public_id}/")
        assert parts(text) <= 2, text
        assert "Амина" not in text


def test_an_sms_goes_to_the_number(gateway: Gateway, deliver: Make, task: Make, signup: Make) -> None:
    signup(task(), **SMS)

    deliver()

    ((_, _, body),) = gateway.asked
    assert body["to"] == "+4790000000"


def test_a_phone_that_takes_no_sms_is_left_to_a_person(
    gateway: Gateway, deliver: Make, task: Make, signup: Make
) -> None:
    signup(task(), phone="+4722123456", purposes=BOTH)

    deliver()

    assert gateway.asked == []
    assert states("confirmation") == [MessageState.STOPPED]


# --- What comes round


def test_an_offer_that_ran_out_passes_on_by_itself(
    app: Flask, post: Make, activity: Make, task: Make, signup: Make, later: Later
) -> None:
    soup = task(capacity=1, at=activity(in_hours=100))
    first = signup(soup, "Bjørn")
    signup(soup, "Dawit", ask_first=True)
    signup(soup, **MAIL)
    signups.withdraw(first)
    post()

    later(timedelta(hours=25))

    assert "og den er din" in plain(only(post()))


def test_the_outbox_has_words_for_every_kind(app: Flask) -> None:
    from participation.messages.letters import composers

    assert {notice.value for notice in notices.Notice} <= set(composers)
