"""What filing keeps beside where a report stands: why, copies, and stories that turn out to be one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from monitor.core.model.history import AlertFilter
from monitor.core.model.report import Evidence, Report
from monitor.core.model.span import Field, Span
from monitor.core.model.story_view import EditKind, StoryFilter
from monitor.schedule.once import work_all
from monitor.steps.group import GroupStep
from monitor.steps.tell import Teller
from monitor.store.database import SqlStore
from tests.builders import CEASEFIRE, VISIT
from tests.store import arrange
from tests.store.arrange import NOON

WIRE = " ".join(
    f"Sentence {n} of the wire tells what envoys, guards and drivers saw on the road that day." for n in range(12)
)
OWN = " ".join(f"Our own reporter counted {n} lorries at the bridge before the barrier came down." for n in range(12))


WEST = {"party": ["Northern Army", "Red Column"], "place": ["Amber Valley"]}


class SteadyClock:
    def now(self):
        return NOON


@pytest.fixture
def step(store: SqlStore) -> Iterator[GroupStep]:
    return group_step(store)


def group_step(store: SqlStore) -> GroupStep:
    teller = Teller(channels=["desk"], max_age=None)
    return GroupStep(
        store=store.stories, clock=SteadyClock(), events={"ceasefire": CEASEFIRE, "visit": VISIT}, teller=teller,
        editor=store.story_editor,
    )  # fmt: skip


def files(store: SqlStore, step: GroupStep, guid: str, said: Report, *, outlet: str, title: str, text: str = "") -> int:
    """One outlet's article with one report, filed; the document's id."""
    proof = Evidence(
        rule="r", at="r:1", role="sentence", field=Field.TITLE, span=Span(start=0, end=len(title)), quote=title
    )
    said = replace(said, evidence=(proof,))
    arrange.publish(store, arrange.entry(guid, title=title), by=arrange.feed(outlet))
    read = arrange.read(store, said, text=text or f"{title}.", title=title)
    work_all([step], has_retries=lambda: False, linger_s=0.0)
    return read.document.id


def truce(phase: str = "agreed", **names: list[str]) -> Report:
    return arrange.report("ceasefire", phase, **(names or {"party": ["Israel", "Hamas"], "place": ["Gaza"]}))


def test_a_decision_is_kept_with_what_else_was_considered(store: SqlStore, step: GroupStep) -> None:
    """The second report names the first one's development, how likely it is the same, and because of what."""
    for number, title in enumerate(("Israel and Hamas sign Gaza truce", "Gaza truce signed by Israel and Hamas")):
        document_id = files(store, step, f"g{number}", truce(), outlet=f"Outlet {number}", title=title)
    trail = store.history.trail_of(document_id)
    assert trail is not None
    (filed,) = trail.reports
    assert filed.decision is not None
    (compared,) = filed.decision.developments
    assert (filed.decision.step, filed.decision.reason) == ("same_development", "told_alike")
    assert (compared.development, compared.against) == (filed.development_slug, "")
    assert compared.probability > 0.3
    assert compared.features["agents"] == 1.0


def test_a_wire_text_under_two_names_is_one_origin(store: SqlStore, step: GroupStep) -> None:
    """Copies are marked; a text of one's own is another origin."""
    titles = (
        "Israel and Hamas sign Gaza truce",
        "Gaza: truce signed by Hamas, Israel",
        "Truce signed for Gaza, Hamas says",
    )
    ids = [
        files(store, step, f"g{n}", truce(), outlet=f"Outlet {n}", title=title, text=text)
        for n, (title, text) in enumerate(zip(titles, (WIRE, f"{WIRE} More below.", OWN), strict=True))
    ]
    trails = [store.history.trail_of(document_id) for document_id in ids]
    decisions = [trail.reports[0].decision for trail in trails if trail]
    assert [decision and decision.copy_of for decision in decisions] == [
        None,
        trails[0] and trails[0].reports[0].id,
        None,
    ]
    story = next(store.story_reader.stories(StoryFilter()))
    assert [(d.report_count, d.origin_count) for d in story.developments] == [(3, 2)]


def test_what_another_process_changed_is_seen_by_the_next_batch(store: SqlStore, step: GroupStep) -> None:
    """A book kept in memory is read anew when stories have changed under it."""
    files(store, step, "a", truce(), outlet="Outlet 1", title="Israel and Hamas sign Gaza truce")
    other = group_step(store)
    files(store, other, "b", truce("collapsed"), outlet="Outlet 2", title="Gaza truce collapses as shells fall")
    document_id = files(
        store, step, "c", truce("collapsed"), outlet="Outlet 3", title="Gaza truce collapses, shells fall"
    )
    trail = store.history.trail_of(document_id)
    assert trail is not None
    assert trail.reports[0].decision is not None
    assert trail.reports[0].decision.step == "same_development"


def test_two_stories_that_a_report_ties_together_are_merged(store: SqlStore, step: GroupStep) -> None:
    """The younger goes into the older, and the edit is on record; keys of alerts stay."""
    sides, place = {"party": WEST["party"]}, {"place": WEST["place"]}
    files(store, step, "a", truce(**sides), outlet="Outlet 1", title="Army, column sign accord")
    files(store, step, "b", truce("talks", **place), outlet="Outlet 2", title="Envoys meet over the valley")
    keys = {view.alert.key for view in store.history.alerts(AlertFilter())}
    assert len(keys) == 2
    files(store, step, "c", truce("violated", **WEST), outlet="Outlet 3", title="Shots across Amber Valley break calm")
    files(store, step, "d", truce("extended", **WEST), outlet="Outlet 4", title="Calm prolonged by another month")
    (story,) = store.story_reader.stories(StoryFilter())
    view = store.story_reader.story(story.slug)
    assert view is not None
    assert [edit.kind for edit in view.edits] == [EditKind.MERGE]
    assert keys < {each.alert.key for each in store.history.alerts(AlertFilter())}
