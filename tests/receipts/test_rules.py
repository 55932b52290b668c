"""Receipts: known by a code that the holder keeps, and by nothing that the database holds."""

from collections import Counter

import pytest
import sqlalchemy as sa
from flask import Flask

from participation.db import ALPHABET, db
from participation.receipts import rules
from participation.receipts.models import Receipt

SECRET = "one secret"


@pytest.mark.parametrize(
    "typed", ["7F3QKXM2P0", "7f3qk-xm2p0", "7F3QK XM2PO", "7f3qkxm2po\n", "７F3QK–XM2P0".replace("７", "7")]
)
def test_a_code_is_understood_however_it_was_written_down(typed: str) -> None:
    assert rules.normalise(typed) == "7F3QKXM2P0"


def test_letters_that_look_like_digits_are_read_as_digits() -> None:
    assert rules.normalise("oOiIlL") == "001111"


def test_a_code_has_ten_letters_of_an_alphabet_that_can_be_read_aloud() -> None:
    code = rules.code_for("a key", SECRET)

    assert len(code) == 10
    assert set(code) <= set(ALPHABET)
    assert rules.normalise(code) == code
    assert rules.grouped(code) == f"{code[:5]}-{code[5:]}"


def test_codes_follow_from_the_forms_key_and_from_a_secret_that_only_the_server_has() -> None:
    assert rules.code_for("key", SECRET) == rules.code_for("key", SECRET)
    assert rules.code_for("key", SECRET) != rules.code_for("key", "other secret")
    assert rules.code_for("key", SECRET) != rules.code_for("other key", SECRET)


def test_codes_are_spread_evenly_over_all_letters_in_every_place() -> None:
    codes = [rules.code_for(str(number), SECRET) for number in range(6400)]

    assert len(set(codes)) == 6400
    for place in range(10):
        counts = Counter(code[place] for code in codes)
        assert set(counts) == set(ALPHABET)
        assert max(counts.values()) < 300  # 200 expected: seven deviations away


def test_a_receipt_is_made_once_for_each_holder(app: Flask) -> None:
    assert rules.obtain("me") == rules.obtain("me")
    assert rules.obtain("you") != rules.obtain("me")
    assert db.session.scalar(sa.select(sa.func.count(Receipt.id))) == 2


def test_receipts_come_in_the_order_of_the_codes_and_unknown_ones_are_passed_over(app: Flask) -> None:
    one, other = ("A" * 10, "B" * 10)
    first, second = (rules.obtain(rules.holder(code, SECRET)) for code in (one, other))

    assert [receipt.id for receipt in rules.find([other, "C" * 10, "", "x", one], SECRET)] == [second, first]
    assert rules.find([one], "other secret") == []
    assert rules.find([], SECRET) == []


def test_the_database_does_not_hold_the_code(app: Flask) -> None:
    code = rules.code_for("key", SECRET)
    rules.obtain(rules.holder(code, SECRET))

    assert code not in repr(db.session.execute(sa.select(Receipt.__table__)).all())
