"""What the steps ask of the outside world: protocols, nothing else.

The values that cross them are made in `core.model.work` and handed on from here, so that who uses a
protocol has one place to import from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from monitor.core.model.alert import Message, Receipt
from monitor.core.model.condition import Condition, SourceNorm
from monitor.core.model.document import Document, ExtractedArticle, Wording
from monitor.core.model.entry import ParsedFeed
from monitor.core.model.feed import Feed
from monitor.core.model.fetch import FetchRequest, FetchResponse
from monitor.core.model.history import AlertFilter, AlertView, Counts, DocumentTrail, FeedView, PageView, ReadDocument
from monitor.core.model.report import Article, Report
from monitor.core.model.story import Development, FiledReport, Story
from monitor.core.model.traffic import HostTraffic
from monitor.core.model.work import ClaimedDelivery as ClaimedDelivery
from monitor.core.model.work import ClaimedDocument as ClaimedDocument
from monitor.core.model.work import ClaimedFeed as ClaimedFeed
from monitor.core.model.work import ClaimedPage as ClaimedPage
from monitor.core.model.work import HostTurn as HostTurn
from monitor.core.model.work import Lease as Lease
from monitor.core.model.work import NewAlert as NewAlert
from monitor.core.model.work import PollResult as PollResult
from monitor.core.model.work import PollWritten as PollWritten
from monitor.core.model.work import ReadResult as ReadResult
from monitor.core.model.work import RecheckResult as RecheckResult
from monitor.core.model.work import Tidied as Tidied
from monitor.core.model.work import TrafficSpan as TrafficSpan
from monitor.core.watch.facts import Round
from monitor.core.watch.round import Outcome
from monitor.errors import DeliveryFault


class Clock(Protocol):
    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...


class Fetcher(Protocol):
    def turn(self, url: str) -> HostTurn:
        """When the URL's host may next be asked, as it looks now: nothing is promised to the caller."""
        ...

    def fetch(self, request: FetchRequest) -> FetchResponse:
        """The final response of any status, redirects followed.

        Raises:
            FetchError: no response at all, or one that breaks a limit.
        """
        ...


class Meter(Protocol):
    def take_traffic(self) -> tuple[HostTraffic, ...]:
        """What was asked of each host since the last call."""
        ...


class Workers(Protocol):
    """CPU-heavy work on hostile input, each call in a process that can be killed."""

    def parse_feed(self, body: bytes, *, url: str, content_type: str | None) -> ParsedFeed:
        """Raises: ParseError, WorkerFailed."""
        ...

    def parse_index(self, body: bytes, *, url: str, content_type: str | None, selector: str | None) -> ParsedFeed:
        """Raises: ParseError, WorkerFailed."""
        ...

    def parse_sitemap(self, body: bytes, *, url: str, content_type: str | None, since: datetime | None) -> ParsedFeed:
        """Raises: ParseError, WorkerFailed."""
        ...

    def extract_article(self, body: bytes, *, url: str, content_type: str | None) -> ExtractedArticle:
        """Raises: ParseError, WorkerFailed."""
        ...


class Detector(Protocol):
    @property
    def version(self) -> str:
        """Digest of the rules and data in force, stored with every report."""
        ...

    def detect(self, article: Article) -> tuple[Report, ...]:
        """The article's reports, strongest first. Never raises on any text."""
        ...


class Channel(Protocol):
    """A way out. `send` is called from one thread at a time per channel."""

    @property
    def name(self) -> str: ...

    @property
    def visible_after_s(self) -> float:
        """Seconds after which `find` certainly sees a message that was taken; 0 where it never sees any."""
        ...

    @property
    def repeats_when_unsure(self) -> bool:
        """Whether a message that may have been taken, and cannot be looked for, is sent again (else it is given up)."""
        ...

    def send(self, message: Message, *, key: str) -> Receipt:
        """Raises: Transient, OutcomeUnknown, ChannelBroken, MessageRefused."""
        ...

    def find(self, key: str, *, since: datetime) -> Receipt | None:
        """The receipt of an earlier send of `key` whose answer was lost; None when it cannot be found.

        Raises: DeliveryError.
        """
        ...


# --- poll


class FeedStore(Protocol):
    def sync(self, feeds: Sequence[Feed], *, now: datetime) -> None:
        """Make the configured feeds be exactly these (by URL): add, update, and disable the others.

        A feed keeps its id, state and entries while its URL stays. New ones are due at once.
        """
        ...

    def claim_due(self, *, now: datetime, limit: int, lease_s: float) -> tuple[ClaimedFeed, ...]:
        """Enabled feeds with next_poll_at <= now and no live lease, the longest due first."""
        ...

    def make_due(self, *, now: datetime) -> int:
        """Make every enabled feed due; how many there are."""
        ...

    def known_guids(self, feed_id: int, guids: Sequence[str]) -> frozenset[str]:
        """Those of `guids` the feed already has an entry for."""
        ...

    def record_poll(self, claim: ClaimedFeed, result: PollResult) -> PollWritten:
        """Write state, poll log, new entries and their pending documents in one transaction.

        A new entry whose canonical URL is known joins that document. An edited entry (other
        digest of title, summary and content) makes its document pending again with the next
        revision, at most MAX_EDITS times. An undated entry of a feed's first successful poll is
        backlog. Dates of known entries stay as first stored.

        Raises:
            LeaseLost: the feed was claimed again since; nothing is written.
        """
        ...

    def record_polls(self, polled: Sequence[tuple[ClaimedFeed, PollResult]]) -> tuple[PollWritten | None, ...]:
        """The same for many polls in one transaction; None for each whose feed was claimed again since."""
        ...

    def put_back(self, due_again: Sequence[tuple[ClaimedFeed, datetime]]) -> None:
        """Give claims back unused: each feed is due again at its time, and otherwise as it was.

        A feed that was claimed again since is left alone.
        """
        ...


class TrafficStore(Protocol):
    def add(self, traffic: Sequence[HostTraffic], *, since: datetime, until: datetime) -> None:
        """Add what was asked between two moments to the day of the later one."""
        ...

    def spans(self, *, since: date) -> tuple[TrafficSpan, ...]:
        """All hosts and days from a UTC day on, by host."""
        ...

    def drop(self, *, before: date) -> int:
        """Forget the days before one; how many rows there were."""
        ...


# --- read


class DocumentStore(Protocol):
    def claim_pending(self, *, now: datetime, limit: int, lease_s: float) -> tuple[ClaimedDocument, ...]:
        """Documents PENDING whose retry time has come and with no live lease, oldest first."""
        ...

    def record_read(self, claim: ClaimedDocument, result: ReadResult, *, now: datetime) -> None:
        """Write the document and its reports in one transaction.

        Reports of an earlier revision that already stand in a development stay; the others are
        replaced. A page whose canonical URL is another known document's keeps its own row.

        Raises:
            LeaseLost: the document was claimed again since; nothing is written.
        """
        ...

    def claim_rechecks(self, *, now: datetime, limit: int, lease_s: float) -> tuple[ClaimedPage, ...]:
        """Pages of documents READ whose time to be read again has come, the longest waiting first."""
        ...

    def record_recheck(self, claim: ClaimedPage, result: RecheckResult, *, now: datetime) -> bool:
        """Write what reading a page again found; whether it made a revision.

        A document that has had MAX_EDITS revisions gets no more.

        Raises:
            LeaseLost: the document was claimed or edited since; nothing is written.
        """
        ...

    def postpone(self, claim: ClaimedDocument, *, retry_at: datetime, detail: str) -> int:
        """Leave the document pending until `retry_at`; how often that has happened to it now."""
        ...

    def stored_text(self, document_id: int) -> Document | None:
        """One document by id."""
        ...


# --- group


class GroupSession(Protocol):
    """One serialised transaction over stories; nothing is visible before it commits."""

    def ungrouped_reports(self, *, limit: int, types: Collection[str] | None = None) -> tuple[FiledReport, ...]:
        """Reports without a development, of these types or of all, ordered by (published_at, canonical_url, id)."""
        ...

    def recent_stories(self, *, type: str, since: datetime) -> tuple[Story, ...]:
        """Unmerged stories of the type last seen at or after `since`, with all developments, oldest first."""
        ...

    def slug_is_taken(self, slug: str) -> bool:
        """Whether a story or development already has the slug."""
        ...

    def save_story(self, story: Story) -> Story:
        """Insert (id 0) or update the story's own row; back with its id. Developments are not touched."""
        ...

    def save_development(self, development: Development) -> Development:
        """Insert (id 0) or update; back with its id."""
        ...

    def assign(self, report_id: int, *, development_id: int, note: str) -> None:
        """File the report under a development; `note` says why."""
        ...

    def save_alert(self, new: NewAlert) -> bool:
        """Store the alert and its deliveries; False when the key already exists (nothing is written)."""
        ...

    def note_also_reported(self, development_id: int, *, sources: tuple[str, ...]) -> None:
        """Put the outlets that tell the development beside its alert, for the history."""
        ...

    def note_burst(self, feed_id: int, *, until: datetime, poll_by: datetime) -> None:
        """Prolong the feed's burst to `until`, never shorten it, and have it polled by `poll_by`.

        The next poll stays where it is after a failure, and where the server, or the feed's own
        interval, put it.
        """
        ...


class StoryStore(Protocol):
    def is_waiting(self, types: Collection[str] | None = None) -> bool:
        """Whether any report, of these types or of all, has no development yet; a cheap read."""
        ...

    def grouping(self) -> AbstractContextManager[GroupSession]:
        """The one grouping transaction at a time, over all processes; commits unless an exception leaves it."""
        ...


# --- deliver


class OutboxStore(Protocol):
    def claim_due(
        self, *, channels: Sequence[str], now: datetime, limit: int, lease_s: float
    ) -> tuple[ClaimedDelivery, ...]:
        """Deliveries to these channels that are due, now marked SENDING, oldest alert first.

        One left SENDING by a dead process comes back when its lease has lapsed, with `unknown_since`.
        """
        ...

    def record_sent(self, claim: ClaimedDelivery, receipt: Receipt, *, now: datetime) -> None:
        """Raises: LeaseLost."""
        ...

    def record_retry(
        self,
        claim: ClaimedDelivery,
        *,
        fault: DeliveryFault,
        detail: str,
        retry_at: datetime,
        unknown_since: datetime | None,
    ) -> None:
        """Back to PENDING until `retry_at`. Raises: LeaseLost."""
        ...

    def record_parked(self, claim: ClaimedDelivery, *, fault: DeliveryFault, detail: str) -> None:
        """Raises: LeaseLost."""
        ...

    def record_dead(self, claim: ClaimedDelivery, *, fault: DeliveryFault, detail: str) -> None:
        """Raises: LeaseLost."""
        ...

    def unpark(self, *, channels: Sequence[str]) -> int:
        """Make the channels' parked deliveries pending again, as after a mended configuration; how many."""
        ...


# --- history


class HistoryStore(Protocol):
    def alerts(self, wanted: AlertFilter, *, limit: int | None = None) -> Iterator[AlertView]:
        """Alerts that match, newest first."""
        ...

    def alert(self, alert_id: int) -> AlertView | None: ...

    def feeds(self) -> tuple[FeedView, ...]:
        """All feeds, enabled first, by name."""
        ...

    def counts(self) -> Counts: ...

    def trail(self, url: str) -> DocumentTrail | None:
        """What happened to the document that `url`, or its canonical form, names; None when it is not known."""
        ...

    def trail_of(self, document_id: int) -> DocumentTrail | None:
        """The same by the document's id."""
        ...

    def revisions(self, document_id: int) -> tuple[Wording, ...]:
        """The wordings kept of one document, oldest first, the current one last; empty for an unknown one."""
        ...

    def page_seen(self, document_id: int) -> PageView | None:
        """What is remembered of the document's page; None when none was read."""
        ...

    def near_urls(self, url: str, *, limit: int) -> tuple[str, ...]:
        """Known canonical URLs of the same host, those that read most alike first."""
        ...

    def read_documents(self, *, since: datetime | None, until: datetime | None) -> Iterator[ReadDocument]:
        """Documents that were searched, first seen at or after `since` and before `until`, in the order stored."""
        ...

    def read_count(self, *, since: datetime | None, until: datetime | None) -> int:
        """How many documents `read_documents` gives."""
        ...


# --- tidy


class RetentionStore(Protocol):
    def tidy(self, *, polls_before: datetime, unreported_texts_before: datetime) -> Tidied:
        """Delete old poll rows, and the texts of old documents that reported nothing; entries stay as tombstones."""
        ...


# --- watch


class WatchStore(Protocol):
    def last_round_at(self) -> datetime | None:
        """When the watchdog last looked; None before its first look."""
        ...

    def read_round(self, *, channels: Sequence[str], now: datetime) -> Round:
        """The facts since the last look, about enabled feeds and these channels; nothing is written."""
        ...

    def record_round(self, facts: Round, outcome: Outcome, *, channels: Sequence[str], now: datetime) -> None:
        """Write norms and conditions, and each notice with a pending delivery for each of `channels`, all at once.

        Raises:
            LeaseLost: another process has looked meanwhile; nothing is written.
        """
        ...

    def conditions(self) -> tuple[Condition, ...]:
        """The open ones, in the order they were first suspected."""
        ...

    def norms(self) -> Mapping[int, SourceNorm]:
        """What each source is expected to bring, by feed id."""
        ...


class Store(Protocol):
    """All of one database. Every method may raise StoreUnavailable."""

    def release_leases(self, is_dead: Callable[[str], bool]) -> int:
        """End the leases of owners that died, so that their work is taken up at once; how many."""
        ...

    @property
    def feeds(self) -> FeedStore: ...
    @property
    def documents(self) -> DocumentStore: ...
    @property
    def stories(self) -> StoryStore: ...
    @property
    def outbox(self) -> OutboxStore: ...
    @property
    def history(self) -> HistoryStore: ...
    @property
    def retention(self) -> RetentionStore: ...
    @property
    def traffic(self) -> TrafficStore: ...
    @property
    def watch(self) -> WatchStore: ...


Progress = Callable[[str], None]
"""Called by a step with its own name whenever it has finished something; feeds the watchdog."""
