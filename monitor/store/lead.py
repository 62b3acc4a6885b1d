"""Who reported which development, and when first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, true

from monitor.core.model.lead import OutletReports
from monitor.store.tables import developments, documents, feeds, reports


def told_since(since: datetime) -> Select[Any]:
    """By development first reported at or after `since` and outlet, its reports as news: first, count, copies."""
    first_at = func.min(documents.c.published_at, type_=documents.c.published_at.type)
    return (
        select(
            reports.c.development_id,
            feeds.c.name.label("outlet"),
            first_at.label("first_at"),
            func.count().label("report_count"),
            func.count(reports.c.copy_of).label("copy_count"),
        )
        .select_from(developments)
        .join(reports, reports.c.development_id == developments.c.id)
        .join(documents, documents.c.id == reports.c.document_id)
        .join(feeds, feeds.c.id == documents.c.feed_id)
        .where(developments.c.first_seen_at >= since, reports.c.alert == true())
        .group_by(reports.c.development_id, feeds.c.name)
        .order_by(reports.c.development_id, feeds.c.name)
    )


def outlet_reports(connection: Connection, since: datetime) -> Iterator[OutletReports]:
    """The rows of `told_since`."""
    for row in connection.execute(told_since(since)):
        yield OutletReports(
            development_id=row.development_id,
            outlet=row.outlet,
            at=row.first_at,
            report_count=row.report_count,
            copy_count=row.copy_count,
        )
