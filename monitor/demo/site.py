"""The sample site on loopback: one server an outlet, two rounds, and honest ETags."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from monitor.demo.outlet import Outlet
from monitor.demo.render import feed, page

LOOPBACK = "127.0.0.1"
FEED_PATH = "/feed.xml"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the site serves at one path; the ETag is a digest of the body."""

    content_type: str
    body: bytes

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request the site has answered."""

    outlet: str
    path: str
    status: int


class DemoSite:
    """Serves the outlets while the `with` block lasts, each on a port of its own, starting with round 1.

    Every date is counted back from `now`, so two requests of one round get the same bytes.
    """

    def __init__(self, outlets: Sequence[Outlet], *, now: datetime) -> None:
        self._now = now
        self._round = 1
        self._lock = threading.Lock()
        self._visits: list[Visit] = []
        self._servers = {outlet.name: self._server_of(outlet) for outlet in outlets}
        self._outlets = {outlet.name: outlet for outlet in outlets}
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> DemoSite:
        for name, server in self._servers.items():
            # Short polls: leaving the block waits for the next one.
            thread = threading.Thread(target=server.serve_forever, args=(0.05,), name=f"demo {name}", daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()

    @property
    def feed_urls(self) -> Mapping[str, str]:
        """The address of each outlet's feed, by outlet name."""
        return {name: self.home(name).rstrip("/") + FEED_PATH for name in self._servers}

    @property
    def visits(self) -> tuple[Visit, ...]:
        """Every request answered so far, in order."""
        with self._lock:
            return tuple(self._visits)

    def home(self, outlet_name: str) -> str:
        """The address of an outlet's home page, ending in a slash."""
        return f"http://{LOOPBACK}:{self._servers[outlet_name].server_port}/"

    def show_round(self, number: int) -> None:
        """From now on the feeds hold what they hold in this round."""
        with self._lock:
            self._round = number

    def answer(self, outlet_name: str, path: str) -> Answer | None:
        """What stands at a path of an outlet's site now; None when there is no such page."""
        outlet, home = self._outlets[outlet_name], self.home(outlet_name)
        with self._lock:
            shown_round = self._round
        if path == FEED_PATH:
            text = feed(outlet, round_number=shown_round, home=home, now=self._now)
            return Answer(content_type="application/rss+xml; charset=utf-8", body=text.encode())
        if path == "/robots.txt":
            return Answer(content_type="text/plain; charset=utf-8", body=b"User-agent: *\nAllow: /\n")
        for article in outlet.shown_in(shown_round):
            if path == f"/{outlet.path}/{article.slug}":
                text = page(outlet, article, home=home, now=self._now)
                return Answer(content_type="text/html; charset=utf-8", body=text.encode())
        return None

    def note(self, visit: Visit) -> None:
        """Keep a request in `visits`."""
        with self._lock:
            self._visits.append(visit)

    def _server_of(self, outlet: Outlet) -> ThreadingHTTPServer:
        site = self

        class Handler(BaseHTTPRequestHandler):
            """Answers for one outlet."""

            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                _serve(self, site, outlet.name)

            def log_message(self, format: str, *args: object) -> None:
                """Requests are kept in `visits`, not printed."""

        server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        server.daemon_threads = True
        server.block_on_close = False  # an idle keep-alive connection must not hold up the end of the block
        return server


def _serve(handler: BaseHTTPRequestHandler, site: DemoSite, outlet_name: str) -> None:
    path = handler.path.partition("?")[0]
    answer = site.answer(outlet_name, path)
    status = 404
    if answer is not None:
        status = 304 if handler.headers.get("If-None-Match") == answer.etag else 200
    body = answer.body if answer is not None and status == 200 else b""
    site.note(Visit(outlet=outlet_name, path=path, status=status))
    handler.send_response(status)
    if answer is not None:
        handler.send_header("ETag", answer.etag)
        handler.send_header("Content-Type", answer.content_type)
    if status != 304:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
