"""What is on, for other places than the pages: phones' calendars, the sheet on the door, the screen in the hall."""

from flask import Response, current_app, request
from flask_babel import gettext as _

from .. import clock
from ..i18n import plain
from ..limits import at_most
from ..places import rules as places
from ..places.models import Place
from ..posters import qr, week
from ..web import Entry, found, open_to, show
from . import agenda, bp, calendar, paper


@bp.get("/kalender.ics")
@open_to(Entry.ANYONE)
def all_calendar() -> Response:
    """All that happens, to subscribe to."""
    return calendar.subscription(agenda.events(), _site())


@bp.get("/steder/<public_id:place>/kalender.ics")
@open_to(Entry.ANYONE)
def place_calendar(place: str) -> Response:
    """What happens at a place and in its rooms, to subscribe to."""
    wanted = found(places.place(place))
    return calendar.subscription(agenda.events(agenda.Scope(place=wanted)), f"{wanted.full_name} · {_site()}")


@bp.get("/arrangorer/<public_id:organiser>/kalender.ics")
@open_to(Entry.ANYONE)
def organiser_calendar(organiser: str) -> Response:
    """What somebody makes happen, to subscribe to."""
    wanted = found(places.organiser(organiser))
    return calendar.subscription(agenda.events(agenda.Scope(organiser=wanted)), f"{wanted.name} · {_site()}")


@bp.get("/kalender/<theme>.ics")
@open_to(Entry.ANYONE)
def theme_calendar(theme: str) -> Response:
    """What happens on a theme, to subscribe to."""
    wanted = found(agenda.theme(theme))
    return calendar.subscription(agenda.events(agenda.Scope(theme=wanted)), f"{plain(wanted.title)} · {_site()}")


@bp.get("/denne-uka.pdf")
@open_to(Entry.ANYONE)
@at_most("30 per minute", lambda: request.remote_addr or "")  # each takes a second or two of the machine
def week_sheet() -> Response:
    """«Denne uka» on A4, for all or for one place, to print and hang up."""
    response = Response(week.pdf(paper.of_week(_place_asked_for())), mimetype="application/pdf")
    response.headers["Content-Disposition"] = "inline; filename=denne-uka.pdf"
    response.headers["Cache-Control"] = "no-cache"
    response.vary.update(("Accept-Language", "Cookie"))
    return response


@bp.get("/skjerm")
@open_to(Entry.ANYONE)
def hall() -> Response:
    """Today and this week for a screen in the hall; it asks again by itself."""
    place = _place_asked_for()
    days = agenda.by_day(agenda.week(agenda.Scope(place=place))[0])
    today = days.pop(clock.today(), [])
    coming = [happening for rows in days.values() for happening in rows]
    needs = [need for happening in [*today, *coming] for need in happening.needs]
    payload, address = paper.list_address()
    return show(
        "activities/hall.html",
        "activities/_hall.html",
        place=place,
        moment=clock.now(),
        today=today,
        coming=coming,
        needs=sorted(needs, key=lambda need: need.task.starts_at),
        qr=qr.svg(payload, _("QR-kode til alt som skjer")),
        address=address,
    )


def _place_asked_for() -> Place | None:
    wanted = request.args.get("sted")
    return found(places.place(wanted)) if wanted else None


def _site() -> str:
    return str(current_app.config["SITE_NAME"])
