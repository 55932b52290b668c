"""Making and finding receipts."""

import hashlib
import hmac

import sqlalchemy as sa

from .. import clock
from ..db import ALPHABET, db, write
from .models import Receipt

CODE_LENGTH = 10  # fifty bits: typed in a moment, and a thousand guesses a second would need 35,000 years for one hit


FIND = sa.select(Receipt.id).where(Receipt.holder == sa.bindparam("whose"))
FIND_ALL = sa.select(Receipt).where(Receipt.holder.in_(sa.bindparam("holders", expanding=True)))
MAKE = sa.insert(Receipt).returning(Receipt.id)


def normalise(code: str) -> str:
    """A code as it was meant: any case, with or without blanks and hyphens, O for 0, I and L for 1."""
    kept = "".join(character for character in code.upper() if character.isalnum())
    return kept.replace("O", "0").replace("I", "1").replace("L", "1")


def code_for(key: str, secret: str) -> str:
    """The code of the receipt that a form with this key makes.

    It follows from the form's key, so that a phone that lost the answer and sends the form again is told the same
    code, although the server has forgotten it.
    """
    number = int.from_bytes(_keyed(f"code:{key}", secret)[:8], "big")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(CODE_LENGTH))


def grouped(code: str) -> str:
    """A code as people read it: `7F3QK-XM2PA`."""
    return f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}"


def find(codes: list[str], secret: str) -> list[Receipt]:
    """The receipts of these codes, in the same order; unknown codes are passed over."""
    holders = [holder(code, secret) for code in codes if len(code) == CODE_LENGTH]
    if not holders:
        return []
    receipts = db.session.scalars(FIND_ALL, {"holders": holders})
    return sorted(receipts, key=lambda receipt: holders.index(receipt.holder))


def holder(code: str, secret: str) -> str:
    """What the database knows a code by."""
    return _keyed(f"receipt:{code}", secret).hex()


@write
def obtain(holder: str) -> int:
    """The inner id of this holder's receipt, which is made if it is new."""
    connection = db.session.connection()
    number = connection.scalar(FIND, {"whose": holder})
    return int(number or connection.execute(MAKE, {"holder": holder, "created_at": clock.now()}).scalar_one())


def _keyed(text: str, secret: str) -> bytes:
    """Keyed, so that a stolen database alone gives no code away: fifty bits could be tried out otherwise."""
    return hmac.digest(secret.encode(), text.encode(), hashlib.sha256)
