"""What crosses between the steps and the store: rows that were claimed, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.core.model.alert import Alert, Delivery
from monitor.core.model.document import Document, PageSeen, RecheckOutcome, Wording
from monitor.core.model.entry import Entry
from monitor.core.model.feed import Feed, FeedState, PollReason
from monitor.core.model.report import Report
from monitor.core.model.route import Dispatch
from monitor.core.model.subscription import Advertised
from monitor.core.model.traffic import HostTraffic


@dataclass(frozen=True, kw_only=True)
class HostTurn:
    """When a host may next be asked: in `wait_s` seconds (0: at once), and then every `gap_s`."""

    host: str
    wait_s: float = 0.0
    gap_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to write one row's result until `until`; `fence` grows with every claim of the row."""

    row_id: int
    fence: int
    until: datetime


@dataclass(frozen=True, kw_only=True)
class ClaimedFeed:
    lease: Lease
    feed: Feed
    state: FeedState


@dataclass(frozen=True, kw_only=True)
class PollResult:
    """What one poll writes. `entries` is empty and `advertised` None unless the body was parsed."""

    state: FeedState
    reason: PollReason
    detail: str = ""
    status: int | None = None
    entries: tuple[Entry, ...] = ()
    homepage: str | None = None
    language: str | None = None
    advertised: Advertised | None = None
    started_at: datetime
    finished_at: datetime


@dataclass(frozen=True, kw_only=True)
class PollWritten:
    """Entries by what became of them; `edited` changed title, summary or content since last seen."""

    new: int = 0
    edited: int = 0
    known: int = 0


@dataclass(frozen=True, kw_only=True)
class TrafficSpan:
    """What was asked of one host between two moments of one UTC day."""

    traffic: HostTraffic
    since: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True)
class ClaimedDocument:
    """A pending document, its feed, and the entry that brought it (its newest wording).

    `attempts` counts how often it was claimed, this time included, since it last became pending.
    `before` is the wording last read, None for one that was never read.
    """

    lease: Lease
    attempts: int
    document: Document
    feed: Feed
    entry: Entry
    before: Wording | None = None


@dataclass(frozen=True, kw_only=True)
class ReadResult:
    """`document` carries the new status, text, origin and reason; `reports` replace those of earlier revisions.

    `same_wording`: the text is that of the revision before, which is then not kept apart. `page` is
    what the page said, None when there was no article; `recheck_at` when to read it again.
    """

    document: Document
    reports: tuple[Report, ...]
    ruleset_version: str
    same_wording: bool = False
    page: PageSeen | None = None
    recheck_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ClaimedPage:
    """The page of a document that was read, to be read again; `done_count` times that has happened before."""

    lease: Lease
    document: Document
    feed: Feed
    page: PageSeen
    done_count: int


@dataclass(frozen=True, kw_only=True)
class RecheckResult:
    """What reading a page again found, and when to do so next (None: never).

    `page` replaces what is remembered, None leaves it. `read` is the new revision of a page that
    CHANGED, with the number that follows the claimed document's.
    """

    outcome: RecheckOutcome
    detail: str = ""
    next_at: datetime | None = None
    page: PageSeen | None = None
    read: ReadResult | None = None


@dataclass(frozen=True, kw_only=True)
class Original:
    """A report of a development that is no copy of another; `sketch` stands for its text."""

    id: int
    source: str
    title: str
    sketch: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class NewAlert:
    """An alert to store with one pending delivery for each of `channels`, and what was decided for which channel.

    Its deliveries are of no use after `expires_at`.
    """

    alert: Alert
    channels: tuple[str, ...]
    dispatches: tuple[Dispatch, ...] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class EditedArticle:
    """An article that made an alert, as it was worded then and as it is now; `told` is the report the alert quotes."""

    alert_id: int
    told: Report
    before: Wording
    after: Wording
    source: str
    tier: str
    dated: bool


@dataclass(frozen=True, kw_only=True)
class ClaimedDelivery:
    """`unknown_since` is when the last attempt that may have got through ended; None when there is none.

    `story_id` is None for a notice. `thread` is the reference of the story's parent message in the
    channel, None while there is none.
    """

    lease: Lease
    delivery: Delivery
    unknown_since: datetime | None
    first_attempt_at: datetime
    story_id: int | None = None
    route: str | None = None
    expires_at: datetime | None = None
    thread: str | None = None


@dataclass(frozen=True, kw_only=True)
class ClaimedEdit:
    """A parent message to be edited. `shown` is the digest of what it shows, empty when nobody knows.

    `key` is the delivery key it carries, `alert_id` the newest alert of its thread; `changes` counts
    those of the story until now, `attempts` the tries since the last edit that went well.
    """

    lease: Lease
    story_id: int
    channel: str
    reference: str
    key: str
    alert_id: int
    shown: str
    changes: int
    attempts: int


@dataclass(frozen=True, kw_only=True)
class Tidied:
    polls: int = 0
    texts: int = 0
    documents: int = 0
