"""«Denne uka» in words: what the sheet on the door says, in the reader's language."""

from datetime import date, timedelta

from babel.dates import format_interval
from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from .. import clock, i18n
from ..i18n import clock_time, full_day
from ..places.models import Place
from ..posters import week
from ..posters.lines import Line, named, said, worded
from ..web import public_url
from . import agenda

NEEDS = 3
"""How many needs of one activity stand on the sheet."""


def of_week(place: Place | None) -> week.Week:
    """The sheet for a place with its rooms, or for everywhere."""
    language = i18n.reader()
    happenings, more = agenda.week(agenda.Scope(place=place))
    where = named(place.full_name if place else str(current_app.config["SITE_NAME"]))
    heading, now, address = pgettext("when", "Denne uka"), clock.now(), list_address()
    return week.Week(
        title=f"{heading} · {where.text}",
        kicker=where,
        heading=worded(heading),
        range=_range(clock.today()),
        days=tuple(
            week.Day(full_day(day), tuple(_row(happening) for happening in rows))
            for day, rows in agenda.by_day(happenings).items()
        ),
        empty=_("Det står ingenting på planen de neste sju dagene. Kanskje er det du som starter noe?"),
        # Translators: at the end of a printed list that has no room for all; %(address)s is a web address.
        more=ngettext("Og %(num)d til – se %(address)s", "Og %(num)d til – se %(address)s", more, address=address[1])
        if more
        else "",
        payload=address[0],
        qr_label=_("QR-kode til alt som skjer"),
        scan=_("Skann koden og se alt som skjer – og hvor du kan hjelpe til."),
        # Translators: the address to type follows on the next line.
        by_hand=_("Uten kamera: gå til"),
        url=address[1],
        made=_("Skrevet ut %(day)s kl. %(time)s", day=full_day(now), time=clock_time(now)),
        lang=language.tag,
        dir=language.direction,
    )


def list_address() -> tuple[str, str]:
    """Where the code leads, and the same as people type it.

    In bokmål without language: then each phone gets its own.
    """
    path = url_for("activities.index").removeprefix(f"/{i18n.SOURCE.tag}/")
    address = public_url("/" + path.lstrip("/"))
    return address, address.partition("//")[2]


def _range(today: date) -> str:
    return format_interval(today, today + timedelta(days=6), "yMMMMd", locale=i18n.reader().locale)


def _row(happening: agenda.Happening) -> week.Row:
    activity = happening.activity
    price = _("%(kroner)s kr", kroner=activity.price) if activity.price else _("gratis")
    return week.Row(
        time=f"{clock_time(activity.starts_at)}–{clock_time(activity.ends_at)}",
        title=said(activity.title),
        facts=(named(activity.place.full_name), worded(price), said(activity.audience)),
        needs=tuple(_need(need) for need in happening.needs[:NEEDS]),
        off=_("Avlyst") if activity.is_cancelled else "",
    )


def _need(need: agenda.Need) -> Line:
    # Translators: for example «Trenger 2: Lage suppe».
    words = ngettext(
        "Trenger %(num)d: %(task)s", "Trenger %(num)d: %(task)s", need.left, task=i18n.plain(need.task.title)
    )
    return worded(words)
