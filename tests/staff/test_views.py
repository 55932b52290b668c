"""The staff's way in and out, by password and by one-time link."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from participation import clock
from participation.db import db, write
from participation.staff import rules
from participation.staff.models import Staff
from tests.page import Visitor, words
from tests.world import PASSWORD

Make = Callable[..., Any]
WRONG = "E-posten eller passordet stemmer ikke"


def sign_in(person: Visitor, email: str, password: str, path: str = "/stab/inn") -> Any:
    return person.submit(person.get(path).page.select_one("main form"), email=email, password=password)


def test_staff_sign_in_with_a_password_and_come_to_their_desk(client: Visitor, staff: Make) -> None:
    staff("Siri", password=PASSWORD)

    response = sign_in(client, "siri@larvik.example", PASSWORD)

    assert response.location == "/stab/"
    assert client.get("/stab/").page.h1.get_text() == "Verkstedene dine"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("siri@larvik.example", "feil passord her"),
        ("ukjent@larvik.example", PASSWORD),
        ("av@larvik.example", PASSWORD),
        ("uten@larvik.example", PASSWORD),
        ("siri@larvik.example\x00", "feil"),
        ("' OR 1=1 --", "x"),
        ("<script>", "<script>"),
    ],
)
def test_whatever_is_wrong_with_a_sign_in_the_answer_is_the_same(
    client: Visitor, staff: Make, email: str, password: str
) -> None:
    staff("Siri", password=PASSWORD)
    staff("Uten")
    off = staff("Av", password=PASSWORD)
    write(lambda: setattr(db.session.merge(off), "disabled_at", clock.now()))()

    response = sign_in(client, email, password)

    assert response.status_code == 422
    assert WRONG in words(response.page)
    assert "Set-Cookie" not in response.headers
    assert response.page.select_one("input[name=email]")["value"] == email.replace("\x00", "")
    assert not response.page.select_one("input[name=password]").get("value")


@pytest.mark.parametrize(
    ("email", "password"), [("", PASSWORD), ("siri@larvik.example", ""), (" ", " "), ("x" * 300, "y" * 300)]
)
def test_a_sign_in_that_is_empty_or_too_long_is_refused(
    client: Visitor, staff: Make, email: str, password: str
) -> None:
    staff("Siri", password=PASSWORD)

    assert sign_in(client, email, password).status_code == 422


def test_whoever_was_on_the_way_somewhere_gets_there_after_signing_in(client: Visitor, staff: Make) -> None:
    staff("Siri", password=PASSWORD)

    way = client.get("/stab/verksted/nytt").location

    assert sign_in(client, "siri@larvik.example", PASSWORD, way).location.rstrip("?") == "/stab/verksted/nytt"


@pytest.mark.parametrize(
    "til", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\x00"]
)
def test_signing_in_leads_to_no_other_site(client: Visitor, staff: Make, til: str) -> None:
    staff("Siri", password=PASSWORD)

    data = {"email": "siri@larvik.example", "password": PASSWORD, "til": til}

    assert client.post("/stab/inn", data=data).location == "/"


def test_every_sign_in_is_a_new_session(client: Visitor, staff: Make) -> None:
    staff("Siri", password=PASSWORD)
    client.set_cookie("staff", "chosen-by-somebody-else")

    sign_in(client, "siri@larvik.example", PASSWORD)
    first = client.get_cookie("staff").value  # type: ignore[union-attr]
    sign_in(client, "siri@larvik.example", PASSWORD)

    assert len({"chosen-by-somebody-else", first, client.get_cookie("staff").value}) == 3  # type: ignore[union-attr]


def test_guessing_passwords_is_slowed_down_without_locking_the_owner_out(
    client: Visitor, visitor: Make, staff: Make, limits: None
) -> None:
    siri = staff("Siri", password=PASSWORD)
    wrong = {"email": siri.email, "password": "feil"}

    statuses = [client.post("/stab/inn", data=wrong).status_code for _ in range(11)]

    assert statuses == [422] * 10 + [429]
    at_home = visitor()
    right = {"email": siri.email, "password": PASSWORD}
    assert at_home.post("/stab/inn", data=right, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 303


# --- One-time links


def test_opening_a_link_signs_nobody_in_until_the_button_is_pressed(client: Visitor, staff: Make) -> None:
    _, link = rules.invite("Siri", staff("Siri").email, staff("Siri").role)
    address = f"/stab/lenke/{link}"

    for method in ("GET", "HEAD", "GET"):
        assert "Set-Cookie" not in client.open(address, method=method).headers
    assert client.get("/stab/").status_code == 303

    assert client.submit(client.get(address).page.select_one("main form")).location == "/stab/"
    assert client.get("/stab/").status_code == 200


def test_a_link_that_was_used_or_is_too_old_says_so_and_leads_on(
    client: Visitor, visitor: Make, staff: Make, later: Callable[[timedelta], None]
) -> None:
    siri = staff("Siri")
    used, old = (rules.invite(siri.name, siri.email, siri.role)[1] for _ in range(2))
    client.post(f"/stab/lenke/{used}")
    assert visitor().post(f"/stab/lenke/{used}").status_code == 410
    later(timedelta(hours=2))

    for link in (used, old, "x", "%00", "x" * 5000, "%F0%9F%A6%8A"):
        for method in ("GET", "POST"):
            response = visitor().open(f"/stab/lenke/{link}", method=method)
            assert response.status_code == 410
            assert response.page.select_one('a[href="/stab/inn"]')
            assert "Set-Cookie" not in response.headers


# --- Out


def test_signing_out_ends_the_session_on_the_server_too(client: Visitor, visitor: Make, staff: Make) -> None:
    staff("Siri", password=PASSWORD)
    sign_in(client, "siri@larvik.example", PASSWORD)
    stolen = visitor()
    stolen.set_cookie("staff", client.get_cookie("staff").value)  # type: ignore[union-attr]
    assert stolen.get("/stab/").status_code == 200

    client.submit(client.get("/stab/").page.select_one('form[action="/stab/ut"]'))

    assert client.get_cookie("staff") is None
    assert client.get("/stab/").status_code == 303
    assert stolen.get("/stab/").status_code == 303


def test_a_link_signs_nobody_out(desk: Make, facilitator: Staff) -> None:
    siri = desk(facilitator)

    assert siri.get("/stab/ut").status_code == 405
    assert siri.get("/stab/").status_code == 200


def test_signing_out_twice_leads_to_the_sign_in(desk: Make, facilitator: Staff) -> None:
    siri = desk(facilitator)
    siri.post("/stab/ut")

    assert siri.post("/stab/ut").location == "/stab/inn"


# --- A password of one's own


def test_one_chooses_a_password_and_signs_in_with_it(desk: Make, facilitator: Staff, client: Visitor) -> None:
    elsewhere, here = desk(facilitator), desk(facilitator)
    form = here.get("/stab/passord").page.select_one("main form")

    assert here.submit(form, password=PASSWORD).status_code == 303
    assert here.get("/stab/").status_code == 200
    assert elsewhere.get("/stab/").status_code == 303
    assert sign_in(client, facilitator.email, PASSWORD).status_code == 303


@pytest.mark.parametrize("password", ["", "   ", "kort", "siri siri siri", "Nabolaget Nabolaget", "x" * 200])
def test_a_weak_password_is_refused_and_never_sent_back(desk: Make, facilitator: Staff, password: str) -> None:
    siri = desk(facilitator)

    response = siri.submit(siri.get("/stab/passord").page.select_one("main form"), password=password)

    assert response.status_code == 422
    assert not response.page.select_one("input[type=password]").get("value")
    assert db.session.scalar(sa.select(Staff.password_hash)) is None


@pytest.mark.parametrize("tag", ["nb", "en", "ar"])
def test_the_staffs_pages_are_whole_in_every_language(
    desk: Make, administrator: Staff, workshop: Make, idea: Make, tag: str
) -> None:
    tor = desk(administrator)
    asked = workshop(owner=administrator)
    for state in ("waiting", "shown", "hidden"):
        idea(asked, f"Idé {state}", state=state)

    for path in ("/stab/", "/stab/verksted/nytt", "/stab/passord", f"/stab/verksted/{asked.public_id}"):
        page: BeautifulSoup = tor.get(f"/{tag}{path}").page
        assert page.html["lang"] == tag
        assert page.select_one('meta[name=robots][content="noindex"]')


def test_whoever_is_sent_to_the_sign_in_keeps_their_language(client: Visitor) -> None:
    way = client.get("/ar/stab/").location

    assert way.startswith("/ar/stab/inn")
