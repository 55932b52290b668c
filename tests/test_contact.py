"""How people write a phone number or an e-mail address, and what becomes of it."""

from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from participation import contact
from participation.contact import BadContact, BadEmail, BadPhone, Contact, Kind

DIGITS = ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "０１２３４５６７８９"]

# --- Phone numbers


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("90000000", "+4790000000"),
        ("90 00 00 00", "+4790000000"),
        ("900 00 000", "+4790000000"),
        ("  900-00-000 ", "+4790000000"),
        ("90\u00a000\u00a000\u00a000", "+4790000000"),
        ("+47 90 00 00 00", "+4790000000"),
        ("+4790000000", "+4790000000"),
        ("(+47) 90 00 00 00", "+4790000000"),
        ("0047 90 00 00 00", "+4790000000"),
        ("4790000000", "+4790000000"),
        ("40612345", "+4740612345"),
        ("22 12 34 56", "+4722123456"),
        ("٩٠ ٠٠ ٠٠ ٠٠", "+4790000000"),
        ("+٤٧ ٩٠٠٠٠٠٠٠", "+4790000000"),
        ("٠٠٤٧٩٠٠٠٠٠٠٠", "+4790000000"),
        ("۹۰۰۰۰۰۰۰", "+4790000000"),
        ("+۹۳ ۷۰ ۱۲۳ ۴۵۶۷", "+93701234567"),
        ("９０００００００", "+4790000000"),
        ("\u202a+47 900 00 000\u202c", "+4790000000"),
        ("\u200e90000000\u200f", "+4790000000"),
        ("+48 512 345 678", "+48512345678"),
        ("0048512345678", "+48512345678"),
        ("+370 612 34567", "+37061234567"),
        ("+380 50 123 4567", "+380501234567"),
        ("+252 61 512 3456", "+252615123456"),
        ("+963 944 567 890", "+963944567890"),
        ("+٩٦٣ ٩٤٤ ٥٦٧ ٨٩٠", "+963944567890"),
        ("+291 7 123 456", "+2917123456"),
        ("+46 70 123 45 67", "+46701234567"),
        ("+1 201-555-0123", "+12015550123"),
    ],
)
def test_a_number_is_read_however_it_is_written(written: str, number: str) -> None:
    assert contact.phone(written) == number


@pytest.mark.parametrize("digits", DIGITS)
def test_a_number_is_read_in_the_digits_of_any_keyboard(digits: str) -> None:
    assert contact.phone("40612789".translate(str.maketrans(DIGITS[0], digits))) == "+4740612789"


def test_a_number_without_a_country_code_belongs_to_the_region() -> None:
    assert contact.phone("512 345 678", region="PL") == "+48512345678"
    assert contact.phone("+47 90000000", region="PL") == "+4790000000"


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "+",
        "0",
        "110",
        "112",
        "113",
        "1234",
        "١١٢",
        "9000000",
        "900000000",
        "+999 1234567",
        "Kari",
        "90000000 Kari",
        "9OOOOOOO",
        "tlf 90000000",
        "tel:+4790000000",
        "0800-FLOWERS",
        "90000000 ext 5",
        "90000000, 91111111",
        "90000000/91111111",
        "90000000\nBcc: x@y.no",
        "01010112345",
        "02800",
        "800 12 345",
        "829 00 000",
        "+800 1234 5678",
        "\u202a\u202c",
        "\x00",
        "9" * 300,
        "+" * 300,
        " " * 300,
        "()" * 150,
        "9" * 100_000,
    ],
    ids=lambda written: f"{written[:20]!r} {len(written)}",
)
def test_what_no_person_answers_is_refused_at_once(written: str) -> None:
    began = perf_counter()

    with pytest.raises(BadPhone):
        contact.phone(written)

    assert perf_counter() - began < 0.5


@given(st.text() | st.text("+0123456789() -٠٩;,#*x", max_size=40))
@settings(deadline=None)
def test_any_text_is_a_number_in_one_form_or_is_refused(text: str) -> None:
    try:
        number = contact.phone(text)
    except BadPhone:
        return
    assert number[0] == "+"
    assert number[1:].isascii()
    assert number[1:].isdigit()
    assert contact.phone(number) == number
    assert contact.phone(contact.shown_phone(number)) == number


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+4790000000", "+47 90 00 00 00"),
        ("+4722123456", "+47 22 12 34 56"),
        ("+48512345678", "+48 512 345 678"),
    ],
)
def test_a_number_is_shown_as_people_read_it(number: str, shown: str) -> None:
    assert contact.shown_phone(number) == shown


@pytest.mark.parametrize(
    ("number", "gets"),
    [
        ("+4790000000", True),
        ("+48512345678", True),
        ("+12015550123", True),  # nobody can tell
        ("+4722123456", False),
        ("+4780012345", False),
    ],
)
def test_text_messages_go_to_phones_that_can_show_them(number: str, gets: bool) -> None:
    assert contact.can_get_sms(number) is gets


@pytest.mark.parametrize("text", ["", "+999123", "90000000"])
def test_only_a_number_in_its_one_form_can_be_asked_about(text: str) -> None:
    with pytest.raises(BadPhone):
        contact.can_get_sms(text)
    with pytest.raises(BadPhone):
        contact.shown_phone(text)


# --- E-mail addresses


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("a@b.no", "a@b.no"),
        ("  a@b.no\n", "a@b.no"),
        ("\u200ea@b.no\u202c", "a@b.no"),
        ("Ola.Nordmann@Example.ORG", "Ola.Nordmann@example.org"),
        ("o'brien+larvik@example.org", "o'brien+larvik@example.org"),
        ("post@blåbær.no", "post@xn--blbr-roah.no"),
    ],
)
def test_an_address_is_kept_as_a_mail_server_takes_it(written: str, address: str) -> None:
    assert contact.email(written) == address


@pytest.mark.parametrize(
    "written",
    [
        "",
        "@",
        "a@",
        "@b.no",
        "a@b",
        "a@b..no",
        "a@@b.no",
        "a b@c.no",
        "a@localhost",
        "a@[127.0.0.1]",
        '"a b"@c.no',
        "O'Brien <x@y>",
        "O'Brien <x@y.no>",
        "<x@y.no>",
        "a@b.no, c@d.no",
        "a@b.no;c@d.no",
        "a@b.no\nBcc: x",
        "a@b.no\r\nBcc: x@y.no",
        "a\r\nBcc: x@b.no",
        "a@b.no\x00",
        "a%0ABcc:x@b.no\n.",
        "kåre@b.no",
        "a@" + "b" * 300 + ".no",
        "a" * 300 + "@b.no",
        "@" * 300,
        "a@" + "b." * 150 + "no",
        "a" * 100_000 + "@b.no",
        "a@" + "b." * 50_000 + "no",
    ],
    ids=lambda written: f"{written[:20]!r} {len(written)}",
)
def test_what_no_mail_server_takes_is_refused_at_once(written: str) -> None:
    began = perf_counter()

    with pytest.raises(BadEmail):
        contact.email(written)

    assert perf_counter() - began < 0.5


@given(st.text() | st.emails() | st.text("a@.no<>\r\n:\"' ", max_size=30))
@settings(deadline=None)
def test_any_text_is_one_plain_address_or_is_refused(text: str) -> None:
    try:
        address = contact.email(text)
    except BadEmail:
        return
    assert address.isascii()
    assert address.isprintable()
    assert not set(address) & set(' <>,;:"\\')
    assert contact.email(address) == address


# --- One field for either


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", Contact()),
        ("   ", Contact()),
        ("\u200e", Contact()),
        ("90 00 00 00", Contact(phone="+4790000000")),
        (" A@B.no ", Contact(email="A@b.no")),
    ],
)
def test_one_field_takes_a_number_or_an_address_or_nothing(written: str, expected: Contact) -> None:
    assert contact.parse(written) == expected


@pytest.mark.parametrize(
    ("written", "kind"),
    [("112", Kind.PHONE), ("Kari", Kind.PHONE), ("a@b", Kind.EMAIL), ("90000000@", Kind.EMAIL)],
)
def test_a_refusal_tells_what_it_looked_like(written: str, kind: Kind) -> None:
    with pytest.raises(BadContact) as refusal:
        contact.parse(written)

    assert refusal.value.kind is kind


@pytest.mark.parametrize("written", ["4711 hemmelig", "hemmelig@", "99999999999999999999", "hemmelig@\nx"])
def test_a_refusal_never_repeats_what_was_typed(written: str) -> None:
    with pytest.raises(BadContact) as refusal:
        contact.parse(written)

    assert str(refusal.value) == ""
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
