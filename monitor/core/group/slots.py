"""What a report says of who, where and when: the values by which reports are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from monitor.core.group.names import folded
from monitor.core.model.event import EventType
from monitor.core.model.report import Roles
from monitor.core.model.story import FiledReport

# Too common in this beat's headlines to say that two of them tell the same.
_EMPTY_WORDS = frozenset(
    "a an the of in on at to for and or as by with from after before over amid into says said is are was were be "
    "has have will its his her their new us un live updates news ceasefire truce talks deal visit peace".split()
)


@dataclass(frozen=True, kw_only=True)
class Slots:
    """Empty means unknown, and unknown never speaks against a match."""

    agents: tuple[str, ...]
    actors: tuple[str, ...]
    places: tuple[str, ...]
    title_words: frozenset[str]
    on: date


def slots_of(filed: FiledReport, event: EventType) -> Slots:
    """The report's slots; `on` is the day it happens, else the day it was published."""
    roles = filed.report.roles
    return Slots(
        agents=roles.named(*event.agent_roles),
        actors=actors_of(roles, event),
        places=roles.named(*event.place_roles),
        title_words=title_words(filed.title),
        on=filed.report.occurs_on or filed.published_at.date(),
    )


def actors_of(roles: Roles, event: EventType) -> tuple[str, ...]:
    """Who makes the change, empty when unknown or when the event type does not tell them apart."""
    return roles.named(event.actor_role) if event.actor_role else ()


def title_words(title: str) -> frozenset[str]:
    """The folded words of a headline that carry meaning."""
    return frozenset(w for w in re.findall(r"\w{2,}", folded(title)) if w not in _EMPTY_WORDS)


def containment(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of the smaller set found in the larger, 0 when either is empty."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0
