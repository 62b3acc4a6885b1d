"""Group: reports without a development are filed, and what is news becomes an alert with its deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations

import structlog

from monitor.core.group.book import LOOK_BACK, StoryBook
from monitor.core.group.decision import decision_of
from monitor.core.group.merge import merge_candidates
from monitor.core.group.reprint import original_of
from monitor.core.model.event import EventType
from monitor.core.model.story import FiledReport
from monitor.core.poll.burst import burst_until
from monitor.ports import Clock, GroupSession, StoryEditor, StoryStore
from monitor.steps.ask import PollLimits
from monitor.steps.step import Work
from monitor.steps.tell import Filed, Teller

log = structlog.get_logger("group")

BATCH = 200  # reports a transaction: keeps the one writer's turn under about a second
_READ_EARLIER = timedelta(days=2)  # than needed now: late reports of the next batches should not read all anew


class GroupStep:
    """Files reports in the order they were published, one serialised transaction a batch."""

    name = "group"
    threads = 1

    def __init__(
        self,
        *,
        store: StoryStore,
        clock: Clock,
        events: Mapping[str, EventType],
        teller: Teller,
        editor: StoryEditor | None = None,
        cadence: PollLimits | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._teller = teller
        self._editor = editor
        self._cadence = cadence
        self._bursts: dict[int, datetime] = {}  # of the batch at hand
        self._books: dict[str, tuple[datetime, StoryBook]] = {}
        self._version = 0
        self._rivals: set[tuple[str, int, int]] = set()  # of the batch at hand: open stories that one report fits

    def claim(self, limit: int) -> tuple[Work, ...]:
        """The next batch, when there may be one: the transaction itself is the claim.

        Reports of a type whose rules were taken away wait until these are back.
        """
        return (self._run_batch,) if limit > 0 and self._store.is_waiting(self._events) else ()

    def _run_batch(self) -> None:
        try:
            with self._store.grouping() as session:
                self.file(session, now=self._clock.now())
                self._version = session.advance()
        except Exception:
            self._books.clear()  # they hold what was not written
            raise
        for type, one, other in sorted(self._rivals):
            self._merge(self._events[type], one, other)

    def file(self, session: GroupSession, *, now: datetime) -> int:
        """File one batch within the given transaction; how many reports it held."""
        reports = session.ungrouped_reports(limit=BATCH, types=self._events)
        self._bursts, self._rivals = {}, set()
        if session.version() != self._version:
            self._books.clear()  # another process, or a person, has changed stories
        types = {report.report.type for report in reports}
        books = {type: self._open_book(session, type, min(r.published_at for r in reports)) for type in types}
        placed = [self._file_one(session, filed, books[filed.report.type]) for filed in reports]
        for development_id in dict.fromkeys(p.development_id for p in placed):
            mine = [p for p in placed if p.development_id == development_id]
            if self._teller.tell(session, mine, books[mine[0].filed.report.type], now):
                self._note_bursts(mine)
        self._write_bursts(session, now)
        return len(reports)

    def _open_book(self, session: GroupSession, type: str, earliest: datetime) -> StoryBook:
        """The book as of the last batch, or read anew when reports reach further back than it."""
        since, book = self._books.get(type, (earliest, None))
        if book is None or earliest - LOOK_BACK < since:
            since = earliest - LOOK_BACK - _READ_EARLIER
            book = StoryBook(self._events[type], session.recent_stories(type=type, since=since))
            self._books[type] = (since, book)
        book.close_idle(earliest)
        return book

    def _file_one(self, session: GroupSession, filed: FiledReport, book: StoryBook) -> Filed:
        placement = book.place(filed)
        if placement.development is not None:
            placement = replace(placement, copy_of=original_of(filed, session.originals(placement.development.id)))
        story = book.story_after(filed, placement)
        if placement.story is None:
            story = replace(story, slug=_free_slug(session, story.slug))
        story = replace(session.save_story(story), developments=story.developments)
        development = book.development_after(filed, placement, story)
        if placement.development is None:
            development = replace(development, slug=_free_slug(session, development.slug))
        development = session.save_development(development)
        book.put(story, development)
        session.note_decision(filed.id, decision_of(placement))
        fitting = sorted(story.id for story in placement.fitting)
        self._rivals |= {(book.event.name, one, other) for one, other in combinations(fitting, 2)}
        return Filed(filed=filed, placement=placement, development_id=development.id)

    def _merge(self, event: EventType, one_id: int, other_id: int) -> None:
        """Make one story of two that a report ties together, if they look like one; nobody's split is undone."""
        if self._editor is None or event.name not in self._books:
            return
        known = {story.id: story for story in self._books[event.name][1].stories()}
        pair = [known[each] for each in (one_id, other_id) if each in known]
        for found in merge_candidates(pair, event, apart=self._editor.apart([one_id, other_id])):
            why = f"{found.reason.value}: {', '.join(found.shared)}"
            now = self._clock.now()
            self._editor.merge(found.survivor.slug, found.other.slug, by="monitor", why=why, at=now)
            log.info("merged", survivor=found.survivor.slug, other=found.other.slug, why=why)

    def _note_bursts(self, placed: Sequence[Filed]) -> None:
        """Remember whom to ask often for a while: who reported what is told will report again."""
        burst_s = self._cadence.burst_s if self._cadence else 0.0
        for filed in (one.filed for one in placed):
            until = burst_until(self._bursts.get(filed.feed_id), reported_at=filed.published_at, burst_s=burst_s)
            if until is not None:
                self._bursts[filed.feed_id] = until

    def _write_bursts(self, session: GroupSession, now: datetime) -> None:
        """In the order of the feeds, as polls lock them too: or two transactions could wait for each other."""
        poll_by = now + timedelta(seconds=self._cadence.floor_s if self._cadence else 0.0)
        for feed_id, until in sorted(self._bursts.items()):
            if until > now:
                session.note_burst(feed_id, until=until, poll_by=poll_by)


def _free_slug(session: GroupSession, slug: str) -> str:
    """The slug, or the first of slug-2, slug-3 … that no story or development has."""
    number, free = 1, slug
    while session.slug_is_taken(free):
        number += 1
        free = f"{slug}-{number}"
    return free
