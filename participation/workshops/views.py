"""A scanned code, the question, one box; one's own ideas, others' ideas, and the wall."""

from typing import Any

from flask import Response, make_response, request, url_for
from flask_babel import gettext as _

from .. import i18n, live, receipts
from ..db import keep_as_read
from ..forms import text_in
from ..limits import at_most
from ..posters import qr
from ..rendering import render, wants_fragment
from ..web import Entry, found, open_to, private, public_url, see_other, show
from . import bp, rules
from .forms import IdeaForm
from .models import IdeaState, Workshop


@bp.get("/ideer")
@open_to(Entry.ANYONE)
def index() -> Response:
    """The workshops that ask now, and those that have asked."""
    return show("workshops/index.html", workshops=rules.current(), ended=rules.ended())


@bp.get("/w/<code>")
@bp.get("/W/<code>")
@open_to(Entry.ANYONE)
def question(code: str) -> Response:
    """Where a poster leads: the question and one box."""
    workshop = rules.by_code(code)
    if workshop is None:
        return show("workshops/unknown.html", status=404, code=code[:40], workshops=rules.current())
    return _show_question(workshop, IdeaForm.from_request())


@bp.post("/w/<code>")
@bp.post("/W/<code>")
@open_to(Entry.ANYONE)
@at_most("30 per minute", lambda: ".".join(receipts.codes()))
def submit(code: str) -> Response:
    """Take an idea in. `X-Ack` names its key back, so that the phone knows that this server has it."""
    workshop = found(rules.by_code(code))
    form = IdeaForm.from_request()
    key = text_in(form.key)
    if not form.validate():
        return _show_question(workshop, form, 422)
    language = i18n.language_of(text_in(form.text), i18n.reader())
    keep_as_read()
    try:
        idea = rules.submit(workshop.question, text_in(form.text), language, key, receipts.holder(key))
    except rules.NotOpenYet:
        return _show_question(workshop, form, 409)
    receipts.remember_holder(key)
    response = _show_sent(workshop, idea) if wants_fragment() else see_other(url_for(".mine", code=code, sendt=1))
    response.headers["X-Ack"] = key
    return private(response)


@bp.get("/W/<code>/mine")
@open_to(Entry.ANYONE)
def mine(code: str) -> Response:
    """One's own ideas, and what has become of each."""
    workshop = found(rules.by_code(code))
    ideas = rules.ideas_of(receipts.mine(), workshop.question)
    sent = "sendt" in request.args
    return private(show("workshops/mine.html", "workshops/_mine.html", workshop=workshop, ideas=ideas, sent=sent))


@bp.get("/W/<code>/ideer")
@open_to(Entry.ANYONE)
def ideas(code: str) -> Response:
    """The ideas that everybody can read."""
    workshop = found(rules.by_code(code))
    shown = rules.ideas(workshop.question, IdeaState.SHOWN)
    return show("workshops/ideas.html", workshop=workshop, ideas=shown, tally=rules.tally(workshop.question))


@bp.get("/W/<code>/vegg")
@open_to(Entry.ANYONE)
def wall(code: str) -> Response:
    """The wall for the projector: the question, the code, and the ideas as they come."""
    workshop = found(rules.by_code(code))
    since = live.position(workshop.feed_id)
    return show(
        "workshops/wall.html", **_wall(workshop), ideas=rules.ideas(workshop.question, IdeaState.SHOWN), since=since
    )


@bp.get("/W/<code>/strom")
@open_to(Entry.ANYONE)
def stream(code: str) -> Response:
    """What changes on the wall, as it changes."""
    workshop = found(rules.by_code(code))
    return live.stream(workshop.feed_id, f"wall {i18n.reader().tag}", lambda change: draw(workshop.code, change))


def draw(code: str, change: live.Told) -> str:
    """A change as the wall shows it: as things are now, so that drawing it twice does no harm."""
    workshop = found(rules.by_code(code))
    idea = rules.idea_numbered(change.subject) if change.kind == "idea" else None
    return render("workshops/_wall_change.html", **_wall(workshop), idea=idea)


def _wall(workshop: Workshop) -> dict[str, Any]:
    payload = public_url(f"/W/{workshop.code}").upper()
    return {
        "workshop": workshop,
        "tally": rules.tally(workshop.question),
        "qr": qr.svg(payload, _("QR-kode til verkstedet")),
        "address": public_url("/W").partition("//")[2],
    }


def _answer(workshop: Workshop, form: IdeaForm) -> dict[str, Any]:
    return {"workshop": workshop, "form": form, "has_receipt": bool(receipts.codes())}


def _show_sent(workshop: Workshop, idea: rules.Taken) -> Response:
    ideas = rules.ideas_of(receipts.mine(), workshop.question)
    context = {**_answer(workshop, IdeaForm.fresh()), "sent": idea, "ideas": ideas}
    return make_response(render("workshops/_answer.html", **context), 201)


def _show_question(workshop: Workshop, form: IdeaForm, status: int = 200) -> Response:
    context = {**_answer(workshop, form), "sent": None, "ideas": None}
    response = show("workshops/question.html", "workshops/_answer.html", status, **context)
    if status == 422:
        # The phone puts the words back into the box instead of sending them again and again.
        response.headers["X-Ack"] = text_in(form.key)
    return response


receipts.sections.append(receipts.Section("workshops/_my_ideas.html", rules.ideas_of))
