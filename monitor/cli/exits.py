"""Exit codes, and which error ends with which."""

from __future__ import annotations

from enum import IntEnum

from monitor.errors import ConfigError, DeliveryError, FetchError, MonitorError, StoreError


class ExitCode(IntEnum):
    OK = 0
    FAILED = 1  # something asked for failed, or was not found
    USAGE = 2
    CONFIG = 3
    STORE = 4
    NETWORK = 5  # network, or Slack


class CommandFailed(MonitorError):
    """What was asked for failed, or is not there; exit code 1."""


def exit_code_of(error: MonitorError) -> ExitCode:
    """The documented exit code of an error."""
    match error:
        case ConfigError():
            return ExitCode.CONFIG
        case StoreError():
            return ExitCode.STORE
        case FetchError() | DeliveryError():
            return ExitCode.NETWORK
        case _:
            return ExitCode.FAILED
