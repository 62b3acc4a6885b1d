"""Documents that wait to be read, and what reading them wrote."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select, update

from monitor.core.model.document import Document, DocumentStatus, RevisionCause
from monitor.core.model.report import Report
from monitor.errors import LeaseLost
from monitor.ports import ClaimedDocument, ClaimedPage, Lease, ReadResult, RecheckResult
from monitor.store.engine import Database
from monitor.store.names import name_rows
from monitor.store.pages import claim_pages, record_outcome, remember_page
from monitor.store.records import evidence_text, roles_text
from monitor.store.revisions import MAX_EDITS, forget_revision, keep_revisions, newest_kept
from monitor.store.rows import digest_of, document_of, entry_of, index_key
from monitor.store.tables import documents, entries, report_names, reports
from monitor.store.trails import feeds_of
from monitor.store.types import storable


class SqlDocumentStore:
    """`monitor.ports.DocumentStore` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim_pending(self, *, now: datetime, limit: int, lease_s: float) -> tuple[ClaimedDocument, ...]:
        until = now + timedelta(seconds=lease_s)
        return self._database.write(lambda connection: _claim(connection, now, limit, until, self._database.owner))

    def record_read(self, claim: ClaimedDocument, result: ReadResult, *, now: datetime) -> None:
        """See the port.

        The row takes the page's canonical URL unless another document has it. A report that says
        just what one already standing in a development says (type, phase, modality, roles, day)
        is not stored again: an edit that changes nothing must not count as another report.
        """
        self._database.write(lambda connection: _record(connection, claim, result, now))

    def claim_rechecks(self, *, now: datetime, limit: int, lease_s: float) -> tuple[ClaimedPage, ...]:
        until = now + timedelta(seconds=lease_s)
        return self._database.write(lambda connection: claim_pages(connection, now, limit, until))

    def record_recheck(self, claim: ClaimedPage, result: RecheckResult, *, now: datetime) -> bool:
        return self._database.write(lambda connection: _record_recheck(connection, claim, result, now))

    def postpone(self, claim: ClaimedDocument, *, retry_at: datetime, detail: str) -> int:
        """See the port. Raises: LeaseLost."""

        def work(connection: Connection) -> int:
            values = {
                "due_at": retry_at,
                "detail": detail,
                "postponed": documents.c.postponed + 1,
                "lease_owner": None,
                "fence": documents.c.fence + 1,
            }
            statement = update(documents).where(_held(claim)).values(values).returning(documents.c.postponed)
            times = connection.execute(statement).scalar_one_or_none()
            if times is None:
                raise _lost(claim)
            return int(times)

        return self._database.write(work)

    def stored_text(self, document_id: int) -> Document | None:
        with self._database.reading() as connection:
            row = connection.execute(select(documents).where(documents.c.id == document_id)).one_or_none()
        return None if row is None else document_of(row)


def due_documents(now: datetime, limit: int) -> Select[int]:
    """The ids of documents to claim, the longest waiting first; rows others hold are passed over."""
    return (
        select(documents.c.id)
        .where(documents.c.due_at <= now)
        .order_by(documents.c.due_at, documents.c.id)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    )


def _claim(
    connection: Connection, now: datetime, limit: int, until: datetime, owner: str | None
) -> tuple[ClaimedDocument, ...]:
    ids = connection.execute(due_documents(now, limit)).scalars().all()
    if not ids:
        return ()
    lease = {
        "due_at": until,
        "lease_owner": owner,
        "attempts": documents.c.attempts + 1,
        "fence": documents.c.fence + 1,
    }
    taken = update(documents).where(documents.c.id.in_(ids)).values(lease).returning(*documents.c)
    rows = {row.id: row for row in connection.execute(taken)}
    wording = _newest_wording(connection, ids)
    sources = feeds_of(connection, {row.feed_id for row in rows.values()})
    before = newest_kept(connection, [row.id for row in rows.values() if row.revision > 1])
    return tuple(
        ClaimedDocument(
            lease=Lease(row_id=document_id, fence=rows[document_id].fence, until=until),
            document=document_of(rows[document_id]),
            feed=sources[rows[document_id].feed_id],
            entry=entry_of(wording[document_id]),
            attempts=rows[document_id].attempts,
            before=before.get(document_id),
        )
        for document_id in ids
    )


def _newest_wording(connection: Connection, ids: Iterable[int]) -> dict[int, Any]:
    """By document, the entry that brought its newest revision."""
    wanted = select(entries).where(entries.c.document_id.in_(ids))
    ordered = wanted.order_by(entries.c.document_id, entries.c.brought_revision, entries.c.id.desc())
    return {row.document_id: row for row in connection.execute(ordered)}


def _held(claim: ClaimedDocument) -> Any:
    """The claimed row, while nobody claimed it again and no newer wording came."""
    return (
        (documents.c.id == claim.lease.row_id)
        & (documents.c.fence == claim.lease.fence)
        & (documents.c.status == str(DocumentStatus.PENDING))
    )


def _lost(claim: ClaimedDocument) -> LeaseLost:
    return LeaseLost(f"document {claim.document.url or claim.document.canonical_url} was claimed or edited since")


def _record(connection: Connection, claim: ClaimedDocument, result: ReadResult, now: datetime) -> None:
    document = result.document
    pending = document.status is DocumentStatus.PENDING
    values = {
        "url": document.url,
        "title": document.title,
        "text": document.text,
        "text_digest": digest_of(document.text or document.title),
        "language": document.language,
        "published_at": document.published_at,
        "dated": document.dated,
        "backlog": document.backlog,
        "status": str(document.status),
        "origin": str(document.origin),
        "reason": None if document.reason is None else str(document.reason),
        "detail": document.detail,
        "ruleset_version": result.ruleset_version,
        "read_at": now,
        "due_at": now if pending else None,
        "attempts": 0,
        "postponed": 0,
        "lease_owner": None,
        "fence": documents.c.fence + 1,
    }
    if connection.execute(update(documents).where(_held(claim)).values(values)).rowcount != 1:
        raise _lost(claim)
    _adopt_canonical_url(connection, claim, document)
    if result.same_wording and claim.before is not None:
        forget_revision(connection, document.id, claim.before)
    if result.page is not None:
        remember_page(connection, document.id, result.page, recheck_at=result.recheck_at)
    _write_reports(connection, result, now)


def _record_recheck(connection: Connection, claim: ClaimedPage, result: RecheckResult, now: datetime) -> bool:
    """Only the fence is new for an unchanged page: whoever claimed it before must write nothing any more."""
    revised = result.read is not None and claim.document.revision <= MAX_EDITS
    values: dict[str, Any] = {"fence": documents.c.fence + 1}
    held = (
        (documents.c.id == claim.lease.row_id)
        & (documents.c.fence == claim.lease.fence)
        & (documents.c.status == str(DocumentStatus.READ))
    )
    row = connection.execute(select(documents).where(held).with_for_update(key_share=True)).one_or_none()
    if row is None:
        raise LeaseLost(f"document {claim.document.url or claim.document.canonical_url} was claimed or edited since")
    if result.read is not None and revised:
        document = result.read.document
        keep_revisions(connection, [row])
        values |= {
            "title": document.title,
            "text": document.text,
            "text_digest": digest_of(document.text or document.title),
            "revision": document.revision,
            "revised_at": now,
            "revision_cause": str(RevisionCause.PAGE_EDIT),
            "ruleset_version": result.read.ruleset_version,
            "read_at": now,
        }
    connection.execute(update(documents).where(held).values(values))
    record_outcome(
        connection,
        claim.lease.row_id,
        outcome=result.outcome,
        detail=result.detail,
        page=result.page,
        next_at=result.next_at,
        now=now,
    )
    if result.read is not None and revised:
        _write_reports(connection, result.read, now)
    return revised


def _adopt_canonical_url(connection: Connection, claim: ClaimedDocument, document: Document) -> None:
    key = index_key(storable(document.canonical_url))
    if key == claim.document.canonical_url:
        return
    others = documents.alias()
    taken = select(1).where(others.c.canonical_url == key).exists()
    connection.execute(update(documents).where(documents.c.id == claim.lease.row_id, ~taken).values(canonical_url=key))


def _write_reports(connection: Connection, result: ReadResult, now: datetime) -> None:
    standing = _replace_reports(connection, result)
    kept_since = None if standing or result.reports else now
    connection.execute(update(documents).where(documents.c.id == result.document.id).values(kept_since=kept_since))


def _replace_reports(connection: Connection, result: ReadResult) -> bool:
    """Put the new reports in place of the earlier ungrouped ones; whether grouped ones stand."""
    document_id = result.document.id
    free = (reports.c.document_id == document_id) & reports.c.development_id.is_(None)
    connection.execute(delete(report_names).where(report_names.c.report_id.in_(select(reports.c.id).where(free))))
    connection.execute(delete(reports).where(free))
    said = (reports.c.type, reports.c.phase, reports.c.modality, reports.c.roles, reports.c.occurs_on)
    standing = {tuple(row) for row in connection.execute(select(*said).where(reports.c.document_id == document_id))}
    for report in result.reports:
        key = (report.type, report.phase, str(report.modality), roles_text(report.roles), report.occurs_on)
        if key not in standing:
            _add_report(connection, result.document, report, result.ruleset_version)
    return bool(standing)


def _add_report(connection: Connection, document: Document, report: Report, ruleset_version: str) -> None:
    values = {
        "document_id": document.id,
        "document_revision": document.revision,
        "type": report.type,
        "phase": report.phase,
        "modality": str(report.modality),
        "score": float(report.score),
        "alert": report.alert,
        "roles": roles_text(report.roles),
        "evidence": evidence_text(report.evidence),
        "occurs_on": report.occurs_on,
        "phase_stated": report.phase_stated,
        "ruleset_version": ruleset_version,
        "note": "",
    }
    report_id = connection.execute(insert(reports).values(values).returning(reports.c.id)).scalar_one()
    names = [{"report_id": report_id, **row} for row in name_rows(report.roles)]
    if names:
        connection.execute(insert(report_names), names)
