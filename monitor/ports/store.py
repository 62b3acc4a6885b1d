"""All of one database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from monitor.ports.feedback import FeedbackStore
from monitor.ports.grouping import StoryStore
from monitor.ports.history import HistoryStore, RetentionStore
from monitor.ports.polling import FeedStore, TrafficStore
from monitor.ports.reading import DocumentStore
from monitor.ports.telling import OutboxStore
from monitor.ports.watching import WatchStore


class Store(Protocol):
    """All of one database. Every method may raise StoreUnavailable."""

    def release_leases(self, is_dead: Callable[[str], bool]) -> int:
        """End the leases of owners that died, so that their work is taken up at once; how many."""
        ...

    @property
    def feeds(self) -> FeedStore: ...
    @property
    def documents(self) -> DocumentStore: ...
    @property
    def stories(self) -> StoryStore: ...
    @property
    def outbox(self) -> OutboxStore: ...
    @property
    def history(self) -> HistoryStore: ...
    @property
    def retention(self) -> RetentionStore: ...
    @property
    def traffic(self) -> TrafficStore: ...
    @property
    def watch(self) -> WatchStore: ...
    @property
    def feedback(self) -> FeedbackStore: ...


Progress = Callable[[str], None]
"""Called by a step with its own name whenever it has finished something; feeds the watchdog."""
