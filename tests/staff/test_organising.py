"""The organiser's desk: who gets in, a new activity in a minute, names that are looked at, and words to share."""

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from participation import clock, worker
from participation.activities.models import Activity, ActivityState, Kind, Purpose, Task
from participation.db import db, write
from participation.messages import rules as messages
from participation.places import rules as places
from participation.staff import rights, rules
from participation.staff.models import Role, Staff, Viewing
from tests.page import Visitor, words
from tests.world import nb

Make = Callable[..., Any]
REACHABLE: dict[str, Any] = {"phone": "+4790000000", "purposes": frozenset(Purpose)}
HOSTILE = "<script>alert(1)</script> \u202e'; DROP TABLE activity; -- \x00{{ 7*7 }}"


def organiser(name: str = "Siri", of: str = "Grendelaget") -> Staff:
    """Somebody who speaks for an organiser."""
    return rules.invite(name, f"{name.lower()}@larvik.example", Role.FACILITATOR, of)[0]


@pytest.fixture
def siri(desk: Make, app: object) -> Visitor:
    """Somebody who makes activities for Grendelaget."""
    return desk(organiser())


def in_days(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


def typed(**more: str) -> dict[str, str]:
    usual = {
        "title": "Suppelørdag",
        "summary": "Vi lager suppe sammen.",
        "day": in_days(7),
        "start": "16:00",
        "end": "19:00",
        "place": "Torstrand Grendehus",
        "organiser": places.organiser_named("Grendelaget").public_id,
        "audience": "Alle",
        "contact": "Verten på stedet",
        "languages": "nb",
        "drop_in": "y",
        "roles-0-kind": "cook",
    }
    return {**usual, **more}


def made() -> Activity:
    db.session.rollback()
    return db.session.scalars(sa.select(Activity).order_by(Activity.id.desc())).first()  # type: ignore[return-value]


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def errors(page: BeautifulSoup) -> list[str]:
    return [words(error) for error in page.select("form .error")]


# --- Who gets in

PATHS = {
    "GET": ["", "/endre", "/avlys", "/navn", "/del", "/etterpa", "/kjokken.pdf", "/navneliste.pdf"],
    "POST": ["/publiser", "/slett", "/avlys", "/etterpa", "/endre"],
}


def who(kind: str, desk: Make, visitor: Make, staff: Make) -> Visitor:
    return {
        "stranger": visitor,
        "facilitator": lambda: desk(staff("Ola")),
        "organiser": lambda: desk(organiser()),
        "other": lambda: desk(organiser("Kari", "Hagelaget")),
        "admin": lambda: desk(staff("Tor", Role.ADMIN)),
    }[kind]()


@pytest.mark.parametrize("path", PATHS["GET"])
@pytest.mark.parametrize("kind", ["stranger", "facilitator", "organiser", "other", "admin"])
def test_who_may_open_what(
    kind: str, path: str, desk: Make, visitor: Make, staff: Make, activity: Make, task: Make
) -> None:
    wanted = task(at=activity(in_hours=-5 if path == "/etterpa" else 24)).activity.public_id
    expected = {"stranger": 303, "facilitator": 404, "organiser": 200, "other": 404, "admin": 200}[kind]

    assert who(kind, desk, visitor, staff).get(f"/stab/aktivitet/{wanted}{path}").status_code == expected


@pytest.mark.parametrize("path", PATHS["POST"])
@pytest.mark.parametrize("kind", ["stranger", "facilitator", "organiser", "other", "admin"])
def test_who_may_do_what(kind: str, path: str, desk: Make, visitor: Make, staff: Make, activity: Make) -> None:
    wanted = activity(
        in_hours=-5 if path == "/etterpa" else 24,
        state=ActivityState.DRAFT if path == "/slett" else ActivityState.PUBLISHED,
    )
    done = 422 if path == "/endre" else 303
    expected = {"stranger": 303, "facilitator": 404, "organiser": done, "other": 404, "admin": done}[kind]
    before = (wanted.public_id, wanted.state, wanted.sequence)

    response = who(kind, desk, visitor, staff).post(f"/stab/aktivitet/{before[0]}{path}")

    assert response.status_code == expected
    if kind in ("stranger", "facilitator", "other"):
        db.session.rollback()
        assert (wanted.public_id, wanted.state, wanted.sequence) == before
    if kind == "stranger":
        assert "/stab/inn" in response.location


def test_a_desk_shows_the_activities_of_its_own_organisers_only(siri: Visitor, activity: Make) -> None:
    activity("Vårt")
    activity("Deres", organiser=places.organiser_named("Hagelaget"))

    page = words(siri.get("/stab/aktiviteter").page)

    assert "Vårt" in page
    assert "Deres" not in page


@pytest.mark.parametrize("method", ["get", "post"])
def test_whoever_speaks_for_nobody_is_told_so_in_clear_words(method: str, desk: Make, staff: Make) -> None:
    response = getattr(desk(staff("Ola")), method)("/stab/aktivitet/ny")

    assert response.status_code == 403
    assert "Be den som ga deg tilgang" in words(response.page)
    assert count(Activity) == 0


def test_nobody_makes_an_activity_in_anothers_name(siri: Visitor) -> None:
    theirs = places.organiser_named("Hagelaget").public_id

    assert siri.post("/stab/aktivitet/ny", data=typed(organiser=theirs, publish="1")).status_code == 422
    assert count(Activity) == 0


def test_whoever_speaks_for_several_says_for_whom(desk: Make) -> None:
    organiser(of="Hagelaget")
    siri = desk(organiser())
    form = siri.get("/stab/aktivitet/ny").page.select_one("main form")
    assert not form.select("select[name=organiser] option[selected]:not([value=''])")

    response = siri.post("/stab/aktivitet/ny", data=typed(organiser="", publish="1"))

    assert response.status_code == 422
    assert "Velg hvem som arrangerer." in errors(response.page)


def test_anothers_activity_can_not_be_copied(siri: Visitor, activity: Make) -> None:
    theirs = activity("Hemmelig", organiser=places.organiser_named("Hagelaget"), state=ActivityState.DRAFT)

    page = siri.get(f"/stab/aktivitet/ny?fra={theirs.public_id}").page

    assert "Hemmelig" not in str(page)


# --- A new activity


def test_a_new_activity_takes_a_few_fields_and_is_there_for_everybody(siri: Visitor, client: Visitor) -> None:
    form = siri.get("/stab/aktivitet/ny").page.select_one("main form")
    sent = {
        name: value
        for name, value in typed().items()
        if name not in ("audience", "contact", "languages", "drop_in", "organiser")
    }
    there = ("key", "organiser", "contact", "audience", "drop_in")
    kept = {name: form.select_one(f"input[name={name}]").get("value", "y") for name in there}
    kept["languages"] = form.select_one("input[name=languages][checked]")["value"]

    response = siri.post("/stab/aktivitet/ny", data={**kept, **sent, "publish": "1"})

    assert response.status_code == 303
    assert "Suppelørdag" in words(client.get("/aktiviteter").page)
    assert "Lage mat" in words(client.get(f"/aktiviteter/{made().public_id}").page)


def test_a_draft_is_seen_on_the_desk_alone(siri: Visitor, client: Visitor) -> None:
    siri.post("/stab/aktivitet/ny", data=typed(draft="1"))

    assert "Suppelørdag" not in words(client.get("/aktiviteter").page)
    assert "Utkast" in words(siri.get("/stab/aktiviteter").page)
    page = siri.get(f"/stab/aktivitet/{made().public_id}").page
    siri.submit(page.select_one("form[action$=publiser]"))
    assert "Suppelørdag" in words(client.get("/aktiviteter").page)


def test_a_role_needs_its_kind_alone(siri: Visitor) -> None:
    siri.post("/stab/aktivitet/ny", data=typed(publish="1", **{"roles-1-kind": "drive"}))

    cook, drive = made().tasks
    assert (cook.kind, cook.capacity, cook.title["nb"]) == (Kind.COOK, 4, "Lage mat")
    assert (drive.kind, drive.capacity) == (Kind.DRIVE, 1)
    assert cook.title.keys() >= {"nb", "en", "ar"}
    assert (cook.starts_at, cook.ends_at) == (made().starts_at, made().ends_at)


def test_a_role_can_have_its_own_words_time_and_number(siri: Visitor) -> None:
    role = {
        "kind": "cook",
        "title": "Lage gryte",
        "capacity": "٣",
        "start": "14:00",
        "end": "16:00",
        "takes": "Sterke armer",
        "min_age": "15",
        "meet": "Bakdøra",
    }
    siri.post(
        "/stab/aktivitet/ny", data=typed(publish="1", **{f"roles-0-{name}": value for name, value in role.items()})
    )

    (task,) = made().tasks
    assert (task.title, task.capacity, task.takes, task.min_age, task.meet) == (
        nb("Lage gryte"),
        3,
        nb("Sterke armer"),
        15,
        nb("Bakdøra"),
    )
    assert clock.local(task.starts_at).time() == time(14)


def test_double_tap_is_one_activity(siri: Visitor) -> None:
    key = siri.get("/stab/aktivitet/ny").page.select_one("input[name=key]")["value"]

    for _ in range(2):
        siri.post("/stab/aktivitet/ny", data=typed(publish="1", key=key))

    assert count(Activity) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 200}, "title"),
        ({"title": HOSTILE * 5}, "title"),
        ({"summary": ""}, "summary"),
        ({"day": ""}, "day"),
        ({"day": "i morgen"}, "day"),
        ({"day": "2020-01-01"}, "day"),
        ({"day": "9999-12-31"}, "day"),
        ({"day": "0001-01-01"}, "day"),
        ({"start": ""}, "start"),
        ({"end": "12:00"}, "end"),
        ({"end": "16:00"}, "end"),
        ({"end": "25:99"}, "end"),
        ({"place": " "}, "place"),
        ({"price": "-1"}, "price"),
        ({"price": "9" * 5000}, "price"),
        ({"languages": "xx"}, "languages"),
        ({"languages": ""}, "languages"),
        ({"contact": ""}, "contact"),
        ({"audience": "x" * 121}, "audience"),
        ({"repeats": "daily"}, "repeats"),
        ({"repeats": "week", "until": "2020-01-01"}, "until"),
        ({"repeats": "week", "until": "9999-12-31"}, "until"),
        ({"theme": "10000"}, "theme"),
        ({"cards": "nothing"}, "cards"),
        ({"roles-0-capacity": "0"}, "roles"),
        ({"roles-0-capacity": "-3"}, "roles"),
        ({"roles-0-capacity": "1000000000"}, "roles"),
        ({"roles-0-capacity": "501"}, "roles"),
        ({"roles-0-capacity": "mange"}, "roles"),
        ({"roles-0-min_age": "0"}, "roles"),
        ({"roles-0-start": "12:00"}, "roles"),
        ({"roles-0-kind": "", "roles-0-title": "Noe"}, "roles"),
        ({"roles-0-kind": "hacking"}, "roles"),
    ],
)
def test_what_can_not_be_is_explained_and_everything_typed_is_kept(
    siri: Visitor, wrong: dict[str, str], field: str
) -> None:
    sent = typed(publish="1", bring="Egen kopp", **{"roles-1-kind": "tidy", "roles-1-title": "Ta oppvasken", **wrong})

    response = siri.post("/stab/aktivitet/ny", data=sent)

    assert response.status_code == 422
    assert count(Activity) == 0
    assert words(response.page.title).startswith("Feil:")
    assert errors(response.page)
    assert response.page.select_one("input[name=bring]")["value"] == "Egen kopp"
    assert response.page.select_one("input[name='roles-1-title']")["value"] == "Ta oppvasken"
    assert response.page.select_one("select[name='roles-1-kind'] option[selected]")["value"] == "tidy"
    if field in ("title", "price", "place") and len(wrong[field]) < 300:
        assert response.page.select_one(f"[name={field}]")["value"] == wrong[field].strip()


@pytest.mark.parametrize(
    "title", ["S", "x" * 120, "O'Brien & <b>venner</b>", "🥣 suppe", HOSTILE[:80], "عشاء مشترك", "=1+1"]
)
def test_whatever_an_activity_is_called_it_is_shown_as_it_is(siri: Visitor, client: Visitor, title: str) -> None:
    assert siri.post("/stab/aktivitet/ny", data=typed(publish="1", title=title)).status_code == 303

    client.inspects = siri.inspects = False  # Arabic under a bokmål label is the organiser's own doing
    for person, path in ((siri, f"/stab/aktivitet/{made().public_id}"), (client, f"/aktiviteter/{made().public_id}")):
        html = person.get(path).get_data(as_text=True)
        assert "<script>alert" not in html
        assert "49" not in html.partition("</h1>")[0].rpartition("<h1>")[2]


@pytest.mark.parametrize(
    "name",
    [
        "roles-²-kind",
        "roles-999999999-kind",
        "roles--kind",
        "roles-١-kind",
        "roles-0-0-kind",
        f"roles-{'9' * 5000}-kind",
    ],
)
def test_rows_that_nobody_drew_are_no_rows(siri: Visitor, name: str) -> None:
    assert siri.post("/stab/aktivitet/ny", data=typed(publish="1", **{name: "cook"})).status_code == 303

    assert len(made().tasks) == 1


def test_there_are_never_more_roles_than_a_form_holds(siri: Visitor) -> None:
    siri.post("/stab/aktivitet/ny", data=typed(publish="1", **{f"roles-{row}-kind": "cook" for row in range(99)}))

    assert len(made().tasks) == 12


def test_an_hour_that_summer_time_skips_is_refused(siri: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    page = siri.post(
        "/stab/aktivitet/ny", data=typed(publish="1", day=skipped_night().isoformat(), start="02:30", end="05:00")
    ).page

    assert "Klokka stilles fram den natta" in words(page)


def skipped_night() -> date:
    """The next night when the clocks go forward."""
    day = clock.today()
    while clock.local(clock.oslo(day, time(2, 30))).time() == time(2, 30):
        day += timedelta(days=1)
    return day


def test_midnight_is_the_end_of_the_day(siri: Visitor) -> None:
    siri.post("/stab/aktivitet/ny", data=typed(publish="1", start="20:00", end="00:00"))

    assert made().ends_at - made().starts_at == timedelta(hours=4)


def test_dates_and_times_may_be_written_the_norwegian_way(siri: Visitor) -> None:
    day = clock.today() + timedelta(days=7)
    siri.post("/stab/aktivitet/ny", data=typed(publish="1", day=f"{day:%d.%m.%Y}", start="16.30"))

    assert f"{clock.local(made().starts_at):%d.%m.%Y %H:%M}" == f"{day:%d.%m.%Y} 16:30"


def test_what_comes_again_is_one_row_with_its_next_date(siri: Visitor) -> None:
    until = in_days(28)
    siri.post("/stab/aktivitet/ny", data=typed(publish="1", repeats="week", until=until))

    assert count(Activity) == 4
    page = siri.get("/stab/aktiviteter").page
    assert len(page.select("a.row")) == 1
    assert "og 3 ganger til" in words(page)


def test_without_an_end_it_is_made_half_a_year_ahead(siri: Visitor) -> None:
    siri.post("/stab/aktivitet/ny", data=typed(publish="1", repeats="month"))

    assert 5 <= count(Activity) <= 7


def test_standing_help_has_no_time_but_an_end(siri: Visitor, client: Visitor) -> None:
    form = siri.get("/stab/aktivitet/ny?slag=fast").page.select_one("main form")
    assert not form.select("input[name=day], input[name=start]")

    sent = typed(publish="1", standing="1", until=in_days(60), title="Kjøre mat hjem")
    response = siri.post(
        "/stab/aktivitet/ny", data={name: value for name, value in sent.items() if name not in ("day", "start", "end")}
    )

    assert response.status_code == 303
    assert made().standing
    assert clock.local(made().ends_at).date() == clock.today() + timedelta(days=61)
    assert "Kjøre mat hjem" in words(siri.get("/stab/aktiviteter").page)


@pytest.mark.parametrize("until", ["", "2020-01-01", "9999-12-31"])
def test_standing_help_ends_some_day(siri: Visitor, until: str) -> None:
    assert siri.post("/stab/aktivitet/ny", data=typed(publish="1", standing="1", until=until)).status_code == 422


@pytest.mark.parametrize("phone", ["client", "htmx"])
def test_one_more_role_keeps_what_was_typed_and_makes_nothing(phone: str, desk: Make) -> None:
    siri = desk(organiser(), htmx=phone == "htmx")

    response = siri.post(
        "/stab/aktivitet/ny", data=typed(more="1", **{"roles-2-kind": "tidy", "roles-2-capacity": "7"})
    )

    assert response.status_code == 200
    assert count(Activity) == 0
    rows = response.page.select("fieldset.role")
    assert len(rows) == 4
    assert rows[2].select_one("option[selected]")["value"] == "tidy"
    assert rows[2].select_one("input[name$=capacity]")["value"] == "7"
    assert rows[3].select_one("legend").has_attr("autofocus")
    assert bool(response.page.select("h1")) == (phone == "client")


def test_a_copy_keeps_the_translations_and_the_roles(siri: Visitor) -> None:
    siri.post(
        "/stab/aktivitet/ny",
        data=typed(publish="1", title_en="Soup Saturday", **{"roles-0-title": "Lage gryte", "roles-0-capacity": "7"}),
    )
    first = made()
    form = siri.get(f"/stab/aktivitet/ny?fra={first.public_id}").page.select_one("main form")
    sent = {one["name"]: one["value"] for one in form.select("input[value]:not([type=checkbox])")}
    sent |= {
        "summary": form.select_one("textarea[name=summary]").get_text().strip(),
        "roles-0-kind": "cook",
        "languages": "nb",
        "publish": "1",
    }

    siri.post("/stab/aktivitet/ny", data=sent)

    copy = made()
    assert copy.id != first.id
    assert (copy.title["en"], copy.tasks[0].title, copy.tasks[0].capacity) == ("Soup Saturday", nb("Lage gryte"), 7)
    assert copy.starts_at - first.starts_at in (
        timedelta(days=7),
        timedelta(days=7, hours=1),
        timedelta(days=6, hours=23),
    )
    assert copy.audience.keys() >= {"nb", "en", "ar"}


# --- Changing and calling off


def test_a_change_of_time_is_kept_and_counted(siri: Visitor, activity: Make, task: Make) -> None:
    wanted = task(at=activity(in_hours=48)).activity
    form = siri.get(f"/stab/aktivitet/{wanted.public_id}/endre").page.select_one("main form")
    assert form.select_one("input[name=title]")["value"] == "Suppelørdag"

    response = siri.post(form["action"], data=typed(day=in_days(9), **{"roles-0-task": wanted.tasks[0].public_id}))

    assert response.status_code == 303
    assert (made().sequence, clock.local(made().starts_at).date()) == (1, clock.today() + timedelta(days=9))
    assert len(made().tasks) == 1
    assert made().tasks[0].starts_at == made().starts_at


def test_translations_stay_where_the_words_stay_and_go_where_they_change(siri: Visitor) -> None:
    siri.post("/stab/aktivitet/ny", data=typed(publish="1", title_en="Soup", summary_en="We cook."))
    same = typed(title_en="Soup", summary_en="We cook.", **{"roles-0-kind": "", "summary": "Noe helt annet."})

    siri.post(f"/stab/aktivitet/{made().public_id}/endre", data=same)

    assert (dict(made().title), dict(made().summary)) == (
        {"nb": "Suppelørdag", "en": "Soup"},
        {"nb": "Noe helt annet."},
    )


def test_a_role_with_people_is_not_removed_and_the_page_says_what_to_do(
    siri: Visitor, task: Make, signup: Make
) -> None:
    wanted = task()
    signup(wanted)
    row = {"roles-0-task": wanted.public_id, "roles-0-remove": "y"}

    response = siri.post(f"/stab/aktivitet/{wanted.activity.public_id}/endre", data=typed(**row))

    assert response.status_code == 422
    assert "Ring dem og bli enige først" in words(response.page)
    assert count(Task) == 1


def test_fewer_places_than_people_is_flagged_and_nobody_is_out(siri: Visitor, task: Make, signup: Make) -> None:
    wanted = task(capacity=3)
    for name in "ABC":
        signup(wanted, name)
    siri.post(
        f"/stab/aktivitet/{wanted.activity.public_id}/endre",
        data=typed(**{"roles-0-task": wanted.public_id, "roles-0-capacity": "1"}),
    )

    page = words(siri.get(f"/stab/aktivitet/{made().public_id}/navn").page)

    assert "2 flere enn plasser – ingen er kastet ut" in page
    assert {"A", "B", "C"} <= set(page.split())


def test_calling_one_off_or_the_rest(siri: Visitor) -> None:
    siri.post("/stab/aktivitet/ny", data=typed(publish="1", repeats="week", until=in_days(28)))
    ids = db.session.scalars(sa.select(Activity.public_id).order_by(Activity.starts_at)).all()

    siri.post(f"/stab/aktivitet/{ids[0]}/avlys", data={"why": "Kokken er syk"})
    siri.post(f"/stab/aktivitet/{ids[2]}/avlys", data={"why": "", "which": "rest"})

    db.session.rollback()
    found = db.session.scalars(sa.select(Activity).order_by(Activity.starts_at)).all()
    assert [one.state for one in found] == ["cancelled", "published", "cancelled", "cancelled"]
    assert [one.cancelled_why for one in found] == [nb("Kokken er syk"), None, None, None]


@pytest.mark.parametrize("path", ["/endre", "/avlys", "/publiser", "/slett"])
def test_what_is_over_is_left_as_it_was(siri: Visitor, activity: Make, path: str) -> None:
    over = activity(in_hours=-5)

    response = siri.post(f"/stab/aktivitet/{over.public_id}{path}", data=typed())

    assert response.status_code in (409, 422)
    assert (made().state, made().title) == (ActivityState.PUBLISHED, nb("Suppelørdag"))


# --- Names


def test_every_look_at_names_is_kept_once(siri: Visitor, task: Make, signup: Make) -> None:
    wanted = task()
    signup(wanted, **REACHABLE)
    public_id = wanted.activity.public_id

    for path in ("navn", "navn", "kjokken.pdf", "navneliste.pdf", ""):
        assert siri.get(f"/stab/aktivitet/{public_id}/{path}".rstrip("/")).status_code == 200

    db.session.rollback()
    looks = db.session.execute(sa.select(Viewing.what, Viewing.subject).order_by(Viewing.id)).all()
    assert [tuple(look) for look in looks] == [
        (what, public_id) for what in ("names", "names", "kjokken", "navneliste")
    ]


def test_a_look_that_is_refused_is_not_kept_and_shows_no_name(desk: Make, task: Make, signup: Make) -> None:
    wanted = task()
    signup(wanted, "Amina", **REACHABLE)

    response = desk(organiser("Kari", "Hagelaget")).get(f"/stab/aktivitet/{wanted.activity.public_id}/navn")

    assert (response.status_code, count(Viewing)) == (404, 0)
    assert "Amina" not in response.get_data(as_text=True)


def test_the_page_of_an_activity_shows_numbers_and_no_names(siri: Visitor, task: Make, signup: Make) -> None:
    wanted = task()
    signup(wanted, "Amina", **REACHABLE)

    page = siri.get(f"/stab/aktivitet/{wanted.activity.public_id}").page

    assert "1 av 5" in words(page)
    assert "Amina" not in words(page)


@pytest.mark.parametrize(
    ("person", "mail", "says"),
    [
        ({}, True, "Ga ingen kontakt"),
        ({"email": "a@larvik.example", "purposes": frozenset({Purpose.TASK})}, True, "Får beskjed av appen"),
        ({"email": "a@larvik.example"}, True, "Må ringes"),
        ({"email": "a@larvik.example", "purposes": frozenset({Purpose.TASK})}, False, "Må ringes"),
        ({"phone": "+4790000000", "purposes": frozenset({Purpose.TASK})}, True, "Må ringes"),
    ],
)
def test_the_page_says_whom_one_must_call(
    siri: Visitor,
    task: Make,
    signup: Make,
    person: dict[str, Any],
    mail: bool,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(siri.application.config, "MAIL_URL", "smtp://mail.larvik.example" if mail else "")
    wanted = task()
    signup(wanted, **person)

    assert says in words(siri.get(f"/stab/aktivitet/{wanted.activity.public_id}/navn").page)


@pytest.mark.parametrize(("phone", "says"), [("+4790000000", "Får beskjed av appen"), ("+4722123456", "Må ringes")])
def test_a_phone_that_takes_no_sms_must_be_called(
    siri: Visitor, task: Make, signup: Make, phone: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(siri.application.config, "SMS_URL", "https://sms.larvik.example")
    wanted = task()
    signup(wanted, phone=phone, purposes=frozenset({Purpose.TASK}))

    assert says in words(siri.get(f"/stab/aktivitet/{wanted.activity.public_id}/navn").page)


def test_a_phone_number_can_be_called_and_runs_from_left_to_right(siri: Visitor, task: Make, signup: Make) -> None:
    wanted = task()
    signup(wanted, **REACHABLE)

    link = siri.get(f"/ar/stab/aktivitet/{wanted.activity.public_id}/navn").page.select_one("a[href^='tel:']")

    assert link["href"] == "tel:+4790000000"
    assert (words(link), link.bdi["dir"]) == ("+47 90 00 00 00", "ltr")


def test_whoever_lost_the_code_gets_a_new_one_that_opens_their_help(
    siri: Visitor, client: Visitor, task: Make, signup: Make
) -> None:
    wanted = task()
    signup(wanted, "Amina")
    form = siri.get(f"/stab/aktivitet/{wanted.activity.public_id}/navn").page.select_one("form[action*='/kode/']")

    page = siri.submit(form).page

    code = words(page.select_one(".ticket-code"))
    assert re.fullmatch("[0-9A-Z]{5}-[0-9A-Z]{5}", code)
    client.submit(client.get("/mine-bidrag").page.select_one("main form"), code=code)
    assert "Lage suppe" in words(client.get("/mine-bidrag").page)
    db.session.rollback()
    assert "code" in db.session.scalars(sa.select(Viewing.what)).all()


def test_nobody_gives_a_code_to_anothers_helper(siri: Visitor, activity: Make, task: Make, signup: Make) -> None:
    ours = activity().public_id
    theirs = signup(task(at=activity(organiser=places.organiser_named("Hagelaget"))))

    for at in (ours, theirs.task.activity.public_id):
        assert siri.post(f"/stab/aktivitet/{at}/kode/{theirs.public_id}").status_code == 404


# --- Words to share, and afterwards


@pytest.mark.parametrize(("tag", "texts"), [("nb", 1), ("en", 1), ("ar", 1), ("alle", 3), ("xx", 3), ("", 3)])
def test_what_is_lacking_is_ready_to_be_shared(siri: Visitor, task: Make, signup: Make, tag: str, texts: int) -> None:
    wanted = task(capacity=3)
    signup(wanted)
    public_id, day = wanted.activity.public_id, clock.local(wanted.activity.starts_at)

    page = siri.get(f"/stab/aktivitet/{public_id}/del?sprak={tag}").page

    areas = page.select("textarea")
    assert len(areas) == texts
    for area in areas:
        language = area["lang"]
        assert f"http://localhost/{language}/aktiviteter/{public_id}" in area.get_text()
        assert "2" in area.get_text()
        assert f"{day:%H:%M}" in area.get_text()


def test_the_words_to_share_name_the_day_and_each_role(siri: Visitor, task: Make) -> None:
    wanted = task(capacity=2)
    weekday = ["mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"]

    text = siri.get(f"/stab/aktivitet/{wanted.activity.public_id}/del").page.select_one("textarea").get_text()
    text = re.sub("[\u2068\u2069]", "", text)  # marks that keep names from turning their letters around

    first, second, *_ = text.strip().splitlines()
    assert first.startswith(f"Vi mangler 2 til {weekday[clock.local(wanted.starts_at).weekday()]}")
    assert second == "Trenger 2: Lage suppe"


def test_when_nobody_is_lacking_there_is_nothing_to_share(siri: Visitor, task: Make, signup: Make) -> None:
    wanted = task(capacity=1)
    signup(wanted)

    assert not siri.get(f"/stab/aktivitet/{wanted.activity.public_id}/del").page.select("textarea")


def test_what_came_of_it_is_asked_for_first_and_then_told(
    siri: Visitor, client: Visitor, activity: Make, workshop: Make, idea: Make
) -> None:
    over = activity(in_hours=-5)
    chosen = idea(workshop(), "Suppe til alle", state="shown")
    public_id = over.public_id
    page = siri.get("/stab/aktiviteter").page
    assert words(page.h2) == "Hva kom det ut av det?"
    form = siri.get(f"/stab/aktivitet/{public_id}/etterpa").page.select_one("main form")

    response = siri.post(
        form["action"],
        data={"visitors": "30", "came_of": "Vi ble mette.", "thanks": "Takk!", "ideas": chosen.public_id},
    )

    assert response.status_code == 303
    assert (made().visitors, made().came_of, made().thanks) == (30, nb("Vi ble mette."), nb("Takk!"))
    assert [one.text for one in made().ideas] == ["Suppe til alle"]
    assert "Hva kom det ut av det?" not in [
        words(heading) for heading in siri.get("/stab/aktiviteter").page.select("h2")
    ]
    assert "Vi ble mette." in words(client.get(f"/aktiviteter/{public_id}").page)


@pytest.mark.parametrize(
    "wrong", [{"visitors": "-1"}, {"visitors": "mange"}, {"came_of": "x" * 601}, {"ideas": "nothing"}]
)
def test_an_outcome_that_can_not_be_is_refused_and_kept(siri: Visitor, activity: Make, wrong: dict[str, str]) -> None:
    over = activity(in_hours=-5)

    response = siri.post(f"/stab/aktivitet/{over.public_id}/etterpa", data={"thanks": "Takk!", **wrong})

    assert response.status_code == 422
    assert "Takk!" in str(response.page)
    assert made().thanks is None


# --- Who speaks for whom


def test_an_administrator_lets_somebody_speak_for_an_organiser_and_no_longer(desk: Make, staff: Make) -> None:
    ola, tor = staff("Ola"), desk(staff("Tor", Role.ADMIN))
    person = ola.public_id

    form = tor.get("/stab/folk").page.select_one(f"form[action*='{person}']")
    assert tor.submit(form, organiser="Hagelaget").status_code == 303
    assert [one.name for one in rights.person(person).organisers] == ["Hagelaget"]  # type: ignore[union-attr]

    form = tor.get("/stab/folk").page.select_one(f"form[action*='{person}'][action$=fjern]")
    tor.submit(form)
    db.session.expire_all()
    assert rights.person(person).organisers == []  # type: ignore[union-attr]


def test_an_organiser_without_a_name_is_refused(desk: Make, staff: Make) -> None:
    ola = staff("Ola").public_id

    response = desk(staff("Tor", Role.ADMIN)).post(f"/stab/folk/{ola}/arrangor", data={"organiser": " "})

    assert response.status_code == 422
    assert errors(response.page) == ["Skriv navnet på arrangøren."]


@pytest.mark.parametrize("path", ["/stab/folk"])
def test_only_administrators_say_who_speaks_for_whom(siri: Visitor, path: str) -> None:
    assert siri.get(path).status_code == 404


def test_an_invitation_can_name_an_organiser(app: object) -> None:
    for _ in range(2):
        person, _token = rules.invite("Kari", "kari@larvik.example", Role.FACILITATOR, "Torstrand Vel")

    assert [one.name for one in person.organisers] == ["Torstrand Vel"]


def test_an_administrator_without_organisers_is_led_to_make_one(desk: Make, staff: Make) -> None:
    response = desk(staff("Tor", Role.ADMIN)).get("/stab/aktivitet/ny")

    assert response.status_code == 403
    assert response.page.select("a[href='/stab/folk']")


def test_filling_a_series_is_one_of_the_workers_jobs(siri: Visitor) -> None:
    siri.post("/stab/aktivitet/ny", data=typed(publish="1", repeats="week"))
    before = count(Activity)
    series = made().series
    write(lambda: setattr(series, "filled_until", made().occurrence_at - timedelta(days=30)))()

    worker.jobs["series"].work()

    assert count(Activity) == before


def test_no_page_of_the_desk_is_kept_by_a_cache(siri: Visitor, task: Make) -> None:
    public_id = task().activity.public_id
    for path in (
        "aktiviteter",
        "aktivitet/ny",
        f"aktivitet/{public_id}",
        f"aktivitet/{public_id}/navn",
        f"aktivitet/{public_id}/kjokken.pdf",
    ):
        assert siri.get(f"/stab/{path}").headers["Cache-Control"] == "no-store", path


def test_the_desk_asks_the_database_no_more_for_many_activities_than_for_few(
    siri: Visitor, activity: Make, task: Make, statements: list[str]
) -> None:
    task(at=activity())
    siri.get("/stab/aktiviteter")
    before = len(statements)
    siri.get("/stab/aktiviteter")
    few = len(statements) - before
    for number in range(8):
        task(at=activity(in_hours=24 + number))
    before = len(statements)
    siri.get("/stab/aktiviteter")

    assert len(statements) - before <= few + 1
    assert re.search("FROM activity", " ".join(statements))


def test_a_draft_is_not_called_off_before_anybody_has_seen_it(siri: Visitor, activity: Make) -> None:
    draft = activity(state=ActivityState.DRAFT)

    assert siri.post(f"/stab/aktivitet/{draft.public_id}/avlys").status_code == 409
    assert made().state is ActivityState.DRAFT


def test_the_desk_says_when_messages_are_at_a_standstill(siri: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(siri.application.config, "MAIL_URL", "smtp://mail.larvik.example")
    assert "Meldinger står stille" in words(siri.get("/stab/aktiviteter").page)

    messages.take_turns({worker.OUTBOX: timedelta(0)})

    page = words(siri.get("/stab/aktiviteter").page)
    assert "Meldinger står stille" not in page
    assert "Appen sjekket sist om noe skulle sendes" in page


def test_an_organiser_is_written_to_where_it_says(siri: Visitor) -> None:
    ours = places.organiser_named("Grendelaget").public_id
    form = siri.get(f"/stab/arrangor/{ours}").page.select_one("main form")

    assert siri.submit(form, email="Post@Grendelaget.example").status_code == 303
    db.session.rollback()
    assert places.organiser_named("Grendelaget").email == "Post@grendelaget.example"

    siri.submit(form, email="")
    db.session.rollback()
    assert places.organiser_named("Grendelaget").email is None


@pytest.mark.parametrize("email", ["post", "post@", "a@b.example\nBcc: alle@b.example", "x" * 300 + "@b.example"])
def test_an_address_that_no_mail_reaches_is_refused_and_kept_to_be_mended(siri: Visitor, email: str) -> None:
    ours = places.organiser_named("Grendelaget").public_id

    response = siri.post(f"/stab/arrangor/{ours}", data={"email": email})

    assert response.status_code == 422
    assert errors(response.page)
    db.session.rollback()
    assert places.organiser_named("Grendelaget").email is None


@pytest.mark.parametrize("method", ["get", "post"])
def test_anothers_address_is_neither_seen_nor_changed(siri: Visitor, method: str) -> None:
    theirs = places.organiser_named("Hagelaget").public_id

    assert getattr(siri, method)(f"/stab/arrangor/{theirs}").status_code == 404
