"""The twenty sample articles on one loopback site: ten on a feed, ten behind a watched page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.e2e.command import Command
from tests.sample_articles import (
    FEED_OUTLET,
    INDEX_OUTLET,
    INDEX_SELECTOR,
    article_page,
    index_page,
    rss_feed,
    sample_articles,
)
from tests.slack_server import FakeSlack
from tests.web import Page, Web

TOKEN = "TEST_SLACK_TOKEN"  # the variable's name


def serve_samples(web: Web, *, now: datetime | None = None) -> None:
    """Put the articles, the feed and the watched page on the site, dated back from `now`."""
    now = now or datetime.now(UTC)
    root = web.url("").rstrip("/")
    web["/feed.xml"] = Page(rss_feed(root, now=now), content_type="application/rss+xml", etag='"feed"')
    web["/world"] = Page(index_page(root, now=now), etag='"index"')
    for place, outlet in (("feed", FEED_OUTLET), ("index", INDEX_OUTLET)):
        for article in sample_articles(place):
            web[article.path] = Page(article_page(article, outlet=outlet, now=now))


def sample_command(folder: Path, web: Web, slack: FakeSlack) -> Command:
    """`monitor` on the site, with the fake Slack as its only channel."""
    folder.mkdir(exist_ok=True)
    settings: dict[str, Any] = {
        "database": {"url": f"sqlite:///{folder / 'monitor.db'}"},
        "sources": [
            {"name": FEED_OUTLET, "url": web.url("/feed.xml")},
            {"name": INDEX_OUTLET, "url": web.url("/world"), "kind": "html_index", "selector": INDEX_SELECTOR},
        ],
        "channels": {
            "desk": {"kind": "slack", "channel": "alerts", "token_env": TOKEN, "api_url": slack.url, "min_gap": 0.01}
        },
        "alerts": {"timezone": "Europe/Berlin"},
        "network": {"allow_private": True, "host_gap": 0.01},
        "log": {"level": "error"},
    }
    return Command(folder, settings, {TOKEN: slack.token})
