"""Entries that no poll brought, on each database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.core.model.feed import Feed, FeedKind, PollReason, Tier
from monitor.ports import PollWritten
from monitor.store.database import SqlStore
from tests.store.arrange import MINUTE, NOON, claimed_document, claimed_feed, entry, feed, publish, record

WIRE = Feed(name="Wire", url="ingest:wire", kind=FeedKind.INGEST)
LAKE = Feed(name="Lake", url="ingest:lake", kind=FeedKind.INGEST)


def test_entries_of_several_sources_come_in_at_once(store: SqlStore) -> None:
    written = store.intake.add([(WIRE, [entry("a"), entry("b")]), (LAKE, [entry("c")])], seen_at=NOON)
    assert written == PollWritten(new=3)
    assert {view.feed.name: view.entry_count for view in store.history.feeds()} == {"Wire": 2, "Lake": 1}
    assert {view.state.last_reason for view in store.history.feeds()} == {PollReason.INGESTED}


def test_the_same_entries_again_are_known(store: SqlStore) -> None:
    store.intake.add([(WIRE, [entry("a"), entry("b")])], seen_at=NOON)
    again = store.intake.add([(WIRE, [entry("a"), entry("b", title="Corrected")])], seen_at=NOON + MINUTE)
    assert again == PollWritten(edited=1, known=1)
    assert store.history.counts().documents == 2


def test_an_article_that_a_feed_brought_is_one_document(store: SqlStore) -> None:
    publish(store, entry("a"))
    assert store.intake.add([(WIRE, [entry("other-guid", url=entry("a").url)])], seen_at=NOON).new == 1
    assert store.history.counts().documents == 1


def test_an_ingested_source_is_never_due(store: SqlStore) -> None:
    """Neither by itself, nor when everything is made due."""
    store.intake.add([(WIRE, [entry("a")])], seen_at=NOON)
    assert store.feeds.make_due(now=NOON) == 0
    assert store.feeds.claim_due(now=NOON + timedelta(days=900), limit=5, lease_s=60) == ()
    assert store.history.counts().feeds_enabled == 0


def test_an_ingested_source_outlives_the_configuration(store: SqlStore) -> None:
    store.intake.add([(WIRE, [entry("a")])], seen_at=NOON)
    store.feeds.sync([feed()], now=NOON)
    store.feeds.sync([], now=NOON)
    assert {view.feed.name: view.feed.enabled for view in store.history.feeds()} == {
        "Wire": True,
        "Harbour Post": False,
    }


def test_settings_follow_what_is_given(store: SqlStore) -> None:
    store.intake.add([(WIRE, [entry("a")])], seen_at=NOON)
    store.intake.add([(replace(WIRE, tier=Tier.WIRE, tags=("gulf",)), [])], seen_at=NOON)
    (view,) = store.history.feeds()
    assert (view.feed.tier, view.feed.tags) == (Tier.WIRE, ("gulf",))


def test_undated_entries_are_old_only_when_said_so(store: SqlStore) -> None:
    store.intake.add([(WIRE, [entry("a", published_at=None)])], seen_at=NOON)
    store.intake.add([(WIRE, [entry("b", published_at=None)])], seen_at=NOON, undated_is_old=True)
    found = [store.documents.stored_text(number) for number in (1, 2)]
    assert [document.backlog for document in found if document] == [False, True]


def test_a_poll_under_way_is_not_disturbed(store: SqlStore) -> None:
    """Entries come in while a feed's poll holds its lease, and the poll's result is written all the same."""
    store.feeds.sync([feed()], now=NOON)
    claim = claimed_feed(store)
    store.intake.add([(WIRE, [entry("a")])], seen_at=NOON)
    assert record(store, claim, entry("a")).new == 1
    assert store.history.counts().documents == 1


def test_an_edit_takes_a_document_from_its_reader(store: SqlStore) -> None:
    """Who reads the old wording at that moment must drop it, as with a feed's edit."""
    store.intake.add([(WIRE, [entry("a")])], seen_at=NOON)
    claim = claimed_document(store)
    store.intake.add([(WIRE, [entry("a", title="Corrected")])], seen_at=NOON + MINUTE)
    again = claimed_document(store, now=NOON + MINUTE)
    assert again.lease.fence > claim.lease.fence
    assert again.document.revision == 2


def test_the_declared_language_reaches_the_reader(store: SqlStore) -> None:
    store.intake.add([(WIRE, [entry("a", language="fr")])], seen_at=NOON)
    assert claimed_document(store).document.language == "fr"
