"""Which story and development a report belongs to.

Greedy and in arrival order. Known values that contradict each other veto a match; unknown ones
never do. Wrong merges swallow news, surplus developments only repeat it, so doubt separates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.core.group.slots import (
    Likeness,
    Slots,
    containment,
    likeness,
    place_likeness,
    shared_names,
    slots_of,
    title_words,
)
from monitor.core.model.event import EventType, Identity
from monitor.core.model.story import Development, FiledReport, Story

SAME_TITLE = 0.6  # share of a headline's own words: below it, siblings of one story begin to match
LATE_ARRIVAL = timedelta(hours=72)  # an earlier phase reported this late is history, not a change
SAME_PHASE_AGAIN = timedelta(hours=48)  # the same phase after this much silence is told anew


class Reason(StrEnum):
    """Why a report stands where it stands; stored beside it."""

    NOTHING_SIMILAR = "nothing_similar"
    SAME_AGENTS_AND_PLACE = "same_agents_and_place"
    SAME_AGENTS = "same_agents"
    SAME_HOME_AND_PLACE = "same_home_and_place"
    SAME_PLACE = "same_place"
    SAME_WORDS = "same_words"


class Step(StrEnum):
    """What the report does to its story."""

    NEW_STORY = "new_story"
    SAME_DEVELOPMENT = "same_development"
    PHASE_CHANGED = "phase_changed"
    NEW_DEVELOPMENT = "new_development"
    EARLIER_PHASE = "earlier_phase"
    CONFLICTING = "conflicting"


_STRENGTH = {
    Reason.SAME_AGENTS_AND_PLACE: 5,
    Reason.SAME_AGENTS: 4,
    Reason.SAME_HOME_AND_PLACE: 3,
    Reason.SAME_PLACE: 2,
    Reason.SAME_WORDS: 1,
}


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a report belongs: the story is None for a new one, the development for a new one.

    `copy_of` is the id of the report of which this one is a reprint.
    """

    story: Story | None
    development: Development | None
    step: Step
    reason: Reason
    copy_of: int | None = None


def place_report(filed: FiledReport, stories: Iterable[Story], event: EventType) -> Placement:
    """Where the report belongs among the event type's open stories; ties go to the story seen last."""
    slots = slots_of([filed.report.roles], event)
    best: tuple[int, datetime, Story, Reason] | None = None
    for story in stories:
        if filed.published_at - story.last_seen_at > timedelta(days=event.idle_days):
            continue
        reason = _story_match(filed, slots, story, event)
        if reason is None:
            continue
        rank = (_STRENGTH[reason], story.last_seen_at, story, reason)
        if best is None or rank[:2] > best[:2]:
            best = rank
    if best is None:
        return Placement(story=None, development=None, step=Step.NEW_STORY, reason=Reason.NOTHING_SIMILAR)
    return _within(filed, slots, best[2], best[3], event)


def _story_match(filed: FiledReport, slots: Slots, story: Story, event: EventType) -> Reason | None:
    known = slots_of((d.roles for d in story.developments), event)
    agents, places = likeness(slots.agents, known.agents), place_likeness(slots.places, known.places)
    has_same_words = containment(title_words(filed.title), title_words(story.title)) >= SAME_TITLE
    if agents is Likeness.SAME and places is Likeness.SAME:
        return Reason.SAME_AGENTS_AND_PLACE
    if event.identity is Identity.AGENTS:
        return _same_trip(agents, places, has_same_words)
    if places is Likeness.SAME:
        return Reason.SAME_PLACE
    # One shared party in another known place is another conflict (Israel in Gaza, Israel in Lebanon).
    is_elsewhere = places is Likeness.OTHER
    if agents is Likeness.SAME and (not is_elsewhere or has_same_words or shared_names(slots.agents, known.agents) > 1):
        return Reason.SAME_AGENTS
    return Reason.SAME_WORDS if has_same_words and Likeness.OTHER not in (agents, places) else None


def _same_trip(agents: Likeness, places: Likeness, has_same_words: bool) -> Reason | None:
    if agents is Likeness.SAME:
        return Reason.SAME_AGENTS
    if agents is Likeness.OTHER or places is Likeness.OTHER:
        return None
    if places is Likeness.SAME:
        return Reason.SAME_HOME_AND_PLACE if agents is Likeness.SAME_HOME else Reason.SAME_PLACE
    return Reason.SAME_WORDS if has_same_words else None


def _within(filed: FiledReport, slots: Slots, story: Story, reason: Reason, event: EventType) -> Placement:
    def placed(development: Development | None, step: Step) -> Placement:
        return Placement(story=story, development=development, step=step, reason=reason)

    same_phase = [d for d in story.developments if d.phase == filed.report.phase]
    for development in sorted(same_phase, key=lambda d: d.last_seen_at, reverse=True):
        is_recent = abs(filed.published_at - development.last_seen_at) <= SAME_PHASE_AGAIN
        if is_recent and not _is_another(slots, development, event):
            return placed(development, Step.SAME_DEVELOPMENT)
    if _is_late(filed, slots, story, event):
        return placed(None, Step.EARLIER_PHASE)
    return placed(None, Step.NEW_DEVELOPMENT if story.phase == filed.report.phase else Step.PHASE_CHANGED)


def _is_another(slots: Slots, development: Development, event: EventType) -> bool:
    """Whether the development was made by another actor, at another stop, or by another side."""
    known = slots_of([development.roles], event)
    if likeness(slots.actors, known.actors) is Likeness.OTHER:
        return True
    if event.identity is Identity.AGENTS:
        return place_likeness(slots.places, known.places) is Likeness.OTHER
    return likeness(slots.agents, known.agents) is Likeness.OTHER


def _is_late(filed: FiledReport, slots: Slots, story: Story, event: EventType) -> bool:
    """Whether the story has already moved past the report's phase, not long ago."""
    phase = event.phase(filed.report.phase)
    if story.phase in phase.after:
        return False
    return any(
        event.phase(d.phase).order > phase.order
        and abs(filed.published_at - d.last_seen_at) <= LATE_ARRIVAL
        # The arrival at the next stop follows the departure from the last one.
        and not _is_another(slots, d, event)
        for d in story.developments
    )
