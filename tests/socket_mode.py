"""Slack's end of Socket Mode on loopback, which the real slack_sdk client connects to.

    with FakeSlack() as slack, FakeSocketMode() as socket:
        slack.socket_url = socket.url
        ...
        socket.wait_for_connection(1)
        socket.send(envelope("e1", ...))
        assert socket.acknowledged("e1").after_s < 3

Frames: RFC 6455, section 5.2; only whole ones, as Slack sends them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


@dataclass(frozen=True, kw_only=True)
class Acknowledged:
    """An envelope that the client took."""

    after_s: float
    payload: dict[str, Any] | None
    on_connection: int


@dataclass
class _Link:
    number: int
    socket: socket.socket
    lock: threading.Lock = field(default_factory=threading.Lock)


class FakeSocketMode:
    """Takes connections until closed. `refuses` answers the next ones with 503; `is_deaf` answers no pings."""

    def __init__(self) -> None:
        self.refuses = False
        self.is_deaf = False
        self.connection_count = 0
        self._links: list[_Link] = []
        self._sent_at: dict[str, float] = {}
        self._taken: dict[str, list[Acknowledged]] = {}
        self._changed = threading.Condition()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> FakeSocketMode:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for link in self._links:
            link.socket.close()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._listening.getsockname()[1]}/link/?ticket=secret-ticket"

    def wait_for_connection(self, number: int, *, within_s: float = 10) -> None:
        """Until the client has connected for the `number`th time."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.connection_count >= number, within_s), "nobody connected"

    def send(self, message: dict[str, Any]) -> None:
        """Send to the newest connection."""
        if "envelope_id" in message:
            self._sent_at.setdefault(message["envelope_id"], time.monotonic())
        self._write(self._links[-1], _TEXT, json.dumps(message).encode())

    def refresh(self) -> None:
        """Ask for a new connection, as Slack does every few hours, and hang up this one when it is there."""
        self.send({"type": "disconnect", "reason": "refresh_requested"})

    def hang_up(self) -> None:
        """Close the newest connection in the orderly way."""
        self._write(self._links[-1], _CLOSE, struct.pack("!H", 1001))

    def end(self) -> None:
        """End the newest connection's stream without a close frame, as a proxy does that is restarted."""
        self._links[-1].socket.shutdown(socket.SHUT_WR)

    def cut(self) -> None:
        """Reset the newest connection without a word."""
        link = self._links[-1]
        link.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with suppress(OSError):
            link.socket.shutdown(socket.SHUT_RD)
        link.socket.close()

    def acknowledged(self, envelope_id: str, *, times: int = 1, within_s: float = 10) -> Acknowledged:
        """The client's word on an envelope, once it has come so often."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self._taken.get(envelope_id, [])) >= times, within_s)
            assert came, f"{envelope_id} was not acknowledged"
            return self._taken[envelope_id][times - 1]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        with suppress(OSError, ValueError), connection:
            head = dict(_headers(stream))
            if self.refuses:
                connection.sendall(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")
                return
            digest = base64.b64encode(hashlib.sha1((head["sec-websocket-key"] + _GUID).encode()).digest())
            connection.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + digest + b"\r\n\r\n"
            )
            with self._changed:
                link = _Link(number=self.connection_count + 1, socket=connection)
                self._links.append(link)
                self.connection_count += 1
                self._changed.notify_all()
            self._write(link, _TEXT, json.dumps({"type": "hello", "num_connections": 1}).encode())
            while (frame := _frame(stream)) is not None:
                self._hear(link, *frame)

    def _hear(self, link: _Link, opcode: int, data: bytes) -> None:
        if opcode == _PING and not self.is_deaf:
            self._write(link, _PONG, data)
        if opcode == _TEXT:
            said = json.loads(data)
            now = time.monotonic()
            with self._changed:
                sent_at = self._sent_at.get(said["envelope_id"], now)
                taken = Acknowledged(after_s=now - sent_at, payload=said.get("payload"), on_connection=link.number)
                self._taken.setdefault(said["envelope_id"], []).append(taken)
                self._changed.notify_all()

    def _write(self, link: _Link, opcode: int, data: bytes) -> None:
        length = len(data)
        size = bytes([length]) if length < 126 else struct.pack("!BH", 126, length)
        with link.lock:
            link.socket.sendall(bytes([0x80 | opcode]) + size + data)


def _headers(stream: Any) -> list[tuple[str, str]]:
    found = []
    stream.readline()
    while line := stream.readline().decode().strip():
        name, _, value = line.partition(":")
        found.append((name.strip().lower(), value.strip()))
    return found


def _frame(stream: Any) -> tuple[int, bytes] | None:
    start = stream.read(2)
    if len(start) < 2:
        return None
    length = start[1] & 0x7F
    if length == 126:
        (length,) = struct.unpack("!H", stream.read(2))
    mask = stream.read(4) if start[1] & 0x80 else bytes(4)
    data = stream.read(length)
    return start[0] & 0x0F, bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
