"""Calendar files and feeds: what a phone needs to remember what is on, and a promise to help (RFC 5545)."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from flask import Response, request, url_for
from flask_babel import gettext as _

from .. import clock, i18n
from ..i18n import plain
from ..web import public_url
from .agenda import Event, event_of
from .models import Activity, ActivityState, Task

if TYPE_CHECKING:
    import icalendar

ALARM_BEFORE = timedelta(hours=2)
REFRESH, TTL = timedelta(hours=2), "PT2H"  # the same in the words of RFC 7986 and of Outlook
KEPT = "public, max-age=900"  # what is called off must reach people the same day

# Summer time as the law has it, for the years to come too. icalendar's own generator writes each change of the clocks
# as the time after it, where RFC 5545 (3.6.5) wants the time before: an hour a year would be wrong.
OSLO = b"""\
BEGIN:VTIMEZONE
TZID:Europe/Oslo
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""


def of_activity(activity: Activity) -> bytes:
    """An activity as a calendar with an alarm, to be opened on a phone or to go along with a letter."""
    told = event_of(activity)
    event = _event(told, f"activity-{told.public_id}", plain(told.title), _about(told))
    if not activity.is_cancelled:
        _remind(event, plain(told.title))
    return bytes(_calendar(event).to_ical())


def of_task(task: Task) -> bytes:
    """A task somebody has said yes to, as a calendar with an alarm; a standing one has no hour to be reminded of."""
    told = event_of(task.activity)
    what = f"{plain(task.title)} · {plain(told.title)}"
    at = told._replace(starts_at=task.starts_at, ends_at=task.ends_at)
    event = _event(at, f"task-{task.public_id}", what, plain(task.meet))
    if not (task.activity.standing or task.activity.is_cancelled):
        _remind(event, what)
    return bytes(_calendar(event).to_ical())


def feed(events: Sequence[Event], name: str) -> bytes:
    """Many activities as a calendar to subscribe to: no alarms, and nobody's time is taken."""
    calendar = _calendar()
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", clock.OSLO.key)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", TTL)
    for told in events:
        event = _event(told, f"activity-{told.public_id}", plain(told.title), _about(told))
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def file(calendar: bytes) -> Response:
    """A calendar as an answer that the phone opens in its calendar app."""
    response = Response(calendar, mimetype="text/calendar")
    response.headers["Content-Disposition"] = "attachment; filename=aktivitet.ics"
    return response


def subscription(events: Sequence[Event], name: str) -> Response:
    """A feed as an answer; a phone that has it already is told so, and nothing is made for it.

    The tag holds the day, so that whatever a new version of the app writes otherwise is everywhere a day later.
    """
    place = (i18n.reader().tag, public_url(request.script_root))
    known = repr((place, name, clock.today(), events))
    response = Response(mimetype="text/calendar")
    response.set_etag(hashlib.sha256(known.encode()).hexdigest()[:32], weak=True)
    response.headers["Cache-Control"] = KEPT
    response.headers["Content-Disposition"] = "inline; filename=kalender.ics"
    response.vary.update(("Accept-Language", "Cookie"))
    response.make_conditional(request)
    if response.status_code == 200:
        response.set_data(_remembered(place, tuple(events), name))
    return response


@lru_cache(maxsize=12)
def _remembered(_place: tuple[str, str], events: tuple[Event, ...], name: str) -> bytes:
    """A feed, made once for all the phones that fetch it; with anything in it changed it is another one."""
    return feed(events, name)


def _calendar(*events: "icalendar.Event") -> "icalendar.Calendar":
    from icalendar import Calendar  # here: few ask for it, and it is a large library

    calendar = Calendar()
    calendar.add("prodid", f"-//participation//NONSGML 1.0//{i18n.reader().tag.upper()}")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for component in (_oslo(), *events):
        calendar.add_component(component)
    return calendar


@cache
def _oslo() -> "icalendar.Component":
    from icalendar import Timezone

    return Timezone.from_ical(OSLO)


def _event(told: Event, uid: str, what: str, about: str) -> "icalendar.Event":
    from icalendar import Event as Entry
    from icalendar import vUri

    off = told.state is ActivityState.CANCELLED
    entry = Entry()
    entry.add("uid", f"{uid}@participation")
    entry.add("sequence", told.sequence)
    entry.add("dtstamp", told.changed_at)
    entry.add("last-modified", told.changed_at)
    entry.add("dtstart", clock.local(told.starts_at))
    entry.add("dtend", clock.local(told.ends_at))
    # Translators: in a calendar, before the name of an activity that does not happen.
    entry.add("summary", _("Avlyst: %(what)s", what=what) if off else what)
    entry.add("location", ", ".join(filter(None, (told.place, told.address))))
    if about:
        entry.add("description", about)
    if told.theme:
        entry.add("categories", [plain(told.theme)])
    entry.add("url", public_url(url_for("activities.activity", activity=told.public_id)))
    home = public_url(url_for("activities.organiser", organiser=told.organiser_id))
    entry.add("organizer", vUri(home), parameters={"CN": told.organiser.replace('"', "'")})
    entry.add("status", "CANCELLED" if off else "CONFIRMED")
    return entry


def _about(told: Event) -> str:
    parts = [told.cancelled_why if told.state is ActivityState.CANCELLED else None, told.summary, told.way_in]
    return "\n\n".join(filter(None, (plain(part) for part in parts if part)))


def _remind(event: "icalendar.Event", what: str) -> None:
    from icalendar import Alarm

    reminder = Alarm()
    reminder.add("action", "DISPLAY")
    # Translators: on the phone, two hours before; %(what)s is what somebody is going to.
    reminder.add("description", _("Snart: %(what)s", what=what))
    reminder.add("trigger", -ALARM_BEFORE)
    event.add_component(reminder)
