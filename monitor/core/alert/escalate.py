"""Whether an alert that waited for an acknowledgement is told to others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.core.model.route import Route


class Escalated(StrEnum):
    """How the wait for an acknowledgement ended; stored with the dispatch."""

    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED_BEFORE = "story escalated before"  # once a story and route: replies do not cry again
    NO_LONGER_ASKED = "route no longer escalates"


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """A dispatch whose wait is over. `is_acked`: somebody acknowledged its story."""

    dispatch_id: int
    alert_id: int
    alert_key: str
    story_id: int
    route: str
    channel: str
    is_acked: bool
    was_escalated: bool


def escalation(waited: Unanswered, route: Route | None) -> tuple[Escalated, tuple[str, ...]]:
    """How the wait ends, and the channels that are told now; `route` is None when it is gone."""
    if waited.is_acked:
        return Escalated.ACKNOWLEDGED, ()
    if route is None or route.escalation is None:
        return Escalated.NO_LONGER_ASKED, ()
    if waited.was_escalated:
        return Escalated.ESCALATED_BEFORE, ()
    return Escalated.ESCALATED, tuple(c for c in route.escalation.channels if c != waited.channel)
