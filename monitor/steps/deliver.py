"""Deliver: due deliveries go out, and every outcome leaves a row that says what happens next."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from monitor.core.alert.backoff import resend_delay_s
from monitor.core.model.alert import Receipt
from monitor.core.model.thread import ThreadPlace
from monitor.errors import (
    ChannelBroken,
    DeliveryError,
    DeliveryFault,
    LeaseLost,
    MessageRefused,
    OutcomeUnknown,
    ParentGone,
)
from monitor.ports import (
    Channel,
    ClaimedDelivery,
    ClaimedEdit,
    Clock,
    OutboxStore,
    ThreadingChannel,
    ThreadStore,
)
from monitor.steps.step import Work, write_result

log = structlog.get_logger("deliver")

LEASE_S = 120.0  # longer than any channel's own time limit
TOKEN_PAUSE_S = 900.0  # between tries with a token that was refused
_LOOKS = (1 / 6, 1.0)  # shares of the time in which a lost answer's message may show: most do early, the last decides
_NOBODY_CAN_TELL = (DeliveryFault.NOT_CONFIGURED, DeliveryFault.OUTCOME_UNKNOWN)


class DeliverStep:
    """The one sender of a workspace: its channels side by side, each one message at a time, its oldest alert first.

    What a channel's pace asks for is waited out before anything is marked as being sent. News goes
    before edits. A refused token stops the whole workspace for a while.
    """

    def __init__(self, *, outbox: OutboxStore, threads: ThreadStore, channels: Sequence[Channel], clock: Clock) -> None:
        self.name = f"deliver:{'+'.join(channel.name for channel in channels)}"
        self.threads = len(channels)
        self._outbox = outbox
        self._threads = threads
        self._channels = tuple(channels)
        self._clock = clock
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._resting: dict[str, datetime] = {}  # channels that asked for silence, and until when
        self._stopped_until: datetime | None = None

    def claim(self, limit: int) -> tuple[Work, ...]:
        """One message of each channel that has something due, is at nothing else, and wants to hear of us."""
        due: list[Channel] = []
        with self._lock:
            now = self._clock.now()
            if limit < 1 or self._is_stopped(now):
                return ()
            for channel in self._channels:
                is_free = channel.name not in self._busy and self._resting.get(channel.name, now) <= now
                if len(due) < limit and is_free and self._outbox.is_due(channel.name, now=now):
                    due.append(channel)
            self._busy.update(channel.name for channel in due)
        return tuple(partial(self._serve, channel) for channel in due)

    def _is_stopped(self, now: datetime) -> bool:
        if self._stopped_until is None:
            return False
        if now < self._stopped_until:
            return True
        self._outbox.unpark(channels=[channel.name for channel in self._channels], fault=DeliveryFault.TOKEN)
        self._stopped_until = None
        return False

    def _serve(self, channel: Channel) -> None:
        try:
            if isinstance(channel, ThreadingChannel):
                channel.wait_for_turn()
            names, now = (channel.name,), self._clock.now()
            for claim in self._outbox.claim_due(channels=names, now=now, limit=1, lease_s=LEASE_S):
                self._deliver(channel, claim)
                return
            if isinstance(channel, ThreadingChannel):
                for edit in self._threads.claim_edits(channels=names, now=now, limit=1, lease_s=LEASE_S):
                    self._edit(channel, edit)
        except DeliveryError as error:  # not its turn yet
            self._take_note(channel, error)
        finally:
            with self._lock:
                self._busy.discard(channel.name)

    # --- deliveries

    def _deliver(self, channel: Channel, claim: ClaimedDelivery) -> None:
        place = self._place(channel, claim)
        if claim.unknown_since is not None and not self._is_settled(channel, claim, place, claim.unknown_since):
            return
        if claim.expires_at is not None and claim.expires_at <= self._clock.now():
            write = partial(self._outbox.record_expired, claim, now=self._clock.now())
            _settle(claim, write, tell=partial(log.warning, "too late to be news: left to the digest"))
            return
        delivery = claim.delivery
        try:
            receipt = self._send(channel, claim, place)
        except DeliveryError as error:
            is_unknown = isinstance(error, OutcomeUnknown)
            self._refused(channel, claim, error, unknown_since=self._clock.now() if is_unknown else None)
        except Exception as error:  # a bug in one channel must not stop the others
            log.exception("bug", delivery=delivery.key)
            self._retry(claim, DeliveryFault.BUG, repr(error), unknown_since=self._clock.now())
        else:
            self._sent(channel, claim, receipt)

    def _place(self, channel: Channel, claim: ClaimedDelivery) -> ThreadPlace | None:
        """Where in its story's thread the alert goes; None for notices, and in channels that do not thread."""
        alert_id = claim.delivery.alert_id
        if not isinstance(channel, ThreadingChannel) or claim.story_id is None or alert_id is None:
            return None
        state = self._threads.story_states([claim.story_id], now=self._clock.now()).get(claim.story_id)
        if state is None or not state.steps:
            return None
        return ThreadPlace(state=state, alert_id=alert_id, parent=claim.thread)

    def _send(self, channel: Channel, claim: ClaimedDelivery, place: ThreadPlace | None) -> Receipt:
        """Post it; as a new parent when the one to reply to is gone. Raises: DeliveryError."""
        message, key = claim.delivery.message, claim.delivery.key
        if place is None or not isinstance(channel, ThreadingChannel):
            return channel.send(message, key=key)
        try:
            return channel.send(message, key=key, place=place)
        except ParentGone:
            log.warning("the parent is gone: a new one begins", delivery=key)
            self._threads.forget(place.state.story_id, channel.name)
            return channel.send(message, key=key, place=replace(place, parent=None))

    def _is_settled(
        self, channel: Channel, claim: ClaimedDelivery, place: ThreadPlace | None, unknown_since: datetime
    ) -> bool:
        """Whether the earlier attempt certainly failed, so that it is time to send; else says what comes instead.

        A message can become visible late: absence counts only at the last look.
        """
        waited_s = (self._clock.now() - unknown_since).total_seconds()
        key, since = claim.delivery.key, claim.first_attempt_at
        try:
            if isinstance(channel, ThreadingChannel):
                # Nothing that was sent before the outcome became unknown shows later than this.
                until = unknown_since + timedelta(seconds=channel.visible_after_s)
                receipt = channel.find(key, since=since, until=until, place=place)
            else:
                receipt = channel.find(key, since=since)
        except DeliveryError as error:
            if error.fault not in _NOBODY_CAN_TELL:
                self._refused(channel, claim, error, unknown_since=unknown_since)
                return False
            if channel.repeats_when_unsure:
                return True
            detail = f"not repeated: {error.detail}"
            _settle(
                claim,
                partial(self._outbox.record_dead, claim, fault=DeliveryFault.OUTCOME_UNKNOWN, detail=detail),
                tell=partial(log.error, "may not have been delivered", detail=error.detail),
            )
            return False
        if receipt is not None:
            self._sent(channel, claim, receipt)
            return False
        next_look_s = next((s for share in _LOOKS if waited_s < (s := share * channel.visible_after_s)), None)
        if next_look_s is None:
            return True
        write = partial(
            self._outbox.record_retry,
            claim,
            fault=DeliveryFault.OUTCOME_UNKNOWN,
            detail="its answer was lost; not seen in the channel yet",
            retry_at=unknown_since + timedelta(seconds=next_look_s),
            unknown_since=unknown_since,
        )
        _settle(claim, write, tell=partial(log.info, "not seen in the channel yet"))
        return False

    def _sent(self, channel: Channel, claim: ClaimedDelivery, receipt: Receipt) -> None:
        is_threading = isinstance(channel, ThreadingChannel)
        write = partial(self._outbox.record_sent, claim, receipt, now=self._clock.now(), threads=is_threading)
        _settle(claim, write, tell=partial(log.info, "delivered", attempts=claim.delivery.attempts))

    def _refused(
        self, channel: Channel, claim: ClaimedDelivery, error: DeliveryError, *, unknown_since: datetime | None
    ) -> None:
        self._take_note(channel, error)
        if isinstance(error, ChannelBroken | MessageRefused):
            give_up = self._outbox.record_parked if isinstance(error, ChannelBroken) else self._outbox.record_dead
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
            self._outbox.record_retry,
            claim,
            fault=fault,
            detail=detail,
            retry_at=self._clock.now() + timedelta(seconds=delay_s),
            unknown_since=unknown_since,
        )
        tell = partial(log.warning, "will resend", fault=fault.value, detail=detail, in_s=round(delay_s))
        _settle(claim, write, tell=tell)

    # --- edits

    def _edit(self, channel: ThreadingChannel, claim: ClaimedEdit) -> None:
        """Have a parent show its story's newest state; doing so twice does no harm."""
        retry = partial(self._retry_edit, claim)
        state = self._threads.story_states([claim.story_id], now=self._clock.now()).get(claim.story_id)
        if state is None or not state.steps:
            retry(DeliveryFault.PARENT, "its story is gone", after_s=None)
            return
        place = ThreadPlace(state=state, alert_id=claim.alert_id, parent=claim.reference)
        try:
            shown = channel.edit(place, key=claim.key, shown=claim.shown)
        except ParentGone:
            log.warning("the parent is gone: the next development begins a new one", story=state.slug)
            self._threads.forget(claim.story_id, channel.name)
        except MessageRefused as error:
            retry(error.fault, error.detail, after_s=None)
        except DeliveryError as error:
            self._take_note(channel, error)
            wait_s = TOKEN_PAUSE_S if isinstance(error, ChannelBroken) else error.retry_after_s
            retry(error.fault, error.detail, after_s=resend_delay_s(claim.attempts + 1, retry_after_s=wait_s))
        except Exception as error:
            log.exception("bug", story=state.slug)
            retry(DeliveryFault.BUG, repr(error), after_s=resend_delay_s(claim.attempts + 1, retry_after_s=None))
        else:
            write = partial(self._threads.record_edit, claim, shown=shown, now=self._clock.now())
            _settle_edit(claim, write, tell=partial(log.info, "parent shows the newest state", story=state.slug))

    def _retry_edit(self, claim: ClaimedEdit, fault: DeliveryFault, detail: str, *, after_s: float | None) -> None:
        retry_at = None if after_s is None else self._clock.now() + timedelta(seconds=after_s)
        write = partial(self._threads.record_edit_failure, claim, fault=fault, detail=detail, retry_at=retry_at)
        tell = partial(log.warning, "parent not edited", story=claim.story_id, fault=fault.value, detail=detail)
        _settle_edit(claim, write, tell=tell)

    # --- both

    def _take_note(self, channel: Channel, error: DeliveryError) -> None:
        """Let a channel that asks for silence rest, and stop all of them when their token is refused."""
        now = self._clock.now()
        with self._lock:
            if error.fault is DeliveryFault.RATE_LIMITED and error.retry_after_s:
                self._resting[channel.name] = now + timedelta(seconds=error.retry_after_s)
            if error.fault is not DeliveryFault.TOKEN or not isinstance(error, ChannelBroken):
                return
            is_news = self._stopped_until is None
            self._stopped_until = now + timedelta(seconds=TOKEN_PAUSE_S)
        if is_news:
            names = [each.name for each in self._channels]
            log.error("sending stopped: the token was refused", channels=names, detail=error.detail)


def _settle(claim: ClaimedDelivery, write: Work, *, tell: Callable[..., None]) -> None:
    """Write what became of a delivery, then log it. Raises: NotWritten."""
    key = claim.delivery.key
    write_result(partial(_settled, write, partial(tell, delivery=key), lost=partial(log.warning, delivery=key)))


def _settle_edit(claim: ClaimedEdit, write: Work, *, tell: Callable[..., None]) -> None:
    write_result(partial(_settled, write, tell, lost=partial(log.warning, story=claim.story_id)))


def _settled(write: Work, tell: Callable[..., None], *, lost: Callable[..., None]) -> None:
    try:
        write()
    except LeaseLost:
        lost("lease lost")
        return
    tell()


def deliver_steps(
    *, outbox: OutboxStore, threads: ThreadStore, channels: Sequence[Channel], clock: Clock
) -> tuple[DeliverStep, ...]:
    """One step a workspace, or a channel that is in none: a slow one holds up no other."""
    by_workspace: dict[str, list[Channel]] = {}
    for channel in channels:
        sender = channel.workspace if isinstance(channel, ThreadingChannel) else f"channel {channel.name}"
        by_workspace.setdefault(sender, []).append(channel)
    return tuple(
        DeliverStep(outbox=outbox, threads=threads, channels=together, clock=clock)
        for together in by_workspace.values()
    )
