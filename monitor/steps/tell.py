"""What is news in filed reports becomes alerts with deliveries, within the grouping transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from monitor.core.alert.expiry import Shelf
from monitor.core.alert.message import alert_message
from monitor.core.alert.policy import Verdict, alert_key, judge
from monitor.core.group.assign import Placement
from monitor.core.group.book import StoryBook
from monitor.core.model.alert import Alert, AlertReason
from monitor.core.model.event import EventType
from monitor.core.model.feed import Tier
from monitor.core.model.story import Development, FiledReport, Story
from monitor.ports import GroupSession, NewAlert

log = structlog.get_logger("group")

_SHELF = Shelf()
EDIT_PAUSE = timedelta(seconds=30)  # so that many reports at once make one edit of the message that shows the story


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A report and where it was filed."""

    filed: FiledReport
    placement: Placement
    development_id: int


class Teller:
    """Decides what is told of a batch, and stores the alerts."""

    def __init__(
        self,
        *,
        channels: Sequence[str],
        max_age: timedelta | None,
        min_score: float | None = None,
        shelf: Shelf = _SHELF,
    ) -> None:
        self._channels = tuple(channels)
        self._max_age = max_age
        self._min_score = min_score or 0.0
        self._shelf = shelf

    def tell(self, session: GroupSession, placed: Sequence[Filed], book: StoryBook, now: datetime) -> bool:
        """Judge the reports of one development and tell it when they make it news; whether it is told by now."""
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
        session.show_change(story.id, due_at=now + EDIT_PAUSE)
        return bool(tellers) or development.alerted

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
        until = self._shelf.until(alert.reason, alert.severity, alert.created_at)
        if session.save_alert(NewAlert(alert=alert, channels=self._channels, expires_at=until)):
            told = alert.message
            log.info("alert", key=alert.key, severity=told.severity.value, source=told.source, url=told.url)


def _voice_order(filed: FiledReport) -> tuple[str, float, datetime, str]:
    """The report an alert quotes: the most trusted outlet, then the clearest words, then the earliest."""
    return (Tier(filed.tier).value, -round(filed.report.score, 1), filed.published_at, filed.canonical_url)


def _note(placement: Placement, verdict: Verdict) -> str:
    outcome = verdict.tell or verdict.silence
    return f"{placement.step.value}: {placement.reason.value}; {outcome.value if outcome else ''}"
