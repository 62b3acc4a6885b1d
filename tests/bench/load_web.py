"""The served side of the load bench, a process of its own: `python -m tests.bench.load_web PLAN.json LOG.jsonl`.

Prints its port as one line when all hosts listen. A line on its standard input says when the web
opens (items to come count from there). When the input closes it writes what it was asked:
[began, ended, host, target, status, bytes] a line, wall-clock seconds.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tests.bench.load_plan import (
    RETRY_AFTER_S,
    ROBOTS,
    Manner,
    Nature,
    Plan,
    Served,
    article,
    etag,
    last_modified,
)

_BUSY_EVERY_S = 60.0
_REASONS = {200: "OK", 204: "No Content", 301: "Moved Permanently", 302: "Found", 304: "Not Modified"}


class Site:
    """What all hosts of the plan answer, and the log."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.log: list[tuple[float, float, int, str, int, int]] = []
        self.hooks: list[tuple[float, str]] = []
        self.hosts = {plan.address(n): n for n in range(plan.hosts)}
        self._busy_at: dict[int, float] = {}
        self._titles = {item.path: item.title for feed in plan.served for item in feed.items}

    def open(self, at: datetime) -> None:
        """Count the items to come from here."""
        self.plan = replace(self.plan, opened_at=at)

    def answer(self, host: int, target: str, head: bytes) -> tuple[int, bytes, list[str]]:
        """Status, body and further header lines."""
        if target == "/robots.txt":
            return (200, ROBOTS, ["Content-Type: text/plain"]) if host % 10 < 7 else (404, b"", [])
        if target.startswith("/a/"):
            title = self._titles.get(target, "Minutes of the council")
            return 200, article(title), ["Content-Type: text/html; charset=utf-8"]
        if self.plan.natures[host] is Nature.BUSY and self._is_too_busy(host):
            return 429, b"", [f"Retry-After: {RETRY_AFTER_S}"]
        feed = self.plan.served[int(target.rpartition("/")[2].removesuffix(".xml"))]
        moved = {Manner.MOVED: 301, Manner.ELSEWHERE: 302}.get(feed.manner)
        if moved and target == feed.path:
            return moved, b"", [f"Location: /moved/{feed.number}.xml"]
        return self._feed(feed, head)

    def _is_too_busy(self, host: int) -> bool:
        now = time.time()
        if now - self._busy_at.get(host, 0.0) < _BUSY_EVERY_S:
            return False
        self._busy_at[host] = now
        return True

    def _feed(self, feed: Served, head: bytes) -> tuple[int, bytes, list[str]]:
        count = feed.published(time.time() - self.plan.opened_at.timestamp())
        validators = []
        if feed.manner is Manner.LAST_MODIFIED:
            stamp = last_modified(self.plan, feed, count)
            if f"if-modified-since: {stamp}".encode().lower() in head:
                return 304, b"", [f"Last-Modified: {stamp}"]
            validators = [f"Last-Modified: {stamp}"]
        elif feed.manner is not Manner.NO_VALIDATORS:
            if f"if-none-match: {etag(count)}".encode() in head:
                return 304, b"", [f"ETag: {etag(count)}", "Cache-Control: max-age=300"]
            validators = [f"ETag: {etag(count)}", "Cache-Control: max-age=300"]
        body = self.plan.rss(feed, count)
        kind = "Content-Type: application/rss+xml; charset=utf-8"
        if feed.manner is Manner.BROKEN_XML:
            return 200, b"<rss><channel><title>Broken &</channel>", [kind]
        if feed.manner is Manner.CUT_GZIP:
            return 200, gzip.compress(body, mtime=0)[:-200], [kind, "Content-Encoding: gzip"]
        return 200, body, [kind, *validators]


class Connection(asyncio.Protocol):
    """One connection, requests answered one after the other."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._host = self._site.hosts.get(transport.get_extra_info("sockname")[0], -1)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        began = time.time()
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        head = head.lower()
        if method == "POST":
            self._take_hook(head, rest, began)
            return
        self._buffer = rest
        if self._site.plan.natures[self._host] is Nature.SLOW and target != "/robots.txt":
            asyncio.get_running_loop().call_later(self._site.plan.slow_s, self._reply, began, target, head)
        else:
            self._reply(began, target, head)

    def _take_hook(self, head: bytes, body: bytes, began: float) -> None:
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if len(body) < length:
            return
        self._buffer = b""
        self._site.hooks.append((began, body[:length].decode()))
        self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    def _reply(self, began: float, target: str, head: bytes) -> None:
        status, body, lines = self._site.answer(self._host, target, head)
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Other')}", *lines]
        if status != 304:
            lines.append(f"Content-Length: {len(body)}")
        answer = "\r\n".join([*lines, "", ""]).encode() + body
        self._transport.write(answer)
        self._site.log.append((began, time.time(), self._host, target, status, len(answer)))


def black_hole(address: str, port: int) -> list[socket.socket]:
    """A listener that nobody accepts from, its queue full: further connections are never answered."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(0)
    held = [listener]
    for _ in range(3):
        caller = socket.socket()
        caller.setblocking(False)
        caller.connect_ex((address, port))
        held.append(caller)
    return held


async def serve(plan: Plan, log_file: Path) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as probe:
        probe.bind((plan.address(0), 0))
        plan = replace(plan, port=probe.getsockname()[1])
    site = Site(plan)
    answering = [
        address for address, n in site.hosts.items() if plan.natures[n] not in (Nature.REFUSED, Nature.BLACK_HOLE)
    ]
    server = await loop.create_server(lambda: Connection(site), answering, plan.port, backlog=64)
    holes = [
        black_hole(address, plan.port) for address, n in site.hosts.items() if plan.natures[n] is Nature.BLACK_HOLE
    ]
    print(json.dumps({"port": plan.port}), flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        site.open(datetime.fromisoformat(line.strip()))
    server.close()
    with log_file.open("w") as log:
        log.writelines(json.dumps(line) + "\n" for line in site.log)
    with log_file.with_suffix(".hooks").open("w") as log:
        log.writelines(json.dumps(line) + "\n" for line in site.hooks)
    for hole in holes:
        for each in hole:
            each.close()


def plan_text(plan: Plan) -> str:
    """The plan as this program's first argument."""
    values = {name: getattr(plan, name) for name in Plan.__dataclass_fields__}
    return json.dumps(values | {"opened_at": plan.opened_at.isoformat()})


def plan_of(text: str) -> Plan:
    values = json.loads(text)
    return Plan(**(values | {"opened_at": datetime.fromisoformat(values["opened_at"])}))


if __name__ == "__main__":
    asyncio.run(serve(plan_of(sys.argv[1]), Path(sys.argv[2])))
