"""Every error the monitor raises on purpose.

MonitorError
├── ConfigError             the configuration cannot be used; carries every problem with file and line
├── StoreError
│   ├── SchemaOutdated      the database needs `monitor db upgrade`
│   ├── StoreUnavailable    locked, full or unreachable; worth another try
│   └── LeaseLost           another worker holds the row now; drop the result
├── FetchError              a GET brought no usable response
├── ParseError              the body is not what was promised
│   └── WorkerFailed        the parsing process was killed or died
└── DeliveryError
    ├── Transient           back off and send again: the channel certainly did not take it
    ├── OutcomeUnknown      the channel may have taken it
    ├── ChannelBroken       the channel's configuration must be mended; park
    ├── ParentGone          the message to reply to or edit is not there any more; begin a new thread
    └── MessageRefused      this message will never be taken; dead-letter
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.core.model.feed import PollReason


class MonitorError(Exception):
    """Root of the tree. The message says what was tried, on what, and what came back; no secrets."""


@dataclass(frozen=True, kw_only=True)
class ConfigProblem:
    """One thing wrong in one place; `line` is 1-based, 0 when the file as a whole is meant."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class ConfigError(MonitorError):
    """The configuration cannot be used. `problems` has all of them, in file order."""

    def __init__(self, problems: tuple[ConfigProblem, ...]) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = problems


class StoreError(MonitorError):
    """The database did not do what was asked."""


class SchemaOutdated(StoreError):
    """The database's schema is not the one this version needs."""


class StoreUnavailable(StoreError):
    """Locked, full or unreachable. `permanent` is True when waiting alone will not help (disk full)."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class LeaseLost(StoreError):
    """The row was claimed by somebody else meanwhile; the result must be dropped."""


class FetchError(MonitorError):
    """A GET brought no usable response.

    `reason` is stored; `retry_after_s` is the server's own wish in seconds, None when it has none.
    """

    def __init__(
        self,
        url: str,
        reason: PollReason,
        detail: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(f"GET {url}: {detail}")
        self.url = url
        self.reason = reason
        self.detail = detail
        self.status = status
        self.retry_after_s = retry_after_s


class ParseError(MonitorError):
    """The body is not what was promised; `reason` is stored with the feed."""

    def __init__(self, reason: PollReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[ParseError], tuple[PollReason, str]]:
        # Crosses a process border: exceptions with more than one argument pickle only this way.
        return type(self), (self.reason, self.detail)


class WorkerFailed(ParseError):
    """The parsing process ran out of time or memory, or died; reason PARSER_TIMEOUT or PARSER_CRASHED."""


class DeliveryFault(StrEnum):
    """Why a channel did not take a message; stored with the delivery."""

    RATE_LIMITED = "rate_limited"
    UNREACHABLE = "unreachable"
    OUTCOME_UNKNOWN = "outcome_unknown"
    TOKEN = "token"  # noqa: S105  # a reason's name, not a secret
    CHANNEL = "channel"
    MESSAGE = "message"
    PARENT = "parent"  # the message to reply to or edit is gone
    EXPIRED = "expired"  # not sent while it was news
    DROPPED = "dropped"  # by hand
    NOT_CONFIGURED = "not_configured"
    BUG = "bug"


class DeliveryError(MonitorError):
    """A channel did not (certainly) take a message."""

    def __init__(self, fault: DeliveryFault, detail: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail
        self.retry_after_s = retry_after_s


class Transient(DeliveryError):
    """Not taken; back off `retry_after_s` if given, and send again."""


class OutcomeUnknown(DeliveryError):
    """The answer was lost: the channel may have taken it."""


class ChannelBroken(DeliveryError):
    """Nothing will go through until somebody mends the channel's token or name."""


class ParentGone(DeliveryError):
    """The message to reply to, or to edit, is not there any more; nothing was posted."""


class MessageRefused(DeliveryError):
    """This one message will never be taken."""
