"""What a helper fills in: one field, and more for those who want to."""

from typing import Any, Self

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import BooleanField, IntegerField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, Length, NumberRange

from .. import contact as contact_
from ..forms import BaseForm, text_in
from .models import Purpose, Signup
from .signups import LARGEST_PARTY, Person

NAME_LENGTH = 100
# The version of the words beside the two boxes below. Give it another name whenever they change: it is kept with each
# yes, as what that yes was said to (GDPR art. 7(1)).
WORDING = "2026-11"
HOW_MANY = _l("Skriv hvor mange dere er, med et tall fra 1 til 20.")


def on_one_line(text: str | None) -> str:
    """A name as it stands in a list; a line break in it could pass for another name."""
    return " ".join((text or "").split())


class PeopleField(IntegerField):
    """How many they are; nothing typed is one."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the number, in the digits of any script."""
        typed = valuelist[0].strip() if valuelist else ""
        try:
            self.data = int(typed) if typed else 1
        except ValueError:
            self.data = None
            raise ValueError(HOW_MANY) from None


class SignUpForm(BaseForm):
    """A first name or a nickname; if they want, how many they are and how to reach them."""

    name = StringField(
        _l("Hva skal vi kalle deg?"),
        filters=[on_one_line],
        validators=[
            DataRequired(_l("Skriv et fornavn eller et kallenavn, så vi vet hvem vi ser etter.")),
            Length(max=NAME_LENGTH, message=_l("Navnet er for langt. Bruk høyst %(max)d tegn.")),
        ],
    )
    party = PeopleField(
        _l("Hvor mange er dere?"), default=1, validators=[NumberRange(1, LARGEST_PARTY, message=HOW_MANY)]
    )
    when_free = RadioField(
        _l("Når det blir en ledig plass"),
        choices=[SelectChoice("take", _l("Gi meg plassen")), SelectChoice("ask", _l("Spør meg først"))],
        default="take",
    )
    contact = StringField(_l("Telefon eller e-post (valgfritt)"))
    tell = BooleanField(_l("Gi meg beskjed om plass, endringer og avlysning"))
    remind = BooleanField(_l("Minn meg på det dagen før"))

    capacity = LARGEST_PARTY  # how many the task has room for, set by whoever knows it
    _reached_at = contact_.Contact()

    @classmethod
    def again(cls, signup: Signup) -> Self:
        """The form as it was sent, so that one tap undoes a withdrawal; ask before the sign-up is forgotten."""
        return cls(
            data={
                "key": cls.new_key(),
                "name": signup.name,
                "party": signup.party,
                "when_free": "ask" if signup.ask_first else "take",
                "contact": signup.phone or signup.email or "",
                "tell": signup.allows(Purpose.TASK),
                "remind": signup.allows(Purpose.REMINDER),
            }
        )

    @property
    def says_more(self) -> bool:
        """Whether there is anything to see among what is optional: then it stands open."""
        more = (self.party, self.when_free, self.contact, self.tell, self.remind)
        return any(field.errors or (field.data and field.data != field.default) for field in more)

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all of it can be used; a contact goes with at least one thing that it may be used for."""
        valid = super().validate(extra_validators)
        return all((valid, self._check_party(), self._check_contact()))

    def _check_party(self) -> bool:
        if self.party.errors or (self.party.data or 1) <= self.capacity:
            return True
        self.party.errors = [
            ngettext("Her er det bare plass til %(num)d.", "Her er det bare plass til %(num)d i alt.", self.capacity)
        ]
        return False

    def _check_contact(self) -> bool:
        typed, chosen = text_in(self.contact), self._purposes()
        if chosen and not typed:
            self.contact.errors = [_l("Skriv telefon eller e-post, eller ta bort krysset under.")]
            return False
        try:
            self._reached_at = contact_.parse(typed)
        except contact_.BadContact as refusal:
            self.contact.errors = [bad_contact(refusal)]
            return False
        if typed and not chosen:
            self.tell.errors = [_l("Kryss av for det vi kan bruke nummeret eller adressen til, eller ta det bort.")]
            return False
        return True

    def _purposes(self) -> frozenset[Purpose]:
        boxes = {Purpose.TASK: self.tell, Purpose.REMINDER: self.remind}
        return frozenset(purpose for purpose, box in boxes.items() if box.data)

    def person(self, language: str) -> Person:
        """Who says yes, once the form is valid."""
        return Person(
            name=text_in(self.name),
            party=self.party.data or 1,
            ask_first=self.when_free.data == "ask",
            phone=self._reached_at.phone,
            email=self._reached_at.email,
            purposes=self._purposes(),
            wording=WORDING,
            language=language,
        )


def bad_contact(refusal: contact_.BadContact) -> str:
    """What to say about a contact that reaches nobody."""
    if refusal.kind is contact_.Kind.EMAIL:
        return str(_l("E-postadressen ser ikke riktig ut. Se etter en gang til."))
    return str(_l("Nummeret ser ikke riktig ut. Er det utenlandsk, må det begynne med + og landkoden."))
