"""Activities, the tasks that need hands, and those who signed up to help."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .. import clock
from ..db import Base, HasId, Moment, enum_of
from ..handlingsrom.models import Card, Theme
from ..i18n import Translated, TranslatedText
from ..places.models import Organiser, Place
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
    """Where somebody who signed up stands; changed in `signups` alone, behind the task's lock."""

    PLACED = "placed"
    OFFERED = "offered"  # a place is kept for them until `offered_until`
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"


class Purpose(StrEnum):
    """What somebody lets us use their phone number or e-mail address for."""

    TASK = "task"  # what happens to this task: a place, a change, a cancellation
    REMINDER = "reminder"  # a reminder the day before


activity_card = sa.Table(
    "activity_card",
    Base.metadata,
    sa.Column("activity_id", sa.ForeignKey("activity.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("card_id", sa.ForeignKey("card.id", ondelete="CASCADE"), primary_key=True),
)


class Series(HasId):
    """What ties the occurrences of something that comes again: a rule (RFC 5545) on Oslo's wall clock.

    Each occurrence is an activity of its own, made up to `filled_until`.
    """

    __tablename__ = "series"
    rule: Mapped[str] = mapped_column(sa.String(200))
    first_at: Mapped[datetime] = mapped_column(Moment)
    filled_until: Mapped[datetime] = mapped_column(Moment)
    ended: Mapped[bool] = mapped_column(default=False)


class Activity(HasId):
    """Something that happens, at a place and a time; or, `standing`, help that is needed all along until it ends."""

    __tablename__ = "activity"
    state: Mapped[ActivityState] = mapped_column(enum_of(ActivityState))
    title: Mapped[Translated] = mapped_column(TranslatedText)
    summary: Mapped[Translated] = mapped_column(TranslatedText)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    standing: Mapped[bool] = mapped_column(default=False)
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"), index=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"), index=True)
    way_in: Mapped[Translated | None] = mapped_column(TranslatedText)
    contact: Mapped[Translated] = mapped_column(TranslatedText)
    audience: Mapped[Translated] = mapped_column(TranslatedText)
    bring: Mapped[Translated | None] = mapped_column(TranslatedText)
    languages: Mapped[list[str]] = mapped_column(sa.JSON)
    no_norwegian: Mapped[bool] = mapped_column(default=False)
    bring_children: Mapped[bool] = mapped_column(default=False)
    price: Mapped[int]
    drop_in: Mapped[bool]
    example: Mapped[bool] = mapped_column(default=False)
    cancelled_why: Mapped[Translated | None] = mapped_column(TranslatedText)
    visitors: Mapped[int | None]
    came_of: Mapped[Translated | None] = mapped_column(TranslatedText)
    thanks: Mapped[Translated | None] = mapped_column(TranslatedText)
    theme_id: Mapped[int | None] = mapped_column(sa.ForeignKey("theme.id"))
    series_id: Mapped[int | None] = mapped_column(sa.ForeignKey("series.id"))
    occurrence_at: Mapped[datetime | None] = mapped_column(Moment)  # the start that the series' rule gave it
    # How often its time, place or state has changed: a calendar that has an older one takes the newer (RFC 5545).
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    place: Mapped[Place] = relationship(lazy="joined", innerjoin=True)
    organiser: Mapped[Organiser] = relationship(lazy="joined", innerjoin=True)
    theme: Mapped[Theme | None] = relationship()
    series: Mapped[Series | None] = relationship()
    tasks: Mapped[list["Task"]] = relationship(back_populates="activity", order_by="Task.starts_at, Task.id")
    cards: Mapped[list[Card]] = relationship(secondary=activity_card, backref="activities")

    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("price >= 0", name="price_not_negative"),
        sa.CheckConstraint("visitors >= 0", name="visitors_not_negative"),
        sa.UniqueConstraint("series_id", "occurrence_at"),
        sa.Index("ix_activity_series_id_starts_at", "series_id", "starts_at"),
        # The list passes over what has ended, and finds what stands, without reading the rows.
        sa.Index("ix_activity_starts_at_ends_at", "starts_at", "ends_at"),
        # Of those that stand alone: an index of all would tempt the planner to sort what the one above has in order.
        sa.Index(
            "ix_activity_standing",
            "ends_at",
            sqlite_where=sa.text("standing = 1"),
            postgresql_where=sa.text("standing"),
        ),
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
    takes: Mapped[Translated | None] = mapped_column(TranslatedText)
    min_age: Mapped[int | None]
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    capacity: Mapped[int]
    # The number of the latest arrival. Raising it takes the row's lock: everyone who signs up queues here.
    arrivals: Mapped[int] = mapped_column(default=0)

    activity: Mapped[Activity] = relationship(back_populates="tasks")

    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("capacity > 0", name="capacity_positive"),
        sa.CheckConstraint("min_age > 0", name="min_age_positive"),
    )

    @property
    def is_closed(self) -> bool:
        """Whether it is too late to help, or the activity is off."""
        return clock.now() >= self.ends_at or self.activity.state is not ActivityState.PUBLISHED


class Signup(HasId):
    """One person's yes to a task, for themselves and those they bring."""

    __tablename__ = "signup"
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"))
    receipt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("receipt.id"), index=True)
    state: Mapped[SignupState] = mapped_column(enum_of(SignupState))
    name: Mapped[str] = mapped_column(sa.String(100))
    party: Mapped[int] = mapped_column(default=1)  # people, the one who signed up among them
    arrival: Mapped[int]
    ask_first: Mapped[bool] = mapped_column(default=False)
    offered_until: Mapped[datetime | None] = mapped_column(Moment)
    # An offer ran out unanswered: no more are made, but a free place may still be taken.
    passed_over: Mapped[bool] = mapped_column(default=False)
    phone: Mapped[str | None] = mapped_column(sa.String(20))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(20), default="nb")
    # What was sent, hashed: the same form sent twice is one sign-up. Emptied on withdrawal, so one may come back.
    sent: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)

    task: Mapped[Task] = relationship()
    receipt: Mapped[Receipt | None] = relationship()
    consents: Mapped[list["Consent"]] = relationship(cascade="all, delete-orphan")

    __table_args__ = (
        sa.UniqueConstraint("task_id", "arrival"),
        sa.CheckConstraint("party > 0", name="party_positive"),
        sa.CheckConstraint("(state = 'offered') = (offered_until IS NOT NULL)", name="offered_until_when_offered"),
    )

    def allows(self, purpose: Purpose) -> bool:
        """Whether they may be written to or called for this."""
        return any(consent.purpose is purpose for consent in self.consents)


class Consent(Base):
    """A yes to one purpose, and to which words (GDPR art. 7(1)). Gone with the contact it was given for."""

    __tablename__ = "consent"
    signup_id: Mapped[int] = mapped_column(sa.ForeignKey("signup.id", ondelete="CASCADE"), primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(enum_of(Purpose), primary_key=True)
    wording: Mapped[str] = mapped_column(sa.String(20))  # the version of the text that stood beside the box
    given_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
