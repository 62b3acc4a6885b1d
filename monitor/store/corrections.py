"""Articles that made an alert and were edited since."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from monitor.core.model.alert import AlertReason
from monitor.core.model.document import DocumentStatus
from monitor.core.model.work import EditedArticle
from monitor.store.engine import Database
from monitor.store.revisions import wordings
from monitor.store.rows import report_of
from monitor.store.tables import alerts, documents, feeds, reports

_BATCH = 20
_ABOUT_EDITS = (str(AlertReason.CORRECTED), str(AlertReason.RETRACTED))


class SqlCorrectionStore:
    """`monitor.ports.CorrectionStore` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def edited(self, *, since: datetime) -> tuple[EditedArticle, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(edited_articles(since, _BATCH)).all()
            return tuple(found for row in rows if (found := _article(connection, row)) is not None)


def edited_articles(since: datetime, limit: int) -> Select[Any]:
    """Alerts made since the moment whose article has a wording that nobody compared, the oldest first."""
    return (
        select(
            reports,
            alerts.c.id.label("alert_id"),
            documents.c.dated,
            feeds.c.name.label("source"),
            feeds.c.tier,
        )
        .join(reports, reports.c.id == alerts.c.report_id)
        .join(documents, documents.c.id == reports.c.document_id)
        .join(feeds, feeds.c.id == documents.c.feed_id)
        .where(
            alerts.c.created_at >= since,
            alerts.c.reason.not_in(_ABOUT_EDITS),
            documents.c.status == str(DocumentStatus.READ),
            documents.c.revision > reports.c.document_revision,
            documents.c.revision > alerts.c.compared_revision,
        )
        .order_by(alerts.c.created_at, alerts.c.id)
        .limit(limit)
    )


def _article(connection: Connection, row: Row[Any]) -> EditedArticle | None:
    """None when retention has dropped the wording that was reported."""
    every = wordings(connection, row.document_id)
    before = next((w for w in reversed(every) if w.revision <= row.document_revision), None)
    if before is None or before is every[-1]:
        return None
    return EditedArticle(
        alert_id=row.alert_id,
        told=report_of(row),
        before=before,
        after=every[-1],
        source=row.source,
        tier=row.tier,
        dated=row.dated,
    )
