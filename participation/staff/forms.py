"""What staff fill in: to sign in, and to make a workshop."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, Length

from .. import i18n
from ..forms import TOO_LONG, BaseForm, text_in
from ..i18n import Translated
from ..workshops.models import Reason

QUESTION_LENGTH = 120  # characters; longer cannot be read from the back row


class SignInForm(BaseForm):
    """An address and a password."""

    email = EmailField(
        _l("E-post"), validators=[DataRequired(_l("Skriv e-postadressen din.")), Length(max=254, message=TOO_LONG)]
    )
    password = PasswordField(
        _l("Passord"), validators=[DataRequired(_l("Skriv passordet ditt.")), Length(max=128, message=TOO_LONG)]
    )


class PasswordForm(BaseForm):
    """A password of one's own."""

    password = PasswordField(_l("Nytt passord"), validators=[DataRequired(_l("Skriv et passord."))])


class WorkshopForm(BaseForm):
    """A workshop with one question, asked in as many languages as one can."""

    title = StringField(
        _l("Hva slags møte er det?"),
        validators=[DataRequired(_l("Gi verkstedet et navn.")), Length(max=120, message=TOO_LONG)],
    )
    place = StringField(
        _l("Hvor er det?"),
        validators=[DataRequired(_l("Skriv hvor verkstedet er.")), Length(max=120, message=TOO_LONG)],
    )
    question_nb = StringField(
        _l("Spørsmålet på norsk"),
        validators=[DataRequired(_l("Skriv spørsmålet.")), Length(max=QUESTION_LENGTH, message=TOO_LONG)],
    )
    question_en = StringField(_l("Spørsmålet på engelsk"), validators=[Length(max=QUESTION_LENGTH, message=TOO_LONG)])
    question_ar = StringField(_l("Spørsmålet på arabisk"), validators=[Length(max=QUESTION_LENGTH, message=TOO_LONG)])
    activity = SelectField(_l("Holdes det på en aktivitet?"), default="")
    approval = BooleanField(_l("Jeg leser ideene før andre ser dem"), default=True)

    def question(self) -> Translated:
        """The question in the languages it was given in."""
        asked = {tag: text_in(self[f"question_{tag}"]) for tag in i18n.LANGUAGES}
        return Translated({tag: text for tag, text in asked.items() if text})


class HideForm(BaseForm):
    """Why an idea is hidden; the writer is told."""

    reason = RadioField(
        _l("Hvorfor?"),
        choices=[
            SelectChoice(Reason.PERSONAL, _l("Forteller noe om en person")),
            SelectChoice(Reason.HURTFUL, _l("Kan såre noen")),
            SelectChoice(Reason.OFF_TOPIC, _l("Handler om noe annet")),
            SelectChoice(Reason.DOUBLE, _l("Står her allerede")),
        ],
        coerce=Reason,
        validators=[DataRequired(_l("Velg en grunn, så den som skrev, får vite hvorfor."))],
    )
