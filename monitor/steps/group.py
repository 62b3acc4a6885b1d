"""Group: reports without a development are filed, and what is news becomes an alert with its deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from monitor.core.alert.message import alert_message
from monitor.core.alert.policy import Verdict, alert_key, judge
from monitor.core.group.assign import Placement
from monitor.core.group.book import StoryBook
from monitor.core.model.alert import Alert, AlertReason
from monitor.core.model.event import EventType
from monitor.core.model.feed import Tier
from monitor.core.model.story import Development, FiledReport, Story
from monitor.core.poll.burst import burst_until
from monitor.ports import Clock, GroupSession, NewAlert, StoryStore
from monitor.steps.ask import PollLimits
from monitor.steps.step import Work

log = structlog.get_logger("group")

BATCH = 200  # reports a transaction: keeps the one writer's turn under about a second
LOOK_BACK = timedelta(days=30)  # no event type's idle time is longer


@dataclass(frozen=True, kw_only=True)
class _Filed:
    filed: FiledReport
    placement: Placement
    development_id: int


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
        channels: Sequence[str],
        max_age: timedelta | None,
        min_score: float | None = None,
        cadence: PollLimits | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._channels = tuple(channels)
        self._max_age = max_age
        self._min_score = min_score or 0.0
        self._cadence = cadence
        self._bursts: dict[int, datetime] = {}  # of the batch at hand

    def claim(self, limit: int) -> tuple[Work, ...]:
        """The next batch, when there may be one: the transaction itself is the claim.

        Reports of a type whose rules were taken away wait until these are back.
        """
        return (self._run_batch,) if limit > 0 and self._store.is_waiting(self._events) else ()

    def _run_batch(self) -> None:
        with self._store.grouping() as session:
            self.file(session, now=self._clock.now())

    def file(self, session: GroupSession, *, now: datetime) -> int:
        """File one batch within the given transaction; how many reports it held."""
        reports = session.ungrouped_reports(limit=BATCH, types=self._events)
        self._bursts = {}
        types = {report.report.type for report in reports}
        books = {type: self._open_book(session, type, min(r.published_at for r in reports)) for type in types}
        placed = [self._file_one(session, filed, books[filed.report.type]) for filed in reports]
        for development_id in dict.fromkeys(p.development_id for p in placed):
            mine = [p for p in placed if p.development_id == development_id]
            self._tell(session, mine, books[mine[0].filed.report.type], now)
        self._write_bursts(session, now)
        return len(reports)

    def _open_book(self, session: GroupSession, type: str, earliest: datetime) -> StoryBook:
        return StoryBook(self._events[type], session.recent_stories(type=type, since=earliest - LOOK_BACK))

    def _file_one(self, session: GroupSession, filed: FiledReport, book: StoryBook) -> _Filed:
        placement = book.place(filed)
        story = book.story_after(filed, placement)
        if placement.story is None:
            story = replace(story, slug=_free_slug(session, story.slug))
        story = replace(session.save_story(story), developments=story.developments)
        development = book.development_after(filed, placement, story)
        if placement.development is None:
            development = replace(development, slug=_free_slug(session, development.slug))
        development = session.save_development(development)
        book.put(story, development)
        return _Filed(filed=filed, placement=placement, development_id=development.id)

    def _tell(self, session: GroupSession, placed: Sequence[_Filed], book: StoryBook, now: datetime) -> None:
        story, development = book.development(placed[0].development_id)
        verdicts = [
            judge(p.filed, development, now=now, max_age=self._max_age, min_score=self._min_score) for p in placed
        ]
        for one, verdict in zip(placed, verdicts, strict=True):
            session.assign(one.filed.id, development_id=development.id, note=_note(one.placement, verdict))
        tellers = [(p.filed, v.tell) for p, v in zip(placed, verdicts, strict=True) if v.tell]
        if tellers:
            voice, reason = min(tellers, key=lambda teller: _voice_order(teller[0]))
            self._save_alert(session, self._alert(voice, reason, story, development, book.event, now))
            book.put(story, session.save_development(replace(development, alerted=True)))
        elif development.alerted:
            session.note_also_reported(development.id, sources=development.origins)
        if tellers or development.alerted:
            self._note_bursts(placed)

    def _note_bursts(self, placed: Sequence[_Filed]) -> None:
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

    def _alert(
        self,
        voice: FiledReport,
        reason: AlertReason,
        story: Story,
        development: Development,
        event: EventType,
        now: datetime,
    ) -> Alert:
        severity = event.phase(development.phase).severity
        return Alert(
            key=alert_key(development, reason),
            story_id=story.id,
            development_id=development.id,
            report_id=voice.id,
            reason=reason,
            severity=severity,
            created_at=now,
            message=alert_message(
                voice,
                reason=reason,
                severity=severity,
                story_title=story.title,
                also_reported_by=tuple(o for o in development.origins if o != voice.source),
            ),
        )

    def _save_alert(self, session: GroupSession, alert: Alert) -> None:
        if session.save_alert(NewAlert(alert=alert, channels=self._channels)):
            told = alert.message
            log.info("alert", key=alert.key, severity=told.severity.value, source=told.source, url=told.url)


def _voice_order(filed: FiledReport) -> tuple[str, float, datetime, str]:
    """The report an alert quotes: the most trusted outlet, then the clearest words, then the earliest."""
    return (Tier(filed.tier).value, -round(filed.report.score, 1), filed.published_at, filed.canonical_url)


def _note(placement: Placement, verdict: Verdict) -> str:
    outcome = verdict.tell or verdict.silence
    return f"{placement.step.value}: {placement.reason.value}; {outcome.value if outcome else ''}"


def _free_slug(session: GroupSession, slug: str) -> str:
    """The slug, or the first of slug-2, slug-3 … that no story or development has."""
    number, free = 1, slug
    while session.slug_is_taken(free):
        number += 1
        free = f"{slug}-{number}"
    return free
