"""The one place that asks what time it is."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")


def now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Today's date in Europe/Oslo."""
    return now().astimezone(OSLO).date()


def local(moment: datetime) -> datetime:
    """A moment as the clocks on the wall in Europe/Oslo show it."""
    return moment.astimezone(OSLO)


def oslo(day: date, at: time = time()) -> datetime:
    """The moment, in UTC, when the clocks in Europe/Oslo show this day and time."""
    return datetime.combine(day, at, OSLO).astimezone(UTC)
