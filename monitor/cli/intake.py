"""Lines of other tools, gathered into batches by source and handed to the store."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.core.model.entry import Entry
from monitor.core.model.feed import Feed, FeedKind
from monitor.core.parse.jsonline import BadLine, GoodLine, LineFault, parse_line
from monitor.errors import StoreUnavailable
from monitor.ports import PollWritten

BATCH_LINES = 500
BATCH_BYTES = 8 * 1024 * 1024  # of lines: a batch stays small however long they are
BATCH_S = 1.0  # what came in is stored after this long at the latest
LATEST = timedelta(days=2)  # a date further ahead is a typing error, as in feeds
_TRIES = 4  # each waits for a lock as long as the store does
_SOURCES_TOLD = 1000  # names counted apart; a file with a name a line must not fill the memory

Batch = Sequence[tuple[Feed, Sequence[Entry]]]


def ingest_feed(name: str, configured: Iterable[Feed]) -> Feed:
    """The feed row of an ingested source: it has the settings of a configured source of that name, if there is one."""
    url = f"{FeedKind.INGEST}:{name.casefold()}"
    known = next((feed for feed in configured if feed.name.casefold() == name.casefold()), None)
    if known is None:
        return Feed(name=name, url=url, kind=FeedKind.INGEST)
    return Feed(
        name=known.name,
        url=url,
        kind=FeedKind.INGEST,
        tags=known.tags,
        robots=known.robots,
        tier=known.tier,
        language=known.language,
        country=known.country,
        homepage=known.homepage,
        seen_in=known.seen_in,
    )


@dataclass
class Tally:
    """What became of the lines so far."""

    lines: int = 0
    refused: int = 0
    new: int = 0
    edited: int = 0
    known: int = 0
    by_fault: Counter[LineFault] = field(default_factory=Counter)
    by_source: Counter[str] = field(default_factory=Counter)


class Intake:
    """Takes lines one by one and stores them in batches through `add`."""

    def __init__(
        self,
        *,
        add: Callable[[Batch], PollWritten],
        now: Callable[[], datetime],
        source: str | None,
        configured: Sequence[Feed],
        refuse: Callable[[str], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tally = Tally()
        self._add = add
        self._now = now
        self._source = source
        self._configured = configured
        self._refuse = refuse
        self._monotonic = monotonic
        self._feeds: dict[str, Feed] = {}
        self._entries: dict[str, dict[str, Entry]] = {}  # by source and guid; the last wording counts
        self._count = 0
        self._bytes = 0
        self._begun_at = 0.0

    def take(self, data: bytes, *, place: str) -> None:
        """One line; `place` names it where it is refused. Stores the batch when that is full or old."""
        if data.strip():
            self.tally.lines += 1
            read = parse_line(data)
            self._keep(read, len(data), place=place)
        self.look_at_the_clock()

    def look_at_the_clock(self) -> None:
        """Store the batch if it is full, or has waited for BATCH_S; also to be called when no line comes."""
        if not self._count:
            return
        is_full = self._count >= BATCH_LINES or self._bytes >= BATCH_BYTES
        if is_full or self._monotonic() - self._begun_at >= BATCH_S:
            self.flush()

    def flush(self) -> None:
        """Store what has come in. Raises: StoreError; the batch is kept, for another try."""
        if not self._count:
            return
        batch = [(self._feeds[key], tuple(entries.values())) for key, entries in self._entries.items()]
        written = _patiently(self._add, batch)
        self.tally.new += written.new
        self.tally.edited += written.edited
        self.tally.known += self._count - written.new - written.edited
        self._feeds, self._entries = {}, {}
        self._count = self._bytes = 0

    def _keep(self, read: GoodLine | BadLine, size: int, *, place: str) -> None:
        if isinstance(read, GoodLine) and not (self._source or read.source):
            read = BadLine(fault=LineFault.NO_SOURCE, detail="names no source, and --source is not given")
        if isinstance(read, BadLine):
            self.tally.refused += 1
            self.tally.by_fault[read.fault] += 1
            self._refuse(f"{place}: {read.detail}")
            return
        if not self._count:
            self._begun_at = self._monotonic()
        name = self._source or read.source or ""
        key = name.casefold()
        if key not in self._feeds:
            self._feeds[key] = ingest_feed(name, self._configured)
        self._entries.setdefault(key, {})[read.entry.guid] = _with_sane_dates(read.entry, self._now())
        self._count += 1
        self._bytes += size
        shown = self._feeds[key].name
        if shown in self.tally.by_source or len(self.tally.by_source) < _SOURCES_TOLD:
            self.tally.by_source[shown] += 1


def _patiently(add: Callable[[Batch], PollWritten], batch: Batch) -> PollWritten:
    """A batch is one of many, and the monitor at work holds the lock for a moment at a time."""
    for _ in range(_TRIES - 1):
        try:
            return add(batch)
        except StoreUnavailable as error:
            if error.permanent:
                raise
    return add(batch)


def _with_sane_dates(entry: Entry, now: datetime) -> Entry:
    """Dates far ahead count as unstated; ones a little ahead are clocks that differ."""

    def sane(at: datetime | None) -> datetime | None:
        return None if at is None or at > now + LATEST else min(at, now)

    return replace(entry, published_at=sane(entry.published_at), updated_at=sane(entry.updated_at))
