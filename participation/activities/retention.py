"""How long we know who somebody was."""

from datetime import timedelta

import sqlalchemy as sa

from .. import clock
from ..db import db, write
from . import notices
from .models import Consent, Signup, Task

KNOWN = sa.or_(Signup.name != "", Signup.phone.is_not(None), Signup.email.is_not(None))


def forget_contacts(after: timedelta) -> int:
    """Forget who signed up to what ended so long ago; answers with how many that were.

    That somebody helped is still counted. Writes nothing when there is nobody to forget.
    """
    ended = sa.select(Task.id).where(Task.ends_at <= clock.now() - after)
    old = sa.and_(KNOWN, Signup.task_id.in_(ended))
    return _forget(old) if db.session.scalar(sa.select(sa.exists().where(old))) else 0


@write
def _forget(old: sa.ColumnElement[bool]) -> int:
    # In the order that `signups` takes them in, so that nobody waits for one who waits for them.
    forgotten = db.session.scalars(sa.select(Signup.id).where(old).order_by(Signup.id).with_for_update()).all()
    emptied = {"name": "", "phone": None, "email": None, "sent": None}
    for few in (forgotten[start : start + 500] for start in range(0, len(forgotten), 500)):
        db.session.execute(sa.delete(Consent).where(Consent.signup_id.in_(few)))
        db.session.execute(sa.update(Signup).where(Signup.id.in_(few)).values(emptied))
    return len(forgotten)


@write
def forget_contact(signup: Signup) -> None:
    """Take back the yes to be written to or called (GDPR art. 7(3)): the sign-up stays as it is."""
    db.session.refresh(signup)
    notices.nothing_more(signup)
    signup.phone = signup.email = None
    signup.consents.clear()
