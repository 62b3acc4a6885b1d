"""The table of what was done to stories by hand."""

from __future__ import annotations

from monitor.core.model.story_view import EditKind
from monitor.store.columns import at, index, one_of, ref, row_id, table, words

story_edits = table(
    "story_edits",
    row_id(),
    words("kind"),
    ref("from_story_id", "stories.id"),
    ref("to_story_id", "stories.id"),
    words("development_ids"),  # JSON list of those that moved
    words("by"),
    words("why"),
    at("at"),
    one_of("kind", EditKind),
)
index(story_edits, "from_story_id")
index(story_edits, "to_story_id")
