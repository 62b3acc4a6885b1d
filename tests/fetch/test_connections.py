"""Kept connections: found again by origin, few, and never a stale one."""

from __future__ import annotations

import ssl
from collections.abc import Iterable

import httpcore
import pytest

from monitor.fetch.connections import KEEPALIVE_COUNT, KEEPALIVE_S, Connections
from tests.web import Page, Web


class Dialled(httpcore.SyncBackend):
    """Counts connections; any host name leads to this machine."""

    def __init__(self) -> None:
        super().__init__()
        self.hosts: list[str] = []

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self.hosts.append(host)
        return super().connect_tcp("127.0.0.1", port, timeout, local_address, socket_options)


class Kept:
    """Connections with their backend and clock, towards one web under any number of names."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.backend = Dialled()
        self.now = 0.0
        self.connections = Connections(
            ssl_context=ssl.create_default_context(), backend=self.backend, monotonic=lambda: self.now
        )

    def get(self, path: str = "/", host: str = "one.example") -> bytes:
        response = self.connections.handle_request(
            httpcore.Request("GET", self.web.url(path, host=host), headers=[("Host", host)])
        )
        try:
            return b"".join(response.iter_stream())
        finally:
            response.close()


@pytest.fixture
def kept():
    with Web({"/": Page(b"here"), "/cut": Page(b"much", content_length=100), "/reset": Page(reset=True)}) as web:
        made = Kept(web)
        yield made
        made.connections.close()


def test_a_host_is_asked_again_on_the_same_connection(kept: Kept) -> None:
    assert [kept.get(), kept.get(), kept.get(host="two.example"), kept.get()] == [b"here"] * 4
    assert kept.backend.hosts == ["one.example", "two.example"]


def test_few_are_kept_and_those_used_longest_ago_go(kept: Kept) -> None:
    for number in range(KEEPALIVE_COUNT + 5):
        kept.get(host=f"h{number}.example")
    assert kept.connections.idle_count == KEEPALIVE_COUNT
    kept.get(host="h24.example")
    assert len(kept.backend.hosts) == KEEPALIVE_COUNT + 5
    kept.get(host="h0.example")
    assert kept.backend.hosts[-1] == "h0.example"


def test_none_is_kept_for_long(kept: Kept) -> None:
    """Whoever comes next closes what has been idle too long, of whatever host."""
    kept.get()
    kept.now += KEEPALIVE_S
    kept.get(host="two.example")
    assert kept.connections.idle_count == 1


@pytest.mark.parametrize("path", ["/cut", "/reset"])
def test_a_broken_connection_is_not_kept(kept: Kept, path: str) -> None:
    with pytest.raises((httpcore.RemoteProtocolError, httpcore.ReadError)):
        kept.get(path)
    assert kept.connections.idle_count == 0
    assert kept.get() == b"here"


def test_a_body_that_is_not_read_to_its_end_costs_the_connection(kept: Kept) -> None:
    """What is left of it would be taken for the next answer."""
    kept.web["/long"] = Page(b"x" * 1_000_000)
    request = httpcore.Request("GET", kept.web.url("/long", host="one.example"), headers=[("Host", "one.example")])
    response = kept.connections.handle_request(request)
    next(iter(response.iter_stream()))
    response.close()
    response.close()
    assert kept.connections.idle_count == 0
    assert kept.get() == b"here"


def test_connections_in_use_are_closed_with_the_rest(kept: Kept) -> None:
    kept.web["/slow"] = Page(b"x" * 1000, drip_s=0.01)
    request = httpcore.Request("GET", kept.web.url("/slow", host="one.example"), headers=[("Host", "one.example")])
    pieces = kept.connections.handle_request(request).iter_stream()
    next(pieces)
    kept.connections.close()
    with pytest.raises((httpcore.ReadError, RuntimeError, OSError)):
        list(pieces)
