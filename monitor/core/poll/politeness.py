"""Manners towards one host: when the next request may start, and what its robots.txt answer means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

# One host's wish, from Retry-After, must not park every feed of that host for longer than this;
# a feed's own interval still honours the whole wish, up to the poll cap.
MAX_HOLD_S = 3600.0
# Crawl-delay is no standard; large values are mostly meant for search engines' full crawls.
MAX_CRAWL_DELAY_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Manners:
    """How a host is treated: requests at once, seconds between starts, and what Retry-After is said for.

    `pauses_whole` is False where a 429 holds only the URL that got it, since the host's other
    routes are limited apart.
    """

    at_once: int
    gap_s: float
    pauses_whole: bool = True


def manners_for(host: str, special: Mapping[str, Manners], usual: Manners) -> Manners:
    """The manners of the longest listed name that is the host or a domain above it, else the usual ones."""
    name = host.lower().rstrip(".")
    while name:
        if name in special:
            return special[name]
        name = name.partition(".")[2]
    return usual


@dataclass(frozen=True, kw_only=True)
class HostLedger:
    """What is known of one host. Times are seconds of one monotonic clock.

    `next_start_at` is the earliest start not yet promised to a request, `held_until` the end of
    the pause the host asked for, `gap_s` the host's own wish for the gap (Crawl-delay).
    """

    next_start_at: float = 0.0
    held_until: float = 0.0
    gap_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A promised start, or None where the wait would be longer than allowed; `wait_s` either way."""

    start_at: float | None
    wait_s: float
    ledger: HostLedger


def reserve_slot(ledger: HostLedger, *, now: float, gap_s: float, max_wait_s: float) -> Slot:
    """The host's next free start, in order of asking; the ledger is unchanged when it is refused."""
    start_at = max(now, ledger.next_start_at, ledger.held_until)
    wait_s = start_at - now
    if wait_s > max_wait_s:
        return Slot(start_at=None, wait_s=wait_s, ledger=ledger)
    gap_s = max(gap_s, ledger.gap_s)
    return Slot(start_at=start_at, wait_s=wait_s, ledger=replace(ledger, next_start_at=start_at + gap_s))


def held_off(ledger: HostLedger, *, now: float, retry_after_s: float) -> HostLedger:
    """The ledger after the host asked for a pause; a shorter wish never ends a longer one."""
    return replace(ledger, held_until=max(ledger.held_until, now + min(retry_after_s, MAX_HOLD_S)))


def with_crawl_delay(ledger: HostLedger, *, delay_s: float | None) -> HostLedger:
    """The ledger with the gap that robots.txt asks for, at most MAX_CRAWL_DELAY_S."""
    return replace(ledger, gap_s=min(max(delay_s or 0.0, 0.0), MAX_CRAWL_DELAY_S))


class RobotsAnswer(StrEnum):
    """What a robots.txt response stands for (RFC 9309, 2.3.1)."""

    RULES = "rules"
    ALLOW_ALL = "allow_all"  # unavailable
    DISALLOW_ALL = "disallow_all"  # unreachable: assume the worst, for a short while


def robots_answer(status: int) -> RobotsAnswer:
    """The meaning of robots.txt's final status.

    4xx is "unavailable" (2.3.1.3): no restrictions. 5xx, and 429 which says the same in other
    words, is "unreachable" (2.3.1.4): complete disallow. A redirect that ends without a target
    counts as unavailable (2.3.1.2).
    """
    if 200 <= status < 300:
        return RobotsAnswer.RULES
    return RobotsAnswer.DISALLOW_ALL if status >= 500 or status == 429 else RobotsAnswer.ALLOW_ALL
