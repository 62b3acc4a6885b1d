"""A service on loopback that takes webhooks, answers as told, and keeps what it accepted."""

from __future__ import annotations

import socket
import struct
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RESET_AFTER = -1  # accept, then cut the line


@dataclass(frozen=True, kw_only=True)
class Call:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HookServer:
    """Answers 204, or the next of `script`: (status, headers); statuses from 200 to 299 accept."""

    script: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    accepted: list[Call] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def __enter__(self) -> HookServer:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook/s3cret-path"

    def keys(self) -> list[str]:
        """Idempotency keys of what was accepted, repeats included."""
        return [call.headers["idempotency-key"] for call in self.accepted]


def _handler_for(server: HookServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(path=self.path, headers=headers, body=body)
            status, extra = server.script.popleft() if server.script else (204, {})
            server.calls.append(call)
            if status == RESET_AFTER or 200 <= status < 300:
                server.accepted.append(call)
            if status == RESET_AFTER:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(status)
            for name, value in extra.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    return Handler
