"""Subscriptions at hubs, on each database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.model.feed import FeedKind
from monitor.core.model.subscription import Advertised, HubFeed, Subscription, SubscriptionReason, SubscriptionState
from monitor.core.websub.decide import ECHO_AFTER, Changes
from monitor.errors import LeaseLost
from monitor.store.database import SqlStore
from tests.store.arrange import DAY, MINUTE, NOON, claimed_feed, entry, feed, poll, record

HUB = "https://hub.example/"
TOPIC = "https://www.harbourpost.example/rss"
NAMED = Advertised(hub=HUB, topic=TOPIC)
State, Reason = SubscriptionState, SubscriptionReason


def made(hub_feed: HubFeed, token: str = "t1") -> Subscription:
    return Subscription(
        feed_id=hub_feed.feed_id, hub=hub_feed.hub, topic=hub_feed.topic, callback=f"https://news.example/{token}",
        token=token, secret="s", due_at=NOON,
    )  # fmt: skip


def advertise(store: SqlStore, advertised: Advertised | None = NAMED, **changes: object) -> None:
    """One feed, polled once, that names a hub."""
    store.feeds.sync([feed(**changes)], now=NOON)
    store.feeds.make_due(now=NOON)
    record(store, claimed_feed(store), entry("a"), advertised=advertised)


def subscribe(store: SqlStore) -> Subscription:
    """A subscription to that feed's topic, which was asked for."""
    advertise(store)
    store.subscriptions.apply(Changes(add=store.subscriptions.hub_feeds()), made=made, now=NOON)
    (claim,) = store.subscriptions.claim_due(now=NOON, limit=5, lease_s=60)
    store.subscriptions.record(claim, replace(claim.subscription, state=State.ACTIVE, due_at=NOON + DAY))
    return store.subscriptions.all()[0]


def next_poll_at(store: SqlStore) -> object:
    return store.history.feeds()[0].state.next_poll_at


def test_the_hub_is_what_the_last_parsed_body_names(store: SqlStore) -> None:
    """An answer that was not parsed says nothing about it."""
    advertise(store)
    (found,) = store.subscriptions.hub_feeds()
    assert (found.hub, found.topic) == (HUB, TOPIC)
    advertise(store, None)
    assert store.subscriptions.hub_feeds() == (found,)
    advertise(store, Advertised(hub="https://new.example/", topic=TOPIC))
    assert store.subscriptions.hub_feeds()[0].hub == "https://new.example/"
    advertise(store, Advertised())
    assert store.subscriptions.hub_feeds() == ()


@pytest.mark.parametrize(
    "changes", [{"enabled": False}, {"headers_env": "X"}, {"auth_env": "X"}, {"kind": FeedKind.HTML_INDEX}]
)
def test_private_and_disabled_feeds_are_no_hubs_business(store: SqlStore, changes: dict[str, object]) -> None:
    advertise(store)
    store.feeds.sync([feed(**changes)], now=NOON)
    assert store.subscriptions.hub_feeds() == ()


def test_a_subscription_comes_back_as_it_was(store: SqlStore) -> None:
    subscription = subscribe(store)
    wanted = replace(
        subscription,
        reason=Reason.VERIFIED,
        detail="d",
        attempts=3,
        lease_until=NOON + DAY,
        push_count=2,
        pushed_at=NOON,
    )
    assert store.subscriptions.change("t1", lambda each: ("yes", wanted)) == "yes"
    assert store.subscriptions.by_token("t1") == wanted
    assert store.subscriptions.by_token("t2") is None
    assert store.subscriptions.change("t2", lambda each: ("yes", None)) is None


def test_a_feed_has_one_subscription_at_most(store: SqlStore) -> None:
    """Two processes that both find it missing add one; one that ends does not count."""
    subscription = subscribe(store)
    again = HubFeed(feed_id=subscription.feed_id, hub=HUB, topic=TOPIC)
    store.subscriptions.apply(Changes(add=(again,)), made=lambda each: made(each, "t2"), now=NOON)
    assert [each.token for each in store.subscriptions.all()] == ["t1"]
    ended = Changes(add=(again,), end=((subscription.id, Reason.HUB_CHANGED),))
    store.subscriptions.apply(ended, made=lambda each: made(each, "t2"), now=NOON)
    assert {each.token: each.state for each in store.subscriptions.all()} == {"t1": State.ENDING, "t2": State.WANTED}


def test_one_that_was_never_asked_for_is_forgotten(store: SqlStore) -> None:
    advertise(store)
    store.subscriptions.apply(Changes(add=store.subscriptions.hub_feeds()), made=made, now=NOON)
    (subscription,) = store.subscriptions.all()
    store.subscriptions.apply(Changes(end=((subscription.id, Reason.FEED_GONE),)), made=made, now=NOON)
    assert store.subscriptions.all() == ()


def test_what_is_claimed_is_not_claimed_again(store: SqlStore, other: SqlStore) -> None:
    advertise(store)
    store.subscriptions.apply(Changes(add=store.subscriptions.hub_feeds()), made=made, now=NOON)
    (claim,) = store.subscriptions.claim_due(now=NOON, limit=5, lease_s=60)
    assert claim.subscription.asked_at == NOON
    assert other.subscriptions.claim_due(now=NOON, limit=5, lease_s=60) == ()
    (later,) = other.subscriptions.claim_due(now=NOON + 2 * MINUTE, limit=5, lease_s=60)
    with pytest.raises(LeaseLost):
        store.subscriptions.record(claim, claim.subscription)
    other.subscriptions.record(later, later.subscription)


def test_a_verification_outruns_the_hubs_answer(store: SqlStore) -> None:
    """Many hubs ask back before they answer: what they verified must not be undone by the answer."""
    advertise(store)
    store.subscriptions.apply(Changes(add=store.subscriptions.hub_feeds()), made=made, now=NOON)
    (claim,) = store.subscriptions.claim_due(now=NOON, limit=5, lease_s=60)
    store.subscriptions.change("t1", lambda each: (True, replace(each, state=State.ACTIVE)))
    with pytest.raises(LeaseLost):
        store.subscriptions.record(claim, replace(claim.subscription, state=State.ASKED))
    assert store.subscriptions.all()[0].state is State.ACTIVE


def test_a_dead_process_leaves_no_claim(store: SqlStore) -> None:
    advertise(store)
    store.subscriptions.apply(Changes(add=store.subscriptions.hub_feeds()), made=made, now=NOON)
    store.subscriptions.claim_due(now=NOON, limit=5, lease_s=3600)
    assert store.subscriptions.claim_due(now=NOON + MINUTE, limit=5, lease_s=60) == ()
    store.release_leases(lambda owner: True)
    assert len(store.subscriptions.claim_due(now=NOON + MINUTE, limit=5, lease_s=60)) == 1


def test_farewells_that_nobody_heard_end(store: SqlStore) -> None:
    subscription = subscribe(store)
    store.subscriptions.change("t1", lambda each: (True, replace(each, state=State.ENDING, attempts=3, due_at=NOON)))
    assert store.subscriptions.claim_due(now=NOON, limit=5, lease_s=60) == ()
    assert store.subscriptions.by_token(subscription.token) is None


def test_a_push_makes_its_feed_due(store: SqlStore) -> None:
    subscribe(store)
    store.feeds.make_due(now=NOON)
    claim = claimed_feed(store)
    record(store, claim, state=claim.state.with_changes(next_poll_at=NOON + DAY, last_polled_at=NOON - DAY))
    assert store.subscriptions.push("t1", now=NOON + MINUTE)
    assert next_poll_at(store) == NOON + MINUTE
    subscription = store.subscriptions.all()[0]
    assert (subscription.push_count, subscription.pushed_at) == (1, NOON + MINUTE)


def test_a_push_leaves_a_poll_under_way_its_lease(store: SqlStore) -> None:
    subscribe(store)
    store.feeds.make_due(now=NOON)
    claim = claimed_feed(store)
    store.subscriptions.push("t1", now=NOON)
    assert record(store, claim, entry("b")).new == 1


@pytest.mark.parametrize("state", [State.ENDING, State.DENIED])
def test_nobody_listens_to_a_push_that_is_not_wanted(store: SqlStore, state: State) -> None:
    subscribe(store)
    store.subscriptions.change("t1", lambda each: (True, replace(each, state=state)))
    before = next_poll_at(store)
    assert not store.subscriptions.push("t1", now=NOON)
    assert not store.subscriptions.push("t9", now=NOON)
    assert next_poll_at(store) == before


def test_a_push_that_led_to_nothing_new_is_followed_up_once(store: SqlStore) -> None:
    """A cache in front of the feed may have served its old copy."""
    subscribe(store)
    store.subscriptions.push("t1", now=NOON)
    poll(store, entry("a"), now=NOON + MINUTE)
    assert store.subscriptions.echo(now=NOON + ECHO_AFTER - timedelta(seconds=1)) == 0
    record_later(store)
    assert store.subscriptions.echo(now=NOON + ECHO_AFTER) == 1
    assert next_poll_at(store) == NOON + ECHO_AFTER
    assert store.subscriptions.echo(now=NOON + DAY) == 0


def test_a_push_that_brought_news_is_not(store: SqlStore) -> None:
    subscribe(store)
    store.subscriptions.push("t1", now=NOON)
    poll(store, entry("new"), now=NOON + MINUTE)
    assert store.subscriptions.echo(now=NOON + DAY) == 0


def record_later(store: SqlStore) -> None:
    """The feed is next due in a day."""
    store.feeds.make_due(now=NOON)
    claim = claimed_feed(store)
    record(store, claim, state=claim.state.with_changes(next_poll_at=NOON + DAY, last_polled_at=NOON))
