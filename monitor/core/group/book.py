"""The open stories of one event type while reports are filed, one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.core.group.assign import Placement, place_report
from monitor.core.group.story import grown_development, grown_story, new_development, new_story
from monitor.core.model.event import EventType
from monitor.core.model.story import Development, FiledReport, Story


class StoryBook:
    """Says what each report makes of its story; whoever keeps the result gives it ids and puts it back."""

    def __init__(self, event: EventType, stories: Iterable[Story] = ()) -> None:
        self.event = event
        self._stories = {story.id: story for story in stories}

    def place(self, filed: FiledReport) -> Placement:
        """Where the report belongs among the stories put so far."""
        return place_report(filed, self._stories.values(), self.event)

    def story_after(self, filed: FiledReport, placement: Placement) -> Story:
        """The report's story with it; a new one has id 0 and no developments."""
        if placement.story is None:
            return new_story(filed, self.event)
        return grown_story(placement.story, filed, placement, self.event)

    def development_after(self, filed: FiledReport, placement: Placement, story: Story) -> Development:
        """The report's development with it, in its (kept) story; a new one has id 0."""
        if placement.development is None:
            return new_development(filed, story, placement.step, self.event)
        return grown_development(placement.development, filed)

    def put(self, story: Story, development: Development) -> None:
        """Keep story and development as they now are."""
        others = tuple(d for d in story.developments if d.id != development.id)
        self._stories[story.id] = replace(story, developments=(*others, development))

    def development(self, development_id: int) -> tuple[Story, Development]:
        """A development that was put, and its story."""
        return next((s, d) for s in self._stories.values() for d in s.developments if d.id == development_id)

    def close_idle(self, now: datetime) -> None:
        """Let go of stories that no report of `now` or later can join."""
        oldest = now - timedelta(days=self.event.idle_days)
        self._stories = {number: story for number, story in self._stories.items() if story.last_seen_at >= oldest}
