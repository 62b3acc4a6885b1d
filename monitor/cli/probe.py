"""One look at a source, as the daemon would take it: what it serves, or why it cannot be used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin

from monitor import __version__
from monitor.cli.context import CliContext
from monitor.core.model.entry import ParsedFeed
from monitor.core.model.feed import Feed, FeedKind, FeedState, PollReason
from monitor.core.model.fetch import FetchRequest, FetchResponse
from monitor.core.parse.discover import common_feed_paths, feed_links, sitemap_places
from monitor.core.parse.sitemap import is_sitemap, sitemap_lines
from monitor.core.poll.plan import plan_request
from monitor.core.text.language import detect_language
from monitor.errors import FetchError, ParseError
from monitor.fetch.http import HttpFetcher
from monitor.ports import Clock, Fetcher, Workers
from monitor.steps.read import LANGUAGES
from monitor.steps.sitemaps import SitemapReader
from monitor.workers.pool import WorkerPool

_MOST_TRIES = 12  # pages asked for in search of a feed: what a site names, then the usual places
_MOST_SITEMAPS = 3  # of either sort: some robots.txt name dozens
_TITLES_FOR_LANGUAGE = 40
_NO_HARM = {PollReason.EMPTY_FEED}


@dataclass(frozen=True, kw_only=True)
class Try:
    """One place where a source was looked for, and what came of it."""

    url: str
    reason: PollReason
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What one look at a feed found. `feed` is the one that answered, which discovery may have changed.

    `language` is None where the entries do not show it; `others` are further feeds the page names.
    `pattern` is how a page's articles were told from its other links. `tried` are the places asked
    before the one that answered, in order. `page` is what the page itself would give, found where
    nothing else was and nobody asked for it.
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
    pattern: str = ""
    tried: tuple[Try, ...] = ()
    page: Probe | None = None

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
    clock: Clock

    def look(self, feed: Feed) -> Probe:
        """What the feed's own URL serves; never raises for what a server does."""
        try:
            return self._parsed(feed, self._fetched(feed))
        except (FetchError, ParseError) as error:
            return Probe(feed=feed, reason=error.reason, detail=error.detail)

    def discover(self, feed: Feed, *, watch: bool = False) -> Probe:
        """What the URL serves, or the first usable source behind it when it is a page.

        A feed of RSS, Atom or JSON comes first, then a sitemap for news, then a plain sitemap; last,
        with `watch`, the page itself, its article links told by what they look like.
        """
        try:
            response = self._fetched(feed)
        except FetchError as error:
            return Probe(feed=feed, reason=error.reason, detail=error.detail)
        if feed.kind is FeedKind.FEED and is_sitemap(response.body, content_type=response.header("content-type")):
            feed = replace(feed, kind=FeedKind.SITEMAP)
        try:
            return self._parsed(feed, response)
        except (FetchError, ParseError) as error:
            first = Probe(feed=feed, reason=error.reason, detail=error.detail)
        if feed.kind is not FeedKind.FEED or first.reason is not PollReason.NOT_A_FEED:
            return first
        return self._behind(first, response, watch=watch)

    def _behind(self, first: Probe, page: FetchResponse, *, watch: bool) -> Probe:
        named = feed_links(page.body, url=page.url)
        tried: list[Probe] = []
        found = self._first_of(self._candidates(first.feed, page, named), tried)
        watched = None
        if found is None:
            watched = self._watched(first.feed, page)
            found = watched if watch else None
        tries = tuple(
            Try(url=each.feed.url, reason=each.reason, detail=each.detail) for each in tried if each is not found
        )
        if found is None:
            detail = f"{first.detail}; neither feed nor sitemap was found behind it"
            useful = watched if watched and watched.is_usable else None
            return replace(first, detail=detail, others=named, tried=tries, page=useful)
        others = tuple(each for each in named if each != found.feed.url)
        return replace(found, feed=replace(found.feed, homepage=page.url), others=others, tried=tries)

    def _candidates(self, feed: Feed, page: FetchResponse, named: Sequence[str]) -> Iterator[Feed]:
        feeds = dict.fromkeys((*named, *common_feed_paths(page.url)))
        yield from (replace(feed, url=url) for url in list(feeds)[:_MOST_TRIES])
        for places in sitemap_places(page.url, named=self._named_sitemaps(page.url)):
            yield from (replace(feed, url=url, kind=FeedKind.SITEMAP) for url in places[:_MOST_SITEMAPS])

    def _first_of(self, candidates: Iterator[Feed], tried: list[Probe]) -> Probe | None:
        """The first with entries, else the first that is empty."""
        for candidate in candidates:
            found = self.look(candidate)
            tried.append(found)
            if found.is_usable and found.entry_count:
                return found
        return next((each for each in tried if each.is_usable and each.feed.kind is FeedKind.FEED), None)

    def _named_sitemaps(self, url: str) -> tuple[str, ...]:
        robots = urljoin(url, "/robots.txt")
        try:
            response = self.fetcher.fetch(FetchRequest(url=robots, accept="text/plain, */*;q=0.5", obey_robots=False))
        except FetchError:
            return ()
        return sitemap_lines(response.body, url=robots) if response.status == 200 else ()

    def _watched(self, feed: Feed, page: FetchResponse) -> Probe:
        watched = replace(feed, kind=FeedKind.HTML_INDEX, selector=None)
        try:
            return self._parsed(watched, page)
        except ParseError as error:
            return Probe(feed=watched, reason=error.reason, detail=error.detail)

    def _fetched(self, feed: Feed) -> FetchResponse:
        response = self.fetcher.fetch(plan_request(feed, FeedState()))
        if response.status != 200:
            reason = {404: PollReason.HTTP_ERROR, 410: PollReason.GONE, 429: PollReason.RATE_LIMITED}.get(
                response.status, PollReason.HTTP_ERROR
            )
            raise FetchError(feed.url, reason, f"HTTP {response.status}", status=response.status)
        return response

    def _parsed(self, feed: Feed, response: FetchResponse) -> Probe:
        parsed = self._content(feed, response)
        dates = [at for entry in parsed.entries if (at := entry.published_at or entry.updated_at) is not None]
        return Probe(
            feed=feed,
            reason=PollReason.NEW_ENTRIES if parsed.entries else PollReason.EMPTY_FEED,
            title=parsed.title,
            homepage=parsed.homepage,
            entry_count=len(parsed.entries),
            newest_at=min(max(dates), self.clock.now()) if dates else None,
            language=_language(feed, parsed),
            warnings=parsed.warnings,
            pattern=parsed.pattern,
        )

    def _content(self, feed: Feed, response: FetchResponse) -> ParsedFeed:
        content_type = response.header("content-type")
        match feed.kind:
            case FeedKind.SITEMAP:
                reader = SitemapReader(fetcher=self.fetcher, workers=self.workers, clock=self.clock)
                return reader.read(feed, FeedState(), response)
            case FeedKind.HTML_INDEX:
                return self.workers.parse_index(
                    response.body, url=response.url, content_type=content_type, selector=feed.selector
                )
            case FeedKind.FEED | FeedKind.INGEST:  # an ingested source is never looked at
                return self.workers.parse_feed(response.body, url=response.url, content_type=content_type)


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
            yield Prober(fetcher=fetcher, workers=pool, clock=context)
    finally:
        fetcher.close()
