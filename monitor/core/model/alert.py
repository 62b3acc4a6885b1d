"""Alerts, digests, notices about the monitor itself, and the outbox rows that carry both to channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.core.model.condition import ConditionKind


class AlertReason(StrEnum):
    NEW_STORY = "new_story"
    PHASE_CHANGED = "phase_changed"
    NEW_DEVELOPMENT = "new_development"  # same phase, other agent, place or date
    ROLE_CHANGED = "role_changed"  # a new stop, a new date of what was told
    CONFLICTING = "conflicting"  # a step back that two independent origins report
    CORRECTED = "corrected"  # an article that made an alert now says something else
    RETRACTED = "retracted"  # … or no longer says it


class Severity(StrEnum):
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    SENDING = "sending"  # handed to the channel; the outcome is not known yet
    SENT = "sent"
    PARKED = "parked"  # the channel's configuration must be mended first
    DEAD = "dead"  # given up; `last_reason` says why


@dataclass(frozen=True, kw_only=True)
class AlertMessage:
    """An alert's content, channel-neutral: each channel renders it in its own markup.

    `who` and `where` are readable lists ("Antony Blinken", "Israel → Jordan, Qatar"); empty when
    unknown. `marks` are short qualifiers: "planned", "alleged", "single source".
    `headline` is the article's title, empty when the quote already says it.
    """

    type: str
    phase: str
    severity: Severity
    reason: AlertReason
    who: str
    where: str
    quote: str
    headline: str
    details: tuple[str, ...]
    marks: tuple[str, ...]
    source: str
    url: str
    published_at: datetime
    dated: bool
    story_title: str
    also_reported_by: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A decision to tell. `key` names story, development and reason, and is unique for ever."""

    id: int = 0
    key: str
    story_id: int
    development_id: int
    report_id: int
    reason: AlertReason
    severity: Severity
    created_at: datetime
    message: AlertMessage


class NoticeState(StrEnum):
    STARTED = "started"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One message to those who run the monitor, channel-neutral. `key` is unique for ever.

    `kind` is the condition's, None for a summary of several. `lines` are plain sentences; `since`
    is when the trouble began, `url` the source's own address, empty when no single one is meant.
    `channel` is the one that a channel's condition is about: it is never told through that.
    """

    key: str
    kind: ConditionKind | None
    state: NoticeState
    severity: Severity
    title: str
    lines: tuple[str, ...]
    url: str = ""
    since: datetime
    created_at: datetime
    channel: str | None = None


@dataclass(frozen=True, kw_only=True)
class DigestLine:
    """One story in a digest: its newest state in one line, and what happened in the span, oldest first."""

    story: str  # its slug
    type: str
    phase: str
    severity: Severity
    title: str
    who: str
    where: str
    steps: tuple[str, ...]
    report_count: int
    source: str
    url: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Digest:
    """Alerts that were held back or asked for as a summary, by story, the most severe first.

    `key` is unique for ever. `title` says what it is ("Quiet hours 23:00-07:00", "Daily digest"),
    `left_off` how many stories found no room.
    """

    key: str
    title: str
    since: datetime
    until: datetime
    lines: tuple[DigestLine, ...]
    left_off: int = 0
    created_at: datetime

    @property
    def severity(self) -> Severity:
        """That of its most severe line; low when empty."""
        order = tuple(Severity)
        return min((line.severity for line in self.lines), key=order.index, default=Severity.LOW)


Message = AlertMessage | Notice | Digest
"""What a channel can send."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One alert or notice on its way to one channel. `key` is its own key + "@" + channel.

    `alert_id` is None for a notice.
    """

    id: int = 0
    alert_id: int | None
    channel: str
    key: str
    status: DeliveryStatus
    attempts: int
    message: Message


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A channel's word that it took the message; `reference` is the channel's own id for it.

    `shown` is the digest of the state that a parent message shows; empty when there is none, or nobody knows.
    """

    reference: str
    shown: str = ""
