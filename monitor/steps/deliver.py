"""Deliver: due deliveries go out, and every outcome leaves a row that says what happens next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import structlog

from monitor.core.alert.backoff import resend_delay_s
from monitor.core.model.alert import Receipt
from monitor.errors import ChannelBroken, DeliveryError, DeliveryFault, LeaseLost, MessageRefused, OutcomeUnknown
from monitor.ports import Channel, ClaimedDelivery, Clock, OutboxStore
from monitor.steps.step import Work

log = structlog.get_logger("deliver")

LEASE_S = 120.0  # longer than any channel's own time limit
LOOK_BACK = timedelta(seconds=60)  # clocks of ours and the channel's may differ by this much


class DeliverStep:
    """One sender per channel, oldest alert first, so that a story's messages keep their order."""

    def __init__(self, *, store: OutboxStore, channel: Channel, clock: Clock) -> None:
        self.name = f"deliver:{channel.name}"
        self.threads = 1
        self._store = store
        self._channel = channel
        self._clock = clock

    def claim(self, limit: int) -> tuple[Work, ...]:
        """The channel's oldest due delivery, alone."""
        if limit < 1:
            return ()
        claims = self._store.claim_due(channels=(self._channel.name,), now=self._clock.now(), limit=1, lease_s=LEASE_S)
        return tuple(partial(self._deliver, claim) for claim in claims)

    def _deliver(self, claim: ClaimedDelivery) -> None:
        try:
            self._send(claim)
        except LeaseLost:
            log.warning("lease lost", delivery=claim.delivery.key)

    def _send(self, claim: ClaimedDelivery) -> None:
        delivery = claim.delivery
        try:
            receipt = self._receipt_of_earlier_send(claim)
            receipt = receipt or self._channel.send(delivery.message, key=delivery.key)
        except (ChannelBroken, MessageRefused) as error:
            give_up = self._store.record_parked if isinstance(error, ChannelBroken) else self._store.record_dead
            give_up(claim, fault=error.fault, detail=error.detail)
            log.error("not delivered", delivery=delivery.key, fault=error.fault.value, detail=error.detail)
        except DeliveryError as error:
            self._retry(claim, error.fault, error.detail, error.retry_after_s, isinstance(error, OutcomeUnknown))
        except Exception as error:  # a bug in one channel must not stop the others
            log.exception("bug", delivery=delivery.key)
            self._retry(claim, DeliveryFault.BUG, repr(error), None, True)
        else:
            self._store.record_sent(claim, receipt, now=self._clock.now())
            log.info("delivered", delivery=delivery.key, attempts=delivery.attempts)

    def _receipt_of_earlier_send(self, claim: ClaimedDelivery) -> Receipt | None:
        if not claim.outcome_unknown:
            return None
        return self._channel.find(claim.delivery.key, since=claim.first_attempt_at - LOOK_BACK)

    def _retry(
        self, claim: ClaimedDelivery, fault: DeliveryFault, detail: str, after_s: float | None, unknown: bool
    ) -> None:
        delay_s = resend_delay_s(claim.delivery.attempts, retry_after_s=after_s)
        self._store.record_retry(
            claim,
            fault=fault,
            detail=detail,
            retry_at=self._clock.now() + timedelta(seconds=delay_s),
            outcome_unknown=unknown or claim.outcome_unknown,
        )
        log.warning("will resend", delivery=claim.delivery.key, fault=fault.value, detail=detail, in_s=round(delay_s))


def deliver_steps(*, store: OutboxStore, channels: Sequence[Channel], clock: Clock) -> tuple[DeliverStep, ...]:
    """One step a channel: a slow channel holds up no other."""
    return tuple(DeliverStep(store=store, channel=channel, clock=clock) for channel in channels)
