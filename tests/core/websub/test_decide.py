"""What becomes of a subscription, decision by decision."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.model.feed import FeedState
from monitor.core.model.subscription import HubFeed, Subscription, SubscriptionReason, SubscriptionState
from monitor.core.websub.decide import (
    DENIED_FOR,
    LONGEST_LEASE_S,
    PING_GAP,
    HubAnswer,
    after_answer,
    after_denial,
    after_verification,
    before_request,
    due_after_push,
    reconcile,
)
from monitor.core.websub.signature import METHODS, SignatureCheck

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOPIC = "https://harbour.example/feed"
CALLBACK = "https://news.example/websub/"
State, Reason = SubscriptionState, SubscriptionReason


def subscription(state: State = State.WANTED, **changes: object) -> Subscription:
    made = Subscription(
        id=1, feed_id=7, hub="https://hub.example/", topic=TOPIC, callback=CALLBACK + "t", token="t", secret="s",
        state=state, asked_at=NOON, due_at=NOON,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def verified(
    before: Subscription,
    mode: str = "subscribe",
    topic: str = TOPIC,
    lease_s: float | None = 86400.0,
    at: datetime = NOON,
) -> tuple[bool, Subscription | None]:
    return after_verification(before, mode=mode, topic=topic, lease_s=lease_s, asked_lease_s=432000.0, now=at)


@pytest.mark.parametrize(
    ("state", "mode", "topic", "is_echoed"),
    [
        (State.WANTED, "subscribe", TOPIC, True),  # a hub that verifies before it answers
        (State.ASKED, "subscribe", TOPIC, True),
        (State.ACTIVE, "subscribe", TOPIC, True),  # a renewal, or a question repeated
        (State.ENDING, "unsubscribe", TOPIC, True),
        (State.ENDING, "subscribe", TOPIC, False),
        (State.ACTIVE, "unsubscribe", TOPIC, False),
        (State.DENIED, "subscribe", TOPIC, False),
        (State.ASKED, "subscribe", TOPIC + "/", False),
        (State.ENDING, "unsubscribe", "", False),
        (State.ASKED, "denied", TOPIC, False),
        (State.ASKED, "", TOPIC, False),
    ],
)
def test_only_what_we_asked_for_is_echoed(state: State, mode: str, topic: str, is_echoed: bool) -> None:
    assert verified(subscription(state), mode, topic)[0] is is_echoed


def test_a_question_nobody_asked_for_lately_is_refused() -> None:
    assert not verified(subscription(State.ACTIVE), at=NOON + timedelta(days=2))[0]
    assert not verified(subscription(asked_at=None))[0]


@pytest.mark.parametrize(
    ("said_s", "kept_s"), [(86400.0, 86400.0), (None, 432000.0), (0.0, 60.0), (1e12, LONGEST_LEASE_S)]
)
def test_the_lease_is_the_hubs_within_reason(said_s: float | None, kept_s: float) -> None:
    """And it is renewed while a fifth of it is left."""
    _, after = verified(subscription(State.ASKED, attempts=3), lease_s=said_s)
    assert after is not None
    assert after.lease_until == NOON + timedelta(seconds=kept_s)
    assert after.due_at == NOON + timedelta(seconds=kept_s) * 0.8
    assert (after.state, after.reason, after.attempts) == (State.ACTIVE, Reason.VERIFIED, 0)


def test_a_confirmed_end_is_the_end() -> None:
    assert verified(subscription(State.ENDING), "unsubscribe") == (True, None)


@pytest.mark.parametrize(
    ("answer", "reason", "state"),
    [
        (HubAnswer(status=202), Reason.ACCEPTED, State.ASKED),
        (HubAnswer(status=204), Reason.ACCEPTED, State.ASKED),
        (HubAnswer(status=400, detail="HTTP 400: no"), Reason.HUB_REFUSED, State.WANTED),
        (HubAnswer(status=301), Reason.HUB_REFUSED, State.WANTED),
        (HubAnswer(status=500), Reason.HUB_ERROR, State.WANTED),
        (HubAnswer(status=429), Reason.HUB_BUSY, State.WANTED),
        (HubAnswer(status=None, retry_after_s=5.0), Reason.HUB_BUSY, State.WANTED),
        (HubAnswer(status=None), Reason.HUB_UNREACHABLE, State.WANTED),
    ],
)
def test_an_answer_is_kept_with_its_reason(answer: HubAnswer, reason: Reason, state: State) -> None:
    after = after_answer(subscription(), answer, NOON)
    assert (after.reason, after.state, after.detail) == (reason, state, answer.detail)
    assert after.due_at > NOON


def test_an_active_subscription_goes_on_while_its_renewal_fails() -> None:
    active = subscription(State.ACTIVE, lease_until=NOON + HOUR)
    assert after_answer(active, HubAnswer(status=500), NOON).state is State.ACTIVE
    over = before_request(active, NOON + HOUR)
    assert over is not None
    assert (over.state, over.reason) == (State.WANTED, Reason.LEASE_ENDED)


def test_a_hub_that_is_down_is_asked_ever_more_rarely() -> None:
    each, waits = subscription(), []
    for _ in range(40):
        each = after_answer(each, HubAnswer(status=None), NOON)
        waits.append((each.due_at - NOON) / timedelta(minutes=1))
    assert waits[:4] == [5, 10, 20, 40]
    assert max(waits) == waits[-1] == 24 * 60


def test_a_hub_that_wants_a_pause_gets_it() -> None:
    after = after_answer(subscription(), HubAnswer(status=503, retry_after_s=7200.0), NOON)
    assert after.due_at == NOON + 2 * HOUR


def test_a_hub_that_never_asks_back_is_asked_again() -> None:
    again = before_request(subscription(State.ASKED), NOON + HOUR)
    assert again is not None
    assert (again.state, again.reason, again.asked_at) == (State.WANTED, Reason.NOT_VERIFIED, NOON + HOUR)


def test_farewells_end_after_three() -> None:
    each: Subscription | None = subscription(State.ENDING)
    asked = 0
    while each is not None and (each := before_request(each, NOON)) is not None:
        asked += 1
        each = after_answer(each, HubAnswer(status=None), NOON)
    assert asked == 3


def test_a_denial_holds_for_a_week() -> None:
    after = after_denial(subscription(State.ACTIVE, lease_until=NOON + HOUR), topic=TOPIC, detail="x" * 999, now=NOON)
    assert after is not None
    assert (after.state, after.due_at, after.lease_until) == (State.DENIED, NOON + DENIED_FOR, None)
    assert len(after.detail) == 200
    assert after_denial(subscription(State.ACTIVE), topic="other", detail="", now=NOON) == subscription(State.ACTIVE)
    assert after_denial(subscription(State.ENDING), topic=TOPIC, detail="", now=NOON) is None


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (FeedState(next_poll_at=NOON + HOUR), NOON),
        (FeedState(next_poll_at=NOON + HOUR, last_polled_at=NOON - HOUR), NOON),
        (FeedState(next_poll_at=NOON + HOUR, last_polled_at=NOON), NOON + PING_GAP),
        (FeedState(next_poll_at=NOON - HOUR), None),
        (FeedState(next_poll_at=NOON + HOUR, failures=0.25), None),
    ],
)
def test_a_push_makes_a_feed_due_within_reason(state: FeedState, expected: datetime | None) -> None:
    """Not at once after a poll, not later than planned, and not while the feed is failing."""
    assert due_after_push(state, NOON) == expected


def test_subscriptions_follow_the_feeds() -> None:
    wanted = [HubFeed(feed_id=n, hub="https://hub.example/", topic=f"{TOPIC}{n}") for n in (1, 2, 3, 4)]

    def held(n: int, **changes: object) -> Subscription:
        return subscription(State.ACTIVE, id=n, feed_id=n, topic=f"{TOPIC}{n}", **changes)

    moved = held(3, callback="https://old.example/t")
    changes = reconcile(
        wanted,
        [held(1), held(2, hub="https://other.example/"), moved, held(5), replace(held(6), state=State.ENDING)],
        callback=CALLBACK,
        gone=Reason.FEED_GONE,
    )
    assert [feed.feed_id for feed in changes.add] == [2, 3, 4]
    assert changes.end == ((2, Reason.HUB_CHANGED), (3, Reason.CALLBACK_CHANGED), (5, Reason.FEED_GONE))


@pytest.mark.parametrize("method", METHODS)
def test_each_method_of_the_recommendation_is_checked(method: str) -> None:
    signed = hmac.new(b"secret", b"one two", method).hexdigest()
    check = SignatureCheck(f"{method}={signed.upper()}", secret="secret")
    check.feed(b"one ")
    assert not check.holds
    check.feed(b"two")
    assert check.holds


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha256=" + hmac.new(b"other", b"", "sha256").hexdigest(),
        "sha1=" + hmac.new(b"secret", b"", "sha256").hexdigest(),
        "md5=" + hmac.new(b"secret", b"", "md5").hexdigest(),
        "sha256=" + hashlib.sha256(b"").hexdigest(),
        hmac.new(b"secret", b"", "sha256").hexdigest(),
        "sha256=é",
    ],
)
def test_anything_else_is_no_signature(header: str | None) -> None:
    assert not SignatureCheck(header, secret="secret").holds
