"""Who of those who help is told of a change by the app, and whom somebody must call."""

from collections.abc import Collection, Iterable
from enum import StrEnum

from ..activities.models import Purpose, Signup
from ..activities.notices import Notice
from ..messages import letters
from ..messages import rules as messages
from ..messages.models import Channel

TO_HELPERS = [notice for notice in Notice if notice is not Notice.LEFT]


class Reach(StrEnum):
    """How somebody hears of a change."""

    APP = "app"
    CALL = "call"  # no yes to messages, no way to send them, or one that did not arrive
    NONE = "none"  # no contact was given


def reaches(signups: Iterable[Signup], channels: Collection[Channel]) -> dict[int, Reach]:
    """How each of these hears of a change, by the sign-up's inner id; `channels` are those that messages can go by."""
    signups = list(signups)
    lost = {message.about for message in messages.unsent(TO_HELPERS, [signup.id for signup in signups], channels)}
    return {
        signup.id: Reach.NONE
        if not (signup.phone or signup.email)
        else Reach.APP
        if signup.id not in lost and signup.allows(Purpose.TASK) and letters.way_to(signup) in channels
        else Reach.CALL
        for signup in signups
    }
