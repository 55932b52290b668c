"""The outbox: putting a message in, stopping it, and letting one sender at a time take it.

A message is sent at least once: a sender that dies after the mail server took the message and before it could say so
here leaves it to the next one. What is sent twice so has the same Message-ID.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from .. import clock
from ..db import db, write
from .models import Channel, Job, Message, MessageState

BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
TRIES = len(BACKOFF) + 1
LEASE = timedelta(minutes=10)  # longer than any sending takes: then its sender counts as lost
KEPT = timedelta(days=365)  # how long what is over stays, so that nobody is told the same twice

UNDERWAY = (MessageState.WAITING, MessageState.SENDING)


class Claim(NamedTuple):
    """One sender's right to send one message, until the lease ends. `attempt` tells it from an earlier sender's."""

    id: int
    public_id: str
    kind: str
    about: int
    language: str
    attempt: int


@write
def queue(kind: str, about: int, occasion: str, language: str, due_at: datetime | None = None) -> None:
    """Put a message in, to be sent from `due_at` on, or now. Call it in the rule whose change it tells of.

    One for each occasion: again for the same one does nothing, unless the message was stopped; then it waits anew.
    """
    due_at = due_at or clock.now()
    same = sa.select(Message).where(Message.kind == kind, Message.about == about, Message.occasion == occasion)
    message = db.session.scalar(same)
    if message is None:
        message = Message(kind=kind, about=about, occasion=occasion)
        db.session.add(message)
    elif message.state is not MessageState.STOPPED:
        return
    message.state = MessageState.WAITING
    message.language = language
    message.due_at = message.next_try_at = due_at
    message.trouble = ""


@write
def stop(kind: str | Iterable[str], *about: int) -> None:
    """Let what waits to be told of these subjects stay untold. What a sender has just taken may still reach them."""
    kinds = [kind] if isinstance(kind, str) else list(kind)
    db.session.execute(
        sa.update(Message)
        .where(Message.kind.in_(kinds), Message.about.in_(about), Message.state.in_(UNDERWAY))
        .values(state=MessageState.STOPPED)
    )


@write
def forget(kind: str | Iterable[str], *about: int) -> None:
    """Let go of all that was, or was to be, told of subjects that are no more.

    SQLite gives their numbers to new ones: these must neither count as told nor be told of in the old ones' place.
    """
    kinds = [kind] if isinstance(kind, str) else list(kind)
    db.session.execute(sa.delete(Message).where(Message.kind.in_(kinds), Message.about.in_(about)))


# --- For senders


def claim_next(channels: Collection[Channel]) -> Claim | None:
    """Take the message that has waited longest, of those that may go by these channels; no other sender gets it.

    Writes nothing when there is none.
    """
    if not channels or not db.session.scalar(sa.select(sa.exists(_due(Message, channels)))):
        return None
    return _claim(channels)


@write
def _claim(channels: Collection[Channel]) -> Claim | None:
    one = aliased(Message)
    first = (
        _due(one, channels).order_by(one.next_try_at, one.id).limit(1).with_for_update(skip_locked=True)
    ).scalar_subquery()
    taken = db.session.execute(
        sa.update(Message)
        .where(Message.id == first)
        .values(state=MessageState.SENDING, next_try_at=clock.now() + LEASE, attempts=Message.attempts + 1)
        .returning(Message.id, Message.public_id, Message.kind, Message.about, Message.language, Message.attempts)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return Claim(*taken) if taken else None


def _due(message: type[Message], channels: Collection[Channel]) -> sa.Select[Any]:
    return sa.select(message.id).where(
        message.state.in_(UNDERWAY),
        message.next_try_at <= clock.now(),
        message.attempts < TRIES,
        sa.or_(message.channel.is_(None), message.channel.in_(channels)),
    )


@write
def done(claim: Claim, channel: Channel) -> None:
    """The message is on its way to the person: that is so even if it was stopped meanwhile."""
    _conclude(
        claim,
        (MessageState.SENDING, MessageState.STOPPED),
        state=MessageState.SENT,
        channel=channel,
        sent_at=clock.now(),
        trouble="",
    )


@write
def not_needed(claim: Claim) -> None:
    """There is nobody to tell, or nothing to tell of, any longer."""
    _conclude(claim, state=MessageState.STOPPED)


@write
def hold(claim: Claim, channel: Channel) -> None:
    """It must go by a channel that is not open now: let it wait, with nothing counted against it."""
    _conclude(
        claim, state=MessageState.WAITING, channel=channel, next_try_at=clock.now(), attempts=Message.attempts - 1
    )


@write
def failed(claim: Claim, trouble: str, final: bool = False, channel: Channel | None = None) -> None:
    """It could not be sent: try again later, ever more seldom, and give up after TRIES, or at once if it is `final`.

    `trouble` is for whoever looks after the app; nothing of a person may stand in it.
    """
    known: dict[str, Any] = {"trouble": trouble[:80]} | ({"channel": channel} if channel else {})
    if final or claim.attempt >= TRIES:
        _conclude(claim, state=MessageState.FAILED, **known)
    else:
        later = clock.now() + BACKOFF[claim.attempt - 1]
        _conclude(claim, state=MessageState.WAITING, next_try_at=later, **known)


def _conclude(claim: Claim, states: Collection[MessageState] = (MessageState.SENDING,), **values: Any) -> None:
    db.session.execute(
        sa.update(Message)
        .where(Message.id == claim.id, Message.attempts == claim.attempt, Message.state.in_(states))
        .values(**values)
        .execution_options(synchronize_session=False)
    )


# --- For those who look after it


def unsent(kinds: Iterable[str], about: Iterable[int], channels: Collection[Channel]) -> list[Message]:
    """What these subjects have not been told and won't be by the app: somebody must call them.

    That is what failed, and what is due and would need a channel that is not set up; `channels` are those that are.
    """
    no_way = Message.channel.is_not(None) & Message.channel.not_in(channels) if channels else sa.true()
    stuck = sa.and_(Message.state == MessageState.WAITING, Message.due_at <= clock.now(), no_way)
    return list(
        db.session.scalars(
            sa.select(Message)
            .where(Message.kind.in_(list(kinds)), Message.about.in_(list(about)))
            .where(sa.or_(Message.state == MessageState.FAILED, stuck))
            .order_by(Message.due_at, Message.id)
        )
    )


def tidy() -> None:
    """Give up what lost its sender at every try, and forget what was over, or to be told, long ago."""
    now = clock.now()
    lost = sa.and_(Message.state.in_(UNDERWAY), Message.attempts >= TRIES, Message.next_try_at <= now)
    # In whatever state, as what waits so long had no way to go; all are named, so that the index finds them.
    old = sa.and_(Message.state.in_(list(MessageState)), Message.next_try_at < now - KEPT)
    if db.session.scalar(sa.select(sa.exists().where(sa.or_(lost, old)))):
        _tidy(lost, old)


@write
def _tidy(lost: sa.ColumnElement[bool], old: sa.ColumnElement[bool]) -> None:
    db.session.execute(sa.update(Message).where(lost).values(state=MessageState.FAILED, trouble="sender lost"))
    db.session.execute(sa.delete(Message).where(old))


# --- Jobs


def last_run(name: str) -> Job | None:
    """When one of the worker's jobs last started, and its trouble; None if it never did."""
    return db.session.get(Job, name)


def due_jobs(every: Mapping[str, timedelta]) -> list[str]:
    """The jobs, of these with how often they run, that should run now."""
    ran = {job.name: job.ran_at for job in db.session.scalars(sa.select(Job))}
    return [name for name, pause in every.items() if name not in ran or _is_due(ran[name], pause)]


@write
def take_turns(every: Mapping[str, timedelta]) -> list[str]:
    """Start these jobs' runs; answers with those that no other worker has started meanwhile."""
    now = clock.now()
    taken = []
    for name, pause in sorted(every.items()):
        job = db.session.get(Job, name, with_for_update=True)
        if job is None:
            db.session.add(Job(name=name, ran_at=now))
        elif _is_due(job.ran_at, pause):
            job.ran_at = now
        else:
            continue
        taken.append(name)
    return taken


def _is_due(ran_at: datetime, pause: timedelta) -> bool:
    """Whether so long has passed; a run far ahead is the word of a clock that has been put right since."""
    return abs(clock.now() - ran_at) >= pause


@write
def note_trouble(name: str, trouble: str) -> None:
    """Keep what went wrong with a job's latest run, or that nothing did."""
    db.session.execute(sa.update(Job).where(Job.name == name).values(trouble=trouble[:80]))
