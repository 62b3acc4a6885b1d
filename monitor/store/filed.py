"""Rows of filed reports, developments and stories as the nouns they store."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, select

from monitor.core.group.reprint import sketch_of
from monitor.core.model.story import Development, FiledReport, Story
from monitor.store.grouping_records import sayings_of
from monitor.store.records import list_of, roles_of
from monitor.store.rows import report_of
from monitor.store.tables import documents, feeds, reports


def filed_reports() -> Select[Any]:
    """All reports, with what grouping needs of their documents and feeds."""
    return (
        select(
            reports,
            feeds.c.id.label("feed_id"),
            feeds.c.name.label("source"),
            feeds.c.tier,
            documents.c.title,
            documents.c.text,
            documents.c.url,
            documents.c.canonical_url,
            documents.c.published_at,
            documents.c.dated,
            documents.c.seen_at,
            documents.c.backlog,
            documents.c.text_digest,
        )
        .join(documents, documents.c.id == reports.c.document_id)
        .join(feeds, feeds.c.id == documents.c.feed_id)
    )


def filed_of(row: Row[Any]) -> FiledReport:
    """The report of a row of `filed_reports`."""
    return FiledReport(
        id=row.id,
        document_id=row.document_id,
        feed_id=row.feed_id,
        source=row.source,
        tier=row.tier,
        title=row.title,
        url=row.url,
        canonical_url=row.canonical_url,
        published_at=row.published_at,
        dated=row.dated,
        seen_at=row.seen_at,
        backlog=row.backlog,
        text_digest=row.text_digest,
        sketch=sketch_of(row.text),
        report=report_of(row),
    )


def story_of(row: Row[Any], chain: tuple[Development, ...] = ()) -> Story:
    """The story of a row of `stories`, with its chain."""
    return Story(
        id=row.id,
        slug=row.slug,
        type=row.type,
        title=row.title,
        participants=list_of(row.participants),
        places=list_of(row.places),
        phase=row.phase,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        revision=row.revision,
        follows=row.follows,
        developments=chain,
    )


def development_of(row: Row[Any]) -> Development:
    """The development of a row of `developments`."""
    return Development(
        id=row.id,
        story_id=row.story_id,
        slug=row.slug,
        type=row.type,
        phase=row.phase,
        roles=roles_of(row.roles),
        place=row.place,
        occurs_on=row.occurs_on,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        report_count=row.report_count,
        origins=list_of(row.origins),
        change=row.change,
        alerted=row.alerted,
        origin_count=row.origin_count,
        held_until=row.held_until,
        sayings=sayings_of(row.sayings),
    )
