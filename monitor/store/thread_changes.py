"""Changes of stories, noted for the parents that show them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, literal, update

from monitor.store.chunks import chunks
from monitor.store.thread_tables import threads
from monitor.store.types import UtcDateTime


def show_change(connection: Connection, story_ids: Collection[int], *, due_at: datetime) -> None:
    """As `ThreadStore.show_change`, in a transaction under way."""
    due = func.coalesce(threads.c.edit_due_at, literal(due_at, UtcDateTime))
    for part in chunks(story_ids):
        touched = update(threads).where(threads.c.story_id.in_(part))
        connection.execute(touched.values(edit_due_at=due, changes=threads.c.changes + 1))
