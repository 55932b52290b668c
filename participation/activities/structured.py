"""What other sites and apps are told of an activity: schema.org data, and addresses that lead to other sites."""

from typing import Any
from urllib.parse import quote_plus, urlsplit

from flask import url_for
from flask_babel import gettext as _

from ..i18n import iso, plain
from ..places.models import Place
from ..web import public_url
from .models import Activity

SCHEMA = "https://schema.org"
MAP = "https://www.openstreetmap.org/search?query="


def event(activity: Activity) -> dict[str, Any]:
    """An activity as search engines and messengers read it (schema.org/Event)."""
    address = public_url(url_for("activities.activity", activity=activity.public_id))
    organiser = url_for("activities.organiser", organiser=activity.organiser.public_id)
    return {
        "@context": SCHEMA,
        "@type": "Event",
        "name": plain(activity.title),
        "description": plain(activity.summary),
        "startDate": iso(activity.starts_at),
        "endDate": iso(activity.ends_at),
        "eventStatus": f"{SCHEMA}/{'EventCancelled' if activity.is_cancelled else 'EventScheduled'}",
        "eventAttendanceMode": f"{SCHEMA}/OfflineEventAttendanceMode",
        "url": address,
        "location": _location(activity.place),
        "organizer": {"@type": "Organization", "name": activity.organiser.name, "url": public_url(organiser)},
        "isAccessibleForFree": activity.price == 0,
        "offers": {
            "@type": "Offer",
            "price": activity.price,
            "priceCurrency": "NOK",
            "availability": f"{SCHEMA}/{'SoldOut' if activity.is_cancelled else 'InStock'}",
            "url": address,
        },
    }


def map_address(place: Place) -> str:
    """Where a map shows a place; the map is another site's, and nothing of it is fetched before somebody goes there."""
    return MAP + quote_plus(_address(place) or (place.house or place).name)


def web_address(given: str | None) -> str:
    """An address that somebody wrote, if it leads to a website; else nothing."""
    try:
        parts = urlsplit(given or "")
    except ValueError:  # no address at all
        return ""
    return parts.geturl() if parts.scheme in ("http", "https") and parts.netloc else ""


def _location(place: Place) -> dict[str, Any]:
    words = {"step_free": _("Trinnfritt"), "hearing_loop": _("Teleslynge"), "toilet": _("HC-toalett")}
    known = {words[what]: has for what in words if (has := place.has(what)) is not None}
    return {
        "@type": "Place",
        "name": place.full_name,
        "address": _address(place) or place.full_name,
        "amenityFeature": [
            {"@type": "LocationFeatureSpecification", "name": name, "value": has} for name, has in known.items()
        ],
    }


def _address(place: Place) -> str | None:
    return place.address or (place.house.address if place.house else None)
