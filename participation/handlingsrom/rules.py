"""What a resident can find out in the handlingsrom."""

from collections import Counter
from datetime import date

import sqlalchemy as sa

from ..db import db
from .models import Card, Theme, Verdict


def doors(day: date) -> dict[Verdict, int]:
    """How many cards stand behind each of the four doors on a day; all four are always there."""
    rows = db.session.execute(sa.select(_verdict_on(day), sa.func.count()).group_by(sa.text("1")))
    counts = Counter({Verdict(verdict): count for verdict, count in rows})
    return {verdict: counts[verdict] for verdict in Verdict}


def behind(door: Verdict, day: date) -> list[Card]:
    """The cards behind a door on a day, theme by theme."""
    return list(
        db.session.scalars(
            sa.select(Card)
            .join(Theme)
            .where(_verdict_on(day) == door.value)
            .order_by(Theme.position, Card.position, Card.id)
        )
    )


def card(public_id: str) -> Card | None:
    """A card by its id in addresses."""
    return db.session.scalar(sa.select(Card).where(Card.public_id == public_id))


def cards() -> list[Card]:
    """Every card, theme by theme."""
    return list(db.session.scalars(sa.select(Card).join(Theme).order_by(Theme.position, Card.position, Card.id)))


def themes() -> list[Theme]:
    """Every theme, in its order."""
    return list(db.session.scalars(sa.select(Theme).order_by(Theme.position, Theme.id)))


def every_id() -> list[str]:
    """The ids in addresses of all cards."""
    return list(db.session.scalars(sa.select(Card.public_id).order_by(Card.id)))


def _verdict_on(day: date) -> sa.ColumnElement[str]:
    """`Card.verdict_on`, for the database."""
    passed = sa.and_(Card.verdict == Verdict.OPEN, Card.open_until < day)
    return sa.case((passed, Verdict.GIVEN.value), else_=sa.cast(Card.verdict, sa.String))
