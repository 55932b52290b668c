"""Workshops, the questions asked there, and the ideas that people answer with."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .. import clock
from ..activities.models import Activity
from ..db import HasId, Moment, enum_of
from ..i18n import Translated, TranslatedText
from ..live import Feed

CODE_LENGTH = 6


class WorkshopState(StrEnum):
    """A workshop is prepared, collects ideas, and is closed; it may be opened again."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class IdeaState(StrEnum):
    """Whether others can read an idea."""

    WAITING = "waiting"
    SHOWN = "shown"
    HIDDEN = "hidden"


class Reason(StrEnum):
    """Why a facilitator hid an idea; the writer is told."""

    PERSONAL = "personal"
    HURTFUL = "hurtful"
    OFF_TOPIC = "off_topic"
    DOUBLE = "double"


class Workshop(HasId):
    """A room of people and what they are asked. Its code stands on paper, so it is never used again."""

    __tablename__ = "workshop"
    code: Mapped[str] = mapped_column(sa.String(CODE_LENGTH), unique=True)
    state: Mapped[WorkshopState] = mapped_column(enum_of(WorkshopState), default=WorkshopState.DRAFT)
    title: Mapped[Translated] = mapped_column(TranslatedText)
    promise: Mapped[Translated | None] = mapped_column(TranslatedText)
    place: Mapped[str] = mapped_column(sa.String(120))
    approval: Mapped[bool] = mapped_column(default=True)
    example: Mapped[bool] = mapped_column(default=False)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    activity_id: Mapped[int | None] = mapped_column(sa.ForeignKey("activity.id"))
    feed_id: Mapped[int] = mapped_column(sa.ForeignKey("feed.id"))
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    feed: Mapped[Feed] = relationship()
    activity: Mapped[Activity | None] = relationship(backref="workshops")
    questions: Mapped[list["Question"]] = relationship(back_populates="workshop", order_by="Question.position")

    @property
    def is_open(self) -> bool:
        """Whether it collects ideas."""
        return self.state is WorkshopState.OPEN

    @property
    def question(self) -> "Question":
        """The question that is being asked."""
        return self.questions[0]


class Question(HasId):
    """One question, in the languages it is asked in."""

    __tablename__ = "question"
    workshop_id: Mapped[int] = mapped_column(sa.ForeignKey("workshop.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    text: Mapped[Translated] = mapped_column(TranslatedText)

    workshop: Mapped[Workshop] = relationship(back_populates="questions")


class Idea(HasId):
    """What somebody answered, in their own words. Nothing here tells who, but for the receipt they hold."""

    __tablename__ = "idea"
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("question.id"))
    receipt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("receipt.id"), index=True)
    state: Mapped[IdeaState] = mapped_column(enum_of(IdeaState))
    reason: Mapped[Reason | None] = mapped_column(enum_of(Reason))
    text: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.String(20))
    late: Mapped[bool] = mapped_column(default=False)
    sent: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    # What it became.
    activity_id: Mapped[int | None] = mapped_column(sa.ForeignKey("activity.id"), index=True)

    activity: Mapped[Activity | None] = relationship(backref="ideas")
    question: Mapped[Question] = relationship()

    __table_args__ = (sa.Index("ix_idea_question_id_state", "question_id", "state"),)
