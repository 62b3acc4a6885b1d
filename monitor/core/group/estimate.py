"""How many alerts grouping would leave of a run of reports, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from monitor.core.alert.policy import judge
from monitor.core.group.assign import place_report
from monitor.core.group.story import grown_development, grown_story, new_development, new_story
from monitor.core.model.event import EventType
from monitor.core.model.story import Development, FiledReport, Story


class ToldEstimate:
    """Files reports one after another, as the group step would, and counts what would be told.

    Reports must come in the order of `published_at`, more or less: a story idle by then is let go.
    Age and channels do not count: everything is taken as fresh.
    """

    def __init__(self, events: Mapping[str, EventType]) -> None:
        self._events = events
        self._open: dict[str, list[Story]] = {name: [] for name in events}
        self._last_id = 0
        self.told_count = 0

    def add(self, filed: FiledReport) -> bool:
        """Whether this report would be told; it is filed either way."""
        event = self._events[filed.report.type]
        stories = self._still_open(filed, event)
        placement = place_report(filed, stories, event)
        if placement.story is None:
            story = replace(new_story(filed, event), id=self._next_id())
        else:
            story = grown_story(placement.story, filed, placement, event)
        if placement.development is None:
            development = replace(new_development(filed, story, placement.step, event), id=self._next_id())
        else:
            development = grown_development(placement.development, filed)
        verdict = judge(filed, development, now=filed.published_at, max_age=None)
        if verdict.tell is not None:
            development = replace(development, alerted=True)
            self.told_count += 1
        self._keep(story, development)
        return verdict.tell is not None

    def _still_open(self, filed: FiledReport, event: EventType) -> list[Story]:
        oldest = filed.published_at - timedelta(days=event.idle_days)
        stories = [s for s in self._open[event.name] if s.last_seen_at >= oldest]
        self._open[event.name] = stories
        return stories

    def _keep(self, story: Story, development: Development) -> None:
        stories = self._open[story.type]
        others = tuple(d for d in story.developments if d.id != development.id)
        grown = replace(story, developments=(*others, development))
        for index, known in enumerate(stories):
            if known.id == story.id:
                stories[index] = grown
                return
        stories.append(grown)

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id
