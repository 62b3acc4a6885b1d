"""Connections that go to the address that was checked, and end when the fetch's time is up.

httpcore lets the system resolve a name while it connects, so a name could answer the check with one
address and the connection with another. This backend resolves once, checks, and dials the result;
TLS still verifies the name. httpcore's timeouts are per read, so a server that sends a byte now and
then is never late: the streams here also obey the budget of the fetch that uses them.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import httpcore

from monitor.fetch.guard import Guard


class TlsFailed(Exception):
    """The handshake failed, or the certificate is not good for the name."""


@dataclass
class Budget:
    """The time one fetch may spend on the network, and how many connections it opened."""

    total_s: float
    deadline: float = field(init=False)
    dialled: int = 0

    def __post_init__(self) -> None:
        self.deadline = time.monotonic() + self.total_s

    def left_s(self) -> float:
        return self.deadline - time.monotonic()

    def extend(self, seconds: float) -> None:
        """Give back time that was not spent on the network."""
        self.deadline += seconds


current_budget: ContextVar[Budget | None] = ContextVar("current_budget", default=None)


def _limited(timeout: float | None, late: type[Exception]) -> float | None:
    budget = current_budget.get()
    if budget is None:
        return timeout
    left_s = budget.left_s()
    if left_s <= 0:
        raise late(f"the whole fetch took longer than {budget.total_s:g} s")
    return left_s if timeout is None else min(timeout, left_s)


class BudgetedStream(httpcore.NetworkStream):
    """A stream whose every wait ends with the budget of the fetch that uses it at the time."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _limited(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _limited(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            secured = self._inner.start_tls(ssl_context, server_hostname, _limited(timeout, httpcore.ConnectTimeout))
        except httpcore.ConnectError as error:
            if not isinstance(error.__cause__, ssl.SSLError):
                raise
            raise TlsFailed(f"TLS with {server_hostname}: {error}") from error
        return BudgetedStream(secured)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Dials only what the guard returns. Without a guard (towards a proxy) it dials names as they are."""

    def __init__(self, guard: Guard | None) -> None:
        self._guard = guard
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        limit_s = _limited(timeout, httpcore.ConnectTimeout)
        give_up_at = time.monotonic() + (60.0 if limit_s is None else limit_s)
        addresses: tuple[str, ...] = (host,)
        if self._guard is not None:
            addresses = self._guard.addresses(host, port, timeout_s=give_up_at - time.monotonic())
        budget = current_budget.get()
        if budget is not None:
            budget.dialled += 1
        return BudgetedStream(self._dial(addresses, port, give_up_at, socket_options))

    def _dial(
        self,
        addresses: tuple[str, ...],
        port: int,
        give_up_at: float,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectTimeout("no time left to connect")
        for tried, address in enumerate(addresses):
            # Time is shared out, so that a dead IPv6 route leaves some for IPv4.
            share_s = (give_up_at - time.monotonic()) / (len(addresses) - tried)
            if share_s <= 0:
                break
            try:
                return self._backend.connect_tcp(address, port, timeout=share_s, socket_options=socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure
