"""«Mine bidrag»: found again on any phone that knows the code, and on no other."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.page import Visitor, words

Make = Callable[..., Any]


@pytest.fixture
def code(client: Visitor, task: Make, workshop: Make) -> str:
    """The code of somebody who has said yes to a task and sent an idea."""
    client.post(f"/oppgaver/{task('Lage suppe').public_id}/bli-med", data={"name": "Amina"})
    client.post(f"/W/{workshop().code}", data={"text": "Langbord under tak"})
    return client.get("/mine-bidrag").page.select_one(".ticket b").get_text()


def shows_all(person: Visitor) -> bool:
    """Whether somebody finds both contributions, or none; finding one is a mistake."""
    page = words(person.get("/mine-bidrag").page)
    found = [text in page for text in ("Lage suppe", "Langbord under tak")]
    assert len(set(found)) == 1
    return all(found)


def test_both_kinds_of_contributions_stand_on_one_receipt(client: Visitor, code: str) -> None:
    assert shows_all(client)


@pytest.mark.parametrize("wrote", ["{}", "  {} ", "{} ".lower()])
def test_another_phone_finds_them_by_the_code(anyone: Visitor, code: str, wrote: str) -> None:
    form = anyone.get("/mine-bidrag").page.select_one('form[action$="/mine-bidrag"]') if not anyone.htmx else None

    sent = {"code": wrote.format(code).lower().replace("0", "o")}
    response = anyone.submit(form, **sent) if form else anyone.post("/mine-bidrag", data=sent)

    assert response.status_code in (303, 204)
    anyone.htmx = False
    assert shows_all(anyone)


@pytest.mark.parametrize("path", ["/R/{}", "/r/{}", "/ar/R/{}"])
def test_another_phone_finds_them_by_the_scanned_code_once_its_owner_says_so(
    visitor: Make, code: str, path: str
) -> None:
    phone = visitor()

    response = phone.get(path.format(code.replace("-", "")))

    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert not shows_all(phone)
    phone.submit(response.page.select_one("main form"))
    assert shows_all(phone)


def test_what_is_sent_from_a_phone_stays_on_its_own_receipt_when_it_opens_anothers(
    visitor: Make, code: str, task: Make
) -> None:
    phone = visitor()
    phone.post(f"/oppgaver/{task().public_id}/bli-med", data={"name": "Kari"})
    own = phone.get("/mine-bidrag").page.select_one(".ticket b").get_text()

    phone.submit(phone.get(f"/R/{code.replace('-', '')}").page.select_one("main form"))

    assert own != code
    assert phone.get("/mine-bidrag").page.select_one(".ticket b").get_text() == own


@pytest.mark.parametrize("typed", ["", " ", "AAAAAAAAAA", "kort", "x" * 41, "\x00", "' OR 1=1 --", "🦊" * 10])
def test_a_code_nobody_has_opens_nothing_and_stands_in_the_box(visitor: Make, code: str, typed: str) -> None:
    phone = visitor()

    response = phone.submit(phone.get("/mine-bidrag").page.select_one('form[action$="/mine-bidrag"]'), code=typed)

    assert response.status_code == 422
    assert response.page.select_one("input[name=code]")["value"] == typed.replace("\x00", "").strip()
    assert "Set-Cookie" not in response.headers
    assert not shows_all(phone)


@pytest.mark.parametrize("typed", ["AAAAAAAAAA", "%00", "x" * 3000, "%ED%A0%80"])
def test_a_scanned_code_nobody_has_leads_to_where_one_can_type_it(client: Visitor, typed: str) -> None:
    response = client.get(f"/R/{typed}")

    assert response.status_code == 200
    refused = client.submit(response.page.select_one("main form"))
    assert refused.status_code == 422
    assert refused.page.select_one("input[name=code]")


def test_a_stranger_sees_nothing(visitor: Make, code: str) -> None:
    assert not shows_all(visitor())


def test_a_phone_can_forget(client: Visitor, code: str) -> None:
    client.submit(client.get("/mine-bidrag").page.select_one('form[action$="/glem"]'))

    assert not shows_all(client)
    assert client.get_cookie("receipts") is None
    client.post("/mine-bidrag", data={"code": code})
    assert shows_all(client)


def test_forgetting_twice_or_with_nothing_to_forget_does_no_harm(client: Visitor) -> None:
    for _ in range(2):
        assert client.post("/mine-bidrag/glem").status_code == 303


def test_forgetting_by_a_link_forgets_nothing(client: Visitor, code: str) -> None:
    assert client.get("/mine-bidrag/glem").status_code == 405
    assert shows_all(client)


def test_a_family_may_share_a_phone(client: Visitor, visitor: Make, code: str, task: Make) -> None:
    other = visitor()
    other.post(f"/oppgaver/{task('Bære stoler').public_id}/bli-med", data={"name": "Yusuf"})
    client.post("/mine-bidrag", data={"code": other.get("/mine-bidrag").page.select_one(".ticket b").get_text()})

    page = words(client.get("/mine-bidrag").page)

    assert "Lage suppe" in page
    assert "Bære stoler" in page


@pytest.mark.parametrize(
    "kept", ["x", "." * 4000, "AAAAAAAAAA.BBBBBBBBBB", '"', "<script>x", "\xff\xfe" * 5, ".".join(["A" * 10] * 99)]
)
def test_what_is_not_a_code_on_the_phone_is_passed_over(client: Visitor, task: Make, kept: str) -> None:
    client.set_cookie("receipts", kept)

    assert client.get("/mine-bidrag").status_code == 200
    assert client.post(f"/oppgaver/{task().public_id}/bli-med", data={"name": "Amina"}).status_code == 303
    assert "Lage suppe" in words(client.get("/mine-bidrag").page)


def test_what_is_ones_own_is_kept_by_no_cache_and_found_by_no_search_engine(client: Visitor, code: str) -> None:
    response = client.get("/mine-bidrag")

    assert response.headers["Cache-Control"] == "no-store"
    assert response.page.select_one('meta[name=robots][content="noindex"]')


def test_the_qr_leads_to_the_same_receipt(visitor: Make, client: Visitor, code: str) -> None:
    assert client.get("/mine-bidrag").page.select_one(".ticket svg")["aria-label"]
    phone = visitor()
    phone.submit(phone.get(f"/R/{code.replace('-', '')}".upper()).page.select_one("main form"))
    assert shows_all(phone)


def test_whoever_guesses_codes_is_slowed_down(client: Visitor, limits: None) -> None:
    client.inspects = False
    statuses = [client.post("/mine-bidrag", data={"code": f"AAAAAAA{number:03}"}).status_code for number in range(602)]

    assert statuses == [422] * 600 + [429] * 2
