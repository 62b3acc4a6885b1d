"""What all steps have in common, seen from the scheduler."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar, runtime_checkable

from monitor.errors import StoreUnavailable

Claim = TypeVar("Claim")
Work = Callable[[], None]


class Step(Protocol):
    """One step of the pipeline: `claim` takes what is due, each result is one item's whole work."""

    @property
    def name(self) -> str: ...

    @property
    def threads(self) -> int:
        """How many items may be worked at once."""
        ...

    def claim(self, limit: int) -> tuple[Work, ...]:
        """At most `limit` items of work, claimed; empty when nothing is due.

        Work raises only StoreError, and NotWritten.
        """
        ...


@runtime_checkable
class BatchStep(Step, Protocol):
    """A step whose works leave their results to be written together, and which may claim ahead of its threads."""

    def resume(self) -> None:
        """Take up work, for the first time or after `retire`."""
        ...

    def refresh(self) -> None:
        """Look at the store at the next claim, however short a while ago it had no more."""
        ...

    def settle(self, *, at_once: bool) -> Work | None:
        """The next write of what waits for one, None when there is none worth a transaction yet.

        `at_once` when nobody knows how long the next result will be: any result is worth it then.
        """
        ...

    def retire(self) -> Work | None:
        """Claim nothing ahead from here on; the next write, among which now is giving back what was claimed ahead."""
        ...

    def next_turn_s(self) -> float | None:
        """Seconds until something claimed ahead may be worked; None when nothing is held."""
        ...


class NotWritten(Exception):
    """The database refused an item's finished result; `again` writes it, and may raise this anew.

    What was fetched or sent is not done a second time only because nobody could note it down.
    """

    def __init__(self, error: StoreUnavailable, again: Work) -> None:
        super().__init__(str(error))
        self.error = error
        self.again = again


def write_result(write: Work) -> None:
    """Write an item's result. Raises: NotWritten, when the database refuses; and what else `write` raises."""
    try:
        write()
    except StoreUnavailable as error:
        raise NotWritten(error, again=partial(write_result, write)) from error
