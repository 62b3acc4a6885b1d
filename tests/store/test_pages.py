"""Pages to be read again, and the revisions that brings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from monitor.core.model.document import PageSeen, RecheckOutcome, RevisionCause, StatedDate, TextOrigin
from monitor.errors import LeaseLost
from monitor.ports import ClaimedPage, ReadResult, RecheckResult
from monitor.store.database import SqlStore
from monitor.store.revisions import MAX_EDITS
from monitor.store.tables import document_revisions
from tests.store.arrange import DAY, MINUTE, NOON, claimed_document, entry, poll, publish, read, read_result, report

PAGE = PageSeen(
    title="Envoy lands",
    etag='W/"1"',
    last_modified="Sun, 01 Mar 2026 11:00:00 GMT",
    authors=("Mara Quill",),
    published=StatedDate(at=datetime(2026, 3, 1, 9, tzinfo=UTC), on=date(2026, 3, 1), utc_offset_min=120),
    modified=StatedDate(on=date(2026, 3, 1)),
)


def read_page(store: SqlStore, page: PageSeen = PAGE, *, recheck_at: datetime | None = NOON + 15 * MINUTE) -> int:
    """The document that waits is read from its page, to be read again."""
    claim = claimed_document(store)
    result = replace(read_result(claim, report(), text="First text."), page=page, recheck_at=recheck_at)
    store.documents.record_read(claim, result, now=NOON)
    return claim.document.id


def claimed_page(store: SqlStore, *, now: datetime = NOON + 15 * MINUTE) -> ClaimedPage:
    (claim,) = store.documents.claim_rechecks(now=now, limit=5, lease_s=60)
    return claim


def changed(claim: ClaimedPage, text: str, *, next_at: datetime | None = None) -> RecheckResult:
    document = replace(claim.document, text=text, revision=claim.document.revision + 1)
    read_again = ReadResult(document=document, reports=(report("visit", "concluded"),), ruleset_version="rules-2")
    return RecheckResult(outcome=RecheckOutcome.CHANGED, page=PAGE, read=read_again, next_at=next_at)


def test_what_a_page_said_is_remembered(store: SqlStore) -> None:
    """With dates as precise as stated and validators verbatim."""
    publish(store, entry("a"))
    number = read_page(store)
    view = store.history.page_seen(number)
    assert view is not None
    assert view.page == PAGE
    assert (view.recheck_at, view.recheck_count, view.recheck_outcome) == (NOON + 15 * MINUTE, 0, None)
    assert store.history.page_seen(99) is None


def test_a_page_is_claimed_when_its_time_has_come_and_once(store: SqlStore, other: SqlStore) -> None:
    """Until the lease ends, when a dead process's claim comes back."""
    publish(store, entry("a"))
    read_page(store)
    assert store.documents.claim_rechecks(now=NOON + 14 * MINUTE, limit=5, lease_s=60) == ()
    claim = claimed_page(store)
    assert (claim.page, claim.done_count, claim.document.text) == (PAGE, 0, "First text.")
    assert other.documents.claim_rechecks(now=NOON + 15 * MINUTE, limit=5, lease_s=60) == ()
    again = claimed_page(other, now=NOON + 17 * MINUTE)
    with pytest.raises(LeaseLost):
        store.documents.record_recheck(claim, RecheckResult(outcome=RecheckOutcome.SAME_WORDING), now=NOON)
    assert not other.documents.record_recheck(again, RecheckResult(outcome=RecheckOutcome.SAME_WORDING), now=NOON)


def test_a_changed_page_is_the_next_revision(store: SqlStore) -> None:
    """The earlier text stays beside it, the new reports stand with the new one."""
    publish(store, entry("a"))
    number = read_page(store)
    at = NOON + 16 * MINUTE
    claimed = claimed_page(store, now=at)
    assert store.documents.record_recheck(claimed, changed(claimed, "Second text.", next_at=at + DAY), now=at)
    first, second = store.history.revisions(number)
    assert (first.text, first.seen_at, first.cause) == ("First text.", NOON, RevisionCause.FIRST_SEEN)
    assert (second.text, second.seen_at, second.cause) == ("Second text.", at, RevisionCause.PAGE_EDIT)
    assert (second.revision, second.origin) == (2, TextOrigin.PAGE)
    with store.stories.grouping() as session:
        assert [filed.report.phase for filed in session.ungrouped_reports(limit=9)] == ["concluded"]
    view = store.history.page_seen(number)
    assert view is not None
    assert (view.recheck_at, view.recheck_count, view.rechecked_at) == (at + DAY, 1, at)


def test_an_edit_by_the_feed_meanwhile_wins(store: SqlStore) -> None:
    """Whoever reads the page again at that moment must write nothing."""
    publish(store, entry("a"))
    read_page(store)
    claim = claimed_page(store)
    poll(store, entry("a", title="Another headline"))
    with pytest.raises(LeaseLost):
        store.documents.record_recheck(claim, changed(claim, "Second text."), now=NOON)
    assert store.documents.claim_rechecks(now=NOON + DAY, limit=5, lease_s=60) == ()  # it waits to be read first


def test_rechecks_that_have_begun_keep_their_times(store: SqlStore) -> None:
    """An edit by the feed starts no new row of requests."""
    publish(store, entry("a"))
    number = read_page(store)
    result = RecheckResult(outcome=RecheckOutcome.SAME_WORDING, next_at=NOON + DAY)
    store.documents.record_recheck(claimed_page(store), result, now=NOON)
    poll(store, entry("a", title="Another headline"))
    read_page(store, recheck_at=NOON + MINUTE)
    view = store.history.page_seen(number)
    assert view is not None
    assert (view.recheck_at, view.recheck_count) == (NOON + DAY, 1)


def test_the_same_wording_is_kept_once(store: SqlStore) -> None:
    """An edited item whose article stayed leaves no revision; what it said has been there since it was first seen."""
    publish(store, entry("a"))
    read(store, text="First text.")
    poll(store, entry("a", summary="9 comments"), now=NOON + MINUTE)
    claim = claimed_document(store, now=NOON + MINUTE)
    assert claim.before is not None
    assert (claim.before.text, claim.before.revision) == ("First text.", 1)
    result = replace(read_result(claim, text="First text."), same_wording=True)
    store.documents.record_read(claim, result, now=NOON + MINUTE)
    (only,) = store.history.revisions(claim.document.id)
    assert (only.seen_at, only.cause, only.revision) == (NOON, RevisionCause.FIRST_SEEN, 2)


def test_a_page_that_never_stops_changing_is_let_be(store: SqlStore) -> None:
    """After MAX_EDITS its outcome is noted, its text no more."""
    publish(store, entry("a"))
    number = read_page(store)
    made = []
    for count in range(MAX_EDITS + 2):
        claim = claimed_page(store, now=NOON + DAY)
        result = changed(claim, f"Text {count}.", next_at=NOON + DAY)
        made.append(store.documents.record_recheck(claim, result, now=NOON + DAY))
    assert made.count(True) == MAX_EDITS
    assert made[-1] is False
    assert len(store.history.revisions(number)) == MAX_EDITS + 1


def test_revisions_stored_before_times_were_kept_have_none(store: SqlStore) -> None:
    """They are shown, with what is known of them."""
    publish(store, entry("a"))
    read(store, text="First text.")
    poll(store, entry("a", title="Another"), now=NOON + MINUTE)
    claim = claimed_document(store, now=NOON + MINUTE)
    store.documents.record_read(claim, read_result(claim, text="Second text."), now=NOON)
    with store.database.writing() as connection:
        connection.execute(document_revisions.update().values(seen_at=None, cause=None, origin=None))
        assert connection.execute(select(document_revisions.c.seen_at)).scalar_one() is None
    first, second = store.history.revisions(claim.document.id)
    assert (first.seen_at, first.cause, first.origin) == (None, RevisionCause.FIRST_SEEN, TextOrigin.NONE)
    assert second.seen_at == NOON + timedelta(minutes=1)
    assert store.history.revisions(99) == ()
