"""Where things happen, and who makes them happen."""

from flask import Response

from ..places import rules as places
from ..web import Entry, found, open_to, show
from . import bp, rules, structured

SHOWN = 30  # activities on the page of a place or an organiser


@bp.get("/steder")
@open_to(Entry.ANYONE)
def all_places() -> Response:
    """Every place with its rooms, and every organiser."""
    return show("activities/places.html", places=places.places(), organisers=places.organisers())


@bp.get("/steder/<public_id:place>")
@open_to(Entry.ANYONE)
def place(place: str) -> Response:
    """One place: how to get in, and what happens there."""
    shown = found(places.place(place))
    return show(
        "activities/place.html",
        place=shown,
        rows=rules.coming(limit=SHOWN, place=shown.public_id),
        map_address=structured.map_address(shown),
    )


@bp.get("/arrangorer/<public_id:organiser>")
@open_to(Entry.ANYONE)
def organiser(organiser: str) -> Response:
    """One organiser: what they make happen, and what they need help with."""
    shown = found(places.organiser(organiser))
    return show(
        "activities/organiser.html",
        organiser=shown,
        rows=rules.coming(limit=SHOWN, organiser=shown.public_id),
        standing=rules.standing(organiser=shown.public_id),
        website=structured.web_address(shown.website),
    )
