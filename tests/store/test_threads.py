"""Threads: order within a story, the parent written with the receipt, and which parents are due for an edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.model.alert import Alert, AlertReason, DeliveryStatus, Receipt, Severity
from monitor.core.model.outbox import OutboxFilter
from monitor.errors import DeliveryFault, LeaseLost
from monitor.ports import ClaimedDelivery, ClaimedEdit, NewAlert
from monitor.store.database import SqlStore
from tests.store import arrange
from tests.store.arrange import MINUTE, NOON


def tell_story(store: SqlStore, *phases: str, slug: str = "truce", channels: Sequence[str] = ("desk",)) -> int:
    """One story with a told development for each phase; its id."""
    arrange.publish(store, arrange.entry(slug))
    arrange.read(store, arrange.report())
    with store.stories.grouping() as session:
        (filed,) = session.ungrouped_reports(limit=1)
        story = session.save_story(arrange.story(slug, type="ceasefire"))
        for number, phase in enumerate(phases):
            made = arrange.development(f"{slug}-{phase}", story_id=story.id, type="ceasefire", phase=phase)
            change = session.save_development(replace(made, first_seen_at=NOON + number * MINUTE))
            session.assign(filed.id, development_id=change.id, note="")
            alert = Alert(
                key=f"{slug}/{phase}",
                story_id=story.id,
                development_id=change.id,
                report_id=filed.id,
                reason=AlertReason.PHASE_CHANGED,
                severity=Severity.HIGH,
                created_at=NOON,
                message=arrange.message(type="ceasefire", phase=phase),
            )
            session.save_alert(NewAlert(alert=alert, channels=tuple(channels), expires_at=NOON + 60 * MINUTE))
    return story.id


def claims(store: SqlStore, *channels: str, at: int = 0) -> tuple[ClaimedDelivery, ...]:
    now = NOON + at * MINUTE
    return store.outbox.claim_due(channels=channels or ("desk",), now=now, limit=10, lease_s=60)


def edits(store: SqlStore, *, at: int = 0) -> tuple[ClaimedEdit, ...]:
    return store.threads.claim_edits(channels=("desk",), now=NOON + at * MINUTE, limit=10, lease_s=60)


def send(store: SqlStore, claim: ClaimedDelivery, reference: str = "C1:1", *, at: int = 0, shown: str = "s") -> None:
    receipt = Receipt(reference=reference, shown=shown)
    store.outbox.record_sent(claim, receipt, now=NOON + at * MINUTE, threads=True)


def phases_of(found: Sequence[ClaimedDelivery]) -> list[str]:
    return [claim.delivery.key for claim in found]


def test_only_the_oldest_of_a_storys_deliveries_to_a_channel_is_claimed(store: SqlStore) -> None:
    tell_story(store, "talks", "agreed", channels=("desk", "console"))
    tell_story(store, "planned", slug="visit")
    assert phases_of(claims(store)) == ["truce/talks@desk", "visit/planned@desk"]
    assert phases_of(claims(store)) == []
    assert phases_of(claims(store, "console")) == ["truce/talks@console"]


@pytest.mark.parametrize(
    ("settle", "next_ones"),
    [
        ("sent", ["truce/agreed@desk"]),
        ("dead", ["truce/agreed@desk"]),
        ("expired", ["truce/agreed@desk"]),
        ("parked", []),
        ("retry", []),
    ],
)
def test_what_is_settled_lets_the_next_one_go_and_what_waits_holds_it(
    store: SqlStore, settle: str, next_ones: list[str]
) -> None:
    tell_story(store, "talks", "agreed")
    (claim,) = claims(store)
    if settle == "sent":
        send(store, claim)
    elif settle == "dead":
        store.outbox.record_dead(claim, fault=DeliveryFault.MESSAGE, detail="")
    elif settle == "expired":
        store.outbox.record_expired(claim, now=NOON)
    elif settle == "parked":
        store.outbox.record_parked(claim, fault=DeliveryFault.CHANNEL, detail="")
    else:
        store.outbox.record_retry(
            claim, fault=DeliveryFault.BUG, detail="", retry_at=NOON + 9 * MINUTE, unknown_since=None
        )
    assert phases_of(claims(store)) == next_ones


def test_a_claim_knows_story_parent_and_end_of_use(store: SqlStore) -> None:
    story_id = tell_story(store, "talks", "agreed")
    (first,) = claims(store)
    assert (first.story_id, first.thread, first.expires_at) == (story_id, None, NOON + 60 * MINUTE)
    send(store, first, "C1:17.5")
    (second,) = claims(store)
    assert second.thread == "C1:17.5"


def test_a_channel_without_threads_opens_none(store: SqlStore) -> None:
    tell_story(store, "talks", "agreed")
    (first,) = claims(store)
    store.outbox.record_sent(first, Receipt(reference="r"), now=NOON)
    (second,) = claims(store)
    assert second.thread is None


def test_a_receipt_that_lost_its_lease_opens_no_thread(store: SqlStore) -> None:
    tell_story(store, "talks")
    (late,) = claims(store)
    (claim,) = claims(store, at=2)
    with pytest.raises(LeaseLost):
        send(store, late, "C1:late")
    assert claim.thread is None
    assert edits(store, at=9) == ()


def test_a_parent_is_due_for_an_edit_after_a_reply_and_not_after_it_was_posted(store: SqlStore) -> None:
    story_id = tell_story(store, "talks", "agreed")
    send(store, claims(store)[0], shown="first")
    assert edits(store) == ()
    send(store, claims(store)[0], "C1:2", at=1)
    (edit,) = edits(store, at=1)
    assert (edit.story_id, edit.reference, edit.key, edit.shown) == (story_id, "C1:1", "truce/talks@desk", "first")
    store.threads.record_edit(edit, shown="second", now=NOON + MINUTE)
    assert edits(store, at=9) == ()


def test_a_parent_found_again_after_a_lost_answer_is_edited_since_nobody_knows_what_it_shows(store: SqlStore) -> None:
    tell_story(store, "talks")
    send(store, claims(store)[0], shown="")
    assert [edit.shown for edit in edits(store)] == [""]


def test_no_parent_is_edited_while_a_delivery_of_its_story_is_under_way(store: SqlStore) -> None:
    story_id = tell_story(store, "talks", "agreed")
    send(store, claims(store)[0])
    store.threads.show_change([story_id], due_at=NOON)
    assert edits(store) == ()
    send(store, claims(store)[0], "C1:2")
    assert len(edits(store)) == 1


def test_what_changes_during_an_edit_makes_another_one(store: SqlStore) -> None:
    story_id = tell_story(store, "talks")
    send(store, claims(store)[0])
    store.threads.show_change([story_id], due_at=NOON)
    (edit,) = edits(store)
    store.threads.show_change([story_id], due_at=NOON + 5 * MINUTE)
    store.threads.record_edit(edit, shown="s2", now=NOON + MINUTE)
    assert edits(store) == ()
    (again,) = edits(store, at=1)
    assert again.shown == "s2"


def test_an_edit_wished_for_again_keeps_its_first_time(store: SqlStore) -> None:
    story_id = tell_story(store, "talks")
    send(store, claims(store)[0])
    for minute in (1, 2, 3):
        store.threads.show_change([story_id], due_at=NOON + minute * MINUTE)
    assert edits(store) == ()
    assert len(edits(store, at=1)) == 1


def test_an_edit_left_by_a_dead_process_comes_back_and_its_late_result_is_refused(store: SqlStore) -> None:
    story_id = tell_story(store, "talks")
    send(store, claims(store)[0])
    store.threads.show_change([story_id], due_at=NOON)
    (dead,) = edits(store)
    (again,) = edits(store, at=1)
    with pytest.raises(LeaseLost):
        store.threads.record_edit(dead, shown="x", now=NOON)
    store.threads.record_edit(again, shown="y", now=NOON)


def test_a_failed_edit_waits_for_its_retry_or_for_the_next_change(store: SqlStore) -> None:
    story_id = tell_story(store, "talks")
    send(store, claims(store)[0])
    store.threads.show_change([story_id], due_at=NOON)
    (edit,) = edits(store)
    store.threads.record_edit_failure(edit, fault=DeliveryFault.BUG, detail="", retry_at=NOON + 2 * MINUTE)
    assert edits(store, at=1) == ()
    (second,) = edits(store, at=2)
    assert second.attempts == 1
    store.threads.record_edit_failure(second, fault=DeliveryFault.MESSAGE, detail="", retry_at=None)
    assert edits(store, at=99) == ()


def test_a_forgotten_thread_begins_anew(store: SqlStore) -> None:
    story_id = tell_story(store, "talks", "agreed", "in_effect")
    send(store, claims(store)[0], "C1:1")
    (reply,) = claims(store)
    store.threads.forget(story_id, "desk")
    send(store, reply, "C1:2")
    (later,) = claims(store)
    assert later.thread == "C1:2"


def test_the_state_of_a_story_follows_what_was_told(store: SqlStore) -> None:
    story_id = tell_story(store, "talks", "agreed")
    state = store.threads.story_states([story_id, 999], now=NOON)[story_id]
    assert [step.phase for step in state.steps] == ["talks", "agreed"]
    assert (state.phase, state.slug) == ("agreed", "truce")


def test_what_expired_is_dead_and_retried_by_hand_does_not_expire_again(store: SqlStore) -> None:
    tell_story(store, "talks")
    (claim,) = claims(store)
    store.outbox.record_expired(claim, now=NOON + timedelta(hours=7))
    (row,) = store.outbox.rows(OutboxFilter())
    assert (row.status, row.last_fault) == (DeliveryStatus.DEAD, DeliveryFault.EXPIRED)
    assert store.outbox.retry(OutboxFilter(ids=(row.id,)), now=NOON) == (row.id,)
    (again,) = claims(store)
    assert again.expires_at is None


def test_dropping_a_row_that_is_being_sent_does_nothing(store: SqlStore) -> None:
    tell_story(store, "talks")
    (claim,) = claims(store)
    assert store.outbox.drop(OutboxFilter()) == ()
    send(store, claim)


def test_only_those_parked_for_the_fault_come_back(store: SqlStore) -> None:
    tell_story(store, "talks")
    tell_story(store, "planned", slug="visit")
    token, channel = claims(store)
    store.outbox.record_parked(token, fault=DeliveryFault.TOKEN, detail="")
    store.outbox.record_parked(channel, fault=DeliveryFault.CHANNEL, detail="")
    assert store.outbox.unpark(channels=["desk"], fault=DeliveryFault.TOKEN) == 1
    assert phases_of(claims(store)) == [token.delivery.key]
