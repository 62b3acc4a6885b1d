"""Listener and step together, as one configuration after the other wants them."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from monitor.ports import Clock
from monitor.settings.schema import WebSub
from monitor.steps.step import Step
from monitor.websub.inbox import Inbox
from monitor.websub.listener import Listener
from monitor.websub.outside import Poster, SubscriptionStore
from monitor.websub.step import WebSubStep

log = structlog.get_logger("websub")

RETRY_AFTER = timedelta(seconds=30)  # an address in use may come free
FAREWELL = timedelta(minutes=2)  # how long hubs are still heard after it was switched off


class WebSubService:
    """Lives as long as the process; `configure` follows its configuration.

    Without the listener nothing is asked of any hub, and the monitor goes on polling.
    """

    def __init__(self, *, store: SubscriptionStore, poster: Poster, clock: Clock) -> None:
        self._store = store
        self._poster = poster
        self._clock = clock
        self._listener: Listener | None = None
        self._listens_for: WebSub | None = None
        self._try_again_at: datetime | None = None
        self._close_at: datetime | None = None
        self._lock = threading.RLock()  # a step of the last configuration may still be at work

    @property
    def port(self) -> int | None:
        """Where it listens just now, None while it does not."""
        return self._listener.port if self._listener else None

    def configure(self, settings: WebSub) -> tuple[Step, ...]:
        """The steps of this configuration. Switched off while running, hubs are told to stop; then it is silent."""
        with self._lock:
            if settings.enabled:
                if settings != self._listens_for:
                    self.close()
                self._listens_for, self._try_again_at, self._close_at = settings, None, None
                self._is_listening()
                return (self._step(settings, ending=False),)
            was = self._listens_for
            if was is None or self._listener is None:
                return ()
            self._close_at = self._clock.now() + FAREWELL
            return (self._step(was, ending=True),)

    def close(self) -> None:
        """Listen no more. Subscriptions stay: hubs try again for a while, and leases run for days."""
        with self._lock:
            listener, self._listener, self._listens_for = self._listener, None, None
        if listener is not None:
            listener.close()

    def _step(self, settings: WebSub, *, ending: bool) -> WebSubStep:
        return WebSubStep(
            store=self._store,
            poster=self._poster,
            clock=self._clock,
            callback=_callback(settings),
            lease_s=settings.lease,
            is_heard=self._still_says_goodbye if ending else self._is_listening,
            ending=ending,
        )

    def _is_listening(self) -> bool:
        """Whether hubs can reach us; tries to listen, now and then, while they cannot."""
        with self._lock:
            settings, now = self._listens_for, self._clock.now()
            if self._listener is not None or settings is None:
                return self._listener is not None
            if self._try_again_at is not None and now < self._try_again_at:
                return False
            return self._starts_listening(settings, now)

    def _starts_listening(self, settings: WebSub, now: datetime) -> bool:
        inbox = Inbox(self._store, clock=self._clock, path=urlsplit(_callback(settings)).path, lease_s=settings.lease)
        host, _, port = settings.listen.rpartition(":")
        try:
            self._listener = Listener(inbox, address=(host.strip("[]"), int(port)))
        except OSError as error:
            self._try_again_at = now + RETRY_AFTER
            log.error("cannot listen: no hub is asked, feeds are polled", address=settings.listen, why=str(error))
            return False
        log.info("listening", address=settings.listen, callback=_callback(settings))
        return True

    def _still_says_goodbye(self) -> bool:
        if self._listener is None:
            return False
        if self._close_at is not None and self._clock.now() < self._close_at and self._store.all():
            return True
        self.close()
        return False


def _callback(settings: WebSub) -> str:
    """The address that all callbacks begin with, a slash at its end."""
    return (settings.callback or "").rstrip("/") + "/"
