"""What is told of filed reports at once, what later, and what never; on each database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from monitor.core.alert.why_not import Stage, standings
from monitor.core.group.assign import Step
from monitor.core.model.alert import AlertReason
from monitor.core.model.event import Inhibition
from monitor.core.model.story import FiledReport
from monitor.store.database import open_store
from tests.builders import CEASEFIRE, VISIT, report
from tests.steps.desk import Desk

TALKS = report("ceasefire", "talks", place="Gaza")
AGREED = report("ceasefire", "agreed", place="Gaza")
TRIP = report("visit", "planned", visitor="Ingrid Solheim of Norway", destination="Israel")
LONGER_TRIP = report("visit", "planned", visitor="Ingrid Solheim of Norway", destination=("Israel", "Kenya"))


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    store = open_store(database_url)
    yield Desk(store)
    store.close()


def stage(desk: Desk, filed: FiledReport) -> Stage:
    trail = desk.store.history.trail_of(filed.document_id)
    assert trail is not None
    return standings(trail)[0].stage


def test_an_established_outlet_is_told_at_once(desk: Desk) -> None:
    desk.file(desk.report(AGREED))
    assert desk.told() == [(AlertReason.NEW_STORY, "Harbour Post")]


def test_an_unknown_outlet_alone_waits_and_is_then_told_as_a_single_source(desk: Desk) -> None:
    said = desk.report(AGREED, by="Some Blog", tier="3")
    desk.file(said)
    desk.release()
    assert (desk.told(), stage(desk, said)) == ([], Stage.HELD)
    desk.advance(minutes=10)
    desk.release()
    (view,) = desk.alerts()
    assert "single source" in view.alert.message.marks
    assert stage(desk, said) is Stage.TOLD
    desk.release()
    assert len(desk.alerts()) == 1


def test_a_second_origin_sends_what_was_held(desk: Desk) -> None:
    first = desk.report(AGREED, by="Some Blog", tier="3")
    story, held = desk.file(first)
    desk.advance(minutes=3)
    desk.file(desk.report(AGREED, by="Other Blog", tier="3"), story=story, development=held)
    (view,) = desk.alerts()
    assert view.alert.message.source == "Other Blog"
    assert view.alert.message.also_reported_by == ("Some Blog",)
    assert "single source" not in view.alert.message.marks
    assert stage(desk, first) is Stage.ALREADY_TOLD


def test_a_second_origin_that_only_mentions_it_sends_what_was_held(desk: Desk) -> None:
    story, held = desk.file(desk.report(AGREED, by="Some Blog", tier="3"))
    mention = desk.report(replace(AGREED, alert=False), by="Other Blog", tier="3")
    desk.file(mention, story=story, development=held)
    assert desk.told() == [(AlertReason.NEW_STORY, "Some Blog")]


def test_a_copy_from_another_outlet_ends_no_wait(desk: Desk) -> None:
    story, held = desk.file(desk.report(AGREED, by="Some Blog", tier="3"))
    desk.file(desk.report(AGREED, by="Other Blog", tier="3"), story=story, development=held, origins=1)
    assert desk.told() == []


def test_what_was_held_too_long_to_be_news_is_never_told(desk: Desk) -> None:
    """As when the daemon was down for days."""
    desk.file(desk.report(AGREED, by="Some Blog", tier="3"))
    desk.advance(hours=30)
    desk.release()
    desk.advance(hours=1)
    desk.release()
    assert desk.told() == []


def test_a_step_back_is_told_when_two_origins_say_so(desk: Desk) -> None:
    story, _ = desk.file(desk.report(AGREED))
    back = desk.report(TALKS, by="Morning Wire", tier="1")
    _, waiting = desk.file(back, story=story, change=Step.CONFLICTING)
    assert stage(desk, back) is Stage.CONFLICTING_ALONE
    desk.file(desk.report(TALKS, by="Evening Post"), story=story, development=waiting)
    assert desk.told()[-1] == (AlertReason.CONFLICTING, "Evening Post")
    assert "conflicting reports" in desk.alerts()[-1].alert.message.marks


def test_agreed_keeps_talks_of_the_same_story_silent(desk: Desk) -> None:
    desk.event = replace(CEASEFIRE, inhibits=(Inhibition(phase="agreed", phases=("talks",), for_s=86400),))
    story, _ = desk.file(desk.report(AGREED))
    said = desk.report(TALKS)
    desk.file(said, story=story, change=Step.PHASE_CHANGED)
    assert [reason for reason, _ in desk.told()] == [AlertReason.NEW_STORY]
    assert stage(desk, said) is Stage.INHIBITED
    assert desk.note(said).endswith("by agreed told 2026-03-01 12:00 UTC; inhibited")


def test_a_new_stop_is_told_once_in_words_that_say_what_changed(desk: Desk) -> None:
    desk.event = replace(VISIT, changes=(("destination", ("planned",)),))
    story, trip = desk.file(desk.report(TRIP))
    for _ in range(2):
        _, trip = desk.file(desk.report(LONGER_TRIP, by="Morning Wire", tier="1"), story=story, development=trip)
    assert desk.told() == [(AlertReason.NEW_STORY, "Harbour Post"), (AlertReason.ROLE_CHANGED, "Morning Wire")]
    told = desk.alerts()[-1].alert
    assert told.message.details[0] == "new stop: Kenya"
    assert told.key.endswith("/role_changed/destination=kenya")


def test_a_new_stop_that_one_lesser_outlet_names_waits_for_another(desk: Desk) -> None:
    desk.event = replace(VISIT, changes=(("destination", ("planned",)),))
    story, trip = desk.file(desk.report(TRIP))
    first = desk.report(LONGER_TRIP, by="Evening Post")
    _, trip = desk.file(first, story=story, development=trip)
    assert stage(desk, first) is Stage.CHANGE_UNVOUCHED
    desk.file(desk.report(LONGER_TRIP, by="Valley Times"), story=story, development=trip)
    assert desk.told()[-1] == (AlertReason.ROLE_CHANGED, "Valley Times")


def test_forty_reports_of_one_development_are_one_alert(desk: Desk) -> None:
    story, development = desk.file(desk.report(AGREED))
    for number in range(39):
        said = desk.report(AGREED, by=f"Outlet {number}")
        _, development = desk.file(said, story=story, development=development)
    (view,) = desk.alerts()
    assert len(view.alert.message.also_reported_by) == 39
