"""One thing measured, and the figure it is held to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """What was measured; `figure` is the most it may be, or with `at_least` the least, and None binds nothing."""

    name: str
    measured: float
    unit: str = ""
    figure: float | None = None
    at_least: bool = False

    @property
    def verdict(self) -> str:
        """`ok`, `MISSED`, or nothing where there is no figure."""
        if self.figure is None:
            return ""
        kept = self.measured >= self.figure if self.at_least else self.measured <= self.figure
        return "ok" if kept else "MISSED"

    @property
    def bound(self) -> str:
        """The figure as a person reads it."""
        return "" if self.figure is None else f"{'≥' if self.at_least else '≤'} {self.figure:g}"
