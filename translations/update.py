"""Bring messages.pot and every messages.po in step with the words in the code: `make catalogues`.

A reworded sentence keeps its old translation, marked fuzzy, until somebody has read it against the new one.
"""

import re
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
ROOT = HERE.parent
SOURCE = "nb"
# Dates, people and Babel's version would make a difference where nothing has changed.
KEPT_HEADERS = ("Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
HEADER = re.compile(r'^"([A-Z][A-Za-z-]+): .*\n', re.MULTILINE)


def catalogues() -> dict[Path, str]:
    """What each catalogue file should hold now, by path: the template, and every language with what it has."""
    template = extract()
    files = {HERE / "messages.pot": as_text(template)}
    for path in sorted(HERE.glob("*/LC_MESSAGES/messages.po")):
        tag = path.parts[-3]
        with path.open("rb") as file:
            catalogue = read_po(file, locale=tag)
        catalogue.update(template)
        catalogue.header_comment, catalogue.fuzzy = "", False
        if tag == SOURCE:
            say_itself(catalogue)
        files[path] = as_text(catalogue)
    return files


def extract() -> Catalog:
    """Every message in templates/ and participation/, with what its translators are told."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(
        ROOT, methods, options, {**DEFAULT_KEYWORDS, "_l": None}, ["Translators:"], strip_comment_tags=True
    )
    template = Catalog(header_comment="", fuzzy=False)
    for _file, _line, message, comments, context in found:
        template.add(message, auto_comments=comments, context=context)
    return template


def say_itself(catalogue: Catalog) -> None:
    """The source language says its messages as they stand."""
    for message in catalogue:
        if message.id:
            message.string = message.id
            message.flags.discard("fuzzy")


def as_text(catalogue: Catalog) -> str:
    """A catalogue as its file: one line for a message, sorted, with nothing in it that varies by day or machine."""
    file = BytesIO()
    write_po(file, catalogue, width=0, no_location=True, sort_output=True, ignore_obsolete=True)
    header, _, messages = file.getvalue().decode().lstrip().partition("\n\n")
    kept = HEADER.sub(lambda line: line[0] if line[1] in KEPT_HEADERS else "", header + "\n")
    return f"{kept}\n{messages}"


if __name__ == "__main__":
    for path, text in catalogues().items():
        path.write_text(text, "utf-8")
