"""Calendar files: what a phone needs to remember an activity or a promise to help (RFC 5545, by icalendar)."""

from datetime import timedelta

from flask import Response, url_for
from flask_babel import gettext as _

from .. import clock
from ..i18n import plain
from ..web import public_url
from .models import Activity, Task

ALARM_BEFORE = timedelta(hours=2)


def of_activity(activity: Activity) -> bytes:
    """An activity as a calendar."""
    return _calendar(activity, f"activity-{activity.public_id}", plain(activity.title))


def of_task(task: Task) -> bytes:
    """A task somebody has said yes to, as a calendar with an alarm."""
    return _calendar(task, f"task-{task.public_id}", f"{plain(task.title)} · {plain(task.activity.title)}", alarm=True)


def file(calendar: bytes) -> Response:
    """A calendar as an answer that the phone opens in its calendar app."""
    response = Response(calendar, mimetype="text/calendar")
    response.headers["Content-Disposition"] = "attachment; filename=aktivitet.ics"
    return response


def _calendar(what: Activity | Task, uid: str, summary: str, alarm: bool = False) -> bytes:
    from icalendar import Alarm, Calendar, Event  # here: few ask for it, and it is a large library

    activity = what.activity if isinstance(what, Task) else what
    event = Event()
    event.add("uid", f"{uid}@participation")
    event.add("dtstamp", clock.now())
    event.add("dtstart", what.starts_at)
    event.add("dtend", what.ends_at)
    event.add("summary", summary)
    event.add("location", activity.place)
    event.add("description", plain(what.meet if isinstance(what, Task) else what.summary))
    event.add("url", public_url(url_for("activities.activity", activity=activity.public_id)))
    event.add("status", "CANCELLED" if activity.is_cancelled else "CONFIRMED")
    if alarm:
        reminder = Alarm()
        reminder.add("action", "DISPLAY")
        reminder.add("description", _("Snart: %(what)s", what=summary))
        reminder.add("trigger", -ALARM_BEFORE)
        event.add_component(reminder)
    calendar = Calendar()
    calendar.add("prodid", "-//participation//NONSGML 1.0//NO")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
