"""The request that asks a feed for what is new."""

from __future__ import annotations

from monitor.core.model.feed import Feed, FeedKind, FeedState, RobotsPolicy
from monitor.core.model.fetch import FetchPurpose, FetchRequest
from monitor.core.poll.moved import asked_url

# Feed types first, then XML at large; */* last, since some servers answer 406 to a closed list.
FEED_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/feed+json;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.5"
)
PAGE_ACCEPT = "text/html, application/xhtml+xml, application/xml;q=0.8, */*;q=0.5"

# A compressed sitemap may come as a file of its own type, not as an encoding.
SITEMAP_ACCEPT = "application/xml, text/xml, application/gzip, application/x-gzip;q=0.9, */*;q=0.5"
_ACCEPT = {FeedKind.FEED: FEED_ACCEPT, FeedKind.HTML_INDEX: PAGE_ACCEPT, FeedKind.SITEMAP: SITEMAP_ACCEPT}


def plan_request(feed: Feed, state: FeedState, *, unconditional: bool = False) -> FetchRequest:
    """The GET for one poll, to where the feed lives now, with the validators exactly as the server gave them.

    `unconditional` leaves the validators out, which unmasks a server whose 304 lies.
    """
    return FetchRequest(
        url=asked_url(feed, state),
        purpose=FetchPurpose.FEED,
        etag=None if unconditional else state.etag,
        last_modified=None if unconditional else state.last_modified,
        accept=_ACCEPT[feed.kind],
        obey_robots=feed.robots is RobotsPolicy.OBEY,
        headers_env=feed.headers_env,
        auth_env=feed.auth_env,
    )
