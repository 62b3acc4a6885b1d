"""Correct: an edited article that made an alert is compared with what it said; what it takes back is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from monitor.core.alert.correction import Revised, judge_revision
from monitor.core.model.document import Wording
from monitor.core.model.event import EventType
from monitor.core.model.report import Article, Report
from monitor.core.model.work import EditedArticle
from monitor.ports import Clock, CorrectionStore, Detector, StoryStore
from monitor.steps.step import Work
from monitor.steps.tell import Teller

log = structlog.get_logger("correct")

EVERY = timedelta(seconds=30)
LOOK_BACK = timedelta(days=7)  # later edits of an article correct nothing that anybody still acts on


class CorrectStep:
    """Looks for edited articles once an interval; each is compared outside of the transaction that tells it."""

    name = "correct"
    threads = 1

    def __init__(
        self,
        *,
        store: CorrectionStore,
        stories: StoryStore,
        detector: Detector,
        clock: Clock,
        events: Mapping[str, EventType],
        teller: Teller,
        every: timedelta = EVERY,
    ) -> None:
        self._store = store
        self._stories = stories
        self._detector = detector
        self._clock = clock
        self._events = events
        self._teller = teller
        self._every = every
        self._due_at: datetime | None = None

    def claim(self, limit: int) -> tuple[Work, ...]:
        """The edited articles, when it is time to look for them."""
        now = self._clock.now()
        if limit < 1 or (self._due_at is not None and now < self._due_at):
            return ()
        self._due_at = now + self._every
        return tuple(
            partial(self._compare, each)
            for each in self._store.edited(since=now - LOOK_BACK)
            if each.told.type in self._events
        )

    def _compare(self, edited: EditedArticle) -> None:
        event = self._events[edited.told.type]
        revised = judge_revision(
            edited.told,
            edited.before,
            edited.after,
            then=self._reports(edited, edited.before),
            now=self._reports(edited, edited.after),
            event=event,
        )
        with self._stories.grouping() as session:
            self._teller.tell_edit(session, edited, revised, event, self._clock.now())
        log.info("compared", alert=edited.alert_id, revision=edited.after.revision, outcome=_outcome(revised))

    def _reports(self, edited: EditedArticle, wording: Wording) -> tuple[Report, ...]:
        article = Article(
            title=wording.title,
            text=wording.text,
            published_on=wording.published_at.date() if edited.dated else None,
            source=edited.source,
            tier=edited.tier,
        )
        return self._detector.detect(article)


def _outcome(revised: Revised) -> str:
    return str(revised.tell or revised.unchanged)
