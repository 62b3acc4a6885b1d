"""Claimed feeds that wait for their host's turn: in memory, so that no thread does."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from monitor.ports import ClaimedFeed, Fetcher, HostTurn

LONGEST_WAIT_S = 20.0
"""A feed whose turn is further off goes back to the store: far below a lease, far above a usual queue."""
_EARLY_S = LONGEST_WAIT_S / 2  # before its turn it comes back, so that the host's line never runs dry


@dataclass
class _Queue:
    """One host's feeds, longest due first; not worth a look before `look_at` (monotonic)."""

    feeds: deque[ClaimedFeed] = field(default_factory=deque)
    look_at: float = 0.0


class HostLine:
    """Feeds in a queue per host. Not thread-safe.

    `asked_url` says where a claimed feed will be asked.
    """

    def __init__(
        self,
        *,
        fetcher: Fetcher,
        asked_url: Callable[[ClaimedFeed], str],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetcher = fetcher
        self._asked_url = asked_url
        self._monotonic = monotonic
        self._queues: dict[str, _Queue] = {}
        self._away: list[tuple[ClaimedFeed, float]] = []
        self.waiting_count = 0

    def add(self, claims: Iterable[ClaimedFeed]) -> None:
        """Let the feeds stand in line, those whose turn is too far off excepted: see `sent_away`."""
        further: dict[str, int] = {}
        for claim in claims:
            turn = self._fetcher.turn(self._asked_url(claim))
            queue = self._queues.setdefault(turn.host, _Queue())
            ahead = len(queue.feeds) + further.get(turn.host, 0)
            wait_s = turn.wait_s + ahead * turn.gap_s
            if wait_s > LONGEST_WAIT_S:
                further[turn.host] = further.get(turn.host, 0) + 1
                self._away.append((claim, wait_s - _EARLY_S))
            else:
                queue.feeds.append(claim)
                self.waiting_count += 1

    def take(self, limit: int) -> list[ClaimedFeed]:
        """Feeds whose hosts can be asked now, at most one of each host, the host that has stood longest first."""
        taken: list[ClaimedFeed] = []
        now = self._monotonic()
        for host in list(self._queues):
            if len(taken) >= limit:
                break
            queue = self._queues[host]
            if not queue.feeds:
                del self._queues[host]
                continue
            if now < queue.look_at:
                continue
            turn = self._fetcher.turn(self._asked_url(queue.feeds[0]))
            if turn.wait_s > LONGEST_WAIT_S:  # a pause asked for while they stood here
                self._send_away(queue, turn)
            elif turn.wait_s > 0:
                queue.look_at = now + turn.wait_s
            else:
                taken.append(queue.feeds.popleft())
                self.waiting_count -= 1
                queue.look_at = now + turn.gap_s
                # Behind the others, so that no host's long queue keeps the rest waiting.
                self._queues[host] = self._queues.pop(host)
        return taken

    def next_look_s(self) -> float | None:
        """Seconds until somebody in line may have their turn; None when nobody stands here."""
        now = self._monotonic()
        return min((max(queue.look_at - now, 0.0) for queue in self._queues.values() if queue.feeds), default=None)

    def sent_away(self) -> list[tuple[ClaimedFeed, float]]:
        """Feeds to give back since the last call, each with the seconds after which it may stand in line again."""
        away, self._away = self._away, []
        return away

    def dissolve(self) -> None:
        """Send everyone away, to come back at once."""
        for queue in self._queues.values():
            self._away += [(claim, 0.0) for claim in queue.feeds]
        self._queues.clear()
        self.waiting_count = 0

    def _send_away(self, queue: _Queue, turn: HostTurn) -> None:
        self._away += [(claim, turn.wait_s + place * turn.gap_s - _EARLY_S) for place, claim in enumerate(queue.feeds)]
        self.waiting_count -= len(queue.feeds)
        queue.feeds.clear()
