"""What staff fill in: to sign in, and to make a workshop."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, PasswordField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from .. import i18n
from ..forms import BaseForm
from ..i18n import Translated
from ..workshops.models import Reason

QUESTION_LENGTH = 200  # characters; longer cannot be read from the back row


class SignInForm(BaseForm):
    """An address and a password."""

    email = EmailField(_l("E-post"), validators=[InputRequired(_l("Skriv e-postadressen din.")), Length(max=254)])
    password = PasswordField(_l("Passord"), validators=[InputRequired(_l("Skriv passordet ditt.")), Length(max=128)])


class PasswordForm(BaseForm):
    """A password of one's own."""

    password = PasswordField(_l("Nytt passord"), validators=[InputRequired(_l("Skriv et passord."))])


class WorkshopForm(BaseForm):
    """A workshop with one question, asked in as many languages as one can."""

    title = StringField(
        _l("Hva slags møte er det?"), validators=[InputRequired(_l("Gi verkstedet et navn.")), Length(max=120)]
    )
    place = StringField(_l("Hvor er det?"), validators=[InputRequired(_l("Skriv hvor verkstedet er.")), Length(max=120)])
    question_nb = StringField(
        _l("Spørsmålet på norsk"), validators=[InputRequired(_l("Skriv spørsmålet.")), Length(max=QUESTION_LENGTH)]
    )
    question_en = StringField(_l("Spørsmålet på engelsk"), validators=[Length(max=QUESTION_LENGTH)])
    question_ar = StringField(_l("Spørsmålet på arabisk"), validators=[Length(max=QUESTION_LENGTH)])
    approval = BooleanField(_l("Jeg leser ideene før andre ser dem"), default=True)

    def question(self) -> Translated:
        """The question in the languages it was given in."""
        asked = {tag: self[f"question_{tag}"].data for tag in i18n.LANGUAGES}
        return Translated({tag: text for tag, text in asked.items() if text})


class HideForm(BaseForm):
    """Why an idea is hidden; the writer is told."""

    reason = RadioField(
        _l("Hvorfor?"),
        choices=[
            (Reason.PERSONAL, _l("Forteller noe om en person")),
            (Reason.HURTFUL, _l("Kan såre noen")),
            (Reason.OFF_TOPIC, _l("Handler om noe annet")),
            (Reason.DOUBLE, _l("Står her allerede")),
        ],
        coerce=Reason,
        validators=[InputRequired(_l("Velg en grunn, så den som skrev, får vite hvorfor."))],
    )
