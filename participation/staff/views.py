"""Signing in, with a password or a one-time link, and out."""

from flask import Response, current_app, request, url_for
from flask_babel import gettext as _

from ..forms import text_in
from ..limits import at_most
from ..web import Entry, found, keep_cookie, open_to, own_path, see_other, show
from . import COOKIE, bp, me, rules, token
from .forms import PasswordForm, SignInForm


def account() -> str:
    """Whom a sign-in counts against: the account and where it comes from, so that no stranger can lock anybody out."""
    return f"{request.form.get('email', '').strip().lower()[:254]} {request.remote_addr}"


@bp.get("/inn")
@open_to(Entry.ANYONE)
def sign_in() -> Response:
    """The way in for staff."""
    return show("staff/sign_in.html", form=SignInForm.from_request(), til=request.args.get("til", ""))


@bp.post("/inn")
@open_to(Entry.ANYONE)
@at_most("10 per 5 minutes", account)
@at_most("60 per 5 minutes", lambda: request.remote_addr or "")  # each try costs a tenth of a second of the server
def check_password() -> Response:
    """Sign in with a password."""
    form = SignInForm.from_request()
    til = request.form.get("til", "")
    session = rules.sign_in(text_in(form.email), text_in(form.password)) if form.validate() else None
    if session is None:
        if not form.errors:
            form.password.errors = [_("E-posten eller passordet stemmer ikke.")]
        return show("staff/sign_in.html", status=422, form=form, til=til)
    return _welcome(session, own_path(til) if til else url_for(".desk"))


@bp.get("/lenke/<link>")
@open_to(Entry.ANYONE)
def link(link: str) -> Response:
    """A one-time link, not yet used: opening it must do nothing, as mail programs open links to look at them."""
    staff = rules.link_holder(link)
    return show("staff/link.html", status=200 if staff else 410, staff=staff, link=link)


@bp.post("/lenke/<link>")
@open_to(Entry.ANYONE)
def use_link(link: str) -> Response:
    """Sign in with a one-time link, once."""
    session = rules.use_link(link)
    if session is None:
        return show("staff/link.html", status=410, staff=None, link=link)
    return _welcome(session, url_for(".desk"))


@bp.get("/passord")
@open_to(Entry.STAFF)
def password() -> Response:
    """Choose a password."""
    return show("staff/password.html", form=PasswordForm.from_request())


@bp.post("/passord")
@open_to(Entry.STAFF)
def set_password() -> Response:
    """Keep the chosen password."""
    form = PasswordForm.from_request()
    if form.validate():
        try:
            rules.set_password(me(), text_in(form.password), [current_app.config["SITE_NAME"]], token())
        except rules.WeakPassword:
            form.password.errors = [
                _("Passordet er for lett å gjette. Bruk minst 12 tegn, for eksempel fire tilfeldige ord.")
            ]
        else:
            return see_other(url_for(".desk"))
    return show("staff/password.html", status=422, form=form)


@bp.post("/ut")
@open_to(Entry.STAFF)
def sign_out() -> Response:
    """Sign out: the session ends on the server too."""
    rules.sign_out(token())
    response = see_other(url_for("home.index"))
    keep_cookie(response, COOKIE, "", 0)
    return response


def _welcome(session: str, address: str) -> Response:
    response = see_other(address)
    keep_cookie(response, COOKIE, found(session), None)
    return response
