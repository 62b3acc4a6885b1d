"""A sitemap with what it leads to: the few of an index's sitemaps that may hold news, asked conditionally."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Lock
from urllib.parse import urlsplit

from monitor.core.model.entry import Entry, ParsedFeed, SitemapLink
from monitor.core.model.feed import Feed, FeedState, PollReason
from monitor.core.model.fetch import FetchResponse
from monitor.core.parse.sitemap import RECENT, names_news
from monitor.core.poll.plan import plan_request
from monitor.errors import FetchError, ParseError
from monitor.ports import Clock, Fetcher, Workers

MOST_FOLLOWED = 5
"""Sitemaps of an index asked in one poll; the others have their turn at the next one."""
FOLLOW_S = 60.0
"""After so long a poll follows no further sitemap, or its lease would lapse."""

_LONGEST_WINDOW = timedelta(days=14)  # after a longer pause, what lies between is history
_OVERLAP = timedelta(minutes=10)  # clocks differ, and files are put in place some time after their date
_REBUILT = 100  # no site publishes so much between two polls
_MOST_REMEMBERED = 20_000  # some 4 MB

KnownGuids = Callable[[int, Sequence[str]], Collection[str]]


@dataclass
class SitemapReader:
    """Reads sitemaps; thread-safe. It remembers when it last asked each sitemap of an index.

    An index is followed one level deep, at most MOST_FOLLOWED of its sitemaps a poll, each through
    the fetcher with its guard, robots.txt and pace, and with If-Modified-Since from the second time
    on. One that has not changed by the index's own word is not asked at all, unless its name says
    that it holds news: there the index may be the slower of the two.
    """

    fetcher: Fetcher
    workers: Workers
    clock: Clock
    known_guids: KnownGuids | None = None
    _asked_at: OrderedDict[str, datetime] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def read(self, feed: Feed, state: FeedState, response: FetchResponse) -> ParsedFeed:
        """The recent entries of the sitemap, or of those its index leads to.

        More than some new entries without any date at once come from a rebuilt or newly met file: they are archive.

        Raises:
            ParseError: the body is no sitemap.
            FetchError, ParseError: the reason of the first, when none of an index's sitemaps can be had.
        """
        since = window_start(state, self.clock.now())
        found = self._parsed(response, since)
        if found.sitemaps:
            found = self._followed(feed, state, found, since)
        return replace(found, entries=self._told_from_archive(feed, state, found.entries))

    def _parsed(self, response: FetchResponse, since: datetime) -> ParsedFeed:
        content_type = response.header("content-type")
        return self.workers.parse_sitemap(response.body, url=response.url, content_type=content_type, since=since)

    def _followed(self, feed: Feed, state: FeedState, index: ParsedFeed, since: datetime) -> ParsedFeed:
        started_at = self.clock.now()
        due, resting_count = self._due(index.sitemaps, state)
        read: list[ParsedFeed] = []
        faults: list[FetchError | ParseError] = []
        unchanged_count, asked_count = resting_count, 0
        for link in due[:MOST_FOLLOWED]:
            if self.clock.now() - started_at > timedelta(seconds=FOLLOW_S):
                break
            asked_count += 1
            try:
                child = self._asked(feed, state, link, since)
            except (FetchError, ParseError) as error:
                faults.append(error)
                continue
            if child is None:
                unchanged_count += 1
            else:
                read.append(child)
        if faults and not read and not unchanged_count:
            raise faults[0]
        warnings = [f"a sitemap could not be read: {fault}" for fault in faults]
        if asked_count < len(due):
            warnings.append(f"{len(due) - asked_count} sitemaps wait for the next poll")
        merged = _merged(index, read, warnings)
        return replace(merged, unchanged=not read and unchanged_count > 0)

    def _due(self, links: Sequence[SitemapLink], state: FeedState) -> tuple[list[SitemapLink], int]:
        """Which to ask, those for news first, then the one asked longest ago; and how many rest."""
        due = [link for link in links if not self._rests(link, state)]
        never = datetime.min.replace(tzinfo=UTC)
        with self._lock:
            due.sort(key=lambda link: (not names_news(link.url), self._asked_at.get(link.url, never)))
        return due, len(links) - len(due)

    def _rests(self, link: SitemapLink, state: FeedState) -> bool:
        asked_at = self._seen_until(link, state)
        return bool(asked_at and link.changed_at and link.changed_at < asked_at and not names_news(link.url))

    def _seen_until(self, link: SitemapLink, state: FeedState) -> datetime | None:
        """Up to when its changes have been stored; None when that is not known.

        What was asked but never written does not count: then the state is older than the memory.
        """
        with self._lock:
            asked_at = self._asked_at.get(link.url)
        if asked_at is None or state.first_success_at is None or state.last_success_at is None:
            return None
        return min(asked_at, state.last_success_at) - _OVERLAP

    def _asked(self, feed: Feed, state: FeedState, link: SitemapLink, since: datetime) -> ParsedFeed | None:
        """What the sitemap holds, None when it has not changed. Raises: FetchError, ParseError."""
        asked_at = self.clock.now()
        seen_until = self._seen_until(link, state)
        same_origin = urlsplit(feed.url)[:2] == urlsplit(link.url)[:2]
        own = feed if same_origin else replace(feed, headers_env=None, auth_env=None)
        request = replace(
            plan_request(replace(own, url=link.url), FeedState()),
            last_modified=format_datetime(seen_until, usegmt=True) if seen_until else None,
        )
        response = self.fetcher.fetch(request)
        if response.status not in (200, 304):
            detail = f"HTTP {response.status}"
            raise FetchError(link.url, PollReason.HTTP_ERROR, detail, status=response.status)
        child = None if response.status == 304 else self._parsed(response, since)
        if child is not None and child.sitemaps:
            raise ParseError(PollReason.NOT_A_FEED, f"{link.url}: an index of sitemaps inside another one")
        with self._lock:
            self._asked_at[link.url] = asked_at
            self._asked_at.move_to_end(link.url)
            while len(self._asked_at) > _MOST_REMEMBERED:
                self._asked_at.popitem(last=False)
        return child

    def _told_from_archive(self, feed: Feed, state: FeedState, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        undated = [each.guid for each in entries if each.published_at is None and each.updated_at is None]
        if self.known_guids is None or state.first_success_at is None or len(undated) <= _REBUILT:
            return entries
        new = set(undated) - set(self.known_guids(feed.id, undated))
        if len(new) <= _REBUILT:
            return entries
        return tuple(replace(each, archive=each.guid in new) for each in entries)


def window_start(state: FeedState, now: datetime) -> datetime:
    """From when on a sitemap's dates count: RECENT before now, or the last success if that is longer ago."""
    recent = now - RECENT
    if state.first_success_at is None or state.last_success_at is None:
        return recent
    return max(min(recent, state.last_success_at), now - _LONGEST_WINDOW)


def _merged(index: ParsedFeed, read: Sequence[ParsedFeed], warnings: Sequence[str]) -> ParsedFeed:
    entries: dict[str, Entry] = {}
    for child in read:
        for entry in child.entries:
            known = entries.get(entry.guid)
            if known is None or (entry.title and not known.title):
                entries[entry.guid] = entry
    languages = {child.language for child in read if child.entries}
    return replace(
        index,
        title=next((child.title for child in read if child.title), ""),
        language=languages.pop() if len(languages) == 1 else None,
        entries=tuple(entries.values()),
        warnings=tuple(
            dict.fromkeys((*index.warnings, *warnings, *(each for child in read for each in child.warnings)))
        ),
    )
