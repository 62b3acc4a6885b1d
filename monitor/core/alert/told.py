"""What has been told of a story before, as far as the next decision needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.core.model.alert import AlertReason, Severity
from monitor.core.model.report import Roles

_ORDER = tuple(Severity)  # the most severe first


@dataclass(frozen=True, kw_only=True)
class Told:
    """One stored alert of the story; `roles` are those of the report it quotes."""

    development_id: int
    reason: AlertReason
    phase: str
    severity: Severity
    at: datetime
    roles: Roles


def is_higher(one: Severity, other: Severity) -> bool:
    """Whether `one` is more severe than `other`."""
    return _ORDER.index(one) < _ORDER.index(other)


def rises(severity: Severity, told: tuple[Told, ...]) -> bool:
    """Whether the severity is above all that was told of the story; False when nothing was."""
    return bool(told) and all(is_higher(severity, each.severity) for each in told)
