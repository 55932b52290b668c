"""Activities, and helping at them."""

from datetime import timedelta

from flask import Blueprint, Flask, current_app

from .. import worker
from . import retention, series, signups

bp = Blueprint("activities", __name__)

DAY = 24 * 60 * 60.0  # seconds


@bp.record_once
def set_terms(state: object) -> None:
    """Take over how long an offered place is kept."""
    app: Flask = state.app  # type: ignore[attr-defined]
    signups.OFFER_TIME = timedelta(hours=app.config["OFFER_HOURS"])


def forget_contacts() -> None:
    """Forget who signed up to what was over CONTACT_DAYS ago."""
    retention.forget_contacts(timedelta(days=current_app.config["CONTACT_DAYS"]))


worker.jobs["offered places"] = worker.Routine(60, signups.settle_expired)
worker.jobs["contacts"] = worker.Routine(DAY, forget_contacts)
worker.jobs["series"] = worker.Routine(60 * 60, series.fill_all)

from . import letters, place_views, sheet_views, signup_views, views  # noqa: E402, F401
