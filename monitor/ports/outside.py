"""What the steps ask of the machine and the network."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from monitor.core.model.document import ExtractedArticle
from monitor.core.model.entry import ParsedFeed
from monitor.core.model.fetch import FetchRequest, FetchResponse
from monitor.core.model.report import Article, Report
from monitor.core.model.traffic import HostTraffic
from monitor.core.model.work import HostTurn


class Clock(Protocol):
    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...


class Fetcher(Protocol):
    def turn(self, url: str) -> HostTurn:
        """When the URL's host may next be asked, as it looks now: nothing is promised to the caller."""
        ...

    def fetch(self, request: FetchRequest) -> FetchResponse:
        """The final response of any status, redirects followed.

        Raises:
            FetchError: no response at all, or one that breaks a limit.
        """
        ...


class Meter(Protocol):
    def take_traffic(self) -> tuple[HostTraffic, ...]:
        """What was asked of each host since the last call."""
        ...


class Workers(Protocol):
    """CPU-heavy work on hostile input, each call in a process that can be killed."""

    def parse_feed(self, body: bytes, *, url: str, content_type: str | None) -> ParsedFeed:
        """Raises: ParseError, WorkerFailed."""
        ...

    def parse_index(self, body: bytes, *, url: str, content_type: str | None, selector: str | None) -> ParsedFeed:
        """Raises: ParseError, WorkerFailed."""
        ...

    def parse_sitemap(self, body: bytes, *, url: str, content_type: str | None, since: datetime | None) -> ParsedFeed:
        """Raises: ParseError, WorkerFailed."""
        ...

    def extract_article(self, body: bytes, *, url: str, content_type: str | None) -> ExtractedArticle:
        """Raises: ParseError, WorkerFailed."""
        ...


class Detector(Protocol):
    @property
    def version(self) -> str:
        """Digest of the rules and data in force, stored with every report."""
        ...

    def detect(self, article: Article) -> tuple[Report, ...]:
        """The article's reports, strongest first. Never raises on any text."""
        ...
