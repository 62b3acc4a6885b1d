"""What reading keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from monitor.core.model.document import Document
from monitor.core.model.work import ClaimedDocument, ClaimedPage, ReadResult, RecheckResult


class DocumentStore(Protocol):
    def claim_pending(self, *, now: datetime, limit: int, lease_s: float) -> tuple[ClaimedDocument, ...]:
        """Documents PENDING whose retry time has come and with no live lease, oldest first."""
        ...

    def record_read(self, claim: ClaimedDocument, result: ReadResult, *, now: datetime) -> None:
        """Write the document and its reports in one transaction.

        Reports of an earlier revision that already stand in a development stay; the others are
        replaced. A page whose canonical URL is another known document's keeps its own row.

        Raises:
            LeaseLost: the document was claimed again since; nothing is written.
        """
        ...

    def claim_rechecks(self, *, now: datetime, limit: int, lease_s: float) -> tuple[ClaimedPage, ...]:
        """Pages of documents READ whose time to be read again has come, the longest waiting first."""
        ...

    def record_recheck(self, claim: ClaimedPage, result: RecheckResult, *, now: datetime) -> bool:
        """Write what reading a page again found; whether it made a revision.

        A document that has had MAX_EDITS revisions gets no more.

        Raises:
            LeaseLost: the document was claimed or edited since; nothing is written.
        """
        ...

    def postpone(self, claim: ClaimedDocument, *, retry_at: datetime, detail: str) -> int:
        """Leave the document pending until `retry_at`; how often that has happened to it now."""
        ...

    def stored_text(self, document_id: int) -> Document | None:
        """One document by id."""
        ...
