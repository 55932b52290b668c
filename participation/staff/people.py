"""Who speaks for which organiser, and where the app writes to one."""

from typing import Any

from flask import Response, url_for

from ..forms import text_in
from ..places import rules as places
from ..places.models import Organiser
from ..web import Entry, found, open_to, see_other, show
from . import bp, me, rights
from .activity_forms import OrganiserForm, ReachForm


@bp.get("/folk")
@open_to(Entry.ADMIN)
def people() -> Response:
    """Everybody with an account, and the organisers they speak for."""
    return show("organising/people.html", **_people(), form=OrganiserForm.from_request(), of=None)


@bp.post("/folk/<public_id:person>/arrangor")
@open_to(Entry.ADMIN)
def speak_for(person: str) -> Response:
    """Let somebody speak for one more organiser."""
    chosen = found(rights.person(person))
    form = OrganiserForm.from_request()
    if not form.validate():
        return show("organising/people.html", status=422, **_people(), form=form, of=chosen.public_id)
    rights.speak_for(chosen, text_in(form.organiser))
    return see_other(url_for(".people"))


@bp.post("/folk/<public_id:person>/arrangor/<public_id:organiser>/fjern")
@open_to(Entry.ADMIN)
def speak_no_more(person: str, organiser: str) -> Response:
    """Let somebody speak for an organiser no longer."""
    rights.speak_no_more(found(rights.person(person)), organiser)
    return see_other(url_for(".people"))


@bp.get("/arrangor/<public_id:organiser>")
@open_to(Entry.STAFF)
def organiser(organiser: str) -> Response:
    """Where the app tells an organiser that somebody can't come after all."""
    mine = _mine(organiser)
    return show("organising/organiser.html", organiser=mine, form=ReachForm.from_request(email=mine.email))


@bp.post("/arrangor/<public_id:organiser>")
@open_to(Entry.STAFF)
def reach_organiser(organiser: str) -> Response:
    """Keep the address, or none."""
    mine, form = _mine(organiser), ReachForm.from_request()
    if not form.validate():
        return show("organising/organiser.html", status=422, organiser=mine, form=form)
    rights.write_to(mine, text_in(form.email))
    return see_other(url_for(".activities"))


def _mine(public_id: str) -> Organiser:
    return found(next((one for one in rights.organisers_of(me()) if one.public_id == public_id), None))


def _people() -> dict[str, Any]:
    return {"people": rights.everybody(), "organisers": places.organisers()}
