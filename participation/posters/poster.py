"""The printable poster of a workshop or an activity: one A4 page, as tagged PDF or as SVG."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from . import press, qr
from .lines import Line
from .press import NotTypeset

__all__ = ["Line", "NotTypeset", "Poster", "pdf", "qr", "svg"]


@dataclass(frozen=True)
class Poster:
    """Every word of a poster, already translated; none of it is markup."""

    title: str
    """The document's title: what a screen reader and the window of a PDF reader say."""
    kicker: str
    """A short line above the question: what this is and where."""
    question: tuple[Line, ...]
    """The question, first in the poster's own language."""
    lines: tuple[Line, ...]
    """«Scan and say what you mean», once in each language."""
    payload: str
    """What the code holds: the upper-case address."""
    qr_label: str
    """The code in words, for those who cannot see it."""
    by_hand: str
    """What those without a camera do with the address and the code."""
    url: str
    """The address without scheme, as people type it."""
    code: str
    """What people type there, grouped as they read it."""
    footer: tuple[str, ...] = ()
    """Small lines at the bottom: no account, no app; how to know the address is the right one."""
    lang: str = "nb"
    dir: str = "ltr"


def pdf(poster: Poster, fonts: Path) -> bytes:
    """The poster as PDF/UA-1 with the fonts of that folder embedded; raises NotTypeset, or TimeoutExpired after 20 s.

    A character that none of the fonts has is left out.
    """
    return _typeset(poster, fonts, "pdf")


def svg(poster: Poster, fonts: Path) -> bytes:
    """The poster as SVG with letters as outlines, so that it looks alike everywhere; raises as `pdf` does."""
    return _typeset(poster, fonts, "svg")


def _typeset(poster: Poster, fonts: Path, form: Literal["pdf", "svg"]) -> bytes:
    return press.printed("poster", asdict(poster) | {"qr": press.code(poster.payload, poster.qr_label)}, fonts, form)
