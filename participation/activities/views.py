"""Browse activities; say yes to help, and no again."""

from typing import Any

from flask import Response, url_for

from .. import clock, receipts
from ..forms import text_in
from ..receipts import views as receipt_views
from ..web import Entry, found, open_to, private, show, show_or_see_other
from . import bp, calendar, rules
from .forms import SignUpForm
from .models import Signup, Task


@bp.get("/aktiviteter")
@open_to(Entry.ANYONE)
def index() -> Response:
    """All that happens: today, this week, later."""
    return show("activities/index.html", groups=rules.by_time(rules.coming(), clock.today()))


@bp.get("/aktiviteter/tidligere")
@open_to(Entry.ANYONE)
def past() -> Response:
    """What has been, and what came of it."""
    return show("activities/past.html", past=rules.past())


@bp.get("/hjelp")
@open_to(Entry.ANYONE)
def needs() -> Response:
    """Every task that needs people, soonest first."""
    return show("activities/needs.html", needs=rules.needs())


@bp.get("/aktiviteter/<public_id:activity>")
@open_to(Entry.ANYONE)
def activity(activity: str) -> Response:
    """One activity, with what it needs."""
    shown = found(rules.activity(activity))
    return show("activities/show.html", activity=shown, places=rules.places(shown.tasks))


@bp.get("/aktiviteter/<public_id:activity>/kalender.ics")
@open_to(Entry.ANYONE)
def activity_calendar(activity: str) -> Response:
    """An activity for the phone's calendar."""
    return calendar.file(calendar.of_activity(found(rules.activity(activity))))


@bp.get("/oppgaver/<public_id:task>/bli-med")
@open_to(Entry.ANYONE)
def join(task: str) -> Response:
    """The one field it takes to help with a task; the task's card itself, for htmx."""
    return _show_task(found(rules.task(task)), SignUpForm.from_request())


@bp.post("/oppgaver/<public_id:task>/bli-med")
@open_to(Entry.ANYONE)
def sign_up(task: str) -> Response:
    """Say yes to a task."""
    wanted = found(rules.task(task))
    form = SignUpForm.from_request()
    if not form.validate():
        return _show_task(wanted, form, 422)
    key = text_in(form.key)
    try:
        signup = rules.sign_up(wanted, text_in(form.name), key, receipts.holder(key))
    except rules.TaskClosed:
        return _show_task(wanted, None, 410)
    receipts.remember_holder(key)
    return _show_signup(signup, 201)


@bp.get("/pamelding/<public_id:signup>")
@open_to(Entry.ANYONE)
def signup(signup: str) -> Response:
    """The receipt of a sign-up, for those who hold it."""
    mine = found(rules.signup_of(signup, receipts.mine()))
    return private(
        show("activities/receipt.html", "activities/_signup.html", **_signup_context(mine), card=receipt_views.card())
    )


@bp.get("/pamelding/<public_id:signup>/kalender.ics")
@open_to(Entry.ANYONE)
def signup_calendar(signup: str) -> Response:
    """A task for the phone's calendar, with an alarm."""
    mine = found(rules.signup_of(signup, receipts.mine()))
    return private(calendar.file(calendar.of_task(mine.task)))


@bp.post("/pamelding/<public_id:signup>/meld-av")
@open_to(Entry.ANYONE)
def withdraw(signup: str) -> Response:
    """Take a yes back. Twice is as good as once."""
    mine = found(rules.signup_of(signup, receipts.mine()))
    name = mine.name
    rules.withdraw(mine)
    address = url_for(".signup", signup=mine.public_id)
    context = _signup_context(mine, name)
    return private(show_or_see_other("activities/_signup.html", address, **context, card=None))


def _show_task(task: Task, form: SignUpForm | None, status: int = 200) -> Response:
    places = rules.places([task])[task.id]
    return show("activities/task.html", "activities/_task.html", status, task=task, places=places, form=form)


def _show_signup(signup: Signup, status: int) -> Response:
    address = url_for(".signup", signup=signup.public_id)
    context = _signup_context(signup)
    response = show_or_see_other("activities/_signup.html", address, status, **context, card=receipt_views.card())
    return private(response)


def _signup_context(signup: Signup, name: str = "") -> dict[str, Any]:
    # The name is forgotten by a withdrawal; the page that answers it still knows, so that one tap undoes it.
    again = SignUpForm(data={"name": name, "key": SignUpForm.new_key()})
    return {"signup": signup, "task": signup.task, "number": rules.queue_number(signup), "again": again}


receipts.sections.append(receipts.Section("activities/_mine.html", rules.signups_of))
