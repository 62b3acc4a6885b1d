"""The newest states of stories, read from the database."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import update

from monitor.core.model.alert import Alert, AlertReason
from monitor.ports import NewAlert
from monitor.store.database import SqlStore
from monitor.store.tables import stories
from tests.store.arrange import DAY, NOON, development, message, tell


def test_the_state_of_a_told_story_is_read_by_its_id(store: SqlStore) -> None:
    """Unknown ids and untold stories are left out."""
    alert = tell(store, "a")
    states = store.story_reader.story_states([alert.story_id, 999], now=NOON)
    assert list(states) == [alert.story_id]
    state = states[alert.story_id]
    assert (state.slug, state.phase, state.who, state.outlets) == ("story-a", "under_way", "Amélie Rouvier", ())
    assert store.story_reader.story_states([], now=NOON) == {}


def test_later_alerts_become_later_steps(store: SqlStore) -> None:
    """A second development of the story is its new state."""
    first = tell(store, "a")
    with store.stories.grouping() as session:
        later = session.save_development(
            development("change-b", story_id=first.story_id, phase="concluded", first_seen_at=NOON + DAY)
        )
        session.save_alert(
            NewAlert(
                alert=_concluded(first, later.id),
                channels=("desk",),
            )
        )
    state = store.story_reader.story_states([first.story_id], now=NOON)[first.story_id]
    assert [step.phase for step in state.steps] == ["under_way", "concluded"]
    assert state.phase == "concluded"


def test_a_merged_story_has_the_state_of_its_survivor(store: SqlStore) -> None:
    """However often it was merged."""
    first, second, third = (tell(store, guid) for guid in "abc")
    with store.database.writing() as connection:
        for one, other in ((third, second), (second, first)):
            merge = update(stories).where(stories.c.id == one.story_id).values(merged_into=other.story_id)
            connection.execute(merge)
    states = store.story_reader.story_states([third.story_id, second.story_id], now=NOON)
    assert {state.slug for state in states.values()} == {"story-a"}
    assert list(states) == [third.story_id, second.story_id]


def _concluded(first: Alert, development_id: int) -> Alert:
    return replace(
        first,
        id=0,
        key="story-a/change-b/phase_changed",
        development_id=development_id,
        reason=AlertReason.PHASE_CHANGED,
        created_at=NOON + DAY,
        message=message(phase="concluded", reason=AlertReason.PHASE_CHANGED),
    )
