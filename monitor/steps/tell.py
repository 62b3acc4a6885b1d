"""What is news in filed reports becomes alerts with deliveries, within the grouping transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from monitor.core.alert.changes import RoleChange, change_key, is_vouched, role_changes
from monitor.core.alert.correction import Revised
from monitor.core.alert.expiry import Shelf
from monitor.core.alert.inhibit import inhibitor
from monitor.core.alert.message import QUOTE_LENGTH, alert_message, cut_at_word, one_line, says_the_same
from monitor.core.alert.policy import ENOUGH_ORIGINS, Silence, Verdict, alert_key, judge, silent, staleness
from monitor.core.alert.told import Told
from monitor.core.group.assign import Placement
from monitor.core.group.book import StoryBook
from monitor.core.model.alert import Alert, AlertReason
from monitor.core.model.event import EventType
from monitor.core.model.feed import Tier
from monitor.core.model.route import Route
from monitor.core.model.story import Development, FiledReport, Story
from monitor.core.model.work import EditedArticle
from monitor.ports import GroupSession
from monitor.steps.route import Router

_WAS_LENGTH = 160
EVERYTHING = "everything"  # the route in force where none is configured

log = structlog.get_logger("group")

_SHELF = Shelf()
EDIT_PAUSE = timedelta(seconds=30)  # so that many reports at once make one edit of the message that shows the story


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A report and where it was filed."""

    filed: FiledReport
    placement: Placement
    development_id: int


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How old news may be, how sure, and how long one unknown outlet's word waits for another's."""

    max_age: timedelta | None
    min_score: float = 0.0
    hold: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class _Case:
    """One development under judgement."""

    story: Story
    development: Development
    event: EventType
    told: tuple[Told, ...]
    now: datetime


class Teller:
    """Decides what is told of a batch, and stores the alerts.

    Without `routes` every alert goes to all `channels`.
    """

    def __init__(
        self,
        *,
        channels: Sequence[str],
        max_age: timedelta | None,
        min_score: float | None = None,
        hold: timedelta | None = None,
        routes: Sequence[Route] = (),
        escalates: bool = False,
        shelf: Shelf = _SHELF,
    ) -> None:
        everything = Route(name=EVERYTHING, channels=tuple(channels))
        self._router = Router(routes or (everything,), escalates=escalates, shelf=shelf)
        self._policy = Policy(max_age=max_age, min_score=min_score or 0.0, hold=hold)

    def tell(self, session: GroupSession, placed: Sequence[Filed], book: StoryBook, now: datetime) -> bool:
        """Judge the reports of one development and tell it when they make it news; whether it is told by now."""
        story, development = book.development(placed[0].development_id)
        case = _case(session, story, development, book.event, now)
        if development.alerted:
            self._tell_changes(session, placed, case)
            session.note_also_reported(development.id, sources=development.origins)
            session.show_change(story.id, due_at=now + EDIT_PAUSE)
            return True
        verdicts = [self._judge(each.filed, case) for each in placed]
        for one, verdict in zip(placed, verdicts, strict=True):
            session.assign(one.filed.id, development_id=development.id, note=_note(one.placement, verdict, case))
        voices = [p.filed for p, v in zip(placed, verdicts, strict=True) if v.tell]
        if not voices and _was_waiting(development):
            voices = self._voices(session, case)
        kept = self._tell_first(session, voices, case) if voices else _held(development, verdicts)
        if kept != development:
            book.put(story, session.save_development(kept))
        return kept.alerted

    def release(
        self, session: GroupSession, story: Story, development: Development, event: EventType, now: datetime
    ) -> bool:
        """Tell a development whose wait for a second origin is over, if it is still news; whether it was told."""
        case = _case(session, story, development, event, now)
        voices = self._voices(session, case)
        kept = self._tell_first(session, voices, case) if voices else replace(development, held_until=None)
        session.save_development(kept)
        return kept.alerted

    def tell_edit(
        self, session: GroupSession, edited: EditedArticle, revised: Revised, event: EventType, now: datetime
    ) -> None:
        """Tell what an edit takes back or puts right, once an article and development; and that it was compared."""
        session.note_compared(edited.alert_id, revision=edited.after.revision)
        if revised.tell is None:
            return
        story, development, filed = session.told_alert(edited.alert_id)
        case = _case(session, story, development, event, now)
        was = (f"was: “{cut_at_word(one_line(revised.was), _WAS_LENGTH)}”",) if revised.was else ()
        alert = self._alert(filed, revised.tell, case, detail=str(filed.document_id), changed=(revised.why, *was))
        quote = cut_at_word(one_line(revised.sentence), QUOTE_LENGTH)
        title = one_line(edited.after.title)
        headline = "" if says_the_same(title, quote) else title
        self._save(session, replace(alert, message=replace(alert.message, quote=quote, headline=headline)), filed, case)

    def _judge(self, filed: FiledReport, case: _Case) -> Verdict:
        policy, development = self._policy, case.development
        return judge(
            filed,
            development,
            now=case.now,
            max_age=policy.max_age,
            min_score=policy.min_score,
            hold=policy.hold,
            is_inhibited=_inhibitor(case) is not None,
        )

    def _voices(self, session: GroupSession, case: _Case) -> list[FiledReport]:
        """The reports filed so far that may tell the development now."""
        return [f for f in session.development_reports(case.development.id) if self._judge(f, case).tell]

    def _tell_first(self, session: GroupSession, voices: Sequence[FiledReport], case: _Case) -> Development:
        """Tell the development for the first time, in the best of these voices; as it is afterwards."""
        voice = min(voices, key=_voice_order)
        self._save(session, self._alert(voice, AlertReason(case.development.change), case), voice, case)
        return replace(case.development, alerted=True, held_until=None)

    def _tell_changes(self, session: GroupSession, placed: Sequence[Filed], case: _Case) -> None:
        """Tell what the reports change about the told development, each new value once."""
        for one in sorted(placed, key=lambda each: _voice_order(each.filed)):
            changes, verdict = self._judge_changes(session, one.filed, case)
            session.assign(one.filed.id, development_id=case.development.id, note=_note(one.placement, verdict, case))
            if verdict.tell:
                words = tuple(change.words for change in changes)
                alert = self._alert(one.filed, verdict.tell, case, detail=change_key(changes), changed=words)
                self._save(session, alert, one.filed, case)
                case = replace(case, told=session.told_of(case.story.id))

    def _judge_changes(
        self, session: GroupSession, filed: FiledReport, case: _Case
    ) -> tuple[tuple[RoleChange, ...], Verdict]:
        policy = self._policy
        changes = role_changes(filed.report.roles, case.development, case.told, case.event)
        if not changes:
            return (), silent(Silence.ALREADY_TOLD)
        stale = staleness(filed, filed.published_at, now=case.now, max_age=policy.max_age, min_score=policy.min_score)
        if stale is not None:
            return (), silent(stale)
        if not is_vouched(changes, filed, session.development_reports(case.development.id)):
            return (), silent(Silence.CHANGE_UNVOUCHED)
        return changes, Verdict(tell=AlertReason.ROLE_CHANGED, silence=None)

    def _alert(
        self, voice: FiledReport, reason: AlertReason, case: _Case, *, detail: str = "", changed: tuple[str, ...] = ()
    ) -> Alert:
        development = case.development
        severity = case.event.phase(development.phase).severity
        return Alert(
            key=alert_key(development, reason, detail),
            story_id=case.story.id,
            development_id=development.id,
            report_id=voice.id,
            reason=reason,
            severity=severity,
            created_at=case.now,
            message=alert_message(
                voice,
                reason=reason,
                severity=severity,
                story_title=case.story.title,
                also_reported_by=tuple(o for o in development.origins if o != voice.source),
                origin_count=development.origin_count,
                changed=changed,
            ),
        )

    def _save(self, session: GroupSession, alert: Alert, voice: FiledReport, case: _Case) -> None:
        if session.save_alert(self._router.routed(session, alert, voice, story=case.story, told=case.told)):
            session.show_change(case.story.id, due_at=case.now + EDIT_PAUSE)
            told = alert.message
            log.info("alert", key=alert.key, severity=told.severity.value, source=told.source, url=told.url)


def _case(session: GroupSession, story: Story, development: Development, event: EventType, now: datetime) -> _Case:
    return _Case(story=story, development=development, event=event, told=session.told_of(story.id), now=now)


def _inhibitor(case: _Case) -> Told | None:
    return inhibitor(case.development.phase, case.told, case.event, now=case.now)


def _was_waiting(development: Development) -> bool:
    """Whether a second origin, in whatever words, is what was missing and is there now."""
    is_waiting = development.held_until is not None or development.change == AlertReason.CONFLICTING
    return is_waiting and development.origin_count >= ENOUGH_ORIGINS


def _held(development: Development, verdicts: Sequence[Verdict]) -> Development:
    until = next((v.held_until for v in verdicts if v.held_until is not None), development.held_until)
    return replace(development, held_until=until)


def _voice_order(filed: FiledReport) -> tuple[str, float, datetime, str]:
    """The report an alert quotes: the most trusted outlet, then the clearest words, then the earliest."""
    return (Tier(filed.tier).value, -round(filed.report.score, 1), filed.published_at, filed.canonical_url)


def _note(placement: Placement, verdict: Verdict, case: _Case) -> str:
    """What `core.alert.why_not` reads again: the last word says what came of it."""
    outcome = verdict.tell or verdict.silence
    by = _inhibitor(case) if verdict.silence is Silence.INHIBITED else None
    why = f"by {by.phase} told {by.at:%Y-%m-%d %H:%M} UTC; " if by else ""
    return f"{placement.step.value}: {placement.reason.value}; {why}{outcome.value if outcome else ''}"
