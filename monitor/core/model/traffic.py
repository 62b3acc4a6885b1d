"""What was asked of a host over some time."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class HostTraffic:
    """Requests started at one host (with its port where that is an unusual one), redirect hops and robots.txt included.

    `conditional` of them carried validators and `not_modified` were answered 304; `refused` were
    answered 401, 403, 429, 451 or 503, `unanswered` not at all; `robots_refused` were not made.
    `body_bytes` as they came over the wire. `least_gap_s` is the shortest time between two starts,
    None with fewer than two; `most_at_once` counts requests under way together.
    """

    host: str
    requests: int = 0
    for_feeds: int = 0
    for_pages: int = 0
    for_robots: int = 0
    conditional: int = 0
    not_modified: int = 0
    refused: int = 0
    unanswered: int = 0
    robots_refused: int = 0
    body_bytes: int = 0
    least_gap_s: float | None = None
    most_at_once: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked, and nothing left unasked."""
        return not (self.requests or self.robots_refused)


def together(host: str, parts: tuple[HostTraffic, ...]) -> HostTraffic:
    """The traffic of several hosts or days as one: counts added, the least gap and the most at once kept."""
    summed = ("least_gap_s", "most_at_once", "host")
    sums = {
        each.name: sum(getattr(part, each.name) for part in parts)
        for each in fields(HostTraffic)
        if each.name not in summed
    }
    gaps = [part.least_gap_s for part in parts if part.least_gap_s is not None]
    return HostTraffic(
        host=host,
        least_gap_s=min(gaps, default=None),
        most_at_once=max((part.most_at_once for part in parts), default=0),
        **sums,
    )
