"""What somebody wants to see of a list: filters that combine, each with how many it would leave."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from ..i18n import Translated
from .listing import Need, Row
from .models import Kind

SHORT = timedelta(hours=1)
YES = "ja"


class Found(NamedTuple):
    """Something on a list: an activity, or a task that needs people with its activity."""

    row: Row
    need: Need | None = None

    @property
    def starts_at(self) -> datetime:
        """When one has to be there."""
        return (self.need or self.row).starts_at


class Trait(StrEnum):
    """What fits a life; named as it stands in addresses."""

    SHORT = "under-en-time"
    NO_NORWEGIAN = "uten-norsk"
    CHILDREN = "med-barn"
    STEP_FREE = "trinnfritt"
    FREE = "gratis"
    HELP = "trenger-hjelp"
    ANY_TIME = "naar-det-passer"


HAS: dict[Trait, Callable[[Row, Need | None], bool]] = {
    Trait.SHORT: lambda row, need: not row.standing and (need or row).lasts <= SHORT,
    Trait.NO_NORWEGIAN: lambda row, _: row.no_norwegian,
    Trait.CHILDREN: lambda row, _: row.bring_children,
    Trait.STEP_FREE: lambda row, _: row.step_free is True,
    Trait.FREE: lambda row, _: row.price == 0,
    Trait.HELP: lambda row, _: bool(row.needs),
    Trait.ANY_TIME: lambda row, _: row.standing,
}


class Group(StrEnum):
    """What one can choose one of; named as it stands in addresses."""

    KIND = "slag"
    THEME = "tema"
    PLACE = "sted"


class Value(NamedTuple):
    """One of a group, and what it is called; a kind of task has a word of its own."""

    value: str
    name: Translated | str | None


VALUE: dict[Group, Callable[[Row, Need | None], Value | None]] = {
    Group.KIND: lambda _, need: Value(need.kind.value, None) if need else None,
    Group.THEME: lambda row, _: Value(row.theme, row.theme_title) if row.theme else None,
    Group.PLACE: lambda row, _: Value(row.house, row.house_name),
}


class Offered(NamedTuple):
    """The filters that a list has."""

    traits: tuple[Trait, ...]
    groups: tuple[Group, ...]


OF_ACTIVITIES = Offered(
    (Trait.FREE, Trait.CHILDREN, Trait.NO_NORWEGIAN, Trait.STEP_FREE, Trait.SHORT, Trait.HELP),
    (Group.THEME, Group.PLACE),
)
OF_TASKS = Offered(
    (Trait.SHORT, Trait.ANY_TIME, Trait.CHILDREN, Trait.NO_NORWEGIAN, Trait.STEP_FREE),
    (Group.KIND, Group.THEME, Group.PLACE),
)
PUBLIC_ID = re.compile(r"[0-9a-z]{10}")
CAN_BE = {Group.KIND: re.compile("|".join(Kind)), Group.THEME: re.compile(r"[a-z0-9-]{1,60}"), Group.PLACE: PUBLIC_ID}


@dataclass(frozen=True)
class Choice:
    """What has been chosen; nothing is all there is."""

    traits: tuple[Trait, ...] = ()
    values: tuple[tuple[Group, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.traits or self.values)

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The choice as it stands in an address."""
        return (*((trait.value, YES) for trait in self.traits), *((group.value, value) for group, value in self.values))

    def fits(self, found: Found) -> bool:
        """Whether it is among what was chosen."""
        return all(HAS[trait](*found) for trait in self.traits) and all(
            (has := VALUE[group](*found)) is not None and has.value == value for group, value in self.values
        )

    def with_trait(self, trait: Trait) -> "Choice":
        """The choice with one more trait; the same address whatever the order."""
        return replace(self, traits=tuple(one for one in Trait if one in (*self.traits, trait)))

    def with_value(self, group: Group, value: str) -> "Choice":
        """The choice with this one of a group."""
        values = {**dict(self.values), group: value}
        return replace(self, values=tuple((one, values[one]) for one in Group if one in values))

    def without(self, one: Trait | Group) -> "Choice":
        """The choice less one filter."""
        return Choice(
            tuple(trait for trait in self.traits if trait is not one),
            tuple((group, value) for group, value in self.values if group is not one),
        )


def read(asked: Mapping[str, str], offered: Offered) -> Choice:
    """The choice that an address holds; what it holds besides, and what no filter could mean, is passed over."""
    choice = Choice()
    for trait in offered.traits:
        if asked.get(trait) == YES:
            choice = choice.with_trait(trait)
    for group in offered.groups:
        if CAN_BE[group].fullmatch(value := asked.get(group, "")):
            choice = choice.with_value(group, value)
    return choice


@dataclass(frozen=True)
class Chip:
    """One filter as the page offers it: what it leaves, and the address that adds it or takes it away."""

    filter: Trait | Group
    value: Value | None
    left: int
    query: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Panel:
    """The filters of a list: those that are chosen, and those that can be."""

    chosen: tuple[Chip, ...]
    traits: tuple[Chip, ...]
    values: tuple[tuple[Group, tuple[Chip, ...]], ...]
    more: bool = False  # whether there is more than was counted


def narrow(
    considered: Iterable[Found], choice: Choice, offered: Offered, names: Mapping[Group, Value]
) -> tuple[list[Found], Panel]:
    """What fits the choice, and the panel with its counts; `names` has what is chosen of each group.

    Who has chosen something is offered nothing that would leave nothing.
    """
    fitting = [found for found in considered if choice.fits(found)]
    left = Counter(trait for found in fitting for trait in offered.traits if HAS[trait](*found))
    groups = [group for group in offered.groups if group not in names]
    values = {group: Counter(value for found in fitting if (value := VALUE[group](*found))) for group in groups}
    return fitting, Panel(
        (
            *(Chip(trait, None, len(fitting), choice.without(trait).query) for trait in choice.traits),
            *(Chip(group, value, len(fitting), choice.without(group).query) for group, value in names.items()),
        ),
        tuple(
            Chip(trait, None, left[trait], choice.with_trait(trait).query)
            for trait in offered.traits
            if trait not in choice.traits and (left[trait] or not choice)
        ),
        tuple(
            (group, tuple(Chip(group, value, n, choice.with_value(group, value.value).query) for value, n in counted))
            for group, counted in ((group, values[group].most_common()) for group in groups)
            if [n for _, n in counted] not in ([], [len(fitting)])  # one that all have tells nothing apart
        ),
    )
