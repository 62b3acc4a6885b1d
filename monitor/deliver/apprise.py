"""Alerts to any of the hundred services that Apprise knows; the library is an optional extra.

Apprise says only whether it worked, not why it did not nor whether the service took it: messages go out
at least once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Protocol

from monitor.core.model.alert import Message, Receipt, Severity
from monitor.deliver.mail import subject_of
from monitor.deliver.pages import text_page
from monitor.errors import DeliveryFault, OutcomeUnknown
from monitor.ports import Clock

EXTRA = "pip install 'news-development-monitor[apprise]'"
_TYPES = {Severity.HIGH: "warning", Severity.NORMAL: "info", Severity.LOW: "info"}


class Notifier(Protocol):
    """What is used of Apprise."""

    def notify(self, *, title: str, body: str, notify_type: str, body_format: str) -> object: ...


class NotInstalled(Exception):
    """The library is not there."""


class NoSuchService(Exception):
    """Apprise knows no service of one of the addresses; `number` is its place, from 1."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def notifier(addresses: Sequence[str]) -> Notifier:
    """What notifies all of the addresses. Raises: NotInstalled, NoSuchService."""
    try:
        import apprise  # noqa: PLC0415  # an extra: only who configures such a channel needs it
    except ImportError:
        raise NotInstalled from None
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would log addresses, which hold passwords
    made = apprise.Apprise()
    for number, address in enumerate(addresses, start=1):
        if not made.add(address):
            raise NoSuchService(number)
    notifying: Notifier = made
    return notifying


class AppriseChannel:
    """Addresses that all get every message."""

    def __init__(self, name: str, *, notifier: Notifier, zone: tzinfo, clock: Clock) -> None:
        self._name = name
        self._notifier = notifier
        self._zone = zone
        self._clock = clock

    @property
    def name(self) -> str:
        return self._name

    @property
    def visible_after_s(self) -> float:
        """0: Apprise cannot look anything up."""
        return 0.0

    @property
    def repeats_when_unsure(self) -> bool:
        return True

    def send(self, message: Message, *, key: str) -> Receipt:
        """Notify every address; the reference says no more than that.

        Raises:
            OutcomeUnknown: one of them at least did not take it, or did not say so.
        """
        is_taken = self._notifier.notify(
            title=subject_of(message),
            body=text_page(message, zone=self._zone, now=self._clock.now()),
            notify_type=_TYPES[message.severity],
            body_format="text",
        )
        if not is_taken:
            detail = f"apprise {self._name}: not taken, and Apprise does not say why"
            raise OutcomeUnknown(DeliveryFault.OUTCOME_UNKNOWN, detail)
        return Receipt(reference="apprise")

    def find(self, key: str, *, since: datetime) -> Receipt | None:
        """None: Apprise only sends."""
        return None
