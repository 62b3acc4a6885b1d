"""What runs inside a worker process."""

from __future__ import annotations

import fcntl
import logging
import os
import resource
import signal
import socket
import warnings
from collections.abc import Callable

from monitor.core.extract.article import extract_article
from monitor.core.model.feed import PollReason
from monitor.core.parse.feed import parse_feed
from monitor.core.parse.html_index import parse_index
from monitor.core.parse.sitemap import parse_sitemap
from monitor.errors import ParseError, WorkerFailed
from monitor.workers.wire import Answer, receive_call, send

FUNCTIONS: dict[str, Callable[..., object]] = {
    "parse_feed": parse_feed,
    "parse_index": parse_index,
    "parse_sitemap": parse_sitemap,
    "extract_article": extract_article,
}
"""What a worker can be asked; all of `ports.Workers`."""

_WARMING_FEED = b"<rss version='2.0'><channel><item><title>A</title></item></channel></rss>"
_WARMING_PAGE = b"<html><head><title>A</title></head><body><p>Nothing <a href='/'>has</a> happened.</p></body></html>"


def serve(link_fd: int, life_fd: int, max_memory_bytes: int) -> None:
    """Answer calls until the monitor closes the link or dies. `life_fd` is a pipe that it holds open."""
    _die_with_the_monitor(life_fd)
    logging.disable(logging.CRITICAL)  # the parsers' remarks on other people's markup
    warnings.simplefilter("ignore")
    with socket.socket(fileno=link_fd) as link:
        _warm_up()
        # After the imports, whose shared libraries count as address space too.
        resource.setrlimit(resource.RLIMIT_AS, (max_memory_bytes, max_memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        send(link, Answer())
        while True:
            try:
                call = receive_call(link)
            except (EOFError, OSError):
                return
            send(link, _answer(FUNCTIONS[call.name], call.arguments))


def _answer(function: Callable[..., object], arguments: dict[str, object]) -> Answer:
    try:
        return Answer(value=function(**arguments))
    except ParseError as error:
        return Answer(error=ParseError(error.reason, error.detail))
    except MemoryError:
        return Answer(error=WorkerFailed(PollReason.PARSER_CRASHED, "the parser ran out of memory"))
    except Exception as error:  # a parser's own fault must cost this body only
        detail = f"the parser failed: {type(error).__name__}: {str(error)[:200]}"
        return Answer(error=WorkerFailed(PollReason.PARSER_CRASHED, detail))


def _die_with_the_monitor(life_fd: int) -> None:
    """Have the kernel end this process when the monitor's end of the pipe closes, even by kill -9.

    SIGIO's default action ends the process at once, also inside a regular expression or a C
    library that never gives a thread of ours a turn to look.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(life_fd, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life_fd, fcntl.F_SETFL, fcntl.fcntl(life_fd, fcntl.F_GETFL) | os.O_ASYNC)


def _warm_up() -> None:
    """Have the parsers load their tables now, not inside the first call's time limit."""
    parse_feed(_WARMING_FEED, url="https://example.org/", content_type=None)
    parse_index(_WARMING_PAGE, url="https://example.org/", content_type=None, selector="p")
    extract_article(_WARMING_PAGE, url="https://example.org/", content_type=None)
