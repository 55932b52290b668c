"""When a repeated activity happens: the same time on the wall, all year, and no more than was asked for."""

from calendar import Calendar
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from icalendar import Calendar as Ical
from icalendar import Event

from participation import clock
from participation.activities.recurrence import MOST, WEEKDAYS, BadRule, Every, Pattern, pattern, rule, starts

FOREVER = datetime.max.replace(tzinfo=UTC)
WEDNESDAY = clock.oslo(date(2026, 3, 4), time(18))
NEXT_YEAR = clock.oslo(date(2027, 1, 1))
SKIPPED, TWICE = date(2026, 3, 29), date(2026, 10, 25)  # the nights when the clocks change

days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
hours = st.sampled_from([time(2, 30), time(18)]) | st.times().map(lambda at: at.replace(second=0, microsecond=0))
firsts = st.builds(clock.oslo, days, hours)
lengths = st.timedeltas(timedelta(0), timedelta(days=800))


def wall(starts: list[datetime]) -> list[str]:
    """Starts as people in Oslo read them."""
    return [f"{clock.local(start):%d.%m %H:%M}" for start in starts]


def nights_when_clocks_change(year: int) -> set[date]:
    """The last Sundays of March and October."""
    return {
        [day for day in Calendar().itermonthdates(year, month) if day.month == month and day.weekday() == 6][-1]
        for month in (3, 10)
    }


def same_on_the_wall(start: datetime, first: datetime) -> bool:
    """Whether the clocks show the same time at both; at 2 to 3 on the night that skips it, they show one hour more."""
    here, there = clock.local(start), clock.local(first)
    if here.date() in nights_when_clocks_change(here.year) and here.month == 3 and there.hour == 2:
        return here.time() == there.replace(hour=3).time()
    return here.time() == there.time()


# --- Everyday rules


@pytest.mark.parametrize(
    ("every", "day", "text"),
    [
        (Every.WEEK, date(2026, 3, 4), "FREQ=WEEKLY;BYDAY=WE"),
        (Every.FORTNIGHT, date(2026, 3, 4), "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE"),
        (Every.MONTH, date(2026, 3, 4), "FREQ=MONTHLY;BYDAY=1WE"),
        (Every.MONTH, date(2026, 3, 9), "FREQ=MONTHLY;BYDAY=2MO"),
        (Every.MONTH, date(2026, 3, 21), "FREQ=MONTHLY;BYDAY=3SA"),
        (Every.MONTH, date(2026, 3, 25), "FREQ=MONTHLY;BYDAY=4WE"),
        (Every.MONTH, date(2026, 3, 29), "FREQ=MONTHLY;BYDAY=-1SU"),
        (Every.MONTH, date(2026, 2, 28), "FREQ=MONTHLY;BYDAY=4SA"),
    ],
)
def test_a_rule_follows_from_the_first_day(every: Every, day: date, text: str) -> None:
    assert rule(every, clock.oslo(day, time(18))) == text


def test_a_rule_ends_with_its_last_day_in_oslo_as_the_standard_writes_it() -> None:
    assert rule(Every.WEEK, WEDNESDAY, date(2026, 6, 24)).endswith(";UNTIL=20260624T215959Z")
    assert rule(Every.WEEK, WEDNESDAY, date(2026, 12, 2)).endswith(";UNTIL=20261202T225959Z")


def test_the_last_day_itself_is_in_and_the_next_is_out() -> None:
    late = clock.oslo(date(2026, 6, 17), time(23, 30))

    assert wall(starts(rule(Every.WEEK, late, date(2026, 6, 24)), late, late, FOREVER)) == [
        "17.06 23:30",
        "24.06 23:30",
    ]
    assert wall(starts(rule(Every.WEEK, late, date(2026, 6, 23)), late, late, FOREVER)) == ["17.06 23:30"]


def test_a_rule_cannot_end_before_it_begins() -> None:
    with pytest.raises(BadRule):
        rule(Every.WEEK, WEDNESDAY, date(2026, 3, 3))


def test_the_day_is_the_one_in_oslo() -> None:
    just_after_midnight = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)  # 1 July, half past midnight

    assert rule(Every.MONTH, just_after_midnight) == "FREQ=MONTHLY;BYDAY=1WE"


@pytest.mark.parametrize("every", Every)
@given(first=firsts, length=lengths)
@settings(deadline=None, max_examples=60)
def test_everyday_rules_agree_with_a_paper_calendar(every: Every, first: datetime, length: timedelta) -> None:
    day, last = clock.local(first).date(), clock.local(first + length).date()
    dates = (day + timedelta(number) for number in range((last - day).days + 1))

    def on_paper(one: date) -> bool:
        month = [each for each in Calendar().itermonthdates(one.year, one.month) if each.month == one.month]
        same = [each for each in month if each.weekday() == day.weekday()]
        match every:
            case Every.WEEK:
                return one.weekday() == day.weekday()
            case Every.FORTNIGHT:
                return (one - day).days % 14 == 0
        return one == (same[-1] if day.day > 28 else same[(day.day - 1) // 7]) if same else False

    found = starts(rule(every, first, last), first, first, FOREVER)

    assert [clock.local(start).date() for start in found] == [one for one in dates if on_paper(one)][:MOST]


# --- Summer time


def test_six_in_the_evening_stays_six_in_the_evening() -> None:
    spring = starts(rule(Every.WEEK, WEDNESDAY), WEDNESDAY, clock.oslo(date(2026, 3, 22)), clock.oslo(date(2026, 4, 5)))
    autumn = starts(
        rule(Every.WEEK, WEDNESDAY), WEDNESDAY, clock.oslo(TWICE - timedelta(7)), clock.oslo(date(2026, 11, 1))
    )

    assert wall(spring) == ["25.03 18:00", "01.04 18:00"]
    assert wall(autumn) == ["21.10 18:00", "28.10 18:00"]
    assert [start.hour for start in spring + autumn] == [17, 16, 16, 17]


def test_a_time_that_is_skipped_comes_an_hour_later_and_only_then() -> None:
    night = clock.oslo(date(2026, 3, 22), time(2, 30))

    assert wall(starts(rule(Every.WEEK, night), night, night, clock.oslo(date(2026, 4, 6)))) == [
        "22.03 02:30",
        "29.03 03:30",
        "05.04 02:30",
    ]


def test_a_time_that_comes_twice_is_the_first_of_them() -> None:
    night = clock.oslo(date(2026, 10, 18), time(2, 30))

    assert starts(rule(Every.WEEK, night), night, night, clock.oslo(date(2026, 11, 2)))[1:] == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 11, 1, 1, 30, tzinfo=UTC),
    ]


def test_a_series_may_begin_in_the_hour_that_comes_twice() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    assert wall(starts("FREQ=DAILY;COUNT=2", second, second - timedelta(days=1), FOREVER)) == [
        "25.10 02:30",
        "26.10 02:30",
    ]


def test_less_than_a_second_counts_for_nothing() -> None:
    assert starts("FREQ=DAILY;COUNT=1", WEDNESDAY.replace(microsecond=7), WEDNESDAY, FOREVER) == [WEDNESDAY]


def test_a_window_may_end_within_the_hour_that_comes_twice() -> None:
    night = clock.oslo(date(2026, 10, 24), time(2, 30))
    oslo = ZoneInfo("Europe/Oslo")
    second = datetime(2026, 10, 25, 2, 15, fold=1, tzinfo=oslo)  # on the wall before half past two, and in truth after

    assert wall(starts("FREQ=DAILY", night, night, second)) == ["24.10 02:30", "25.10 02:30"]
    assert wall(starts("FREQ=DAILY;COUNT=3", night, second, FOREVER)) == ["26.10 02:30"]


# --- Windows and exceptions


def test_a_window_holds_its_beginning_and_not_its_end() -> None:
    week = timedelta(days=7)

    assert wall(starts("FREQ=WEEKLY", WEDNESDAY, WEDNESDAY, WEDNESDAY + week)) == ["04.03 18:00"]
    assert starts("FREQ=WEEKLY", WEDNESDAY, WEDNESDAY - week, WEDNESDAY) == []
    assert starts("FREQ=WEEKLY", WEDNESDAY, WEDNESDAY + week, WEDNESDAY) == []


def test_a_rule_without_an_end_is_read_in_the_window_only() -> None:
    far = clock.oslo(date(2036, 3, 1))

    assert wall(starts(rule(Every.WEEK, WEDNESDAY), WEDNESDAY, far, far + timedelta(days=7))) == ["05.03 18:00"]


def test_there_are_never_more_than_four_hundred() -> None:
    found = starts("FREQ=DAILY", WEDNESDAY, WEDNESDAY, FOREVER, except_for={date(2026, 3, 5)})

    assert len(found) == MOST == 400
    assert found[-1] == clock.oslo(date(2026, 3, 4) + timedelta(days=400), time(18))


def test_excepted_days_are_left_out() -> None:
    off = [date(2026, 3, 11), date(2026, 3, 25), date(2026, 3, 26)]
    found = starts(rule(Every.WEEK, WEDNESDAY), WEDNESDAY, WEDNESDAY, clock.oslo(date(2026, 4, 2)), except_for=off)

    assert wall(found) == ["04.03 18:00", "18.03 18:00", "01.04 18:00"]


def test_an_excepted_day_is_a_day_in_oslo_and_counts_among_the_times_that_were_planned() -> None:
    late = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)  # 1 July in Oslo

    assert wall(starts("FREQ=DAILY;COUNT=3", late, late, FOREVER, [date(2026, 7, 1)])) == ["02.07 00:30", "03.07 00:30"]


# --- Any rule


@st.composite
def rules(draw: st.DrawFn, first: datetime) -> str:
    """A rule of the kinds that are taken, mostly true of its first day."""
    day = clock.local(first).date()
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    some_days = st.lists(st.sampled_from(WEEKDAYS), max_size=2).map(lambda more: [WEEKDAYS[day.weekday()], *more])
    parts = [f"FREQ={frequency}"]
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 40))}")
    if draw(st.booleans()):
        parts.append(f"BYDAY={','.join(draw(some_days))}")
    elif frequency == "MONTHLY" and draw(st.booleans()):
        parts.append(f"BYDAY={(day.day - 1) // 7 + 1}{WEEKDAYS[day.weekday()]}")
    if draw(st.booleans()):
        parts.append(f"BYMONTH={day.month},{draw(st.integers(1, 12))}")
    if frequency in ("MONTHLY", "YEARLY") and draw(st.booleans()):
        parts.append(f"BYMONTHDAY={day.day},{draw(st.sampled_from([1, 29, 31, -1]))}")
    if draw(st.booleans()):
        parts.append(draw(st.sampled_from(["COUNT=1", "COUNT=7", "UNTIL=20280331T100000Z", "WKST=SU"])))
    return ";".join(parts)


@given(data=st.data(), first=firsts, begin=lengths, length=lengths)
@settings(deadline=None)
def test_every_start_lies_in_the_window_in_order_at_the_same_time_of_day(
    data: st.DataObject, first: datetime, begin: timedelta, length: timedelta
) -> None:
    after = first + begin - timedelta(days=100)
    excepted = data.draw(st.sets(days, max_size=5))

    found = taken(data.draw(rules(first)), first, after, after + length, excepted)

    assert all(after <= start < after + length and start >= first for start in found)
    assert all(start.utcoffset() == timedelta(0) for start in found)
    assert all(before < then for before, then in pairwise(found))
    assert all(same_on_the_wall(start, first) for start in found)
    assert not {clock.local(start).date() for start in found} & excepted


@given(data=st.data(), first=firsts, length=lengths)
@settings(deadline=None)
def test_a_calendar_app_that_reads_the_file_finds_the_same(
    data: st.DataObject, first: datetime, length: timedelta
) -> None:
    text = data.draw(rules(first))
    found = taken(text, first, first, first + length)
    event = Event()
    event.add("dtstart", clock.local(first))
    event.add("rrule", Event.from_ical(f"BEGIN:VEVENT\r\nRRULE:{text}\r\nEND:VEVENT\r\n")["RRULE"])
    calendar = Ical()
    calendar.add_component(event)
    (read,) = Ical.from_ical(calendar.to_ical()).walk("VEVENT")
    # What it reads is expanded by the wall alone, without zones: days and hours as in a paper diary.
    begins = read["DTSTART"].dt
    until = read["RRULE"].pop("UNTIL", [None])[0]
    expected = []
    for start in rrulestr(read["RRULE"].to_ical().decode(), dtstart=begins.replace(tzinfo=None, fold=0)):
        moment = start.replace(tzinfo=begins.tzinfo).astimezone(UTC)
        if moment >= first + length or (until and moment > until) or len(expected) == MOST:
            break
        expected.append(moment)

    assert str(begins.tzinfo) == "Europe/Oslo"
    assert found == expected


def taken(
    text: str, first: datetime, after: datetime, before: datetime, except_for: Collection[date] = ()
) -> list[datetime]:
    """The starts by a rule, if it is one that `first` belongs to; the others are passed over."""
    try:
        return starts(text, first, after, before, except_for)
    except BadRule:
        assume(False)
        raise


def test_rules_that_count_in_other_ways_are_read_too() -> None:
    def found(text: str, count: int = 4) -> list[str]:
        return wall(starts(text, WEDNESDAY, WEDNESDAY, FOREVER)[:count])

    assert found("FREQ=DAILY;INTERVAL=10") == ["04.03 18:00", "14.03 18:00", "24.03 18:00", "03.04 18:00"]
    assert found("FREQ=WEEKLY;BYDAY=WE,SA;COUNT=3") == ["04.03 18:00", "07.03 18:00", "11.03 18:00"]
    assert found("FREQ=MONTHLY;BYMONTHDAY=4,-1") == ["04.03 18:00", "31.03 18:00", "04.04 18:00", "30.04 18:00"]
    assert found("FREQ=MONTHLY;BYDAY=+1WE,-1WE") == ["04.03 18:00", "25.03 18:00", "01.04 18:00", "29.04 18:00"]
    assert found("FREQ=YEARLY;BYMONTH=3,9", 2) == ["04.03 18:00", "04.09 18:00"]


# --- Refusals


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "every Wednesday",
        "FREQ",
        "FREQ=",
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=HOURLY",
        "freq=weekly",
        "BYDAY=WE",
        "FREQ=DAILY;",
        "FREQ=DAILY;;COUNT=2",
        "FREQ=DAILY\n",
        "FREQ=DAILY\nRRULE:FREQ=SECONDLY",
        "RRULE:FREQ=DAILY",
        "DTSTART:20260304T180000\nRRULE:FREQ=DAILY",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY;COUNT=1000000000",
        "FREQ=DAILY;COUNT=401",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=-1",
        "FREQ=DAILY;COUNT=٣",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=401",
        "FREQ=DAILY;COUNT=3;UNTIL=20270101T000000Z",
        "FREQ=DAILY;UNTIL=20270101",
        "FREQ=DAILY;UNTIL=20270101T000000",
        "FREQ=DAILY;UNTIL=20261340T000000Z",
        "FREQ=DAILY;UNTIL=20260230T000000Z",
        "FREQ=DAILY;UNTIL=00000101T000000Z",
        "FREQ=DAILY;UNTIL=20270101T990000Z",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=DAILY;BYHOUR=3",
        "FREQ=DAILY;BYMINUTE=1,2,3",
        "FREQ=DAILY;BYSECOND=0",
        "FREQ=DAILY;BYEASTER=0",
        "FREQ=DAILY;X-EVIL=1",
        "FREQ=DAILY;__CLASS__=1",
        "FREQ=WEEKLY;BYDAY=2WE",
        "FREQ=WEEKLY;BYMONTHDAY=4",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=MONTHLY;BYDAY=0WE",
        "FREQ=MONTHLY;BYDAY=99WE",
        "FREQ=MONTHLY;BYDAY=1WE,9WE",
        "FREQ=MONTHLY;BYDAY=9WE,1WE",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTH=13",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYDAY=WE",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TH",
        "FREQ=WEEKLY;BYDAY=TH",
        "FREQ=MONTHLY;BYDAY=2WE",
        "FREQ=DAILY;UNTIL=20260101T000000Z",
        "FREQ=DAILY;BYMONTH=" + ",".join(["3"] * 100),
        "FREQ=DAILY;COUNT=" + "9" * 5000,
        "A" * 1_000_000,
        ";" * 1_000_000,
    ],
    ids=lambda text: text[:40],
)
def test_what_is_no_rule_or_not_one_for_this_day_is_refused_at_once(text: str) -> None:
    began = perf_counter()

    with pytest.raises(BadRule):
        starts(text, WEDNESDAY, WEDNESDAY, NEXT_YEAR)

    assert perf_counter() - began < 1


PIECES = [
    "FREQ=DAILY",
    "FREQ=WEEKLY",
    "FREQ=YEARLY",
    "INTERVAL=400",
    "COUNT=3",
    "BYDAY=5WE,-5TU",
    "BYDAY=WE",
    "BYMONTH=2,3",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=5).map(";".join) | st.text())
@settings(deadline=None)
def test_no_text_gets_further_than_a_refusal(text: str) -> None:
    try:
        found = starts(text, WEDNESDAY, WEDNESDAY, FOREVER)
    except BadRule:
        return
    assert found[0] == WEDNESDAY
    assert len(found) <= MOST


# --- What to call it


@pytest.mark.parametrize("every", Every)
@given(first=firsts, until=st.none() | st.just(date(2031, 1, 1)))
@settings(deadline=None, max_examples=60)
def test_a_rule_tells_how_it_was_made(every: Every, first: datetime, until: date | None) -> None:
    day = clock.local(first).date()
    number = -1 if day.day > 28 else (day.day + 6) // 7

    made = rule(every, first, until)

    assert pattern(made, first) == Pattern(every, day.weekday(), number if every is Every.MONTH else 0)
    assert starts(made, first, first - timedelta(hours=1), FOREVER)[0] == first


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FREQ=WEEKLY", Pattern(Every.WEEK, 2, 0)),
        ("FREQ=WEEKLY;WKST=SU;COUNT=8;INTERVAL=1", Pattern(Every.WEEK, 2, 0)),
        ("BYDAY=WE;INTERVAL=2;FREQ=WEEKLY", Pattern(Every.FORTNIGHT, 2, 0)),
        ("FREQ=MONTHLY;BYDAY=+1WE", Pattern(Every.MONTH, 2, 1)),
        ("FREQ=MONTHLY;BYDAY=-1WE", Pattern(Every.MONTH, 2, -1)),
        ("FREQ=WEEKLY;INTERVAL=3", Pattern(None, 2, 0)),
        ("FREQ=WEEKLY;BYDAY=WE,FR", Pattern(None, 2, 0)),
        ("FREQ=WEEKLY;BYMONTH=3", Pattern(None, 2, 0)),
        ("FREQ=MONTHLY", Pattern(None, 2, 0)),
        ("FREQ=MONTHLY;BYDAY=WE", Pattern(None, 2, 0)),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=1WE", Pattern(None, 2, 0)),
        ("FREQ=DAILY", Pattern(None, 2, 0)),
    ],
)
def test_a_rule_from_elsewhere_is_named_when_everyday_words_say_the_same(text: str, expected: Pattern) -> None:
    assert pattern(text, WEDNESDAY) == expected


def test_what_is_no_rule_has_no_name() -> None:
    with pytest.raises(BadRule):
        pattern("FREQ=SECONDLY", WEDNESDAY)
