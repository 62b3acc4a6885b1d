"""Which story and development a report belongs to.

Greedy and in arrival order. Known values that contradict each other veto a match; unknown ones
never do. Wrong merges swallow news, surplus developments only repeat it, so doubt separates.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from monitor.core.group.names import folded
from monitor.core.group.resemblance import Profile, Sketch, contradiction, probability, resemblance
from monitor.core.group.slots import (
    Likeness,
    Slots,
    containment,
    likeness,
    names_other_place,
    place_likeness,
    shared_names,
    slots_of,
)
from monitor.core.group.terms import Vocabulary
from monitor.core.model.event import EventType, Identity, Phase
from monitor.core.model.story import Development, FiledReport, Story

SAME_TITLE = 0.6  # share of a headline's own words: below it, siblings of one story begin to match
LATE_ARRIVAL = timedelta(hours=72)  # an earlier phase reported this late is history, not a change

CERTAIN_ORIGINS = 2

SAME_DEVELOPMENT = 0.30  # probability from which a report joins; tuned on surplus + 3 x swallowed
SAME_WHEN_IMPLIED = 0.13  # the same for a report that only implies its phase: it should not make news of its own
_SHOWN_CANDIDATES = 5


class Reason(StrEnum):
    """Why a report stands where it stands; stored beside it."""

    NOTHING_SIMILAR = "nothing_similar"
    TOLD_ALIKE = "told_alike"
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
    UNNAMED_ACTOR = "unnamed_actor"


_STRENGTH = {
    Reason.SAME_AGENTS_AND_PLACE: 5,
    Reason.SAME_AGENTS: 4,
    Reason.SAME_HOME_AND_PLACE: 3,
    Reason.SAME_PLACE: 2,
    Reason.SAME_WORDS: 1,
}


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One development the report was compared with.

    `against` names what forbids the match, empty when nothing does; `features` go into the probability.
    """

    development: str  # its slug
    probability: float
    against: str
    features: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class StoryCandidate:
    """One open or closed story whose names or words fit the report."""

    story: str  # its slug
    reason: Reason
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a report belongs: the story is None for a new one, the development for a new one.

    `follows` is the closed story that a new one continues, `copy_of` the id of the report of which
    this one is a reprint. The candidates are those considered, the likeliest first; `fitting` are the
    open stories that it fits by names, more than one where two may be one.
    """

    story: Story | None
    development: Development | None
    step: Step
    reason: Reason
    follows: Story | None = None
    copy_of: int | None = None
    candidates: tuple[Candidate, ...] = ()
    stories: tuple[StoryCandidate, ...] = ()
    fitting: tuple[Story, ...] = ()


@dataclass(kw_only=True)
class OpenStory:
    """A story with what comparing it needs, worked out once."""

    story: Story
    slots: Slots
    title_words: frozenset[str]
    profiles: dict[int, Profile] = field(default_factory=dict)


def place_report(
    filed: FiledReport,
    sketch: Sketch,
    *,
    profiles: Iterable[tuple[Story, Profile]],
    stories: Iterable[tuple[OpenStory, bool]],
    title_words: frozenset[str],
    event: EventType,
    vocabulary: Vocabulary,
) -> Placement:
    """Where the report belongs; ties go to the development and story seen last.

    `profiles` are developments that share a name or word with it, `stories` the same of stories, each
    with whether it is open.
    """
    judged = _judged(sketch, profiles, event, vocabulary)
    shown = tuple(candidate for candidate, _, _ in judged[:_SHOWN_CANDIDATES])
    enough = SAME_DEVELOPMENT if sketch.phase else SAME_WHEN_IMPLIED
    best = next((each for each in judged if not each[0].against), None)
    if best is not None and best[0].probability >= enough:
        _, story, profile = best
        return Placement(
            story=story,
            development=profile.development,
            step=Step.SAME_DEVELOPMENT,
            reason=Reason.TOLD_ALIKE,
            candidates=shown,
        )
    found = _matching_stories(sketch.slots, stories, title_words, event)
    named = tuple(StoryCandidate(story=m.story.slug, reason=reason, is_open=is_open) for m, reason, is_open in found)
    match = next(((m.story, reason) for m, reason, is_open in found if is_open), None)
    if match is None:
        return Placement(
            story=None,
            development=None,
            step=Step.NEW_STORY,
            reason=Reason.NOTHING_SIMILAR,
            follows=next((m.story for m, reason, _ in found if reason is not Reason.SAME_WORDS), None),
            candidates=shown,
            stories=named[:_SHOWN_CANDIDATES],
        )
    story, reason = match
    return Placement(
        story=story,
        development=None,
        step=_step_within(filed, sketch, story, event),
        reason=reason,
        fitting=tuple(m.story for m, why, is_open in found if is_open and why is not Reason.SAME_WORDS),
        candidates=shown,
        stories=named[:_SHOWN_CANDIDATES],
    )


def _judged(
    sketch: Sketch, profiles: Iterable[tuple[Story, Profile]], event: EventType, vocabulary: Vocabulary
) -> list[tuple[Candidate, Story, Profile]]:
    """All comparisons, the likeliest first."""
    judged: list[tuple[Candidate, Story, Profile]] = []
    for story, profile in profiles:
        features = resemblance(sketch, profile, event, vocabulary)
        candidate = Candidate(
            development=profile.development.slug,
            probability=probability(features),
            against=contradiction(sketch, profile, event) or "",
            features=features,
        )
        judged.append((candidate, story, profile))
    judged.sort(key=lambda each: (each[0].probability, each[2].development.last_seen_at), reverse=True)
    return judged


def _matching_stories(
    slots: Slots, stories: Iterable[tuple[OpenStory, bool]], title_words: frozenset[str], event: EventType
) -> list[tuple[OpenStory, Reason, bool]]:
    """Stories the report fits, the best first: open ones, then by strength of the reason, then the last seen."""
    found: list[tuple[OpenStory, Reason, bool]] = []
    for candidate, is_open in stories:
        reason = _story_match(slots, title_words, candidate, event)
        if reason is not None:
            found.append((candidate, reason, is_open))
    found.sort(key=lambda each: (each[2], _STRENGTH[each[1]], each[0].story.last_seen_at), reverse=True)
    return found


def _story_match(slots: Slots, title_words: frozenset[str], known: OpenStory, event: EventType) -> Reason | None:
    agents, places = likeness(slots.agents, known.slots.agents), place_likeness(slots, known.slots)
    has_same_words = containment(title_words, known.title_words) >= SAME_TITLE
    if agents is Likeness.SAME and places is Likeness.SAME:
        return Reason.SAME_AGENTS_AND_PLACE
    if event.identity is Identity.AGENTS:
        return _same_trip(agents, places, has_same_words)
    if places is Likeness.SAME:
        return Reason.SAME_PLACE
    # One shared party in another known place is another conflict (Israel in Gaza, Israel in Lebanon).
    is_elsewhere = bool(known.slots.places) and names_other_place(slots, known.slots)
    shared = shared_names(slots.agents, known.slots.agents)
    if agents is Likeness.SAME and (not is_elsewhere or has_same_words or shared > 1):
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


def _step_within(filed: FiledReport, sketch: Sketch, story: Story, event: EventType) -> Step:
    """What a new development does to its story."""
    phase = event.phase(filed.report.phase)
    if phase.needs_actor and not has_known_actor(sketch.lead, sketch.slots):
        return Step.UNNAMED_ACTOR
    if story.phase not in phase.after and not phase.may_repeat:
        later = [d for d in story.developments if _has_moved_past(phase, d, sketch, event)]
        if any(abs(filed.published_at - d.last_seen_at) <= LATE_ARRIVAL for d in later):
            return Step.EARLIER_PHASE
        if later and event.phase(story.phase).order > phase.order:
            return Step.CONFLICTING
    return Step.NEW_DEVELOPMENT if story.phase == filed.report.phase else Step.PHASE_CHANGED


def has_known_actor(lead: Collection[str], slots: Slots) -> bool:
    """Whether somebody known enacts the phase: heads the headline, or is found in the gazetteer."""
    return bool(lead) or any(actor.entity_id for actor in slots.actors)


def _has_moved_past(phase: Phase, development: Development, sketch: Sketch, event: EventType) -> bool:
    """Whether the development is certainly a later one on the same way.

    Certain is what was told, in words, by independent outlets: one that misread a headline silences nobody.
    """
    return (
        event.phase(development.phase).order > phase.order
        and development.alerted
        and development.origin_count >= CERTAIN_ORIGINS
        and any(saying.phase == development.phase for saying in development.sayings)
        # The arrival at the next stop follows the departure from the last one.
        and not _is_another(sketch.slots, development, event)
        and not (phase.acted and _is_by_others(sketch, development, event))
    )


def _is_by_others(sketch: Sketch, development: Development, event: EventType) -> bool:
    """Whether both are known to be somebody's doing, and not the same one's."""
    known = {folded(name) for saying in development.sayings for name in saying.lead}
    known |= {folded(actor.name) for actor in slots_of([development.roles], event).actors}
    ours = sketch.lead | {folded(actor.name) for actor in sketch.slots.actors}
    return bool(ours and known) and not ours & known


def _is_another(slots: Slots, development: Development, event: EventType) -> bool:
    """Whether the development was made by another actor, at another stop, or by another side."""
    known = slots_of([development.roles], event)
    if likeness(slots.actors, known.actors) is Likeness.OTHER:
        return True
    if event.identity is Identity.AGENTS:
        return place_likeness(slots, known) is Likeness.OTHER
    return likeness(slots.agents, known.agents) is Likeness.OTHER
