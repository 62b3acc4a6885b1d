"""What becomes of a subscription: old state, what was heard, and now, in; new state and reason out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from monitor.core.model.feed import FeedState
from monitor.core.model.subscription import HubFeed, Subscription, SubscriptionReason, SubscriptionState

Mode = Literal["subscribe", "unsubscribe"]

VERIFY_WITHIN = timedelta(minutes=15)
"""A hub asks back at once or from a queue; after this it is asked anew."""
BELIEVED_FOR = timedelta(days=1)
"""How long after our request a hub's question about it is answered; it may repeat one whose answer got lost."""
DENIED_FOR = timedelta(days=7)
SHORTEST_LEASE_S, LONGEST_LEASE_S = 60.0, 30 * 86400.0
RENEWED_AT = 0.8  # of the lease: a fifth of it is left for a hub that is down
PING_GAP = timedelta(seconds=30)
"""Between polls that pushes cause: a hub that stammers must not make us hammer the publisher."""
ECHO_AFTER = timedelta(seconds=90)
"""A cache in front of the feed may still serve yesterday's copy at the moment of the push."""

_FIRST_PAUSE = timedelta(minutes=5)
_LONGEST_PAUSE = timedelta(days=1)
_FAREWELLS = 3  # requests to stop, after which the lease is left to run out
_ENDED = frozenset({SubscriptionState.ENDING, SubscriptionState.DENIED})


@dataclass(frozen=True, kw_only=True)
class HubAnswer:
    """A hub's answer to a request; `status` is None when none came."""

    status: int | None
    detail: str = ""
    retry_after_s: float | None = None


def mode_of(subscription: Subscription) -> Mode:
    """What the hub is to be asked now."""
    return "unsubscribe" if subscription.state is SubscriptionState.ENDING else "subscribe"


def before_request(subscription: Subscription, now: datetime) -> Subscription | None:
    """The subscription at the moment its hub is asked; None when it was asked to stop often enough."""
    if subscription.state is SubscriptionState.ENDING and subscription.attempts >= _FAREWELLS:
        return None
    asked = replace(subscription, asked_at=now)
    if subscription.state is SubscriptionState.ASKED:
        return replace(asked, state=SubscriptionState.WANTED, reason=SubscriptionReason.NOT_VERIFIED)
    if subscription.state is SubscriptionState.DENIED:
        return replace(asked, state=SubscriptionState.WANTED)
    is_over = subscription.lease_until is not None and subscription.lease_until <= now
    if subscription.state is SubscriptionState.ACTIVE and is_over:
        return replace(asked, state=SubscriptionState.WANTED, reason=SubscriptionReason.LEASE_ENDED)
    return asked


def after_answer(subscription: Subscription, answer: HubAnswer, now: datetime) -> Subscription:
    """The subscription after its hub took the request, or did not; a later verification decides."""
    attempts = subscription.attempts + 1
    if answer.status is not None and 200 <= answer.status < 300:
        goes_on = subscription.state in (SubscriptionState.ENDING, SubscriptionState.ACTIVE)
        return replace(
            subscription,
            state=subscription.state if goes_on else SubscriptionState.ASKED,
            reason=SubscriptionReason.ACCEPTED,
            detail="",
            attempts=attempts,
            due_at=now + max(VERIFY_WITHIN, _pause(attempts)),
        )
    pause = max(_pause(attempts), timedelta(seconds=min(answer.retry_after_s or 0.0, 86400.0)))
    return replace(
        subscription, reason=_reason(answer), detail=answer.detail[:200], attempts=attempts, due_at=now + pause
    )


def after_verification(
    subscription: Subscription, *, mode: str, topic: str, lease_s: float | None, asked_lease_s: float, now: datetime
) -> tuple[bool, Subscription | None]:
    """Whether the hub's question gets its echo, and the subscription after that; None when it is over.

    Yes only to what was asked: the very topic, subscribing while it is wanted and was asked for
    lately, unsubscribing once it is to end. `lease_s` is the hub's word, `asked_lease_s` ours.
    """
    is_ours = topic == subscription.topic and subscription.asked_at is not None
    if mode == "unsubscribe" and is_ours and subscription.state is SubscriptionState.ENDING:
        return True, None
    is_recent = subscription.asked_at is not None and now - subscription.asked_at <= BELIEVED_FOR
    if mode != "subscribe" or not is_ours or not is_recent or subscription.state in _ENDED:
        return False, subscription
    given_s = asked_lease_s if lease_s is None else lease_s
    lease = timedelta(seconds=min(max(given_s, SHORTEST_LEASE_S), LONGEST_LEASE_S))
    return True, replace(
        subscription,
        state=SubscriptionState.ACTIVE,
        reason=SubscriptionReason.VERIFIED,
        detail="",
        attempts=0,
        lease_until=now + lease,
        due_at=now + lease * RENEWED_AT,
    )


def after_denial(subscription: Subscription, *, topic: str, detail: str, now: datetime) -> Subscription | None:
    """The subscription after the hub said that there is none; None when it was to end anyway."""
    if topic != subscription.topic:
        return subscription
    if subscription.state is SubscriptionState.ENDING:
        return None
    return replace(
        subscription,
        state=SubscriptionState.DENIED,
        reason=SubscriptionReason.DENIED_BY_HUB,
        detail=detail[:200],
        lease_until=None,
        due_at=now + DENIED_FOR,
    )


def is_heard(subscription: Subscription) -> bool:
    """Whether a signed push of this subscription counts."""
    return subscription.state not in _ENDED


def due_after_push(state: FeedState, now: datetime) -> datetime | None:
    """When the feed is to be polled because of a push; None when its own plan stands.

    A failing feed keeps its back-off: a push is no sign that the publisher wants to be asked again.
    """
    if state.failures > 0:
        return None
    at = now if state.last_polled_at is None else max(now, state.last_polled_at + PING_GAP)
    return at if state.next_poll_at is None or state.next_poll_at > at else None


def echo_after_push(now: datetime) -> datetime:
    """When to look whether the push led to a new entry, and to poll once more if not."""
    return now + ECHO_AFTER


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Feeds to subscribe to, and subscriptions (by id) to end, each with its reason."""

    add: tuple[HubFeed, ...] = ()
    end: tuple[tuple[int, SubscriptionReason], ...] = ()


def reconcile(
    wanted: Sequence[HubFeed], held: Sequence[Subscription], *, callback: str, gone: SubscriptionReason
) -> Changes:
    """What makes the subscriptions be those of the wanted feeds; `gone` is why the others end.

    One that ends already is left alone. `callback` is the address that all callbacks begin with.
    """
    by_feed = {feed.feed_id: feed for feed in wanted}
    kept: set[int] = set()
    end: list[tuple[int, SubscriptionReason]] = []
    for each in held:
        feed = by_feed.get(each.feed_id)
        if each.state is SubscriptionState.ENDING:
            continue
        if feed is None:
            end.append((each.id, gone))
        elif (feed.hub, feed.topic) != (each.hub, each.topic):
            end.append((each.id, SubscriptionReason.HUB_CHANGED))
        elif each.callback != callback + each.token:
            end.append((each.id, SubscriptionReason.CALLBACK_CHANGED))
        else:
            kept.add(each.feed_id)
    return Changes(add=tuple(feed for feed in wanted if feed.feed_id not in kept), end=tuple(end))


def _pause(attempts: int) -> timedelta:
    doubled = 1 << min(max(attempts - 1, 0), 20)
    return min(_FIRST_PAUSE * doubled, _LONGEST_PAUSE)


def _reason(answer: HubAnswer) -> SubscriptionReason:
    if answer.status == 429 or (answer.status is None and answer.retry_after_s is not None):
        return SubscriptionReason.HUB_BUSY
    if answer.status is None:
        return SubscriptionReason.HUB_UNREACHABLE
    return SubscriptionReason.HUB_ERROR if answer.status >= 500 else SubscriptionReason.HUB_REFUSED
