"""What somebody fills in who offers to help."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput

from .. import clock, i18n
from ..activities.forms import NAME_LENGTH, bad_contact, on_one_line
from ..activities.models import Kind
from ..contact import BadContact, Contact, parse
from ..forms import TOO_LONG, BaseForm, text_in
from . import rules, words

WHEN_LENGTH = 300
WORDING = "offer-1"  # raise it when the words beside the consent change
REACH = _l("Skriv telefonnummer eller e-post, så vi kan spørre deg.")


class OfferForm(BaseForm):
    """What somebody can do, when, and how to reach them: another person will want to ask."""

    kinds = SelectMultipleField(
        _l("Hva kan du?"),
        choices=[SelectChoice(kind, label) for kind, label in words.KINDS.items()],
        coerce=Kind,
        option_widget=CheckboxInput(),
        validators=[DataRequired(_l("Velg minst én ting du kan."))],
    )
    when = TextAreaField(_l("Når passer det for deg?"), validators=[Length(max=WHEN_LENGTH, message=TOO_LONG)])
    languages = SelectMultipleField(
        _l("Hvilke språk snakker du?"),
        choices=[SelectChoice(tag, tag) for tag in words.LANGUAGES],
        option_widget=CheckboxInput(),
        validators=[DataRequired(_l("Velg minst ett språk."))],
    )
    name = StringField(
        _l("Hva skal vi kalle deg?"),
        validators=[
            DataRequired(_l("Skriv et fornavn eller et kallenavn, så vi vet hvem vi ser etter.")),
            Length(max=NAME_LENGTH, message=_l("Navnet er for langt. Bruk høyst %(max)d tegn.")),
        ],
    )
    contact = StringField(
        _l("Telefon eller e-post"),
        validators=[DataRequired(REACH)],
    )
    until = DateField(_l("Hvor lenge gjelder tilbudet?"), validators=[DataRequired(_l("Velg en dato."))])
    consent = BooleanField(
        _l("Ja, dere kan ta kontakt når noe passer for meg"),
        validators=[DataRequired(_l("Sett et kryss her. Uten det kan vi ikke spørre deg."))],
    )
    reachable = Contact()

    @classmethod
    def new(cls) -> "OfferForm":
        """The form as sent, or an empty one: in the reader's own language, for as long as an offer may stand."""
        return cls.from_request(languages=[i18n.reader().tag], until=rules.latest(clock.today()))

    def validate_contact(self, field: Any) -> None:
        """Whether somebody can be reached so."""
        if field.errors:
            return
        try:
            self.reachable = parse(text_in(field))
        except BadContact as refusal:
            raise ValidationError(bad_contact(refusal)) from None
        if self.reachable == Contact():  # marks that nobody sees, and nothing else
            raise ValidationError(REACH)

    def validate_until(self, field: Any) -> None:
        """Whether an offer may stand so long."""
        today = clock.today()
        if not today <= field.data <= rules.latest(today):
            last = i18n.long_date(rules.latest(today))
            raise ValidationError(_("Velg en dag fra i dag til %(date)s.", date=last))

    def helper(self) -> rules.Helper:
        """Who offers what."""
        return rules.Helper(
            name=on_one_line(text_in(self.name)),
            kinds=tuple(dict.fromkeys(self.kinds.data or ())),
            contact=self.reachable,
            until=self.until.data or clock.today(),
            when=text_in(self.when),
            languages=tuple(dict.fromkeys(self.languages.data or ())),
            wording=WORDING,
            language=i18n.reader().tag,
        )
