"""How the app answers: the headers on everything, who is let in, and what happens when something goes wrong."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from participation.config import BODY_LIMIT
from participation.db import Busy, db
from participation.rendering import asset, sheet
from participation.staff.models import Staff
from participation.web import own_path
from tests import world
from tests.page import Visitor, hash_of, words

Make = Callable[..., Any]

ALWAYS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' {hash_of(sheet())}",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ON_HTML = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Language": "nb",
    "Vary": "HX-Request, Accept-Language, Cookie, Sec-Fetch-Site, Accept-Encoding",
}
HTTPS = "https://torstrand.example"


def headers(response: TestResponse) -> dict[str, str]:
    """All headers but those that differ each time."""
    return {name: value for name, value in response.headers if name not in ("Content-Length", "Set-Cookie")}


def as_sent(person: Visitor, path: str, asked: dict[str, str]) -> TestResponse:
    """An answer that is not inspected, as it is not what a page of ours asks for."""
    with person.application.app_context():
        response = super(Visitor, person).open(path, headers=asked)
        response.get_data()
        response.close()
    return response


def everything(app: Flask) -> str:
    """All that the database holds, but for the note of who has looked at people's names."""
    db.session.rollback()
    kept = [table for table in db.metadata.sorted_tables if table.name != "viewing"]
    return repr([db.session.execute(table.select()).all() for table in kept])


@pytest.fixture
def addresses(app: Flask) -> dict[str, str]:
    """One value for every name in an address."""
    task = world.task()
    asked = world.workshop()
    return {
        "activity": task.activity.public_id,
        "task": task.public_id,
        "signup": world.signup(task).public_id,
        "card": world.card().public_id,
        "workshop": asked.public_id,
        "idea": world.idea(asked).public_id,
        "code": asked.code,
        "place": task.activity.place.public_id,
        "organiser": task.activity.organiser.public_id,
        "person": world.staff("Kari").public_id,
        "offer": "0000000000",
        "invitation": "0000000000",
        "theme": "mobilitet",
        "link": "a-link-of-22-characters"[:22],
        "tag": "en",
        "door": "bestemt",
        "kind": "svg",
    }


def routes(app: Flask, method: str, values: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Every route that takes a method: its name and an address of it."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            printed = {"kind": "kjokken"} if "kjokken" in rule.rule else {}
            built = rule.build({name: {**values, **printed}[name] for name in rule.arguments}, append_unknown=False)
            assert built is not None
            yield rule.endpoint, built[1]


# --- Headers


def test_a_page_has_these_headers_and_no_others(client: Visitor) -> None:
    assert headers(client.get("/")) == {**ALWAYS, **ON_HTML, "Cache-Control": "no-cache"}


def test_so_has_a_page_that_is_not_there(client: Visitor) -> None:
    response = client.get("/finnes-ikke")

    assert (response.status_code, headers(response)) == (404, {**ALWAYS, **ON_HTML, "Cache-Control": "no-cache"})


def test_so_has_an_answer_that_leads_on(client: Visitor) -> None:
    sent_on = headers(client.get("/kode?code=abc"))

    assert sent_on.pop("Location") == "/W/ABC"
    assert sent_on == {**ALWAYS, **ON_HTML, "Cache-Control": "no-cache"}


def test_so_has_a_form_with_errors(client: Visitor) -> None:
    response = client.post(f"/oppgaver/{world.task().public_id}/bli-med")

    assert (response.status_code, headers(response)) == (422, {**ALWAYS, **ON_HTML, "Cache-Control": "no-cache"})


def test_so_has_a_fragment(htmx: Visitor) -> None:
    response = htmx.get(f"/oppgaver/{world.task().public_id}/bli-med")

    assert (response.status_code, headers(response)) == (200, {**ALWAYS, **ON_HTML, "Cache-Control": "no-cache"})


def test_so_has_a_crash_and_it_tells_strangers_nothing(
    client: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(**_: object) -> None:
        raise RuntimeError("the inner secret")

    monkeypatch.setattr("participation.activities.rules.coming", crash)
    response = client.get("/aktiviteter")

    assert (response.status_code, headers(response)) == (500, {**ALWAYS, **ON_HTML, "Cache-Control": "no-cache"})
    assert b"secret" not in response.data
    assert b"Traceback" not in response.data
    (record,) = caplog.records
    reference = str(record.args[0])  # type: ignore[index]
    assert f"Referanse: {reference}" in words(response.page)
    assert "the inner secret" in caplog.text


def test_so_has_a_calendar_file(client: Visitor) -> None:
    response = client.get(f"/aktiviteter/{world.activity().public_id}/kalender.ics")

    assert headers(response) == {
        **ALWAYS,
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Disposition": "attachment; filename=aktivitet.ics",
        "Vary": "Accept-Encoding",
    }


def test_built_files_are_kept_for_ever_and_read_as_nothing_else(client: Visitor) -> None:
    response = client.get(asset("app.css"))

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", ["/static/../config.py", "/static/%2e%2e/config.py", "/static/", "/static/app.css"])
def test_nothing_but_built_files_is_given_out(client: Visitor, path: str) -> None:
    assert client.get(path).status_code in (301, 302, 404)


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_pages_and_built_files_travel_compressed(client: Visitor, encoding: str) -> None:
    for path in ("/om", asset("app.css")):
        assert as_sent(client, path, {"Accept-Encoding": encoding}).headers["Content-Encoding"] == encoding, path


def test_browsers_are_told_to_come_by_https_only_where_there_is_https(app: Flask, new_app: Make) -> None:
    secure = new_app(PUBLIC_URL=HTTPS).test_client()

    assert secure.get("/", base_url=HTTPS).headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in app.test_client().get("/").headers


# --- Pages and fragments


def test_one_address_serves_the_page_or_its_element_and_caches_are_told(client: Visitor, htmx: Visitor) -> None:
    address = f"/oppgaver/{world.task().public_id}/bli-med"

    page, fragment = client.get(address), htmx.get(address)

    assert (page.status_code, fragment.status_code) == (200, 200)
    assert page.page.html is not None
    assert fragment.page.html is None
    assert "HX-Request" in page.headers["Vary"]
    assert "HX-Request" in fragment.headers["Vary"]


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_who_goes_back_in_the_browser_never_meets_a_bare_element(client: Visitor, header: str) -> None:
    address = f"/oppgaver/{world.task().public_id}/bli-med"

    assert b"<!doctype html>" in as_sent(client, address, {"HX-Request": "true", header: "true"}).data


# --- Other sites' pages


@pytest.mark.parametrize(
    "sender",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:8001"},
        {"Origin": "https://evil.example/localhost"},
        {"Origin": "http://[::1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "nonsense"},
        {"Origin": "https://evil.example", "HX-Request": "true"},
    ],
    ids=str,
)
def test_another_sites_page_can_change_nothing_by_any_route(
    app: Flask, addresses: dict[str, str], desk: Make, administrator: Any, sender: dict[str, str]
) -> None:
    tor = desk(administrator)
    before = everything(app)
    form = {"text": "hei", "name": "hei", "reason": "double", "title": "t", "place": "p", "question_nb": "q"}

    tried = [tor.post(path, data=form, headers=sender).status_code for _, path in routes(app, "POST", addresses)]

    assert len(tried) >= 15
    assert set(tried) == {403}
    assert everything(app) == before


@pytest.mark.parametrize(
    "sender",
    [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}],
    ids=str,
)
def test_our_own_forms_are_let_in_from_any_browser(client: Visitor, sender: dict[str, str]) -> None:
    response = client.post(f"/W/{world.workshop().code}", data={"text": "Benker"}, headers=sender)

    assert response.status_code == 303


def test_no_get_changes_anything(app: Flask, addresses: dict[str, str], desk: Make, administrator: Any) -> None:
    tor = desk(administrator)
    before = everything(app)

    for endpoint, path in routes(app, "GET", addresses):
        if not endpoint.endswith("stream"):
            assert tor.get(path).status_code < 500, path

    assert everything(app) == before


# --- Who may enter


def test_a_route_that_does_not_say_who_may_enter_lets_nobody_in(app: Flask, new_app: Make) -> None:
    forgetful = new_app()
    forgetful.add_url_rule("/glemt", "forgotten", lambda: "a secret")

    response = forgetful.test_client().get("/glemt")

    assert response.status_code == 404
    assert b"a secret" not in response.data


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "NONSENSE"])
def test_methods_that_no_form_has_are_refused_and_the_others_named(client: Visitor, method: str) -> None:
    response = client.open("/aktiviteter", method=method)

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:80", "", "local host", "xn--æ"]
)
def test_a_name_that_is_not_ours_is_answered_with_400(client: Visitor, host: str) -> None:
    response = client.get("/", headers={"Host": host})

    assert response.status_code == 400
    assert host not in response.get_data(as_text=True) or not host


# --- Cookies


def cookies(response: TestResponse) -> dict[str, set[str]]:
    """Each cookie that is set, with its attributes."""
    kept = {}
    for line in response.headers.getlist("Set-Cookie"):
        name, *attributes = line.split("; ")
        kept[name.partition("=")[0]] = {part for part in attributes if not part.startswith(("Expires", "Max-Age"))}
    return kept


def test_cookies_are_as_strict_as_the_connection_allows(app: Flask, new_app: Make) -> None:
    task, staff = world.task(), world.staff("Siri", password=world.PASSWORD)
    secure = new_app(PUBLIC_URL=HTTPS).test_client()

    for person, base, prefix, strict in (
        (app.test_client(), "http://localhost", "", set()),
        (secure, HTTPS, "__Host-", {"Secure"}),
    ):
        answers = [
            person.post(f"/oppgaver/{task.public_id}/bli-med", data={"name": "Amina"}, base_url=base),
            person.get("/sprak/ar", base_url=base),
            person.post("/stab/inn", data={"email": staff.email, "password": world.PASSWORD}, base_url=base),
        ]
        kept = {name: attributes for answer in answers for name, attributes in cookies(answer).items()}
        assert kept == {
            f"{prefix}{name}": {"HttpOnly", "SameSite=Lax", "Path=/", *strict}
            for name in ("receipts", "language", "staff")
        }


def test_over_https_everything_works_by_those_cookies(app: Flask, new_app: Make) -> None:
    task = world.task("Lage suppe")
    person = new_app(PUBLIC_URL=HTTPS).test_client()

    person.post(f"/oppgaver/{task.public_id}/bli-med", data={"name": "Amina"}, base_url=HTTPS)
    person.get("/sprak/en", base_url=HTTPS)
    page = person.get("/mine-bidrag", base_url=HTTPS).page

    assert "Lage suppe" in words(page)
    assert page.html["lang"] == "en"


def test_a_cookie_without_the_prefix_is_not_believed_over_https(app: Flask, new_app: Make) -> None:
    siri = world.staff("Siri")
    session = world.desk.use_link(world.desk.invite(siri.name, siri.email, siri.role)[1])
    person = new_app(PUBLIC_URL=HTTPS).test_client()

    person.set_cookie("staff", session or "", domain="torstrand.example")

    assert person.get("/stab/", base_url=HTTPS).status_code == 303


# --- What goes wrong


def test_too_much_at_once_is_refused_with_a_page_that_says_so(anyone: Visitor) -> None:
    response = anyone.post(f"/W/{world.workshop().code}", data={"text": "x" * (BODY_LIMIT + 1)})

    assert response.status_code == 413
    assert "gjør teksten kortere" in words(response.page)


def test_a_form_of_too_many_parts_is_refused(client: Visitor) -> None:
    response = client.post(
        f"/W/{world.workshop().code}",
        data={f"field{number}": "x" for number in range(200)},
        content_type="multipart/form-data",
    )

    assert response.status_code == 413


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"text=%ff%fe&key=%00"),
        ("application/x-www-form-urlencoded", b"&&==&text"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"text=hei"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n"),
        ("application/json", b'{"text": "hei"}'),
        ("", b"\x00\xff"),
    ],
)
def test_a_body_that_is_no_form_of_ours_breaks_nothing(client: Visitor, kind: str, body: bytes) -> None:
    response = client.post(f"/W/{world.workshop().code}", data=body, content_type=kind)

    assert response.status_code in (303, 400, 413, 422)


@pytest.mark.parametrize(
    "address",
    [
        *("/aktiviteter?tema=%00", "/hjelp?fra=%00", "/skjerm?sted=%00", "/denne-uka.pdf?sted=%00"),
        *("/stab/aktivitet/ny?fra=%00", "/stab/verksted/nytt?aktivitet=%00"),
    ],
)
def test_an_address_that_no_database_can_look_for_is_refused(desk: Make, administrator: Staff, address: str) -> None:
    assert desk(administrator).get(address).status_code == 400


def test_a_busy_database_asks_to_try_again_and_leaves_the_text_alone(
    anyone: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise Busy

    monkeypatch.setattr("participation.workshops.rules.submit", busy)
    response = anyone.post(f"/W/{world.workshop().code}", data={"text": "Benker"})

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "2"
    assert "X-Ack" not in response.headers
    if anyone.htmx:
        assert response.page.find("x-template")["hx-target"] == "#status"


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/kalender/%00.ics",
        "/%ff%fe",
        "/" + "x" * 5000,
        "/aktiviteter/%0d%0aSet-Cookie:a=b",
        "/../../etc/passwd",
        "/.env",
        "/W",
        "/ar/ar/",
        "//",
        "/nb",
    ],
)
def test_no_address_breaks_anything(client: Visitor, path: str) -> None:
    response = client.get(path)

    assert response.status_code in (200, 308, 404)
    assert "Set-Cookie" not in response.headers


def test_who_claims_to_come_from_many_places_is_counted_as_one(client: Visitor, limits: None) -> None:
    wrong = {"email": "siri@larvik.example", "password": "feil"}

    statuses = [
        client.post("/stab/inn", data=wrong, headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
        for number in range(11)
    ]

    assert statuses[-1] == 429


@pytest.mark.parametrize("path", ["/", "/ar/hjelp", "/mine-bidrag?x=1&y=2", "/W/7F3QK0#x", "/a//b"])
def test_a_path_of_our_own_is_gone_on_to(app: Flask, path: str) -> None:
    with app.test_request_context():
        assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None, "", "x", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
        "\t//evil.example", " //evil.example", "/\n/evil.example", "https://evil.example", "HTTPS:evil.example",
        "javascript:alert(1)", "data:text/html,x", "//[::1", "http:///evil.example", "/x\\..\\evil", "/\u2028",
        "@evil.example",
    ],
)  # fmt: skip
def test_any_other_leads_to_the_front_page(app: Flask, path: str | None) -> None:
    with app.test_request_context():
        assert own_path(path) == "/"


def test_the_database_is_asked_for_nothing_by_pages_that_need_nothing(client: Visitor, statements: list[str]) -> None:
    for path in ("/om", "/personvern", "/finnes-ikke", "/mine-bidrag"):
        client.get(path)

    assert [line for line in statements if line.startswith(("SELECT", "INSERT"))] == []
    assert db.session.scalar(sa.select(sa.literal(1))) == 1
