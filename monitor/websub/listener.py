"""A small HTTP/1.1 server for strangers: every limit kept, one request a connection."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import h11
import structlog

from monitor.websub.inbox import BAD, Inbox, Reply

log = structlog.get_logger("websub")

MAX_CONNECTIONS = 32
HEAD_S = 5.0
REQUEST_S = 20.0  # all of it, however slowly it comes
MAX_HEAD_BYTES = 16 * 1024
MAX_BODY_BYTES = 16 * 1024 * 1024  # read for its signature, never held
_RECEIVE = 64 * 1024
_SEND_S = 5.0
_LINGER_S = 1.0
_LINGER_BYTES = 256 * 1024
_WAKE_S = 0.25  # how soon the accepting thread notices a stop
_DRAIN_S = 1.0  # a stop has ten seconds, of which the steps may take eight

NOT_ALLOWED = Reply(status=405)
TOO_LARGE = Reply(status=413)
TOO_SLOW = Reply(status=408)


class _TooMuch(Exception):
    """The body is longer than allowed."""


class Listener:
    """Listens until closed; each connection has a thread, of which there are MAX_CONNECTIONS at most."""

    def __init__(
        self, inbox: Inbox, *, address: tuple[str, int], head_s: float = HEAD_S, request_s: float = REQUEST_S
    ) -> None:
        """Raises: OSError, when the address cannot be listened on."""
        self._inbox = inbox
        self._head_s = head_s
        self._request_s = request_s
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._is_closing = False
        self._socket = _bound(address)
        self._thread = threading.Thread(target=self._accept, name="websub-listen", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def close(self) -> None:
        """Listen no more, and give requests under way a moment; what comes later is refused by the system."""
        self._is_closing = True
        self._thread.join(_DRAIN_S)
        self._socket.close()
        deadline = time.monotonic() + _DRAIN_S
        for _ in range(MAX_CONNECTIONS):
            if not self._slots.acquire(timeout=max(0.0, deadline - time.monotonic())):
                return

    def _accept(self) -> None:
        while not self._is_closing:
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            except OSError as error:  # out of file descriptors, or aborted by the client
                log.warning("connection not accepted", why=str(error))
                time.sleep(_WAKE_S)
                continue
            if not self._slots.acquire(blocking=False):
                with suppress(OSError), connection:
                    connection.setblocking(False)
                    connection.send(
                        b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                    )
                continue
            threading.Thread(target=self._serve, args=(connection,), name="websub-request", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                _Exchange(connection, self._inbox, head_s=self._head_s, request_s=self._request_s).run()
        except OSError:
            pass  # the other side hung up
        except Exception:  # a bug must cost one request
            log.exception("bug")
        finally:
            self._slots.release()


class _Exchange:
    """One request and its answer."""

    def __init__(self, connection: socket.socket, inbox: Inbox, *, head_s: float, request_s: float) -> None:
        self._connection = connection
        self._inbox = inbox
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
        now = time.monotonic()
        self._head_until = now + head_s
        self._until = now + request_s

    def run(self) -> None:
        """Read, answer, hang up."""
        try:
            request = self._event(self._head_until)
            reply = self._answer(request) if isinstance(request, h11.Request) else None
        except h11.RemoteProtocolError as error:
            reply = Reply(status=error.error_status_hint)
        except _TooMuch:
            reply = TOO_LARGE
        except TimeoutError:
            reply = TOO_SLOW
        if reply is not None:
            self._send(reply)
            self._linger()

    def _answer(self, request: h11.Request) -> Reply:
        target = request.target.decode("ascii", "replace")
        if request.method == b"GET":
            return self._inbox.question(target)
        if request.method != b"POST":
            return NOT_ALLOWED
        found = self._inbox.knock(target)
        if isinstance(found, Reply):
            return found  # the body of a request to nowhere is not even read
        headers = dict(reversed(request.headers))
        length = headers.get(b"content-length", b"0")
        if not length.isdigit():
            return BAD
        if int(length[:20]) > MAX_BODY_BYTES:
            return TOO_LARGE
        signature = headers.get(b"x-hub-signature")
        return self._inbox.push(found, signature.decode("latin-1") if signature else None, self._body())

    def _body(self) -> Iterator[bytes]:
        """The body's pieces, chunked or not. Raises: _TooMuch, TimeoutError, h11.RemoteProtocolError."""
        size = 0
        if self._http.they_are_waiting_for_100_continue:
            go_on = self._http.send(h11.InformationalResponse(status_code=100, headers=[]))
            self._connection.sendall(go_on or b"")
        while isinstance(event := self._event(self._until), h11.Data):
            size += len(event.data)
            if size > MAX_BODY_BYTES:
                raise _TooMuch
            yield bytes(event.data)

    def _event(self, until: float) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(self._receive(until))
        return event

    def _receive(self, until: float) -> bytes:
        left_s = until - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._connection.settimeout(left_s)
        return self._connection.recv(_RECEIVE)

    def _send(self, reply: Reply) -> None:
        """One answer without anything that says who we are."""
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        headers = [("Content-Length", str(len(reply.body))), ("Connection", "close")]
        if reply.body:
            headers += [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")]
        if reply.status == 204:
            headers = headers[1:]
        parts = [self._http.send(h11.Response(status_code=reply.status, headers=headers))]
        if reply.body:
            parts.append(self._http.send(h11.Data(data=reply.body)))
        parts.append(self._http.send(h11.EndOfMessage()))
        self._connection.settimeout(_SEND_S)
        self._connection.sendall(b"".join(part or b"" for part in parts))

    def _linger(self) -> None:
        """Take some of what is still being sent: closing at once would tear our answer out of the other's hands."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)
            until, left = time.monotonic() + _LINGER_S, _LINGER_BYTES
            while left > 0 and (received := self._receive(until)):
                left -= len(received)


def _bound(address: tuple[str, int]) -> socket.socket:
    host, port = address
    (family, kind, protocol, _, found), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(found)
        listening.listen(64)
        listening.settimeout(_WAKE_S)
    except OSError:
        listening.close()
        raise
    return listening
