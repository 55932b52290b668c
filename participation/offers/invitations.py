"""Asking whoever made an offer to help with a task, and their answer."""

import hashlib
import hmac

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from .. import clock
from ..activities import queues, signups
from ..activities.models import Purpose, Signup, Task
from ..db import db, write
from ..messages import rules as messages
from .models import Invitation, InvitationState, Offer, OfferState
from .rules import INVITATION, fits, open_tasks, stands


class OfferEnded(Exception):
    """The offer has been taken back, or its term is over: nobody is there to be asked."""


class TaskFull(Exception):
    """Nobody more is needed: it would be no kindness to ask."""


class DoesNotFit(Exception):
    """The offer is of something else than the task needs."""


@write
def invite(offer: Offer, task: Task) -> Invitation:
    """Ask whoever made an offer to help with a task; twice is once.

    Raises OfferEnded, DoesNotFit, TaskFull and signups.TaskClosed.
    """
    db.session.refresh(offer)
    already = db.session.scalar(
        sa.select(Invitation).where(Invitation.offer_id == offer.id, Invitation.task_id == task.id)
    )
    if already is not None:
        return already
    if not stands(offer):
        raise OfferEnded
    if not fits(offer, task):
        raise DoesNotFit
    if task.is_closed:
        raise signups.TaskClosed
    if not queues.places([task])[task.id].left:
        raise TaskFull
    asked = Invitation(offer=offer, task=task)
    db.session.add(asked)
    db.session.flush()
    messages.forget(INVITATION, asked.id)
    messages.queue(INVITATION, asked.id, "", offer.language)
    return asked


@write
def answer(invitation: Invitation, yes: bool, remind: bool = False) -> Signup | None:
    """Say yes, and help or wait in turn; or no, also after a yes. Nobody is signed up but by this, their own answer.

    Answers with the sign-up there is now. Raises OfferEnded and signups.TaskClosed for a yes that comes too late.
    """
    task, offer = invitation.task, invitation.offer
    signups.settle(task)  # behind the task's lock, two answers at once come one after the other
    db.session.refresh(invitation)
    db.session.refresh(offer)
    signup = signup_of(invitation)
    if yes and signup is None:
        signup = _sign_up(invitation, remind)
    elif not yes and signup is not None:
        signups.withdraw(signup)
        signup = None
    invitation.state = InvitationState.YES if yes else InvitationState.NO
    invitation.answered_at = clock.now()
    messages.stop(INVITATION, invitation.id)
    return signup


def _sign_up(invitation: Invitation, remind: bool) -> Signup:
    offer = invitation.offer
    if not stands(offer) or offer.receipt is None:
        raise OfferEnded
    person = signups.Person(
        offer.name,
        phone=offer.phone,
        email=offer.email,
        purposes=frozenset({Purpose.TASK, *([Purpose.REMINDER] if remind else [])}),
        wording=offer.wording,
        language=offer.language,
    )
    return signups.sign_up(invitation.task, person, f"invitation {invitation.public_id}", offer.receipt.holder)


def signup_of(invitation: Invitation) -> Signup | None:
    """What whoever was asked has signed up to of it, by their answer or by themselves.

    More than one name may be on a family's receipt: then it is the one that made the offer. Once that is forgotten,
    only somebody who said yes to this can be theirs.
    """
    offer = invitation.offer
    if not offer.name and invitation.state is not InvitationState.YES:
        return None
    living = db.session.scalars(
        sa.select(Signup)
        .where(queues.LIVING, Signup.task_id == invitation.task_id, Signup.receipt_id == offer.receipt_id)
        .order_by(Signup.id)
    ).all()
    if offer.name:
        living = [signup for signup in living if signup.name == offer.name]
    return living[0] if len(living) == 1 else None


def invitations(task: Task) -> list[tuple[Invitation, bool]]:
    """Who has been asked to help with a task and may still be named, each with whether they are signed up now."""
    asked = db.session.scalars(
        sa.select(Invitation)
        .join(Invitation.offer)
        .where(Invitation.task_id == task.id, Offer.state == OfferState.OPEN)
        .options(joinedload(Invitation.offer))
        .order_by(Invitation.id)
    ).all()
    return [(invitation, signup_of(invitation) is not None) for invitation in asked]


def key_of(invitation: str, secret: str) -> str:
    """What a letter's link carries: it answers this one invitation, and nothing else, for whoever holds the letter."""
    return hmac.digest(secret.encode(), f"invitation:{invitation}".encode(), hashlib.sha256)[:16].hex()


def opens(key: str, invitation: str, secret: str) -> bool:
    """Whether a key is this invitation's; takes as long for a wrong one."""
    return hmac.compare_digest(key.encode(), key_of(invitation, secret).encode())


# --- Find


def invitation(public_id: str) -> Invitation | None:
    """What somebody was asked."""
    return db.session.scalar(
        sa.select(Invitation)
        .where(Invitation.public_id == public_id)
        .options(joinedload(Invitation.offer), joinedload(Invitation.task).joinedload(Task.activity))
    )


def unanswered(offer: Offer) -> list[Invitation]:
    """What somebody has been asked and may still answer, the soonest first."""
    return list(
        db.session.scalars(
            sa.select(Invitation)
            .join(Invitation.task)
            .join(Task.activity)
            .where(Invitation.offer_id == offer.id, Invitation.state == InvitationState.ASKED, *open_tasks())
            .options(joinedload(Invitation.task).joinedload(Task.activity))
            .order_by(Task.starts_at, Task.id)
        )
    )
