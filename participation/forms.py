"""Forms: text as people type it, made safe to keep; errors in the reader's language; a key against doubles."""

import re
import secrets
import unicodedata
from typing import Any, Self

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, HiddenField, StringField

# Control characters have no meaning in a text, and PostgreSQL keeps no NUL. The two overrides turn letters around
# to deceive the eye; the other direction marks are used by honest writers and are kept.
UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\u202d\u202e]")
KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")

TOO_LONG = _l("Det ble for langt. Bruk høyst %(max)d tegn.")


def tidy(text: str | None) -> str:
    """A text without control characters and outer blanks, in Unicode's composed form, with plain line breaks."""
    text = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", UNWANTED.sub("", text)).strip()


def text_in(field: Field) -> str:
    """What a field holds, as text; empty when nothing was sent."""
    return str(field.data or "")


class _Words:
    """What to say where WTForms would speak English: every validator has its own words, so only odd values get here."""

    def gettext(self, _english: str) -> str:
        return str(_("Dette går ikke an å velge. Prøv noe annet."))

    def ngettext(self, english: str, _plural: str, _n: int) -> str:
        return self.gettext(english)


class BaseForm(Form):
    """A form filled from the request, that keeps what was typed; its key makes sending it a second time harmless."""

    key = HiddenField()

    class Meta:
        """How WTForms treats every field."""

        def get_translations(self, form: Form) -> Any:
            """Errors in the reader's language."""
            return _Words()

        def bind_field(self, form: Form, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Every text field is tidied."""
            if issubclass(unbound_field.field_class, StringField):
                own = unbound_field.kwargs.get("filters", ())
                options = {**options, "filters": (*options.get("filters", ()), *own, tidy)}
            return unbound_field.bind(form=form, **options)

    @classmethod
    def from_request(cls, **defaults: Any) -> Self:
        """The form as sent, or a fresh one."""
        form = cls(request.form if request.method == "POST" else None, data=defaults)
        if not KEY.fullmatch(text_in(form.key)):
            form.key.data = cls.new_key()
        return form

    @classmethod
    def fresh(cls) -> Self:
        """An empty form, ready for the next one."""
        return cls(data={"key": cls.new_key()})

    @staticmethod
    def new_key() -> str:
        """A key for a form that has not been sent yet."""
        return secrets.token_urlsafe(16)
