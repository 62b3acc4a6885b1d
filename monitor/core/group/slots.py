"""What reports say of who, where and when, and how two such sayings stand to each other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from monitor.core.group.names import folded, is_same_name, shared_count
from monitor.core.model.event import EventType
from monitor.core.model.report import RoleName, Roles

# Too common in this beat's headlines to say that two of them tell the same.
_EMPTY_WORDS = frozenset(
    "a an the of in on at to for and or as by with from after before over amid into says said is are was were be "
    "has have will its his her their new us un live updates news ceasefire truce talks deal visit peace".split()
)


class Likeness(StrEnum):
    """How two sets of names stand to each other; unknown never speaks against a match."""

    SAME = "same"
    SAME_HOME = "same_home"  # an unnamed minister of Norway, and a named one
    UNKNOWN = "unknown"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Slots:
    """The names by which reports of one event type are compared."""

    agents: tuple[RoleName, ...]
    actors: tuple[RoleName, ...]
    places: tuple[RoleName, ...]


def slots_of(roles: Iterable[Roles], event: EventType) -> Slots:
    """All names of these roles, by what the event type uses them for."""
    every = list(roles)
    actor_roles = (event.actor_role,) if event.actor_role else ()
    return Slots(
        agents=tuple(n for r in every for n in r.filling(*event.agent_roles)),
        actors=tuple(n for r in every for n in r.filling(*actor_roles)),
        places=tuple(n for r in every for n in r.filling(*event.place_roles)),
    )


def likeness(ones: tuple[RoleName, ...], others: tuple[RoleName, ...]) -> Likeness:
    """How the names stand to each other.

    Two sets with a person or group each are comparable by name. A country in the place of its
    official, or an official without a name, is comparable only by the country served.
    """
    if shared_names(ones, others):
        return Likeness.SAME
    if not ones or not others:
        return Likeness.UNKNOWN
    if all(map(_is_individual, ones)) and all(map(_is_individual, others)):
        return Likeness.OTHER
    homes, other_homes = ({folded(n.home) for n in names if n.home} for names in (ones, others))
    if not homes or not other_homes:
        return Likeness.UNKNOWN
    return Likeness.SAME_HOME if homes & other_homes else Likeness.OTHER


def place_likeness(one: Slots, other: Slots) -> Likeness:
    """How the places of two stand to each other; a town is the same as the country it lies in.

    A country that fights or travels tells no place apart: "the Israel-Hamas war" is no war in Israel.
    """
    ones, others = one.places, other.places
    if shared_names(ones, others) or _lies_within(ones, others) or _lies_within(others, ones):
        return Likeness.SAME
    return Likeness.OTHER if names_other_place(one, other) and names_other_place(other, one) else Likeness.UNKNOWN


def names_other_place(one: Slots, other: Slots) -> bool:
    """Whether one names a place that is no country acting in either; places shared by both are not asked for."""
    acting = {folded(n.name) for n in (*one.agents, *other.agents)}
    return any(folded(n.name) not in acting for n in one.places)


def _lies_within(ones: Iterable[RoleName], others: Iterable[RoleName]) -> bool:
    named = {folded(n.name) for n in others}
    return any(n.home and folded(n.home) in named for n in ones)


def shared_names(ones: Iterable[RoleName], others: Iterable[RoleName]) -> int:
    """How many different ones of `ones` stand among `others` too."""
    return shared_count({n.name for n in ones}, {n.name for n in others})


def _is_individual(name: RoleName) -> bool:
    is_country = name.entity_id.startswith(("country:", "body:"))
    return bool(name.entity_id) and not (is_country and is_same_name(name.name, name.home or name.name))


def title_words(title: str) -> frozenset[str]:
    """The folded words of a headline that carry meaning."""
    return frozenset(w for w in re.findall(r"\w{2,}", folded(title)) if w not in _EMPTY_WORDS)


def containment(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of the smaller set found in the larger, 0 when either is empty."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0
