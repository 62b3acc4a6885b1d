"""Merging and splitting stored stories."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select

from monitor.core.model.alert import Receipt
from monitor.core.model.story import Story
from monitor.core.model.story_view import Edited, EditKind, StoryEdited, StoryFilter
from monitor.errors import StoreUnavailable
from monitor.store.database import SqlStore
from monitor.store.story_edits import pairs_apart
from monitor.store.story_tables import story_edits
from monitor.store.tables import alerts, deliveries
from monitor.store.thread_tables import threads
from tests.store.arrange import DAY, NOON, story
from tests.store.chains import Told, add_story

_WHO = (("party", ("Israel", "Hamas")), ("place", ("Gaza",)))


def told(phase: str, days: float, quote: str, **more: Any) -> Told:
    return Told(phase=phase, at=NOON + days * DAY, quote=quote, names=_WHO, **more)


@pytest.fixture
def pair(store: SqlStore) -> tuple[Story, Story]:
    """One truce filed as two stories: talks and agreement, and a breach."""
    one, _ = add_story(
        store,
        story("gaza", type="ceasefire", participants=("Israel", "Hamas"), places=("Gaza",)),
        told("talks", 0, "They talk.", change="new_story"),
        told("agreed", 1, "They agreed."),
    )
    other, _ = add_story(
        store,
        story("gaza-2", type="ceasefire", participants=("Hamas", "Israel"), places=()),
        told("violated", 2, "Shells fell.", change="new_story"),
    )
    return one, other


def merge(store: SqlStore, one: str, other: str) -> StoryEdited:
    return store.story_editor.merge(one, other, by="desk", why="the same truce", at=NOON + 3 * DAY)


def split(store: SqlStore, development_id: int, *with_ids: int) -> StoryEdited:
    return store.story_editor.split(development_id, by="desk", why="another war", at=NOON + 3 * DAY, with_ids=with_ids)


def alert_keys(store: SqlStore) -> dict[str, int]:
    with store.database.reading() as connection:
        return {row.key: row.story_id for row in connection.execute(select(alerts.c.key, alerts.c.story_id))}


def open_thread(store: SqlStore, story_id: int, channel: str) -> None:
    with store.database.writing() as connection:
        connection.execute(
            insert(threads).values(
                story_id=story_id, channel=channel, reference=f"{channel}:{story_id}", key="k", alert_id=1, shown="d",
                opened_at=NOON, changes=0, edit_attempts=0, fence=0,
            )
        )  # fmt: skip


def thread_rows(store: SqlStore) -> set[tuple[int, str, str, bool]]:
    with store.database.reading() as connection:
        rows = connection.execute(select(threads)).all()
    return {(row.story_id, row.channel, row.reference, row.edit_due_at is not None) for row in rows}


def test_the_younger_story_goes_into_the_older(store: SqlStore, pair: tuple[Story, Story]) -> None:
    """In whichever order they are named; its developments and alerts are the survivor's, their keys as they were."""
    before = alert_keys(store)
    done = merge(store, "gaza-2", str(pair[0].id))
    assert (done.outcome, done.story_slug, done.other_slug, len(done.development_ids)) == (
        Edited.MERGED, "gaza", "gaza-2", 1,
    )  # fmt: skip
    view = store.story_reader.story("gaza-2")
    assert view is not None
    assert (view.asked, view.merged) == ("gaza-2", ("gaza-2",))
    assert [(d.phase, d.slug) for d in view.story.developments] == [
        ("talks", "gaza/talks-1"), ("agreed", "gaza/agreed-2"), ("violated", "gaza-2/violated-1"),
    ]  # fmt: skip
    assert (view.story.phase, view.story.last_seen_at) == ("violated", NOON + 2 * DAY)
    assert alert_keys(store) == dict.fromkeys(before, pair[0].id)
    state = store.story_reader.story_states([pair[1].id], now=NOON)[pair[1].id]
    assert [step.phase for step in state.steps] == ["talks", "agreed", "violated"]


def test_merging_leaves_a_record(store: SqlStore, pair: tuple[Story, Story]) -> None:
    """Who, why and when."""
    merge(store, "gaza", "gaza-2")
    view = store.story_reader.story("gaza")
    assert view is not None
    assert [(e.kind, e.from_story, e.to_story, e.by, e.why, e.at) for e in view.edits] == [
        (EditKind.MERGE, "gaza-2", "gaza", "desk", "the same truce", NOON + 3 * DAY)
    ]


def test_merging_twice_is_merging_once(store: SqlStore, pair: tuple[Story, Story]) -> None:
    """The second time finds them one, and writes nothing."""
    merge(store, "gaza", "gaza-2")
    again = merge(store, "gaza", "gaza-2")
    assert (again.outcome, again.is_done, again.story_slug) == (Edited.ALREADY_ONE, True, "gaza")
    view = store.story_reader.story("gaza")
    assert view is not None
    assert len(view.edits) == 1
    assert view.story.revision == 2


def test_a_chain_of_merges_leads_to_one_survivor(store: SqlStore, pair: tuple[Story, Story]) -> None:
    """Merging what was merged merges its survivor."""
    first, _ = add_story(
        store, story("gaza-0", type="ceasefire"), told("called_for", -1, "They ask.", change="new_story")
    )
    merge(store, "gaza", "gaza-2")
    assert merge(store, "gaza-2", "gaza-0").outcome is Edited.MERGED
    assert {s.slug for s in store.story_reader.stories(StoryFilter())} == {"gaza-0"}
    view = store.story_reader.story("gaza-2")
    assert view is not None
    assert (view.story.id, len(view.story.developments), len(view.edits)) == (first.id, 4, 2)


def test_what_cannot_be_merged_changes_nothing(store: SqlStore, pair: tuple[Story, Story]) -> None:
    """Unknown stories, and a visit with a truce."""
    add_story(store, story("trip"), Told(phase="planned", at=NOON, quote="She will go.", change="new_story"))
    assert merge(store, "gaza", "nothing").words == "there is no story nothing"
    assert merge(store, "gaza", "trip").outcome is Edited.OTHER_TYPE
    assert {s.slug for s in store.story_reader.stories(StoryFilter())} == {"gaza", "gaza-2", "trip"}
    with store.database.reading() as connection:
        assert connection.execute(select(story_edits)).all() == []


def test_posted_messages_stay_and_the_survivor_goes_on_in_their_thread(
    store: SqlStore, pair: tuple[Story, Story]
) -> None:
    """A parent only the younger one has becomes the survivor's; where both have one, each stays and is edited."""
    one, other = pair
    for story_id, channel in ((one.id, "desk"), (other.id, "desk"), (other.id, "night")):
        open_thread(store, story_id, channel)
    merge(store, "gaza", "gaza-2")
    assert thread_rows(store) == {
        (one.id, "desk", f"desk:{one.id}", True),
        (other.id, "desk", f"desk:{other.id}", True),
        (one.id, "night", f"night:{other.id}", True),
    }


def test_what_is_not_sent_yet_goes_out_for_the_survivor(store: SqlStore, pair: tuple[Story, Story]) -> None:
    """Sent deliveries stay as they were, pending ones change their story; no key changes."""
    one, other = pair
    claimed = store.outbox.claim_due(channels=["desk"], now=NOON + 2 * DAY, limit=1, lease_s=60)
    for claim in claimed:
        store.outbox.record_sent(claim, Receipt(reference="C1:1"), now=NOON + 2 * DAY)
    with store.database.reading() as connection:
        keys = set(connection.execute(select(deliveries.c.key)).scalars())
    merge(store, "gaza", "gaza-2")
    with store.database.reading() as connection:
        rows = connection.execute(select(deliveries)).all()
    assert {row.key for row in rows} == keys
    assert {row.story_id for row in rows if row.status != "sent"} == {one.id}
    assert other.id not in {row.story_id for row in rows if row.status == "pending"}


def test_a_development_is_split_off_into_a_story_that_names_the_old_one(
    store: SqlStore, pair: tuple[Story, Story]
) -> None:
    """Its alert goes with it under its old key; the thread stays with the old story."""
    one, _ = pair
    open_thread(store, one.id, "desk")
    before = set(alert_keys(store))
    view = store.story_reader.story("gaza")
    assert view is not None
    agreed = view.story.developments[1]
    done = split(store, agreed.id)
    assert (done.outcome, done.story_slug, done.other_slug) == (Edited.SPLIT, "gaza-agreed", "gaza")
    new = store.story_reader.story("gaza-agreed")
    old = store.story_reader.story("gaza")
    assert new is not None
    assert old is not None
    assert (new.story.follows, new.story.phase, new.story.title) == ("gaza", "agreed", "They agreed. (gaza-2-0)")
    assert (old.story.phase, [d.phase for d in old.story.developments]) == ("talks", ["talks"])
    assert old.followed_by == ("gaza-agreed",)
    assert [(e.kind, e.by, e.why) for e in new.edits] == [(EditKind.SPLIT, "desk", "another war")]
    keys = alert_keys(store)
    assert (set(keys), keys["gaza/agreed-2/phase_changed"]) == (before, new.story.id)
    assert thread_rows(store) == {(one.id, "desk", f"desk:{one.id}", True)}


def test_splitting_twice_is_splitting_once(store: SqlStore, pair: tuple[Story, Story]) -> None:
    """The second time finds it alone."""
    view = store.story_reader.story("gaza")
    assert view is not None
    agreed = view.story.developments[1]
    split(store, agreed.id)
    again = split(store, agreed.id)
    assert (again.outcome, again.is_done, again.story_slug) == (Edited.ALREADY_ALONE, True, "gaza-agreed")
    assert len(list(store.story_reader.stories(StoryFilter()))) == 3


def test_later_developments_go_along(store: SqlStore, pair: tuple[Story, Story]) -> None:
    """Two of three leave together; the slug is free for another split."""
    merge(store, "gaza", "gaza-2")
    view = store.story_reader.story("gaza")
    assert view is not None
    _, agreed, violated = view.story.developments
    done = split(store, agreed.id, violated.id)
    assert done.development_ids == (agreed.id, violated.id)
    assert split(store, agreed.id, 999).outcome is Edited.OTHER_STORY
    assert split(store, 999).words == "there is no such development"
    assert split(store, violated.id).story_slug == "gaza-agreed-violated"


def test_split_pairs_are_known_apart(store: SqlStore, pair: tuple[Story, Story]) -> None:
    """So that nobody proposes to merge them again."""
    view = store.story_reader.story("gaza")
    assert view is not None
    done = split(store, view.story.developments[1].id)
    with store.database.reading() as connection:
        apart = pairs_apart(connection, [pair[0].id, done.story_id])
    assert apart == {frozenset((pair[0].id, done.story_id))}


def test_nothing_is_edited_while_grouping_is_under_way(
    store: SqlStore, other: SqlStore, pair: tuple[Story, Story]
) -> None:
    """It waits for its turn as another grouping would, and then works on what was written meanwhile."""
    with store.stories.grouping() as session:
        found = session.recent_stories(type="ceasefire", since=NOON)
        late = next(s for s in found if s.slug == "gaza-2")
        session.save_story(replace(late, last_seen_at=NOON + 9 * DAY))
        with pytest.raises(StoreUnavailable):
            merge(other, "gaza", "gaza-2")
    assert merge(other, "gaza", "gaza-2").outcome is Edited.MERGED
    view = store.story_reader.story("gaza")
    assert view is not None
    assert view.story.last_seen_at == NOON + 9 * DAY


def test_grouping_learns_that_stories_were_edited(store: SqlStore, pair: tuple[Story, Story]) -> None:
    """The version of stories moves on with each edit, and not when nothing was done."""

    def version() -> int:
        with store.stories.grouping() as session:
            found = session.version()
            session.has_advanced = True  # nothing is changed here
            return found

    before = version()
    merge(store, "gaza", "gaza-2")
    assert version() == before + 1
    merge(store, "gaza", "gaza-2")
    assert version() == before + 1
