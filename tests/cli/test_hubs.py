"""`monitor sources hubs`: what is heard from whom, and nothing that must stay secret."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.core.model.feed import Feed
from monitor.core.model.subscription import Advertised, HubFeed, Subscription, SubscriptionReason, SubscriptionState
from monitor.core.websub.decide import Changes
from monitor.settings.paths import alembic_dir
from monitor.store.database import open_store
from monitor.store.migrate import upgrade
from tests.cli.conftest import Cli
from tests.cli.samples import NOW
from tests.store.arrange import claimed_feed, entry, record

HUB = "https://hub.example/"


@pytest.fixture
def heard(cli: Cli) -> Cli:
    """Two feeds that name a hub, one of them subscribed."""
    url = f"sqlite:///{cli.folder}/var/monitor.db"
    upgrade(url, alembic_dir())
    store = open_store(url)
    store.feeds.sync([Feed(name=name, url=f"https://{name}.example/f") for name in ("Lake", "Harbour")], now=NOW)
    for _ in range(2):
        claim = claimed_feed(store, now=NOW)
        record(store, claim, entry("a"), now=NOW, advertised=Advertised(hub=HUB, topic=claim.feed.url))
    first = store.subscriptions.hub_feeds()[:1]

    def made(feed: HubFeed) -> Subscription:
        return Subscription(
            feed_id=feed.feed_id, hub=feed.hub, topic=feed.topic, callback="https://news.example/TOKEN",
            token="TOKEN", secret="SECRET", due_at=NOW,
        )  # fmt: skip

    store.subscriptions.apply(Changes(add=first), made=made, now=NOW)
    active = {"state": SubscriptionState.ACTIVE, "reason": SubscriptionReason.VERIFIED, "lease_until": NOW}
    store.subscriptions.change("TOKEN", lambda each: (True, replace(each, push_count=3, pushed_at=NOW, **active)))
    store.close()
    return cli


def test_subscriptions_are_listed_with_their_state(heard: Cli) -> None:
    ran = heard("sources", "hubs")
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert [row[:3] + row[4:5] + row[6:] for row in rows[1:]] == [
        ["Harbour", "not subscribed", "", "", HUB],
        ["Lake", "active", "verified", "3", HUB],
    ]
    assert "switched off" in ran.err


def test_nothing_secret_is_shown(heard: Cli) -> None:
    for arguments in (["sources", "hubs"], ["sources", "hubs", "--json"]):
        ran = heard(*arguments)
        assert "TOKEN" not in ran.out + ran.err
        assert "SECRET" not in ran.out + ran.err
    assert [each["state"] for each in heard("sources", "hubs", "--json").json] == [None, "active"]


def test_without_hubs_it_says_so(history: Cli) -> None:
    ran = history("sources", "hubs")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith("No feed names a hub")
