"""Offers to help, before there is a task, and the invitations they lead to."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .. import clock
from ..activities.models import Task
from ..db import HasId, Moment, enum_of
from ..receipts.models import Receipt


class OfferState(StrEnum):
    """An offer stands until it is taken back, or until its term is over: then who gave it is forgotten."""

    OPEN = "open"
    ENDED = "ended"


class InvitationState(StrEnum):
    """Whether somebody who was asked has answered. Nobody is signed up without their own yes."""

    ASKED = "asked"
    YES = "yes"
    NO = "no"


class Offer(HasId):
    """What somebody can do, when, and until when the offer stands."""

    __tablename__ = "offer"
    receipt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("receipt.id"), index=True)
    state: Mapped[OfferState] = mapped_column(enum_of(OfferState), default=OfferState.OPEN, index=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    kinds: Mapped[list[str]] = mapped_column(sa.JSON)  # of activities.models.Kind
    when: Mapped[str] = mapped_column("when_", sa.String(300))  # in the person's own words
    languages: Mapped[list[str]] = mapped_column(sa.JSON)
    phone: Mapped[str | None] = mapped_column(sa.String(20))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    wording: Mapped[str] = mapped_column(sa.String(20))  # the version of the text they said yes to
    language: Mapped[str] = mapped_column(sa.String(20), default="nb")
    until: Mapped[date] = mapped_column(sa.Date)
    sent: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    receipt: Mapped[Receipt | None] = relationship()
    invitations: Mapped[list["Invitation"]] = relationship(back_populates="offer", order_by="Invitation.id")


class Invitation(HasId):
    """An organiser asks somebody who made an offer to help with a task."""

    __tablename__ = "invitation"
    offer_id: Mapped[int] = mapped_column(sa.ForeignKey("offer.id", ondelete="CASCADE"))
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id", ondelete="CASCADE"), index=True)
    state: Mapped[InvitationState] = mapped_column(enum_of(InvitationState), default=InvitationState.ASKED)
    asked_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)

    offer: Mapped[Offer] = relationship(back_populates="invitations")
    task: Mapped[Task] = relationship()

    __table_args__ = (sa.UniqueConstraint("offer_id", "task_id"),)
