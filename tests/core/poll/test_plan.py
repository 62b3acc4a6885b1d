"""The request that asks a feed for what is new."""

from __future__ import annotations

from monitor.core.model.feed import Feed, FeedKind, FeedState, RobotsPolicy
from monitor.core.poll.plan import plan_request

FEED = Feed(name="Paper", url="https://paper.example/feed")


def test_validators_go_back_exactly_as_they_came():
    """A weak, unquoted or odd ETag is the server's own business."""
    state = FeedState(etag="W/odd-'tag'", last_modified="yesterday, roughly")
    request = plan_request(FEED, state)
    assert (request.etag, request.last_modified) == ("W/odd-'tag'", "yesterday, roughly")


def test_an_unconditional_poll_carries_no_validators():
    """The way to find a server whose 304 lies."""
    request = plan_request(FEED, FeedState(etag='"1"', last_modified="x"), unconditional=True)
    assert (request.etag, request.last_modified) == (None, None)


def test_feeds_and_pages_are_asked_for_by_their_types():
    """Servers that negotiate get to know what is wanted; nobody is told that nothing else will do."""
    feed = plan_request(FEED, FeedState()).accept
    page = plan_request(Feed(name="Paper", url="https://paper.example", kind=FeedKind.HTML_INDEX), FeedState()).accept
    assert "application/rss+xml" in feed
    assert page.startswith("text/html")
    assert "*/*" in feed
    assert "*/*" in page


def test_the_sources_own_wishes_are_passed_on():
    """Names of credential variables and the robots policy."""
    feed = Feed(
        name="P", url="https://p.example", headers_env="P_HEADERS", auth_env="P_AUTH", robots=RobotsPolicy.IGNORE
    )
    request = plan_request(feed, FeedState())
    assert (request.headers_env, request.auth_env, request.obey_robots) == ("P_HEADERS", "P_AUTH", False)
    assert plan_request(FEED, FeedState()).obey_robots
