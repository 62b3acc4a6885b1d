"""One look at a source, as the daemon would take it: what it serves, or why it cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from monitor import __version__
from monitor.cli.context import CliContext
from monitor.core.model.entry import ParsedFeed
from monitor.core.model.feed import Feed, FeedKind, FeedState, PollReason
from monitor.core.model.fetch import FetchResponse
from monitor.core.parse.discover import common_feed_paths, feed_links
from monitor.core.poll.plan import plan_request
from monitor.core.text.language import detect_language
from monitor.errors import FetchError, ParseError
from monitor.fetch.http import HttpFetcher
from monitor.ports import Fetcher, Workers
from monitor.steps.read import LANGUAGES
from monitor.workers.pool import WorkerPool

_MOST_TRIES = 12  # pages asked for in search of a feed: what a site names, then the usual places
_TITLES_FOR_LANGUAGE = 40
_NO_HARM = {PollReason.EMPTY_FEED}


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What one look at a feed found. `feed` is the one that answered, which discovery may have changed.

    `language` is None where the entries do not show it; `others` are further feeds the page names.
    """

    feed: Feed
    reason: PollReason
    detail: str = ""
    title: str = ""
    homepage: str | None = None
    entry_count: int = 0
    newest_at: datetime | None = None
    language: str | None = None
    warnings: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether the source can be polled; an empty feed can."""
        return self.reason is PollReason.NEW_ENTRIES or self.reason in _NO_HARM

    @property
    def is_searched(self) -> bool:
        """Whether the rules can read its language."""
        return self.language is None or self.language in LANGUAGES


@dataclass(frozen=True, kw_only=True)
class Prober:
    """Looks at sources; safe to share between threads."""

    fetcher: Fetcher
    workers: Workers

    def look(self, feed: Feed) -> Probe:
        """What the feed's own URL serves; never raises for what a server does."""
        try:
            return self._parsed(feed, self._fetched(feed))
        except (FetchError, ParseError) as error:
            return Probe(feed=feed, reason=error.reason, detail=error.detail)

    def discover(self, feed: Feed) -> Probe:
        """What the URL serves, or the first usable feed behind it when it is a page."""
        try:
            response = self._fetched(feed)
        except FetchError as error:
            return Probe(feed=feed, reason=error.reason, detail=error.detail)
        try:
            return self._parsed(feed, response)
        except ParseError as error:
            first = Probe(feed=feed, reason=error.reason, detail=error.detail)
        if feed.kind is not FeedKind.FEED or first.reason is not PollReason.NOT_A_FEED:
            return first
        named = feed_links(response.body, url=response.url)
        candidates = dict.fromkeys((*named, *common_feed_paths(response.url)))
        for url in list(candidates)[:_MOST_TRIES]:
            found = self.look(replace(feed, url=url))
            if found.is_usable:
                others = tuple(each for each in named if each != url)
                return replace(found, feed=replace(found.feed, homepage=response.url), others=others)
        return replace(first, detail=f"{first.detail}; no feed was found behind it", others=named)

    def _fetched(self, feed: Feed) -> FetchResponse:
        response = self.fetcher.fetch(plan_request(feed, FeedState()))
        if response.status != 200:
            reason = {404: PollReason.HTTP_ERROR, 410: PollReason.GONE, 429: PollReason.RATE_LIMITED}.get(
                response.status, PollReason.HTTP_ERROR
            )
            raise FetchError(feed.url, reason, f"HTTP {response.status}", status=response.status)
        return response

    def _parsed(self, feed: Feed, response: FetchResponse) -> Probe:
        content_type = response.header("content-type")
        if feed.kind is FeedKind.HTML_INDEX:
            parsed = self.workers.parse_index(
                response.body, url=response.url, content_type=content_type, selector=feed.selector or "a"
            )
        else:
            parsed = self.workers.parse_feed(response.body, url=response.url, content_type=content_type)
        dates = [entry.published_at for entry in parsed.entries if entry.published_at is not None]
        return Probe(
            feed=feed,
            reason=PollReason.NEW_ENTRIES if parsed.entries else PollReason.EMPTY_FEED,
            title=parsed.title,
            homepage=parsed.homepage,
            entry_count=len(parsed.entries),
            newest_at=max(dates, default=None),
            language=_language(feed, parsed),
            warnings=parsed.warnings,
        )


def _language(feed: Feed, parsed: ParsedFeed) -> str | None:
    titles = "\n".join(entry.title for entry in parsed.entries[:_TITLES_FOR_LANGUAGE])
    return detect_language(titles, declared=feed.language or parsed.language)


@contextmanager
def open_prober(context: CliContext) -> Iterator[Prober]:
    """A prober with the configuration's own network limits."""
    settings = context.loaded.settings
    workers = settings.workers
    fetcher = HttpFetcher(settings.network, version=__version__, environ=context.environ)
    try:
        with WorkerPool(workers.count, workers.timeout, workers.max_memory) as pool:
            yield Prober(fetcher=fetcher, workers=pool)
    finally:
        fetcher.close()
