"""Whom one could ask to help with a task: those who have said that they can. The asking is ours, the answer theirs."""

from typing import Any

from flask import Response, url_for

from .. import contact
from ..activities import queues, signups
from ..activities import rules as activities
from ..activities.models import Task
from ..messages import letters, transport
from ..messages import rules as messages
from ..offers import invitations, words
from ..offers import rules as offers
from ..offers.models import Invitation, Offer
from ..web import Entry, found, open_to, show, show_or_see_other
from . import bp, me, rights

SHOWN = 20  # names at a time: nobody needs to see more of them than one can ask


@bp.get("/oppgaver/<public_id:task>/kan-hjelpe")
@open_to(Entry.STAFF)
def matches(task: str) -> Response:
    """Who could be asked, who has been, and what they answered."""
    mine = _my_task(task)
    return show("offers/matches.html", "offers/_matches.html", **_matches(mine), said="")


@bp.post("/oppgaver/<public_id:task>/spor/<public_id:offer>")
@open_to(Entry.STAFF)
def invite(task: str, offer: str) -> Response:
    """Ask one of them. Twice is once."""
    mine = _my_task(task)
    wanted = found(offers.offer(offer))
    try:
        asked = invitations.invite(wanted, mine)
    except (invitations.OfferEnded, invitations.DoesNotFit):
        return found(None)
    except (invitations.TaskFull, signups.TaskClosed):
        return show("offers/matches.html", "offers/_matches.html", 409, **_matches(mine), said="")
    address = url_for(".matches", task=mine.public_id)
    return show_or_see_other("offers/_matches.html", address, **_matches(mine), said=asked.offer.name)


def _my_task(public_id: str) -> Task:
    """A task, for those who answer for it; to all others it does not exist."""
    task = found(activities.task(public_id))
    found(rights.activity_of(me(), task.activity.public_id))
    return task


def _matches(task: Task) -> dict[str, Any]:
    asked = invitations.invitations(task)
    can_help = offers.matches(task)
    if asked or can_help:
        rights.note_viewing(me(), "offers", task.activity)
    return {
        "task": task,
        "left": queues.places([task])[task.id].left,
        "asked": [(invitation, signed_up, _call(invitation)) for invitation, signed_up in asked],
        "offers": can_help[:SHOWN],
        "more": len(can_help) > SHOWN,
        "kinds": words.KINDS,
    }


def _call(invitation: Invitation) -> str:
    """The number or address by which somebody must be asked in person, when the app could not; else nothing."""
    offer: Offer = invitation.offer
    way = letters.way_to(offer)
    reaches = way is not None and transport.can_send(way)
    failed = messages.unsent([offers.INVITATION], [invitation.id], transport.channels())
    if reaches and not failed:
        return ""
    return offer.email or (contact.shown_phone(offer.phone) if offer.phone else "")
