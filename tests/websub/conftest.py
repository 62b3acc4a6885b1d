"""A subscriber on loopback: real store, real fetcher, real listener, a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from monitor.core.model.feed import Feed
from monitor.core.model.subscription import Advertised, Subscription
from monitor.fetch.http import HttpFetcher
from monitor.schedule.health import StoreHealth
from monitor.schedule.pool import StepPool
from monitor.settings.schema import Network, WebSub
from monitor.steps.step import Step
from monitor.store.database import SqlStore, open_store
from monitor.websub.service import WebSubService
from tests.databases import NewDatabase
from tests.house import StoppedClock
from tests.store.arrange import NOON, claimed_feed, entry, record
from tests.websub.fake_hub import FakeHub

TOPIC = "https://harbour.example/feed"


@dataclass
class Subscriber:
    """One feed that names the hub, and all that listens and asks. `pump` works what is due."""

    store: SqlStore
    service: WebSubService
    hub: FakeHub
    clock: StoppedClock
    steps: tuple[Step, ...] = ()
    settings: WebSub = field(default_factory=WebSub)

    def start(self, **settings: object) -> None:
        """Switch it on, with the callback at whatever port comes free."""
        port = self.service.port
        wanted = WebSub(enabled=True, listen=f"127.0.0.1:{port or 0}", callback="http://127.0.0.1:1/hooks/")
        self.configure(wanted.model_copy(update=settings))
        assert self.service.port is not None
        # Only now is the port known: hubs reach it under the callback of a second, equal configuration.
        callback = f"http://127.0.0.1:{self.service.port}/hooks/"
        listen = f"127.0.0.1:{self.service.port}"
        self.configure(self.settings.model_copy(update={"callback": callback, "listen": listen}))

    def configure(self, settings: WebSub) -> None:
        self.settings = settings
        self.steps = self.service.configure(settings)

    def stop(self) -> None:
        """Switch it off, as a reload does."""
        self.configure(self.settings.model_copy(update={"enabled": False}))

    def pump(self) -> None:
        health = StoreHealth(patience_s=60, give_up=pytest.fail)
        for step in self.steps:
            StepPool(step, health).drain()

    def feeds(self, *names: str, hub: str | None = "", topic: str = TOPIC) -> None:
        """These feeds are configured, each polled once and naming the hub ("" for the fake one, None for none)."""
        self.store.feeds.sync(
            [Feed(name=name, url=f"https://{name}.example/feed") for name in names], now=self.clock.now()
        )
        self.store.feeds.make_due(now=self.clock.now())
        for _ in names:
            claim = claimed_feed(self.store, now=self.clock.now())
            named = Advertised() if hub is None else Advertised(hub=hub or self.hub.url, topic=topic)
            later = self.clock.at.replace(year=2099)
            polled = claim.state.with_changes(next_poll_at=later, last_polled_at=NOON.replace(year=2020))
            record(self.store, claim, entry("a"), now=self.clock.now(), advertised=named, state=polled)

    @property
    def subscription(self) -> Subscription:
        (found,) = self.store.subscriptions.all()
        return found

    @property
    def is_due(self) -> bool:
        """Whether the one feed is to be polled now."""
        (view,) = [view for view in self.store.history.feeds() if view.feed.enabled]
        assert view.state.next_poll_at is not None
        return view.state.next_poll_at <= self.clock.now()


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub() as hub:
        yield hub


@pytest.fixture
def subscriber(new_database: NewDatabase, hub: FakeHub) -> Iterator[Subscriber]:
    """Nothing is configured yet."""
    with new_database("sqlite") as url:
        store = open_store(url)
        network = Network(allow_private=True, host_gap=0.001, connect_timeout=2, read_timeout=5, total_timeout=10)
        fetcher = HttpFetcher(network, version="1", environ={})
        clock = StoppedClock(NOON)
        service = WebSubService(store=store.subscriptions, poster=fetcher, clock=clock)
        yield Subscriber(store=store, service=service, hub=hub, clock=clock)
        service.close()
        fetcher.close()
        store.close()


@pytest.fixture
def subscribed(subscriber: Subscriber) -> Subscriber:
    """One feed, verified."""
    subscriber.feeds("harbour")
    subscriber.start()
    subscriber.pump()
    return subscriber
