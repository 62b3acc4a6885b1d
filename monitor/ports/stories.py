"""Stories as they are listed and shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from monitor.core.model.lead import OutletReports
from monitor.core.model.story import Story
from monitor.core.model.story_state import StoryState
from monitor.core.model.story_view import StoryEdited, StoryFilter, StoryView


class StoryReader(Protocol):
    def story_states(self, story_ids: Collection[int], *, now: datetime) -> Mapping[int, StoryState]:
        """By the asked id, the newest state of each of these stories that was told at all.

        A story that was merged into another has that one's state.
        """
        ...

    def stories(self, wanted: StoryFilter) -> Iterator[Story]:
        """Stories that match, with all developments, those last seen first; merged ones are in their survivors."""
        ...

    def outlet_reports(self, since: datetime) -> tuple[OutletReports, ...]:
        """By development first reported at or after `since`, what each outlet reported of it as news."""
        ...

    def story(self, key: str) -> StoryView | None:
        """The story that a number, its slug, or the slug of one of its developments names.

        One that was merged into another gives that one. None when there is none.
        """
        ...


class StoryEditor(Protocol):
    """What may be done to stories by hand, and by grouping itself.

    Both run alone among groupings, can be wished twice, and leave a record of who, why and when. Posted
    messages stay where they are and alert keys as they are.
    """

    def merge(self, one: str, other: str, *, by: str, why: str, at: datetime) -> StoryEdited:
        """Make two stories one, each named as for `StoryReader.story`: the younger goes into the older."""
        ...

    def apart(self, story_ids: Collection[int]) -> frozenset[frozenset[int]]:
        """Pairs of ids with one of these stories that somebody took apart by hand."""
        ...

    def split(
        self, development_id: int, *, by: str, why: str, at: datetime, with_ids: Collection[int] = ()
    ) -> StoryEdited:
        """Take a development, and `with_ids` of the same story, into a new story that names the old one."""
        ...
