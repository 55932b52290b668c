"""Signing in and out, and who may do what."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import low_level

from participation import clock
from participation.db import db, write
from participation.staff import rights, rules
from participation.staff.models import Role, SigninLink, Staff, StaffSession, Viewing
from tests.world import PASSWORD

Make = Callable[..., Any]
Later = Callable[[timedelta], None]


def link_of(person: Staff) -> str:
    return rules.invite(person.name, person.email, person.role)[1]


@write
def disable(person: Staff) -> None:
    db.session.get_one(Staff, person.id).disabled_at = clock.now()


# --- One-time links


def test_a_link_signs_its_owner_in_once(staff: Make) -> None:
    siri = staff("Siri")
    link = link_of(siri)

    session = rules.use_link(link)

    assert rules.signed_in(session or "").id == siri.id  # type: ignore[union-attr]
    assert rules.use_link(link) is None
    assert rules.link_holder(link) is None


def test_looking_at_a_link_does_not_use_it_up(staff: Make) -> None:
    link = link_of(staff("Siri"))

    for _ in range(3):
        assert rules.link_holder(link) is not None
    assert rules.use_link(link) is not None


def test_a_link_lasts_an_hour(staff: Make, later: Later) -> None:
    link = link_of(staff("Siri"))

    later(timedelta(minutes=59))
    assert rules.link_holder(link) is not None
    later(timedelta(minutes=2))
    assert rules.link_holder(link) is None
    assert rules.use_link(link) is None


def test_a_second_invitation_makes_no_second_account_and_gives_no_new_powers(staff: Make) -> None:
    siri = staff("Siri", Role.FACILITATOR)

    again, _ = rules.invite("Noen andre", "  SIRI@larvik.example ", Role.ADMIN)

    assert (again.id, again.name, again.role) == (siri.id, "Siri", Role.FACILITATOR)


@pytest.mark.parametrize("token", ["", "x", "\x00", "🦊", "x" * 10_000])
def test_a_token_nobody_was_given_opens_nothing(app: object, token: str) -> None:
    assert rules.link_holder(token) is None
    assert rules.use_link(token) is None
    assert rules.signed_in(token) is None


def test_the_database_holds_neither_tokens_nor_passwords(staff: Make) -> None:
    siri = staff("Siri", password=PASSWORD)
    link = link_of(siri)
    session = rules.use_link(link) or ""
    unused = link_of(siri)

    rows = repr([db.session.execute(kind.__table__.select()).all() for kind in (Staff, SigninLink, StaffSession)])

    assert not [secret for secret in (link, session, unused, PASSWORD) if secret in rows]
    assert "$argon2id$" in rows


# --- Passwords


def test_a_password_signs_in_in_any_case_of_the_address(staff: Make) -> None:
    siri = staff("Siri", password=PASSWORD)

    for address in ("siri@larvik.example", " Siri@Larvik.Example "):
        assert rules.signed_in(rules.sign_in(address, PASSWORD) or "").id == siri.id  # type: ignore[union-attr]


@pytest.mark.parametrize("password", ["", "x", PASSWORD.upper(), PASSWORD + " ", "x" * 10_000])
def test_another_password_does_not(staff: Make, password: str) -> None:
    staff("Siri", password=PASSWORD)

    assert rules.sign_in("siri@larvik.example", password) is None


def test_nobody_signs_in_with_the_password_of_an_account_that_has_none(staff: Make) -> None:
    staff("Siri")

    for password in ("", "None", "x"):
        assert rules.sign_in("siri@larvik.example", password) is None
        assert rules.sign_in("ukjent@larvik.example", password) is None


@pytest.mark.parametrize(
    "password",
    [
        "",
        "kort",
        "password1234",
        "aaaaaaaaaaaaaaaa",
        "siri@larvik.example",
        "torstrand torstrand",
        "x7#" * 40,
        "x" * 129,
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(staff: Make, password: str) -> None:
    siri = staff("Siri")

    with pytest.raises(rules.WeakPassword):
        rules.set_password(siri, password, ["Torstrand"])
    assert siri.password_hash is None


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "hund-sol-måke-vind",
        "أربع كلمات عشوائية هنا",
        "".join(chr(33 + 7 * number % 90) for number in range(128)),
    ],
)
def test_a_password_that_is_hard_to_guess_is_taken_in_any_script(staff: Make, password: str) -> None:
    siri = staff("Siri")

    rules.set_password(siri, password, ["Torstrand"])

    assert rules.sign_in(siri.email, password)


# --- Sessions


def test_signing_out_ends_the_session_wherever_its_cookie_went(staff: Make) -> None:
    siri = staff("Siri")
    here, there = (rules.use_link(link_of(siri)) or "" for _ in range(2))

    rules.sign_out(here)
    rules.sign_out(here)

    assert rules.signed_in(here) is None
    assert rules.signed_in(there) is not None


def test_a_session_ends_four_hours_after_the_last_sign_of_life(staff: Make, later: Later) -> None:
    session = rules.use_link(link_of(staff("Siri"))) or ""

    for _ in range(2):
        later(timedelta(hours=3, minutes=59))
        assert rules.signed_in(session) is not None
    later(timedelta(hours=4, minutes=1))
    assert rules.signed_in(session) is None


def test_a_session_ends_after_twelve_hours_however_busy_one_was(staff: Make, later: Later) -> None:
    session = rules.use_link(link_of(staff("Siri"))) or ""

    for _ in range(4):
        later(timedelta(hours=2, minutes=59))
        assert rules.signed_in(session) is not None
    later(timedelta(minutes=5))
    assert rules.signed_in(session) is None


def test_a_new_password_ends_every_session_but_the_one_it_was_chosen_in(staff: Make) -> None:
    siri, tor = staff("Siri", password=PASSWORD), staff("Tor", password=PASSWORD)
    here, lost_phone = rules.sign_in(siri.email, PASSWORD), rules.sign_in(siri.email, PASSWORD)
    other, unused = rules.sign_in(tor.email, PASSWORD), link_of(siri)

    rules.set_password(siri, "fjord lampe sykkel mandag", [], here or "")

    assert rules.signed_in(here or "") is not None
    assert rules.signed_in(lost_phone or "") is None
    assert rules.link_holder(unused) is None
    assert rules.signed_in(other or "") is not None


@pytest.mark.parametrize(
    ("kind", "holds", "over"),
    [
        (SigninLink, timedelta(minutes=59), timedelta(minutes=61)),
        (StaffSession, timedelta(hours=3), timedelta(hours=5)),
        (Viewing, timedelta(days=364), timedelta(days=366)),
    ],
)
def test_what_opens_nothing_any_longer_is_deleted(
    staff: Make, activity: Make, later: Later, kind: type[Any], holds: timedelta, over: timedelta
) -> None:
    siri = staff("Siri", password=PASSWORD)  # invited by a link
    rules.sign_in(siri.email, PASSWORD)
    rights.note_viewing(siri, "names", activity())
    asked = sa.select(sa.func.count()).select_from(kind)

    later(holds)
    rules.tidy()
    assert db.session.scalar(asked) == 1
    later(over - holds)
    rules.tidy()
    assert db.session.scalar(asked) == 0


def test_whoever_is_disabled_is_out_at_once_and_stays_out(staff: Make) -> None:
    siri = staff("Siri", password=PASSWORD)
    session, link = rules.use_link(link_of(siri)) or "", link_of(siri)

    disable(siri)

    assert rules.signed_in(session) is None
    assert rules.use_link(link) is None
    assert rules.sign_in(siri.email, PASSWORD) is None


def test_checking_a_password_keeps_no_resident_waiting(staff: Make, statements: list[str]) -> None:
    staff("Siri", password=PASSWORD)
    statements.clear()

    rules.sign_in("siri@larvik.example", "feil")
    rules.sign_in("ukjent@larvik.example", "feil")

    assert statements
    assert not [line for line in statements if line.split()[0] not in ("SELECT", "BEGIN")]


@pytest.mark.parametrize("email", ["siri@larvik.example", "uten@larvik.example", "ukjent@larvik.example"])
def test_an_unknown_address_costs_as_much_work_as_a_wrong_password(
    staff: Make, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff("Siri", password=PASSWORD)
    staff("Uten")
    rules.sign_in("ukjent@larvik.example", "the first one makes what the others are compared with")
    hashed: list[str] = []
    monkeypatch.setattr("argon2._password_hasher.verify_secret", _noting(hashed, "checked", low_level.verify_secret))
    monkeypatch.setattr("argon2._password_hasher.hash_secret", _noting(hashed, "made", low_level.hash_secret))

    rules.sign_in(email, "feil")

    assert hashed == ["checked"]


def _noting(seen: list[str], name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    def noted(*args: Any, **kwargs: Any) -> Any:
        seen.append(name)
        return work(*args, **kwargs)

    return noted


def test_being_busy_does_not_write_at_every_request(staff: Make, statements: list[str]) -> None:
    session = rules.use_link(link_of(staff("Siri"))) or ""
    statements.clear()

    for _ in range(3):
        rules.signed_in(session)

    assert not [line for line in statements if line.startswith("UPDATE")]


# --- Who may do what


def test_facilitators_have_their_own_workshops_on_their_desk_and_administrators_all(
    staff: Make, workshop: Make
) -> None:
    siri, anne, tor = staff("Siri"), staff("Anne"), staff("Tor", Role.ADMIN)
    hers, others = workshop(owner=siri), workshop(owner=anne)

    assert [one.id for one in rules.workshops_of(siri)] == [hers.id]
    assert [one.id for one in rules.workshops_of(tor)] == [others.id, hers.id]
    assert rules.workshop_of(siri, hers.public_id) is not None
    assert rules.workshop_of(siri, others.public_id) is None
    assert rules.workshop_of(tor, hers.public_id) is not None
    assert rules.workshop_of(tor, "zzzzzzzzzz") is None


def test_a_workshop_without_an_owner_is_the_administrators(staff: Make, workshop: Make) -> None:
    nobodys = workshop()

    assert rules.workshop_of(staff("Siri"), nobodys.public_id) is None
    assert rules.workshop_of(staff("Tor", Role.ADMIN), nobodys.public_id) is not None


def test_a_person_can_not_be_signed_in_by_a_link_that_two_use_at_once(staff: Make) -> None:
    link = link_of(staff("Siri"))

    sessions = [rules.use_link(link), rules.use_link(link)]

    assert sum(session is not None for session in sessions) == 1
    assert db.session.scalar(sa.select(sa.func.count(StaffSession.token_hash))) == 1
