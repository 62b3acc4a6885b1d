"""Changes of stories, noted for the parents that show them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, update

from monitor.store.chunks import chunks
from monitor.store.thread_tables import threads


def show_change(connection: Connection, story_ids: Collection[int], *, due_at: datetime) -> None:
    """As `ThreadStore.show_change`, in a transaction under way."""
    for part in chunks(story_ids):
        connection.execute(
            update(threads)
            .where(threads.c.story_id.in_(part))
            .values(edit_due_at=func.coalesce(threads.c.edit_due_at, due_at), changes=threads.c.changes + 1)
        )
