"""The code typed on another phone."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from ..forms import BaseForm


class CodeForm(BaseForm):
    """A receipt's code, as somebody wrote it down."""

    code = StringField(_l("Koden din"), validators=[InputRequired(_l("Skriv koden du fikk.")), Length(max=40)])
