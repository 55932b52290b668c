"""The code typed on another phone."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from ..forms import TOO_LONG, BaseForm


class CodeForm(BaseForm):
    """A receipt's code, as somebody wrote it down."""

    code = StringField(
        _l("Koden din"), validators=[DataRequired(_l("Skriv koden du fikk.")), Length(max=40, message=TOO_LONG)]
    )
