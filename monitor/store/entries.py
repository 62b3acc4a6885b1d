"""What a poll brings: new entries and their documents, edits of known ones; a few statements a batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, bindparam, insert, select, update

from monitor.core.model.document import DocumentStatus, RevisionCause, TextOrigin
from monitor.core.model.entry import Entry
from monitor.core.urls import canonical_url
from monitor.ports import PollWritten
from monitor.store.chunks import chunks
from monitor.store.engine import insert_into
from monitor.store.records import list_text
from monitor.store.revisions import MAX_EDITS, keep_revisions
from monitor.store.rows import digest_of, index_key
from monitor.store.tables import documents, entries
from monitor.store.types import storable

_NEWS = timedelta(days=1)  # after which hardly anybody wants an alert
_SPREAD = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """An entry of the batch with the keys it is stored under."""

    entry: Entry
    guid: str
    key: str  # the document's canonical URL
    digest: str


def write_entries(
    connection: Connection, *, feed_id: int, entries: Sequence[Entry], seen_at: datetime, first_success: bool
) -> PollWritten:
    """Store the batch inside the caller's transaction, which holds the feed's lease; what became of each."""
    batch: dict[str, _Seen] = {}
    for entry in entries:
        guid = index_key(storable(entry.guid))
        batch.setdefault(guid, _Seen(entry=entry, guid=guid, key=_key(feed_id, entry), digest=_digest(entry)))
    if not batch:
        return PollWritten()
    known = known_entries(connection, feed_id, batch)
    new = [seen for guid, seen in batch.items() if guid not in known]
    edited = [
        (known[guid], seen) for guid, seen in batch.items() if guid in known and known[guid].digest != seen.digest
    ]
    _add(connection, feed_id, new, seen_at, first_success)
    _edit(connection, edited, seen_at)
    return PollWritten(new=len(new), edited=len(edited), known=len(batch) - len(new) - len(edited))


def _digest(entry: Entry) -> str:
    return digest_of(entry.title, entry.summary, entry.content)


def _key(feed_id: int, entry: Entry) -> str:
    """The canonical URL that names the entry's document, or a key of its own.

    An address that names no article (none, no http, a site's front page) must not join the
    different articles that carry it into one document.
    """
    canonical = canonical_url(storable(entry.url)) if entry.url else ""
    if _names_an_article(canonical):
        return index_key(canonical)
    return f"entry:{feed_id}:{digest_of(storable(entry.guid))[:32]}"


def _names_an_article(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.path.strip("/") or parts.query)


def known_entries(connection: Connection, feed_id: int, guids: Iterable[str]) -> dict[str, Any]:
    """Rows of the feed's entries among these stored guids, by guid: id, guid, digest, document_id."""
    wanted = select(entries.c.id, entries.c.guid, entries.c.digest, entries.c.document_id)
    return {
        row.guid: row
        for part in chunks(guids)
        for row in connection.execute(wanted.where(entries.c.feed_id == feed_id, entries.c.guid.in_(part)))
    }


def _add(connection: Connection, feed_id: int, new: Sequence[_Seen], seen_at: datetime, first_success: bool) -> None:
    if not new:
        return
    first: dict[str, _Seen] = {}
    for seen in new:
        first.setdefault(seen.key, seen)
    ids = _known_documents(connection, first)
    missing = {key: seen for key, seen in first.items() if key not in ids}
    if missing:
        # In one order everywhere, or two polls bringing the same articles could wait for each other.
        due_at = _turns(missing, seen_at)
        rows = [
            _document_values(feed_id, missing[key], seen_at, first_success) | {"due_at": due_at[key]}
            for key in sorted(missing)
        ]
        statement = insert_into(connection)(documents).on_conflict_do_nothing(index_elements=["canonical_url"])
        connection.execute(statement, rows)
        ids |= _documents_by_key(connection, missing)
    bringing = {seen.guid for seen in missing.values()}
    connection.execute(
        insert(entries),
        [_entry_values(feed_id, seen, ids[seen.key], seen_at, int(seen.guid in bringing)) for seen in new],
    )


def _known_documents(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """Documents by canonical URL: their own, or one under which an entry of theirs was seen."""
    ids = _documents_by_key(connection, keys)
    alias = select(entries.c.canonical_url, entries.c.document_id)
    for part in chunks(key for key in keys if key not in ids):
        for row in connection.execute(alias.where(entries.c.canonical_url.in_(part)).order_by(entries.c.id)):
            ids.setdefault(row.canonical_url, row.document_id)
    return ids


def _documents_by_key(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    wanted = select(documents.c.canonical_url, documents.c.id)
    return {
        row.canonical_url: row.id
        for part in chunks(keys)
        for row in connection.execute(wanted.where(documents.c.canonical_url.in_(part)))
    }


def _turns(new: Mapping[str, _Seen], seen_at: datetime) -> dict[str, datetime]:
    """When each document counts as due, by key; never later than `seen_at`.

    The earliest due is read first. A feed's newest article goes before its older ones, a second
    apart, as its host may be asked: so feeds take turns, and none keeps all readers waiting for
    one host. What is no news any more lets the news of half an hour pass.
    """

    def dated_at(key: str) -> datetime:
        return new[key].entry.published_at or new[key].entry.updated_at or seen_at

    turns: dict[str, datetime] = {}
    for number, key in enumerate(sorted(new, key=dated_at, reverse=True)):
        is_news = dated_at(key) > seen_at - _NEWS
        ahead = 2 * _SPREAD if is_news else _SPREAD
        turns[key] = seen_at - ahead + min(timedelta(seconds=number), _SPREAD)
    return turns


def _document_values(feed_id: int, seen: _Seen, seen_at: datetime, first_success: bool) -> dict[str, Any]:
    entry = seen.entry
    stated_at = entry.published_at or entry.updated_at
    return {
        "feed_id": feed_id,
        "canonical_url": seen.key,
        "url": entry.url or "",
        "title": entry.title,
        "text": "",
        "text_digest": "",
        "language": entry.language,
        "published_at": stated_at or seen_at,
        # When an article last changed is no publication date: a sitemap's lastmod makes old ones look new.
        "dated": entry.published_at is not None,
        "backlog": entry.published_at is None and (first_success or entry.archive),
        "seen_at": seen_at,
        "revision": 1,
        "status": str(DocumentStatus.PENDING),
        "origin": str(TextOrigin.NONE),
        "reason": None,
        "detail": "",
        "kept_since": seen_at,
        "attempts": 0,
        "postponed": 0,
        "fence": 0,
    }


def _entry_values(
    feed_id: int, seen: _Seen, document_id: int, seen_at: datetime, brought_revision: int
) -> dict[str, Any]:
    entry = seen.entry
    return {
        "feed_id": feed_id,
        "guid": seen.guid,
        "url": entry.url,
        "canonical_url": seen.key,
        "title": entry.title,
        "summary": entry.summary,
        "content": entry.content,
        "authors": list_text(entry.authors),
        "published_at": entry.published_at,
        "updated_at": entry.updated_at,
        "seen_at": seen_at,
        "digest": seen.digest,
        "document_id": document_id,
        "brought_revision": brought_revision,
    }


def _edit(connection: Connection, edited: Sequence[tuple[Any, _Seen]], seen_at: datetime) -> None:
    if not edited:
        return
    latest = {row.document_id: seen for row, seen in edited}
    revisions = _revise(connection, latest, seen_at)
    connection.execute(
        update(entries)
        .where(entries.c.id == bindparam("row_id"))
        .values({name: bindparam(f"new_{name}") for name in ("title", "summary", "content", "authors", "digest")}),
        [
            {
                "row_id": row.id,
                "new_title": seen.entry.title,
                "new_summary": seen.entry.summary,
                "new_content": seen.entry.content,
                "new_authors": list_text(seen.entry.authors),
                "new_digest": seen.digest,
            }
            for row, seen in edited
        ],
    )
    brought = [
        {"row_id": row.id, "revision": revisions[row.document_id]}
        for row, seen in edited
        if row.document_id in revisions and latest[row.document_id] is seen
    ]
    if brought:
        statement = update(entries).where(entries.c.id == bindparam("row_id"))
        connection.execute(statement.values(brought_revision=bindparam("revision")), brought)


def _revise(connection: Connection, latest: Mapping[int, _Seen], seen_at: datetime) -> dict[int, int]:
    """Make the documents pending again with their next revision; that number by id, without those edited out."""
    rows = [
        row
        for part in chunks(sorted(latest))
        for row in connection.execute(
            select(documents).where(documents.c.id.in_(part)).order_by(documents.c.id).with_for_update(key_share=True)
        )
        if row.revision <= MAX_EDITS
    ]
    if not rows:
        return {}
    # A revision that was never read has no text to keep.
    keep_revisions(connection, [row for row in rows if row.status != DocumentStatus.PENDING])
    connection.execute(
        update(documents)
        .where(documents.c.id == bindparam("row_id"))
        .values(
            title=bindparam("new_title"),
            revision=documents.c.revision + 1,
            revised_at=seen_at,
            revision_cause=str(RevisionCause.FEED_EDIT),
            status=str(DocumentStatus.PENDING),
            due_at=seen_at,
            attempts=0,
            postponed=0,
            lease_owner=None,
            fence=documents.c.fence + 1,  # whoever reads the old wording right now must drop it
        ),
        [{"row_id": row.id, "new_title": latest[row.id].entry.title} for row in rows],
    )
    return {row.id: row.revision + 1 for row in rows}
