"""One poll of one feed: ask, read what comes, and decide what the feed remembers and when it is next due."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from monitor.core.extract.walls import wall_of
from monitor.core.model.document import Wall
from monitor.core.model.entry import Entry, ParsedFeed
from monitor.core.model.feed import FeedKind, FeedState, PollReason
from monitor.core.model.fetch import FetchResponse
from monitor.core.model.rhythm import Window
from monitor.core.parse.hub import advertised_by
from monitor.core.poll.chance import chance
from monitor.core.poll.hints import CacheHints, cache_hints
from monitor.core.poll.interval import PATIENCE_S, after_failure, after_hold, after_success
from monitor.core.poll.moved import after_lost_move, after_redirects
from monitor.core.poll.plan import plan_request
from monitor.core.poll.rhythm import window_of
from monitor.core.poll.validators import asks_unconditionally, has_lied
from monitor.errors import FetchError, ParseError, StoreUnavailable
from monitor.ports import ClaimedFeed, Clock, FeedStore, Fetcher, PollResult, Workers
from monitor.steps.sitemaps import SitemapReader

log = structlog.get_logger("poll")

LATEST = timedelta(days=2)  # a date further ahead is a typing error, not a forecast


@dataclass(frozen=True, kw_only=True)
class PollLimits:
    """Bounds of the polling interval, in seconds; `default_s` is a feed's first interval.

    `patience_s` is how long expected entries may together wait for a poll, `burst_s` how long the
    sources of an active story are polled at the floor (0: never). `unconditional_share` (0–1) of
    the polls ask without validators.
    """

    floor_s: float
    cap_s: float
    default_s: float
    threads: int
    patience_s: float = PATIENCE_S
    burst_s: float = 0.0
    unconditional_share: float = 0.0


class FeedAsker:
    """Asks feeds; nothing is written. Thread-safe.

    `seed` decides how far each wait is drawn out and which polls ask without validators: the same
    seed, feeds and times give the same polls, another seed spreads another machine's elsewhere.
    """

    def __init__(
        self,
        *,
        store: FeedStore,
        fetcher: Fetcher,
        workers: Workers,
        clock: Clock,
        limits: PollLimits,
        seed: str,
    ) -> None:
        self._store = store
        self._fetcher = fetcher
        self._workers = workers
        self._sitemaps = SitemapReader(fetcher=fetcher, workers=workers, clock=clock, known_guids=store.known_guids)
        self._clock = clock
        self._limits = limits
        self._seed = seed

    def ask(self, claim: ClaimedFeed) -> PollResult:
        """What one poll comes to, whatever happens on the way.

        Raises:
            StoreUnavailable: the known entries could not be looked up.
        """
        started_at = self._clock.now()
        try:
            return self._asked(claim, started_at)
        except FetchError as error:
            return self._failed(claim, started_at, error.reason, error.detail, error.status, error.retry_after_s)
        except ParseError as error:
            return self._failed(claim, started_at, error.reason, error.detail, 200, None)
        except StoreUnavailable:
            raise
        except Exception as error:  # a bug must cost one feed one poll
            log.exception("bug", feed=claim.feed.name, url=claim.feed.url)
            return self._failed(claim, started_at, PollReason.BUG, repr(error), None, None)

    def _asked(self, claim: ClaimedFeed, started_at: datetime) -> PollResult:
        draw = self._draw(claim, "unconditional")
        unconditional = asks_unconditionally(
            claim.state, share=self._limits.unconditional_share, draw=draw, now=started_at
        )
        response = self._fetcher.fetch(plan_request(claim.feed, claim.state, unconditional=unconditional))
        now = self._clock.now()
        hints = cache_hints(response.headers, now)
        if response.status == 304:
            return self._unchanged(claim, started_at, PollReason.NOT_MODIFIED, response, hints)
        if response.status != 200:
            reason = _wall(response) or _reason_of_status(response.status)
            detail = f"HTTP {response.status}"
            return self._failed(claim, started_at, reason, detail, response.status, hints.retry_after_s)
        digest = hashlib.sha256(response.body).hexdigest()
        if digest == claim.state.body_digest:
            return self._unchanged(claim, started_at, PollReason.SAME_BODY, response, hints)
        return self._parsed(claim, started_at, response, digest, hints, unconditional=unconditional)

    def _parsed(
        self,
        claim: ClaimedFeed,
        started_at: datetime,
        response: FetchResponse,
        digest: str | None,
        hints: CacheHints,
        *,
        unconditional: bool,
    ) -> PollResult:
        try:
            parsed = self._parse(claim, response)
        except ParseError as error:
            wall = _wall(response) if error.reason in _MAYBE_A_WALL else None
            raise error if wall is None else ParseError(wall, error.detail) from error
        if parsed.sitemaps:  # what an index leads to changes without it: it is asked for anew each time
            response, digest = replace(response, headers=()), None
        if parsed.unchanged:
            return self._unchanged(claim, started_at, PollReason.NOT_MODIFIED, response, hints)
        now = self._clock.now()
        entries = tuple(_with_sane_dates(entry, now) for entry in parsed.entries)
        known = self._store.known_guids(claim.feed.id, [entry.guid for entry in entries])
        new = [entry for entry in entries if entry.guid not in known]
        warnings = list(parsed.warnings)
        lied_at = claim.state.validators_lied_at
        if unconditional and has_lied(claim.state, response, new):
            lied_at = now
            warnings.append("its answer 304 hid new entries: it is asked without validators for a while")
        detail = "; ".join(warnings)
        reason = PollReason.EMPTY_FEED if not entries else PollReason.NEW_ENTRIES if new else PollReason.NO_NEW_ENTRIES
        state = self._after_success(
            claim,
            hints,
            reason,
            known_count=len(known),
            new_at=[entry.published_at for entry in new],
            window=window_of([entry.published_at for entry in entries]),
            ttl_s=parsed.ttl_s,
            detail=detail,
        )
        state = after_redirects(state, feed=claim.feed, permanent_url=response.permanent_url, now=now)
        return PollResult(
            state=state.with_changes(
                etag=response.header("etag"),
                last_modified=response.header("last-modified"),
                body_digest=digest,
                validators_lied_at=lied_at,
            ),
            reason=reason,
            detail=detail,
            status=response.status,
            entries=entries,
            homepage=parsed.homepage,
            language=parsed.language,
            advertised=advertised_by(parsed, response.headers, url=response.url),
            started_at=started_at,
            finished_at=now,
        )

    def _parse(self, claim: ClaimedFeed, response: FetchResponse) -> ParsedFeed:
        content_type = response.header("content-type")
        match claim.feed.kind:
            case FeedKind.SITEMAP:
                return self._sitemaps.read(claim.feed, claim.state, response)
            case FeedKind.HTML_INDEX:
                return self._workers.parse_index(
                    response.body, url=response.url, content_type=content_type, selector=claim.feed.selector
                )
            case FeedKind.FEED | FeedKind.INGEST:  # an ingested source is never due
                return self._workers.parse_feed(response.body, url=response.url, content_type=content_type)

    def _unchanged(
        self, claim: ClaimedFeed, started_at: datetime, reason: PollReason, response: FetchResponse, hints: CacheHints
    ) -> PollResult:
        state = self._after_success(claim, hints, reason, known_count=1)
        state = after_redirects(state, feed=claim.feed, permanent_url=response.permanent_url, now=self._clock.now())
        # RFC 9110, 15.4.5: a 304 may renew the validators.
        state = state.with_changes(
            etag=response.header("etag") or state.etag,
            last_modified=response.header("last-modified") or state.last_modified,
        )
        return PollResult(
            state=state, reason=reason, status=response.status, started_at=started_at, finished_at=self._clock.now()
        )

    def _after_success(
        self,
        claim: ClaimedFeed,
        hints: CacheHints,
        reason: PollReason,
        *,
        known_count: int,
        new_at: Sequence[datetime | None] = (),
        window: Window | None = None,
        ttl_s: float | None = None,
        detail: str = "",
    ) -> FeedState:
        return after_success(
            claim.state,
            feed=claim.feed,
            new_count=len(new_at),
            known_count=known_count,
            new_at=new_at,
            window=window,
            hints=hints,
            ttl_s=ttl_s,
            reason=reason,
            detail=detail,
            now=self._clock.now(),
            floor_s=self._limits.floor_s,
            cap_s=self._limits.cap_s,
            default_s=self._limits.default_s,
            patience_s=self._limits.patience_s,
            jitter=self._draw(claim, "jitter"),
        )

    def _draw(self, claim: ClaimedFeed, purpose: str) -> float:
        at = claim.state.next_poll_at or claim.state.last_polled_at
        return chance(self._seed, feed_id=claim.feed.id, at=at, purpose=purpose)

    def _failed(
        self,
        claim: ClaimedFeed,
        started_at: datetime,
        reason: PollReason,
        detail: str,
        status: int | None,
        retry_after_s: float | None,
    ) -> PollResult:
        now = self._clock.now()
        jitter = self._draw(claim, "jitter")
        if reason in _NOT_ASKED and status is None and retry_after_s is not None:
            # The host's queue, an earlier Retry-After or its silence kept us from asking at all.
            state = after_hold(
                claim.state, reason=reason, detail=detail, retry_after_s=retry_after_s, now=now, jitter=jitter
            )
        else:
            failed = after_failure(
                claim.state,
                feed=claim.feed,
                reason=reason,
                detail=detail,
                retry_after_s=retry_after_s,
                now=now,
                floor_s=self._limits.floor_s,
                cap_s=self._limits.cap_s,
                default_s=self._limits.default_s,
                jitter=jitter,
            )
            state = after_lost_move(failed)
        return PollResult(
            state=state, reason=reason, detail=detail, status=status, started_at=started_at, finished_at=now
        )


_MAYBE_A_WALL = frozenset((PollReason.NOT_A_FEED, PollReason.NO_ARTICLE_LINKS))
_NOT_ASKED = frozenset((PollReason.RATE_LIMITED, PollReason.HOST_DOWN))


_WALLS = {
    Wall.BOT_WALL: PollReason.BOT_WALL,
    Wall.CONSENT_PAGE: PollReason.CONSENT_PAGE,
    Wall.LOGIN: PollReason.LOGIN_WALL,
    Wall.PAYWALL: PollReason.LOGIN_WALL,
}


def _wall(response: FetchResponse) -> PollReason | None:
    """The wall that answered instead of the feed; one's own 410 and 404 are no wall, whatever they show."""
    if response.status in (404, 410):
        return None
    wall = wall_of(response.body, url=response.url, status=response.status, headers=response.headers)
    return None if wall is None else _WALLS[wall]


def _reason_of_status(status: int) -> PollReason:
    return {410: PollReason.GONE, 429: PollReason.RATE_LIMITED}.get(status, PollReason.HTTP_ERROR)


def _with_sane_dates(entry: Entry, now: datetime) -> Entry:
    """Dates far ahead count as unstated; ones a little ahead are clocks that differ."""

    def sane(at: datetime | None) -> datetime | None:
        return None if at is None or at > now + LATEST else min(at, now)

    return replace(entry, published_at=sane(entry.published_at), updated_at=sane(entry.updated_at))
