"""Deliver: due deliveries go out, and every outcome leaves a row that says what happens next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from monitor.core.alert.backoff import resend_delay_s
from monitor.core.model.alert import Receipt
from monitor.errors import ChannelBroken, DeliveryError, DeliveryFault, LeaseLost, MessageRefused, OutcomeUnknown
from monitor.ports import Channel, ClaimedDelivery, Clock, OutboxStore
from monitor.steps.step import Work, write_result

log = structlog.get_logger("deliver")

LEASE_S = 120.0  # longer than any channel's own time limit
_LOOKS_S = (5.0, 30.0)  # after a lost answer: most are settled at the first look, the last one decides
_NOBODY_CAN_TELL = (DeliveryFault.NOT_CONFIGURED, DeliveryFault.OUTCOME_UNKNOWN)


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
        if claim.unknown_since is not None and not self._is_settled(claim, claim.unknown_since):
            return
        delivery = claim.delivery
        try:
            receipt = self._channel.send(delivery.message, key=delivery.key)
        except DeliveryError as error:
            is_unknown = isinstance(error, OutcomeUnknown)
            self._refused(claim, error, unknown_since=self._clock.now() if is_unknown else None)
        except Exception as error:  # a bug in one channel must not stop the others
            log.exception("bug", delivery=delivery.key)
            self._retry(claim, DeliveryFault.BUG, repr(error), unknown_since=self._clock.now())
        else:
            self._sent(claim, receipt)

    def _is_settled(self, claim: ClaimedDelivery, unknown_since: datetime) -> bool:
        """Whether the earlier attempt certainly failed, so that it is time to send; else says what comes instead.

        A message can become visible late: absence counts only at the last look.
        """
        waited_s = (self._clock.now() - unknown_since).total_seconds()
        try:
            receipt = self._channel.find(claim.delivery.key, since=claim.first_attempt_at)
        except DeliveryError as error:
            if error.fault not in _NOBODY_CAN_TELL:
                self._refused(claim, error, unknown_since=unknown_since)
                return False
            if self._channel.repeats_when_unsure:
                return True
            detail = f"not repeated: {error.detail}"
            _settle(
                claim,
                partial(self._store.record_dead, claim, fault=DeliveryFault.OUTCOME_UNKNOWN, detail=detail),
                tell=partial(log.error, "may not have been delivered", detail=error.detail),
            )
            return False
        if receipt is not None:
            self._sent(claim, receipt)
            return False
        next_look_s = next((s for s in _LOOKS_S if waited_s < s <= self._channel.visible_after_s), None)
        if next_look_s is None:
            return True
        write = partial(
            self._store.record_retry,
            claim,
            fault=DeliveryFault.OUTCOME_UNKNOWN,
            detail="its answer was lost; not seen in the channel yet",
            retry_at=unknown_since + timedelta(seconds=next_look_s),
            unknown_since=unknown_since,
        )
        _settle(claim, write, tell=partial(log.info, "not seen in the channel yet"))
        return False

    def _sent(self, claim: ClaimedDelivery, receipt: Receipt) -> None:
        write = partial(self._store.record_sent, claim, receipt, now=self._clock.now())
        _settle(claim, write, tell=partial(log.info, "delivered", attempts=claim.delivery.attempts))

    def _refused(self, claim: ClaimedDelivery, error: DeliveryError, *, unknown_since: datetime | None) -> None:
        if isinstance(error, ChannelBroken | MessageRefused):
            give_up = self._store.record_parked if isinstance(error, ChannelBroken) else self._store.record_dead
            _settle(
                claim,
                partial(give_up, claim, fault=error.fault, detail=error.detail),
                tell=partial(log.error, "not delivered", fault=error.fault.value, detail=error.detail),
            )
        else:
            self._retry(claim, error.fault, error.detail, error.retry_after_s, unknown_since=unknown_since)

    def _retry(
        self,
        claim: ClaimedDelivery,
        fault: DeliveryFault,
        detail: str,
        after_s: float | None = None,
        *,
        unknown_since: datetime | None,
    ) -> None:
        delay_s = resend_delay_s(claim.delivery.attempts, retry_after_s=after_s)
        write = partial(
            self._store.record_retry,
            claim,
            fault=fault,
            detail=detail,
            retry_at=self._clock.now() + timedelta(seconds=delay_s),
            unknown_since=unknown_since,
        )
        tell = partial(log.warning, "will resend", fault=fault.value, detail=detail, in_s=round(delay_s))
        _settle(claim, write, tell=tell)


def _settle(claim: ClaimedDelivery, write: Work, *, tell: Callable[..., None]) -> None:
    """Write what became of a delivery, then log it. Raises: NotWritten."""
    write_result(partial(_settled, claim, write, tell))


def _settled(claim: ClaimedDelivery, write: Work, tell: Callable[..., None]) -> None:
    try:
        write()
    except LeaseLost:
        log.warning("lease lost", delivery=claim.delivery.key)
        return
    tell(delivery=claim.delivery.key)


def deliver_steps(*, store: OutboxStore, channels: Sequence[Channel], clock: Clock) -> tuple[DeliverStep, ...]:
    """One step a channel: a slow channel holds up no other."""
    return tuple(DeliverStep(store=store, channel=channel, clock=clock) for channel in channels)
