"""A person without an account: the code on their phone, and «mine bidrag»."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, g, request

from ..contact import Contact
from ..web import cookie_name, keep_cookie
from . import rules
from .models import Receipt

bp = Blueprint("receipts", __name__)

COOKIE = "receipts"
KEPT_CODES = 6  # a family may share a phone
KEPT_SECONDS = 400 * 24 * 3600  # as long as browsers keep a cookie


@dataclass(frozen=True)
class Section:
    """One feature's part of «mine bidrag»: a template and what it shows."""

    template: str
    contributions: Callable[[list[Receipt]], list[Any]]


sections: list[Section] = []

# Each feature's way to send somebody who has lost the code the way to what they are reached at this contact about.
finders: list[Callable[[Contact], None]] = []


def codes() -> list[str]:
    """The codes this phone keeps, its own before those opened on it."""
    if "receipt_codes" not in g:
        kept = request.cookies.get(cookie_name(COOKIE), "")
        g.receipt_codes = [code for code in kept.split(".") if len(code) == rules.CODE_LENGTH][:KEPT_CODES]
    found: list[str] = g.receipt_codes
    return found


def mine() -> list[Receipt]:
    """The receipts of whoever holds this phone."""
    return rules.find(codes(), _secret())


def holder(key: str) -> str:
    """Whose receipt a contribution sent with this form key goes on: this phone's, else a new one."""
    return rules.holder(_code(key), _secret())


def remember_holder(key: str) -> None:
    """Keep the code of that receipt on this phone, once the contribution is safe."""
    remember(_code(key))


def _code(key: str) -> str:
    return next(iter(codes()), "") or rules.code_for(key, _secret())


def remember(code: str) -> None:
    """Keep a code on this phone, after those it has: what is sent from here goes on being on the phone's own.

    The answer to the request carries it.
    """
    g.receipt_codes = list(dict.fromkeys([*codes(), code]))[-KEPT_CODES:]
    g.receipts_changed = True


def forget_all() -> None:
    """Keep no code on this phone any longer."""
    g.receipt_codes = []
    g.receipts_changed = True


@bp.after_app_request
def put_on_phone(response: Response) -> Response:
    """Send the codes along when they have changed; a visit that only reads sets no cookie."""
    if g.get("receipts_changed"):
        kept = ".".join(codes())
        keep_cookie(response, COOKIE, kept, KEPT_SECONDS if kept else 0)
    return response


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


from . import views  # noqa: E402, F401
