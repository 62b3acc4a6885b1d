"""When a permanent redirect is believed, and when the old address is asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.model.feed import Feed, FeedState, PollReason
from monitor.core.poll.interval import after_failure
from monitor.core.poll.moved import after_lost_move, after_redirects, asked_url

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
OLD, NEW, OTHER = "https://old.example/feed", "https://new.example/feed", "https://third.example/feed"
FEED = Feed(name="Paper", url=OLD)


def seen(state: FeedState, url: str | None, *, on_day: float, feed: Feed = FEED) -> FeedState:
    return after_redirects(state, feed=feed, permanent_url=url, now=NOW + on_day * DAY)


def test_a_week_at_one_place_is_a_move():
    """Seven days without another answer, and from then on the new address is asked."""
    state = seen(FeedState(), NEW, on_day=0)
    assert (state.redirect_url, state.redirect_since, asked_url(FEED, state)) == (NEW, NOW, OLD)
    state = seen(state, NEW, on_day=6.99)
    assert asked_url(FEED, state) == OLD
    state = seen(state, NEW, on_day=7)
    assert (asked_url(FEED, state), state.redirect_url, state.redirect_since) == (NEW, None, None)


@pytest.mark.parametrize("between", [None, OTHER], ids=["an answer without redirect", "another place"])
def test_the_week_starts_again_when_the_sight_is_not_consistent(between):
    """A maintenance page or a load balancer's whim moves nobody."""
    state = seen(seen(FeedState(), NEW, on_day=0), between, on_day=3)
    state = seen(state, NEW, on_day=4)
    assert asked_url(FEED, seen(state, NEW, on_day=8)) == OLD
    assert asked_url(FEED, seen(state, NEW, on_day=11)) == NEW


@pytest.mark.parametrize(
    ("before", "after", "is_at_once"),
    [
        ("http://p.example/feed?a=1", "https://p.example/feed?a=1", True),
        ("http://p.example:80/", "https://p.example:443", True),
        ("http://p.example/feed", "https://www.p.example/feed", False),
        ("http://p.example/feed", "https://p.example/other", False),
        ("http://p.example:8080/feed", "https://p.example/feed", False),
        ("https://p.example/feed", "http://p.example/feed", False),
    ],
)
def test_only_the_same_address_by_https_is_adopted_at_once(before, after, is_at_once):
    """Nothing else about the feed changes then, and every poll is one request less and safer."""
    feed = Feed(name="Paper", url=before)
    assert asked_url(feed, seen(FeedState(), after, on_day=0, feed=feed)) == (after if is_at_once else before)


@pytest.mark.parametrize(
    ("feed", "place", "moves"),
    [
        (Feed(name="P", url=OLD, auth_env="A"), NEW, False),
        (Feed(name="P", url=OLD, headers_env="H"), NEW, False),
        (Feed(name="P", url=OLD, auth_env="A"), "https://old.example/feed2", True),
        (Feed(name="P", url=OLD, auth_env="A"), "http://old.example/feed2", False),
        (Feed(name="P", url="https://u:p@old.example/feed"), "https://old.example/feed2", False),
    ],
)
def test_credentials_never_move_to_another_host(feed, place, moves):
    """Or onto an open line: asked directly, the new place would get what the redirect loop withholds."""
    state = seen(FeedState(), place, on_day=0, feed=feed)
    assert state.redirect_url == place
    assert asked_url(feed, seen(state, place, on_day=30, feed=feed)) == (place if moves else feed.url)


def test_a_move_can_go_on():
    """The adopted address may redirect in its turn."""
    state = FeedState(moved_to=NEW)
    state = seen(seen(state, OTHER, on_day=0), OTHER, on_day=7)
    assert asked_url(FEED, state) == OTHER


def test_an_adopted_address_that_fails_is_given_up():
    """After three hard failures the configured one is asked again, without what was learnt at the other."""
    state = FeedState(moved_to=NEW, etag='"1"', last_modified="x", body_digest="d", interval_s=600.0)
    for count in (1, 2, 3):
        state = after_lost_move(
            after_failure(
                state, feed=FEED, reason=PollReason.GONE, now=NOW, floor_s=300, cap_s=86400, default_s=600, jitter=0
            )
        )
        assert (asked_url(FEED, state) == NEW) is (count < 3)
    assert (state.etag, state.last_modified, state.body_digest, state.gone_since) == (None, None, None, None)
