"""The facilitator's desk: make a workshop, open it, print its poster, read what comes in, close it."""

from collections.abc import Callable
from typing import Any

from flask import Response, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from .. import i18n, live
from ..config import RESOURCES
from ..db import db
from ..forms import text_in, tidy
from ..i18n import Translated
from ..posters import poster
from ..rendering import render
from ..web import Entry, found, open_to, public_url, see_other, show, show_or_see_other
from ..workshops import rules as workshops
from ..workshops.models import Idea, IdeaState, Workshop
from . import bp, me, rights, rules, token
from .forms import HideForm, WorkshopForm


@bp.get("/")
@open_to(Entry.STAFF)
def desk() -> Response:
    """One's workshops."""
    return show("staff/desk.html", me=me(), workshops=rules.workshops_of(me()))


@bp.get("/verksted/nytt")
@open_to(Entry.STAFF)
def new_workshop() -> Response:
    """A new workshop."""
    held_at = rights.activity_of(me(), request.args.get("aktivitet", ""))
    known = {"activity": held_at.public_id, "place": held_at.place.full_name} if held_at else {}
    return show("staff/new_workshop.html", form=_form(approval=True, **known))


@bp.post("/verksted/nytt")
@open_to(Entry.STAFF)
def create_workshop() -> Response:
    """Make the workshop."""
    form = _form()
    if not form.validate():
        return show("staff/new_workshop.html", status=422, form=form)
    title = Translated({i18n.SOURCE.tag: text_in(form.title)})
    held_at = rights.activity_of(me(), text_in(form.activity))
    at = held_at.id if held_at else None
    made = workshops.create(title, form.question(), text_in(form.place), form.approval.data, me().id, at)
    return see_other(url_for(".workshop", workshop=made.public_id))


@bp.get("/verksted/<public_id:workshop>")
@open_to(Entry.STAFF)
def workshop(workshop: str) -> Response:
    """A workshop's desk: what waits to be read, what is shown, what is hidden."""
    mine = _mine(workshop)
    since = live.position(mine.feed_id)
    lists: dict[str, Any] = {state.value: workshops.ideas(mine.question, state) for state in IdeaState}
    return show("staff/workshop.html", **_bar(mine), **lists, hide_form=HideForm(), since=since)


@bp.get("/verksted/<public_id:workshop>/strom")
@open_to(Entry.STAFF)
def stream(workshop: str) -> Response:
    """What comes in, as it comes."""
    mine = _mine(workshop)
    code, audience = mine.code, f"desk {i18n.reader().tag}"
    return live.stream(mine.feed_id, audience, lambda change: _draw(code, change), _still_signed_in(token()))


@bp.post("/verksted/<public_id:workshop>/apne")
@open_to(Entry.STAFF)
def open_workshop(workshop: str) -> Response:
    """Begin to collect."""
    mine = _mine(workshop)
    workshops.open_doors(mine)
    return _show_bar(mine)


@bp.post("/verksted/<public_id:workshop>/steng")
@open_to(Entry.STAFF)
def close_workshop(workshop: str) -> Response:
    """Stop collecting."""
    mine = _mine(workshop)
    workshops.close(mine)
    return _show_bar(mine)


@bp.post("/verksted/<public_id:workshop>/vis-alle")
@open_to(Entry.STAFF)
def show_all(workshop: str) -> Response:
    """Show all the ideas that waited when the page was drawn: not one that nobody here has seen."""
    mine = _mine(workshop)
    workshops.show_all(mine.question, request.form.get("upto", 0, type=int))
    return see_other(url_for(".workshop", workshop=mine.public_id))


@bp.post("/ide/<public_id:idea>/vis")
@open_to(Entry.STAFF)
def show_idea(idea: str) -> Response:
    """Let everybody read an idea."""
    mine = _my_idea(idea)
    workshops.show(mine)
    return _show_idea(mine)


@bp.post("/ide/<public_id:idea>/skjul")
@open_to(Entry.STAFF)
def hide_idea(idea: str) -> Response:
    """Hide an idea, with a reason."""
    mine = _my_idea(idea)
    form = HideForm.from_request()
    if not form.validate():
        return show("staff/idea.html", "staff/_idea.html", 422, idea=mine, hide_form=form)
    workshops.hide(mine, form.reason.data)
    return _show_idea(mine)


@bp.get("/verksted/<public_id:workshop>/plakat.<any(pdf, svg):kind>")
@open_to(Entry.STAFF)
def printed(workshop: str, kind: str) -> Response:
    """The poster, A4, to print or to use in other papers."""
    mine = _mine(workshop)
    make = {"pdf": poster.pdf, "svg": poster.svg}[kind]
    mimetype = {"pdf": "application/pdf", "svg": "image/svg+xml"}[kind]
    response = Response(make(_poster(mine), RESOURCES / "static" / "built" / "fonts"), mimetype=mimetype)
    response.headers["Content-Disposition"] = f"inline; filename=plakat-{mine.code}.{kind}"
    return response


def _form(**known: Any) -> WorkshopForm:
    """The form of a workshop, with one's activities to hold it at."""
    form = WorkshopForm.from_request(**known)
    asked_for = rights.activity_of(me(), tidy(form.activity.data))
    coming = [activity for activity, _more in rights.coming(me())]
    if asked_for and asked_for not in coming:
        coming.insert(0, asked_for)
    form.activity.choices = [
        SelectChoice("", _("Nei")),
        *(SelectChoice(one.public_id, f"{i18n.plain(one.title)} · {i18n.full_day(one.starts_at)}") for one in coming),
    ]
    return form


def _poster(workshop: Workshop) -> poster.Poster:
    question = workshop.question.text
    asked = [
        poster.Line(tag, i18n.LANGUAGES[tag].direction, question[tag]) for tag in i18n.LANGUAGES if tag in question
    ]
    lines = []
    for language in i18n.LANGUAGES.values():
        with force_locale(language.locale):
            lines.append(poster.Line(language.tag, language.direction, _("Skann koden og si hva du mener")))
    with force_locale(i18n.SOURCE.locale):
        title = question.read(i18n.SOURCE.tag).text
        return poster.Poster(
            title=title,
            kicker=f"{workshop.title.read(i18n.SOURCE.tag).text} · {workshop.place}",
            question=tuple(asked),
            lines=tuple(lines),
            payload=public_url(f"/W/{workshop.code}").upper(),
            qr_label=_("QR-kode til %(question)s", question=title),
            by_hand=_("Uten kamera: gå til adressen og skriv koden"),
            url=public_url("").partition("//")[2],
            code=workshop.code,
            footer=(
                _("Ingen konto, ingen app. Du skriver ikke navnet ditt."),
                _("Sjekk at adressen på telefonen begynner med %(address)s", address=public_url("")),
            ),
        )


def _still_signed_in(token: str) -> Callable[[], bool]:
    def check() -> bool:
        holds = rules.signed_in(token, watching=True) is not None
        db.session.remove()
        return holds

    return check


def _draw(code: str, change: live.Told) -> str:
    workshop = found(workshops.by_code(code))
    idea = workshops.idea_numbered(change.subject) if change.kind == "idea" else None
    return render("staff/_desk_change.html", **_bar(workshop), idea=idea, hide_form=HideForm())


def _bar(workshop: Workshop) -> dict[str, Any]:
    waiting = workshops.latest_waiting(workshop.question)
    return {"workshop": workshop, "tally": workshops.tally(workshop.question), "upto": waiting}


def _show_bar(workshop: Workshop) -> Response:
    address = url_for(".workshop", workshop=workshop.public_id)
    return show_or_see_other("staff/_bar.html", address, **_bar(workshop))


def _show_idea(idea: Idea) -> Response:
    workshop = idea.question.workshop
    address = url_for(".workshop", workshop=workshop.public_id)
    context = {**_bar(workshop), "idea": idea, "hide_form": HideForm()}
    return show_or_see_other("staff/_desk_change.html", address, **context)


def _mine(public_id: str) -> Workshop:
    return found(rules.workshop_of(me(), public_id))


def _my_idea(public_id: str) -> Idea:
    idea = found(workshops.idea(public_id))
    _mine(idea.question.workshop.public_id)
    return idea
