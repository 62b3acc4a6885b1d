"""Event types as far as stories and alerts need them; their files are `config/events/<type>/event.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.core.model.alert import Severity


class Identity(StrEnum):
    """What two reports of one story have in common."""

    AGENTS = "agents"
    PLACES = "places"


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One phase of an event type; `order` grows along the usual course, `after` lists what it may follow.

    `acted`: somebody does it, and when another does it that is another development (Hamas rejects, Israel
    rejects). `needs_actor`: in a story that is open already, only a known actor's is told. `opposes`: no
    wording is so alike that a report of this phase and one of those tell the same; holds both ways.
    `looks_ahead`: what it tells of is still to come. `may_repeat`: it comes again and is never late.
    """

    name: str
    order: int
    severity: Severity
    after: tuple[str, ...] = ()
    acted: bool = False
    needs_actor: bool = False
    opposes: tuple[str, ...] = ()
    looks_ahead: bool = False
    may_repeat: bool = False


@dataclass(frozen=True, kw_only=True)
class Inhibition:
    """While `phase` is fresh news, for `for_s` seconds, the lesser `phases` of the same story are none."""

    phase: str
    phases: tuple[str, ...]
    for_s: float


@dataclass(frozen=True, kw_only=True)
class EventType:
    """`agent_roles` fill a story's participants and `place_roles` its places, the leading role first.

    `actor_role` names who makes a change of phase ("caller" demands a ceasefire): two known and
    different actors are two developments. `identity` says what makes a story the same: agents (a
    trip is who travels) or places (a conflict is where it is fought); the other of the two tells
    developments of one phase apart. A story is idle, and closed, `idle_days` after its last report or
    the last day it names, or `ahead_days` after its last report when its phase looks ahead to no known day.
    `changes` are the roles of which a new value is news, each with the phases in which it is.
    """

    name: str
    phases: tuple[Phase, ...]
    agent_roles: tuple[str, ...]
    place_roles: tuple[str, ...]
    actor_role: str | None
    idle_days: int
    ahead_days: int = 0
    identity: Identity
    inhibits: tuple[Inhibition, ...] = ()
    changes: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def phase(self, name: str) -> Phase:
        """The named phase.

        Raises:
            KeyError: the event type has no such phase.
        """
        for phase in self.phases:
            if phase.name == name:
                return phase
        raise KeyError(f"{self.name} has no phase {name!r}")

    def are_opposed(self, one: str, other: str) -> bool:
        """Whether the two phases contradict each other."""
        return other in self.phase(one).opposes or one in self.phase(other).opposes
