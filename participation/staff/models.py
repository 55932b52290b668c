"""The people who run workshops and answer for the app: their accounts and their open sessions."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .. import clock
from ..db import Base, HasId, Moment, enum_of
from ..places.models import Organiser


class Role(StrEnum):
    """What somebody on the staff may do: run their own workshops, or everything."""

    FACILITATOR = "facilitator"
    ADMIN = "admin"


staff_organiser = sa.Table(
    "staff_organiser",
    Base.metadata,
    sa.Column("staff_id", sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("organiser_id", sa.ForeignKey("organiser.id", ondelete="CASCADE"), primary_key=True),
)


class Staff(HasId):
    """One person on the staff, and the organisers they speak for."""

    __tablename__ = "staff"
    name: Mapped[str] = mapped_column(sa.String(100))
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    role: Mapped[Role] = mapped_column(enum_of(Role))
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)

    organisers: Mapped[list[Organiser]] = relationship(secondary=staff_organiser, order_by=Organiser.name)


class SigninLink(Base):
    """A link that signs somebody in, once, and not for long. Only its hash is kept."""

    __tablename__ = "signin_link"
    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(Moment)

    staff: Mapped[Staff] = relationship()


class StaffSession(Base):
    """Somebody signed in on some device. Signing out ends it here, not only on the device."""

    __tablename__ = "staff_session"
    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    staff: Mapped[Staff] = relationship(lazy="joined")


class Viewing(Base):
    """Somebody on the staff saw or took out names and contacts: of what, and when (GDPR art. 5(2), 33)."""

    __tablename__ = "viewing"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    what: Mapped[str] = mapped_column(sa.String(40))
    subject: Mapped[str] = mapped_column(sa.String(40))
    at: Mapped[datetime] = mapped_column(Moment, default=clock.now, index=True)

    staff: Mapped[Staff] = relationship()
