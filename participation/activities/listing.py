"""How lists of activities are asked for: statements of columns, each put together once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ..db import Moment
from ..handlingsrom.models import Theme
from ..i18n import Translated
from ..places.models import Organiser, Place
from .models import Activity, ActivityState, Kind, Series, Signup, SignupState, Task

LONGEST = timedelta(days=31)  # what began earlier than this is over: lists need not look further back
FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Need:
    """A task that still needs people."""

    public_id: str
    kind: Kind
    title: Translated
    starts_at: datetime
    ends_at: datetime
    left: int

    @property
    def lasts(self) -> timedelta:
        """How long it takes."""
        return self.ends_at - self.starts_at


@dataclass(frozen=True)
class Row:
    """An activity as a list shows it; of one that comes again, the next time."""

    id: int
    public_id: str
    state: ActivityState
    title: Translated
    starts_at: datetime
    ends_at: datetime
    place: str
    audience: Translated
    price: int
    example: bool
    standing: bool
    no_norwegian: bool
    bring_children: bool
    step_free: bool | None
    house: str  # the public id of the house, or of the place where it is none's room
    house_name: str
    theme: str | None  # its slug
    theme_title: Translated | None
    series: int | None
    rule: str | None  # how it repeats, as long as it does
    first_at: datetime | None
    visitors: int | None
    needs: tuple[Need, ...] = ()

    @property
    def is_cancelled(self) -> bool:
        """Whether it is off."""
        return self.state is ActivityState.CANCELLED

    @property
    def lasts(self) -> timedelta:
        """How long it takes."""
        return self.ends_at - self.starts_at


# Columns and not models, for rows are shown and never changed; made once, for putting a statement together costs more
# than asking it.
ACTIVITY, PLACE, HOUSE = Activity.__table__, Place.__table__, Place.__table__.alias("house")
ORGANISER, THEME, SERIES = Organiser.__table__, Theme.__table__, Series.__table__
A, P, H, T, S = ACTIVITY.c, PLACE.c, HOUSE.c, Task.__table__.c, Signup.__table__.c

NOW = sa.bindparam("now", type_=Moment)
SINCE = sa.bindparam("since", type_=Moment)  # LONGEST ago
UNTIL = sa.bindparam("until", type_=Moment)
LIMIT = sa.bindparam("limit", type_=sa.Integer)

ROWS: sa.Select[Any] = (
    sa.select(
        *(A.id, A.public_id, A.state, A.title, A.starts_at, A.ends_at),
        sa.case((H.name.is_(None), P.name), else_=P.name + ", " + H.name),
        *(A.audience, A.price, A.example, A.standing, A.no_norwegian, A.bring_children),
        sa.func.coalesce(P.step_free, H.step_free),
        sa.func.coalesce(H.public_id, P.public_id),
        sa.func.coalesce(H.name, P.name),
        *(THEME.c.slug, THEME.c.title, A.series_id),
        sa.case((SERIES.c.ended, None), else_=SERIES.c.rule),
        *(SERIES.c.first_at, A.visitors),
    )
    .join_from(ACTIVITY, PLACE, A.place_id == P.id)
    .outerjoin(HOUSE, H.id == P.house_id)
    .outerjoin(THEME, THEME.c.id == A.theme_id)
    .outerjoin(SERIES, SERIES.c.id == A.series_id)
)
# From one activity on: its start and inner id, or LONGEST ago and 0 for all there is.
FROM, FROM_ID = sa.bindparam("from", type_=Moment), sa.bindparam("from_id", type_=sa.Integer)
ON_THE_LIST = sa.and_(A.ends_at > NOW, A.starts_at >= FROM, A.starts_at < UNTIL, A.standing.is_(False))
FURTHER_ON = sa.or_(A.starts_at > FROM, A.id >= FROM_ID)
BY_TIME = (A.starts_at, A.id)
OF = sa.bindparam("of", type_=sa.String)

Where = Callable[[sa.FromClause], sa.ColumnElement[bool]]


def at_a_place(activity: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether an activity is at the place with the public id `of`, or in one of its rooms."""
    wanted = sa.select(P.id).where(P.public_id == OF).scalar_subquery()
    return activity.c.place_id.in_(sa.select(P.id).where(sa.or_(P.public_id == OF, P.house_id == wanted)))


def by_an_organiser(activity: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether an activity is the organiser's with the public id `of`."""
    return activity.c.organiser_id == sa.select(ORGANISER.c.id).where(ORGANISER.c.public_id == OF).scalar_subquery()


def next_times(where: Where, *states: ActivityState) -> sa.Select[Any]:
    """The next time of each series, in these states."""
    one = ACTIVITY.alias()
    soonest = (
        sa.select(one.c.id)
        .where(one.c.series_id == SERIES.c.id, one.c.starts_at >= SINCE, one.c.ends_at > NOW, one.c.state.in_(states))
        .where(one.c.standing.is_(False), where(one))
        .order_by(one.c.starts_at, one.c.id)
        .limit(1)
    )
    return sa.select(soonest.correlate(SERIES).scalar_subquery()).select_from(SERIES)


def listed(where: Where) -> sa.Select[Any]:
    """What is coming. Of a series the next time alone; but where that is called off, both it and the one after.

    Asks each series for its next time, for to look through all the times there are takes long.
    """
    shown = A.state != ActivityState.DRAFT
    single = sa.select(A.id).where(A.series_id.is_(None), shown, ON_THE_LIST, FURTHER_ON, where(ACTIVITY))
    soonest = single.order_by(*BY_TIME).limit(LIMIT).subquery()
    wanted = sa.union_all(
        sa.select(soonest.c.id),
        next_times(where, ActivityState.PUBLISHED),
        next_times(where, ActivityState.PUBLISHED, ActivityState.CANCELLED),
    )
    return ROWS.where(A.id.in_(wanted), shown, ON_THE_LIST, FURTHER_ON).order_by(*BY_TIME).limit(LIMIT)


COMING = {"anywhere": listed(lambda _: sa.true()), "place": listed(at_a_place), "organiser": listed(by_an_organiser)}
EVERY_TIME = ROWS.where(A.state == ActivityState.PUBLISHED, ON_THE_LIST, FURTHER_ON).order_by(*BY_TIME).limit(LIMIT)
STANDS = (
    ROWS.where(A.state == ActivityState.PUBLISHED, A.standing, A.ends_at > NOW).order_by(A.ends_at, A.id).limit(LIMIT)
)
STANDING = {"anywhere": STANDS, "organiser": STANDS.where(by_an_organiser(ACTIVITY))}
PAST = (
    ROWS.where(
        A.state == ActivityState.PUBLISHED,
        A.ends_at <= NOW,
        A.standing.is_(False),
        A.starts_at <= FROM,
        sa.or_(A.starts_at < FROM, A.id <= FROM_ID),
    )
    .order_by(A.starts_at.desc(), A.id.desc())
    .limit(LIMIT)
)

LEFT = (T.capacity - sa.func.coalesce(sa.func.sum(S.party), 0)).label("left")
# As `queues.held`, of columns: whose places are taken.
HELD = sa.or_(S.state == SignupState.PLACED, sa.and_(S.state == SignupState.OFFERED, S.offered_until > NOW))
NEEDS = (
    sa.select(T.activity_id, T.public_id, T.kind, T.title, T.starts_at, T.ends_at, LEFT)
    .outerjoin_from(Task.__table__, Signup.__table__, sa.and_(S.task_id == T.id, HELD))
    .where(T.activity_id.in_(sa.bindparam("activities", expanding=True)), T.ends_at > NOW)
    .group_by(T.id)
    .having(LEFT > 0)
    .order_by(T.starts_at, T.id)
)
POSITION = sa.select(A.starts_at, A.id).where(
    A.public_id == sa.bindparam("public_id", type_=sa.String), A.state != ActivityState.DRAFT
)
