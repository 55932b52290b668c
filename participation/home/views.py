"""The front page, finding a code, choosing a language, and what the app is."""

from datetime import timedelta

from flask import Response, request, url_for

from .. import clock, i18n
from ..activities import rules as activities
from ..handlingsrom import rules as handlingsrom
from ..places import rules as places
from ..web import Entry, found, keep_cookie, open_to, own_path, see_other, show
from ..workshops import rules as workshops
from . import bp, sitemap
from .forms import FindForm

LISTED = 500  # activities that search engines are told of, of those to come and of those that were
LANGUAGE_SECONDS = 400 * 24 * 3600


@bp.get("/")
@open_to(Entry.ANYONE)
def index() -> Response:
    """Today here: the workshop that is open, this week's activities, and what one can do."""
    today = clock.today()
    week = activities.coming(until=clock.oslo(today + timedelta(days=7)), limit=6)
    return show(
        "home/index.html",
        workshops=workshops.current(),
        groups=activities.by_time(week, today),
        doors=handlingsrom.doors(today),
        form=FindForm(),
    )


@bp.get("/kode")
@open_to(Entry.ANYONE)
def find() -> Response:
    """Where a code typed from a poster leads."""
    code = workshops.normalise(request.args.get("code", ""))[:40]
    return see_other(url_for("workshops.question", code=code) if code else url_for(".index"))


@bp.get("/sprak/<tag>")
@open_to(Entry.ANYONE)
def choose_language(tag: str) -> Response:
    """Remember a language on this phone, and go on where the reader was."""
    language = found(i18n.LANGUAGES.get(tag))
    path = own_path(request.args.get("til"))
    response = see_other(f"/{language.tag}{path.removeprefix(request.script_root) or '/'}")
    keep_cookie(response, i18n.COOKIE, language.tag, LANGUAGE_SECONDS)
    return response


@bp.get("/om")
@open_to(Entry.ANYONE)
def about() -> Response:
    """What the app is, and who is behind it."""
    return show("home/about.html")


@bp.get("/personvern")
@open_to(Entry.ANYONE)
def privacy() -> Response:
    """What is kept about people, and why."""
    return show("home/privacy.html")


@bp.get("/sitemap.xml")
@open_to(Entry.ANYONE)
def site_map() -> Response:
    """Every page that everybody may read, for search engines."""
    if request.script_root:
        return see_other("/sitemap.xml")
    shown = [row.public_id for row in (*activities.coming(limit=LISTED), *activities.past(limit=LISTED))]
    content = sitemap.sitemap(
        shown,
        [place.public_id for place in places.places()],
        [organiser.public_id for organiser in places.organisers()],
        handlingsrom.every_id(),
    )
    return Response(content, mimetype="application/xml")


@bp.get("/robots.txt")
@open_to(Entry.ANYONE)
def robots() -> Response:
    """What search engines leave alone."""
    return Response(sitemap.robots(), mimetype="text/plain")
