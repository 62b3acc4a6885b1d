"""Subscribing, verifying, pushing, renewing and ending, with a hub that does the real protocol."""

from __future__ import annotations

import re

import pytest

from monitor.core.model.subscription import SubscriptionReason, SubscriptionState
from monitor.core.websub.signature import METHODS
from tests.websub.conftest import TOPIC, Subscriber
from tests.websub.fake_hub import FakeHub

State, Reason = SubscriptionState, SubscriptionReason


def test_a_feed_that_names_a_hub_is_subscribed_to(subscribed: Subscriber, hub: FakeHub) -> None:
    (asked,) = hub.asked
    assert (asked["hub.mode"], asked["hub.topic"], asked["hub.lease_seconds"]) == ("subscribe", TOPIC, "432000")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/hooks/[\w-]{43}", asked["hub.callback"])
    assert re.fullmatch(r"[\w-]{43}", asked["hub.secret"])
    assert asked["hub.secret"] not in asked["hub.callback"]
    assert subscribed.subscription.state is State.ACTIVE
    assert list(hub.held) == [subscribed.subscription.callback]


def test_secrets_do_not_show_when_a_subscription_does(subscribed: Subscriber) -> None:
    shown = repr(subscribed.subscription)
    assert subscribed.subscription.secret not in shown


def test_a_hub_may_ask_back_later(subscriber: Subscriber, hub: FakeHub) -> None:
    hub.verifies = "later"
    subscriber.feeds("harbour")
    subscriber.start()
    subscriber.pump()
    assert subscriber.subscription.state is State.ASKED
    assert hub.verify().body == b"challenge-123"
    assert subscriber.subscription.state is State.ACTIVE
    assert hub.verify().status == 200  # our answer may have got lost


@pytest.mark.parametrize(
    "changes",
    [{"hub.topic": TOPIC + "?"}, {"hub.mode": "unsubscribe"}, {"hub.mode": "publish"}, {"hub.topic": ""}],
)
def test_only_our_own_request_is_confirmed(subscriber: Subscriber, hub: FakeHub, changes: dict[str, str]) -> None:
    hub.verifies = "later"
    subscriber.feeds("harbour")
    subscriber.start()
    subscriber.pump()
    answer = hub.verify(**changes)
    assert (answer.status, answer.body) == (404, b"")
    assert subscriber.subscription.state is State.ASKED


@pytest.mark.parametrize("challenge", ["", "x" * 5000])
def test_a_question_without_a_fit_challenge_is_bad(subscriber: Subscriber, hub: FakeHub, challenge: str) -> None:
    hub.verifies = "later"
    subscriber.feeds("harbour")
    subscriber.start()
    subscriber.pump()
    assert hub.verify(**{"hub.challenge": challenge}).status == 400


@pytest.mark.parametrize("method", METHODS)
def test_a_signed_push_makes_the_feed_due(subscribed: Subscriber, hub: FakeHub, method: str) -> None:
    assert not subscribed.is_due
    (answer,) = hub.push(b"<feed>anything</feed>", method=method)
    assert answer.status == 204
    assert subscribed.is_due


@pytest.mark.parametrize(
    "signature", ["", "sha256=" + "0" * 64, "sha1=" + "f" * 40, "md5=" + "0" * 32, "sha256", "x" * 3000]
)
def test_a_wrong_signature_is_answered_alike_and_ignored(subscribed: Subscriber, hub: FakeHub, signature: str) -> None:
    (answer,) = hub.push(signature=signature)
    assert (answer.status, answer.body) == (204, b"")
    assert not subscribed.is_due
    assert subscribed.subscription.push_count == 0


def test_what_a_hub_pushes_never_becomes_an_article(subscribed: Subscriber, hub: FakeHub) -> None:
    """The publisher is asked instead: entries, validators and digest are the poll's alone."""
    before = subscribed.store.history.counts()
    hub.push(b"<rss><channel><item><title>Forged</title><guid>f</guid></item></channel></rss>")
    assert subscribed.store.history.counts() == before


def test_a_replay_costs_one_poll_at_most(subscribed: Subscriber, hub: FakeHub) -> None:
    for _ in range(20):
        hub.push(b"the same again")
    assert subscribed.subscription.push_count == 1
    subscribed.clock.advance(seconds=2)
    hub.push(b"the same again")
    assert subscribed.subscription.push_count == 2


def test_a_stale_feed_behind_a_push_is_polled_once_more(subscribed: Subscriber, hub: FakeHub) -> None:
    hub.push()
    subscribed.feeds("harbour")  # the poll that follows finds what it knew
    assert not subscribed.is_due
    subscribed.clock.advance(seconds=91)
    subscribed.pump()
    assert subscribed.is_due


def test_a_lease_is_renewed_before_it_ends(subscribed: Subscriber, hub: FakeHub) -> None:
    subscribed.clock.advance(days=3.9)
    subscribed.pump()
    assert len(hub.asked) == 1
    subscribed.clock.advance(days=0.2)
    subscribed.pump()
    assert [asked["hub.mode"] for asked in hub.asked] == ["subscribe", "subscribe"]
    assert hub.asked[0]["hub.callback"] == hub.asked[1]["hub.callback"]
    lease_until = subscribed.subscription.lease_until
    assert lease_until is not None
    assert (lease_until - subscribed.clock.now()).days == 5


def test_a_hubs_own_lease_counts(subscriber: Subscriber, hub: FakeHub) -> None:
    hub.lease_s = 3600
    subscriber.feeds("harbour")
    subscriber.start()
    subscriber.pump()
    subscriber.clock.advance(minutes=49)
    subscriber.pump()
    assert len(hub.asked) == 2


def test_a_hub_that_dies_during_a_lease_is_asked_until_it_is_back(subscribed: Subscriber, hub: FakeHub) -> None:
    hub.status = 500
    subscribed.clock.advance(days=4.1)
    subscribed.pump()
    assert (subscribed.subscription.state, subscribed.subscription.reason) == (State.ACTIVE, Reason.HUB_ERROR)
    assert subscribed.subscription.detail == "HTTP 500: go away"
    subscribed.clock.advance(days=1)
    subscribed.pump()
    assert subscribed.subscription.state is State.WANTED
    hub.status = 202
    subscribed.clock.advance(days=1)
    subscribed.pump()
    assert (subscribed.subscription.state, subscribed.subscription.attempts) == (State.ACTIVE, 0)


def test_a_hub_out_of_reach_costs_nothing_but_its_back_off(subscriber: Subscriber) -> None:
    subscriber.feeds("harbour", hub="http://127.0.0.1:1/hub")
    subscriber.start()
    subscriber.pump()
    subscriber.pump()
    assert (subscriber.subscription.reason, subscriber.subscription.attempts) == (Reason.HUB_UNREACHABLE, 1)


def test_a_hub_that_asks_for_a_pause_gets_it(subscriber: Subscriber, hub: FakeHub) -> None:
    hub.status, hub.headers = 429, (("Retry-After", "7200"),)
    subscriber.feeds("harbour")
    subscriber.start()
    subscriber.pump()
    assert subscriber.subscription.reason is Reason.HUB_BUSY
    subscriber.clock.advance(hours=1.9)
    subscriber.pump()
    assert len(hub.asked) == 1


def test_a_denied_subscription_is_left_alone_for_a_week(subscribed: Subscriber, hub: FakeHub) -> None:
    assert hub.deny("spam\r\nX: y").status == 200
    assert (subscribed.subscription.state, subscribed.subscription.detail) == (State.DENIED, "spam\r\nX: y")
    subscribed.clock.advance(days=6.9)
    subscribed.pump()
    assert len(hub.asked) == 1
    subscribed.clock.advance(days=0.2)
    subscribed.pump()
    assert subscribed.subscription.state is State.ACTIVE


def test_pushes_after_a_denial_are_told_that_nobody_listens(subscribed: Subscriber, hub: FakeHub) -> None:
    held = dict(hub.held)
    hub.deny()
    (request,) = held.values()
    assert hub.push_to(request, b"x", method="sha1", signature=None).status == 410


def test_a_feed_that_goes_away_is_unsubscribed(subscribed: Subscriber, hub: FakeHub) -> None:
    subscribed.store.feeds.sync([], now=subscribed.clock.now())
    subscribed.clock.advance(minutes=1)
    subscribed.pump()
    assert [asked["hub.mode"] for asked in hub.asked] == ["subscribe", "unsubscribe"]
    assert hub.asked[1].get("hub.secret") is None
    assert hub.held == {}
    assert subscribed.store.subscriptions.all() == ()


def test_a_feed_that_changes_its_hub_is_followed(subscribed: Subscriber, hub: FakeHub) -> None:
    with FakeHub() as second:
        subscribed.feeds("harbour", hub=second.url)
        subscribed.clock.advance(minutes=1)
        subscribed.pump()
        assert hub.held == {}
        assert len(second.held) == 1
        assert subscribed.subscription.hub == second.url


def test_a_farewell_that_is_not_confirmed_is_said_three_times(subscribed: Subscriber, hub: FakeHub) -> None:
    hub.verifies = "later"
    subscribed.feeds("harbour", hub=None)
    for _ in range(6):
        subscribed.clock.advance(hours=3)
        subscribed.pump()
    assert [asked["hub.mode"] for asked in hub.asked[1:]] == ["unsubscribe"] * 3
    assert subscribed.store.subscriptions.all() == ()


def test_two_feeds_of_one_topic_have_callbacks_of_their_own(subscriber: Subscriber, hub: FakeHub) -> None:
    subscriber.feeds("harbour", "mirror")
    subscriber.start()
    subscriber.pump()
    assert len(hub.held) == 2
