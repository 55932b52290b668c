"""Things that exist in a test: each made as the app makes it, in a write transaction of its own."""

from datetime import timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher

from participation import clock
from participation.activities import signups
from participation.activities.models import Activity, ActivityState, Kind, Signup, Task
from participation.db import db, write
from participation.handlingsrom.models import Area, Card, Level, Theme, Verdict
from participation.i18n import Translated
from participation.places import rules as places
from participation.places.models import Place
from participation.receipts import rules as receipts
from participation.receipts.models import Receipt
from participation.staff import rules as desk
from participation.staff.models import Role, Staff
from participation.workshops import rules as workshops
from participation.workshops.models import Idea, IdeaState, Reason, Workshop, WorkshopState

PASSWORD = "hest batteri stift trapp"


def nb(text: str) -> Translated:
    """A text that exists in bokmål only."""
    return Translated({"nb": text})


@write
def place(name: str = "Torstrand Grendehus", **details: Any) -> Place:
    """A place without steps, unless told otherwise; the same one for the same name."""
    kept = places.place_named(name)
    for detail, value in {"step_free": True, **details}.items():
        setattr(kept, detail, value)
    db.session.flush()
    return kept


@write
def activity(title: str = "Suppelørdag", *, in_hours: float = 24, lasts: float = 2, **details: Any) -> Activity:
    """An activity that starts in some hours; it has begun when they are negative."""
    starts_at = clock.now() + timedelta(hours=in_hours)
    defaults = {
        "state": ActivityState.PUBLISHED,
        "summary": nb("Vi lager suppe sammen."),
        "place": place(),
        "way_in": nb("Inn fra gårdsplassen"),
        "organiser": places.organiser_named("Grendelaget"),
        "contact": nb("Spør i døra"),
        "audience": nb("alle"),
        "languages": ["nb", "ar"],
        "price": 0,
        "drop_in": True,
    }
    kept = Activity(
        title=nb(title), starts_at=starts_at, ends_at=starts_at + timedelta(hours=lasts), **{**defaults, **details}
    )
    db.session.add(kept)
    db.session.flush()
    return kept


@write
def task(title: str = "Lage suppe", *, capacity: int = 5, at: Activity | None = None, **details: Any) -> Task:
    """A task, at an activity of its own unless told otherwise."""
    held = at or activity()
    kept = Task(
        activity=held,
        kind=Kind.COOK,
        title=nb(title),
        meet=nb("Møt på kjøkkenet"),
        starts_at=held.starts_at,
        ends_at=held.ends_at,
        capacity=capacity,
        **details,
    )
    db.session.add(kept)
    db.session.flush()
    return kept


def signup(wanted: Task, name: str = "Amina", holder: str = "", **details: Any) -> Signup:
    """Somebody's yes to a task, each on a receipt of their own unless told otherwise."""
    return signups.sign_up(wanted, signups.Person(name, **details), f"key-of-{name}", holder or f"holder-of-{name}")


@write
def card(title: str = "Fellesareal", verdict: Verdict = Verdict.YOURS, **details: Any) -> Card:
    """A card of the handlingsrom, in a theme of its own."""
    defaults = {
        "level": Level.CONSULT,
        "theme": Theme(slug=f"theme-of-{title}", area=Area.PLACE, title=nb("Møteplasser"), about=nb("Steder å møtes")),
        "summary": nb("Bruk det som er her."),
        "decides": nb("Du"),
        "first_step": nb("Spør naboen."),
        "contact": nb("Programleder"),
        "source": "Handlingsplanen",
        "checked_on": clock.today(),
    }
    kept = Card(title=nb(title), verdict=verdict, **{**defaults, **details})
    db.session.add(kept)
    db.session.flush()
    return kept


def staff(name: str = "Siri", role: Role = Role.FACILITATOR, password: str | None = None) -> Staff:
    """Somebody on the staff, with a password or without."""
    person, _ = desk.invite(name, f"{name.lower()}@larvik.example", role)
    if password:
        write(lambda: setattr(person, "password_hash", _hashed(password)))()
    return person


@cache
def _hashed(password: str) -> str:
    return PasswordHasher().hash(password)


def workshop(
    question: str = "Hva skal parken bli?", *, owner: Staff | None = None, state: str = "open", approval: bool = True
) -> Workshop:
    """A workshop that has come as far as `state`."""
    kept = workshops.create(nb("Idéverksted"), nb(question), "Grendehuset", approval, owner.id if owner else None)  # type: ignore[arg-type]
    if state != WorkshopState.DRAFT:
        workshops.open_doors(kept)
    if state == WorkshopState.CLOSED:
        workshops.close(kept)
    return kept


def idea(
    asked: Workshop, text: str = "Langbord under tak", *, state: str = "waiting", language: str = "nb", holder: str = ""
) -> Idea:
    """An idea, decided upon unless it waits."""
    taken = workshops.submit(asked.question, text, language, f"key-of-{text}", holder or f"holder-of-{text}")
    kept = workshops.idea_numbered(taken.number)
    assert kept is not None
    if state == IdeaState.SHOWN:
        workshops.show(kept)
    elif state == IdeaState.HIDDEN:
        workshops.hide(kept, Reason.OFF_TOPIC)
    return kept


def receipt(holder: str) -> Receipt:
    """What somebody holds who has contributed."""
    kept = db.session.get(Receipt, receipts.obtain(holder))
    assert kept is not None
    return kept
