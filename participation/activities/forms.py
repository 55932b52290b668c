"""What a helper fills in: one field."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from ..forms import BaseForm

NAME_LENGTH = 100


class SignUpForm(BaseForm):
    """A first name or a nickname, and nothing else."""

    name = StringField(
        _l("Hva skal vi kalle deg?"),
        validators=[
            DataRequired(_l("Skriv et fornavn eller et kallenavn, så vi vet hvem vi ser etter.")),
            Length(max=NAME_LENGTH, message=_l("Navnet er for langt. Bruk høyst %(max)d tegn.")),
        ],
    )
