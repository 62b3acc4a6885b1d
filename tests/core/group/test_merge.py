"""Stories that turn out to be one, and one that turns out to be two."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.group.merge import MergePlan, MergeReason, SplitPlan, merge_candidates, merge_plan, split_plan
from monitor.core.model.story import Development, Story
from monitor.core.model.story_view import Edited
from tests.builders import CEASEFIRE, NOON, VISIT
from tests.core.group.chains import chain, change


def of(
    id: int, *, days: float = 0.0, lasting: float = 0.0, agents: tuple[str, ...] = (), places: tuple[str, ...] = ()
) -> Story:
    """A truce story of its own id, open from `days` after NOON."""
    at = NOON + timedelta(days=days)
    made = chain(change("talks", id=id, days=days), participants=agents, places=places)
    return replace(made, id=id, slug=f"s{id}", first_seen_at=at, last_seen_at=at + timedelta(days=lasting))


def test_two_shared_agents_make_a_candidate() -> None:
    """Whatever the order they come in, the older one survives."""
    one = of(1, agents=("Israel", "Hamas"))
    other = of(2, days=1, agents=("Hamas", "Israel", "Egypt"))
    (found,) = merge_candidates([other, one], CEASEFIRE)
    assert (found.survivor.id, found.other.id, found.reason) == (1, 2, MergeReason.TWO_AGENTS)
    assert found.shared == ("Israel", "Hamas")


def test_an_agent_and_a_place_make_a_candidate() -> None:
    """Names count in their shorter forms too."""
    one = of(1, agents=("Antony Blinken",), places=("Israel",))
    other = of(2, agents=("Blinken",), places=("Jordan", "Israel"))
    (found,) = merge_candidates([one, other], CEASEFIRE)
    assert (found.reason, found.shared) == (MergeReason.AGENT_AND_PLACE, ("Antony Blinken", "Israel"))


@pytest.mark.parametrize(
    "other",
    [
        of(2, agents=("Israel", "Hezbollah"), places=("Lebanon",)),  # one agent, another place
        of(2, agents=("Sudan",), places=("Gaza",)),  # the place alone
        of(2, days=11, agents=("Israel", "Hamas"), places=("Gaza",)),  # after the first had closed
        replace(of(2, agents=("Israel", "Hamas"), places=("Gaza",)), type="visit"),
    ],
)
def test_less_is_no_candidate(other: Story) -> None:
    """One shared name, another time or another type is not enough."""
    assert merge_candidates([of(1, agents=("Israel", "Hamas"), places=("Gaza",)), other], CEASEFIRE) == ()


def test_one_name_counts_once() -> None:
    """Two forms of one man on one side are not two agents."""
    one = of(1, agents=("Blinken", "Antony Blinken"))
    assert merge_candidates([one, of(2, agents=("Antony Blinken",))], CEASEFIRE) == ()


def test_what_people_took_apart_is_never_proposed() -> None:
    """A split stands."""
    pair = [of(n, agents=("Israel", "Hamas")) for n in (1, 2)]
    assert len(merge_candidates(pair, CEASEFIRE)) == 1
    assert merge_candidates(pair, CEASEFIRE, apart={frozenset((1, 2))}) == ()


def test_trips_a_month_apart_are_no_candidates() -> None:
    """January's and February's visit of one envoy to one country stay two."""
    trips = [
        replace(of(n, days=30 * n, agents=("Blinken",), places=("Israel",)), type="visit", phase="planned")
        for n in (1, 2)
    ]
    assert merge_candidates(trips, VISIT) == ()


def test_the_survivor_has_what_both_had() -> None:
    """Names, time, developments in order, and the newest told phase; the younger one's developments move."""
    older = replace(of(1, agents=("Israel",), places=("Gaza",)), follows="s0")
    agreed = replace(change("agreed", id=7, days=2), story_id=2)
    younger = replace(of(2, days=1, lasting=1, agents=("Hamas",)), developments=(*of(2, days=1).developments, agreed))
    plan = merge_plan(younger, older)
    assert isinstance(plan, MergePlan)
    assert (plan.gone.id, plan.moved) == (2, (2, 7))
    kept = plan.survivor
    assert (kept.id, kept.participants, kept.places, kept.phase, kept.follows) == (
        1, ("Israel", "Hamas"), ("Gaza",), "agreed", "s0",
    )  # fmt: skip
    assert (kept.first_seen_at, kept.last_seen_at, kept.revision) == (NOON, NOON + timedelta(days=2), 2)
    assert [d.id for d in kept.developments] == [1, 2, 7]


def test_a_survivor_never_follows_what_went_into_it() -> None:
    """The link to the story that is now part of it is gone."""
    plan = merge_plan(of(1), replace(of(2, days=1), follows="s1"))
    assert isinstance(plan, MergePlan)
    assert plan.survivor.follows is None


def test_a_late_arrival_is_not_the_phase() -> None:
    """What came in late and stays untold does not set a merged story back."""
    late = change("talks", id=3, days=3, told=False, step="earlier_phase")
    plan = merge_plan(replace(of(1), developments=(change("agreed", id=1),)), replace(of(2), developments=(late,)))
    assert isinstance(plan, MergePlan)
    assert plan.survivor.phase == "agreed"


def test_stories_that_cannot_be_merged_are_left() -> None:
    """One and the same, or of two types."""
    assert merge_plan(of(1), of(1)) is Edited.ALREADY_ONE
    assert merge_plan(of(1), replace(of(2), type="visit")) is Edited.OTHER_TYPE


def two_in_one() -> tuple[Story, Development, Development]:
    gaza = change("agreed", id=1, party=("Israel", "Hamas"), place="Gaza")
    lebanon = change("violated", id=2, days=1, party=("Israel", "Hezbollah"), place="Lebanon")
    story = chain(gaza, lebanon, participants=("Israel", "Hamas", "Hezbollah"), places=("Gaza", "Lebanon"))
    return story, gaza, lebanon


def test_a_split_leaves_each_part_its_own_names_time_and_phase() -> None:
    """The new story names the old one and takes its name from it."""
    story, gaza, lebanon = two_in_one()
    plan = split_plan(story, {lebanon.id}, title="Rockets over Lebanon")
    assert isinstance(plan, SplitPlan)
    assert (plan.rest.participants, plan.rest.places, plan.rest.phase) == (("Israel", "Hamas"), ("Gaza",), "agreed")
    assert plan.rest.last_seen_at == gaza.last_seen_at
    new = plan.new
    assert (new.id, new.slug, new.title, new.follows) == (0, "chain-violated", "Rockets over Lebanon", "chain")
    assert (new.participants, new.places, new.phase) == (("Israel", "Hezbollah"), ("Lebanon",), "violated")
    assert (new.first_seen_at, plan.moved) == (lebanon.first_seen_at, (2,))


def test_what_cannot_be_split_is_left() -> None:
    """The only development, one of another story, or both of them."""
    story, gaza, lebanon = two_in_one()
    assert split_plan(story, {gaza.id, lebanon.id}, title="") is Edited.ALREADY_ALONE
    assert split_plan(story, {gaza.id, 99}, title="") is Edited.OTHER_STORY
    assert split_plan(story, {99}, title="") is Edited.NO_SUCH_DEVELOPMENT


def test_splitting_and_merging_again_gives_the_story_back() -> None:
    """Its developments, names, time and phase are those of before."""
    story, _, lebanon = two_in_one()
    plan = split_plan(story, {lebanon.id}, title="")
    assert isinstance(plan, SplitPlan)
    back = merge_plan(plan.rest, replace(plan.new, id=2))
    assert isinstance(back, MergePlan)
    assert replace(back.survivor, revision=1) == story
