"""How calls and answers cross between the monitor and a worker: length, then pickle."""

from __future__ import annotations

import io
import pickle
import socket
import struct
import time
from dataclasses import dataclass

_LENGTH = struct.Struct("!Q")
_CHUNK = 1024 * 1024
LARGEST_ANSWER_BYTES = 256 * 1024 * 1024
"""Several times what the largest allowed body can turn into; more is a worker gone mad."""

# All that an answer is made of. A worker parses hostile input: were it taken over, its answers
# must not be able to name anything else to load here.
_ANSWER_TYPES = frozenset(
    [
        ("monitor.workers.wire", "Answer"),
        ("monitor.core.model.entry", "ParsedFeed"),
        ("monitor.core.model.entry", "Entry"),
        ("monitor.core.model.entry", "SitemapLink"),
        ("monitor.core.model.document", "ExtractedArticle"),
        ("monitor.core.model.document", "StatedDate"),
        ("monitor.core.model.document", "Wall"),
        ("monitor.core.model.feed", "PollReason"),
        ("monitor.errors", "ParseError"),
        ("monitor.errors", "WorkerFailed"),
        ("datetime", "datetime"),
        ("datetime", "date"),
        ("datetime", "timezone"),
        ("datetime", "timedelta"),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One function of the worker's table with its arguments."""

    name: str
    arguments: dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`value` is the function's, or `error` what it raised."""

    value: object = None
    error: Exception | None = None


class _AnswerUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in _ANSWER_TYPES:
            raise pickle.UnpicklingError(f"an answer may not hold {module}.{name}")
        return super().find_class(module, name)


def send(link: socket.socket, message: Call | Answer, *, deadline: float | None = None) -> None:
    """Send one message whole; `deadline` is on the monotonic clock.

    Raises:
        TimeoutError: the other side did not take it in time.
        OSError: the other side is gone.
    """
    payload = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    _set_timeout(link, deadline)
    link.sendall(_LENGTH.pack(len(payload)))
    _set_timeout(link, deadline)
    link.sendall(payload)


def receive_call(link: socket.socket) -> Call:
    """The next call. Raises: EOFError when the monitor is gone."""
    call = pickle.loads(_receive(link, None, largest=None))  # noqa: S301  # the monitor's own, over its socket
    if not isinstance(call, Call):
        raise TypeError(f"{type(call).__name__} is no call")
    return call


def receive_answer(link: socket.socket, *, deadline: float) -> Answer:
    """The answer to the call sent before.

    Raises:
        TimeoutError: none until the deadline.
        EOFError, OSError: the worker is gone.
        pickle.UnpicklingError: it is no answer.
    """
    answer = _AnswerUnpickler(io.BytesIO(_receive(link, deadline, largest=LARGEST_ANSWER_BYTES))).load()
    if not isinstance(answer, Answer):
        raise pickle.UnpicklingError(f"{type(answer).__name__} is no answer")
    return answer


def _receive(link: socket.socket, deadline: float | None, *, largest: int | None) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(link, _LENGTH.size, deadline))
    if largest is not None and length > largest:
        raise pickle.UnpicklingError(f"an answer of {length} bytes")
    return _exactly(link, length, deadline)


def _exactly(link: socket.socket, length: int, deadline: float | None) -> bytes:
    received = bytearray()
    while len(received) < length:
        _set_timeout(link, deadline)
        chunk = link.recv(min(_CHUNK, length - len(received)))
        if not chunk:
            raise EOFError("the other side closed the connection")
        received += chunk
    return bytes(received)


def _set_timeout(link: socket.socket, deadline: float | None) -> None:
    if deadline is None:
        link.settimeout(None)
        return
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise TimeoutError("the deadline has passed")
    link.settimeout(left_s)
