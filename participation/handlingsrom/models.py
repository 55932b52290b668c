"""The handlingsrom: what is decided, what can be influenced, what one can just do, and what belongs to others."""

from datetime import date, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, HasId, enum_of
from ..i18n import Translated, TranslatedText


class Area(StrEnum):
    """The programme's three areas of effort (innsatsområder)."""

    LIVING = "living"
    PLACE = "place"
    DEMOCRACY = "democracy"


class Verdict(StrEnum):
    """The four doors: what a resident can do about a thing."""

    YOURS = "yours"
    OPEN = "open"
    GIVEN = "given"
    OTHER = "other"


class Level(StrEnum):
    """How far residents' influence reaches; each level carries a promise (IAP2's spectrum of participation)."""

    INFORM = "inform"
    CONSULT = "consult"
    INVOLVE = "involve"
    COLLABORATE = "collaborate"
    EMPOWER = "empower"


class Theme(Base):
    """One of the sub-goals (delmål) of an area of effort."""

    __tablename__ = "theme"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(60), unique=True)
    area: Mapped[Area] = mapped_column(enum_of(Area))
    position: Mapped[int] = mapped_column(default=0)
    title: Mapped[Translated] = mapped_column(TranslatedText)
    about: Mapped[Translated] = mapped_column(TranslatedText)


class Card(HasId):
    """One thing of the handlingsrom, small enough for a phone's screen."""

    __tablename__ = "card"
    verdict: Mapped[Verdict] = mapped_column(enum_of(Verdict), index=True)
    level: Mapped[Level] = mapped_column(enum_of(Level))
    theme_id: Mapped[int] = mapped_column(sa.ForeignKey("theme.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    title: Mapped[Translated] = mapped_column(TranslatedText)
    summary: Mapped[Translated] = mapped_column(TranslatedText)
    decides: Mapped[Translated] = mapped_column(TranslatedText)
    money: Mapped[Translated | None] = mapped_column(TranslatedText)
    open_until: Mapped[date | None]
    first_step: Mapped[Translated] = mapped_column(TranslatedText)
    contact: Mapped[Translated] = mapped_column(TranslatedText)
    source: Mapped[str] = mapped_column(sa.String(200))
    checked_on: Mapped[date]
    term_days: Mapped[int] = mapped_column(default=180)

    theme: Mapped[Theme] = relationship(lazy="joined")

    def verdict_on(self, day: date) -> Verdict:
        """The verdict on a day: what could be influenced until a date is decided after it, by itself."""
        if self.verdict is Verdict.OPEN and self.open_until and day > self.open_until:
            return Verdict.GIVEN
        return self.verdict

    def is_dated_on(self, day: date) -> bool:
        """Whether the card was checked so long ago that it may no longer hold."""
        return day > self.checked_on + timedelta(days=self.term_days)
