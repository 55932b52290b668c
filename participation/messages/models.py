"""What waits to be told, and when each of the worker's jobs last ran."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .. import clock
from ..db import Base, HasId, Moment, enum_of


class Channel(StrEnum):
    """How a message reaches a person."""

    MAIL = "mail"
    SMS = "sms"


class MessageState(StrEnum):
    """Where a message is on its way. STOPPED: nobody needs it any longer. FAILED: somebody must tell it by hand."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    STOPPED = "stopped"
    FAILED = "failed"


class Message(HasId):
    """That somebody is to be told of something, once. Address and words are found when it is sent, and never kept."""

    __tablename__ = "message"
    kind: Mapped[str] = mapped_column(sa.String(30))
    about: Mapped[int]  # whom or what it is about, by inner id: of what table, the kind knows
    occasion: Mapped[str] = mapped_column(sa.String(80))
    language: Mapped[str] = mapped_column(sa.String(20))
    channel: Mapped[Channel | None] = mapped_column(enum_of(Channel))  # known once it has been composed
    state: Mapped[MessageState] = mapped_column(enum_of(MessageState), default=MessageState.WAITING)
    due_at: Mapped[datetime] = mapped_column(Moment)
    # When it may be taken: after a failure, later than it was due; while it is sent, when the sender counts as lost.
    next_try_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    trouble: Mapped[str] = mapped_column(sa.String(80), default="")

    __table_args__ = (
        sa.UniqueConstraint("kind", "about", "occasion"),
        sa.Index(None, "state", "next_try_at"),
    )


class Job(Base):
    """When one of the worker's jobs last started, and what went wrong with it, if anything."""

    __tablename__ = "job"
    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    ran_at: Mapped[datetime] = mapped_column(Moment)
    trouble: Mapped[str] = mapped_column(sa.String(80), default="")
