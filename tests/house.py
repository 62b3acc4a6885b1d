"""A whole monitor for tests: loopback web, fake Slack, a real database, the real pipeline, a stopped clock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from monitor.app import App, open_app
from monitor.core.model.document import ReadReason
from monitor.core.model.feed import FeedState, PollReason
from monitor.core.model.history import AlertFilter, AlertView, Counts
from monitor.schedule.once import work_all
from monitor.settings.load import load_settings
from monitor.store.database import SqlStore, open_store
from monitor.workers.pool import WorkerPool
from tests.slack_server import FakeSlack
from tests.web import Page, Web

NOW = datetime(2024, 10, 29, 12, 0, tzinfo=UTC)


@dataclass
class StoppedClock:
    """Time passes only when a test says so."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def advance(self, **parts: float) -> None:
        self.at += timedelta(**parts)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One article of the test web; its page holds `text`, its feed entry title, link and date."""

    slug: str
    title: str
    text: str = ""
    published_at: datetime | None = NOW - timedelta(minutes=20)
    summary: str = ""

    def rss(self, web: Web) -> str:
        date = f"<pubDate>{format_datetime(self.published_at)}</pubDate>" if self.published_at else ""
        link = web.url(f"/{self.slug}.html")
        return (
            f"<item><title>{escape(self.title)}</title><link>{link}</link>"
            f"<guid isPermaLink='false'>{self.slug}</guid>{date}"
            f"<description>{escape(self.summary)}</description></item>"
        )

    def html(self) -> str:
        paragraphs = "".join(f"<p>{escape(p)}</p>" for p in self.text.split("\n"))
        stated = (
            f'<meta property="article:published_time" content="{self.published_at.isoformat()}">'
            if self.published_at
            else ""
        )
        return (
            f"<!doctype html><html lang='en'><head><title>{escape(self.title)} | Test Post</title>{stated}</head>"
            f"<body><nav><a href='/'>Home</a> <a href='/world'>World</a></nav>"
            f"<article><h1>{escape(self.title)}</h1>{paragraphs}</article>"
            f"<footer>All rights reserved by nobody.</footer></body></html>"
        )


@dataclass
class House:
    """Use as a context manager. `settings` is laid over the test configuration, key by key."""

    folder: Path
    database_url: str
    workers: WorkerPool
    settings: Mapping[str, Any] = field(default_factory=dict)
    clock: StoppedClock = field(default_factory=StoppedClock)
    web: Web = field(default_factory=Web)
    slack: FakeSlack = field(default_factory=FakeSlack)
    sources: list[dict[str, Any]] = field(default_factory=list)
    _pages: dict[str, Page] = field(default_factory=dict)

    def __enter__(self) -> House:
        self.web.__enter__()
        self.slack.follow(lambda: self.clock.now().timestamp())
        self.slack.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.slack.__exit__(kind, value, trace)
        self.web.__exit__(kind, value, trace)

    def publish_feed(self, path: str, items: Sequence[Item], *, name: str = "Test Post", **source: Any) -> None:
        """Serve the items as RSS with their pages, and watch the feed."""
        body = (
            f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>{name}</title>"
            f"<language>en</language>{''.join(item.rss(self.web) for item in items)}</channel></rss>"
        )
        etag = f'"{hashlib.sha256(body.encode()).hexdigest()}"'
        self._serve(path, Page(body, content_type="application/rss+xml", etag=etag))
        self._serve_pages(items)
        self._watch({"name": name, "url": self.web.url(path), **source})

    def publish_index(self, path: str, items: Sequence[Item], *, name: str = "Test Index", **source: Any) -> None:
        """Serve a page of links to the items, and watch it by selector."""
        links = "".join(f"<li class='story'><a href='/{i.slug}.html'>{escape(i.title)}</a></li>" for i in items)
        nav = "<nav><a href='/about'>About</a></nav>"
        self._serve(path, Page(f"<html lang='en'><body>{nav}<ul>{links}</ul></body></html>"))
        self._serve_pages(items)
        self._watch({"name": name, "url": self.web.url(path), "kind": "html_index", "selector": "li.story a", **source})

    def config(self) -> Path:
        """The configuration file as it now stands."""
        settings: dict[str, Any] = {
            "database": {"url": self.database_url},
            "sources": self.sources,
            "channels": {
                "desk": {
                    "kind": "slack",
                    "channel": "alerts",
                    "token_env": "TEST_SLACK_TOKEN",
                    "api_url": self.slack.url,
                    "min_gap": 0.001,
                }
            },
            "network": {"allow_private": True, "host_gap": 0.001, "connect_timeout": 2, "read_timeout": 2},
            "poll": {"unconditional_share": 0, "seed": "house"},
            "alerts": {"timezone": "UTC"},
            "log": {"level": "error"},
        }
        for section, keys in self.settings.items():
            for key, value in keys.items():
                old = settings.setdefault(section, {}).get(key)
                settings[section][key] = {**old, **value} if isinstance(old, dict) else value
        path = self.folder / "monitor.yaml"
        path.write_text(yaml.safe_dump(settings), encoding="utf-8")
        return path

    @property
    def environ(self) -> dict[str, str]:
        return {"TEST_SLACK_TOKEN": self.slack.token}

    def open(self) -> App:
        """The app on this configuration; close its store when done."""
        loaded = load_settings(self.config(), environ=self.environ)
        return open_app(loaded, environ=self.environ, clock=self.clock, workers=self.workers)

    def run_once(self) -> None:
        """Poll every feed and work all steps until nothing is left, as `monitor run --once` does."""
        app = self.open()
        try:
            app.store.feeds.make_due(now=self.clock.now())
            work_all(app.steps, has_retries=lambda: False, linger_s=0.0)
        finally:
            app.fetcher.close()
            app.store.close()

    @contextmanager
    def store(self) -> Iterator[SqlStore]:
        """The database as it now stands, for looking."""
        store = open_store(self.database_url)
        try:
            yield store
        finally:
            store.close()

    def alerts(self, **wanted: Any) -> list[AlertView]:
        """The stored alerts that match, newest first."""
        with self.store() as store:
            return list(store.history.alerts(AlertFilter(**wanted)))

    def counts(self) -> Counts:
        with self.store() as store:
            return store.history.counts()

    def last_reasons(self) -> dict[str, PollReason]:
        """How each feed's last poll ended, by feed name."""
        with self.store() as store:
            return {view.feed.name: view.state.last_reason for view in store.history.feeds()}

    def feed_state(self, name: str = "Test Post") -> FeedState:
        """What a feed remembers."""
        with self.store() as store:
            return next(view.state for view in store.history.feeds() if view.feed.name == name)

    def documents(self) -> dict[str, ReadReason | None]:
        """Why each document's text is what it is, by title."""
        with self.store() as store:
            found = [store.documents.stored_text(number) for number in range(1, self.counts().documents + 1)]
        return {document.title: document.reason for document in found if document}

    def web_page(self, path: str) -> Page:
        """What a published path serves."""
        return self._pages[path]

    def told(self) -> set[tuple[str, str]]:
        """Type and phase of every stored alert."""
        return {(view.alert.message.type, view.alert.message.phase) for view in self.alerts()}

    def _serve_pages(self, items: Sequence[Item]) -> None:
        for item in items:
            if item.text:
                self.web[f"/{item.slug}.html"] = Page(item.html())

    def _serve(self, path: str, page: Page) -> None:
        self._pages[path] = page
        self.web[path] = page

    def _watch(self, source: dict[str, Any]) -> None:
        self.sources[:] = [s for s in self.sources if s["url"] != source["url"]] + [source]
