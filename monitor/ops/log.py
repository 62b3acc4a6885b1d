"""Structured logs, one line per finished item, on stderr."""

from __future__ import annotations

import logging
import os
import sys
from typing import Literal

import structlog

_EVENT_WIDTH = 14  # columns; most events are one or two words
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_LIBRARIES = {
    "apscheduler": logging.ERROR,  # warns of every tick that a slow claim merges with the next
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "trafilatura": logging.CRITICAL,
    "htmldate": logging.WARNING,
    "alembic": logging.WARNING,
    "slack_sdk": logging.WARNING,
}
"""Below these, libraries narrate every request and every tick; what matters of it stands in our own lines."""


def _is_coloured() -> bool:
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")


def configure_logging(*, format: Literal["console", "json"], level: str) -> None:
    """Route structlog and the libraries' own logs to stderr in one format. Call once per process.

    Times are UTC: to the microsecond in JSON, to the second for the eye.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso" if format == "json" else "%Y-%m-%dT%H:%M:%SZ", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    rendered: list[structlog.typing.Processor] = (
        [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if format == "json"
        else [structlog.dev.ConsoleRenderer(colors=_is_coloured(), pad_event_to=_EVENT_WIDTH)]
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS[level])
    for name, least in _LIBRARIES.items():
        logging.getLogger(name).setLevel(least)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,  # first: what nobody reads costs next to nothing
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # SIGHUP may change the format
    )
