"""Between an organiser's form and the activity it is about: filling the one in, and reading the other out of it."""

from collections.abc import Iterable
from datetime import time, timedelta
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from wtforms import Field
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from .. import clock, i18n
from ..activities.editing import Plan, Role
from ..activities.models import Activity, Kind, Task
from ..forms import text_in
from ..handlingsrom import rules as handlingsrom
from ..i18n import Translated
from ..offers import words
from ..places.models import Organiser
from .activity_forms import OFTEN, SPOKEN, ActivityForm, RoleForm

OTHERS = ("en", "ar")  # the languages an organiser may write in besides bokmål
# Translators: for whom an activity is; the organiser picks one, or writes something else.
AUDIENCES = (_l("Alle"), _l("Barn og familier"), _l("Unge"), _l("Voksne"), _l("Eldre"))
# Translators: whom to ask about an activity: a role, never a name.
CONTACTS = (_l("Verten på stedet"), _l("Frivilligsentralen"))
MEET = _l("Spør etter verten når du kommer.")
KNOWN = (*AUDIENCES, *CONTACTS, MEET, *words.KINDS.values())


def everywhere(words_: Any) -> Translated:
    """Words of the app's own, in all its languages."""
    said = {}
    for language in i18n.LANGUAGES.values():
        with force_locale(language.locale):
            said[language.tag] = str(words_)
    return Translated(said)


def in_norwegian(words_: Any) -> str:
    """Words of the app's own as they are written first."""
    with force_locale(i18n.SOURCE.locale):
        return str(words_)


def suggestions(words_: Iterable[Any]) -> list[str]:
    """Words to pick from, as an organiser would write them."""
    return [in_norwegian(one) for one in words_]


# --- Filling in


def nb(text: Translated | None) -> str:
    """A text as an organiser wrote it."""
    return text.read(i18n.SOURCE.tag).text if text else ""


def defaults() -> dict[str, Any]:
    """What a new activity most often is."""
    return {
        "audience": in_norwegian(AUDIENCES[0]),
        "contact": in_norwegian(CONTACTS[0]),
        "languages": [i18n.SOURCE.tag],
        "drop_in": True,
        "price": 0,
        "roles": [],
    }


def like(activity: Activity) -> dict[str, Any]:
    """What the next activity is likely to share with the one before."""
    return {
        "source": activity.public_id,
        "place": activity.place.full_name,
        "contact": nb(activity.contact),
        "languages": activity.languages,
        "organiser": activity.organiser.public_id,
    }


def filled(activity: Activity) -> dict[str, Any]:
    """All that an activity is."""
    starts_at, ends_at = clock.local(activity.starts_at), clock.local(activity.ends_at)
    until = (ends_at - timedelta(minutes=1)).date() if activity.standing else None
    names = ("price", "drop_in", "no_norwegian", "bring_children")
    texts = ("title", "summary", "audience", "way_in", "bring")
    return {
        **like(activity),
        **{name: getattr(activity, name) for name in names},
        **{name: nb(getattr(activity, name)) for name in texts},
        **{f"{name}_{tag}": getattr(activity, name).get(tag, "") for name in ("title", "summary") for tag in OTHERS},
        "standing": "1" if activity.standing else "",
        "day": starts_at.date(),
        "start": starts_at.time(),
        "end": ends_at.time(),
        "until": until,
        "theme": activity.theme_id or 0,
        "cards": [card.public_id for card in activity.cards],
        "roles": [_filled_role(task) for task in activity.tasks],
    }


def copied(activity: Activity) -> dict[str, Any]:
    """All that an activity is, but on the next such weekday, and with roles of its own."""
    values = filled(activity)
    weeks = max((clock.today() - values["day"]).days // 7 + 1, 1)
    roles = [{**role, "task": ""} for role in values["roles"]]
    late = values["until"] is not None and values["until"] <= clock.today()
    return {
        **values,
        "day": values["day"] + timedelta(weeks=weeks),
        "until": None if late else values["until"],
        "roles": roles,
    }


def prepare(form: ActivityForm, organisers: list[Organiser]) -> ActivityForm:
    """Give a form what can be chosen in it."""
    named = [SelectChoice(organiser.public_id, organiser.name) for organiser in organisers]
    form.organiser.choices = named if form.organiser.data else [SelectChoice("", _l("Ikke valgt")), *named]
    more = [tag for tag in form.languages.data or [] if tag in words.LANGUAGES and tag not in SPOKEN]
    form.languages.choices = [SelectChoice(tag, tag) for tag in (*SPOKEN, *more)]
    form.theme.choices = [
        SelectChoice(0, _l("Ikke valgt")),
        *(SelectChoice(theme.id, nb(theme.title)) for theme in handlingsrom.themes()),
    ]
    form.cards.choices = [SelectChoice(card.public_id, nb(card.title)) for card in handlingsrom.cards()]
    return form


def _filled_role(task: Task) -> dict[str, Any]:
    start, end = _hours(task)
    whole = task.activity.standing or (task.starts_at, task.ends_at) == (
        task.activity.starts_at,
        task.activity.ends_at,
    )
    return {
        "task": task.public_id,
        "kind": task.kind.value,
        "title": nb(task.title),
        "capacity": task.capacity,
        "start": None if whole else start,
        "end": None if whole else end,
        "meet": nb(task.meet),
        "takes": nb(task.takes),
        "min_age": task.min_age,
    }


def _hours(task: Task) -> tuple[time, time]:
    return clock.local(task.starts_at).time(), clock.local(task.ends_at).time()


# --- Reading out


def plan_of(form: ActivityForm, organiser: Organiser, source: Activity | None) -> Plan:
    """The activity that a checked form describes; what `source` says in other languages is kept where it still fits."""
    starts_at, ends_at = form.hours()
    tasks = {task.public_id: task for task in source.tasks} if source else {}
    cards = {card.public_id: card.id for card in handlingsrom.cards()}
    return Plan(
        title=_written(form, "title", getattr(source, "title", None)),
        summary=_written(form, "summary", getattr(source, "summary", None)),
        starts_at=starts_at,
        ends_at=ends_at,
        standing=form.is_standing,
        place=text_in(form.place),
        organiser_id=organiser.id,
        contact=_said(form.contact, getattr(source, "contact", None)),
        audience=_said(form.audience, getattr(source, "audience", None)),
        way_in=_said(form.way_in, getattr(source, "way_in", None)) or None,
        bring=_said(form.bring, getattr(source, "bring", None)) or None,
        languages=list(form.languages.data or []),
        price=form.price.data or 0,
        drop_in=form.drop_in.data,
        no_norwegian=form.no_norwegian.data,
        bring_children=form.bring_children.data,
        theme_id=form.theme.data or None,
        cards=tuple(cards[card] for card in form.cards.data or [] if card in cards),
        roles=tuple(_role(row, form, tasks) for row in form.filled if not row.remove.data),
        removed=frozenset(text_in(row.task) for row in form.filled if row.remove.data),
    )


def _role(row: RoleForm, form: ActivityForm, tasks: dict[str, Task]) -> Role:
    kind = Kind(row.kind.data)
    task = tasks.get(text_in(row.task))
    twin = task or next((one for one in tasks.values() if nb(one.title) == text_in(row.title)), None)
    usual = everywhere(words.KINDS[kind])
    return Role(
        kind=kind,
        title=_said(row.title, getattr(twin, "title", None)) or usual,
        meet=_said(row.meet, getattr(twin, "meet", None)) or everywhere(MEET),
        takes=_said(row.takes, getattr(twin, "takes", None)) or None,
        capacity=row.capacity.data or OFTEN[kind],
        min_age=row.min_age.data,
        hours=_new_hours(row, form, task),
        task=task.public_id if task else "",
    )


def _new_hours(row: RoleForm, form: ActivityForm, task: Task | None) -> tuple[time, time] | None:
    """The hours of a role, when they are its own and were changed here: else it moves along."""
    if form.is_standing:
        return None
    before = _filled_role(task) if task else {"start": None, "end": None}
    given: tuple[Any, Any] = (row.start.data, row.end.data)
    if given == (before["start"], before["end"]):
        return None
    start: Any = form.start.data
    end: Any = form.end.data
    return given if given[0] else (start, end)


def _written(form: ActivityForm, name: str, before: Translated | None) -> Translated:
    """What an organiser wrote in bokmål, and maybe in others; a translation of other words is dropped."""
    source = text_in(form[name])
    fits = before is not None and nb(before) == source
    kept = {tag: text for tag, text in before.items() if tag not in OTHERS} if before and fits else {}
    given = {tag: text_in(form[f"{name}_{tag}"]) for tag in OTHERS}
    good = {tag: text for tag, text in given.items() if text and (fits or before is None or before.get(tag) != text)}
    return Translated({**kept, i18n.SOURCE.tag: source, **good})


def _said(field: Field, before: Translated | None) -> Translated:
    return reworded(text_in(field), before) or Translated({})


def reworded(text: str, before: Translated | None = None) -> Translated | None:
    """What an organiser wrote: in all languages where the app knows the words, else as before where it still is so."""
    if not text:
        return None
    if before is not None and nb(before) == text:
        return before
    known = next((one for one in KNOWN if in_norwegian(one).casefold() == text.casefold()), None)
    return everywhere(known) if known is not None else Translated({i18n.SOURCE.tag: text})
