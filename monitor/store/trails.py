"""What happened to one document, and documents in a row: reads for `why-not`, `explain` and `replay`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, Select, func, select

from monitor.core.model.document import DocumentStatus
from monitor.core.model.history import AlertView, DocumentTrail, EntryView, FiledView, ReadDocument
from monitor.core.model.report import Report
from monitor.core.urls import canonical_url
from monitor.store.grouping_records import decision_of_text
from monitor.store.rows import document_of, feed_of, index_key, report_of
from monitor.store.tables import alerts, developments, documents, entries, feed_states, feeds, reports, stories
from monitor.store.types import storable

PAGE = 200
"""Documents loaded at once: some 10 kB each."""
_NEIGHBOURS = 200  # known URLs compared with the one asked for, before and after it in the alphabet

AlertReader = Callable[[Connection, Sequence[int]], Sequence[AlertView]]


def known_document(connection: Connection, url: str) -> int | None:
    """The id of the document the URL names, by its canonical form or by that of an entry it was seen under."""
    for wanted in url_keys(url):
        own = connection.execute(document_by_url(wanted)).scalar_one_or_none()
        if own is not None:
            return int(own)
        seen = connection.execute(document_by_entry(wanted)).scalars().first()
        if seen is not None:
            return int(seen)
    return None


def url_keys(url: str) -> tuple[str, ...]:
    """The keys under which the URL may be stored."""
    shown = storable(url.strip())
    return tuple(dict.fromkeys((index_key(canonical_url(shown)), index_key(shown))))


def document_by_url(key: str) -> Select[int]:
    """The document of this canonical URL."""
    return select(documents.c.id).where(documents.c.canonical_url == key)


def document_by_entry(key: str) -> Select[int]:
    """Documents with an entry of this canonical URL, the oldest entry's first."""
    return select(entries.c.document_id).where(entries.c.canonical_url == key).order_by(entries.c.id).limit(1)


def trail_of(connection: Connection, document_id: int, read_alerts: AlertReader) -> DocumentTrail | None:
    """All that is stored of one document; None when there is no such document."""
    row = connection.execute(select(documents).where(documents.c.id == document_id)).one_or_none()
    if row is None:
        return None
    return DocumentTrail(
        document=document_of(row),
        feed=feeds_of(connection, [row.feed_id])[row.feed_id],
        seen_at=row.seen_at,
        read_at=row.read_at,
        due_at=row.due_at,
        postponed=row.postponed,
        ruleset_version=row.ruleset_version,
        entries=tuple(_entry_view(each) for each in connection.execute(entries_of(document_id))),
        reports=_filed_views(connection, document_id, read_alerts),
    )


def entries_of(document_id: int) -> Select[Any]:
    """The document's entries with their feeds' names, in the order seen."""
    return (
        select(entries, feeds.c.name.label("feed_name"))
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .where(entries.c.document_id == document_id)
        .order_by(entries.c.seen_at, entries.c.id)
    )


def reports_of(document_ids: Sequence[int]) -> Select[Any]:
    """The documents' reports with the names of what they were filed under, oldest first."""
    return (
        select(reports, developments.c.slug.label("development_slug"), stories.c.slug.label("story_slug"))
        .outerjoin(developments, developments.c.id == reports.c.development_id)
        .outerjoin(stories, stories.c.id == developments.c.story_id)
        .where(reports.c.document_id.in_(document_ids))
        .order_by(reports.c.id)
    )


def alerts_of(development_ids: Iterable[int]) -> Select[Any]:
    """The alerts of these developments, oldest first."""
    wanted = alerts.c.development_id.in_(list(development_ids))
    return select(alerts.c.id, alerts.c.development_id).where(wanted).order_by(alerts.c.id)


def _filed_views(connection: Connection, document_id: int, read_alerts: AlertReader) -> tuple[FiledView, ...]:
    rows = connection.execute(reports_of([document_id])).all()
    by_development: dict[int, list[int]] = {}
    for told in connection.execute(alerts_of({row.development_id for row in rows if row.development_id is not None})):
        by_development.setdefault(told.development_id, []).append(told.id)
    ids = [alert_id for group in by_development.values() for alert_id in group]
    views = {view.alert.id: view for view in (read_alerts(connection, ids) if ids else ())}
    return tuple(
        FiledView(
            id=row.id,
            revision=row.document_revision,
            report=report_of(row),
            ruleset_version=row.ruleset_version,
            note=row.note,
            story_slug=row.story_slug,
            development_slug=row.development_slug,
            alerts=tuple(views[i] for i in by_development.get(row.development_id, ()) if i in views),
            decision=decision_of_text(row.grouping),
        )
        for row in rows
    )


def _entry_view(row: Row[Any]) -> EntryView:
    return EntryView(
        feed_name=row.feed_name,
        url=row.url,
        title=row.title,
        published_at=row.published_at,
        seen_at=row.seen_at,
        brought_revision=row.brought_revision,
    )


def feeds_of(connection: Connection, ids: Iterable[int]) -> dict[int, Any]:
    """The feeds of these ids, with what they say of themselves."""
    wanted = (
        select(feeds, feed_states.c.found_homepage, feed_states.c.found_language)
        .join(feed_states, feed_states.c.feed_id == feeds.c.id)
        .where(feeds.c.id.in_(list(ids)))
    )
    return {
        row.id: feed_of(row, homepage=row.found_homepage, language=row.found_language)
        for row in connection.execute(wanted)
    }


def near_urls(connection: Connection, url: str, limit: int) -> tuple[str, ...]:
    """Known URLs of the same host, most alike first."""
    key = index_key(canonical_url(storable(url.strip())))
    parts = urlsplit(key)
    if not parts.netloc:
        return ()
    start = f"{parts.scheme}://{parts.netloc}/"
    found = [
        near
        for query in neighbours(start, key)
        for near in connection.execute(query).scalars()
        if near.startswith(start)
    ]
    path = key.removeprefix(start)
    alike = {near: SequenceMatcher(None, near.removeprefix(start), path).ratio() for near in found}
    return tuple(sorted(alike, key=lambda near: (-alike[near], near))[:limit])


def neighbours(start: str, key: str) -> tuple[Select[str], Select[str]]:
    """The URLs that stand just before and just after `key` in the index, none before `start`."""
    column = documents.c.canonical_url
    # In whatever order the database sorts text: what the range lets in beyond the host is left out by the caller.
    before = select(column).where(column >= start, column < key).order_by(column.desc()).limit(_NEIGHBOURS)
    after = select(column).where(column > key).order_by(column).limit(_NEIGHBOURS)
    return before, after


def documents_page(since: datetime | None, until: datetime | None, after_id: int) -> Select[Any]:
    """The next documents that were read, by id, which grows in the order they were first seen."""
    conditions = _searched(since, until)
    return select(documents).where(documents.c.id > after_id, *conditions).order_by(documents.c.id).limit(PAGE)


def _searched(since: datetime | None, until: datetime | None) -> list[Any]:
    conditions: list[Any] = [documents.c.status == str(DocumentStatus.READ)]
    if since is not None:
        conditions.append(documents.c.seen_at >= since)
    if until is not None:
        conditions.append(documents.c.seen_at < until)
    return conditions


def count_documents(connection: Connection, since: datetime | None, until: datetime | None) -> int:
    """How many documents were read in that time."""
    wanted = select(func.count()).select_from(documents).where(*_searched(since, until))
    return int(connection.execute(wanted).scalar_one())


def page_of_documents(
    connection: Connection, since: datetime | None, until: datetime | None, *, after_id: int
) -> list[ReadDocument]:
    """The next documents with their feeds and stored reports; empty at the end."""
    rows = connection.execute(documents_page(since, until, after_id)).all()
    if not rows:
        return []
    sources = feeds_of(connection, {row.feed_id for row in rows})
    stored = _newest_reports(connection, [row.id for row in rows])
    return [
        ReadDocument(
            document=document_of(row),
            feed=sources[row.feed_id],
            seen_at=row.seen_at,
            ruleset_version=row.ruleset_version,
            reports=stored.get(row.id, ()),
        )
        for row in rows
    ]


def _newest_reports(connection: Connection, document_ids: Sequence[int]) -> dict[int, tuple[Report, ...]]:
    """By document, of each type the reports of the last revision that has any; older ones stand filed."""
    by_type: dict[tuple[int, str], dict[int, list[Report]]] = {}
    for row in connection.execute(reports_of(document_ids)):
        revisions = by_type.setdefault((row.document_id, row.type), {})
        revisions.setdefault(row.document_revision, []).append(report_of(row))
    found: dict[int, tuple[Report, ...]] = {}
    for (document_id, _), revisions in by_type.items():
        found[document_id] = (*found.get(document_id, ()), *revisions[max(revisions)])
    return found
