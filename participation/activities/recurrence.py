"""When a repeated activity happens: an RFC 5545 rule, read by python-dateutil on the clocks on the wall in Oslo."""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time
from enum import StrEnum
from itertools import islice, takewhile
from typing import NamedTuple

from dateutil.rrule import rrule, rrulestr

from .. import clock

MOST = 400  # occurrences in one answer, and the highest number a rule may count to
LONGEST = 200  # characters of a rule
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")  # numbered as Python does
ORDINALS = (1, 2, 3, 4, -1)
DAY = rf"(?:{'|'.join(WEEKDAYS)})"
MONTH = r"(?:1[0-2]|[1-9])"
MONTH_DAY = r"[+-]?(?:[12]\d|3[01]|[1-9])"

# A rule as it may be, which is far less than dateutil reads: it takes fuzzy dates, several rules in one text, numbers
# it later trips over, and times of day, by which an activity would start at other times than its first. As the first
# start is a moment, RFC 5545 wants UNTIL in UTC; an ordinal belongs to a day of a month or a year.
PARTS = re.compile(
    "|".join(
        (
            r"FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)",
            r"(?:INTERVAL|COUNT)=\d{1,3}",
            r"UNTIL=\d{8}T\d{6}Z",
            rf"BYDAY={DAY}(?:,{DAY})*",
            rf"BYDAY=[+-]?[1-5]{DAY}(?:,[+-]?[1-5]{DAY})*",
            rf"BYMONTHDAY={MONTH_DAY}(?:,{MONTH_DAY})*",
            rf"BYMONTH={MONTH}(?:,{MONTH})*",
            rf"WKST={DAY}",
        )
    ),
    re.ASCII,
)


class BadRule(ValueError):
    """This is no rule by which an activity can repeat."""


class Every(StrEnum):
    """How often an activity repeats, as people say it."""

    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"  # on the same weekday: the first Wednesday, the last Sunday


class Pattern(NamedTuple):
    """What a rule says in everyday words."""

    every: Every | None  # none when everyday words do not reach
    weekday: int  # Monday is 0
    ordinal: int  # which one in the month, 1 to 4, or -1 for the last; 0 when the rule does not count them


def rule(every: Every, first: datetime, until: date | None = None) -> str:
    """The rule of an activity that repeats from its first start, for ever or to the end of a day."""
    day = clock.local(first).date()
    if until and until < day:
        raise BadRule
    ordinal = (day.day - 1) // 7 + 1
    parts = _everyday(every, day.weekday(), ordinal if ordinal in ORDINALS else -1)
    if until:
        parts["UNTIL"] = f"{clock.oslo(until, time(23, 59, 59)):%Y%m%dT%H%M%SZ}"
    return ";".join(f"{name}={value}" for name, value in parts.items())


def starts(
    rule: str, first: datetime, after: datetime, before: datetime, except_for: Collection[date] = ()
) -> list[datetime]:
    """The starts, in UTC, from `after` on and sooner than `before`, but for those on the excepted days in Oslo.

    The clocks on the wall show the same time at each; a time that summer time skips comes an hour later, and of one
    that comes twice it is the first. Never more than the 400 soonest. Refuses a rule that `first` is no occurrence of.
    """
    found = _recurrence(rule, first).xafter(after.astimezone(UTC), inc=True)
    inside = takewhile(lambda start: start < before.astimezone(UTC), found)
    return [start.astimezone(UTC) for start in islice((s for s in inside if s.date() not in except_for), MOST)]


def pattern(rule: str, first: datetime) -> Pattern:
    """How often the rule repeats, on which weekday, and which one in the month."""
    weekday = clock.local(first).weekday()
    given = {name: value.lstrip("+") for name, value in _parts(rule).items() if name not in ("UNTIL", "COUNT", "WKST")}
    parts = {"INTERVAL": "1", "BYDAY": WEEKDAYS[weekday]} | given
    for every in Every:
        for ordinal in ORDINALS if every is Every.MONTH else (0,):
            if parts == {"INTERVAL": "1"} | _everyday(every, weekday, ordinal):
                return Pattern(every, weekday, ordinal)
    return Pattern(None, weekday, 0)


def _everyday(every: Every, weekday: int, ordinal: int) -> dict[str, str]:
    match every:
        case Every.WEEK:
            return {"FREQ": "WEEKLY", "BYDAY": WEEKDAYS[weekday]}
        case Every.FORTNIGHT:
            return {"FREQ": "WEEKLY", "INTERVAL": "2", "BYDAY": WEEKDAYS[weekday]}
        case Every.MONTH:
            return {"FREQ": "MONTHLY", "BYDAY": f"{ordinal}{WEEKDAYS[weekday]}"}


def _parts(rule: str) -> dict[str, str]:
    """The parts of a rule, by name; each at most once, and none that is not understood here."""
    texts = rule.split(";") if len(rule) <= LONGEST else []
    parts = dict(text.split("=") for text in texts if PARTS.fullmatch(text))
    counted = parts.get("FREQ") in ("MONTHLY", "YEARLY")
    if (
        len(parts) != len(texts)
        or "FREQ" not in parts
        or {"COUNT", "UNTIL"} <= parts.keys()
        or not all(1 <= int(parts.get(name, 1)) <= MOST for name in ("INTERVAL", "COUNT"))
        or (not counted and ("BYMONTHDAY" in parts or any(map(str.isdigit, parts.get("BYDAY", "")))))
    ):
        raise BadRule
    return parts


def _recurrence(rule: str, first: datetime) -> rrule:
    _parts(rule)
    start = first.astimezone(UTC).astimezone(clock.OSLO).replace(microsecond=0)
    try:
        recurrence = rrulestr(rule, dtstart=start)
    except ValueError:  # a day that no month has, a year that no calendar has
        raise BadRule from None
    # A rule that never comes true is looked for until the year 9999. One that is true of its first day comes true
    # again soon enough; whether it is, the first of its periods alone tells, so let the second lie beyond the end.
    if not isinstance(recurrence, rrule) or next(iter(recurrence.replace(interval=1_000_000)), None) != start:
        raise BadRule
    return recurrence
