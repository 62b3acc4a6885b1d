"""A feed's subscription at a WebSub hub, and what it remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Advertised:
    """The hub and topic that a feed's last parsed body or its headers name; both None when there is no hub."""

    hub: str | None = None
    topic: str | None = None


@dataclass(frozen=True, kw_only=True)
class HubFeed:
    """A feed that can be subscribed to."""

    feed_id: int
    hub: str
    topic: str


class SubscriptionState(StrEnum):
    WANTED = "wanted"  # the hub is to be asked
    ASKED = "asked"  # it took the request and has yet to verify it
    ACTIVE = "active"  # verified: it pushes until lease_until
    DENIED = "denied"  # it or the publisher refuses
    ENDING = "ending"  # it is to be told to stop


class SubscriptionReason(StrEnum):
    """Why a subscription is in its state; stored with it."""

    NEW = "new"
    ACCEPTED = "accepted"
    VERIFIED = "verified"
    NOT_VERIFIED = "not_verified"  # the hub took the request and never asked back
    LEASE_ENDED = "lease_ended"
    HUB_REFUSED = "hub_refused"
    HUB_ERROR = "hub_error"
    HUB_BUSY = "hub_busy"
    HUB_UNREACHABLE = "hub_unreachable"
    DENIED_BY_HUB = "denied_by_hub"
    FEED_GONE = "feed_gone"
    HUB_CHANGED = "hub_changed"
    CALLBACK_CHANGED = "callback_changed"
    SWITCHED_OFF = "switched_off"


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """`callback` is the address given to the hub; it ends in `token`, which nobody else knows.

    `attempts` counts requests since the hub last verified one. `due_at` is when it must be asked
    (again). `pushed_at` is when it last sent something; if that led to no new entry, the feed is
    asked once more at `echo_at`.
    """

    id: int = 0
    feed_id: int
    hub: str
    topic: str
    callback: str
    token: str = field(repr=False)
    secret: str = field(repr=False)
    state: SubscriptionState = SubscriptionState.WANTED
    reason: SubscriptionReason = SubscriptionReason.NEW
    detail: str = ""
    attempts: int = 0
    asked_at: datetime | None = None
    lease_until: datetime | None = None
    due_at: datetime
    pushed_at: datetime | None = None
    push_count: int = 0
    echo_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ClaimedSubscription:
    """A subscription whose hub is to be asked; the result is written only while the row's fence is this."""

    fence: int
    subscription: Subscription
