"""The QR code of a short upper-case address: inline SVG for pages and paper, half blocks for the terminal."""

from functools import lru_cache
from itertools import groupby

from markupsafe import Markup
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

QUIET = 4
"""Modules of white that the standard demands on every side; without them phones do not find the code."""

BLACK_ON_WHITE = "\x1b[38;5;16;48;5;231m"
PLAIN = "\x1b[0m"


@lru_cache(maxsize=256)
def modules(payload: str) -> tuple[tuple[bool, ...], ...]:
    """The code's rows of modules, dark is True, without quiet zone: level M, the smallest that holds the payload.

    An upper-case payload is stored in alphanumeric mode, most often one version smaller.
    Raises qrcode.exceptions.DataOverflowError past about 2,300 bytes.
    """
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(payload)
    code.make(fit=True)
    return tuple(tuple(bool(dark) for dark in row) for row in code.get_matrix())


@lru_cache(maxsize=256)
def svg(payload: str, label: str) -> Markup:
    """The code with its quiet zone as `<svg class="qr">`, always black on white; screen readers call it `label`."""
    side = len(modules(payload)) + 2 * QUIET
    path = ""
    for y, row in enumerate(modules(payload), QUIET):
        x = QUIET
        for dark, run in groupby(row):
            length = len(tuple(run))
            if dark:
                path += f"M{x} {y}h{length}v1h-{length}z"
            x += length
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"'
        ' role="img" aria-label="{label}"><rect width="{side}" height="{side}" fill="#fff"/>'
        '<path fill="#000" d="{path}"/></svg>'
    ).format(side=side, label=label, path=path)


def terminal(payload: str) -> str:
    """The code with its quiet zone in half blocks, two rows a line, black on white in any terminal."""
    rows = modules(payload)
    side = len(rows) + 2 * QUIET
    margin = ((False,) * side,) * QUIET
    canvas = [*margin, *((False,) * QUIET + row + (False,) * QUIET for row in rows), *margin, (False,) * side]
    lines = (
        "".join(" ▄▀█"[2 * upper + lower] for upper, lower in zip(*pair, strict=True))
        for pair in zip(canvas[0:side:2], canvas[1 : side + 1 : 2], strict=True)
    )
    return "\n".join(f"{BLACK_ON_WHITE}{line}{PLAIN}" for line in lines)
