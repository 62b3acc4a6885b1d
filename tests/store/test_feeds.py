"""Configured feeds, their claims, and what a poll writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.model.feed import FeedKind, PollReason
from monitor.errors import LeaseLost
from monitor.store.database import SqlStore
from monitor.store.revisions import MAX_EDITS
from tests.store.arrange import (
    DAY,
    MINUTE,
    NOON,
    claimed_document,
    claimed_feed,
    entry,
    feed,
    poll,
    publish,
    read,
    record,
    result_of,
)


def feed_names(store: SqlStore) -> dict[str, bool]:
    return {view.feed.name: view.feed.enabled for view in store.history.feeds()}


def test_a_new_feed_is_due_at_once(store: SqlStore) -> None:
    store.feeds.sync([feed()], now=NOON)
    claim = claimed_feed(store)
    assert replace(claim.feed, id=0) == feed()
    assert claim.state.last_reason is PollReason.NEVER_POLLED
    assert claim.lease.until == NOON + MINUTE


def test_every_setting_of_a_feed_comes_back(store: SqlStore) -> None:
    wanted = feed(
        kind=FeedKind.HTML_INDEX,
        selector="a.headline",
        interval_s=90.5,
        tags=("gulf", "diplomacy"),
        headers_env="DESK_HEADERS",
        auth_env="DESK_AUTH",
        language="en",
        country="Qatar",
        homepage="https://www.harbourpost.example/",
        seen_in="https://lists.example/gulf",
    )
    store.feeds.sync([wanted], now=NOON)
    assert replace(claimed_feed(store).feed, id=0) == wanted


def test_a_feed_that_leaves_the_configuration_is_disabled_and_keeps_its_entries(store: SqlStore) -> None:
    publish(store, entry("a"))
    store.feeds.sync([feed("River Times")], now=NOON)
    assert feed_names(store) == {"River Times": True, "Harbour Post": False}
    store.feeds.sync([feed()], now=NOON)
    assert feed_names(store) == {"Harbour Post": True, "River Times": False}
    assert poll(store, entry("a")).known == 1


def test_a_renamed_feed_keeps_its_id_and_state(store: SqlStore) -> None:
    publish(store, entry("a"))
    (before,) = store.history.feeds()
    store.feeds.sync([feed(tags=("gulf",))], now=NOON)
    (after,) = store.history.feeds()
    assert after.feed == replace(before.feed, tags=("gulf",))
    assert after.state == before.state


def test_a_feed_read_in_another_way_forgets_its_validators_and_starts_over(store: SqlStore) -> None:
    store.feeds.sync([feed(kind=FeedKind.HTML_INDEX, selector="a.news")], now=NOON)
    claim = claimed_feed(store)
    state = claim.state.with_changes(etag='"1"', body_digest="d", first_success_at=NOON, next_poll_at=NOON + DAY)
    record(store, claim, state=state)
    store.feeds.sync([feed(kind=FeedKind.HTML_INDEX, selector="h2 a")], now=NOON + MINUTE)
    again = claimed_feed(store, now=NOON + MINUTE).state
    assert (again.etag, again.body_digest, again.first_success_at) == (None, None, None)


def test_two_feeds_with_one_url_are_one(store: SqlStore) -> None:
    store.feeds.sync([feed(), feed(name="Second name", url=feed().url)], now=NOON)
    assert feed_names(store) == {"Harbour Post": True}


def test_a_disabled_feed_is_not_polled(store: SqlStore) -> None:
    store.feeds.sync([feed(enabled=False)], now=NOON)
    assert store.feeds.claim_due(now=NOON, limit=10, lease_s=60) == ()
    assert store.feeds.make_due(now=NOON) == 0


def test_the_longest_due_feeds_are_claimed_first_and_each_once(store: SqlStore, other: SqlStore) -> None:
    names = ["First", "Second", "Third"]
    for minute in range(3):
        store.feeds.sync([feed(name) for name in names[: minute + 1]], now=NOON + minute * MINUTE)
    later = NOON + 5 * MINUTE
    assert [c.feed.name for c in store.feeds.claim_due(now=later, limit=2, lease_s=60)] == ["First", "Second"]
    assert [c.feed.name for c in other.feeds.claim_due(now=later, limit=2, lease_s=60)] == ["Third"]
    assert other.feeds.claim_due(now=later, limit=2, lease_s=60) == ()


def test_a_feed_that_is_not_due_waits(store: SqlStore) -> None:
    publish(store)
    assert store.feeds.claim_due(now=NOON + MINUTE - timedelta(microseconds=1), limit=1, lease_s=60) == ()
    assert store.feeds.claim_due(now=NOON + MINUTE, limit=1, lease_s=60)


def test_a_lapsed_lease_lets_another_claim_and_the_late_result_is_dropped(store: SqlStore, other: SqlStore) -> None:
    store.feeds.sync([feed()], now=NOON)
    slow = claimed_feed(store)
    quick = claimed_feed(other, now=NOON + MINUTE)
    assert quick.lease.fence > slow.lease.fence
    with pytest.raises(LeaseLost):
        record(store, slow, entry("a"))
    assert store.history.counts().entries == 0
    assert record(other, quick, entry("a")).new == 1


def test_one_claim_writes_one_poll(store: SqlStore) -> None:
    store.feeds.sync([feed()], now=NOON)
    claim = claimed_feed(store)
    record(store, claim, entry("a"))
    with pytest.raises(LeaseLost):
        record(store, claim, entry("b"))
    assert store.history.counts().polls_by_reason == (("new_entries", 1),)


def test_many_polls_are_written_together_and_a_lost_lease_drops_only_its_own(store: SqlStore, other: SqlStore) -> None:
    store.feeds.sync([feed("First"), feed("Second"), feed("Third")], now=NOON)
    claims = store.feeds.claim_due(now=NOON, limit=3, lease_s=60)
    (again,) = other.feeds.claim_due(now=NOON + MINUTE, limit=1, lease_s=60)
    written = store.feeds.record_polls([(claim, result_of(claim, entry(claim.feed.name))) for claim in claims])
    assert [None if each is None else each.new for each in written] == [
        None if claim.feed.id == again.feed.id else 1 for claim in claims
    ]
    assert store.history.counts().entries == 2
    assert store.history.counts().polls_by_reason == (("new_entries", 2),)
    assert record(other, again, entry("late")).new == 1


def test_polls_that_bring_the_same_article_share_its_document(store: SqlStore) -> None:
    store.feeds.sync([feed("First"), feed("Second")], now=NOON)
    claims = store.feeds.claim_due(now=NOON, limit=2, lease_s=60)
    shared = entry("a", url="https://www.harbourpost.example/story")
    store.feeds.record_polls([(claim, result_of(claim, shared)) for claim in claims])
    counts = store.history.counts()
    assert (counts.entries, counts.documents) == (2, 1)


def test_a_claim_that_is_put_back_is_due_again_when_it_says(store: SqlStore, other: SqlStore) -> None:
    """And otherwise as it was; one that somebody else has claimed since stays theirs."""
    store.feeds.sync([feed("First"), feed("Second")], now=NOON)
    claims = store.feeds.claim_due(now=NOON, limit=2, lease_s=60)
    other.feeds.make_due(now=NOON)
    (theirs,) = other.feeds.claim_due(now=NOON, limit=1, lease_s=60)
    other.feeds.put_back([(theirs, NOON + MINUTE)])
    store.feeds.put_back([(claim, NOON + DAY) for claim in claims])
    (again,) = store.feeds.claim_due(now=NOON + MINUTE, limit=2, lease_s=60)[:1]
    assert again.state == replace(theirs.state, next_poll_at=again.state.next_poll_at)
    assert store.history.counts().polls_by_reason == ()


def test_entries_are_stored_once_and_counted_by_what_became_of_them(store: SqlStore) -> None:
    first = publish(store, entry("a"), entry("b"))
    assert (first.new, first.edited, first.known) == (2, 0, 0)
    second = poll(store, entry("a"), entry("b", title="Another headline"), entry("c"))
    assert (second.new, second.edited, second.known) == (1, 1, 1)
    assert store.history.counts().entries == 3


def test_the_poll_log_and_state_are_written(store: SqlStore) -> None:
    store.feeds.sync([feed()], now=NOON)
    claim = claimed_feed(store)
    state = claim.state.with_changes(
        etag='W/"x"',
        last_modified="Sun, 01 Mar 2026 11:00:00 GMT",
        failures=1.5,
        last_detail="HTTP 500",
        last_reason=PollReason.HTTP_ERROR,
        next_poll_at=NOON + DAY,
        interval_s=600.0,
        last_polled_at=NOON,
    )
    record(store, claim, state=state, reason=PollReason.HTTP_ERROR, status=500)
    (view,) = store.history.feeds()
    assert view.state == state
    counts = store.history.counts()
    assert counts.polls_by_reason == (("http_error", 1),)
    assert (counts.feeds_failing, counts.last_poll_at) == (1, NOON)


def test_what_the_feed_says_of_itself_fills_in_what_the_configuration_leaves_open(store: SqlStore) -> None:
    store.feeds.sync([feed()], now=NOON)
    record(store, claimed_feed(store), homepage="https://www.harbourpost.example/", language="en-GB")
    again = claimed_feed(store, now=NOON + MINUTE)
    assert (again.feed.homepage, again.feed.language) == ("https://www.harbourpost.example/", "en-GB")
    record(store, again)
    store.feeds.sync([feed(language="fr")], now=NOON)
    (view,) = store.history.feeds()
    assert (view.feed.homepage, view.feed.language) == ("https://www.harbourpost.example/", "fr")


def test_known_guids_are_told(store: SqlStore) -> None:
    publish(store, entry("a"), entry("g" * 4000, url=None))
    (view,) = store.history.feeds()
    assert store.feeds.known_guids(view.feed.id, ["a", "b", "g" * 4000]) == {"a", "g" * 4000}
    assert store.feeds.known_guids(view.feed.id + 1, ["a"]) == frozenset()


def test_entries_with_one_canonical_url_share_a_document(store: SqlStore) -> None:
    publish(
        store,
        entry("a", url="https://www.harbourpost.example/story?utm_source=rss"),
        entry("b", url="http://harbourpost.example/story"),
    )
    poll(store, entry("c", url="https://www.harbourpost.example/story#comments"))
    counts = store.history.counts()
    assert (counts.entries, counts.documents) == (3, 1)
    assert claimed_document(store).entry.guid == "a"


@pytest.mark.parametrize("url", [None, "", "javascript:void(0)", "https://www.harbourpost.example/"])
def test_entries_without_an_articles_address_are_documents_of_their_own(store: SqlStore, url: str | None) -> None:
    publish(store, entry("a", url=url), entry("b", url=url))
    claims = store.documents.claim_pending(now=NOON, limit=5, lease_s=60)
    assert [c.document.title for c in claims] == ["Headline a", "Headline b"]
    assert len({c.document.canonical_url for c in claims}) == 2


def test_the_document_takes_its_date_from_the_entry_else_from_when_it_was_seen(store: SqlStore) -> None:
    publish(
        store,
        entry("a", published_at=NOON - DAY, updated_at=NOON),
        entry("b", published_at=None, updated_at=NOON - 2 * DAY),
        entry("c", published_at=None),
    )
    claims = store.documents.claim_pending(now=NOON, limit=5, lease_s=60)
    dates = {c.entry.guid: (c.document.published_at, c.document.dated, c.document.backlog) for c in claims}
    assert dates == {"a": (NOON - DAY, True, False), "b": (NOON - 2 * DAY, False, True), "c": (NOON, False, True)}


def test_undated_entries_are_backlog_only_at_the_first_success(store: SqlStore) -> None:
    store.feeds.sync([feed()], now=NOON)
    claim = claimed_feed(store)
    failed = claim.state.with_changes(next_poll_at=NOON + MINUTE, failures=1.0)
    record(store, claim, state=failed, reason=PollReason.TIMEOUT)
    poll(store, entry("a", published_at=None), now=NOON + MINUTE)
    poll(store, entry("a", published_at=None), entry("b", published_at=None), now=NOON + 2 * MINUTE)
    claims = store.documents.claim_pending(now=NOON + DAY, limit=5, lease_s=60)
    assert {c.entry.guid: c.document.backlog for c in claims} == {"a": True, "b": False}


def test_an_edit_makes_the_document_pending_with_the_next_revision_and_the_new_wording(store: SqlStore) -> None:
    publish(store, entry("a"))
    read(store, text="The first text.")
    poll(store, entry("a", title="Sharper headline", published_at=NOON + DAY), now=NOON + MINUTE)
    claim = claimed_document(store, now=NOON + MINUTE)
    assert claim.document.revision == 2
    assert claim.document.title == claim.entry.title == "Sharper headline"
    assert claim.document.published_at == NOON - timedelta(hours=1)
    assert claim.entry.published_at == NOON - timedelta(hours=1)


def test_an_edit_while_the_old_wording_is_read_drops_that_reading(store: SqlStore) -> None:
    publish(store, entry("a"))
    stale = claimed_document(store)
    poll(store, entry("a", summary="Other words."))
    with pytest.raises(LeaseLost):
        store.documents.postpone(stale, retry_at=NOON, detail="")
    assert claimed_document(store).document.revision == 2


def test_edits_beyond_the_limit_no_longer_bring_revisions(store: SqlStore) -> None:
    publish(store, entry("a"))
    for number in range(MAX_EDITS + 2):
        assert poll(store, entry("a", summary=f"{number} comments")).edited == 1
    assert poll(store, entry("a", summary=f"{MAX_EDITS + 1} comments")).known == 1
    assert claimed_document(store).document.revision == MAX_EDITS + 1


def test_an_edit_in_one_feed_reaches_the_document_another_feed_brought(store: SqlStore) -> None:
    shared = "https://wire.example/story"
    publish(store, entry("a", url=shared))
    publish(store, entry("b", url=shared), by=feed("River Times"))
    poll(store, entry("b", url=shared, title="River Times has more"))
    claim = claimed_document(store)
    assert (claim.feed.name, claim.document.revision, claim.entry.title) == ("Harbour Post", 2, "River Times has more")


def test_hostile_texts_are_stored(store: SqlStore) -> None:
    """No NUL, lone surrogate or endless identifier breaks a poll, and each stays one entry."""
    hostile = [
        entry("nul\x00", title="nul \x00 here", authors=("a\x00b",)),
        entry("half", title="half a pair \ud83d"),
        entry("é" * 5000, url="https://www.harbourpost.example/" + "ü" * 5000),
        entry("quote'\";--", summary="'); DROP TABLE entries; --"),
    ]
    assert publish(store, *hostile).new == 4
    again = poll(store, *hostile)
    assert (again.new, again.edited, again.known) == (0, 0, 4)
    titles = {c.document.title for c in store.documents.claim_pending(now=NOON, limit=5, lease_s=60)}
    assert titles >= {"nul \ufffd here", "half a pair \ufffd"}


def test_hundreds_of_entries_are_one_batch(store: SqlStore) -> None:
    many = [entry(f"n{number}") for number in range(1203)]
    assert publish(store, *many).new == 1203
    assert poll(store, *many).known == 1203
    assert store.history.counts().documents == 1203


def test_two_feeds_may_use_the_same_guids(store: SqlStore) -> None:
    publish(store, entry("1", url="https://a.example/1"))
    publish(store, entry("1", url="https://b.example/1"), by=feed("River Times"))
    assert store.history.counts().entries == 2
