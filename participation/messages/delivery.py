"""Taking what is due out of the outbox and sending it, one message at a time."""

import logging
from threading import Event

from flask import Flask

from . import letters, rules, transport
from .models import Channel
from .rules import Claim

log = logging.getLogger(__name__)

BATCH = 100  # messages sent before the worker's other jobs have their turn


def deliver_due(app: Flask, stop: Event) -> int:
    """Send what is due, BATCH at the most; answers with how many messages were looked at.

    A channel whose server does not answer is left alone for the rest of the round.
    """
    with app.app_context():
        open_channels = transport.channels()
        for count in range(BATCH):
            claim = None if stop.is_set() else rules.claim_next(open_channels)
            if claim is None:
                return count
            if down := _deliver(app, claim, open_channels):
                open_channels.discard(down)
    return BATCH


def _deliver(app: Flask, claim: Claim, open_channels: set[Channel]) -> Channel | None:
    """Send one message; answers with its channel if that turned out to be down."""
    try:
        letter = letters.compose(app, claim.kind, claim.about, claim.language)
    except Exception as trouble:  # one message that can't be written must not hold the others up
        log.exception("Could not write %s %s.", claim.kind, claim.public_id)
        rules.failed(claim, f"not written: {type(trouble).__name__}")
        return None
    if letter is None:
        rules.not_needed(claim)
    elif letter.channel not in open_channels:
        rules.hold(claim, letter.channel)
    else:
        return _send(claim, letter)
    return None


def _send(claim: Claim, letter: letters.Letter) -> Channel | None:
    try:
        transport.send(letter, claim.public_id)
    except transport.Trouble as trouble:
        rules.failed(claim, str(trouble), isinstance(trouble, transport.Refused), letter.channel)
        log.warning("Not sent, try %d: %s %s: %s", claim.attempt, claim.kind, claim.public_id, trouble)
        return letter.channel if isinstance(trouble, transport.Unreachable) else None
    except Exception as trouble:  # noqa: BLE001 logged without its story, which could repeat the address or the words
        rules.failed(claim, f"not sent: {type(trouble).__name__}", channel=letter.channel)
        log.error("Could not send %s %s: %s", claim.kind, claim.public_id, type(trouble).__name__)  # noqa: TRY400
        return None
    rules.done(claim, letter.channel)
    log.info("Sent %s %s by %s", claim.kind, claim.public_id, letter.channel)
    return None
