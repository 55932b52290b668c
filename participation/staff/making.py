"""Making an activity and changing it: one form, filled in as far as can be guessed."""

from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from .. import clock
from ..activities import editing, series
from ..activities.models import Activity
from ..activities.recurrence import Every
from ..forms import text_in
from ..places import rules as places
from ..places.models import Organiser
from ..web import Entry, open_to, see_other, show
from . import bp, me, plans, rights
from .activity_forms import MOST_ROLES, ActivityForm
from .organising import address, mine, show_one


@bp.get("/aktivitet/ny")
@open_to(Entry.STAFF)
def new_activity() -> Response:
    """A new activity: as the one it is copied from, or as the last one where it is likely to be so."""
    source = _source(request.args.get("fra", ""))
    latest = rights.latest_of(me())
    values = plans.defaults() | (plans.copied(source) if source else plans.like(latest) if latest else {})
    if request.args.get("slag") == "fast":
        values["standing"] = "1"
    return _show_form(ActivityForm.from_request(**values))


@bp.post("/aktivitet/ny")
@open_to(Entry.STAFF)
def create_activity() -> Response:
    """Make it, as a draft or for everybody to see; or draw the form again with one more role."""
    form, organisers = _sent()
    if not organisers:
        return _show_form(form, 403)
    if "more" in request.form:
        return _one_more(form)
    if not form.validate():
        return _show_form(form, 422)
    plan = plans.plan_of(form, _chosen(form, organisers), _source(text_in(form.source)))
    key, publish = text_in(form.key), "publish" in request.form
    if form.repeats.data and not form.is_standing:
        made = series.make(plan, Every(form.repeats.data), form.until.data, key, publish)
    else:
        made = editing.make(plan, key, publish)
    return see_other(address(made))


@bp.get("/aktivitet/<public_id:activity>/endre")
@open_to(Entry.STAFF)
def edit_activity(activity: str) -> Response:
    """An activity as it is, to be changed."""
    wanted = mine(activity)
    if wanted.is_cancelled or wanted.is_over:
        return show_one(wanted, 409)
    return _show_form(ActivityForm.from_request(**plans.filled(wanted)), activity=wanted)


@bp.post("/aktivitet/<public_id:activity>/endre")
@open_to(Entry.STAFF)
def change_activity(activity: str) -> Response:
    """Make it as it is now said to be, alone or with all that come after it."""
    wanted = mine(activity)
    form, organisers = _sent()
    if "more" in request.form:
        return _one_more(form, wanted)
    form.kept = (wanted.starts_at, wanted.ends_at)
    if not form.validate():
        return _show_form(form, 422, wanted)
    change = series.change_rest if request.form.get("which") == "rest" else editing.change
    try:
        change(wanted, plans.plan_of(form, _chosen(form, organisers), wanted))
    except (editing.TooLate, editing.CalledOff):
        return show_one(wanted, 409)
    except editing.TaskInUse as refusal:
        return _show_form(_with_refusal(form, refusal.task), 422, wanted)
    return see_other(address(wanted))


def _sent() -> tuple[ActivityForm, list[Organiser]]:
    organisers = rights.organisers_of(me())
    return plans.prepare(ActivityForm.from_request(), organisers), organisers


def _source(public_id: str) -> Activity | None:
    return rights.activity_of(me(), public_id)


def _chosen(form: ActivityForm, organisers: list[Organiser]) -> Organiser:
    return next(organiser for organiser in organisers if organiser.public_id == form.organiser.data)


def _one_more(form: ActivityForm, activity: Activity | None = None) -> Response:
    if len(form.roles) < MOST_ROLES:
        form.roles.append_entry()
    return _show_form(form, activity=activity, added=True)


def _with_refusal(form: ActivityForm, task: str) -> ActivityForm:
    for row in form.filled:
        if text_in(row.task) == task:
            row.remove.errors = [
                _("Noen har meldt seg på her. Ring dem og bli enige først, så kan du ta bort oppgaven.")
            ]
    return form


def _show_form(
    form: ActivityForm, status: int = 200, activity: Activity | None = None, added: bool = False
) -> Response:
    organisers = rights.organisers_of(me())
    if not organisers:
        return show("organising/nobody.html", status=403, me=me())
    context: dict[str, Any] = {
        "form": plans.prepare(form, organisers),
        "activity": activity,
        "organisers": organisers,
        "known_places": places.places(),
        "audiences": plans.suggestions(plans.AUDIENCES),
        "contacts": plans.suggestions(plans.CONTACTS),
        "today_": clock.today(),
        "added": added,
        "most_roles": MOST_ROLES,
    }
    return show("organising/form.html", "organising/_roles.html" if added else None, status, **context)
