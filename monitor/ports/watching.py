"""What the coverage watchdog keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from monitor.core.model.condition import Condition, SourceNorm
from monitor.core.watch.facts import Round
from monitor.core.watch.round import Outcome


class WatchStore(Protocol):
    def last_round_at(self) -> datetime | None:
        """When the watchdog last looked; None before its first look."""
        ...

    def read_round(self, *, channels: Sequence[str], now: datetime) -> Round:
        """The facts since the last look, about enabled feeds and these channels; nothing is written."""
        ...

    def record_round(
        self, facts: Round, outcome: Outcome, *, channels: Sequence[str], others: Sequence[str] = (), now: datetime
    ) -> None:
        """Write norms and conditions, and each notice with a pending delivery for each of `channels`, all at once.

        A channel's own trouble is never told through it; where it is the only one of `channels`, through `others`.

        Raises:
            LeaseLost: another process has looked meanwhile; nothing is written.
        """
        ...

    def conditions(self) -> tuple[Condition, ...]:
        """The open ones, in the order they were first suspected."""
        ...

    def norms(self) -> Mapping[int, SourceNorm]:
        """What each source is expected to bring, by feed id."""
        ...
