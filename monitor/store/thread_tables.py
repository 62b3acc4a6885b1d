"""The table of threads: one parent message for each story and channel that threads."""

from __future__ import annotations

from sqlalchemy import Column

from monitor.store.columns import at, count, index, ref, table, words
from monitor.store.types import RowId

threads = table(
    "threads",
    ref("story_id", "stories.id", primary_key=True),
    words("channel", primary_key=True),
    words("reference"),  # the channel's own id of the parent message
    words("key"),  # delivery key that the parent carries
    Column("alert_id", RowId, nullable=False),  # the newest alert told in the thread
    words("shown"),  # digest of the state that the parent shows; empty when nobody knows
    at("opened_at"),
    at("edited_at", nullable=True),
    at("edit_due_at", nullable=True),  # when to show the newest state, or end of the lease
    count("changes"),  # of the story since the thread was opened
    count("edit_attempts"),  # since the last one that went well
    words("last_fault", nullable=True),
    words("detail", nullable=True),
    words("lease_owner", nullable=True),
    count("fence"),
)
index(threads, "channel", "edit_due_at", where="edit_due_at IS NOT NULL")
index(threads, "lease_owner", where="lease_owner IS NOT NULL")
