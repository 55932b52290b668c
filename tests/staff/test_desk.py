"""The facilitator's desk: make a workshop, open it, read what comes in, close it; and keep others' hands off it."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule

from participation import live
from participation.db import db
from participation.staff import desk as views
from participation.staff import rules as rules_of_staff
from participation.staff.models import Staff
from participation.workshops import rules
from participation.workshops.models import Idea, IdeaState, Reason, Workshop, WorkshopState
from tests.page import Visitor, read, words

Make = Callable[..., Any]


@pytest.fixture
def siri(desk: Make, facilitator: Staff) -> Visitor:
    """A facilitator at her desk, whose phone runs no scripts."""
    return desk(facilitator)  # type: ignore[no-any-return]


@pytest.fixture
def asked(workshop: Make, facilitator: Staff) -> Workshop:
    """Siri's workshop, open."""
    return workshop(owner=facilitator)  # type: ignore[no-any-return]


def desk_of(person: Visitor, workshop: Workshop) -> Any:
    return person.get(f"/stab/verksted/{workshop.public_id}").page


# --- Make, open, close


def test_a_workshop_is_made_opened_and_answered_in_one_go(siri: Visitor, client: Visitor) -> None:
    form = siri.get("/stab/verksted/nytt").page.select_one("main form")
    made = siri.submit(form, title="Idéverksted", place="Grendehuset", question_nb="Hva nå?", question_ar="ماذا الآن؟")
    (asked,) = db.session.scalars(sa.select(Workshop))
    assert (made.status_code, asked.state) == (303, WorkshopState.DRAFT)
    assert "har ikke åpnet ennå" in words(client.get(f"/W/{asked.code}").page)

    siri.submit(siri.get(made.location).page.select_one('form[action$="/apne"]'))

    assert client.get(f"/ar/W/{asked.code}").page.h1.get_text() == "ماذا الآن؟"
    assert client.get(f"/en/W/{asked.code}").page.h1.bdi["lang"] == "nb"
    assert client.post(f"/W/{asked.code}", data={"text": "Benker"}).status_code == 303
    assert "Benker" in words(siri.get(made.location).page.find(id="waiting"))


@pytest.mark.parametrize("missing", ["title", "place", "question_nb"])
@pytest.mark.parametrize("text", ["", "  ", "\x00", "x" * 201])
def test_a_workshop_that_lacks_something_is_not_made_and_nothing_typed_is_lost(
    siri: Visitor, missing: str, text: str
) -> None:
    typed = {"title": "Idéverksted", "place": "Grendehuset", "question_nb": "Hva nå?", "question_en": "What now?"}
    form = siri.get("/stab/verksted/nytt").page.select_one("main form")

    response = siri.submit(form, **{**typed, missing: text})

    assert response.status_code == 422
    assert response.page.select_one(f"[name={missing}]")["aria-invalid"] == "true"
    for name in typed.keys() - {missing}:
        assert response.page.select_one(f"[name={name}]")["value"] == typed[name]
    assert db.session.scalar(sa.select(sa.func.count(Workshop.id))) == 0


def test_a_workshop_held_at_an_activity_stands_on_its_page(
    desk: Make, client: Visitor, activity: Make, facilitator: Staff
) -> None:
    siri = desk(rules_of_staff.invite("Siri", facilitator.email, facilitator.role, "Grendelaget")[0])
    feast = activity("Suppelørdag").public_id
    link = siri.get(f"/stab/aktivitet/{feast}").page.select_one('a[href*="/verksted/nytt"]')

    form = siri.get(link["href"]).page.select_one("main form")
    assert form.select_one("[name=place]")["value"] == "Torstrand Grendehus"
    assert form.select_one("[name=activity] option[selected]")["value"] == feast
    made = siri.submit(form, title="Idéverksted", question_nb="Hva nå?")
    siri.submit(siri.get(made.location).page.select_one('form[action$="/apne"]'))

    assert "Hva nå?" in words(client.get(f"/aktiviteter/{feast}").page.select_one("a.now"))


def test_nobody_holds_a_workshop_at_anothers_activity(siri: Visitor, activity: Make) -> None:
    theirs = activity().public_id
    assert not siri.get(f"/stab/verksted/nytt?aktivitet={theirs}").page.select("[name=activity]")

    for wrong in (theirs, "\x00", "0000000000", "x" * 5000):
        data = {"title": "T", "place": "P", "question_nb": "Q", "activity": wrong}
        assert siri.post("/stab/verksted/nytt", data=data).status_code == 422
    assert db.session.scalar(sa.select(sa.func.count(Workshop.id))) == 0


def test_the_choice_to_read_first_is_kept(siri: Visitor) -> None:
    data = {"title": "T", "place": "P", "question_nb": "Q"}
    siri.post("/stab/verksted/nytt", data={**data, "approval": "y"})
    siri.post("/stab/verksted/nytt", data=data)

    assert db.session.scalars(sa.select(Workshop.approval).order_by(Workshop.id)).all() == [True, False]


@pytest.mark.parametrize("with_htmx", [False, True])
def test_closing_and_opening_again_are_one_tap_each_and_repeating_them_does_no_harm(
    desk: Make, facilitator: Staff, asked: Workshop, with_htmx: bool
) -> None:
    siri = desk(facilitator, htmx=with_htmx)

    for step, state in (("steng", WorkshopState.CLOSED), ("apne", WorkshopState.OPEN)):
        for _ in range(2):
            response = siri.post(f"/stab/verksted/{asked.public_id}/{step}")
            assert response.status_code == (200 if with_htmx else 303)
            assert rules.by_id(asked.public_id).state is state  # type: ignore[union-attr]
    assert live.position(asked.feed_id) == 3


# --- Read what comes in


@pytest.mark.parametrize("with_htmx", [False, True])
def test_an_idea_is_shown_and_hidden_with_a_reason_and_shown_again(
    desk: Make, facilitator: Staff, asked: Workshop, idea: Make, with_htmx: bool
) -> None:
    siri = desk(facilitator, htmx=with_htmx)
    kept = idea(asked, "Langbord")

    def form(list_name: str, action: str) -> Any:
        siri.htmx = False
        found = desk_of(siri, asked).find(id=list_name).select_one(f'form[action$="{action}"]')
        siri.htmx = with_htmx
        return found

    siri.submit(form("waiting", "/vis"))
    assert rules.idea(kept.public_id).state is IdeaState.SHOWN  # type: ignore[union-attr]
    siri.submit(form("shown", "/skjul"), press="hurtful")
    assert rules.idea(kept.public_id).reason is Reason.HURTFUL  # type: ignore[union-attr]
    response = siri.submit(form("hidden", "/vis"))
    assert rules.idea(kept.public_id).state is IdeaState.SHOWN  # type: ignore[union-attr]
    assert response.status_code == (200 if with_htmx else 303)


@pytest.mark.parametrize("reason", [None, "", "annet", "\x00"])
def test_nothing_is_hidden_without_a_reason(
    desk: Make, facilitator: Staff, asked: Workshop, idea: Make, reason: str | None
) -> None:
    kept = idea(asked, state="shown")

    for with_htmx in (False, True):
        data = {} if reason is None else {"reason": reason}
        response = desk(facilitator, htmx=with_htmx).post(f"/stab/ide/{kept.public_id}/skjul", data=data)
        assert response.status_code == 422
        assert response.page.select(".error")
    assert rules.idea(kept.public_id).state is IdeaState.SHOWN  # type: ignore[union-attr]


def test_deciding_twice_does_no_harm(siri: Visitor, asked: Workshop, idea: Make) -> None:
    kept = idea(asked)

    for _ in range(2):
        siri.post(f"/stab/ide/{kept.public_id}/skjul", data={"reason": "double"})

    assert live.position(asked.feed_id) == 3  # opened, came in, hidden


def test_all_that_wait_are_shown_in_one_tap(siri: Visitor, asked: Workshop, idea: Make) -> None:
    for text in ("Benker", "Bord"):
        idea(asked, text)

    siri.submit(desk_of(siri, asked).select_one('form[action$="/vis-alle"]'))

    assert rules.tally(asked.question) == rules.Tally(shown=2, waiting=0, hidden=0)


def test_what_comes_in_is_drawn_for_the_desk_in_the_list_it_belongs_to(app: Flask, asked: Workshop, idea: Make) -> None:
    kept = {state: idea(asked, f"Idé {state}", state=state) for state in ("waiting", "shown", "hidden")}

    for state, one in kept.items():
        with app.test_request_context("/stab/"):
            drawn = read(views._draw(asked.code, live.Told(1, "idea", one.id)))
        away, here, bar = drawn.find_all("x-template", recursive=False)
        assert away["hx-target"] == f"#idea-{one.public_id}"
        assert here["hx-target"] == f"#{state}"
        assert one.text in words(here)
        assert bar["hx-target"] == "#bar"


def test_hostile_text_is_text_on_the_desk_too(siri: Visitor, asked: Workshop, idea: Make) -> None:
    idea(asked, "<script>alert(1)</script>{{ 7*7 }}")

    assert desk_of(siri, asked).select_one(".words").get_text() == "<script>alert(1)</script>{{ 7*7 }}"


# --- The poster


@pytest.mark.parametrize(("kind", "start"), [("pdf", b"%PDF-"), ("svg", b"<svg")])
def test_the_poster_can_be_printed(siri: Visitor, asked: Workshop, kind: str, start: bytes) -> None:
    response = siri.get(f"/stab/verksted/{asked.public_id}/plakat.{kind}")

    assert response.status_code == 200
    assert response.data.lstrip().startswith(start)
    assert response.headers["Cache-Control"] == "no-store"


def test_there_is_no_poster_of_another_kind(siri: Visitor, asked: Workshop) -> None:
    assert siri.get(f"/stab/verksted/{asked.public_id}/plakat.exe").status_code == 404


# --- Who may what


def staff_routes(app: Flask) -> list[tuple[str, Rule]]:
    """Every route of the staff that is not open to everybody, with each of its methods."""
    rules_ = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("staff.")]
    closed = [rule for rule in rules_ if app.view_functions[rule.endpoint].open_to != "anyone"]  # type: ignore[attr-defined]
    return [(method, rule) for rule in closed for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]


def address_of(rule: Rule, workshop: str, idea: str) -> str:
    """A route's address, for a workshop and an idea in it."""
    values = {"workshop": workshop, "idea": idea, "kind": "kjokken" if "kjokken" in rule.rule else "pdf"}
    built = rule.build({name: values.get(name, idea) for name in rule.arguments}, append_unknown=False)
    assert built is not None
    return built[1]


def snapshot() -> str:
    """All that the workshops and ideas in the database are."""
    db.session.rollback()
    return repr([db.session.execute(table.__table__.select()).all() for table in (Workshop, Idea)])


@pytest.mark.parametrize("with_htmx", [False, True])
def test_a_stranger_is_sent_to_the_sign_in_by_every_staff_route_and_changes_nothing(
    app: Flask, visitor: Make, asked: Workshop, idea: Make, with_htmx: bool
) -> None:
    kept, before = idea(asked), snapshot()
    assert len(staff_routes(app)) >= 12

    for method, rule in staff_routes(app):
        response = visitor(htmx=with_htmx).open(address_of(rule, asked.public_id, kept.public_id), method=method)
        way = response.headers["HX-Redirect"] if with_htmx else response.location
        assert (response.status_code, way.partition("?")[0]) == (204 if with_htmx else 303, "/stab/inn"), rule
        assert asked.code not in response.get_data(as_text=True)
    assert snapshot() == snapshot() != ""
    assert db.session.get_one(Idea, kept.id).state is IdeaState.WAITING
    assert snapshot().count("WAITING") == before.count("WAITING")


@pytest.mark.parametrize("with_htmx", [False, True])
def test_anothers_workshop_is_as_unknown_as_one_that_does_not_exist(
    app: Flask, desk: Make, staff: Make, asked: Workshop, idea: Make, with_htmx: bool
) -> None:
    kept = idea(asked, "Langbord")
    anne = desk(staff("Anne"), htmx=with_htmx)
    before = snapshot()
    touching = [(method, rule) for method, rule in staff_routes(app) if rule.arguments & {"workshop", "idea"}]
    assert len(touching) >= 8

    for method, rule in touching:
        data = {"reason": "double"} if method == "POST" else None
        theirs = anne.open(address_of(rule, asked.public_id, kept.public_id), method=method, data=data)
        nobodys = anne.open(address_of(rule, "zzzzzzzzzz", "zzzzzzzzzz"), method=method, data=data)
        assert theirs.status_code == nobodys.status_code == 404, rule
        assert theirs.data == nobodys.data.replace(b"zzzzzzzzzz", asked.public_id.encode()) or (
            theirs.data.replace(asked.public_id.encode(), b"").replace(kept.public_id.encode(), b"")
            == nobodys.data.replace(b"zzzzzzzzzz", b"")
        ), rule
        assert dict(theirs.headers).keys() == dict(nobodys.headers).keys()
    assert snapshot() == before


def test_an_administrator_can_run_anybodys_workshop(
    app: Flask, desk: Make, administrator: Staff, asked: Workshop, idea: Make
) -> None:
    kept = idea(asked)
    tor = desk(administrator)

    for method, rule in staff_routes(app):
        if rule.arguments & {"workshop", "idea"} and not rule.rule.endswith("/strom"):
            path = address_of(rule, asked.public_id, kept.public_id)
            assert tor.open(path, method=method, data={"reason": "double"}).status_code in (200, 303), rule


def test_one_whose_account_is_disabled_is_out_in_the_middle_of_a_workshop(
    siri: Visitor, facilitator: Staff, asked: Workshop
) -> None:
    assert siri.get("/stab/").status_code == 200

    rules.write(lambda: setattr(db.session.get_one(Staff, facilitator.id), "disabled_at", asked.created_at))()

    assert siri.get("/stab/").status_code == 303
    assert siri.post(f"/stab/verksted/{asked.public_id}/steng").status_code == 303
    assert rules.by_id(asked.public_id).is_open  # type: ignore[union-attr]


def test_the_desk_is_kept_by_no_cache(siri: Visitor, asked: Workshop) -> None:
    for path in ("/stab/", f"/stab/verksted/{asked.public_id}", "/stab/inn", "/stab/passord"):
        assert siri.get(path).headers["Cache-Control"] == "no-store", path


def test_a_stream_that_nobody_is_signed_in_for_fails_and_leads_nowhere(client: Visitor, asked: Workshop) -> None:
    client.inspects = False
    path = f"/stab/verksted/{asked.public_id}/strom"

    response = client.get(path, headers={"Accept": "text/event-stream", "HX-Request": "true"})

    assert response.status_code == 401
    assert "HX-Redirect" not in response.headers


def test_a_desks_stream_ends_when_its_facilitator_signs_out(app: Flask, facilitator: Staff) -> None:
    token = rules_of_staff.use_link(rules_of_staff.invite("Siri", facilitator.email, facilitator.role)[1])
    assert token
    may_watch = views._still_signed_in(token)
    assert may_watch()

    rules_of_staff.sign_out(token)

    assert not may_watch()
