"""For the organiser's hand: the sheet that hangs in the kitchen, and the list of names; people's names on paper.

The sheet on the wall has names and no contacts; the list has the contacts that were given for the task, and who waits.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from flask_babel import gettext as _
from flask_babel import ngettext

from .. import clock, i18n
from ..i18n import Translated, clock_time, full_day, plain
from . import press
from .lines import Line, named, said, worded

BLANKS = range(2, 7)
"""How many lines there are to write on, at least and at most, for those who just turn up."""


class Happens(Protocol):
    """What has a title, a start and an end: an activity."""

    @property
    def title(self) -> Translated: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


class Located(Protocol):
    """A place, or a room in one."""

    @property
    def full_name(self) -> str: ...


class Held(Happens, Protocol):
    """An activity."""

    @property
    def place(self) -> Located: ...
    @property
    def standing(self) -> bool: ...


class Duty(Happens, Protocol):
    """A task."""

    @property
    def meet(self) -> Translated: ...
    @property
    def capacity(self) -> int: ...


class Helper(Protocol):
    """Somebody's yes to a task."""

    @property
    def name(self) -> str: ...
    @property
    def party(self) -> int: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...


class Crew(NamedTuple):
    """A task, who has a place, and who waits, in the order they came: as the desk finds them."""

    task: Duty
    placed: Sequence[Helper]
    waiting: Sequence[Helper] = ()


class Column(NamedTuple):
    """A column of the table: what it is for, and its heading."""

    key: str
    name: str


def kitchen(activity: Held, crews: Iterable[tuple[Duty, Sequence[Helper], Sequence[Helper]]]) -> bytes:
    """The sheet for the kitchen wall, A4: tasks, times, names and boxes to tick; nobody's number or address."""
    columns = _columns()
    tasks = [_task(activity, Crew(*crew)) | {"waiting": []} for crew in crews]
    return press.printed("sheet", _sheet(activity, _("Kjøkkenliste"), columns, tasks))


def names(activity: Held, crews: Iterable[tuple[Duty, Sequence[Helper], Sequence[Helper]]]) -> bytes:
    """The list of names, A4, for the organiser alone: with the contacts that were given, and who waits."""
    columns = [*_columns(), Column("contact", _("Telefon eller e-post"))]
    tasks = [_task(activity, Crew(*crew)) for crew in crews]
    return press.printed("sheet", _sheet(activity, _("Navneliste"), columns, tasks))


def _columns() -> list[Column]:
    return [
        # Translators: heading over boxes to tick by hand when somebody has come. One short word.
        Column("tick", _("Kom")),
        Column("name", _("Navn")),
        # Translators: heading over how many people somebody comes with, themselves among them. One short word.
        Column("party", _("Antall")),
    ]


def _sheet(activity: Held, kind: str, columns: list[Column], tasks: list[dict[str, Any]]) -> dict[str, Any]:
    language = i18n.reader()
    now = clock.now()
    when = [] if activity.standing else [worded(full_day(activity.starts_at)), _times(activity)]
    return {
        "title": f"{kind}: {plain(activity.title)}",
        "kind": kind,
        "heading": said(activity.title),
        "facts": [*when, named(activity.place.full_name)],
        "printed": _("Skrevet ut %(day)s kl. %(time)s", day=full_day(now), time=clock_time(now)),
        # Translators: stands on paper with names on it: it must be shredded when it is no longer needed.
        "shred": _("Makuleres etter bruk"),
        # Translators: stands for a name in letters that the printer has no font for.
        "unprintable": _("(navnet kan ikke skrives ut)"),
        # Translators: heading over the people who wait for a place.
        "waiting": _("Venteliste"),
        "empty": _("Ingen oppgaver ennå."),
        "columns": [column._asdict() for column in columns],
        # Translators: heading of a narrow column: somebody's number in the queue.
        "queue": [Column("number", _("Nr."))._asdict(), *(column._asdict() for column in columns[1:])],
        "tasks": tasks,
        "lang": language.tag,
        "dir": language.direction,
    }


def _task(activity: Held, crew: Crew) -> dict[str, Any]:
    task, people = crew.task, sum(helper.party for helper in crew.placed)
    # Translators: how many of those needed have said yes: for example «3 av 5 plasser er tatt».
    taken = ngettext(
        "%(taken)d av %(num)d plass er tatt", "%(taken)d av %(num)d plasser er tatt", task.capacity, taken=people
    )
    return {
        "title": said(task.title),
        "facts": [*([] if activity.standing else [_times(task)]), said(task.meet), worded(taken)],
        "people": [_person(helper) for helper in crew.placed],
        "waiting": [_person(helper) for helper in crew.waiting],
        "blanks": min(max(task.capacity - people, BLANKS.start), BLANKS.stop - 1),
    }


def _person(helper: Helper) -> dict[str, Any]:
    return {
        "name": named(helper.name),
        "party": str(helper.party),
        "contact": [Line("und", "ltr", contact) for contact in (helper.phone, helper.email) if contact],
    }


def _times(what: Happens) -> Line:
    return Line("und", "ltr", f"{clock_time(what.starts_at)}–{clock_time(what.ends_at)}")
