"""Where words become paper: a short-lived child process sets a template of this folder (Typst) with them."""

import json
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Literal

from ..config import RESOURCES
from . import qr

FONTS = RESOURCES / "static" / "built" / "fonts"
TYPESETTER = Path(__file__).with_name("typeset.py")
TIMEOUT_SECONDS = 20
PRESSES = BoundedSemaphore(2)
"""Each child takes its share of the machine: however many ask at once, no more than these run in a process."""


class NotTypeset(Exception):
    """It could not be made; the message is the typesetter's own."""


def printed(template: str, words: dict[str, Any], fonts: Path = FONTS, form: Literal["pdf", "svg"] = "pdf") -> bytes:
    """The template with these words, as PDF/UA-1 or SVG; raises NotTypeset, or TimeoutExpired after 20 s.

    None of the words is markup. A character that none of the fonts has is left out.
    """
    job = {"words": words, "fonts": str(fonts), "form": form, "template": template}
    if not PRESSES.acquire(timeout=TIMEOUT_SECONDS):
        raise NotTypeset("Too many ask for paper at once.")
    try:
        # A program run by its path: the child never loads the app, the server never loads the typesetter.
        child = subprocess.run(  # noqa: S603 (our own program; the words go in on stdin)
            [sys.executable, "-P", str(TYPESETTER)],
            input=json.dumps(job).encode(),
            capture_output=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
    finally:
        PRESSES.release()
    if child.returncode:
        raise NotTypeset(child.stderr.decode(errors="replace").strip())
    return child.stdout


def code(payload: str, label: str) -> dict[str, Any]:
    """A QR code as the templates take it."""
    return {"svg": qr.svg(payload, label), "modules": len(qr.modules(payload))}
