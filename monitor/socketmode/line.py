"""One connection to Slack over Socket Mode, by slack_sdk's own client.

The client's own reconnecting is off: it begins only after a first success, and hides why it fails.
`SlackLine.is_up` looks at what the client knows, and whoever keeps the line opens a new one.
"""

from __future__ import annotations

import errno
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from datetime import datetime
from threading import Lock
from typing import Any, cast

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.webhook import WebhookClient

from monitor.socketmode.reply import Reply, reply_body
from monitor.socketmode.requests import Command, Request, request_of

log = structlog.get_logger("slack-app")

ACK_WITHIN_S = 2.0  # Slack tells the person that the app failed after three
PING_S = 5.0
_PINGS_LOST = 3  # unanswered pings after which the line is taken for lost
_ANSWERING = 4
_REMEMBERED = 500  # envelopes; a repeat comes within minutes

Answerer = Callable[[Request], Reply]


class _Stream:
    """The client's socket, except that its end is an error.

    The client takes nothing received for nothing yet, and would read on as fast as it can until a
    ping of its own fails.
    """

    def __init__(self, socket: Any) -> None:
        self._socket = socket

    def recv(self, size: int) -> bytes:
        """What came. Raises: OSError, also when no more will come."""
        received: bytes = self._socket.recv(size)
        if not received:
            raise ConnectionResetError(errno.ECONNRESET, "the stream ended")
        return received

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


class _Client(SocketModeClient):
    def connect(self) -> None:
        """Connect, for the first time or anew."""
        super().connect()
        session = self.current_session
        if session is not None and session.sock is not None:
            session.sock = cast(Any, _Stream(session.sock))


class SlackLine:
    """Open until closed; requests are answered in threads of its own."""

    def __init__(
        self,
        *,
        app_token: str,
        client: WebClient,
        answerer: Answerer,
        now: Callable[[], datetime],
        ack_within_s: float = ACK_WITHIN_S,
        ping_s: float = PING_S,
    ) -> None:
        """`client` lends its address, proxy and certificates; its own token is not used."""
        self._answerer = answerer
        self._now = now
        self._ack_within_s = ack_within_s
        self._pong_within_s = _PINGS_LOST * ping_s
        self._client = client
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()
        self._answering = ThreadPoolExecutor(_ANSWERING, thread_name_prefix="slack-app")
        quiet = logging.getLogger("monitor.socketmode.sdk")
        quiet.setLevel(logging.CRITICAL)  # its messages quote addresses that are as good as a token
        self._socket = _Client(
            app_token,
            logger=quiet,
            web_client=client,
            auto_reconnect_enabled=False,
            ping_interval=ping_s,
            concurrency=_ANSWERING,
        )
        self._socket.proxy = client.proxy  # as the client does it: what the environment says ignores NO_PROXY
        self._socket.socket_mode_request_listeners.append(self._take)
        self._opened_at = time.monotonic()

    def open(self) -> bool:
        """Whether Slack answered; asks for an address and connects to it.

        Raises:
            SlackClientError, OSError, ValueError, LookupError: Slack gives no address.
        """
        self._opened_at = time.monotonic()
        self._socket.connect()
        return self._socket.is_connected()

    def is_up(self) -> bool:
        """Whether Slack is still there: connected, pings go out, and their answers come."""
        session = self._socket.current_session
        if session is None or not session.is_active() or session.consecutive_check_state_error_count:
            return False
        if session.last_ping_pong_time is None:
            return time.monotonic() - self._opened_at < self._pong_within_s
        return time.time() - session.last_ping_pong_time < self._pong_within_s

    def close(self) -> None:
        """Hang up; what is being answered is finished."""
        with suppress(Exception):  # the client's threads may be in the middle of anything
            self._socket.close()
        self._answering.shutdown(wait=False)

    def _take(self, socket: BaseSocketModeClient, envelope: SocketModeRequest) -> None:
        """Answer one envelope: at once when it is quick, else take it first and answer later."""
        if self._is_repeat(envelope.envelope_id):
            self._acknowledge(socket, envelope, None)
            return
        payload = cast(Mapping[str, object], envelope.payload)
        request = request_of(envelope.type, payload, now=self._now())
        if request is None:
            self._acknowledge(socket, envelope, None)
            return
        answering = self._answering.submit(self._answerer, request)
        reply = _within(answering, self._ack_within_s)
        is_said = reply is not None and isinstance(request, Command) and envelope.accepts_response_payload
        self._acknowledge(socket, envelope, reply if is_said else None)
        if not is_said:
            self._respond(request, answering.result())

    def _is_repeat(self, envelope_id: str) -> bool:
        with self._lock:
            if envelope_id in self._seen:
                return True
            self._seen[envelope_id] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
            return False

    def _acknowledge(self, socket: BaseSocketModeClient, envelope: SocketModeRequest, reply: Reply | None) -> None:
        body = reply_body(reply) if reply is not None else None
        try:
            socket.send_socket_mode_response(SocketModeResponse(envelope.envelope_id, body))
        except (SlackClientError, OSError) as error:
            # The person sees that it failed, and presses again; what was done stays done.
            log.warning("not acknowledged", why=type(error).__name__)

    def _respond(self, request: Request, reply: Reply) -> None:
        if not request.response_url.startswith(("https://", "http://")):
            return
        sender = WebhookClient(
            request.response_url,
            timeout=self._client.timeout,
            ssl=self._client.ssl,
            logger=logging.getLogger("monitor.socketmode.sdk"),
            retry_handlers=[],
        )
        sender.proxy = self._client.proxy
        try:
            answer = sender.send_dict(reply_body(reply))
        except (SlackClientError, OSError, ValueError) as error:
            log.warning("answer not shown", why=type(error).__name__)
            return
        if answer.status_code != 200:
            log.warning("answer not shown", why=f"HTTP {answer.status_code}")


def _within(answering: Future[Reply], seconds: float) -> Reply | None:
    try:
        return answering.result(timeout=seconds)
    except NotYet:
        return None
