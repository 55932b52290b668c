"""The way in: the front page, a typed code, a chosen language, and the pages about the app itself."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from participation import demo
from participation.i18n import LANGUAGES
from tests.page import Visitor, words

Make = Callable[..., Any]
PUBLIC = (
    "/",
    "/aktiviteter",
    "/hjelp",
    "/steder",
    "/ideer",
    "/handlingsrom",
    "/mine-bidrag",
    "/om",
    "/personvern",
    "/stab/inn",
)


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("path", PUBLIC)
def test_every_public_page_is_whole_in_every_language_before_anything_is_put_in(
    client: Visitor, path: str, tag: str
) -> None:
    response = client.get(f"/{tag}{path}")

    assert response.status_code == 200
    assert response.page.html["lang"] == tag


@pytest.mark.parametrize("tag", LANGUAGES)
def test_whoever_follows_every_link_of_the_demo_meets_only_whole_pages(client: Visitor, tag: str) -> None:
    demo.load_if_empty()
    waiting, seen = [f"/{tag}/"], set()

    while waiting:
        path = waiting.pop()
        if path in seen or "/sprak/" in path:
            continue
        seen.add(path)
        response = client.get(path)
        assert response.status_code in (200, 303), path
        if response.mimetype == "text/html" and response.status_code == 200:
            links = [link["href"].partition("#")[0] for link in response.page.select("a[href]:not([rel~=noopener])")]
            assert all(
                link.startswith((f"/{tag}/", "mailto:", f"webcal://localhost/{tag}/")) for link in links if link
            ), path
            waiting += [link for link in links if link.startswith("/") and "&" not in link]  # one filter at a time

    assert len(seen) > 40


def test_the_front_page_leads_to_the_open_workshop_and_to_what_happens_this_week(
    client: Visitor, workshop: Make, activity: Make
) -> None:
    asked = workshop("Hva skal parken bli?")
    activity("Strikkekafé")
    activity("Julemarked", in_hours=24 * 30)

    page = client.get("/").page

    assert page.select_one(f'a[href="/W/{asked.code}"]')
    assert "Strikkekafé" in words(page)
    assert "Julemarked" not in words(page)


def test_the_front_page_does_not_lead_to_workshops_that_are_not_open(client: Visitor, workshop: Make) -> None:
    workshop("Hva er hemmelig?", state="draft")
    workshop("Hva var det?", state="closed")

    page = words(client.get("/").page)

    assert "hemmelig" not in page
    assert "Hva var det?" not in page


@pytest.mark.parametrize("typed", ["{0}{1}", "{0}-{1}", "  {0} {1} "])
def test_a_code_typed_from_a_poster_leads_to_the_question(client: Visitor, workshop: Make, typed: str) -> None:
    code = workshop().code

    form = client.get("/").page.select_one("form[role=search]")
    response = client.submit(form, code=typed.format(code[:3], code[3:]).lower())

    assert response.status_code == 303
    assert response.location == f"/W/{code}"


def test_no_code_typed_leads_back_to_the_front_page(client: Visitor) -> None:
    assert client.get("/kode").location == "/"
    assert client.get("/kode?code=%20-").location == "/"


def test_a_chosen_language_lasts_and_one_stays_where_one_was(client: Visitor) -> None:
    picker = client.get("/ar/aktiviteter").page.select_one('.languages a[hreflang="en"]')

    response = client.get(picker["href"])

    assert response.location == "/en/aktiviteter"
    assert client.get("/aktiviteter").page.html["lang"] == "en"


@pytest.mark.parametrize("tag", ["xx", "..%2F..%2Fetc", "NB%00", "nb%0d%0aSet-Cookie:a=b"])
def test_a_language_that_is_not_there_is_not_found(client: Visitor, tag: str) -> None:
    assert client.get(f"/sprak/{tag}").status_code == 404


@pytest.mark.parametrize("til", ["//evil.example", "https://evil.example/", "/\\evil.example", "evil.example"])
def test_choosing_a_language_leads_to_no_other_site(client: Visitor, til: str) -> None:
    assert client.get("/sprak/en", query_string={"til": til}).location == "/en/"


def test_the_same_page_in_other_languages_is_named_for_search_engines(client: Visitor) -> None:
    alternates = client.get("/ar/hjelp").page.select("link[rel=alternate]")

    assert {link["hreflang"]: link["href"] for link in alternates} == {
        **{tag: f"http://localhost/{tag}/hjelp" for tag in LANGUAGES},
        "x-default": "http://localhost/hjelp",
    }


def test_a_visit_that_only_reads_leaves_nothing_on_the_phone(client: Visitor) -> None:
    for path in PUBLIC:
        assert "Set-Cookie" not in client.get(path).headers, path


def test_what_has_begun_today_stays_on_the_front_page_until_it_ends(
    client: Visitor, activity: Make, later: Callable[[timedelta], None]
) -> None:
    activity("Suppelørdag", in_hours=-1, lasts=2)
    assert "Suppelørdag" in words(client.get("/").page)

    later(timedelta(hours=2))
    assert "Suppelørdag" not in words(client.get("/").page)
