"""Sources, their feeds, and what a feed remembers between polls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from monitor.core.model.rhythm import UNKNOWN_RHYTHM, Rhythm


class FeedKind(StrEnum):
    """How entries are read from what a feed's URL serves."""

    FEED = "feed"  # RSS, Atom, RDF and JSON Feed, told apart by content
    INGEST = "ingest"  # never polled: what `monitor ingest` brings
    HTML_INDEX = "html_index"  # a page of links, picked by CSS selector or by what its links look like
    SITEMAP = "sitemap"  # a sitemap for news or a plain one, or an index of them


class Tier(StrEnum):
    """How far a source's word alone is trusted; an unknown one waits for a second origin."""

    WIRE = "1"
    ESTABLISHED = "2"
    UNKNOWN = "3"


class RobotsPolicy(StrEnum):
    OBEY = "obey"
    IGNORE = "ignore"


class PollReason(StrEnum):
    """Why a poll ended as it did; stored with the feed and each poll, and used as metric label."""

    NEVER_POLLED = "never_polled"
    NEW_ENTRIES = "new_entries"
    NO_NEW_ENTRIES = "no_new_entries"
    NOT_MODIFIED = "not_modified"  # HTTP 304
    SAME_BODY = "same_body"  # 200 with the digest of the last parsed body
    EMPTY_FEED = "empty_feed"
    NOT_A_FEED = "not_a_feed"  # HTML or other content where a feed or a sitemap was promised
    INVALID_XML = "invalid_xml"
    INVALID_JSON = "invalid_json"
    UNKNOWN_VERSION = "unknown_version"
    SELECTOR_MATCHED_NOTHING = "selector_matched_nothing"
    NO_ARTICLE_LINKS = (
        "no_article_links"  # a watched page without selector, none of whose links looks like an article's
    )
    EMPTY_BODY = "empty_body"
    PARSER_TIMEOUT = "parser_timeout"
    PARSER_CRASHED = "parser_crashed"
    HTTP_ERROR = "http_error"
    GONE = "gone"
    RATE_LIMITED = "rate_limited"
    TIMEOUT = "timeout"
    DNS_FAILURE = "dns_failure"
    CONNECTION_FAILED = "connection_failed"
    TLS_FAILURE = "tls_failure"
    TOO_LARGE = "too_large"
    BAD_ENCODING = "bad_encoding"
    TRUNCATED = "truncated"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    ADDRESS_REFUSED = "address_refused"  # private, loopback or otherwise not public
    INVALID_URL = "invalid_url"
    REFUSED_BY_ROBOTS = "refused_by_robots"
    BOT_WALL = "bot_wall"  # a challenge for browsers instead of what was asked for
    CONSENT_PAGE = "consent_page"
    LOGIN_WALL = "login_wall"  # a login or subscription page instead
    HOST_DOWN = "host_down"  # not asked: the host did not answer several requests in a row
    CREDENTIAL_MISSING = "credential_missing"  # headers_env or auth_env names an unset variable
    INGESTED = "ingested"  # handed over by `monitor ingest`, not polled
    BUG = "bug"


class IntervalReason(StrEnum):
    """Why the next poll comes when it comes; stored with the feed and shown with it."""

    FIRST = "first"  # new, or its rhythm is not known yet: the first interval
    RHYTHM = "rhythm"  # by then the entries to be expected will have waited long enough
    WINDOW = "window"  # later, unseen entries could leave the document
    OVERLAP = "overlap"  # the share of known entries allows no longer wait
    FLOOR = "floor"  # worth asking sooner, were it allowed
    CAP = "cap"  # not worth asking, and asked all the same
    BURST = "burst"  # it reported a story that is alive
    RETRY_AFTER = "retry_after"
    MAX_AGE = "max_age"
    EXPIRES = "expires"
    TTL = "ttl"  # RSS ttl or sy:updatePeriod
    OWN = "own"  # the configuration gives this feed its interval
    BACK_OFF = "back_off"  # after failures
    GONE = "gone"  # it says so: asked once a week
    HOST_BUSY = "host_busy"  # the host has a queue or asked for a pause


NOT_OURS = frozenset(
    {
        IntervalReason.RETRY_AFTER,
        IntervalReason.MAX_AGE,
        IntervalReason.EXPIRES,
        IntervalReason.OWN,
        IntervalReason.BACK_OFF,
        IntervalReason.GONE,
        IntervalReason.HOST_BUSY,
    }
)
"""Waits that server, user or failure decided: nobody may shorten them for a story."""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One polled URL of a source, as configured.

    `headers_env` and `auth_env` name environment variables; their values never enter the store.
    `interval_s` is the user's wish; None leaves the interval to the poll policy.
    """

    id: int = 0
    name: str
    url: str
    kind: FeedKind = FeedKind.FEED
    selector: str | None = None
    interval_s: float | None = None
    tags: tuple[str, ...] = ()
    enabled: bool = True
    headers_env: str | None = None
    auth_env: str | None = None
    robots: RobotsPolicy = RobotsPolicy.OBEY
    tier: Tier = Tier.ESTABLISHED
    language: str | None = None
    country: str | None = None
    homepage: str | None = None
    seen_in: str | None = None


@dataclass(frozen=True, kw_only=True)
class FeedState:
    """What a feed remembers between polls.

    `body_digest` (SHA-256 hex of the decoded body) is stored only after a successful parse.
    `redirect_url` is where permanent redirects have led without exception since `redirect_since`;
    `moved_to` is such a target once adopted: it is asked instead of the configured URL.
    `gone_since` is the first 410 of those that have not ended; `validators_lied_at` when a 304 was
    last found to hide news.
    `interval_s` is the wait that rhythm and window called for, before the server's wishes and
    jitter; `limit_s` the longest one that the share of known entries allows. `window_count` and
    `middle_at` are the number and the middle date of the entries in the last document,
    `newest_at` when the newest entry was published, or seen where it bears no date.
    `burst_until` is written by whoever finds a report in an active story, never by a poll.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_digest: str | None = None
    interval_s: float | None = None
    interval_reason: IntervalReason = IntervalReason.FIRST
    limit_s: float | None = None
    next_poll_at: datetime | None = None
    rhythm: Rhythm = UNKNOWN_RHYTHM
    window_count: int = 0
    middle_at: datetime | None = None
    newest_at: datetime | None = None
    burst_until: datetime | None = None
    failures: float = 0.0
    last_reason: PollReason = PollReason.NEVER_POLLED
    last_detail: str = ""
    first_success_at: datetime | None = None
    last_success_at: datetime | None = None
    last_polled_at: datetime | None = None
    redirect_url: str | None = None
    redirect_since: datetime | None = None
    moved_to: str | None = None
    gone_since: datetime | None = None
    validators_lied_at: datetime | None = None

    def with_changes(self, **changes: object) -> FeedState:
        """A copy with the named fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # checked by dataclasses at run time
