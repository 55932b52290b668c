"""The code typed on another phone, or lost."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from ..contact import BadContact, Contact, Kind, parse
from ..forms import TOO_LONG, BaseForm, text_in


class CodeForm(BaseForm):
    """A receipt's code, as somebody wrote it down."""

    code = StringField(
        _l("Koden din"), validators=[DataRequired(_l("Skriv koden du fikk.")), Length(max=40, message=TOO_LONG)]
    )


class LostForm(BaseForm):
    """How somebody who has lost the code was to be reached."""

    contact = StringField(
        _l("Telefon eller e-post"),
        validators=[DataRequired(_l("Skriv telefonnummeret eller e-posten du ga oss."))],
    )
    reached_at = Contact()

    def validate_contact(self, field: Field) -> None:
        """Whether anybody can be reached so; it tells nothing of who is."""
        try:
            self.reached_at = parse(text_in(field))
        except BadContact as refusal:
            if refusal.kind is Kind.EMAIL:
                raise ValidationError(_("E-postadressen ser ikke riktig ut. Se etter en gang til.")) from None
            raise ValidationError(
                _("Nummeret ser ikke riktig ut. Er det utenlandsk, må det begynne med + og landkoden.")
            ) from None
