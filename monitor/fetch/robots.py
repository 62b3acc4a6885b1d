"""robots.txt, fetched once a day per origin and asked before every request."""

from __future__ import annotations

import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from protego import Protego

from monitor.core.model.feed import PollReason
from monitor.core.poll.politeness import RobotsAnswer, robots_answer
from monitor.errors import FetchError

MAX_ROBOTS_BYTES = 500_000  # RFC 9309, 2.5 asks for 500 KiB at least; what is beyond is not read
_FRESH_S = 86_400.0  # RFC 9309, 2.4: no longer than 24 hours
_RETRY_S = 600.0  # after a 5xx
_RETRY_UNREACHABLE_S = 60.0  # after no answer at all: spares a queue of pages one timeout each
_GIVE_UP_AFTER_S = 30 * 86_400.0  # RFC 9309, 2.3.1.4: unreachable this long counts as unavailable
_MAX_ORIGINS = 10_000
_MAX_VERDICTS = 20_000  # a feed is asked about at every poll, and parsing a large file takes milliseconds
_UNREACHABLE = frozenset((PollReason.TIMEOUT, PollReason.CONNECTION_FAILED, PollReason.TLS_FAILURE))


@dataclass(frozen=True, kw_only=True)
class RobotsFile:
    """The answer to GET /robots.txt; the body is cut at MAX_ROBOTS_BYTES."""

    status: int
    body: bytes


@dataclass(frozen=True, kw_only=True)
class _Known:
    packed: bytes | None  # the file itself, deflated: parsed rules of 10,000 sites would take gigabytes
    answer: RobotsAnswer
    detail: str
    fresh_until: float
    failing_since: float | None = None
    failure: FetchError | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a URL may be fetched, why not, and the gap that the site asks for."""

    allowed: bool
    detail: str = ""
    crawl_delay_s: float | None = None


class RobotsCache:
    """Verdicts by origin. Thread-safe: one thread fetches an origin's file, others wait for it."""

    def __init__(self, *, agent: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`agent` is the product token that robots.txt groups are matched against."""
        self._agent = agent
        self._monotonic = monotonic
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._verdicts: OrderedDict[str, tuple[_Known, Verdict]] = OrderedDict()
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def verdict(self, url: str, *, origin: str, fetch: Callable[[], RobotsFile]) -> Verdict:
        """Whether the URL may be asked, by the origin's rules; `fetch` gets them when they are not fresh.

        Raises:
            FetchError: the origin could not be reached for its rules, and no older ones are known.
        """
        with self._lock_of(origin):
            known = self._recall(origin)
            if known is None or known.fresh_until <= self._monotonic():
                known = self._learn(known, url, fetch)
                self._remember(origin, known)
        if known.packed is not None:
            return self._by_rules(known, known.packed, url, origin)
        if known.failure is not None:
            raise FetchError(url, known.failure.reason, known.detail, retry_after_s=known.failure.retry_after_s)
        return Verdict(allowed=known.answer is RobotsAnswer.ALLOW_ALL, detail=known.detail)

    def _by_rules(self, known: _Known, packed: bytes, url: str, origin: str) -> Verdict:
        with self._lock:
            before = self._verdicts.get(url)
            if before is not None and before[0] is known:
                self._verdicts.move_to_end(url)
                return before[1]
        rules = _rules(packed)
        allowed = rules.can_fetch(url, self._agent)
        detail = "" if allowed else f"{origin}/robots.txt forbids it"
        verdict = Verdict(allowed=allowed, detail=detail, crawl_delay_s=rules.crawl_delay(self._agent))
        with self._lock:
            self._verdicts[url] = (known, verdict)
            self._verdicts.move_to_end(url)
            if len(self._verdicts) > _MAX_VERDICTS:
                self._verdicts.popitem(last=False)
        return verdict

    def _learn(self, before: _Known | None, url: str, fetch: Callable[[], RobotsFile]) -> _Known:
        try:
            file = fetch()
        except FetchError as error:
            if error.reason not in _UNREACHABLE:
                # Not asked, or refused by us: nothing learned about the site.
                raise FetchError(url, error.reason, error.detail, retry_after_s=error.retry_after_s) from error
            return self._unreachable(before, f"robots.txt: {error.detail}", error)
        answer = robots_answer(file.status)
        if answer is RobotsAnswer.DISALLOW_ALL:
            return self._unreachable(before, f"robots.txt answered {file.status}: nothing may be fetched for now", None)
        packed = zlib.compress(file.body) if answer is RobotsAnswer.RULES else None
        return _Known(packed=packed, answer=answer, detail="", fresh_until=self._monotonic() + _FRESH_S)

    def _unreachable(self, before: _Known | None, detail: str, failure: FetchError | None) -> _Known:
        """Older rules stay in force; without any, everything is refused until the file can be had."""
        now = self._monotonic()
        since = before.failing_since if before is not None and before.failing_since is not None else now
        gave_up = now - since >= _GIVE_UP_AFTER_S
        return _Known(
            packed=None if before is None or gave_up else before.packed,
            answer=RobotsAnswer.ALLOW_ALL if gave_up else RobotsAnswer.DISALLOW_ALL,
            detail=detail,
            fresh_until=now + (_RETRY_S if failure is None else _RETRY_UNREACHABLE_S),
            failing_since=since,
            failure=None if gave_up else failure,
        )

    def _lock_of(self, origin: str) -> threading.Lock:
        with self._lock:
            return self._locks.setdefault(origin, threading.Lock())

    def _recall(self, origin: str) -> _Known | None:
        with self._lock:
            return self._known.get(origin)

    def _remember(self, origin: str, known: _Known) -> None:
        with self._lock:
            self._known[origin] = known
            self._known.move_to_end(origin)
            while len(self._known) > _MAX_ORIGINS:
                oldest, _ = self._known.popitem(last=False)
                self._locks.pop(oldest, None)


@lru_cache(maxsize=256)
def _rules(packed: bytes) -> Protego:
    # RFC 9309, 2.3: UTF-8. A byte order mark would hide the first line's directive.
    return Protego.parse(zlib.decompress(packed).decode("utf-8-sig", errors="replace"))
