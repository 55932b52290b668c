"""Other ways in to one sign-up than the phone it was made on: a personal link, a new code, a letter to its contact."""

import hmac
from base64 import b32encode
from hashlib import sha256

from flask import current_app, url_for

from ..contact import Contact
from ..db import random_code
from ..receipts import rules as receipts
from ..web import public_url
from . import notices, owners
from .models import Signup

TOKEN_LENGTH = 26  # characters: 128 bits; letters and digits alone, as phones cut a link before a sign at its end


def token(public_id: str) -> str:
    """What opens this one sign-up. It follows from the secret key, so nothing that opens anything is kept."""
    keyed = hmac.digest(_secret().encode(), f"signup:{public_id}".encode(), sha256)
    return b32encode(keyed[:16]).decode().rstrip("=").lower()


def personal_link(signup: Signup) -> str:
    """The whole address of a sign-up's own page, for a letter: to follow it changes nothing."""
    return public_url(url_for("activities.signup", signup=signup.public_id, link=token(signup.public_id)))


def opened_by(public_id: str, link: str) -> Signup | None:
    """The sign-up that this link is for."""
    if not hmac.compare_digest(token(public_id).encode(), link.encode()):
        return None
    return owners.signup_with(public_id)


def reissue(signup: Signup) -> str:
    """Move a sign-up to a receipt of its own and answer with that one's new code, to be handed to the person.

    The old code opens it no longer, and the new one nothing else. Write it as `receipts.rules.grouped` does.
    """
    code = random_code(receipts.CODE_LENGTH)
    owners.move(signup, receipts.holder(code, _secret()))
    return code


def send_links(contact: Contact) -> None:
    """Send whoever is reached at this contact the links to their sign-ups, if there are any: at most once an hour."""
    signups = owners.reached_at(contact)
    if signups:
        notices.lost(signups[0])


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])
