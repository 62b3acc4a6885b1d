"""Connections, kept for a while by origin.

httpcore's own pool looks at every connection it has at every request, idle ones with a system call
each: among thousands of hosts that costs more than the request. This one looks at its origin's alone.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Protocol

import httpcore

KEEPALIVE_COUNT = 20
KEEPALIVE_S = 15.0  # long enough for the pages of one poll, too short to hold sockets between polls


class Requests(Protocol):
    """Whatever answers requests; `httpcore.HTTPProxy` does, too."""

    def handle_request(self, request: httpcore.Request) -> httpcore.Response: ...

    def close(self) -> None: ...


class Connections:
    """HTTP/1.1 connections, each for one request at a time. Thread-safe.

    Nothing bounds the number in use: whoever asks has a thread, and those are bounded.
    """

    def __init__(
        self,
        *,
        ssl_context: ssl.SSLContext,
        backend: httpcore.NetworkBackend,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ssl_context = ssl_context
        self._backend = backend
        self._monotonic = monotonic
        # The one used last at the end; with the time until which it is kept.
        self._idle: OrderedDict[httpcore.HTTPConnection, tuple[_Origin, float]] = OrderedDict()
        self._of_origin: dict[_Origin, list[httpcore.HTTPConnection]] = {}
        self._in_use: set[httpcore.HTTPConnection] = set()
        self._lock = threading.Lock()

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """The response on a kept connection to the origin, or on a new one; it must be closed.

        Raises: what httpcore raises.
        """
        origin = request.url.origin
        key = (origin.scheme, origin.host, origin.port)
        connection = self._kept(key) or httpcore.HTTPConnection(
            origin, ssl_context=self._ssl_context, keepalive_expiry=KEEPALIVE_S, network_backend=self._backend
        )
        with self._lock:
            self._in_use.add(connection)
        try:
            response = connection.handle_request(request)
        except BaseException:
            self._give_back(connection, key)
            raise
        return httpcore.Response(
            response.status,
            headers=response.headers,
            content=_Body(response, lambda: self._give_back(connection, key)),
            extensions=response.extensions,
        )

    def close(self) -> None:
        """Close all connections; requests under way fail."""
        with self._lock:
            every = [*self._idle, *self._in_use]
            self._idle.clear()
            self._of_origin.clear()
        for connection in every:
            connection.close()

    @property
    def idle_count(self) -> int:
        """How many are kept just now."""
        with self._lock:
            return len(self._idle)

    def _kept(self, key: _Origin) -> httpcore.HTTPConnection | None:
        while True:
            with self._lock:
                mine = self._of_origin.get(key)
                if not mine:
                    return None
                connection = mine[-1]
                self._forget(connection)
            if not connection.has_expired():  # nor closed by the server
                return connection
            connection.close()

    def _give_back(self, connection: httpcore.HTTPConnection, key: _Origin) -> None:
        now = self._monotonic()
        surplus = []
        with self._lock:
            self._in_use.discard(connection)
            if connection.is_idle() and not connection.is_closed():
                self._idle[connection] = (key, now + KEEPALIVE_S)
                self._of_origin.setdefault(key, []).append(connection)
            else:
                surplus.append(connection)
            while self._idle:
                oldest, (_, until) = next(iter(self._idle.items()))
                if until > now and len(self._idle) <= KEEPALIVE_COUNT:
                    break
                self._forget(oldest)
                surplus.append(oldest)
        for each in surplus:
            each.close()

    def _forget(self, connection: httpcore.HTTPConnection) -> None:
        key, _ = self._idle.pop(connection)
        mine = self._of_origin[key]
        mine.remove(connection)
        if not mine:
            del self._of_origin[key]


_Origin = tuple[bytes, bytes, int]


class _Body:
    """A response's body; when it is closed, its connection is free."""

    def __init__(self, response: httpcore.Response, give_back: Callable[[], None]) -> None:
        self._response = response
        self._give_back = give_back
        self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_stream()

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            try:
                self._response.close()
            finally:
                self._give_back()
