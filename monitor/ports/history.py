"""What people ask of the past."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from monitor.core.model.document import Wording
from monitor.core.model.history import AlertFilter, AlertView, Counts, DocumentTrail, FeedView, PageView, ReadDocument
from monitor.core.model.work import Tidied


class HistoryStore(Protocol):
    def alerts(self, wanted: AlertFilter, *, limit: int | None = None) -> Iterator[AlertView]:
        """Alerts that match, newest first."""
        ...

    def alert(self, alert_id: int) -> AlertView | None: ...

    def feeds(self) -> tuple[FeedView, ...]:
        """All feeds, enabled first, by name."""
        ...

    def counts(self) -> Counts: ...

    def trail(self, url: str) -> DocumentTrail | None:
        """What happened to the document that `url`, or its canonical form, names; None when it is not known."""
        ...

    def trail_of(self, document_id: int) -> DocumentTrail | None:
        """The same by the document's id."""
        ...

    def revisions(self, document_id: int) -> tuple[Wording, ...]:
        """The wordings kept of one document, oldest first, the current one last; empty for an unknown one."""
        ...

    def page_seen(self, document_id: int) -> PageView | None:
        """What is remembered of the document's page; None when none was read."""
        ...

    def near_urls(self, url: str, *, limit: int) -> tuple[str, ...]:
        """Known canonical URLs of the same host, those that read most alike first."""
        ...

    def read_documents(self, *, since: datetime | None, until: datetime | None) -> Iterator[ReadDocument]:
        """Documents that were searched, first seen at or after `since` and before `until`, in the order stored."""
        ...

    def read_count(self, *, since: datetime | None, until: datetime | None) -> int:
        """How many documents `read_documents` gives."""
        ...


class RetentionStore(Protocol):
    def tidy(self, *, polls_before: datetime, unreported_texts_before: datetime) -> Tidied:
        """Delete old poll rows, and the texts of old documents that reported nothing; entries stay as tombstones."""
        ...
