"""The wordings of a document that were read: the current one in `documents`, earlier ones beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from monitor.core.model.document import DocumentStatus, RevisionCause, TextOrigin, Wording
from monitor.store.tables import document_revisions, documents

MAX_EDITS = 24
"""Revisions an article's edits may bring: a feed that changes a counter at every poll must not be read for ever."""


def keep_revisions(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    """Keep the wording of these rows of `documents`, which are about to get another one."""
    if not rows:
        return
    connection.execute(
        insert(document_revisions),
        [
            {
                "document_id": row.id,
                "revision": row.revision,
                "title": row.title,
                "text": row.text,
                "published_at": row.published_at,
                "seen_at": _seen_at(row),
                "cause": str(_cause(row.revision_cause, row.revision)),
                "origin": row.origin,
            }
            for row in rows
        ],
    )


def newest_kept(connection: Connection, ids: Iterable[int]) -> dict[int, Wording]:
    """By document, the newest wording kept beside the current one."""
    wanted = select(document_revisions).where(document_revisions.c.document_id.in_(list(ids)))
    ordered = wanted.order_by(document_revisions.c.document_id, document_revisions.c.revision)
    return {row.document_id: _kept(row) for row in connection.execute(ordered)}


def forget_revision(connection: Connection, document_id: int, kept: Wording) -> None:
    """Drop a kept wording that proved to be the current one: that has been there since the kept was seen."""
    of_it = (document_revisions.c.document_id == document_id) & (document_revisions.c.revision == kept.revision)
    connection.execute(delete(document_revisions).where(of_it))
    values = {"revised_at": kept.seen_at, "revision_cause": str(kept.cause)}
    connection.execute(update(documents).where(documents.c.id == document_id).values(values))


def kept_revisions(document_id: int) -> Select[Any]:
    """The rows of one document's earlier wordings, oldest first."""
    wanted = select(document_revisions).where(document_revisions.c.document_id == document_id)
    return wanted.order_by(document_revisions.c.revision)


def wordings(connection: Connection, document_id: int) -> tuple[Wording, ...]:
    """All wordings that were read, oldest first; empty for an unknown document."""
    row = connection.execute(select(documents).where(documents.c.id == document_id)).one_or_none()
    if row is None:
        return ()
    kept = tuple(_kept(each) for each in connection.execute(kept_revisions(document_id)))
    if row.status == DocumentStatus.PENDING:  # its text is still that of the wording before
        return kept
    return (*kept, _current(row))


def _current(row: Row[Any]) -> Wording:
    return Wording(
        revision=row.revision,
        title=row.title,
        text=row.text,
        origin=TextOrigin(row.origin),
        published_at=row.published_at,
        seen_at=_seen_at(row),
        cause=_cause(row.revision_cause, row.revision),
    )


def _kept(row: Row[Any]) -> Wording:
    return Wording(
        revision=row.revision,
        title=row.title,
        text=row.text,
        origin=TextOrigin(row.origin) if row.origin is not None else TextOrigin.NONE,
        published_at=row.published_at,
        seen_at=row.seen_at,
        cause=_cause(row.cause, row.revision),
    )


def _seen_at(row: Row[Any]) -> Any:
    """Of a row of `documents`; None for a later wording that was stored before this was kept."""
    return row.revised_at or (row.seen_at if _is_first(row.revision_cause, row.revision) else None)


def _cause(stored: str | None, revision: int) -> RevisionCause:
    if stored is not None:
        return RevisionCause(stored)
    return RevisionCause.FIRST_SEEN if revision == 1 else RevisionCause.FEED_EDIT


def _is_first(stored: str | None, revision: int) -> bool:
    return _cause(stored, revision) is RevisionCause.FIRST_SEEN
