"""The read model: alerts by filter, feeds with their counts, and counts of everything."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, Row, Select, TextClause, false, func, select, true, union

from monitor.core.model.alert import Alert, AlertReason, Severity
from monitor.core.model.document import ReadReason, Wording
from monitor.core.model.feed import FeedKind
from monitor.core.model.history import (
    AlertFilter,
    AlertView,
    Counts,
    DeliveryView,
    DocumentTrail,
    FeedView,
    PageView,
    ReadDocument,
)
from monitor.store import trails
from monitor.store.engine import Database
from monitor.store.feedback import acks_of, labels_of
from monitor.store.names import NameKind, folded_name, search_keys
from monitor.store.pages import page_view
from monitor.store.records import list_of, message_of
from monitor.store.revisions import wordings
from monitor.store.rows import feed_of, report_of, state_of
from monitor.store.search import has_words
from monitor.store.tables import (
    alerts,
    deliveries,
    development_names,
    developments,
    documents,
    entries,
    feed_states,
    feeds,
    polls,
    report_names,
    reports,
    stories,
)

_PAGE = 200
"""Alerts loaded at once: some 4 kB each."""


class SqlHistoryStore:
    """`monitor.ports.HistoryStore` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def alerts(self, wanted: AlertFilter, *, limit: int | None = None) -> Iterator[AlertView]:
        """See the port. The matching ids are read first, the alerts page by page.

        So a reader that takes its time (a pager, a pipe) holds no transaction open, and an
        alert that arrives meanwhile changes nothing.
        """
        with self._database.reading() as connection:
            query = matching(wanted, is_sqlite=self._database.is_sqlite, feed_ids=_sources(connection, wanted.source))
            ids = array("q", connection.execute(query.limit(limit)).scalars())
        rest = iter(ids)
        while page := list(islice(rest, _PAGE)):
            with self._database.reading() as connection:
                views = alert_views(connection, page)
            yield from views

    def alert(self, alert_id: int) -> AlertView | None:
        with self._database.reading() as connection:
            views = alert_views(connection, [alert_id])
        return views[0] if views else None

    def feeds(self) -> tuple[FeedView, ...]:
        with self._database.reading() as connection:
            states = {row.feed_id: row for row in connection.execute(select(feed_states))}
            seen = {row.feed_id: row for row in connection.execute(entries_by_feed())}
            unsupported = {row.feed_id: row.documents for row in connection.execute(unsupported_by_feed())}
            rows = connection.execute(select(feeds)).all()
        views = (_feed_view(row, states[row.id], seen.get(row.id), unsupported.get(row.id, 0)) for row in rows)
        return tuple(sorted(views, key=lambda view: (not view.feed.enabled, view.feed.name.casefold(), view.feed.url)))

    def counts(self) -> Counts:
        with self._database.reading() as connection:
            return _counts(connection)

    def trail(self, url: str) -> DocumentTrail | None:
        with self._database.reading() as connection:
            document_id = trails.known_document(connection, url)
            return None if document_id is None else trails.trail_of(connection, document_id, alert_views)

    def trail_of(self, document_id: int) -> DocumentTrail | None:
        with self._database.reading() as connection:
            return trails.trail_of(connection, document_id, alert_views)

    def revisions(self, document_id: int) -> tuple[Wording, ...]:
        with self._database.reading() as connection:
            return wordings(connection, document_id)

    def page_seen(self, document_id: int) -> PageView | None:
        with self._database.reading() as connection:
            return page_view(connection, document_id)

    def near_urls(self, url: str, *, limit: int) -> tuple[str, ...]:
        with self._database.reading() as connection:
            return trails.near_urls(connection, url, limit)

    def read_documents(self, *, since: datetime | None, until: datetime | None) -> Iterator[ReadDocument]:
        """See the port. Read page by page: a reader that takes its time holds no transaction open."""
        last_id = 0
        while True:
            with self._database.reading() as connection:
                page = trails.page_of_documents(connection, since, until, after_id=last_id)
            yield from page
            if not page:
                return
            last_id = page[-1].document.id

    def read_count(self, *, since: datetime | None, until: datetime | None) -> int:
        with self._database.reading() as connection:
            return trails.count_documents(connection, since, until)


def matching(wanted: AlertFilter, *, is_sqlite: bool, feed_ids: Sequence[int] | None) -> Select[Any]:
    """The ids of the alerts that pass the filter, newest first; `feed_ids` are those its source means."""
    conditions: list[ColumnElement[bool] | TextClause] = []
    if wanted.since is not None:
        conditions.append(alerts.c.created_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(alerts.c.created_at < wanted.until)
    if wanted.type is not None:
        conditions.append(alerts.c.type == wanted.type)
    if wanted.phase is not None:
        conditions.append(alerts.c.phase == wanted.phase)
    if wanted.person is not None:
        conditions.append(_names(NameKind.PERSON, wanted.person))
    if wanted.place is not None:
        conditions.append(_names(NameKind.PLACE, wanted.place))
    if feed_ids is not None:
        conditions.append(alerts.c.feed_id.in_(feed_ids))
    if wanted.status is not None:
        conditions.append(_has_status(wanted.status))
    if wanted.text is not None:
        conditions.append(has_words(wanted.text, is_sqlite=is_sqlite))
    return select(alerts.c.id).where(*conditions).order_by(alerts.c.created_at.desc(), alerts.c.id.desc())


def entries_by_feed() -> Select[Any]:
    """By feed, how many entries it has brought and when the last one was seen."""
    newest = func.max(entries.c.seen_at, type_=entries.c.seen_at.type)
    return select(entries.c.feed_id, func.count().label("entries"), newest.label("last_at")).group_by(entries.c.feed_id)


def unsupported_by_feed() -> Select[Any]:
    """By feed, how many of its documents are in a language the rules cannot read."""
    unsupported = documents.c.reason == str(ReadReason.LANGUAGE_UNSUPPORTED)
    return select(documents.c.feed_id, func.count().label("documents")).where(unsupported).group_by(documents.c.feed_id)


def _names(kind: NameKind, name: str) -> ColumnElement[bool]:
    """Whether the alert's report or development names it, by its whole name or a word of it."""
    folded = folded_name(name)
    if not folded:
        return false()
    told = alerts.alias("told")
    in_report = (
        select(told.c.id)
        .join(report_names, report_names.c.report_id == told.c.report_id)
        .where(report_names.c.kind == str(kind), report_names.c.folded == folded)
    )
    in_development = (
        select(told.c.id)
        .join(development_names, development_names.c.development_id == told.c.development_id)
        .where(development_names.c.kind == str(kind), development_names.c.folded == folded)
    )
    return alerts.c.id.in_(union(in_report, in_development))


def _has_status(status: str) -> ColumnElement[bool]:
    if status == "none":
        return ~select(1).where(deliveries.c.alert_id == alerts.c.id).exists()
    return alerts.c.id.in_(select(deliveries.c.alert_id).where(deliveries.c.status == status))


def _sources(connection: Connection, source: str | None) -> list[int] | None:
    """The ids of the feeds whose name or host the user means; None when every feed will do."""
    if source is None:
        return None
    rows = connection.execute(select(feeds.c.id, feeds.c.name, feeds.c.url))
    return [row.id for row in rows if _is_source(folded_name(source), row.name, row.url)]


def _is_source(wanted: str, name: str, url: str) -> bool:
    host = _host(url).removeprefix("www.")
    domain = wanted.removeprefix("www.")
    return wanted in search_keys(name) or host == domain or ("." in domain and host.endswith(f".{domain}"))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # "http://[oops": configured, polled in vain, and still listed
        return ""


def alert_views(connection: Connection, ids: Sequence[int]) -> list[AlertView]:
    """The alerts with these ids, in this order, without those that are gone."""
    wanted = (
        select(alerts, stories.c.slug.label("story_slug"), developments.c.slug.label("development_slug"))
        .join(stories, stories.c.id == alerts.c.story_id)
        .join(developments, developments.c.id == alerts.c.development_id)
        .where(alerts.c.id.in_(ids))
    )
    rows = {row.id: row for row in connection.execute(wanted)}
    told = select(reports).where(reports.c.id.in_({row.report_id for row in rows.values()}))
    by_report = {row.id: row for row in connection.execute(told)}
    sent = select(deliveries).where(deliveries.c.alert_id.in_(ids)).order_by(deliveries.c.id)
    by_alert: dict[int, list[DeliveryView]] = {}
    for row in connection.execute(sent):
        by_alert.setdefault(row.alert_id, []).append(_delivery_view(row))
    seen = acks_of(connection, list({row.story_id for row in rows.values()}))
    said = labels_of(connection, ids)
    return [
        AlertView(
            alert=_alert(rows[alert_id]),
            story_slug=rows[alert_id].story_slug,
            development_slug=rows[alert_id].development_slug,
            report=report_of(by_report[rows[alert_id].report_id]),
            document_id=by_report[rows[alert_id].report_id].document_id,
            deliveries=tuple(by_alert.get(alert_id, ())),
            acks=seen.get(rows[alert_id].story_id, ()),
            labels=said.get(alert_id, ()),
        )
        for alert_id in ids
        if alert_id in rows
    ]


def _alert(row: Row[Any]) -> Alert:
    message = message_of(row.message)
    return Alert(
        id=row.id,
        key=row.key,
        story_id=row.story_id,
        development_id=row.development_id,
        report_id=row.report_id,
        reason=AlertReason(row.reason),
        severity=Severity(row.severity),
        created_at=row.created_at,
        message=replace(
            message, also_reported_by=tuple(o for o in list_of(row.also_reported_by) if o != message.source)
        ),
    )


def _delivery_view(row: Row[Any]) -> DeliveryView:
    return DeliveryView(
        channel=row.channel,
        status=row.status,
        attempts=row.attempts,
        sent_at=row.sent_at,
        reference=row.reference,
        last_fault=row.last_fault,
        detail=row.detail,
    )


def _feed_view(row: Row[Any], state: Row[Any], seen: Row[Any] | None, unsupported_count: int) -> FeedView:
    return FeedView(
        feed=feed_of(row, homepage=state.found_homepage, language=state.found_language),
        state=state_of(state),
        entry_count=seen.entries if seen is not None else 0,
        unsupported_count=unsupported_count,
        last_entry_at=seen.last_at if seen is not None else None,
    )


def _counts(connection: Connection) -> Counts:
    def count(table: Any, *conditions: ColumnElement[bool]) -> int:
        return int(connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())

    def by(column: Any, *conditions: ColumnElement[bool]) -> tuple[tuple[str, int], ...]:
        grouped: Iterable[Any] = connection.execute(select(column, func.count()).where(*conditions).group_by(column))
        return tuple(sorted((label, number) for label, number in grouped))

    failing = select(feed_states.c.feed_id).where(feed_states.c.failures > 0)
    last_poll: Select[datetime] = select(func.max(polls.c.finished_at, type_=polls.c.finished_at.type))
    return Counts(
        entries=count(entries),
        documents=count(documents),
        documents_by_status=by(documents.c.status),
        reports=count(reports),
        developments=count(developments),
        stories=count(stories),
        alerts=count(alerts),
        deliveries_by_status=by(deliveries.c.status, deliveries.c.alert_id.is_not(None)),  # of alerts, not notices
        polls_by_reason=by(polls.c.reason),
        feeds_enabled=count(feeds, feeds.c.enabled == true(), feeds.c.kind != str(FeedKind.INGEST)),
        feeds_failing=count(feeds, feeds.c.enabled == true(), feeds.c.id.in_(failing)),
        language_unsupported=count(documents, documents.c.reason == str(ReadReason.LANGUAGE_UNSUPPORTED)),
        last_poll_at=connection.execute(last_poll).scalar_one(),
    )
