"""A story in time: its phase, what led there, what was made of each change, and what is still ahead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.core.alert.wording import listed
from monitor.core.group.ahead import ahead_of, in_order, stops_of
from monitor.core.group.assign import Step
from monitor.core.group.book import closes_at
from monitor.core.group.state import origins_of, outlets_of, shown_marks
from monitor.core.model.alert import Alert, Severity
from monitor.core.model.event import EventType
from monitor.core.model.story import Development, Story
from monitor.core.model.story_view import ReportView, StoryView
from monitor.core.model.timeline import Telling, Timeline, TimelineEntry


def timeline_of(view: StoryView, event: EventType, *, now: datetime) -> Timeline:
    """The story's timeline as of `now`, developments by their first reports."""
    story = view.story
    closes = closes_at(story, event)
    by_development: dict[int, list[ReportView]] = {}
    for report in view.reports:
        by_development.setdefault(report.development_id, []).append(report)
    return Timeline(
        story_id=story.id,
        slug=story.slug,
        type=story.type,
        title=story.title,
        phase=story.phase,
        severity=severity_of(story.phase, event),
        who=story.participants,
        where=story.places,
        is_open=now <= closes,
        first_seen_at=story.first_seen_at,
        last_seen_at=story.last_seen_at,
        closes_at=closes,
        entries=tuple(
            _entry(change, view.told.get(change.id, ()), by_development.get(change.id, ()), event)
            for change in in_order(story.developments)
        ),
        stops=stops_of(_standing(story)) if story.type == "visit" else (),
        ahead=ahead_of(story.type, _standing(story), today=now.date()) if now <= closes else (),
        outlets=outlets_of(story.developments),
        report_count=sum(change.report_count for change in story.developments),
        origin_count=origins_of(story.developments),
        follows=story.follows,
        followed_by=view.followed_by,
        merged=view.merged,
    )


def severity_of(phase: str, event: EventType) -> Severity:
    """The phase's severity; normal for one that the event type has no more."""
    return next((known.severity for known in event.phases if known.name == phase), Severity.NORMAL)


def telling_of(change: Development) -> Telling:
    """What became of the development."""
    if change.alerted:
        return Telling.TOLD
    if change.held_until is not None:
        return Telling.HELD
    return Telling.LATE if change.change == Step.EARLIER_PHASE else Telling.UNTOLD


def _standing(story: Story) -> list[Development]:
    """The developments that say how things stand: an earlier phase that came in late says how they stood."""
    return [change for change in story.developments if telling_of(change) is not Telling.LATE]


def _entry(
    change: Development, told: Sequence[Alert], reports: Sequence[ReportView], event: EventType
) -> TimelineEntry:
    alert = told[-1] if told else None
    message = alert.message if alert else None
    first = min(reports, key=lambda report: (not report.is_news, report.published_at, report.id), default=None)
    who, where = change.roles.named(*event.agent_roles), change.roles.named(*event.place_roles)
    if not who and event.actor_role:
        who = change.roles.named(event.actor_role)
    return TimelineEntry(
        id=change.id,
        development=change.slug,
        phase=change.phase,
        severity=alert.severity if alert else severity_of(change.phase, event),
        at=change.first_seen_at,
        last_at=change.last_seen_at,
        occurs_on=change.occurs_on,
        who=message.who if message else listed(who),
        where=message.where if message else listed(where),
        words=(message.quote or message.headline) if message else (first.quote or first.title) if first else "",
        details=message.details if message else (),
        outlet=message.source if message else first.outlet if first else "".join(change.origins[:1]),
        url=message.url if message else first.url if first else "",
        outlets=change.origins,
        report_count=change.report_count,
        copy_count=sum(report.copy_of is not None for report in reports),
        origin_count=change.origin_count,
        telling=telling_of(change),
        marks=shown_marks(alert, change) if alert else (),
        alert_ids=tuple(each.id for each in told),
    )
