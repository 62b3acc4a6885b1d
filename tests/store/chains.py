"""Puts whole stories into a store: articles, developments in order, and the alerts that told them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from monitor.core.model.alert import Alert, AlertReason, Severity
from monitor.core.model.feed import Feed
from monitor.core.model.report import Report, RoleTime
from monitor.core.model.story import Development, Story
from monitor.ports import NewAlert
from monitor.store.database import SqlStore
from tests.store import arrange


@dataclass(frozen=True, kw_only=True)
class Told:
    """One development as a story gets it: who reports it, the first outlet first, copies by their places."""

    phase: str
    at: datetime
    quote: str
    outlets: tuple[Feed, ...] = (arrange.feed(),)
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    times: tuple[RoleTime, ...] = ()
    occurs_on: date | None = None
    copies: frozenset[int] = frozenset()
    is_told: bool = True
    change: str = "phase_changed"
    severity: Severity = Severity.HIGH
    who: str = ""
    where: str = ""
    channels: tuple[str, ...] = ("desk",)


def add_story(store: SqlStore, story: Story, *developments: Told) -> tuple[Story, tuple[Development, ...]]:
    """The story as stored, and its developments; all guids and slugs begin with the story's slug."""
    with store.stories.grouping() as session:
        kept = session.save_story(
            replace(
                story,
                phase=developments[-1].phase,
                first_seen_at=min(d.at for d in developments),
                last_seen_at=max(d.at for d in developments),
            )
        )
    return kept, tuple(_add(store, kept, told, number) for number, told in enumerate(developments, start=1))


def _add(store: SqlStore, story: Story, told: Told, number: int) -> Development:
    report = _report(story, told)
    for place, outlet in enumerate(told.outlets):
        guid = f"{story.slug}-{number}-{place}"
        at = told.at + place * arrange.MINUTE
        entry = arrange.entry(guid, url=f"https://news.example/{guid}", title=f"{told.quote} ({guid})", published_at=at)
        arrange.publish(store, entry, by=outlet, now=at)
        arrange.read(store, report, now=at, text=told.quote)
    with store.stories.grouping() as session:
        filed = session.ungrouped_reports(limit=len(told.outlets))
        origins = tuple(outlet.name for outlet in told.outlets)
        change = session.save_development(
            Development(
                story_id=story.id,
                slug=f"{story.slug}/{told.phase}-{number}",
                type=story.type,
                phase=told.phase,
                roles=report.roles,
                occurs_on=told.occurs_on,
                first_seen_at=told.at,
                last_seen_at=told.at + (len(origins) - 1) * arrange.MINUTE,
                report_count=len(origins),
                origins=origins,
                origin_count=len(origins) - len(told.copies),
                change=told.change,
                alerted=told.is_told,
            )
        )
        for each in filed:
            session.assign(each.id, development_id=change.id, note="phase_changed: same_place")
        if told.is_told:
            session.save_alert(NewAlert(alert=_alert(story, change, told, filed[0].id), channels=told.channels))
    if told.copies:
        arrange.mark_copies(store, [filed[place].id for place in told.copies], of=filed[0].id)
    return change


def _report(story: Story, told: Told) -> Report:
    made = arrange.report(story.type, told.phase, **dict(told.names))
    quoted = tuple(replace(each, quote=told.quote) for each in made.evidence)
    return replace(
        made, roles=replace(made.roles, times=told.times), evidence=quoted, occurs_on=told.occurs_on, alert=told.is_told
    )


def _alert(story: Story, change: Development, told: Told, report_id: int) -> Alert:
    reason = AlertReason(told.change)
    return Alert(
        key=f"{change.slug}/{reason}",
        story_id=story.id,
        development_id=change.id,
        report_id=report_id,
        reason=reason,
        severity=told.severity,
        created_at=told.at,
        message=arrange.message(
            type=story.type,
            phase=told.phase,
            severity=told.severity,
            reason=reason,
            who=told.who,
            where=told.where,
            quote=told.quote,
            headline="",
            details=(),
            marks=(),
            source=told.outlets[0].name,
            url=f"https://news.example/{change.slug}",
            published_at=told.at,
            story_title=story.title,
        ),
    )
