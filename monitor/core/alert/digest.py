"""What a digest says: alerts that were held back or asked for as a summary, by story."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.core.alert.wording import phase_phrase
from monitor.core.model.alert import Alert, Digest, DigestLine, Severity
from monitor.core.model.route import DispatchReason, Route

MOST_STORIES = 20  # more than anybody reads at once, and within what every channel takes

_TITLES = {
    DispatchReason.QUIET_HOURS: "What was held during quiet hours",
    DispatchReason.DIGEST_ROUTE: "Digest",
    DispatchReason.OVER_BUDGET: "More than the budget of the hour",
    DispatchReason.EXPIRED: "What could not be told in time",
}
_ORDER = tuple(Severity)


@dataclass(frozen=True, kw_only=True)
class DigestItem:
    """One alert that waits. `story` is its story's slug; `report_count` counts the reports of its development."""

    id: int
    route: str
    channel: str
    reason: DispatchReason
    alert: Alert
    story: str
    report_count: int = 1


def digest_of(items: Sequence[DigestItem], *, now: datetime, route: Route | None = None) -> Digest:
    """The digest of these items, all of one route and channel; at least one. `route` is None where it is gone.

    The key names the span by its last item, which no other digest holds. Stories stand by their
    most severe alert, the newest first among equals.

    Raises:
        ValueError: there are no items.
    """
    if not items:
        raise ValueError("a digest of nothing")
    first = items[0]
    by_story: dict[str, list[DigestItem]] = {}
    for item in sorted(items, key=lambda i: (i.alert.created_at, i.id)):
        by_story.setdefault(item.story, []).append(item)
    lines = sorted(map(_line, by_story.values()), key=_line_order)
    since = min(item.alert.created_at for item in items)
    return Digest(
        key=f"digest/{first.route}/{first.channel}/{max(item.id for item in items)}",
        title=digest_title((item.reason for item in items), route),
        since=since,
        until=now,
        lines=tuple(lines[:MOST_STORIES]),
        left_off=max(len(lines) - MOST_STORIES, 0),
        created_at=now,
    )


def digest_title(reasons: Iterable[DispatchReason], route: Route | None = None) -> str:
    """What the digest is, by why its items are in it; the route says its times."""
    found = sorted(set(reasons), key=list(DispatchReason).index)
    words = [_title(reason, route) for reason in found] or ["Digest"]
    return "; ".join([words[0], *(word[:1].lower() + word[1:] for word in words[1:])])


def _title(reason: DispatchReason, route: Route | None) -> str:
    if reason is DispatchReason.DIGEST_ROUTE and route is not None and route.digest is not None:
        return f"{route.digest.every.capitalize()} digest"
    if reason is DispatchReason.QUIET_HOURS and route is not None and route.quiet is not None:
        end = f"{route.quiet.end:%H:%M}" if route.quiet.end else "24:00"
        return f"Quiet hours {route.quiet.start:%H:%M}–{end}"
    return _TITLES.get(reason, "Digest")


def _line_order(line: DigestLine) -> tuple[int, float, str]:
    return (_ORDER.index(line.severity), -line.at.timestamp(), line.story)


def _line(items: Sequence[DigestItem]) -> DigestLine:
    """One story, its alerts in the order they were made; the newest says how it stands."""
    newest = items[-1].alert
    told = newest.message
    steps = dict.fromkeys(phase_phrase(i.alert.message.type, i.alert.message.phase) for i in items)
    counts = {item.alert.development_id: item.report_count for item in items}
    return DigestLine(
        story=items[-1].story,
        type=told.type,
        phase=told.phase,
        severity=min((i.alert.severity for i in items), key=_ORDER.index),
        title=told.headline or told.quote or told.story_title,
        who=told.who,
        where=told.where,
        steps=tuple(steps),
        report_count=sum(counts.values()),
        source=told.source,
        url=told.url,
        at=newest.created_at,
    )
