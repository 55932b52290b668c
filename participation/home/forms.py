"""The code typed from a poster."""

from flask_babel import lazy_gettext as _l
from wtforms import Form, StringField


class FindForm(Form):
    """A workshop's code."""

    code = StringField(_l("Har du en kode?"))
