"""What all steps have in common, seen from the scheduler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

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
        """At most `limit` items of work, claimed; empty when nothing is due. Work raises only StoreError."""
        ...
