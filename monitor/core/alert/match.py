"""Whether an alert is one of those that a route or silence means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from monitor.core.alert.told import is_higher
from monitor.core.model.alert import AlertReason, Severity
from monitor.core.model.report import RoleName, Roles
from monitor.core.model.route import Match
from monitor.core.text.normalise import fold

_PLACE_ROLES = frozenset({"place", "destination", "stops"})
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, kw_only=True)
class AlertFacts:
    """What routes and silences ask of an alert. `story` is its slug, `tags` are those of the source."""

    type: str
    phase: str
    severity: Severity
    reason: AlertReason
    story: str
    source: str = ""
    persons: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def names_in(roles: Roles) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who the roles name (people, groups, bodies, countries that act), and the places."""
    places = tuple(dict.fromkeys(n.name for n in roles.names if _is_place(n)))
    return tuple(dict.fromkeys(n.name for n in roles.names if not _is_place(n))), places


def matches(match: Match, facts: AlertFacts) -> bool:
    """Whether every condition holds."""
    words = (
        (match.types, (facts.type,)),
        (match.phases, (facts.phase,)),
        (match.reasons, (facts.reason.value,)),
        (match.stories, (facts.story,)),
        (match.tags, facts.tags),
    )
    names = ((match.persons, facts.persons), (match.places, facts.places), (match.sources, (facts.source,)))
    return (
        all(not wanted or set(wanted) & set(given) for wanted, given in words)
        and all(not wanted or _names_one(wanted, given) for wanted, given in names)
        and (not match.severities or facts.severity in match.severities)
        and (match.least is None or not is_higher(match.least, facts.severity))
    )


def _names_one(wanted: Iterable[str], given: Iterable[str]) -> bool:
    known = {key for name in given for key in _keys(name)}
    return any(_folded(name) in known for name in wanted)


def _keys(name: str) -> set[str]:
    """The folded name, and each word of it."""
    whole = _folded(name)
    return {whole, *whole.split(), *_WORD.findall(whole)}


def _folded(name: str) -> str:
    return " ".join(fold(name).split())


def _is_place(name: RoleName) -> bool:
    return name.role in _PLACE_ROLES or name.entity_id.startswith("place:")
