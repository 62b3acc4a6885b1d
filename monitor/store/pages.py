"""What is remembered of documents' pages, and which are to be read again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, select, update

from monitor.core.model.document import DocumentStatus, PageSeen, RecheckOutcome, StatedDate
from monitor.core.model.history import PageView
from monitor.ports import ClaimedPage, Lease
from monitor.store.engine import insert_into
from monitor.store.records import list_of, list_text
from monitor.store.rows import document_of
from monitor.store.tables import document_pages, documents
from monitor.store.trails import feeds_of


def remember_page(connection: Connection, document_id: int, page: PageSeen, *, recheck_at: datetime | None) -> None:
    """Store what the page said; a page whose rechecks have begun keeps its own next time."""
    values = _values(page)
    statement = insert_into(connection)(document_pages).values(
        document_id=document_id, recheck_at=recheck_at, recheck_count=0, **values
    )
    begun = document_pages.c.recheck_count > 0
    planned = func.coalesce(document_pages.c.recheck_at, statement.excluded.recheck_at)
    values["recheck_at"] = case((begun, document_pages.c.recheck_at), else_=planned)
    connection.execute(statement.on_conflict_do_update(index_elements=["document_id"], set_=values))


def due_pages(now: datetime, limit: int) -> Select[int]:
    """The ids of documents whose pages to read again, the longest waiting first; rows others hold are passed over."""
    return (
        select(document_pages.c.document_id)
        .join(documents, documents.c.id == document_pages.c.document_id)
        .where(document_pages.c.recheck_at <= now, documents.c.status == str(DocumentStatus.READ))
        .order_by(document_pages.c.recheck_at, document_pages.c.document_id)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True, of=documents)
    )


def claim_pages(connection: Connection, now: datetime, limit: int, until: datetime) -> tuple[ClaimedPage, ...]:
    """Pages to read again, theirs until then; no owner: a dead one's come back when the lease ends."""
    ids = connection.execute(due_pages(now, limit)).scalars().all()
    if not ids:
        return ()
    fenced = update(documents).where(documents.c.id.in_(ids)).values(fence=documents.c.fence + 1)
    rows = {row.id: row for row in connection.execute(fenced.returning(*documents.c))}
    leased = update(document_pages).where(document_pages.c.document_id.in_(ids)).values(recheck_at=until)
    pages = {row.document_id: row for row in connection.execute(leased.returning(*document_pages.c))}
    sources = feeds_of(connection, {row.feed_id for row in rows.values()})
    return tuple(
        ClaimedPage(
            lease=Lease(row_id=document_id, fence=rows[document_id].fence, until=until),
            document=document_of(rows[document_id]),
            feed=sources[rows[document_id].feed_id],
            page=_page_of(pages[document_id]),
            done_count=pages[document_id].recheck_count,
        )
        for document_id in ids
    )


def record_outcome(
    connection: Connection,
    document_id: int,
    *,
    outcome: RecheckOutcome,
    detail: str,
    page: PageSeen | None,
    next_at: datetime | None,
    now: datetime,
) -> None:
    """Write what reading the page again found."""
    values: dict[str, Any] = {
        "recheck_at": next_at,
        "recheck_count": document_pages.c.recheck_count + 1,
        "rechecked_at": now,
        "recheck_outcome": str(outcome),
        "recheck_detail": detail,
    }
    if page is not None:
        values |= _values(page)
    connection.execute(update(document_pages).where(document_pages.c.document_id == document_id).values(values))


def page_view(connection: Connection, document_id: int) -> PageView | None:
    """What is remembered of the document's page."""
    row = connection.execute(select(document_pages).where(document_pages.c.document_id == document_id)).one_or_none()
    if row is None:
        return None
    return PageView(
        page=_page_of(row),
        recheck_at=row.recheck_at,
        recheck_count=row.recheck_count,
        rechecked_at=row.rechecked_at,
        recheck_outcome=None if row.recheck_outcome is None else RecheckOutcome(row.recheck_outcome),
        recheck_detail=row.recheck_detail or "",
    )


def _values(page: PageSeen) -> dict[str, Any]:
    return {
        "title": page.title,
        "etag": page.etag,
        "last_modified": page.last_modified,
        "authors": list_text(page.authors),
        **_date_values("published", page.published),
        **_date_values("modified", page.modified),
    }


def _date_values(name: str, stated: StatedDate | None) -> dict[str, Any]:
    return {
        f"{name}_at": stated.at if stated else None,
        f"{name}_on": stated.on if stated else None,
        f"{name}_offset_min": stated.utc_offset_min if stated else None,
    }


def _page_of(row: Row[Any]) -> PageSeen:
    return PageSeen(
        title=row.title,
        etag=row.etag,
        last_modified=row.last_modified,
        authors=list_of(row.authors),
        published=_stated(row.published_at, row.published_on, row.published_offset_min),
        modified=_stated(row.modified_at, row.modified_on, row.modified_offset_min),
    )


def _stated(at: datetime | None, on: Any, offset_min: int | None) -> StatedDate | None:
    return None if on is None else StatedDate(at=at, on=on, utc_offset_min=offset_min)
