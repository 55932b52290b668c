"""Whose a sign-up is: found by its contact, and moved from one receipt to another."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ..contact import Contact
from ..db import db, write
from ..receipts import rules as receipts
from .models import Signup, Task
from .queues import LIVING

WITH_TASK = joinedload(Signup.task).joinedload(Task.activity)
MOST = 10  # as many as one letter tells of


def signup_with(public_id: str) -> Signup | None:
    """A sign-up, whoever's it is: for those who have shown that they may see it."""
    return db.session.scalar(sa.select(Signup).where(Signup.public_id == public_id).options(WITH_TASK))


def reached_at(contact: Contact) -> list[Signup]:
    """The sign-ups with this phone number or e-mail address, in whatever capitals; the last to happen first."""
    if contact.phone:
        same = Signup.phone == contact.phone
    elif contact.email:
        same = sa.func.lower(Signup.email) == contact.email.lower()
    else:
        return []
    mine = sa.select(Signup).join(Signup.task).where(LIVING, same)
    return list(
        db.session.scalars(mine.options(WITH_TASK).order_by(Task.starts_at.desc(), Signup.id.desc()).limit(MOST))
    )


@write
def move(signup: Signup, holder: str) -> None:
    """Put a sign-up on this holder's receipt, and take it off the one it was on."""
    db.session.refresh(signup)
    signup.receipt_id = receipts.obtain(holder)
