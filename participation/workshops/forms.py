"""What a resident fills in: one box."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from ..forms import BaseForm
from .rules import IDEA_LENGTH


class IdeaForm(BaseForm):
    """An idea, and nothing about who has it."""

    text = TextAreaField(
        _l("Din idé"),
        validators=[
            DataRequired(_l("Skriv noe i boksen først.")),
            Length(
                max=IDEA_LENGTH,
                message=_l("Det ble for langt. Kort det ned til %(max)d tegn, eller send det i to deler."),
            ),
        ],
    )
