"""«Denne uka» on paper: what happens in seven days, to hang on the door."""

from dataclasses import asdict, dataclass

from . import press
from .lines import Line


@dataclass(frozen=True)
class Row:
    """Something that happens."""

    time: str
    title: Line
    facts: tuple[Line, ...]
    """Where, for how much, for whom."""
    needs: tuple[Line, ...] = ()
    """«Trenger 2: Lage mat.»"""
    off: str = ""
    """«Avlyst», when it is."""


@dataclass(frozen=True)
class Day:
    """A day on which something happens."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Week:
    """Every word of the sheet, already translated; none of it is markup."""

    title: str
    """The document's title: what a screen reader and the window of a PDF reader say."""
    kicker: Line
    heading: Line
    range: str
    days: tuple[Day, ...]
    empty: str
    """What it says instead of days when there are none."""
    more: str
    """What it says when there is more than stands here; nothing when there is not."""
    payload: str
    """What the code holds."""
    qr_label: str
    scan: str
    by_hand: str
    url: str
    """The address without scheme, as people type it."""
    made: str
    """When it was printed: what changed since then is not on it."""
    lang: str
    dir: str


def pdf(week: Week) -> bytes:
    """The sheet as PDF/UA-1; raises as `press.printed` does."""
    return press.printed("week", asdict(week) | {"qr": press.code(week.payload, week.qr_label)})
