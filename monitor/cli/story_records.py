"""Stories as JSON records. The keys are documented in docs/cli.md and stay."""

from __future__ import annotations

from datetime import datetime

from monitor.cli.records import Record, utc
from monitor.core.group.book import closes_at
from monitor.core.group.state import origins_of, outlets_of
from monitor.core.group.timeline import severity_of
from monitor.core.model.event import EventType
from monitor.core.model.story import Story
from monitor.core.model.story_view import StoryView
from monitor.core.model.timeline import Timeline, TimelineEntry


def story_record(story: Story, event: EventType, *, now: datetime) -> Record:
    """One story as a list has it."""
    closes = closes_at(story, event)
    return {
        "id": story.id,
        "slug": story.slug,
        "type": story.type,
        "phase": story.phase,
        "severity": severity_of(story.phase, event).value,
        "title": story.title,
        "who": list(story.participants),
        "where": list(story.places),
        "is_open": now <= closes,
        "first_seen_at": utc(story.first_seen_at),
        "last_seen_at": utc(story.last_seen_at),
        "closes_at": utc(closes),
        "developments": len(story.developments),
        "told": sum(change.alerted for change in story.developments),
        "reports": sum(change.report_count for change in story.developments),
        "origins": origins_of(story.developments),
        "outlets": list(outlets_of(story.developments)),
        "follows": story.follows,
    }


def timeline_record(timeline: Timeline) -> Record:
    """One story in time."""
    return {
        "id": timeline.story_id,
        "slug": timeline.slug,
        "type": timeline.type,
        "phase": timeline.phase,
        "severity": timeline.severity.value,
        "title": timeline.title,
        "who": list(timeline.who),
        "where": list(timeline.where),
        "is_open": timeline.is_open,
        "first_seen_at": utc(timeline.first_seen_at),
        "last_seen_at": utc(timeline.last_seen_at),
        "closes_at": utc(timeline.closes_at),
        "reports": timeline.report_count,
        "origins": timeline.origin_count,
        "outlets": list(timeline.outlets),
        "stops": [
            {"place": stop.place, "made": stop.is_made, "on": stop.on.isoformat() if stop.on else None}
            for stop in timeline.stops
        ],
        "ahead": [
            {"what": ahead.what, "on": ahead.on.isoformat() if ahead.on else None} for ahead in timeline.ahead
        ],
        "developments": [_entry_record(entry) for entry in timeline.entries],
        "follows": timeline.follows,
        "followed_by": list(timeline.followed_by),
        "merged": list(timeline.merged),
    }  # fmt: skip


def view_record(view: StoryView, timeline: Timeline) -> Record:
    """One story with everything known of it: its timeline, each report, and what was done to it by hand."""
    reports: dict[int, list[Record]] = {}
    for report in view.reports:
        reports.setdefault(report.development_id, []).append(
            {
                "id": report.id,
                "outlet": report.outlet,
                "title": report.title,
                "url": report.url,
                "quote": report.quote,
                "published_at": utc(report.published_at),
                "document": report.document_id,
                "copy_of": report.copy_of,
                "is_news": report.is_news,
            }
        )
    record = timeline_record(timeline)
    record["developments"] = [
        _entry_record(entry) | {"articles": reports.get(entry.id, [])} for entry in timeline.entries
    ]
    record["edits"] = [
        {
            "kind": edit.kind.value,
            "from": edit.from_story,
            "to": edit.to_story,
            "developments": list(edit.development_ids),
            "by": edit.by,
            "why": edit.why,
            "at": utc(edit.at),
        }
        for edit in view.edits
    ]
    record["asked"] = view.asked
    return record


def _entry_record(entry: TimelineEntry) -> Record:
    return {
        "id": entry.id,
        "development": entry.development,
        "phase": entry.phase,
        "severity": entry.severity.value,
        "at": utc(entry.at),
        "last_at": utc(entry.last_at),
        "occurs_on": entry.occurs_on.isoformat() if entry.occurs_on else None,
        "who": entry.who,
        "where": entry.where,
        "words": entry.words,
        "details": list(entry.details),
        "source": entry.outlet,
        "url": entry.url,
        "outlets": list(entry.outlets),
        "reports": entry.report_count,
        "copies": entry.copy_count,
        "origins": entry.origin_count,
        "telling": entry.telling.value,
        "marks": list(entry.marks),
        "alerts": list(entry.alert_ids),
    }
