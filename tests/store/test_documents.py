"""Documents that wait to be read, and what reading them wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from monitor.core.model.document import DocumentStatus, ReadReason, TextOrigin
from monitor.core.model.report import Report
from monitor.errors import LeaseLost
from monitor.store.database import SqlStore
from monitor.store.tables import document_revisions
from tests.store.arrange import (
    DAY,
    MINUTE,
    NOON,
    claimed_document,
    development,
    entry,
    feed,
    poll,
    publish,
    read,
    read_result,
    report,
    story,
)


def said(store: SqlStore) -> list[Report]:
    """The reports that stand in no development yet."""
    with store.stories.grouping() as session:
        return [filed.report for filed in session.ungrouped_reports(limit=100)]


def file_all(store: SqlStore) -> None:
    """Put every waiting report into one development."""
    with store.stories.grouping() as session:
        chain = session.save_story(story())
        change = session.save_development(development(story_id=chain.id))
        for filed in session.ungrouped_reports(limit=100):
            session.assign(filed.id, development_id=change.id, note="same trip")


def test_a_pending_document_comes_with_its_feed_and_entry(store: SqlStore) -> None:
    wanted = entry("a", authors=("I. Writer",), content="<p>Words.</p>", updated_at=NOON)
    publish(store, wanted)
    claim = claimed_document(store)
    assert claim.entry == wanted
    assert replace(claim.feed, id=0) == feed()
    assert (claim.document.url, claim.document.status) == (wanted.url, DocumentStatus.PENDING)
    assert (claim.attempts, claim.lease.until) == (1, NOON + MINUTE)


def test_the_longest_waiting_documents_are_claimed_first_and_each_once(store: SqlStore, other: SqlStore) -> None:
    publish(store, entry("late"), now=NOON + MINUTE)
    publish(store, entry("early"), now=NOON)
    publish(store, entry("last"), now=NOON + 2 * MINUTE)
    later = NOON + 5 * MINUTE
    assert [c.entry.guid for c in store.documents.claim_pending(now=later, limit=2, lease_s=60)] == ["early", "late"]
    assert [c.entry.guid for c in other.documents.claim_pending(now=later, limit=2, lease_s=60)] == ["last"]
    assert store.documents.claim_pending(now=later, limit=2, lease_s=60) == ()


def test_feeds_take_turns_and_news_goes_first(store: SqlStore) -> None:
    """A feed that brings hundreds of articles keeps neither another feed nor today's news waiting."""
    mine = [entry(f"mine {hours}", published_at=NOON - timedelta(hours=hours)) for hours in (72, 2, 48, 1)]
    other = [
        entry(f"other {hours}", url=f"https://other.example/{hours}", published_at=NOON - timedelta(hours=hours))
        for hours in (3, 96)
    ]
    publish(store, *mine, now=NOON)
    publish(store, *other, by=feed("Other Post"), now=NOON)
    claims = store.documents.claim_pending(now=NOON, limit=10, lease_s=60)
    order = ["mine 1", "other 3", "mine 2", "other 96", "mine 48", "mine 72"]
    assert [claim.entry.guid for claim in claims] == order


def test_what_was_read_is_stored(store: SqlStore) -> None:
    publish(store, entry("a", published_at=None))
    claim = claimed_document(store)
    result = read_result(claim, text="Zeile eins.\nZeile zwei.", language="de", status=DocumentStatus.SKIPPED,
                         reason=ReadReason.LANGUAGE_UNSUPPORTED, origin=TextOrigin.FEED_CONTENT, detail="de 0.98",
                         published_at=NOON - DAY, dated=True, backlog=False, title="Überschrift")  # fmt: skip
    store.documents.record_read(claim, result, now=NOON)
    assert store.documents.stored_text(claim.document.id) == result.document
    assert store.documents.claim_pending(now=NOON + DAY, limit=1, lease_s=60) == ()
    counts = store.history.counts()
    assert (counts.documents_by_status, counts.language_unsupported) == ((("skipped", 1),), 1)
    assert store.history.feeds()[0].unsupported_count == 1


def test_an_unknown_document_has_no_text(store: SqlStore) -> None:
    assert store.documents.stored_text(99) is None


def test_reports_come_back_as_they_were_told(store: SqlStore) -> None:
    publish(store, entry("a"))
    told = report("ceasefire", "talks", party=["Naro", "Ostland"], place=["Vell Valley"])
    read(store, told, report())
    assert said(store) == [told, report()]
    assert store.stories.is_waiting()


def test_a_postponed_document_waits_and_counts_its_postponements(store: SqlStore) -> None:
    publish(store, entry("a"))
    assert store.documents.postpone(claimed_document(store), retry_at=NOON + MINUTE, detail="HTTP 503") == 1
    assert store.documents.claim_pending(now=NOON + timedelta(seconds=59), limit=1, lease_s=60) == ()
    second = claimed_document(store, now=NOON + MINUTE)
    assert (second.attempts, second.document.detail) == (2, "HTTP 503")
    assert store.documents.postpone(second, retry_at=NOON + 2 * MINUTE, detail="HTTP 503") == 2


def test_a_dead_readers_document_comes_back_and_its_late_result_is_dropped(store: SqlStore, other: SqlStore) -> None:
    publish(store, entry("a"))
    slow = claimed_document(store)
    assert other.documents.claim_pending(now=NOON + timedelta(seconds=59), limit=1, lease_s=60) == ()
    quick = claimed_document(other, now=NOON + MINUTE)
    assert quick.attempts == 2
    with pytest.raises(LeaseLost):
        store.documents.record_read(slow, read_result(slow, report()), now=NOON)
    with pytest.raises(LeaseLost):
        store.documents.postpone(slow, retry_at=NOON, detail="")
    assert said(store) == []
    other.documents.record_read(quick, read_result(quick, report()), now=NOON)
    assert said(store) == [report()]


def test_one_claim_writes_one_reading(store: SqlStore) -> None:
    publish(store, entry("a"))
    claim = read(store, report())
    with pytest.raises(LeaseLost):
        store.documents.record_read(claim, read_result(claim, report()), now=NOON)


def test_a_new_revision_replaces_the_reports_that_stand_nowhere(store: SqlStore) -> None:
    publish(store, entry("a"))
    read(store, report("visit", "planned"))
    poll(store, entry("a", title="She has landed"))
    read(store, report("visit", "under_way"))
    assert [told.phase for told in said(store)] == ["under_way"]


def test_a_new_revision_keeps_the_reports_that_stand_in_a_development(store: SqlStore) -> None:
    publish(store, entry("a"))
    read(store, report("visit", "planned"))
    file_all(store)
    poll(store, entry("a", title="She has landed"))
    read(store, report("visit", "under_way"))
    assert [told.phase for told in said(store)] == ["under_way"]
    assert store.history.counts().reports == 2


def test_an_edit_that_changes_nothing_reported_adds_no_report(store: SqlStore) -> None:
    publish(store, entry("a"))
    read(store, report())
    file_all(store)
    poll(store, entry("a", summary="A comma, moved."))
    read(store, replace(report(), score=0.8))
    assert said(store) == []
    assert store.history.counts().reports == 1


def test_the_text_of_an_earlier_revision_is_kept(store: SqlStore) -> None:
    publish(store, entry("a"))
    read(store, text="First text.", title="First title")
    poll(store, entry("a", title="Second title"))
    poll(store, entry("a", title="Third title"))  # never read as the second
    read(store, text="Third text.", title="Third title")
    poll(store, entry("a", title="Fourth title"))
    with store.database.reading() as connection:
        kept = connection.execute(select(document_revisions).order_by(document_revisions.c.revision)).all()
    assert [(row.revision, row.title, row.text) for row in kept] == [
        (1, "First title", "First text."),
        (3, "Third title", "Third text."),
    ]
    assert kept[0].published_at == NOON - timedelta(hours=1)


def test_a_free_canonical_url_of_the_page_is_taken_and_the_old_one_still_known(store: SqlStore) -> None:
    publish(store, entry("a", url="https://short.example/x1"))
    read(store, canonical_url="https://harbourpost.example/story")
    poll(store, entry("b", url="https://harbourpost.example/story"), entry("c", url="https://short.example/x1"))
    counts = store.history.counts()
    assert (counts.entries, counts.documents) == (3, 1)


def test_a_page_that_names_another_documents_url_keeps_its_own_row(store: SqlStore) -> None:
    publish(store, entry("a", url="https://a.example/1"), entry("b", url="https://b.example/1"))
    first = read(store)
    second = claimed_document(store)
    taken = first.document.canonical_url
    store.documents.record_read(second, read_result(second, canonical_url=taken), now=NOON)
    kept = store.documents.stored_text(second.document.id)
    assert kept is not None
    assert kept.canonical_url == second.document.canonical_url != taken


def test_the_same_text_has_the_same_digest(store: SqlStore) -> None:
    publish(store, entry("a"), entry("b"), entry("c"))
    for text in ("Agency copy.", "Agency copy.", "Own words."):
        read(store, report(), text=text)
    with store.stories.grouping() as session:
        digests = [filed.text_digest for filed in session.ungrouped_reports(limit=5)]
    assert len(digests) == 3
    assert len(set(digests)) == 2
