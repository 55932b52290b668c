"""What an organiser fills in about an activity and its roles: short to do, and hard to do wrong."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from .. import clock, contact
from ..activities.editing import LARGEST_CAPACITY
from ..activities.models import Kind
from ..activities.recurrence import Every
from ..forms import TOO_LONG, BaseForm, text_in
from ..offers import words

LONGEST_TITLE = 120
LONGEST_TEXT = 600
LONGEST_PRICE = 100_000
MOST_ROLES = 12
FURTHEST = timedelta(days=2 * 366)
DATES = ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"]
TIMES = ["%H:%M", "%H.%M", "%H:%M:%S"]
SPOKEN = words.LANGUAGES[:9]
# How many a role of each kind often needs.
OFTEN = {
    Kind.COOK: 4,
    Kind.BAKE: 3,
    Kind.CARRY: 4,
    Kind.DRIVE: 1,
    Kind.HOST: 2,
    Kind.TRANSLATE: 2,
    Kind.FIX: 2,
    Kind.PLAY: 2,
    Kind.TIDY: 4,
}


def short(label: str, *required: DataRequired, longest: int = LONGEST_TITLE) -> StringField:
    """A line of text."""
    return StringField(label, validators=[*required, Length(max=longest, message=TOO_LONG)])


class RoleForm(BaseForm):
    """One role: its kind is enough."""

    task = HiddenField()
    kind = SelectField(
        _l("Hva slags hjelp?"),
        default="",
        choices=[
            SelectChoice("", _l("Ikke valgt")),
            *(SelectChoice(kind.value, label) for kind, label in words.KINDS.items()),
        ],
    )
    title = short(_l("Med egne ord"))
    capacity = IntegerField(
        _l("Hvor mange?"),
        validators=[
            Optional(),
            NumberRange(1, LARGEST_CAPACITY, _l("Skriv et tall fra %(min)d til %(max)d.")),
        ],
    )
    start = TimeField(_l("Fra"), format=TIMES, validators=[Optional()])
    end = TimeField(_l("Til"), format=TIMES, validators=[Optional()])
    meet = short(_l("Hvor møter de opp?"), longest=200)
    takes = short(_l("Hva det krever"), longest=200)
    min_age = IntegerField(
        _l("Aldersgrense"), validators=[Optional(), NumberRange(1, 99, _l("Skriv et tall fra %(min)d til %(max)d."))]
    )
    remove = BooleanField(_l("Ta bort denne oppgaven"))

    @property
    def is_there(self) -> bool:
        """Whether somebody filled it in."""
        return bool(self.kind.data or self.task.data)

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Check what goes together."""
        good = super().validate(extra_validators)
        if not self.kind.data and (text_in(self.title) or self.task.data) and not self.remove.data:
            self.kind.errors = [_l("Velg hva slags hjelp det er.")]
        if (self.start.data is None) != (self.end.data is None) and not (self.start.errors or self.end.errors):
            self.end.errors = [_l("Skriv både fra og til, eller la begge stå tomme.")]
        elif self.start.data and self.start.data == self.end.data:
            self.end.errors = [_l("Slutten må være etter starten.")]
        return good and not (self.kind.errors or self.end.errors)


class Rows(FieldList):  # type: ignore[type-arg]  # generic in its stubs only
    """Rows of a form; a name made up by a stranger is no row."""

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        for name in formdata:
            number = name.removeprefix(f"{prefix}-").partition("-")[0]
            if name.startswith(f"{prefix}-") and number.isascii() and number.isdigit() and len(number) <= 2:
                yield int(number)


class ActivityForm(BaseForm):
    """An activity; or, `standing`, help that is needed all along."""

    source = HiddenField()  # the activity this was copied from
    standing = HiddenField()
    title = short(_l("Hva heter det?"), DataRequired(_l("Gi aktiviteten et navn.")))
    summary = TextAreaField(
        _l("Hva skjer?"),
        validators=[DataRequired(_l("Skriv kort hva som skjer.")), Length(max=LONGEST_TEXT, message=TOO_LONG)],
    )
    title_en = short(_l("Navnet på engelsk"))
    summary_en = TextAreaField(_l("Hva som skjer, på engelsk"), validators=[Length(max=LONGEST_TEXT, message=TOO_LONG)])
    title_ar = short(_l("Navnet på arabisk"))
    summary_ar = TextAreaField(_l("Hva som skjer, på arabisk"), validators=[Length(max=LONGEST_TEXT, message=TOO_LONG)])
    day = DateField(_l("Dag"), format=DATES, validators=[Optional()])
    start = TimeField(_l("Fra"), format=TIMES, validators=[Optional()])
    end = TimeField(_l("Til"), format=TIMES, validators=[Optional()])
    place = short(_l("Hvor?"), DataRequired(_l("Skriv hvor det er.")))
    organiser = SelectField(
        _l("Hvem arrangerer?"), default="", validators=[DataRequired(_l("Velg hvem som arrangerer."))]
    )
    audience = short(_l("For hvem?"), DataRequired(_l("Skriv hvem det er for.")))
    price = IntegerField(
        _l("Pris i kroner"),
        validators=[Optional(), NumberRange(0, LONGEST_PRICE, _l("Skriv et tall fra %(min)d til %(max)d."))],
    )
    contact = short(_l("Hvem kan folk spørre?"), DataRequired(_l("Skriv hvem folk kan spørre.")))
    languages = SelectMultipleField(_l("Språk som snakkes"), validators=[DataRequired(_l("Velg minst ett språk."))])
    drop_in = BooleanField(_l("Bare møt opp – ingen påmelding"))
    no_norwegian = BooleanField(_l("Du trenger ikke kunne norsk"))
    bring_children = BooleanField(_l("Ta gjerne med barn"))
    way_in = short(_l("Hvor er inngangen?"), longest=200)
    bring = short(_l("Hva skal folk ta med?"), longest=200)
    theme = SelectField(_l("Tema"), default=0, coerce=lambda value: int(value) if str(value).isdecimal() else 0)
    cards = SelectMultipleField(_l("Handlingsrommet bak dette"))
    repeats = SelectField(
        _l("Hvor ofte?"),
        default="",
        choices=[
            SelectChoice("", _l("Bare denne gangen")),
            SelectChoice(Every.WEEK.value, _l("Hver uke")),
            SelectChoice(Every.FORTNIGHT.value, _l("Annenhver uke")),
            SelectChoice(Every.MONTH.value, _l("Hver måned, samme ukedag")),
        ],
    )
    until = DateField(_l("Til og med"), format=DATES, validators=[Optional()])
    roles = Rows(FormField(RoleForm), min_entries=3, max_entries=MOST_ROLES)

    kept: tuple[datetime, datetime] | None = None  # when it was: that may be in the past, if it stays so

    @property
    def is_standing(self) -> bool:
        """Whether it is help that is needed all along."""
        return text_in(self.standing) == "1"

    @property
    def filled(self) -> list[RoleForm]:
        """The roles that somebody filled in."""
        return [row.form for row in self.roles if row.form.is_there]

    def hours(self) -> tuple[datetime, datetime]:
        """When it starts and ends; midnight is the end of the day."""
        day: Any = self.day.data
        if self.is_standing:
            last: Any = self.until.data
            first = self.kept[0] if self.kept else clock.now().replace(second=0, microsecond=0)
            return first, clock.oslo(last + timedelta(days=1))
        start: Any = self.start.data
        end: Any = self.end.data
        return clock.oslo(day, start), clock.oslo(day + timedelta(days=1) if end == time() else day, end)

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Check every field, and the times together."""
        good = super().validate(extra_validators)
        trouble = [*(self._standing_trouble() if self.is_standing else self._time_trouble())]
        for name, words_ in trouble:
            if not self[name].errors:
                self[name].errors = [words_]
        return good and not trouble

    def _standing_trouble(self) -> Iterator[tuple[str, Any]]:
        if self.until.data is None:
            yield "until", _l("Velg hvor lenge dere trenger hjelp.")
        elif not clock.today() <= self.until.data <= clock.today() + FURTHEST:
            yield "until", _l("Velg en dag som kommer, høyst to år fram.")

    def _time_trouble(self) -> Iterator[tuple[str, Any]]:
        day, start, end = self.day.data, self.start.data, self.end.data
        if day is None:
            yield "day", _l("Velg dag.")
        elif day > clock.today() + FURTHEST or day.year < 2000:
            yield "day", _l("Velg en dag som kommer, høyst to år fram.")
        if start is None:
            yield "start", _l("Velg når det begynner.")
        if end is None:
            yield "end", _l("Velg når det slutter.")
        if day and start and end and day <= clock.today() + FURTHEST and day.year >= 2000:
            yield from self._hours_trouble(day, start, end)
        if day and self.repeats.data and self.until.data and self.until.data < day:
            yield "until", _l("Den siste dagen må være etter den første.")
        elif self.repeats.data and self.until.data and self.until.data > clock.today() + FURTHEST:
            yield "until", _l("Velg en dag som kommer, høyst to år fram.")

    def _hours_trouble(self, day: date, start: time, end: time) -> Iterator[tuple[str, Any]]:
        starts_at, ends_at = self.hours()
        for name, asked in (("start", start), ("end", end)):
            if clock.local(clock.oslo(day, asked)).time() != asked.replace(second=0):
                yield name, _l("Klokka stilles fram den natta, så dette klokkeslettet finnes ikke. Velg et annet.")
        if ends_at <= starts_at:
            yield "end", _l("Slutten må være etter starten.")
        elif starts_at < clock.now() and not (self.kept and self.kept[0] == starts_at):
            yield "day", _l("Dette tidspunktet har vært. Velg et som kommer.")


class CancelForm(BaseForm):
    """Why an activity is off."""

    why = TextAreaField(_l("Hvorfor?"), validators=[Length(max=300, message=TOO_LONG)])


class OutcomeForm(BaseForm):
    """What came of it."""

    visitors = IntegerField(
        _l("Hvor mange kom?"),
        validators=[Optional(), NumberRange(0, 100_000, _l("Skriv et tall fra %(min)d til %(max)d."))],
    )
    came_of = TextAreaField(_l("Fortell det med noen få ord"), validators=[Length(max=LONGEST_TEXT, message=TOO_LONG)])
    thanks = TextAreaField(_l("Takk til"), validators=[Length(max=LONGEST_TEXT, message=TOO_LONG)])
    ideas = SelectMultipleField(_l("Hvilke ideer kom det fra?"))


class OrganiserForm(BaseForm):
    """Which organiser somebody speaks for."""

    organiser = short(_l("Arrangør"), DataRequired(_l("Skriv navnet på arrangøren.")))


class ReachForm(BaseForm):
    """Where the app writes to an organiser."""

    email = EmailField(_l("E-post"), validators=[Length(max=254, message=TOO_LONG)])

    def validate_email(self, field: EmailField) -> None:
        """Refuse what no mail can reach."""
        if field.data:
            try:
                field.data = contact.email(field.data)
            except contact.BadEmail:
                raise ValidationError(_("Sjekk e-postadressen. Den skal se ut som navn@eksempel.no.")) from None
