"""What is not kept for ever: old polls, and the texts of old documents that reported nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Select, delete, select, update

from monitor.core.model.document import DocumentStatus
from monitor.ports import Tidied
from monitor.store.chunks import CHUNK
from monitor.store.engine import Database
from monitor.store.tables import document_revisions, documents, entries, polls, reports


class SqlRetentionStore:
    """`monitor.ports.RetentionStore` on a database."""

    def __init__(self, database: Database, *, batch: int = CHUNK) -> None:
        self._database = database
        self._batch = batch

    def tidy(self, *, polls_before: datetime, unreported_texts_before: datetime) -> Tidied:
        """See the port; `texts` counts emptied entries, `documents` emptied documents.

        Works in many short transactions, so that nobody waits long for it; stopping it between
        two is safe. The digest of an emptied entry stays, so that it is still known unchanged.
        """
        poll_count = text_count = document_count = 0
        while gone := self._database.write(lambda connection: _drop_polls(connection, polls_before, self._batch)):
            poll_count += gone
        old = unreported_texts_before
        while (emptied := self._database.write(lambda connection: _drop_texts(connection, old, self._batch)))[0]:
            document_count += emptied[0]
            text_count += emptied[1]
        return Tidied(polls=poll_count, texts=text_count, documents=document_count)


def old_polls(before: datetime, limit: int) -> Select[int]:
    """Some poll rows that finished before the moment."""
    return select(polls.c.id).where(polls.c.finished_at < before).limit(limit)


def old_texts(before: datetime, limit: int) -> Select[int]:
    """Some settled documents that reported nothing and whose text is older than the moment."""
    reported = select(1).where(reports.c.document_id == documents.c.id).exists()
    return (
        select(documents.c.id)
        .where(documents.c.kept_since < before, documents.c.status != str(DocumentStatus.PENDING), ~reported)
        .limit(limit)
    )


def _drop_polls(connection: Connection, before: datetime, limit: int) -> int:
    return connection.execute(delete(polls).where(polls.c.id.in_(old_polls(before, limit)))).rowcount


def _drop_texts(connection: Connection, before: datetime, limit: int) -> tuple[int, int]:
    ids = connection.execute(old_texts(before, limit).with_for_update(key_share=True, skip_locked=True)).scalars().all()
    if not ids:
        return 0, 0
    connection.execute(delete(document_revisions).where(document_revisions.c.document_id.in_(ids)))
    connection.execute(update(documents).where(documents.c.id.in_(ids)).values(text="", kept_since=None))
    of_these = entries.c.document_id.in_(ids)
    emptied = connection.execute(update(entries).where(of_these).values(summary="", content="")).rowcount
    return len(ids), emptied
