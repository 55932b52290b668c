"""Places with their rooms, and organisers."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import HasId
from ..i18n import Translated, TranslatedText


class Place(HasId):
    """A house, a park, or a room in a house. What nobody has said of its access is None: never guessed."""

    __tablename__ = "place"
    name: Mapped[str] = mapped_column(sa.String(120))
    house_id: Mapped[int | None] = mapped_column(sa.ForeignKey("place.id"), index=True)
    address: Mapped[str | None] = mapped_column(sa.String(200))
    about: Mapped[Translated | None] = mapped_column(TranslatedText)
    way_in: Mapped[Translated | None] = mapped_column(TranslatedText)
    step_free: Mapped[bool | None]
    hearing_loop: Mapped[bool | None]
    toilet: Mapped[bool | None]

    house: Mapped["Place | None"] = relationship(remote_side="Place.id", back_populates="rooms", lazy="joined")
    rooms: Mapped[list["Place"]] = relationship(back_populates="house", order_by="Place.name")

    @property
    def full_name(self) -> str:
        """The name with the house's: `Kjøkkenet, Torstrand Grendehus`."""
        return f"{self.name}, {self.house.name}" if self.house else self.name

    def has(self, what: str) -> bool | None:
        """Whether there is `step_free`, `hearing_loop` or `toilet`; a room is as its house where nothing else is said.

        None when nobody knows.
        """
        own: bool | None = getattr(self, what)
        return self.house.has(what) if own is None and self.house else own


class Organiser(HasId):
    """An association, a group or a part of the municipality that makes things happen."""

    __tablename__ = "organiser"
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    about: Mapped[Translated | None] = mapped_column(TranslatedText)
    website: Mapped[str | None] = mapped_column(sa.String(300))
    # Where the app tells the organiser that somebody left; never shown.
    email: Mapped[str | None] = mapped_column(sa.String(254))
