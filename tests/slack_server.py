"""A Slack Web API on loopback that the real slack_sdk client talks to.

It keeps its own log of accepted posts and never drops a repeat: whoever posts twice has two posts.

    with FakeSlack() as slack:
        slack.fail_next(Fault.RESET_AFTER)      # accept the next post, then cut the line
        ... WebClient(token=slack.token, base_url=slack.url) ...
        assert slack.keys() == ["first", "second"]
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from tests import slack_blockkit

BOT_SCOPES = ("chat:write", "channels:history", "groups:history", "channels:read", "groups:read")
_SCOPES_NEEDED = {
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "chat.delete": ("chat:write",),
    "conversations.history": ("channels:history", "groups:history"),
    "conversations.replies": ("channels:history", "groups:history"),
    "conversations.list": ("channels:read", "groups:read"),
    "conversations.info": ("channels:read", "groups:read"),
}


class Fault(StrEnum):
    """How the next call goes wrong; "after" means that the call took effect first."""

    RATE_LIMITED = "rate_limited"
    ERROR_BEFORE = "500_before"
    ERROR_AFTER = "500_after"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    STALL_BEFORE = "stall_before"  # no answer until release(); the client gives up
    STALL_AFTER = "stall_after"
    LATE = "late"  # accepted, answer lost, and out of sight until reveal()
    GARBAGE_BEFORE = "garbage_before"  # 200 with HTML
    GARBAGE_AFTER = "garbage_after"


@dataclass(kw_only=True)
class Post:
    """One accepted chat.postMessage; `texts` holds every version of `text`, the newest last."""

    ts: str
    channel: str
    payload: dict[str, Any]
    accepted_at: float
    texts: list[str]
    is_visible: bool = True
    is_deleted: bool = False

    @property
    def key(self) -> str | None:
        """The delivery key in its metadata."""
        return ((self.payload.get("metadata") or {}).get("event_payload") or {}).get("delivery_key")

    @property
    def blocks(self) -> list[dict[str, Any]]:
        return self.payload.get("blocks") or []

    @property
    def thread_ts(self) -> str | None:
        return self.payload.get("thread_ts")

    def mentions(self) -> list[str]:
        """Everybody this message would call."""
        texts = (self.payload.get("text") or "", *slack_blockkit.texts_of(self.blocks))
        return [name for text in texts for name in slack_blockkit.mentions(text)]


@dataclass(kw_only=True)
class _Scripted:
    method: str
    fault: Fault | str
    retry_after_s: float


@dataclass(kw_only=True)
class _State:
    posts: list[Post] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    faults: deque[_Scripted] = field(default_factory=deque)
    last_ts: float = 0.0
    tokens_left: dict[str, tuple[float, float]] = field(default_factory=dict)


class FakeSlack:
    """One workspace.

    `channels` maps names to ids. With `gap_s`, a channel takes one post or edit every `gap_s` seconds in
    the long run and `burst` at once; faster ones get a 429 and are counted in `too_fast`.
    `now` is the server's own clock; the default is the machine's.
    """

    def __init__(
        self,
        *,
        token: str = "xoxb-test-token",
        scopes: tuple[str, ...] = BOT_SCOPES,
        channels: dict[str, str] | None = None,
        gap_s: float | None = None,
        burst: int = 1,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.token = token
        self.scopes = scopes
        self.channels = channels if channels is not None else {"alerts": "C0ALERTS001", "admin": "C0ADMIN0001"}
        self.app_token = "xapp-test-token"
        self.team_id = "T0DESK"
        self.socket_url = ""  # what apps.connections.open gives: the address of a tests.socket_mode.FakeSocketMode
        self.archived: set[str] = set()
        self.outside: set[str] = set()  # ids of channels the app is no member of
        self.too_fast = 0
        self._gap_s, self._burst, self._now = gap_s, burst, now
        self._state = _State()
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler_for(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> FakeSlack:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The API's base URL, for `api_url`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/api/"

    @property
    def posts(self) -> list[Post]:
        """Accepted posts in order of acceptance, deleted ones too."""
        with self._lock:
            return list(self._state.posts)

    @property
    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        """Every call as (method, arguments), refused ones too."""
        with self._lock:
            return list(self._state.calls)

    @property
    def refused(self) -> list[tuple[str, str]]:
        """Messages refused for their form, as (error code, what is wrong)."""
        with self._lock:
            return list(self._state.refused)

    def keys(self) -> list[str | None]:
        """The delivery keys of all accepted posts, in order."""
        return [post.key for post in self.posts]

    def fail_next(
        self, fault: Fault | str, *, method: str = "chat.postMessage", times: int = 1, retry_after_s: float = 1
    ) -> None:
        """Script the next calls of `method`: a Fault, or a Slack error code such as "channel_not_found"."""
        with self._lock:
            scripted = _Scripted(method=method, fault=fault, retry_after_s=retry_after_s)
            self._state.faults.extend([scripted] * times)

    def follow(self, now: Callable[[], float]) -> None:
        """Take the time from another clock."""
        self._now = now

    def release(self) -> None:
        """Let stalled calls go on."""
        self._released.set()

    def reveal(self) -> None:
        """Make late posts visible."""
        with self._lock:
            for post in self._state.posts:
                post.is_visible = True

    # --- what the handler asks

    def answer(self, method: str, arguments: dict[str, Any], token: str) -> _Answer:
        """The answer to one call, with its effect done."""
        with self._lock:
            self._state.calls.append((method, arguments))
            scripted = self._next_fault(method)
            fault = scripted.fault if scripted else None
            if scripted is not None and fault == Fault.RATE_LIMITED:
                return _rate_limited(scripted.retry_after_s)
            if fault is not None and not isinstance(fault, Fault):
                return _Answer(body={"ok": False, "error": str(fault)})
            if fault is not None and fault.value.endswith("_before"):
                return _Answer(body={"ok": False, "error": "internal_error"}, fault=fault)
            answer = self._judged(method, arguments, token)
            if fault == Fault.LATE and answer.body["ok"]:
                self._state.posts[-1].is_visible = False
            answer.fault = fault
            return answer

    def wait_for_release(self) -> None:
        self._released.wait(30)

    def _next_fault(self, method: str) -> _Scripted | None:
        for scripted in self._state.faults:
            if scripted.method == method:
                self._state.faults.remove(scripted)
                return scripted
        return None

    def _judged(self, method: str, arguments: dict[str, Any], token: str) -> _Answer:
        if not token:
            return _error("not_authed")
        if method == "apps.connections.open":
            return self._open_socket(token)
        if token != self.token:
            return _error("invalid_auth")
        needed = _SCOPES_NEEDED.get(method, ())
        if needed and not set(needed) & set(self.scopes):
            return _error("missing_scope", needed=",".join(needed), provided=",".join(self.scopes))
        do = {
            "auth.test": self._auth_test,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "conversations.list": self._list,
            "conversations.info": self._info,
        }.get(method)
        return do(arguments) if do else _error("unknown_method")

    def _open_socket(self, token: str) -> _Answer:
        if token != self.app_token:
            return _error("not_allowed_token_type" if token == self.token else "invalid_auth")
        return _Answer(body={"ok": True, "url": self.socket_url})

    def _auth_test(self, _: dict[str, Any]) -> _Answer:
        found = {
            "url": "https://example.slack.test/",
            "team": "Test desk",
            "team_id": self.team_id,
            "user": "monitor",
            "bot_id": "B0MONITOR",
        }
        return _Answer(body={"ok": True, **found})

    def _channel_id(self, given: str) -> str | None:
        if given in self.channels.values():
            return given
        return self.channels.get(given.removeprefix("#"))

    def _post(self, arguments: dict[str, Any]) -> _Answer:
        channel = self._channel_id(str(arguments.get("channel", "")))
        if channel is None:
            return _error("channel_not_found")
        if channel in self.archived:
            return _error("is_archived")
        if channel in self.outside:
            return _error("not_in_channel")
        if bad := slack_blockkit.problems(arguments):
            self._state.refused += bad
            return _error(bad[0][0] if bad[0][0] != "invalid_text" else "invalid_arguments")
        if (thread_ts := arguments.get("thread_ts")) and self._parent(channel, str(thread_ts)) is None:
            return _error("thread_not_found")
        if (wait_s := self._wait_s(channel)) > 0:
            self.too_fast += 1
            return _rate_limited(wait_s)
        post = Post(
            ts=self._next_ts(),
            channel=channel,
            payload=arguments,
            accepted_at=self._now(),
            texts=[arguments.get("text") or ""],
        )
        self._state.posts.append(post)
        return _Answer(body={"ok": True, "channel": channel, "ts": post.ts, "message": _as_message(post)})

    def _wait_s(self, channel: str) -> float:
        """0 when the channel's bucket had room, and takes it; else the seconds until it has."""
        if self._gap_s is None:
            return 0.0
        now = self._now()
        level, at = self._state.tokens_left.get(channel, (float(self._burst), now))
        level = min(float(self._burst), level + (now - at) / self._gap_s)
        if level < 1 - 1e-9:
            self._state.tokens_left[channel] = (level, now)
            return (1 - level) * self._gap_s
        self._state.tokens_left[channel] = (level - 1, now)
        return 0.0

    def _next_ts(self) -> str:
        # Slack's ts is the post's id in its channel: seconds, never twice.
        self._state.last_ts = max(self._now(), self._state.last_ts + 1e-5)
        return f"{self._state.last_ts:.6f}"

    def _parent(self, channel: str, ts: str) -> Post | None:
        """The message that a reply may hang on: a parent that is still there."""
        found = (p for p in self._state.posts if p.channel == channel and p.ts == ts and not p.is_deleted)
        return next((p for p in found if p.thread_ts is None), None)

    def _find(self, arguments: dict[str, Any]) -> Post | None:
        channel, ts = self._channel_id(str(arguments.get("channel", ""))), str(arguments.get("ts", ""))
        alive = (p for p in self._state.posts if p.is_visible and not p.is_deleted)
        return next((p for p in alive if p.channel == channel and p.ts == ts), None)

    def _update(self, arguments: dict[str, Any]) -> _Answer:
        post = self._find(arguments)
        if post is None:
            return _error("message_not_found")
        if bad := slack_blockkit.problems(arguments):
            self._state.refused += bad
            return _error(bad[0][0])
        if (wait_s := self._wait_s(post.channel)) > 0:
            self.too_fast += 1
            return _rate_limited(wait_s)
        post.payload = {**post.payload, **arguments}
        post.texts.append(arguments.get("text") or "")
        return _Answer(body={"ok": True, "channel": post.channel, "ts": post.ts, "text": post.texts[-1]})

    def _delete(self, arguments: dict[str, Any]) -> _Answer:
        post = self._find(arguments)
        if post is None:
            return _error("message_not_found")
        post.is_deleted = True
        return _Answer(body={"ok": True, "channel": post.channel, "ts": post.ts})

    def _history(self, arguments: dict[str, Any]) -> _Answer:
        """Parents and broadcasts, newest first."""
        return self._page(arguments, lambda p: p.thread_ts is None or bool(p.payload.get("reply_broadcast")))

    def _replies(self, arguments: dict[str, Any]) -> _Answer:
        thread_ts = str(arguments.get("ts"))
        if self._parent(str(arguments.get("channel", "")), thread_ts) is None:
            return _error("thread_not_found")
        return self._page(arguments, lambda p: thread_ts in (p.thread_ts, p.ts), newest_first=False)

    def _page(
        self, arguments: dict[str, Any], belongs: Callable[[Post], bool], *, newest_first: bool = True
    ) -> _Answer:
        channel = arguments.get("channel", "")
        if channel not in self.channels.values():  # unlike posting, reading takes ids only
            return _error("channel_not_found")
        if channel in self.outside:
            return _error("not_in_channel")
        oldest, latest = float(arguments.get("oldest") or 0), float(arguments.get("latest") or "inf")
        inside = [
            post
            for post in self._state.posts
            if post.channel == channel and post.is_visible and not post.is_deleted and belongs(post)
            if oldest <= float(post.ts) <= latest
        ]
        inside.sort(key=lambda post: float(post.ts), reverse=newest_first)
        start, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit") or 100)
        more = start + limit < len(inside)
        with_metadata = str(arguments.get("include_all_metadata")).lower() in ("1", "true")
        return _Answer(
            body={
                "ok": True,
                "messages": [_as_message(p, with_metadata=with_metadata) for p in inside[start : start + limit]],
                "has_more": more,
                "response_metadata": {"next_cursor": str(start + limit) if more else ""},
            }
        )

    def _list(self, arguments: dict[str, Any]) -> _Answer:
        listed = [
            {"id": id_, "name": name, "is_member": id_ not in self.outside} for name, id_ in self.channels.items()
        ]
        start, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit") or 100)
        cursor = str(start + limit) if start + limit < len(listed) else ""
        body = {"ok": True, "channels": listed[start : start + limit], "response_metadata": {"next_cursor": cursor}}
        return _Answer(body=body)

    def _info(self, arguments: dict[str, Any]) -> _Answer:
        name = next((n for n, id_ in self.channels.items() if id_ == arguments.get("channel")), None)
        if name is None:
            return _error("channel_not_found")
        channel_id = self.channels[name]
        told = {"is_member": channel_id not in self.outside, "is_archived": channel_id in self.archived}
        return _Answer(body={"ok": True, "channel": {"id": channel_id, "name": name, **told}})


@dataclass(kw_only=True)
class _Answer:
    body: dict[str, Any]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: Fault | str | None = None


def _error(code: str, **more: str) -> _Answer:
    return _Answer(body={"ok": False, "error": code, **more})


def _rate_limited(retry_after_s: float) -> _Answer:
    whole = max(1, int(retry_after_s + 0.999)) if retry_after_s >= 1 else retry_after_s
    return _Answer(body={"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": f"{whole:g}"})


def _as_message(post: Post, *, with_metadata: bool = True) -> dict[str, Any]:
    message = {"type": "message", "ts": post.ts, "text": post.payload.get("text", ""), "bot_id": "B0MONITOR"}
    if with_metadata and post.payload.get("metadata"):
        message["metadata"] = post.payload["metadata"]
    if post.thread_ts:
        message["thread_ts"] = post.thread_ts
    return message


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the game."""


def _handler_for(slack: FakeSlack) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            method = self.path.removeprefix("/api/")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ").strip()
            answer = slack.answer(method, _arguments(body, self.headers.get("Content-Type") or ""), token)
            self._reply(answer)

        do_GET = do_POST

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

        def _reply(self, answer: _Answer) -> None:
            fault = answer.fault
            if fault in (Fault.STALL_BEFORE, Fault.STALL_AFTER):
                slack.wait_for_release()
            if fault in (Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.LATE):
                self._reset()
            elif fault in (Fault.ERROR_BEFORE, Fault.ERROR_AFTER):
                self._write(500, b"<html>Server Error</html>", "text/html", {})
            elif fault in (Fault.GARBAGE_BEFORE, Fault.GARBAGE_AFTER):
                self._write(200, b"<html>Welcome</html>", "text/html", {})
            else:
                headers = {"X-OAuth-Scopes": ",".join(slack.scopes), **answer.headers}
                self._write(answer.status, json.dumps(answer.body).encode(), "application/json", headers)

        def _write(self, status: int, body: bytes, kind: str, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def _reset(self) -> None:
            """Close with RST, so that the client sees a reset and not an end."""
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()

    return Handler


def _arguments(body: bytes, content_type: str) -> dict[str, Any]:
    if "json" in content_type:
        return dict(json.loads(body or b"{}"))
    return dict(parse_qsl(body.decode()))
