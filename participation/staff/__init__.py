"""The other audience: those who run workshops and answer for the app."""

from flask import Blueprint, Flask, Response, abort, g, request, url_for

from .. import worker
from ..web import Entry, cookie_name, see_other
from . import rules
from .models import Role, Staff

bp = Blueprint("staff", __name__, url_prefix="/stab")

COOKIE = "staff"


def token() -> str:
    """The session token that this device sends along."""
    return request.cookies.get(cookie_name(COOKIE), "")


def current() -> Staff | None:
    """Who is signed in on this device."""
    if "staff" not in g:
        g.staff = rules.signed_in(token())
    staff: Staff | None = g.staff
    return staff


def me() -> Staff:
    """Who is signed in, on a route that only staff can enter."""
    staff = current()
    assert staff is not None, "this route is not open to everyone"  # noqa: S101
    return staff


def gatekeeper(entry: Entry) -> Response | None:
    """Let staff in, send others to the sign-in, and show what only administrators may see to nobody else."""
    staff = current()
    if staff is None and "text/event-stream" in request.headers.get("Accept", ""):
        abort(401)  # a stream can't sign in: it must fail, and be tried again when somebody has
    if staff is None:
        return see_other(
            url_for("staff.sign_in", til=request.script_root + request.full_path if request.method == "GET" else None)
        )
    if entry == Entry.ADMIN and staff.role is not Role.ADMIN:
        abort(404)
    return None


@bp.after_request
def keep_private(response: Response) -> Response:
    """What staff see is kept by no cache, so that the back button on a lent machine shows nothing."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@bp.record_once
def guard(state: object) -> None:
    """Put the gatekeeper where `web.admit` finds it."""
    app: Flask = state.app  # type: ignore[attr-defined]
    app.extensions["gatekeeper"] = gatekeeper


worker.jobs["staff"] = worker.Routine(24 * 60 * 60, rules.tidy)

from . import contacts, desk, making, matching, organising, people, views  # noqa: E402, F401
