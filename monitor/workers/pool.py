"""A fixed number of parsing processes, each killable, shared by any number of threads."""

from __future__ import annotations

import json
import os
import pickle
import queue
import socket
import subprocess
import sys
import threading
import time
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar

from monitor.core.model.document import ExtractedArticle
from monitor.core.model.entry import ParsedFeed
from monitor.core.model.feed import PollReason
from monitor.errors import WorkerFailed
from monitor.workers.wire import Answer, Call, receive_answer, send

_T = TypeVar("_T")

START_TIMEOUT_S = 60.0
"""A worker imports for half a second; a machine under load, or a cold disk, may take far longer."""
CALLS_PER_WORKER = 500
"""A worker is replaced after so many calls: libxml2's and Python's heaps only grow."""
_STARTS = 2  # a signal to the whole group can end a worker before it has learnt to ignore it

# No -I: installs may rest on site's .pth files. The environment's own variables (tokens among
# them) are not handed to a process that parses hostile input.
_INTERPRETER = ("-E", "-s", "-c")
_MAIN = (
    "import signal, sys;"
    "[signal.signal(n, signal.SIG_IGN) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)];"
    "import json; sys.path[:] = json.loads(sys.argv[1]);"
    "from monitor.workers.child import serve; serve(*map(int, sys.argv[2:]))"
)
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "TMPDIR")


class WorkerPool:
    """Parsing in up to `count` processes; implements `ports.Workers`.

    A call that takes longer than `timeout_s` seconds costs its process its life and raises
    WorkerFailed; so do a crash and more than `max_memory_bytes` of address space. The next call
    finds a fresh process. Processes start when first needed. Calls may come from any thread; one
    too many waits for a free process.
    """

    def __init__(
        self, count: int, timeout_s: float, max_memory_bytes: int, *, calls_per_worker: int = CALLS_PER_WORKER
    ) -> None:
        self._timeout_s = timeout_s
        self._max_memory_bytes = max_memory_bytes
        self._calls_per_worker = calls_per_worker
        self._lock = threading.Lock()
        self._closed = False
        self._living: set[_Worker] = set()
        # Last in, first out: warm processes are used before another one is started.
        self._slots: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(count):
            self._slots.put(None)  # a slot without a process yet

    def parse_feed(self, body: bytes, *, url: str, content_type: str | None) -> ParsedFeed:
        """Raises: ParseError, WorkerFailed."""
        return self._typed(ParsedFeed, "parse_feed", body=body, url=url, content_type=content_type)

    def parse_index(self, body: bytes, *, url: str, content_type: str | None, selector: str | None) -> ParsedFeed:
        """Raises: ParseError, WorkerFailed."""
        return self._typed(ParsedFeed, "parse_index", body=body, url=url, content_type=content_type, selector=selector)

    def parse_sitemap(self, body: bytes, *, url: str, content_type: str | None, since: datetime | None) -> ParsedFeed:
        """Raises: ParseError, WorkerFailed."""
        return self._typed(ParsedFeed, "parse_sitemap", body=body, url=url, content_type=content_type, since=since)

    def extract_article(self, body: bytes, *, url: str, content_type: str | None) -> ExtractedArticle:
        """Raises: ParseError, WorkerFailed."""
        return self._typed(ExtractedArticle, "extract_article", body=body, url=url, content_type=content_type)

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The living processes, in no order; empty before the first call."""
        with self._lock:
            return tuple(worker.pid for worker in self._living)

    def close(self) -> None:
        """End all processes at once; calls under way, and later ones, raise WorkerFailed."""
        with self._lock:
            self._closed = True
            living, self._living = self._living, set()
        for worker in living:
            worker.kill()  # a thread that waits for its answer learns of it, and cleans up
        self._drop_idle()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _typed(self, kind: type[_T], name: str, **arguments: object) -> _T:
        value = self._call(Call(name=name, arguments=arguments))
        if not isinstance(value, kind):
            raise WorkerFailed(PollReason.PARSER_CRASHED, f"{name} answered with {type(value).__name__}")
        return value

    def _call(self, call: Call) -> object:
        worker = self._slots.get()
        try:
            if worker is not None and not worker.is_alive():
                self._end(worker)
                worker = None
            if worker is None:
                worker = self._started()
            return self._answer(worker, call)
        finally:
            if worker is not None and (not worker.is_alive() or worker.calls >= self._calls_per_worker):
                self._end(worker)
                worker = None
            self._slots.put(worker)

    def _answer(self, worker: _Worker, call: Call) -> object:
        try:
            answer = worker.ask(call, deadline=time.monotonic() + self._timeout_s)
        except TimeoutError:
            worker.kill()
            detail = f"{call.name} took longer than {self._timeout_s:g} s and was ended"
            raise WorkerFailed(PollReason.PARSER_TIMEOUT, detail) from None
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            worker.kill()
            how = "the pool was closed" if self._closed else f"process ended with {worker.exit_status}: {error}"
            raise WorkerFailed(PollReason.PARSER_CRASHED, f"{call.name}: {how}") from None
        if answer.error is not None:
            if isinstance(answer.error, WorkerFailed):
                worker.kill()  # whatever failed there may have left the process unfit
            raise answer.error
        return answer.value

    def _started(self) -> _Worker:
        """A ready worker. Raises: WorkerFailed when none can be started."""
        detail = ""
        for _ in range(_STARTS):
            with self._lock:
                if self._closed:
                    raise WorkerFailed(PollReason.PARSER_CRASHED, "the worker pool is closed")
                try:
                    worker = _Worker(self._max_memory_bytes)
                except OSError as error:  # no process or file descriptor left
                    detail = f"a worker process could not be started: {error}"
                    continue
                self._living.add(worker)
            try:
                worker.wait_until_ready(deadline=time.monotonic() + START_TIMEOUT_S)
            except (TimeoutError, EOFError, OSError, pickle.UnpicklingError) as error:
                self._end(worker)
                detail = f"a worker process did not start: {error} (ended with {worker.exit_status})"
            else:
                return worker
        raise WorkerFailed(PollReason.PARSER_CRASHED, detail)

    def _end(self, worker: _Worker) -> None:
        """Only by the thread that holds the worker's slot: nobody else may close a link in use."""
        with self._lock:
            self._living.discard(worker)
        worker.kill()
        worker.hang_up()

    def _drop_idle(self) -> None:
        for _ in range(self._slots.qsize()):
            try:
                worker = self._slots.get_nowait()
            except queue.Empty:
                return
            if worker is not None:
                worker.hang_up()
            self._slots.put(None)


class _Worker:
    """One process and the socket to it; used by one thread at a time, killed by any."""

    def __init__(self, max_memory_bytes: int) -> None:
        self.calls = 0
        self._link, theirs = socket.socketpair()
        # Never written to: the kernel tells the process when our end closes, however that happens.
        # A pipe for each, because the owner of a file's signals is one for all who share the file.
        their_life, self._life = os.pipe()
        try:
            numbers = (theirs.fileno(), their_life, max_memory_bytes)
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and code
                [sys.executable, *_INTERPRETER, _MAIN, json.dumps(sys.path), *map(str, numbers)],
                pass_fds=numbers[:2],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # the monitor's own output is read by programs
                env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
                start_new_session=True,  # out of reach of the terminal's Ctrl-C and hang-up
            )
        except OSError:
            self.hang_up()
            raise
        finally:
            theirs.close()
            os.close(their_life)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """As subprocess has it: negative for a signal; None while it lives."""
        return self._process.poll()

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def wait_until_ready(self, *, deadline: float) -> None:
        receive_answer(self._link, deadline=deadline)

    def ask(self, call: Call, *, deadline: float) -> Answer:
        self.calls += 1
        send(self._link, call, deadline=deadline)
        return receive_answer(self._link, deadline=deadline)

    def kill(self) -> None:
        """End the process now, whatever it does, and leave no zombie."""
        self._process.kill()
        self._process.wait()

    def hang_up(self) -> None:
        """Give the file descriptors back; once."""
        self._link.close()
        os.close(self._life)
