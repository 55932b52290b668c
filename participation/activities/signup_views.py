"""Say yes to help, and no again."""

from datetime import date, timedelta
from typing import Any

from flask import Response, current_app, url_for

from .. import clock, contact, i18n, receipts
from ..forms import text_in
from ..receipts import views as receipt_views
from ..receipts.models import Receipt
from ..web import Entry, found, open_to, private, show, show_or_see_other
from . import access, bp, calendar, notices, queues, retention, rules, signups
from .forms import SignUpForm
from .models import Purpose, Signup, SignupState, Task

# A sign-up's page stands at two addresses: for the phone that holds its code, and with a personal link, from a letter.
MINE = "/pamelding/<public_id:signup>"
LINKED = f"{MINE}/<string(length={access.TOKEN_LENGTH}):link>"


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
    form.capacity = wanted.capacity
    if not form.validate():
        return _show_task(wanted, form, 422)
    key = text_in(form.key)
    try:
        signup = signups.sign_up(wanted, form.person(i18n.reader().tag), key, receipts.holder(key))
    except signups.TaskClosed:
        return _show_task(wanted, None, 410)
    receipts.remember_holder(key)
    return _changed(signup, "", 201)


@bp.get(MINE, defaults={"link": ""})
@bp.get(LINKED)
@open_to(Entry.ANYONE)
def signup(signup: str, link: str) -> Response:
    """The receipt of a sign-up, for those who hold it. It changes nothing: mail programs look at links too."""
    mine = _held(signup, link)
    return _show_signup(mine, link, 410 if _is_dead(mine, link) else 200)


@bp.get(f"{MINE}/kalender.ics", defaults={"link": ""})
@bp.get(f"{LINKED}/kalender.ics")
@open_to(Entry.ANYONE)
def signup_calendar(signup: str, link: str) -> Response:
    """A task for the phone's calendar, with an alarm."""
    return private(calendar.file(calendar.of_task(_held(signup, link).task)))


@bp.post(f"{MINE}/ta-plassen", defaults={"link": ""})
@bp.post(f"{LINKED}/ta-plassen")
@open_to(Entry.ANYONE)
def take(signup: str, link: str) -> Response:
    """Say yes to a place that is offered, or free: the first tap wins."""
    mine = _held(signup, link)
    if mine.state is SignupState.WITHDRAWN or _is_dead(mine, link):
        return _show_signup(mine, link, 410)
    try:
        signups.take(mine)
    except signups.TaskClosed:
        return _show_signup(mine, link, 410)
    except signups.PlaceGone:
        return _show_signup(mine, link, 409, place_gone=True)
    return _changed(mine, link)


@bp.post(f"{MINE}/meld-av", defaults={"link": ""})
@bp.post(f"{LINKED}/meld-av")
@open_to(Entry.ANYONE)
def withdraw(signup: str, link: str) -> Response:
    """Take a yes back. Twice is as good as once.

    The answer is the page itself, and not the way to one: what is forgotten stands in this answer alone, for one tap
    to undo it.
    """
    mine = _held(signup, link)
    if _is_dead(mine, link):
        return _show_signup(mine, link, 410)
    again = SignUpForm.again(mine)
    signups.withdraw(mine)
    return _show_signup(mine, link, again=again)


@bp.post(f"{MINE}/slett-kontakt", defaults={"link": ""})
@bp.post(f"{LINKED}/slett-kontakt")
@open_to(Entry.ANYONE)
def forget_contact(signup: str, link: str) -> Response:
    """Take back the yes to be written to or called, and stay signed up."""
    mine = _held(signup, link)
    retention.forget_contact(mine)
    return _changed(mine, link)


def _held(public_id: str, link: str) -> Signup:
    if link:
        return found(access.opened_by(public_id, link))
    return found(queues.signup_of(public_id, receipts.mine()))


def _is_dead(signup: Signup, link: str) -> bool:
    """Whether a personal link opens nothing any longer: whom it was for has left, or is forgotten."""
    return bool(link) and not signup.name


def _changed(signup: Signup, link: str, status: int = 200) -> Response:
    address = url_for(".signup", signup=signup.public_id, link=link)
    return private(show_or_see_other("activities/_signup.html", address, status, **_about(signup, link)))


def _show_signup(signup: Signup, link: str, status: int = 200, **context: Any) -> Response:
    shown = {**_about(signup, link), **context}
    return private(show("activities/receipt.html", "activities/_signup.html", status, **shown))


def _about(signup: Signup, link: str) -> dict[str, Any]:
    """What a receipt shows. With a link it is this sign-up alone: others may be on the same phone's code."""
    lives = signup.state is not SignupState.WITHDRAWN
    return {
        "signup": signup,
        "task": signup.task,
        "link": link,
        "places": queues.places([signup.task])[signup.task_id],
        "number": queues.queue_number(signup),
        "may_take": queues.may_take(signup),
        "place_gone": False,
        "overlaps": queues.overlapping(signup) if lives and not link else [],
        "phone": contact.shown_phone(signup.phone) if signup.phone else "",
        "told": signup.allows(Purpose.TASK),
        "reminded": signup.allows(Purpose.REMINDER) and notices.can_remind(signup.task),
        "kept_until": _kept_until(signup.task),
        "over": clock.now() >= signup.task.ends_at,
        "again": None,
        "card": receipt_views.card() if lives and not link else None,
    }


def _show_task(task: Task, form: SignUpForm | None, status: int = 200) -> Response:
    for field in form or ():
        field.id = f"{field.name}-{task.public_id}"  # an activity's page may show the forms of several tasks
    context = {"task": task, "places": queues.places([task])[task.id], "form": form, "kept_until": _kept_until(task)}
    remind = notices.can_remind(task)
    return show("activities/task.html", "activities/_task.html", status, remind=remind, **context)


def _kept_until(task: Task) -> date:
    return clock.local(task.ends_at).date() + timedelta(days=current_app.config["CONTACT_DAYS"])


def _mine(holders: list[Receipt]) -> list[tuple[Signup, int, bool]]:
    return [(signup, number, queues.may_take(signup)) for signup, number in queues.signups_of(holders)]


receipts.sections.append(receipts.Section("activities/_mine.html", _mine))
receipts.finders.append(access.send_links)
