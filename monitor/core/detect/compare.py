"""What other rules change: alerts gained, lost and told differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from monitor.core.model.report import Report, Roles


class ChangeKind(StrEnum):
    GAINED = "gained"
    LOST = "lost"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One alert of one article under two sets of rules; `what` names the phase and roles that differ."""

    kind: ChangeKind
    type: str
    before: Report | None
    after: Report | None
    what: tuple[str, ...] = ()


def compare(before: Sequence[Report], after: Sequence[Report]) -> tuple[Change, ...]:
    """The changes from one article's reports to another's, by type; only reports that alert count.

    Of several alerts of a type those that say the same are set against each other first, then
    those of one phase, then the others in their order.
    """
    changes: list[Change] = []
    for kind in dict.fromkeys(r.type for r in (*before, *after)):
        old = [r for r in before if r.type == kind and r.alert]
        new = [r for r in after if r.type == kind and r.alert]
        pairs = _matched(old, new)
        changes.extend(
            Change(kind=ChangeKind.CHANGED, type=kind, before=a, after=b, what=what)
            for a, b in pairs
            if (what := differences(a, b))
        )
        changes.extend(Change(kind=ChangeKind.LOST, type=kind, before=r, after=None) for r in old)
        changes.extend(Change(kind=ChangeKind.GAINED, type=kind, before=None, after=r) for r in new)
    return tuple(changes)


def _matched(old: list[Report], new: list[Report]) -> list[tuple[Report, Report]]:
    """The pairs that belong together, taken out of both lists."""
    pairs: list[tuple[Report, Report]] = []

    def take(is_pair_from: int) -> None:
        for report in list(old):
            other = next((r for r in new if _closeness(report, r) >= is_pair_from), None)
            if other is not None:
                old.remove(report)
                new.remove(other)
                pairs.append((report, other))

    for closeness in (2, 1, 0):
        take(closeness)
    return pairs


def _closeness(one: Report, other: Report) -> int:
    if one.phase != other.phase:
        return 0
    return 1 if differences(one, other) else 2


def differences(before: Report, after: Report) -> tuple[str, ...]:
    """What the two reports say differently: "phase" and the names of roles; scores and evidence do not count."""
    roles = dict.fromkeys((*_said(before.roles), *_said(after.roles)))
    one, other = _said(before.roles), _said(after.roles)
    found = tuple(role for role in roles if one.get(role) != other.get(role))
    return ("phase", *found) if before.phase != after.phase else found


def _said(roles: Roles) -> dict[str, frozenset[str]]:
    said: dict[str, set[str]] = {}
    for name in roles.names:
        said.setdefault(name.role, set()).add(name.name)
    for text in roles.texts:
        said.setdefault(text.role, set()).add(text.text)
    for time in roles.times:
        said.setdefault(time.role, set()).add(time.resolved or time.stated)
    if roles.ordinal is not None:
        said["ordinal"] = {str(roles.ordinal)}
    return {role: frozenset(values) for role, values in said.items()}
