"""Which story and development a report belongs to.

Greedy and in arrival order. Known values that contradict each other veto a match; unknown ones
never do. Wrong merges swallow news, surplus developments only repeat it, so doubt separates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.core.group.names import shared_count
from monitor.core.group.slots import Slots, actors_of, containment, slots_of, title_words
from monitor.core.model.event import EventType
from monitor.core.model.story import Development, FiledReport, Story

SAME_TITLE = 0.6  # share of a headline's own words: below it, siblings of one story begin to match
LATE_ARRIVAL = timedelta(hours=72)  # an earlier phase reported this late is history, not a change
SAME_PHASE_AGAIN = timedelta(hours=48)  # the same phase after this much silence is told anew


class Reason(StrEnum):
    """Why a report stands where it stands; stored beside it."""

    NOTHING_SIMILAR = "nothing_similar"
    SAME_AGENTS_AND_PLACE = "same_agents_and_place"
    SAME_AGENTS = "same_agents"
    SAME_PLACE = "same_place"
    SAME_WORDS = "same_words"


class Step(StrEnum):
    """What the report does to its story."""

    NEW_STORY = "new_story"
    SAME_DEVELOPMENT = "same_development"
    PHASE_CHANGED = "phase_changed"
    NEW_DEVELOPMENT = "new_development"
    EARLIER_PHASE = "earlier_phase"


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a report belongs: the story is None for a new one, the development for a new one."""

    story: Story | None
    development: Development | None
    step: Step
    reason: Reason


def place_report(filed: FiledReport, stories: Iterable[Story], event: EventType) -> Placement:
    """Where the report belongs among the event type's open stories; ties go to the story seen last."""
    slots = slots_of(filed, event)
    best: tuple[int, datetime, Story, Reason] | None = None
    for story in stories:
        if filed.published_at - story.last_seen_at > timedelta(days=event.idle_days):
            continue
        reason = _story_match(slots, story)
        if reason is None:
            continue
        rank = (_STRENGTH[reason], story.last_seen_at, story, reason)
        if best is None or rank[:2] > best[:2]:
            best = rank
    if best is None:
        return Placement(story=None, development=None, step=Step.NEW_STORY, reason=Reason.NOTHING_SIMILAR)
    return _within(filed, slots, best[2], best[3], event)


_STRENGTH = {Reason.SAME_AGENTS_AND_PLACE: 4, Reason.SAME_AGENTS: 3, Reason.SAME_PLACE: 2, Reason.SAME_WORDS: 1}


def _story_match(slots: Slots, story: Story) -> Reason | None:
    words = title_words(story.title)
    agents = shared_count(slots.agents, story.participants)
    places = shared_count(slots.places, story.places)
    agents_known = bool(slots.agents and story.participants)
    places_known = bool(slots.places and story.places)
    same_words = containment(slots.title_words, words) >= SAME_TITLE
    if agents and places:
        return Reason.SAME_AGENTS_AND_PLACE
    if agents and not (places_known and not same_words and agents < 2):
        # One shared party in another known place is another conflict (Israel in Gaza, Israel in Lebanon).
        return Reason.SAME_AGENTS
    if places and not agents_known:
        return Reason.SAME_PLACE
    if same_words and not agents_known and not places_known:
        return Reason.SAME_WORDS
    return None


def _within(filed: FiledReport, slots: Slots, story: Story, reason: Reason, event: EventType) -> Placement:
    def placed(development: Development | None, step: Step) -> Placement:
        return Placement(story=story, development=development, step=step, reason=reason)

    same_phase = [d for d in story.developments if d.phase == filed.report.phase]
    for development in sorted(same_phase, key=lambda d: d.last_seen_at, reverse=True):
        if _is_same_change(filed, slots, development, event):
            return placed(development, Step.SAME_DEVELOPMENT)
    if _is_late(filed, slots, story, event):
        return placed(None, Step.EARLIER_PHASE)
    return placed(None, Step.NEW_DEVELOPMENT if story.phase == filed.report.phase else Step.PHASE_CHANGED)


def _is_same_change(filed: FiledReport, slots: Slots, development: Development, event: EventType) -> bool:
    if abs(filed.published_at - development.last_seen_at) > SAME_PHASE_AGAIN:
        return False
    actors = actors_of(development.roles, event)
    if slots.actors and actors and not shared_count(slots.actors, actors):
        return False
    return not _is_elsewhere(slots, development, event)


def _is_late(filed: FiledReport, slots: Slots, story: Story, event: EventType) -> bool:
    """Whether the story has already moved past the report's phase, not long ago."""
    phase = event.phase(filed.report.phase)
    if story.phase in phase.after:
        return False
    return any(
        event.phase(d.phase).order > phase.order
        and abs(filed.published_at - d.last_seen_at) <= LATE_ARRIVAL
        # The arrival at the next stop follows the departure from the last one.
        and not _is_elsewhere(slots, d, event)
        for d in story.developments
    )


def _is_elsewhere(slots: Slots, development: Development, event: EventType) -> bool:
    places = development.roles.named(*event.place_roles)
    if not slots.places or not places or shared_count(slots.places, places):
        return False
    # Reports name a truce's place by the town of the talks, the town shelled, or the country.
    agents = development.roles.named(*event.agent_roles)
    return event.is_place_decisive or shared_count(slots.agents, agents) < 2
