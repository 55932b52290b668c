"""Finding places and organisers, and making new ones from the name somebody typed."""

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from ..db import db, write
from .models import Organiser, Place


def places() -> list[Place]:
    """Every place with its rooms, houses first, by name."""
    houses_first = sa.select(Place).order_by(Place.house_id.isnot(None), Place.name)
    return list(db.session.scalars(houses_first.options(selectinload(Place.rooms))))


def place(public_id: str) -> Place | None:
    """One place."""
    return db.session.scalar(sa.select(Place).where(Place.public_id == public_id))


def organisers() -> list[Organiser]:
    """Every organiser, by name."""
    return list(db.session.scalars(sa.select(Organiser).order_by(Organiser.name)))


def organiser(public_id: str) -> Organiser | None:
    """One organiser."""
    return db.session.scalar(sa.select(Organiser).where(Organiser.public_id == public_id))


@write
def place_named(name: str) -> Place:
    """The place that is called so, in any case; a new one when there is none."""
    wanted = " ".join(name.split())
    for known in places():
        if wanted.casefold() in (known.full_name.casefold(), known.name.casefold()):
            return known
    made = Place(name=wanted)
    db.session.add(made)
    db.session.flush()
    return made


@write
def organiser_named(name: str) -> Organiser:
    """The organiser that is called so, in any case; a new one when there is none."""
    wanted = " ".join(name.split())
    for known in organisers():
        if known.name.casefold() == wanted.casefold():
            return known
    made = Organiser(name=wanted)
    db.session.add(made)
    db.session.flush()
    return made
