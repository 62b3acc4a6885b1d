"""The outbox: claims, results, and what comes back after a death."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from monitor.core.model.alert import DeliveryStatus, Receipt
from monitor.core.model.history import AlertFilter, DeliveryView
from monitor.errors import DeliveryFault, LeaseLost
from monitor.ports import ClaimedDelivery
from monitor.store.database import SqlStore
from tests.store.arrange import MINUTE, NOON, tell


def claims(store: SqlStore, *channels: str, at: int = 0, limit: int = 10) -> tuple[ClaimedDelivery, ...]:
    """What is claimed for a minute, `at` minutes after noon."""
    now = NOON + at * MINUTE
    return store.outbox.claim_due(channels=channels or ("desk",), now=now, limit=limit, lease_s=60)


def deliveries(store: SqlStore) -> list[DeliveryView]:
    return [one for view in store.history.alerts(AlertFilter()) for one in view.deliveries]


def test_a_claimed_delivery_is_sending_and_carries_the_message(store: SqlStore) -> None:
    alert = tell(store)
    (claim,) = claims(store)
    assert (claim.delivery.status, claim.delivery.attempts) == (DeliveryStatus.SENDING, 1)
    assert (claim.delivery.message, claim.delivery.key) == (alert.message, f"{alert.key}@desk")
    assert (claim.unknown_since, claim.first_attempt_at) == (None, NOON)
    assert claims(store) == ()


def test_the_oldest_alerts_come_first_and_only_to_the_channels_asked_for(store: SqlStore) -> None:
    for guid in "abc":
        tell(store, guid, channels=("desk", "console"))
    assert [c.delivery.key for c in claims(store, limit=2)] == [f"story-{g}/change-{g}/new_story@desk" for g in "ab"]
    rest = [(c.delivery.alert_id, c.delivery.channel) for c in claims(store, "console", "desk")]
    assert [alert_id for alert_id, _ in rest] == sorted(alert_id for alert_id, _ in rest)
    assert sorted(channel for _, channel in rest) == ["console", "console", "console", "desk"]
    assert claims(store, "pager") == ()


def test_nothing_is_claimed_before_the_alert_was_decided(store: SqlStore) -> None:
    tell(store, now=NOON + MINUTE)
    assert claims(store, at=0) == ()
    assert claims(store, at=1)


def test_a_sent_delivery_keeps_its_receipt_and_is_never_claimed_again(store: SqlStore) -> None:
    tell(store)
    (claim,) = claims(store)
    store.outbox.record_sent(claim, Receipt(reference="C1:170.5"), now=NOON + MINUTE)
    (sent,) = deliveries(store)
    assert (sent.status, sent.reference, sent.sent_at) == ("sent", "C1:170.5", NOON + MINUTE)
    assert claims(store, at=99) == ()


def test_a_failed_delivery_waits_for_its_retry(store: SqlStore) -> None:
    tell(store)
    (claim,) = claims(store)
    store.outbox.record_retry(
        claim, fault=DeliveryFault.RATE_LIMITED, detail="429", retry_at=NOON + 2 * MINUTE, unknown_since=None
    )
    (waiting,) = deliveries(store)
    assert (waiting.status, waiting.last_fault, waiting.detail) == ("pending", "rate_limited", "429")
    assert claims(store, at=1) == ()
    (again,) = claims(store, at=2)
    assert (again.delivery.attempts, again.unknown_since, again.first_attempt_at) == (2, None, NOON)


def test_an_unknown_outcome_is_remembered_until_a_result_says_otherwise(store: SqlStore) -> None:
    tell(store)
    (first,) = claims(store)
    store.outbox.record_retry(
        first, fault=DeliveryFault.OUTCOME_UNKNOWN, detail="reset", retry_at=NOON + MINUTE, unknown_since=NOON
    )
    (second,) = claims(store, at=1)
    assert second.unknown_since == NOON
    store.outbox.record_retry(
        second, fault=DeliveryFault.RATE_LIMITED, detail="429", retry_at=NOON + 2 * MINUTE, unknown_since=None
    )
    (third,) = claims(store, at=2)
    assert third.unknown_since is None


def test_a_dead_senders_delivery_comes_back_with_its_outcome_unknown(store: SqlStore, other: SqlStore) -> None:
    tell(store)
    (dead,) = claims(store)
    assert claims(other) == ()
    (claim,) = claims(other, at=1)
    assert (claim.unknown_since, claim.delivery.attempts, claim.first_attempt_at) == (NOON + MINUTE, 2, NOON)
    with pytest.raises(LeaseLost):
        store.outbox.record_sent(dead, Receipt(reference="late"), now=NOON)
    other.outbox.record_sent(claim, Receipt(reference="found"), now=NOON)
    assert [one.reference for one in deliveries(store)] == ["found"]


@pytest.mark.parametrize(
    "settle",
    [
        lambda outbox, claim: outbox.record_sent(claim, Receipt(reference="r"), now=NOON),
        lambda outbox, claim: outbox.record_dead(claim, fault=DeliveryFault.MESSAGE, detail="too long"),
        lambda outbox, claim: outbox.record_parked(claim, fault=DeliveryFault.TOKEN, detail="revoked"),
        lambda outbox, claim: outbox.record_retry(
            claim, fault=DeliveryFault.BUG, detail="", retry_at=NOON, unknown_since=None
        ),
    ],
    ids=["sent", "dead", "parked", "retry"],
)
def test_a_delivery_is_settled_once(store: SqlStore, settle: Callable[..., None]) -> None:
    tell(store)
    (claim,) = claims(store)
    settle(store.outbox, claim)
    with pytest.raises(LeaseLost):
        settle(store.outbox, claim)


def test_a_result_after_the_lease_lapsed_counts_while_nobody_else_claimed(store: SqlStore) -> None:
    tell(store)
    (claim,) = claims(store)
    store.outbox.record_sent(claim, Receipt(reference="r"), now=NOON + timedelta(hours=1))
    assert [one.status for one in deliveries(store)] == ["sent"]


def test_parked_deliveries_wait_until_their_channel_is_mended(store: SqlStore) -> None:
    tell(store, channels=("desk", "console"))
    for claim in claims(store, "desk", "console"):
        store.outbox.record_parked(claim, fault=DeliveryFault.CHANNEL, detail="channel_not_found")
    assert claims(store, "desk", "console", at=99) == ()
    assert store.outbox.unpark(channels=["desk"]) == 1
    (claim,) = claims(store, "desk", "console")
    assert (claim.delivery.channel, claim.unknown_since) == ("desk", None)


def test_an_unknown_outcome_outlives_parking(store: SqlStore) -> None:
    tell(store)
    claims(store)
    (claim,) = claims(store, at=1)
    store.outbox.record_parked(claim, fault=DeliveryFault.TOKEN, detail="revoked")
    store.outbox.unpark(channels=["desk"])
    (again,) = claims(store, at=1)
    assert again.unknown_since


def test_a_dead_delivery_stays_dead(store: SqlStore) -> None:
    tell(store)
    (claim,) = claims(store)
    store.outbox.record_dead(claim, fault=DeliveryFault.MESSAGE, detail="msg_too_long")
    (dead,) = deliveries(store)
    assert (dead.status, dead.last_fault, dead.detail) == ("dead", "message", "msg_too_long")
    assert store.outbox.unpark(channels=["desk"]) == 0
    assert claims(store, at=99) == ()
