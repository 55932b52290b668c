"""A text on paper: its words, the language they are in, and which way they run."""

from typing import NamedTuple

from .. import i18n
from ..i18n import Translated

UNKNOWN = "und"


class Line(NamedTuple):
    """A text with its language (`nb`, `fa-AF`) and direction (`ltr` or `rtl`)."""

    lang: str
    dir: str
    text: str


def said(text: Translated) -> Line:
    """A text in the reader's language, or in the one it has."""
    reading = text.read(i18n.reader().tag)
    known = i18n.LANGUAGES.get(reading.tag)
    return Line(reading.tag, known.direction, reading.text) if known else named(reading.text)


def worded(text: str) -> Line:
    """Words of the app's own, in the reader's language already."""
    language = i18n.reader()
    return Line(language.tag, language.direction, text)


def named(text: str) -> Line:
    """A name, or other words of which nobody knows the language: they run as their letters do."""
    return Line(UNKNOWN, "rtl" if i18n.script_of(text) == "Arab" else "ltr", text)
