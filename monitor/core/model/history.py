"""The history as it is shown: values read from the store, never written back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.core.group.decision import Decision
from monitor.core.model.alert import Alert
from monitor.core.model.document import Document, PageSeen, RecheckOutcome
from monitor.core.model.feed import Feed, FeedState
from monitor.core.model.feedback import Ack, Label
from monitor.core.model.report import Report
from monitor.core.model.route import Dispatch


@dataclass(frozen=True, kw_only=True)
class AlertFilter:
    """All conditions hold together; names match case- and accent-folded, whole or as a word of the name.

    `since` and `until` bound the alert's created_at, half-open. `status` is a delivery status, or
    "none" for alerts without any delivery. `text` is a full-text query: all words, any order,
    a trailing * matches a prefix.
    """

    since: datetime | None = None
    until: datetime | None = None
    type: str | None = None
    phase: str | None = None
    person: str | None = None
    place: str | None = None
    source: str | None = None
    status: str | None = None
    text: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeliveryView:
    channel: str
    status: str
    attempts: int
    sent_at: datetime | None
    reference: str | None
    last_fault: str | None
    detail: str | None


@dataclass(frozen=True, kw_only=True)
class AlertView:
    """One alert as the history shows it: the stored alert, its roles, how its deliveries stand, and what people said.

    `acks` are those of its story, `labels` those of the alert, both the first to say so first;
    `dispatches` are what was decided about it.
    """

    alert: Alert
    story_slug: str
    development_slug: str
    report: Report
    document_id: int
    deliveries: tuple[DeliveryView, ...]
    acks: tuple[Ack, ...] = ()
    labels: tuple[Label, ...] = ()
    dispatches: tuple[Dispatch, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LabelledAlert:
    """An alert that people labelled, with its article in the wording that was reported.

    `published_at` is None where the article states no date.
    """

    alert_id: int
    document_id: int
    type: str
    phase: str
    source: str
    tier: str
    title: str
    text: str
    published_at: datetime | None
    seen_at: datetime
    labels: tuple[Label, ...]


@dataclass(frozen=True, kw_only=True)
class FeedView:
    """A feed with its state and counts, for `sources list` and `status`."""

    feed: Feed
    state: FeedState
    entry_count: int
    unsupported_count: int  # documents skipped for their language
    last_entry_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class EntryView:
    """One appearance of a document in a feed; `brought_revision` is 0 when the document was known already."""

    feed_name: str
    url: str | None
    title: str
    published_at: datetime | None
    seen_at: datetime
    brought_revision: int


@dataclass(frozen=True, kw_only=True)
class FiledView:
    """A stored report and where it was filed; slugs are None while it waits to be grouped.

    `note` is what grouping said about it and `decision` the whole of it; `alerts` are those of its
    development, whichever report they were made from.
    """

    id: int
    revision: int
    report: Report
    ruleset_version: str
    note: str
    story_slug: str | None
    development_slug: str | None
    alerts: tuple[AlertView, ...]
    decision: Decision | None = None


@dataclass(frozen=True, kw_only=True)
class DocumentTrail:
    """All that happened to one document, entries in the order seen; `due_at` is set while it waits to be read."""

    document: Document
    feed: Feed
    seen_at: datetime
    read_at: datetime | None
    due_at: datetime | None
    postponed: int
    ruleset_version: str | None
    entries: tuple[EntryView, ...]
    reports: tuple[FiledView, ...]


@dataclass(frozen=True, kw_only=True)
class PageView:
    """A document's page: what it said, and what reading it again found; `recheck_at` is the next time."""

    page: PageSeen
    recheck_at: datetime | None
    recheck_count: int
    rechecked_at: datetime | None
    recheck_outcome: RecheckOutcome | None
    recheck_detail: str


@dataclass(frozen=True, kw_only=True)
class ReadDocument:
    """A document that was searched, with the reports stored for it, the newest last."""

    document: Document
    feed: Feed
    seen_at: datetime
    ruleset_version: str | None
    reports: tuple[Report, ...]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Row counts; the pairs are (label, count), sorted by label."""

    entries: int
    documents: int
    documents_by_status: tuple[tuple[str, int], ...]
    reports: int
    developments: int
    stories: int
    alerts: int
    deliveries_by_status: tuple[tuple[str, int], ...]
    polls_by_reason: tuple[tuple[str, int], ...]
    feeds_enabled: int
    feeds_failing: int
    language_unsupported: int
    last_poll_at: datetime | None
