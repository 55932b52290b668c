"""What people are told, and when: put in the outbox in the same transaction as what they are told of.

Nothing here holds an address: it is looked up when the message is sent, so whoever has left gets none.
"""

from datetime import timedelta
from enum import StrEnum

import sqlalchemy as sa

from .. import clock
from ..db import db, write
from ..messages import rules as messages
from .models import Activity, Purpose, Signup, SignupState, Task

REMIND_BEFORE = timedelta(hours=24)
ORGANISERS_LANGUAGE = "nb"


class Notice(StrEnum):
    """The kinds of messages; `about` is the sign-up's inner id, for LEFT the task's."""

    CONFIRMATION = "confirmation"
    PLACED = "placed"
    OFFER = "offer"
    FREE = "free"
    REMINDER = "reminder"
    CHANGE = "change"
    CANCELLATION = "cancellation"
    LEFT = "left"
    LOST = "lost"  # the code: links to all that this sign-up's contact is on


TO_THE_PERSON = [notice for notice in Notice if notice is not Notice.LEFT]


def signed_up(signup: Signup) -> None:
    """Somebody said yes, or took a place: confirm it, and remind them if they asked for it."""
    _tell(signup, Notice.CONFIRMATION, signup.state.value)
    _remind(signup)


def placed(signup: Signup) -> None:
    """Somebody who waited has a place."""
    _tell(signup, Notice.PLACED)
    _remind(signup)


def offered(signup: Signup) -> None:
    """A place is kept for somebody until they answer, or it runs out."""
    _tell(signup, Notice.OFFER, f"{signup.offered_until:%Y-%m-%d %H:%M}")


def free(signup: Signup) -> None:
    """A place is free that nobody has been promised; told at most once a day."""
    _tell(signup, Notice.FREE, clock.today().isoformat())


def left(signup: Signup) -> None:
    """Somebody with a place left: the organiser is told, and nothing more goes to whoever left."""
    nothing_more(signup)
    if signup.state is SignupState.PLACED:
        messages.queue(Notice.LEFT, signup.task_id, signup.public_id, ORGANISERS_LANGUAGE)


def nothing_more(signup: Signup) -> None:
    """Whatever waits to be told this person stays untold."""
    messages.stop(TO_THE_PERSON, signup.id)


@write
def lost(signup: Signup) -> None:
    """Somebody who has lost the code asked for it, by this sign-up's contact: answered at most once an hour."""
    messages.queue(Notice.LOST, signup.id, f"{clock.now():%Y-%m-%d %H}", signup.language)


def changed(activity: Activity) -> None:
    """An activity has another time or place: those who said yes are told, and reminded in time."""
    for signup in _living(activity):
        _tell(signup, Notice.CHANGE, str(activity.sequence))
        _remind(signup)


def cancelled(activity: Activity) -> None:
    """An activity is off: those who said yes are told, and not reminded any longer."""
    for signup in _living(activity):
        messages.stop(Notice.REMINDER, signup.id)
        _tell(signup, Notice.CANCELLATION, str(activity.sequence))


def _tell(signup: Signup, notice: Notice, occasion: str = "") -> None:
    if signup.allows(Purpose.TASK):
        messages.queue(notice, signup.id, occasion, signup.language)


def can_remind(task: Task) -> bool:
    """Whether there is still time for a reminder, the day before."""
    return task.starts_at - REMIND_BEFORE > clock.now()


def _remind(signup: Signup) -> None:
    task = signup.task
    messages.stop(Notice.REMINDER, signup.id)
    if signup.state is SignupState.PLACED and signup.allows(Purpose.REMINDER) and can_remind(task):
        occasion, due_at = f"{task.starts_at:%Y-%m-%d %H:%M}", task.starts_at - REMIND_BEFORE
        messages.queue(Notice.REMINDER, signup.id, occasion, signup.language, due_at)


def _living(activity: Activity) -> list[Signup]:
    return list(
        db.session.scalars(
            sa.select(Signup)
            .join(Signup.task)
            .where(Task.activity_id == activity.id, Signup.state != SignupState.WITHDRAWN)
            .order_by(Signup.id)
        )
    )
