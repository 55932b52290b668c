"""The phone's calendar: files and feeds that two libraries read alike, right on the days when the clocks change."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from typing import Any

import pytest
from dateutil import tz
from flask import Flask
from ical.calendar_stream import CalendarStream
from ical.event import Event as SecondEvent
from ical.event import EventStatus
from icalendar import Calendar
from icalendar import Event as FirstEvent

from participation import clock
from participation.activities import agenda, calendar
from participation.activities.models import ActivityState
from participation.db import db, write
from participation.handlingsrom.models import Area, Theme
from participation.i18n import Translated
from participation.places import rules as places
from tests import world
from tests.page import Visitor

Make = Callable[..., Any]
LONG = {"nb": "Suppelørdag, for alle; store & små " * 5, "ar": "سبت الحساء في بيت الحي، للجميع؛ للصغار والكبار " * 5}
AUTUMN, SPRING = date(2026, 10, 25), date(2026, 3, 29)


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Stops the clock at noon of a day in Oslo."""

    def stop(day: date) -> None:
        noon = clock.oslo(day, time(12))
        monkeypatch.setattr(clock, "now", lambda: noon)

    return stop


@write
def changed(thing: Any, **values: Any) -> Any:
    kept = db.session.merge(thing)
    for name, value in values.items():
        setattr(kept, name, value)
    return kept


def held(start: datetime, title: str = "Suppelørdag", hours: float = 2, **details: Any) -> Any:
    return changed(world.activity(title, **details), starts_at=start, ends_at=start + timedelta(hours=hours))


@write
def theme(slug: str = "mat", title: str = "Mat og fellesskap") -> Theme:
    made = Theme(slug=slug, area=Area.PLACE, title=world.nb(title), about=world.nb("Å spise sammen"))
    db.session.add(made)
    db.session.flush()
    return made


def events(body: bytes) -> list[FirstEvent]:
    return list(Calendar.from_ical(body).walk("VEVENT"))


def titles(body: bytes) -> list[str]:
    return [str(event["SUMMARY"]) for event in events(body)]


def read_again(body: bytes) -> list[SecondEvent]:
    """The same file as a second library reads it, which refuses what RFC 5545 does not allow."""
    (found,) = CalendarStream.from_ics(body.decode()).calendars
    return list(found.events)


def feed(client: Visitor, path: str = "/kalender.ics", **kwargs: Any) -> bytes:
    response = client.get(path, **kwargs)
    assert response.status_code == 200, path
    assert response.mimetype == "text/calendar"
    return response.data


# --- One activity, one task


def test_two_libraries_read_the_same_of_an_activity(client: Visitor, app: Flask) -> None:
    kitchen = world.place("Kjøkkenet", house=world.place("Grendehuset", address="Torstrandveien 3"))
    yesterday = clock.now() - timedelta(days=1)
    feast = world.activity("Suppelørdag", place=kitchen, theme=theme(), sequence=3, changed_at=yesterday)

    body = feed(client, f"/en/aktiviteter/{feast.public_id}/kalender.ics")

    (first,), (second,) = events(body), read_again(body)
    assert str(first["SUMMARY"]) == second.summary == "Suppelørdag"
    assert str(first["UID"]) == second.uid == f"activity-{feast.public_id}@participation"
    assert first["SEQUENCE"] == second.sequence == 3
    assert first.decoded("DTSTART") == second.dtstart == feast.starts_at.replace(microsecond=0)
    assert first.decoded("DTEND") == second.dtend == feast.ends_at.replace(microsecond=0)
    assert first.decoded("DTSTAMP") == first.decoded("LAST-MODIFIED") == feast.changed_at.replace(microsecond=0)
    assert str(first["LOCATION"]) == second.location == "Kjøkkenet, Grendehuset, Torstrandveien 3"
    assert first["CATEGORIES"].cats == second.categories == ["Mat og fellesskap"]
    assert str(first["URL"]) == second.url == f"http://localhost/en/aktiviteter/{feast.public_id}"
    assert second.status is EventStatus.CONFIRMED
    assert second.organizer is not None
    assert str(second.organizer.uri) == f"http://localhost/en/arrangorer/{feast.organiser.public_id}"
    assert second.organizer.common_name == "Grendelaget"
    assert b"mailto" not in body.lower()
    assert b"METHOD" not in body, "it is no invitation, and no method stands in its type (RFC 5545, 3.7.2)"


def test_an_activity_comes_with_an_alarm_two_hours_before(client: Visitor, activity: Make) -> None:
    body = feed(client, f"/aktiviteter/{activity('Suppelørdag').public_id}/kalender.ics")

    (alarm,) = Calendar.from_ical(body).walk("VALARM")
    assert alarm.decoded("TRIGGER") == timedelta(hours=-2)
    assert str(alarm["DESCRIPTION"]) == "Snart: Suppelørdag"
    assert len(read_again(body)[0].alarm) == 1


def test_what_is_called_off_says_so_and_why_and_rings_no_alarm(client: Visitor, activity: Make) -> None:
    off = activity("Suppelørdag", state=ActivityState.CANCELLED, cancelled_why=world.nb("Vannet er stengt."))

    body = feed(client, f"/aktiviteter/{off.public_id}/kalender.ics")

    (event,) = events(body)
    assert (event["STATUS"], str(event["SUMMARY"])) == ("CANCELLED", "Avlyst: Suppelørdag")
    assert str(event["DESCRIPTION"]).startswith("Vannet er stengt.")
    assert not event.walk("VALARM")
    assert read_again(body)[0].status is EventStatus.CANCELLED


def test_a_task_is_plain_bytes_with_an_alarm_that_go_along_with_a_letter(app: Flask, task: Make) -> None:
    soup = task("Lage suppe")

    with app.test_request_context():
        body = calendar.of_task(soup)

    (event,) = events(body)
    assert str(event["UID"]) == f"task-{soup.public_id}@participation"
    assert str(event["SUMMARY"]) == "Lage suppe · Suppelørdag"
    assert len(event.walk("VALARM")) == 1
    assert read_again(body)[0].dtstart == soup.starts_at.replace(microsecond=0)


def test_help_that_is_needed_all_along_has_no_hour_to_be_reminded_of(app: Flask) -> None:
    soup = world.task("Vanne blomster", at=world.activity(standing=True))

    with app.test_request_context():
        assert b"VALARM" not in calendar.of_task(soup)


# --- Time


@pytest.mark.parametrize(
    ("day", "hour", "offset"),
    [
        (SPRING - timedelta(days=1), 16, "+0100"),
        (SPRING, 1, "+0100"),
        (SPRING, 3, "+0200"),
        (SPRING, 16, "+0200"),
        (AUTUMN - timedelta(days=1), 16, "+0200"),
        (AUTUMN, 1, "+0200"),
        (AUTUMN, 4, "+0100"),
        (AUTUMN, 16, "+0100"),
    ],
)
def test_the_clock_on_the_wall_is_right_around_the_change_of_the_clocks(
    client: Visitor, on: Make, day: date, hour: int, offset: str
) -> None:
    on(day)
    start = clock.oslo(day, time(hour))
    feast = held(start)

    body = feed(client, f"/aktiviteter/{feast.public_id}/kalender.ics")

    assert f"DTSTART;TZID=Europe/Oslo:{day:%Y%m%d}T{hour:02}0000".encode() in body
    assert f"{events(body)[0].decoded('DTSTART'):%z}" == offset
    assert f"{read_again(body)[0].dtstart:%z}" == offset
    assert events(body)[0].decoded("DTSTART").astimezone(UTC) == start


def test_the_time_zone_it_carries_agrees_with_the_worlds_for_twenty_years(client: Visitor, activity: Make) -> None:
    activity()
    body = feed(client).decode().replace("\r\n", "\n")
    zone = body[body.index("BEGIN:VTIMEZONE") : body.index("BEGIN:VEVENT")]

    carried = tz.tzical(StringIO(zone)).get("Europe/Oslo")

    for year in range(2026, 2046):
        for hours in range(0, 366 * 24, 7):
            moment = datetime(year, 1, 1, tzinfo=clock.OSLO) + timedelta(hours=hours)
            naive = moment.replace(tzinfo=None)
            if naive == moment.astimezone(UTC).astimezone(clock.OSLO).replace(tzinfo=None):  # not in the skipped hour
                assert naive.replace(tzinfo=carried).utcoffset() == moment.utcoffset(), naive


def test_the_clocks_change_at_one_in_greenwich_as_the_law_says(client: Visitor, activity: Make) -> None:
    """RFC 5545, 3.6.5: a change stands as the clocks showed it before."""
    activity()
    (zone,) = Calendar.from_ical(feed(client)).walk("VTIMEZONE")

    changes = [change.decoded("DTSTART") - change.decoded("TZOFFSETFROM") for change in zone.walk()[1:]]

    assert len(changes) == 2
    assert {change.time() for change in changes} == {time(1)}


@pytest.mark.parametrize("language", ["nb", "ar"])
def test_long_lines_are_folded_between_letters_and_unfold_to_what_they_were(client: Visitor, language: str) -> None:
    feast = changed(world.activity(), title=Translated(LONG), summary=Translated(LONG))

    body = feed(client, f"/{language}/aktiviteter/{feast.public_id}/kalender.ics")

    for line in body.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no letter is torn in two
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert str(events(body)[0]["SUMMARY"]) == read_again(body)[0].summary == LONG[language]


def test_words_are_never_more_than_words(client: Visitor) -> None:
    trick = 'Suppe\r\nEND:VEVENT\r\nX-EVIL:1;,\\n"#:'
    feast = changed(world.activity(), title=world.nb(trick), organiser=places.organiser_named('Lag"\r\nX-EVIL:2'))

    body = feed(client, f"/aktiviteter/{feast.public_id}/kalender.ics")

    (event,), (again,) = events(body), read_again(body)
    assert not any(line.startswith(b"X-EVIL") for line in body.split(b"\r\n"))
    assert str(event["SUMMARY"]) == trick.replace("\r\n", "\n")
    assert again.uid == str(event["UID"])


# --- Feeds


def test_the_feed_has_what_was_lately_and_what_comes_but_no_drafts_and_nothing_endless(
    client: Visitor, on: Make
) -> None:
    on(date(2026, 11, 21))
    now = clock.now()
    for title, days in [("for lenge siden", -40), ("nylig", -20), ("snart", 2), ("neste år", 300), ("for langt", 400)]:
        held(now + timedelta(days=days), title)
    held(now, "kladd", state=ActivityState.DRAFT)
    held(now, "alltid", standing=True)
    held(now + timedelta(days=1), "avlyst", state=ActivityState.CANCELLED)

    body = feed(client)

    assert titles(body) == ["Avlyst: avlyst", "snart", "neste år", "nylig"]
    assert [event.summary for event in read_again(body)] == titles(body)


def test_a_feed_says_what_it_is_and_how_often_to_ask(client: Visitor, activity: Make) -> None:
    activity()

    read = Calendar.from_ical(feed(client))

    assert str(read["X-WR-CALNAME"]) == str(read["NAME"]) == "Nabolaget"
    assert read.decoded("REFRESH-INTERVAL") == timedelta(hours=2)
    assert read["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert str(read["X-PUBLISHED-TTL"]) == "PT2H"
    assert not read.walk("VALARM"), "a feed rings nobody awake"
    assert [str(event["TRANSP"]) for event in read.walk("VEVENT")] == ["TRANSPARENT"]


def test_there_are_feeds_for_a_house_with_its_rooms_an_organiser_and_a_theme(client: Visitor) -> None:
    house = world.place("Grendehuset")
    kitchen = world.place("Kjøkkenet", house=house)
    food, choir = theme(), places.organiser_named("Koret")
    world.activity("i huset", place=house)
    world.activity("på kjøkkenet", place=kitchen, theme=food, in_hours=30)
    world.activity("i parken", place=world.place("Parken"), organiser=choir, in_hours=40)
    where = {place.name: place.public_id for place in places.places()}

    assert titles(feed(client, f"/steder/{where['Grendehuset']}/kalender.ics")) == ["i huset", "på kjøkkenet"]
    assert titles(feed(client, f"/steder/{where['Kjøkkenet']}/kalender.ics")) == ["på kjøkkenet"]
    assert titles(feed(client, f"/arrangorer/{choir.public_id}/kalender.ics")) == ["i parken"]
    by_theme = feed(client, "/kalender/mat.ics")
    assert titles(by_theme) == ["på kjøkkenet"]
    assert str(Calendar.from_ical(by_theme)["X-WR-CALNAME"]) == "Mat og fellesskap · Nabolaget"


@pytest.mark.parametrize(
    "path", ["/steder/0000000000/kalender.ics", "/arrangorer/0000000000/kalender.ics", "/kalender/finnes-ikke.ics"]
)
def test_a_feed_of_nothing_known_is_not_found(client: Visitor, path: str) -> None:
    assert client.get(path).status_code == 404


def test_an_empty_feed_is_a_whole_calendar(client: Visitor, app: Flask) -> None:
    body = feed(client)

    assert events(body) == read_again(body) == []
    assert body.endswith(b"END:VCALENDAR\r\n")


def test_the_prefix_of_the_address_chooses_the_language(client: Visitor) -> None:
    feast = changed(world.activity(state=ActivityState.CANCELLED), title=Translated(LONG))
    arabic, bokmål = feed(client, "/ar/kalender.ics"), feed(client, "/nb/kalender.ics")

    assert LONG["ar"] in titles(arabic)[0]
    assert LONG["nb"] in titles(bokmål)[0]
    assert str(events(arabic)[0]["URL"]) == f"http://localhost/ar/aktiviteter/{feast.public_id}"
    assert events(arabic)[0]["UID"] == events(bokmål)[0]["UID"], "one thing, in whatever language"


# --- Phones that ask again and again


@pytest.mark.parametrize("encoding", ["identity", "br", "gzip"])
def test_a_phone_that_has_it_already_is_told_so_and_nothing_is_made(
    client: Visitor, activity: Make, statements: list[str], encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        activity(f"nummer {number}")
    phone = {"Accept-Encoding": encoding}
    first = client.get("/kalender.ics", headers=phone)
    monkeypatch.setattr(calendar, "feed", lambda *_: pytest.fail("made for nobody"))
    statements.clear()

    again = client.get("/kalender.ics", headers={**phone, "If-None-Match": first.headers["ETag"]})

    assert first.headers.get("Content-Encoding", "identity") == encoding
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "public, max-age=900"
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 1


def test_what_changed_is_fetched_again(client: Visitor, activity: Make) -> None:
    feast = activity("Suppelørdag")
    other = activity("Kor")
    known = client.get("/kalender.ics").headers["ETag"]

    for values in ({"title": world.nb("Grøtlørdag")}, {"state": ActivityState.CANCELLED}, {"sequence": 7}):
        changed(feast, **values)
        response = client.get("/kalender.ics", headers={"If-None-Match": known})
        assert response.status_code == 200, values
        assert response.headers["ETag"] != known
        known = response.headers["ETag"]
    changed(other, title=world.nb("Koret"))
    assert client.get("/kalender.ics", headers={"If-None-Match": known}).status_code == 200


def test_a_feed_is_made_once_for_all_phones_that_fetch_it(
    client: Visitor, activity: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    activity("En fest som ingen annen test har")
    first = feed(client)
    monkeypatch.setattr(calendar, "feed", lambda *_: pytest.fail("made twice"))

    assert feed(client) == first


def test_the_new_time_comes_with_the_same_name_and_a_higher_number(client: Visitor, activity: Make) -> None:
    feast = activity("Suppelørdag")
    (before,) = events(feed(client))
    later = feast.starts_at.replace(microsecond=0) + timedelta(hours=3)

    changed(feast, starts_at=later, ends_at=later + timedelta(hours=2), sequence=feast.sequence + 1)

    (after,) = events(feed(client))
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] == before["SEQUENCE"] + 1
    assert after.decoded("DTSTART") == later


def test_each_language_and_each_day_has_a_tag_of_its_own(client: Visitor, activity: Make, on: Make) -> None:
    activity()

    def tag(path: str, **headers: str) -> str:
        return str(client.get(path, headers=headers).headers["ETag"])

    arabic, bokmål = tag("/ar/kalender.ics"), tag("/nb/kalender.ics")
    assert arabic != bokmål
    assert tag("/kalender.ics", **{"Accept-Language": "ar"}) != tag("/kalender.ics", **{"Accept-Language": "nb"})
    on(clock.today() + timedelta(days=1))
    assert tag("/nb/kalender.ics") != bokmål


def test_a_shared_cache_is_told_that_language_matters_when_it_does(client: Visitor, activity: Make) -> None:
    activity()

    assert {"Accept-Language", "Cookie"} <= {*client.get("/kalender.ics").headers["Vary"].split(", ")}


def test_a_feed_is_never_longer_than_it_may_be(client: Visitor, monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    monkeypatch.setattr(agenda, "FEED_LIMIT", 3)
    for title, hours in [("var", -48), ("en", 1), ("to", 2), ("tre", 3), ("fire", 4)]:
        world.activity(title, in_hours=hours)

    assert titles(feed(client)) == ["en", "to", "tre"]
