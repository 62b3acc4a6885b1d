"""Two stories that are one, and one story that is two.

Filing is greedy and depends on the order in which reports come in, so what was taken apart may turn
out to be one, and the other way round. No posted message and no alert key is touched by either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from monitor.core.group.ahead import in_order
from monitor.core.group.assign import Step
from monitor.core.group.book import closes_at
from monitor.core.group.names import is_same_name, key_words, shared_count, united
from monitor.core.model.event import EventType, Identity
from monitor.core.model.story import Development, Story
from monitor.core.model.story_view import Edited


class MergeReason(StrEnum):
    """Why two stories are taken for one."""

    TWO_AGENTS = "two_agents"
    AGENT_AND_PLACE = "agent_and_place"
    SAME_PLACE = "same_place"  # of a type told apart by places, where one of the two names no agent


@dataclass(frozen=True, kw_only=True)
class MergeCandidate:
    """Two open stories that look like one; `survivor` is the older. `shared` are the names they have in common."""

    survivor: Story
    other: Story
    reason: MergeReason
    shared: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MergePlan:
    """The survivor as it will be, its developments included, and the ids of those that move to it."""

    survivor: Story
    gone: Story
    moved: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class SplitPlan:
    """The story as it will be without the developments that leave, and the new one, with id 0, that they make."""

    rest: Story
    new: Story
    moved: tuple[int, ...]


def merge_candidates(
    stories: Iterable[Story], event: EventType, *, apart: Collection[frozenset[int]] = ()
) -> tuple[MergeCandidate, ...]:
    """Pairs of stories that share two agents, or an agent and a place, while both were open; the oldest first.

    Of a type whose stories are told apart by places, a shared place is enough where one names no agent.

    The caller gives open stories of the one type. `apart` are pairs of ids that somebody split: they
    are never proposed again.
    """
    known = sorted((story for story in stories if story.type == event.name), key=_age)
    by_name: dict[str, list[int]] = {}
    found: list[MergeCandidate] = []
    for number, story in enumerate(known):
        words = frozenset(word for name in (*story.participants, *story.places) for word in key_words(name))
        near = sorted({earlier for word in words for earlier in by_name.get(word, ())})
        for earlier in near:
            candidate = _candidate(known[earlier], story, event)
            if candidate is not None and frozenset((known[earlier].id, story.id)) not in apart:
                found.append(candidate)
        for word in words:
            by_name.setdefault(word, []).append(number)
    return tuple(found)


def merge_plan(one: Story, other: Story) -> MergePlan | Edited:
    """What merging the two makes of them, the older one surviving; or why they cannot be merged."""
    if one.id == other.id:
        return Edited.ALREADY_ONE
    if one.type != other.type:
        return Edited.OTHER_TYPE
    survivor, gone = sorted((one, other), key=_age)
    chain = (*survivor.developments, *gone.developments)
    before = [slug for slug in (survivor.follows, gone.follows) if slug and slug not in (one.slug, other.slug)]
    merged = replace(
        survivor,
        participants=united(survivor.participants, gone.participants),
        places=united(survivor.places, gone.places),
        phase=_phase_of(chain, survivor.phase),
        first_seen_at=min(survivor.first_seen_at, gone.first_seen_at),
        last_seen_at=max(survivor.last_seen_at, gone.last_seen_at),
        revision=survivor.revision + 1,
        follows=before[0] if before else None,
        developments=tuple(in_order(chain)),
    )
    return MergePlan(survivor=merged, gone=gone, moved=tuple(change.id for change in gone.developments))


def split_plan(story: Story, development_ids: Collection[int], *, title: str) -> SplitPlan | Edited:
    """What becomes of the story when these developments leave it for a new one of this title; or why they cannot."""
    leaving = [change for change in story.developments if change.id in development_ids]
    staying = [change for change in story.developments if change.id not in development_ids]
    if len(leaving) != len(set(development_ids)):
        return Edited.OTHER_STORY if leaving else Edited.NO_SUCH_DEVELOPMENT
    if not staying:
        return Edited.ALREADY_ALONE
    first = in_order(leaving)[0]
    new = replace(
        _told_by(story, leaving),
        id=0,
        slug=f"{story.slug}-{first.phase.replace('_', '-')}",
        title=title or story.title,
        revision=1,
        follows=story.slug,
    )
    rest = replace(_told_by(story, staying), revision=story.revision + 1)
    return SplitPlan(rest=rest, new=new, moved=tuple(change.id for change in in_order(leaving)))


def _candidate(older: Story, newer: Story, event: EventType) -> MergeCandidate | None:
    if newer.first_seen_at > closes_at(older, event):
        return None
    agents = _shared(older.participants, newer.participants)
    places = _shared(older.places, newer.places)
    if len(agents) > 1:
        reason = MergeReason.TWO_AGENTS
    elif agents and places:
        reason = MergeReason.AGENT_AND_PLACE
    elif places and event.identity is Identity.PLACES and not (older.participants and newer.participants):
        reason = MergeReason.SAME_PLACE
    else:
        return None
    return MergeCandidate(survivor=older, other=newer, reason=reason, shared=(*agents, *places))


def _shared(ones: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """Different names of `ones` that stand among `others`, each counted once on both sides."""
    if not shared_count(ones, others):
        return ()
    left = list(others)
    found = []
    for name in ones:
        same = next((other for other in left if is_same_name(name, other)), None)
        if same is not None:
            left.remove(same)
            found.append(name)
    return tuple(found)


def _told_by(story: Story, developments: Sequence[Development]) -> Story:
    """The story as these of its developments alone tell it: of its names, those that they have."""
    chain = in_order(developments)
    names = [name.name for change in chain for name in change.roles.names]
    return replace(
        story,
        participants=_named_in(story.participants, names),
        places=_named_in(story.places, names),
        phase=_phase_of(chain, chain[-1].phase),
        first_seen_at=min(change.first_seen_at for change in chain),
        last_seen_at=max(change.last_seen_at for change in chain),
        developments=tuple(chain),
    )


def _named_in(known: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(each for each in known if any(is_same_name(each, name) for name in names))


def _phase_of(chain: Sequence[Development], otherwise: str) -> str:
    """The phase of the newest development that was told, or else of the newest that came in its turn."""
    told = [change for change in in_order(chain) if change.alerted]
    in_turn = [change for change in in_order(chain) if change.change != Step.EARLIER_PHASE]
    newest = (told or in_turn)[-1:]
    return newest[0].phase if newest else otherwise


def _age(story: Story) -> tuple[datetime, int]:
    return story.first_seen_at, story.id
