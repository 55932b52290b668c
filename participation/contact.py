"""How somebody can be reached: a phone number or an e-mail address, as people write them, made the same each time.

What was typed is a person's own: no refusal repeats it, so that it cannot end up in a log.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber


class Kind(StrEnum):
    """What somebody seems to have meant."""

    PHONE = "phone"
    EMAIL = "email"


class BadContact(ValueError):
    """Nobody can be reached with this; `kind` is what it looked like."""

    kind: ClassVar[Kind]


class BadPhone(BadContact):
    """This is no number that a person answers."""

    kind = Kind.PHONE


class BadEmail(BadContact):
    """This is no e-mail address."""

    kind = Kind.EMAIL


@dataclass(frozen=True)
class Contact:
    """How to reach a person: a phone number in E.164, or an e-mail address, or neither."""

    phone: str | None = None
    email: str | None = None


def parse(text: str) -> Contact:
    """What somebody wrote in the one field for either: with an @ it is an e-mail address, else a phone number."""
    cleaned = _cleaned(text)
    if not cleaned:
        return Contact()
    return Contact(email=email(text)) if "@" in cleaned else Contact(phone=phone(text))


def phone(text: str, region: str = "NO") -> str:
    """The number in E.164 (`+4790000000`); one without a country code belongs to the region.

    Spaces, 00 for +, and the digits of any script are read. Refused are letters, emergency and short numbers, extra
    numbers behind a switchboard's, and numbers that charge whoever calls: a person's own phone is none of these.
    """
    import phonenumbers  # here: few requests need it, and it is large

    cleaned = _cleaned(text)
    if any(character.isalpha() for character in cleaned):
        raise BadPhone
    try:
        number = phonenumbers.parse(cleaned, region)
    except phonenumbers.NumberParseException:
        raise BadPhone from None
    kinds = phonenumbers.PhoneNumberType
    personal = (kinds.MOBILE, kinds.FIXED_LINE, kinds.FIXED_LINE_OR_MOBILE, kinds.VOIP, kinds.PERSONAL_NUMBER)
    if number.extension or phonenumbers.number_type(number) not in personal:
        raise BadPhone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email(text: str) -> str:
    """The address, as any mail server takes it: its domain in small letters, and in ASCII where it has others.

    What stands before the @ is kept as written: whether its capitals count is for that server to say.
    """
    from email_validator import EmailNotValidError, validate_email  # here: few requests need it

    try:
        address = validate_email(_cleaned(text), check_deliverability=False, allow_smtputf8=False).ascii_email
    except EmailNotValidError:
        raise BadEmail from None
    if not address:
        raise BadEmail
    return address


def can_get_sms(e164: str) -> bool:
    """Whether a text message may arrive: at a mobile phone, or at a number that does not tell what it is."""
    import phonenumbers

    kinds = phonenumbers.PhoneNumberType
    return phonenumbers.number_type(_stored(e164)) in (kinds.MOBILE, kinds.FIXED_LINE_OR_MOBILE, kinds.UNKNOWN)


def shown_phone(e164: str) -> str:
    """The number as people read it: `+47 90 00 00 00`. It runs from left to right in every language."""
    import phonenumbers

    return phonenumbers.format_number(_stored(e164), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _stored(e164: str) -> "PhoneNumber":
    import phonenumbers

    try:
        return phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        raise BadPhone from None


def _cleaned(text: str) -> str:
    """Without what cannot be seen: phones wrap a number that is copied in marks for its direction."""
    return "".join(character for character in text if unicodedata.category(character) != "Cf").strip()
