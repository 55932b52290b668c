"""The organiser's desk: what comes, what lacks people, what is not told yet; publishing, calling off, afterwards."""

from datetime import timedelta
from typing import Any

from flask import Response, request, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from .. import clock, worker
from ..activities import editing, queues, series
from ..activities.models import Activity, ActivityState
from ..forms import text_in
from ..messages import rules as messages
from ..messages import transport
from ..web import Entry, found, open_to, see_other, show
from ..workshops import rules as workshops
from . import bp, me, reach, rights
from .activity_forms import CancelForm, OutcomeForm
from .plans import nb, reworded

STANDSTILL = timedelta(minutes=15)  # without a sign of the worker: then messages are not going out


@bp.get("/aktiviteter")
@open_to(Entry.STAFF)
def activities() -> Response:
    """One's activities: first those that nobody has told what came of."""
    lists = {
        "untold": [(activity, 0) for activity in rights.untold(me())],
        "drafts": rights.drafts(me()),
        "coming": rights.coming(me()),
        "standing": [(activity, 0) for activity in rights.standing(me())],
        "told": [(activity, 0) for activity in rights.told(me())],
    }
    tasks = [task for rows in lists.values() for activity, _more in rows for task in activity.tasks]
    organisers = rights.organisers_of(me())
    return show(
        "organising/index.html", me=me(), lists=lists, places=queues.places(tasks), organisers=organisers, **sending()
    )


@bp.get("/aktivitet/<public_id:activity>")
@open_to(Entry.STAFF)
def activity(activity: str) -> Response:
    """One activity: how it stands, and what can be done with it."""
    return show_one(mine(activity))


@bp.post("/aktivitet/<public_id:activity>/publiser")
@open_to(Entry.STAFF)
def publish(activity: str) -> Response:
    """Let everybody see it, and all that come after it."""
    wanted = mine(activity)
    try:
        series.publish_rest(wanted)
    except (editing.TooLate, editing.CalledOff):
        return show_one(wanted, 409)
    return see_other(address(wanted))


@bp.post("/aktivitet/<public_id:activity>/slett")
@open_to(Entry.STAFF)
def discard(activity: str) -> Response:
    """Remove a draft, and those that would come after it."""
    wanted = mine(activity)
    if wanted.state is not ActivityState.DRAFT:
        return show_one(wanted, 409)
    series.discard_rest(wanted)
    return see_other(url_for(".activities"))


@bp.get("/aktivitet/<public_id:activity>/avlys")
@open_to(Entry.STAFF)
def ask_to_cancel(activity: str) -> Response:
    """Whether to call it off, or all that come after it too, and why."""
    wanted = mine(activity)
    return show("organising/cancel.html", activity=wanted, form=CancelForm.from_request(), **_left(wanted))


@bp.post("/aktivitet/<public_id:activity>/avlys")
@open_to(Entry.STAFF)
def cancel(activity: str) -> Response:
    """Call it off, alone or with the rest."""
    wanted = mine(activity)
    form = CancelForm.from_request()
    if wanted.state is ActivityState.DRAFT:  # nobody has seen it: it is removed, not called off
        return show_one(wanted, 409)
    if not form.validate():
        return show("organising/cancel.html", status=422, activity=wanted, form=form, **_left(wanted))
    stop = series.cancel_rest if request.form.get("which") == "rest" else editing.cancel
    try:
        stop(wanted, reworded(text_in(form.why)))
    except editing.TooLate:
        return show_one(wanted, 409)
    return see_other(address(wanted))


@bp.get("/aktivitet/<public_id:activity>/etterpa")
@open_to(Entry.STAFF)
def outcome(activity: str) -> Response:
    """What came of it."""
    wanted = mine(activity)
    if not wanted.is_over or wanted.state is not ActivityState.PUBLISHED:
        return show_one(wanted, 409)
    known = {"visitors": wanted.visitors, "came_of": nb(wanted.came_of), "thanks": nb(wanted.thanks)}
    ideas = [idea.public_id for idea in workshops.ideas_behind(wanted)]
    return _show_outcome(wanted, OutcomeForm.from_request(**known, ideas=ideas))


@bp.post("/aktivitet/<public_id:activity>/etterpa")
@open_to(Entry.STAFF)
def tell_outcome(activity: str) -> Response:
    """Keep what came of it, and the ideas it came from."""
    wanted = mine(activity)
    form = OutcomeForm.from_request()
    form.ideas.choices = [SelectChoice(idea.public_id, idea.text) for idea in workshops.ideas_for(wanted)]
    if not form.validate():
        return _show_outcome(wanted, form, 422)
    came_of, thanks = reworded(text_in(form.came_of), wanted.came_of), reworded(text_in(form.thanks), wanted.thanks)
    try:
        editing.tell_outcome(wanted, form.visitors.data, came_of, thanks)
    except (editing.NotYet, editing.CalledOff):
        return show_one(wanted, 409)
    workshops.came_from(wanted, form.ideas.data or [])
    return see_other(address(wanted))


def mine(public_id: str) -> Activity:
    """An activity on one's own desk; to all others it does not exist."""
    return found(rights.activity_of(me(), public_id))


def address(activity: Activity) -> str:
    """Where an activity's desk is."""
    return url_for("staff.activity", activity=activity.public_id)


def sending() -> dict[str, Any]:
    """Which messages the app can send, and when it last looked."""
    worked = messages.last_run(worker.OUTBOX)
    late = worked is None or worked.ran_at < clock.now() - STANDSTILL
    return {"channels": transport.channels(), "worked": worked, "late": late}


def show_one(activity: Activity, status: int = 200) -> Response:
    """The desk of an activity; `status` says that what was asked for came too late."""
    people = rights.helpers(activity)
    everybody = [one for group in people for one in (*group.placed, *group.waiting)]
    ways = reach.reaches(everybody, transport.channels())
    return show(
        "organising/show.html",
        status=status,
        activity=activity,
        places=queues.places(activity.tasks),
        people=len(everybody),
        to_call=sum(way is not reach.Reach.APP for way in ways.values()),
        ideas=workshops.ideas_behind(activity),
        refused=status == 409,
        **_left(activity),
    )


def _left(activity: Activity) -> dict[str, Any]:
    """The occurrences after this one that are still on."""
    return {"rest": [one for one in series.rest(activity) if one.id != activity.id and not one.is_cancelled]}


def _show_outcome(activity: Activity, form: OutcomeForm, status: int = 200) -> Response:
    ideas = workshops.ideas_for(activity)
    form.ideas.choices = [SelectChoice(idea.public_id, idea.text) for idea in ideas]
    return show("organising/outcome.html", status=status, activity=activity, form=form, ideas=ideas)
