"""Activities, the tasks that need hands, and those who signed up to help."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .. import clock
from ..db import Base, HasId, Moment, enum_of
from ..handlingsrom.models import Card, Theme
from ..i18n import Translated, TranslatedText
from ..receipts.models import Receipt


class ActivityState(StrEnum):
    """What the public sees of an activity: nothing, all of it, or that it is off."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """What sort of hands a task needs; each has its icon."""

    COOK = "cook"
    BAKE = "bake"
    CARRY = "carry"
    DRIVE = "drive"
    HOST = "host"
    TRANSLATE = "translate"
    FIX = "fix"
    PLAY = "play"
    TIDY = "tidy"


class SignupState(StrEnum):
    """Whether somebody is still signed up. Who has a place and who waits is counted, never stored."""

    JOINED = "joined"
    WITHDRAWN = "withdrawn"


activity_card = sa.Table(
    "activity_card",
    Base.metadata,
    sa.Column("activity_id", sa.ForeignKey("activity.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("card_id", sa.ForeignKey("card.id", ondelete="CASCADE"), primary_key=True),
)


class Activity(HasId):
    """Something that happens, at a place and a time."""

    __tablename__ = "activity"
    state: Mapped[ActivityState] = mapped_column(enum_of(ActivityState))
    title: Mapped[Translated] = mapped_column(TranslatedText)
    summary: Mapped[Translated] = mapped_column(TranslatedText)
    starts_at: Mapped[datetime] = mapped_column(Moment, index=True)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    place: Mapped[str] = mapped_column(sa.String(120))
    way_in: Mapped[Translated] = mapped_column(TranslatedText)
    step_free: Mapped[bool]
    organiser: Mapped[str] = mapped_column(sa.String(120))
    contact: Mapped[Translated] = mapped_column(TranslatedText)
    audience: Mapped[Translated] = mapped_column(TranslatedText)
    languages: Mapped[list[str]] = mapped_column(sa.JSON)
    price: Mapped[int]
    drop_in: Mapped[bool]
    example: Mapped[bool] = mapped_column(default=False)
    came_of: Mapped[Translated | None] = mapped_column(TranslatedText)
    theme_id: Mapped[int | None] = mapped_column(sa.ForeignKey("theme.id"))

    theme: Mapped[Theme | None] = relationship()
    tasks: Mapped[list["Task"]] = relationship(back_populates="activity", order_by="Task.id")
    cards: Mapped[list[Card]] = relationship(secondary=activity_card, backref="activities")

    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("price >= 0", name="price_not_negative"),
    )

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return clock.now() >= self.ends_at

    @property
    def is_cancelled(self) -> bool:
        """Whether it is off."""
        return self.state is ActivityState.CANCELLED


class Task(HasId):
    """One thing to help with, for as many people as it needs."""

    __tablename__ = "task"
    activity_id: Mapped[int] = mapped_column(sa.ForeignKey("activity.id"), index=True)
    kind: Mapped[Kind] = mapped_column(enum_of(Kind))
    title: Mapped[Translated] = mapped_column(TranslatedText)
    meet: Mapped[Translated] = mapped_column(TranslatedText)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    capacity: Mapped[int]
    # The number of the latest arrival. Raising it takes the row's lock: everyone who signs up queues here.
    arrivals: Mapped[int] = mapped_column(default=0)

    activity: Mapped[Activity] = relationship(back_populates="tasks")

    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("capacity > 0", name="capacity_positive"),
    )

    @property
    def is_closed(self) -> bool:
        """Whether it is too late to help, or the activity is off."""
        return clock.now() >= self.ends_at or self.activity.state is not ActivityState.PUBLISHED


class Signup(HasId):
    """One person's yes to a task. Its rank among those still signed up decides who has a place and who waits."""

    __tablename__ = "signup"
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"))
    receipt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("receipt.id"), index=True)
    state: Mapped[SignupState] = mapped_column(enum_of(SignupState), default=SignupState.JOINED)
    name: Mapped[str] = mapped_column(sa.String(100))
    arrival: Mapped[int]
    # What was sent, hashed: the same form sent twice is one sign-up. Emptied on withdrawal, so one may come back.
    sent: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)

    task: Mapped[Task] = relationship()
    receipt: Mapped[Receipt | None] = relationship()

    __table_args__ = (sa.UniqueConstraint("task_id", "arrival"),)
