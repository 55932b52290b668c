"""The printable poster of a workshop or an activity: one A4 page, as tagged PDF or as SVG."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from participation.posters import qr

TYPESETTER = Path(__file__).with_name("typeset.py")
TIMEOUT_SECONDS = 20


class Line(NamedTuple):
    """A text with its language (`nb`, `fa-AF`) and direction (`ltr` or `rtl`)."""

    lang: str
    dir: str
    text: str


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


class NotTypeset(Exception):
    """The poster could not be made; the message is the typesetter's own."""


def pdf(poster: Poster, fonts: Path) -> bytes:
    """The poster as PDF/UA-1 with the fonts of that folder embedded; raises NotTypeset, or TimeoutExpired after 20 s.

    A character that none of the fonts has is left out.
    """
    return _typeset(poster, fonts, "pdf")


def svg(poster: Poster, fonts: Path) -> bytes:
    """The poster as SVG with letters as outlines, so that it looks alike everywhere; raises as `pdf` does."""
    return _typeset(poster, fonts, "svg")


def _typeset(poster: Poster, fonts: Path, form: str) -> bytes:
    code = {"svg": qr.svg(poster.payload, poster.qr_label), "modules": len(qr.modules(poster.payload))}
    job = {"words": asdict(poster) | {"qr": code}, "fonts": str(fonts), "form": form}
    # A short-lived program, run by its path: the child never loads the app, the server never loads the typesetter.
    child = subprocess.run(  # noqa: S603 (our own program; the words go in on stdin)
        [sys.executable, "-P", str(TYPESETTER)],
        input=json.dumps(job).encode(),
        capture_output=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    if child.returncode:
        raise NotTypeset(child.stderr.decode(errors="replace").strip())
    return child.stdout
