"""The child process that sets a poster or a sheet: a job as JSON in on stdin, the finished document out on stdout."""

import json
import sys
from pathlib import Path
from typing import Any, Literal

import typst
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
REFUSED = {*range(ord(" ")), 0xFEFF}
"""Control characters and the byte order mark: fonts may have them, PDF/UA may not."""


def typeset(words: dict[str, Any], fonts: str, form: Literal["pdf", "svg"], template: str = "poster") -> bytes:
    """What a template makes of the words, as `pdf` or `svg`, without the characters that no font in the folder has."""
    files = sorted(Path(fonts).glob("*.ttf"))
    if not files:
        raise FileNotFoundError(f"No fonts in {fonts}: build the assets first.")
    known = {sign for file in files for sign in TTFont(file, lazy=True).getBestCmap()} - REFUSED
    compiler = typst.Compiler(
        HERE / f"{template}.typ",
        sys_inputs={"words": json.dumps(drawable(words, known))},
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts]),
    )
    try:
        document = compiler.compile(format=form, pdf_standards=["ua-1"] if form == "pdf" else [])
    except typst.TypstError:
        # PDF/UA refuses a letter whose marks are in another font than itself; a tagged poster with a gap beats none.
        document = compiler.compile(format=form)
    if not isinstance(document, bytes):
        raise ValueError("The poster does not fit on one page.")
    return document


def drawable(words: Any, known: set[int]) -> Any:
    """The same words on one line each, with only the characters in `known`."""
    if isinstance(words, str):
        return "".join(sign for sign in " ".join(words.split()) if ord(sign) in known)
    if isinstance(words, dict):
        return {name: drawable(value, known) for name, value in words.items()}
    if isinstance(words, list):
        return [drawable(value, known) for value in words]
    return words


if __name__ == "__main__":
    sys.stdout.buffer.write(typeset(**json.load(sys.stdin.buffer)))
