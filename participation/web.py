"""How the app answers: pages and fragments, who may enter, the headers on every answer, and what went wrong."""

import secrets
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, Request, Response, abort, current_app, g, make_response, redirect, request, url_for
from flask.sessions import SessionInterface
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import BaseConverter

from . import i18n
from .db import Busy
from .rendering import render, sheet_hash, wants_fragment

T = TypeVar("T")
View = TypeVar("View", bound=Callable[..., Any])

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' {sheet}",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: the origin check below needs to know where a form was sent from.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class Entry(StrEnum):
    """Who may enter a route. Every route names one; a route that names none lets nobody in."""

    ANYONE = "anyone"
    STAFF = "staff"
    ADMIN = "admin"


def open_to(entry: Entry) -> Callable[[View], View]:
    """Declare who may enter a route."""

    def declare(view: View) -> View:
        view.open_to = entry  # type: ignore[attr-defined]
        return view

    return declare


class PublicId(BaseConverter):
    """An opaque id in an address."""

    regex = "[0-9a-hjkmnp-tv-z]{10}"
    part_isolating = True


# --- Answers


def show(page: str, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """Answer with a page, or with the fragment of it that htmx asked for; both get the same names."""
    name = fragment if fragment and wants_fragment() else page
    return make_response(render(name, **context), status)


def show_or_see_other(fragment: str, address: str, status: int = 200, **context: Any) -> Response:
    """Answer a change that was made: htmx gets the changed element, a plain form is sent on to an address."""
    return make_response(render(fragment, **context), status) if wants_fragment() else see_other(address)


def see_other(address: str) -> Response:
    """Send the browser on, with GET, so that reloading repeats nothing. htmx goes there as a whole page."""
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": address})
    return make_response(redirect(address, 303))


def found(thing: T | None) -> T:
    """The thing asked for, or 404: the same for what is not there and for what the reader may not see."""
    if thing is None:
        abort(404)
    return thing


def own_path(target: str | None) -> str:
    """A path on this site to go on to, or the front page: never another host, whatever a link says."""
    target = target or ""
    own = target.startswith("/") and not target.startswith("//") and target.isprintable() and "\\" not in target
    return target if own else url_for("home.index")


def public_url(path: str) -> str:
    """The whole address of a path as a poster or another phone needs it, without language."""
    return str(current_app.config["PUBLIC_URL"]) + path


def keep_cookie(response: Response, name: str, value: str, seconds: int | None) -> None:
    """Set a cookie as strictly as the connection allows; `seconds` None ends it with the browser."""
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=seconds,
        secure=current_app.config["SECURE_COOKIES"],
        httponly=True,
        samesite="Lax",
        path="/",
    )


def cookie_name(name: str) -> str:
    """A cookie's name; over https it has the prefix that binds it to this host."""
    return f"__Host-{name}" if current_app.config["SECURE_COOKIES"] else name


def private(response: Response) -> Response:
    """Mark an answer as one person's own: kept by no cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


# --- Every request


class NoSession(SessionInterface):
    """Flask's signed session, left out: nothing here is kept in it, and preparing one costs every request."""

    def open_session(self, app: Flask, request: Request) -> None:
        """None: whoever would write to it is told so."""


def refuse_foreign_posts() -> None:
    """Refuse a change that another site's page asks for.

    Instead of a token in the form: a token dies with its session, and with it an idea that waits on a phone without
    network. Every browser of the last years says where a form comes from (OWASP ASVS 5.0, 3.5).
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            abort(403)
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        abort(403)


def refuse_nul() -> None:
    """Refuse a question with a NUL in it: no form of ours asks so, and PostgreSQL can't look for it."""
    if b"%00" in request.query_string:
        abort(400)


def admit() -> Response | None:
    """Let in those a route is open to; a route that does not say is open to nobody."""
    if request.endpoint is None:
        return None
    entry = getattr(current_app.view_functions[request.endpoint], "open_to", None)
    if entry == Entry.ANYONE:
        return None
    if entry is None:
        abort(404)
    gatekeeper: Callable[[Entry], Response | None] = current_app.extensions["gatekeeper"]
    return gatekeeper(entry)


def security_headers(secure: bool) -> dict[str, str]:
    """The headers that protect every answer; only the style sheet that pages carry may stand in a page."""
    headers = {name: value.replace("{sheet}", sheet_hash()) for name, value in SECURITY_HEADERS.items()}
    return headers | ({"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} if secure else {})


def finish(response: Response) -> Response:
    """Put the headers on that every answer carries."""
    response.headers.extend(current_app.extensions["security headers"])
    if response.mimetype == "text/html":
        response.headers["Vary"] = "HX-Request, Accept-Language, Cookie, Sec-Fetch-Site"
        response.headers.setdefault("Cache-Control", "no-cache")
        response.headers["Content-Language"] = i18n.reader().tag
    return response


# --- What went wrong


def problem(status: int) -> tuple[str, str]:
    """What to say about an error: a heading and what to do."""
    match status:
        case 403:
            return _("Du har ikke tilgang hit"), _("Logg inn først, eller spør den som ga deg lenken.")
        case 404:
            return _("Vi finner ikke siden"), _("Adressen kan være feil, eller siden er borte. Prøv herfra:")
        case 405 | 400:
            return _("Det skjønte vi ikke"), _("Gå tilbake og prøv en gang til.")
        case 410:
            return _("Dette er over"), _("Siden er ikke her lenger. Se hva som skjer nå:")
        case 413:
            return _("Teksten ble for lang"), _("Gå tilbake, gjør teksten kortere og send på nytt.")
        case 429:
            return _("Det gikk litt fort"), _("Vent et minutt, og prøv igjen. Det du har skrevet, er ikke borte.")
        case 503:
            return _("Vi får ikke lagret akkurat nå"), _("Vent litt og prøv igjen. Det du har skrevet, er ikke borte.")
    return _("Noe gikk galt hos oss"), _("Prøv igjen om litt. Feilen er meldt.")


def show_problem(status: int, reference: str = "", headers: dict[str, str] | None = None) -> Response:
    """Answer with an error: a page, or for htmx a message that leaves the form and what was typed alone."""
    heading, advice = problem(status)
    template = "errors/_problem.html" if wants_fragment() else "errors/show.html"
    response = make_response(
        render(template, heading=heading, advice=advice, status=status, reference=reference), status
    )
    response.headers.extend(headers or {})
    return response


def on_http_error(error: HTTPException) -> Response:
    """Answer an error that was foreseen."""
    if error.response is not None:
        return make_response(error.response)
    kept = {name: value for name, value in error.get_headers() if name in ("Retry-After", "Allow")}
    return show_problem(error.code or 500, headers=kept)


def on_unknown_host(_error: SecurityError) -> Response:
    """Answer to a name that is not ours: in plain words, as nothing on a page could lead anywhere."""
    return Response(problem(400)[0], 400, mimetype="text/plain")


def on_crash(error: Exception) -> Response:
    """Answer an error that nobody foresaw: the reader gets a reference, the log the story behind it."""
    reference = secrets.token_hex(4)
    current_app.logger.error("Error %s on %s %s", reference, request.method, request.endpoint, exc_info=error)
    g.pop("language", None)
    return show_problem(500, reference)


def on_busy(error: Busy) -> Response:
    """Answer when the database was too busy to take a change."""
    return show_problem(503, headers={"Retry-After": "2"})


def init_app(app: Flask) -> None:
    """Make the app answer the way this module says."""
    app.session_interface = NoSession()
    app.url_map.converters["public_id"] = PublicId
    app.extensions["security headers"] = security_headers(app.config["SECURE_COOKIES"])
    app.before_request(refuse_nul)
    app.before_request(refuse_foreign_posts)
    app.before_request(admit)
    app.after_request(finish)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(SecurityError, on_unknown_host)
    app.register_error_handler(Busy, on_busy)
    app.register_error_handler(Exception, on_crash)
