"""The four doors, and the cards behind them."""

from flask import Response

from .. import clock
from ..web import Entry, found, open_to, show
from . import bp, rules
from .models import Verdict

DOORS = {
    "bare-gjor-det": Verdict.YOURS,
    "kan-pavirkes": Verdict.OPEN,
    "bestemt": Verdict.GIVEN,
    "ikke-vart": Verdict.OTHER,
}


@bp.get("/handlingsrom")
@open_to(Entry.ANYONE)
def index() -> Response:
    """The four doors."""
    return show("handlingsrom/index.html", doors=rules.doors(clock.today()))


@bp.get("/handlingsrom/<any('bare-gjor-det', 'kan-pavirkes', 'bestemt', 'ikke-vart'):door>")
@open_to(Entry.ANYONE)
def door(door: str) -> Response:
    """The cards behind a door."""
    verdict = DOORS[door]
    return show("handlingsrom/door.html", verdict=verdict, cards=rules.behind(verdict, clock.today()))


@bp.get("/handlingsrom/<public_id:card>")
@open_to(Entry.ANYONE)
def card(card: str) -> Response:
    """One card."""
    shown = found(rules.card(card))
    return show("handlingsrom/card.html", card=shown, verdict=shown.verdict_on(clock.today()))
