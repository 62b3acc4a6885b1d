"""Strangers at the door: every limit is kept, and nobody learns anything."""

from __future__ import annotations

import hmac
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from monitor.errors import StoreUnavailable
from monitor.websub import listener as module
from monitor.websub.inbox import Inbox
from monitor.websub.listener import MAX_BODY_BYTES, MAX_CONNECTIONS, MAX_HEAD_BYTES, Listener
from tests.faults.daemon import until
from tests.websub.conftest import Subscriber
from tests.websub.fake_hub import FakeHub, call

TOKEN = "t" * 43


@pytest.fixture
def base(subscribed: Subscriber) -> str:
    return f"http://127.0.0.1:{subscribed.service.port}"


def raw(base: str, *pieces: bytes) -> bytes:
    """What comes back for these bytes, sent as they are."""
    with closing(socket.create_connection(("127.0.0.1", int(base.rpartition(":")[2])), timeout=30)) as client:
        for piece in pieces:
            client.sendall(piece)
        answer = b""
        while received := client.recv(65536):
            answer += received
        return answer


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/", "GET", 404),
        ("/hooks/", "GET", 404),
        ("/hooks/" + TOKEN, "GET", 404),
        ("/hooks/" + TOKEN, "POST", 404),
        ("/" + TOKEN, "GET", 404),
        ("/hooks/../hooks/" + TOKEN, "GET", 404),
        ("/hooks/%2e%2e/etc/passwd", "GET", 404),
        ("/hooks/" + "t" * 4000, "GET", 404),
        ("/hooks/" + TOKEN, "HEAD", 405),
        ("/hooks/" + TOKEN, "PUT", 405),
        ("/hooks/" + TOKEN, "OPTIONS", 405),
        ("/favicon.ico", "GET", 404),
    ],
)
def test_what_is_no_callback_is_nothing(base: str, path: str, method: str, status: int) -> None:
    answer = call(base + path, method=method)
    assert (answer.status, answer.body) == (status, b"")


def test_answers_do_not_say_who_answers(subscribed: Subscriber, base: str) -> None:
    answer = call(base + "/")
    assert {name.lower() for name, _ in answer.headers} == {"content-length", "connection"}
    echo = subscribed.hub.verify()
    assert {name.lower() for name, _ in echo.headers} == {
        "content-length", "connection", "content-type", "x-content-type-options",
    }  # fmt: skip


def test_a_callback_whose_prefix_the_proxy_cut_off_is_heard(subscribed: Subscriber, hub: FakeHub, base: str) -> None:
    (request,) = hub.held.values()
    cut = {**request, "hub.callback": f"{base}/{subscribed.subscription.token}"}
    assert hub.push_to(cut, b"x", method="sha256", signature=None).status == 204
    assert subscribed.is_due


def test_a_body_beyond_the_limit_is_refused_unread(subscribed: Subscriber, base: str) -> None:
    head = f"POST /hooks/{subscribed.subscription.token} HTTP/1.1\r\nHost: a\r\nContent-Length: {{}}\r\n\r\n"
    assert raw(base, head.format(MAX_BODY_BYTES + 1).encode()).startswith(b"HTTP/1.1 413 ")
    assert raw(base, head.format("9" * 400).encode()).startswith((b"HTTP/1.1 413 ", b"HTTP/1.1 400 "))
    assert raw(base, head.format("-1").encode()).startswith(b"HTTP/1.1 400 ")


def test_a_chunked_body_beyond_the_limit_is_refused(
    subscribed: Subscriber, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BODY_BYTES", 1000)
    head = f"POST /hooks/{subscribed.subscription.token} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert raw(base, head.encode(), *([b"1f4\r\n" + b"x" * 500 + b"\r\n"] * 3)).startswith(b"HTTP/1.1 413 ")
    assert not subscribed.is_due


def test_a_chunked_body_and_one_that_is_waited_for_are_read(subscribed: Subscriber, hub: FakeHub, base: str) -> None:
    """As proxies that do not gather bodies send them, and clients that ask first."""
    (request,) = hub.held.values()
    signed = _signature(request["hub.secret"], b"hello world")
    head = f"POST /hooks/{subscribed.subscription.token} HTTP/1.1\r\nHost: a\r\nX-Hub-Signature: {signed}\r\n"
    chunked = head + "Transfer-Encoding: chunked\r\n\r\n"
    assert raw(base, chunked.encode(), b"6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n").startswith(b"HTTP/1.1 204 ")
    assert subscribed.subscription.push_count == 1
    subscribed.clock.advance(seconds=5)
    waiting = head + "Content-Length: 11\r\nExpect: 100-continue\r\n\r\n"
    answer = raw(base, waiting.encode(), b"hello world")
    assert answer.startswith(b"HTTP/1.1 100 ")
    assert b"HTTP/1.1 204 " in answer
    assert subscribed.subscription.push_count == 2


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 100) for n in range(2000)) + b"\r\n",
        b"GET /" + b"a" * (MAX_HEAD_BYTES + 100) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * (MAX_HEAD_BYTES + 100),
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 300 + b"\r\n\r\n",
        b"\r\n\r\n\r\nnonsense\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=["flood of headers", "long target", "endless header", "two lengths", "no host", "tls", "nonsense", "nul",
         "version", "http2"],
)  # fmt: skip
def test_what_is_no_request_is_refused(subscribed: Subscriber, base: str, request_bytes: bytes) -> None:
    answer = raw(base, request_bytes)
    assert answer[:10] in (b"HTTP/1.1 4", b"HTTP/1.1 5")
    assert call(base + "/").status == 404  # and the next one is served


def test_one_request_a_connection(base: str) -> None:
    """A second one behind it, smuggled or not, is not looked at."""
    two = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n"
    assert raw(base, two).count(b"HTTP/1.1 ") == 1


@pytest.fixture
def impatient(subscribed: Subscriber) -> Iterator[Listener]:
    """A second listener on the same subscriptions that waits a tenth of a second."""
    inbox = Inbox(subscribed.store.subscriptions, clock=subscribed.clock, path="/hooks/", lease_s=60)
    listener = Listener(inbox, address=("127.0.0.1", 0), head_s=0.1, request_s=0.3)
    yield listener
    listener.close()


def test_a_head_that_drips_is_given_up(impatient: Listener) -> None:
    with closing(socket.create_connection(("127.0.0.1", impatient.port), timeout=30)) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_drips_is_given_up(subscribed: Subscriber, impatient: Listener) -> None:
    """However it drips: the limit is on the whole, not on each read."""
    head = f"POST /hooks/{subscribed.subscription.token} HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
    with closing(socket.create_connection(("127.0.0.1", impatient.port), timeout=30)) as client:
        client.sendall(head.encode())
        client.settimeout(0.05)
        answer = b""
        for _ in range(400):
            try:
                answer += client.recv(100)
            except TimeoutError:
                client.sendall(b"x")
            if answer:
                break
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_more_connections_than_allowed_are_turned_away(subscribed: Subscriber, base: str) -> None:
    """And served again when some have gone."""
    port = int(base.rpartition(":")[2])
    held = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(MAX_CONNECTIONS)]
    try:
        assert until(lambda: call(base + "/").status == 503)
    finally:
        for each in held:
            each.close()
    assert until(lambda: call(base + "/").status == 404)


def test_a_database_out_of_reach_asks_for_another_try(
    subscribed: Subscriber, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **more: object) -> None:
        raise StoreUnavailable("locked")

    monkeypatch.setattr(subscribed.store.subscriptions, "push", refuse)
    assert [answer.status for answer in hub.push()] == [503]
    monkeypatch.setattr(subscribed.store.subscriptions, "by_token", refuse)
    assert hub.verify().status == 503


def test_closing_waits_for_what_is_under_way_but_not_for_ever(subscribed: Subscriber, base: str) -> None:
    client = socket.create_connection(("127.0.0.1", int(base.rpartition(":")[2])), timeout=30)
    client.sendall(b"GET /slow")
    began = time.monotonic()
    closer = threading.Thread(target=subscribed.service.close)
    closer.start()
    closer.join(30)
    assert not closer.is_alive()
    assert time.monotonic() - began < 20
    client.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(base.rpartition(":")[2])), timeout=5)


def _signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()
