"""Signing in and out, and who may do what."""

import hashlib
import secrets
from datetime import timedelta
from functools import cache

import sqlalchemy as sa

from .. import clock
from ..db import db, write
from ..places import rules as places
from ..workshops import rules as workshops
from ..workshops.models import Workshop
from .models import Role, SigninLink, Staff, StaffSession, Viewing

LINK_LIFE = timedelta(hours=1)
# A workshop lasts two or three hours: half an hour's silence is no sign that the facilitator has gone home.
IDLE = timedelta(hours=4)
SESSION_LIFE = timedelta(hours=12)
SEEN_STEP = timedelta(minutes=5)  # how exactly `seen_at` is kept: not every request needs to write
VIEWINGS_KEPT = timedelta(days=365)  # how long we know who looked at the names of those who help
PASSWORD_LENGTH = 12
PASSWORD_LIMIT = 128  # characters; argon2 would take more, but slowly
PASSWORD_STRENGTH = 4  # zxcvbn's scale, 0 to 4; 3 lets two words pass that everybody would guess


class WeakPassword(Exception):
    """The password is too short or too easy to guess."""


def signed_in(token: str, watching: bool = False) -> Staff | None:
    """Who holds this session, while it lasts: IDLE after the last sign of life, SESSION_LIFE at the most.

    An open stream that is only `watching` is no sign of life.
    """
    session = db.session.get(StaffSession, _hash(token)) if token else None
    now = clock.now()
    if session is None or session.staff.disabled_at is not None:
        return None
    if now - session.seen_at > IDLE or now - session.started_at > SESSION_LIFE:
        return None
    if now - session.seen_at > SEEN_STEP and not watching:
        _see(session)
    return session.staff


@write
def invite(name: str, email: str, role: Role, organiser: str = "") -> tuple[Staff, str]:
    """An account, made if the address is new, and the token of a one-time link that signs its owner in.

    With the name of an organiser, the person speaks for it from now on.
    """
    staff = by_email(email)
    if staff is None:
        staff = Staff(name=name, email=email.strip().lower(), role=role)
        db.session.add(staff)
    if organiser.strip() and (spoken_for := places.organiser_named(organiser)) not in staff.organisers:
        staff.organisers.append(spoken_for)
    token = secrets.token_urlsafe(32)
    db.session.add(SigninLink(token_hash=_hash(token), staff=staff, expires_at=clock.now() + LINK_LIFE))
    db.session.flush()
    return staff, token


def link_holder(token: str) -> Staff | None:
    """Whose link this is, without using it up: mail scanners and previews open links too."""
    link = db.session.get(SigninLink, _hash(token))
    if link is None or link.expires_at < clock.now() or link.staff.disabled_at is not None:
        return None
    return link.staff


@write
def use_link(token: str) -> str | None:
    """Sign in with a one-time link; the token of the new session, or None when the link holds no longer."""
    staff = link_holder(token)
    if staff is None:
        return None
    used = db.session.execute(
        sa.delete(SigninLink).where(SigninLink.token_hash == _hash(token)).returning(SigninLink.token_hash)
    ).first()
    return _start(staff) if used else None


def sign_in(email: str, password: str) -> str | None:
    """Sign in with a password; the token of the new session, or None. Takes as long for an unknown address."""
    from argon2 import PasswordHasher  # here: it is needed once a day and costs memory all day
    from argon2.exceptions import InvalidHashError, VerifyMismatchError

    staff = by_email(email)
    known = staff.password_hash if staff and staff.disabled_at is None else None
    try:
        PasswordHasher().verify(known or _hash_of_nobody(), password[:PASSWORD_LIMIT])
    except (VerifyMismatchError, InvalidHashError):
        return None
    return _start(staff) if staff and known else None


def set_password(staff: Staff, password: str, avoid: list[str], here: str = "") -> None:
    """Choose a password; `avoid` are words that everybody would guess here. Raises WeakPassword.

    Whoever may have got in by the old one, or by a link, is out: all sessions end but the one `here`.
    """
    from argon2 import PasswordHasher
    from zxcvbn import zxcvbn

    if not PASSWORD_LENGTH <= len(password) <= PASSWORD_LIMIT:
        raise WeakPassword
    if zxcvbn(password[:72], [*avoid, staff.name, staff.email])["score"] < PASSWORD_STRENGTH:
        raise WeakPassword
    # Hashed before the transaction begins: it takes long on purpose, and no resident's idea should wait for it.
    _keep_password(staff, PasswordHasher().hash(password), here)


@write
def sign_out(token: str) -> None:
    """End a session, wherever its cookie has been copied to."""
    db.session.execute(sa.delete(StaffSession).where(StaffSession.token_hash == _hash(token)))


def tidy() -> None:
    """Delete the sessions and links that let nobody in any longer, and what was looked at long ago.

    Writes nothing when there are none.
    """
    now = clock.now()
    over = (
        sa.or_(StaffSession.seen_at < now - IDLE, StaffSession.started_at < now - SESSION_LIFE),
        SigninLink.expires_at < now,
        Viewing.at < now - VIEWINGS_KEPT,
    )
    if any(db.session.scalar(sa.select(sa.exists().where(old))) for old in over):
        _tidy(*over)


def by_email(email: str) -> Staff | None:
    """An account by its address, in any case."""
    return db.session.scalar(sa.select(Staff).where(Staff.email == email.strip().lower()))


def workshops_of(staff: Staff) -> list[Workshop]:
    """The workshops on somebody's desk: their own, or all for an administrator."""
    return workshops.all_for(None if staff.role is Role.ADMIN else staff.id)


def workshop_of(staff: Staff, public_id: str) -> Workshop | None:
    """A workshop, for those who may run it."""
    workshop = workshops.by_id(public_id)
    allowed = workshop is not None and (staff.role is Role.ADMIN or workshop.owner_id == staff.id)
    return workshop if allowed else None


@write
def _see(session: StaffSession) -> None:
    session.seen_at = clock.now()


@write
def _tidy(sessions: sa.ColumnElement[bool], links: sa.ColumnElement[bool], viewings: sa.ColumnElement[bool]) -> None:
    db.session.execute(sa.delete(StaffSession).where(sessions))
    db.session.execute(sa.delete(SigninLink).where(links))
    db.session.execute(sa.delete(Viewing).where(viewings))


@write
def _keep_password(staff: Staff, password_hash: str, here: str) -> None:
    staff.password_hash = password_hash
    others = (StaffSession.staff_id == staff.id, StaffSession.token_hash != _hash(here))
    db.session.execute(sa.delete(StaffSession).where(*others))
    db.session.execute(sa.delete(SigninLink).where(SigninLink.staff_id == staff.id))


@cache
def _hash_of_nobody() -> str:
    """Checked for an address without an account, so that the answer takes as long as a wrong password's."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(secrets.token_urlsafe())


@write
def _start(staff: Staff) -> str:
    token = secrets.token_urlsafe(32)
    db.session.add(StaffSession(token_hash=_hash(token), staff=staff))
    db.session.flush()
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
