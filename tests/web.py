"""A scripted web site on loopback: real sockets, every fault a server can have, and a log of what was asked.

with Web({"/feed": Page(b"<rss/>", etag='"1"')}) as web:
    web["/old"] = Page(redirect="/feed", status=301)
    web["/flaky"] = [Page(status=500), Page(b"well again")]  # one after another, the last for ever
    web["/echo"] = lambda seen: Page(seen.header("user-agent") or "")
    ... fetch web.url("/feed") ...
    assert web.paths == ["/feed"]
"""

from __future__ import annotations

import gzip
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Seen:
    """One request as it came in; `at` is time.monotonic() when its head was read. Header names are lower case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: float

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> str:
        return urlsplit(self.target).query

    def header(self, name: str) -> str | None:
        """The first value of a header, None when it was not sent."""
        return next((value for key, value in self.headers if key == name.lower()), None)


@dataclass(frozen=True)
class Page:
    """What one path answers, and how it misbehaves.

    With `etag` or `last_modified`, a request that carries them back gets a 304.
    `raw` replaces the whole answer, status line included; the connection closes after it.
    """

    body: bytes | str = b""
    status: int = 200
    content_type: str | None = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    etag: str | None = None
    last_modified: str | None = None
    redirect: str | None = None  # Location; status 302 unless another is given
    gzip: bool = False
    chunked: bool = False
    content_length: int | None = None  # a lie, when it differs from the body's
    cut_at: int | None = None  # close the connection after this many body bytes
    drip_s: float | None = None  # seconds between single body bytes
    drip_head: bool = False  # drip the head instead
    stall: bool = False  # read the request and never answer
    stall_body: bool = False  # send the head and nothing after
    reset: bool = False  # RST instead of an answer
    endless: bool = False  # the body (or `raw`) again and again, without length
    raw: bytes | None = None

    def payload(self) -> bytes:
        """The body as it goes over the wire."""
        body = self.body.encode() if isinstance(self.body, str) else self.body
        return gzip.compress(body, mtime=0) if self.gzip else body


Script = Page | Callable[[Seen], Page] | Sequence[Page]


@dataclass
class _Route:
    script: Script
    served: int = 0

    def answer(self, seen: Seen) -> Page:
        if isinstance(self.script, Page):
            return self.script
        if callable(self.script):
            return self.script(seen)
        page = self.script[min(self.served, len(self.script) - 1)]
        self.served += 1
        return page


@dataclass
class _State:
    routes: dict[str, _Route] = field(default_factory=dict)
    log: list[Seen] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)
    active: int = 0
    most_at_once: int = 0


class Web:
    """A site on 127.0.0.1 with a port of its own, up while the context lasts.

    With `tls`, it speaks https under that server context.
    """

    def __init__(self, pages: Mapping[str, Script] | None = None, *, tls: ssl.SSLContext | None = None) -> None:
        self._state = _State()
        for path, script in (pages or {}).items():
            self[path] = script
        self._server = _Server(("127.0.0.1", 0), _handler(self._state), tls)
        self.port: int = self._server.server_address[1]
        self.scheme = "https" if tls else "http"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Web:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._state.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __setitem__(self, path: str, script: Script) -> None:
        """Answer a path (with or without query: the exact target wins) from now on."""
        with self._state.lock:
            self._state.routes[path] = _Route(script)

    def __delitem__(self, path: str) -> None:
        with self._state.lock:
            del self._state.routes[path]

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        """The absolute URL of a path, under another name of this machine if wanted."""
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def requests(self) -> list[Seen]:
        """Every request so far, robots.txt left out unless the site has one."""
        with self._state.lock:
            return [s for s in self._state.log if s.path != "/robots.txt" or "/robots.txt" in self._state.routes]

    @property
    def paths(self) -> list[str]:
        """The targets asked for, in order, as `requests` has them."""
        return [seen.target for seen in self.requests]

    def asked(self, path: str) -> list[Seen]:
        """The requests for one path, robots.txt included."""
        with self._state.lock:
            return [seen for seen in self._state.log if seen.path == path]

    @property
    def most_at_once(self) -> int:
        """The greatest number of requests that were being answered at the same time."""
        with self._state.lock:
            return self._state.most_at_once

    def forget(self) -> None:
        """Empty the log."""
        with self._state.lock:
            self._state.log.clear()
            self._state.most_at_once = 0


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None
    ) -> None:
        super().__init__(address, handler)
        self._tls = tls

    def finish_request(self, request: Any, client_address: Any) -> None:
        # In the connection's own thread: a bad handshake must not hold up the accept loop.
        if self._tls is not None:
            request = self._tls.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up, or distrusts our certificate, is part of the tests."""


def _handler(state: _State) -> type[BaseHTTPRequestHandler]:
    class Handler(_Answer):
        web = state

    return Handler


class _Answer(BaseHTTPRequestHandler):
    web: _State
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the log is `Web.requests`."""

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        seen = Seen(
            method=self.command,
            target=self.path,
            headers=tuple((key.lower(), value) for key, value in self.headers.items()),
            body=self.rfile.read(length) if length else b"",
            at=time.monotonic(),
        )
        with self.web.lock:
            self.web.log.append(seen)
            route = self.web.routes.get(seen.target) or self.web.routes.get(seen.path)
            self.web.active += 1
            self.web.most_at_once = max(self.web.most_at_once, self.web.active)
        try:
            self._send(route.answer(seen) if route else Page(b"no such page", status=404), seen)
        except OSError:
            self.close_connection = True
        finally:
            with self.web.lock:
                self.web.active -= 1

    do_POST = do_HEAD = do_CONNECT = do_GET

    def _send(self, page: Page, seen: Seen) -> None:
        if page.reset:
            self._reset()
        elif page.stall:
            self._hang()
        elif page.raw is not None:
            self.close_connection = True
            self.wfile.write(page.raw)
            while page.endless and not self.web.closing.is_set():
                self.wfile.write(page.raw)
        else:
            self._send_page(page, seen)

    def _send_page(self, page: Page, seen: Seen) -> None:
        unchanged = _is_unchanged(page, seen)
        payload = b"" if unchanged or page.status in (204, 304) else page.payload()
        head = self._head(page, 304 if unchanged else page.status, len(payload))
        if page.drip_head:
            self._drip(head, page.drip_s or 0.05)
        else:
            self.wfile.write(head)
        if page.stall_body:
            self._hang()
        elif page.endless and not unchanged:
            while not self.web.closing.is_set():
                self.wfile.write(payload)
        elif self.command != "HEAD":
            self._send_payload(page, payload)

    def _head(self, page: Page, status: int, length: int) -> bytes:
        if page.redirect is not None and status == 200:
            status = 302
        lines = [f"HTTP/1.1 {status} Scripted"]
        wanted = {
            "Content-Type": page.content_type,
            "ETag": page.etag,
            "Last-Modified": page.last_modified,
            "Location": page.redirect,
            "Content-Encoding": "gzip" if page.gzip else None,
        }
        lines += [f"{name}: {value}" for name, value in wanted.items() if value is not None]
        lines += [f"{name}: {value}" for name, value in page.headers]
        if page.endless:
            lines.append("Connection: close")
            self.close_connection = True
        elif page.chunked:
            lines.append("Transfer-Encoding: chunked")
        elif status not in (204, 304):
            lines.append(f"Content-Length: {length if page.content_length is None else page.content_length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _send_payload(self, page: Page, payload: bytes) -> None:
        lied = page.content_length is not None and page.content_length != len(payload)
        cut = payload if page.cut_at is None else payload[: page.cut_at]
        if page.chunked:
            pieces = [cut[i : i + 4096] for i in range(0, len(cut), 4096)]
            framed = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
            cut = framed if page.cut_at is not None else framed + b"0\r\n\r\n"
        if page.drip_s is not None and not page.drip_head:
            self._drip(cut, page.drip_s)
        else:
            self.wfile.write(cut)
        if lied or page.cut_at is not None:
            self.close_connection = True

    def _drip(self, data: bytes, pause_s: float) -> None:
        for i in range(len(data)):
            if self.web.closing.wait(pause_s):
                self.close_connection = True
                return
            self.wfile.write(data[i : i + 1])

    def _hang(self) -> None:
        self.close_connection = True
        self.web.closing.wait()

    def _reset(self) -> None:
        self.close_connection = True
        # Linger of zero seconds: close() sends RST (see socket(7)).
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def _is_unchanged(page: Page, seen: Seen) -> bool:
    if page.etag is not None and seen.header("if-none-match") is not None:
        return seen.header("if-none-match") == page.etag
    return page.last_modified is not None and seen.header("if-modified-since") == page.last_modified
