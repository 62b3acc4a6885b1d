"""Stories as they are shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from monitor.core.model.story_state import StoryState


class StoryReader(Protocol):
    def story_states(self, story_ids: Collection[int], *, now: datetime) -> Mapping[int, StoryState]:
        """By the asked id, the newest state of each of these stories that was told at all.

        A story that was merged into another has that one's state.
        """
        ...
