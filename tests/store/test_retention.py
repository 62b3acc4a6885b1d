"""What tidying drops, and what it never touches."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from monitor.ports import Tidied
from monitor.store.database import SqlStore
from monitor.store.retention import SqlRetentionStore
from monitor.store.tables import document_revisions, entries
from tests.store.arrange import DAY, MINUTE, NOON, entry, poll, publish, read, report

LATER = NOON + 40 * DAY


def tidy(store: SqlStore, *, before: datetime = NOON + DAY) -> Tidied:
    return store.retention.tidy(polls_before=before, unreported_texts_before=before)


def kept_summaries(store: SqlStore) -> dict[str, str]:
    with store.database.reading() as connection:
        return {row.guid: row.summary for row in connection.execute(select(entries))}


def test_old_polls_go_and_newer_ones_stay(store: SqlStore) -> None:
    publish(store)
    poll(store, now=LATER)
    assert tidy(store).polls == 1
    assert store.history.counts().polls_by_reason == (("new_entries", 1),)
    assert store.history.counts().last_poll_at == LATER


def test_old_texts_that_reported_nothing_go_and_their_entries_stay_known(store: SqlStore) -> None:
    publish(store, entry("a"))
    claim = read(store, text="Long text.")
    assert tidy(store) == Tidied(polls=1, texts=1, documents=1)
    document = store.documents.stored_text(claim.document.id)
    assert document is not None
    assert (document.text, document.title) == ("", "Headline a")
    assert kept_summaries(store) == {"a": ""}
    assert poll(store, entry("a"), now=LATER).known == 1


def test_a_second_tidying_finds_nothing(store: SqlStore) -> None:
    publish(store, entry("a"))
    read(store)
    tidy(store)
    assert tidy(store) == Tidied()


def test_texts_that_reported_something_stay(store: SqlStore) -> None:
    publish(store, entry("a"))
    claim = read(store, report(), text="Long text.")
    assert tidy(store).documents == 0
    document = store.documents.stored_text(claim.document.id)
    assert document is not None
    assert document.text == "Long text."


def test_documents_that_wait_stay_however_old(store: SqlStore) -> None:
    publish(store, entry("a"))
    assert tidy(store).documents == 0
    assert kept_summaries(store) == {"a": "What a is about."}


def test_newer_texts_stay(store: SqlStore) -> None:
    publish(store, entry("a"), now=LATER)
    read(store, now=LATER)
    assert tidy(store).documents == 0


def test_earlier_revisions_go_with_their_document(store: SqlStore) -> None:
    publish(store, entry("a"))
    read(store)
    poll(store, entry("a", title="Other"))
    read(store)
    assert tidy(store).documents == 1
    with store.database.reading() as connection:
        assert connection.execute(select(document_revisions)).all() == []


def test_an_edit_after_tidying_is_read_and_kept_again(store: SqlStore) -> None:
    publish(store, entry("a"))
    read(store)
    tidy(store)
    poll(store, entry("a", title="Back in the news"), now=LATER)
    claim = read(store, text="New text.", now=LATER)
    document = store.documents.stored_text(claim.document.id)
    assert document is not None
    assert (document.revision, document.text) == (2, "New text.")
    assert tidy(store, before=LATER + MINUTE).documents == 1


def test_more_than_one_round_is_tidied(store: SqlStore) -> None:
    publish(store, *(entry(f"n{number}") for number in range(5)))
    for _ in range(5):
        read(store)
        poll(store)
    rounds = SqlRetentionStore(store.database, batch=2)
    before = NOON + DAY
    assert rounds.tidy(polls_before=before, unreported_texts_before=before) == Tidied(polls=6, texts=5, documents=5)
