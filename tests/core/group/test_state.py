"""What a story's parent message shows."""

from __future__ import annotations

from dataclasses import replace

from monitor.core.group.state import origins_of, story_state
from monitor.core.model.alert import AlertReason, Severity
from tests.builders import NOON
from tests.core.group.chains import alert_for, all_told, chain, change, told_by


def test_the_newest_told_development_is_the_state() -> None:
    """Steps stand in the order told; phase, severity, who and where are those of the last."""
    talks, agreed = change("talks"), change("agreed", id=2, days=1)
    told = told_by(alert_for(talks, severity=Severity.LOW), alert_for(agreed, who="Israel"))
    state = story_state(chain(talks, agreed), told, now=NOON)
    assert state is not None
    assert [(s.phase, s.severity) for s in state.steps] == [("talks", Severity.LOW), ("agreed", Severity.HIGH)]
    assert (state.phase, state.severity, state.who, state.where) == ("agreed", Severity.HIGH, "Israel", "Gaza")


def test_a_story_of_which_nothing_was_told_has_no_state() -> None:
    """Side mentions alone make no parent."""
    assert story_state(chain(change("talks", told=False)), {}, now=NOON) is None


def test_untold_developments_are_no_steps_but_their_reports_count() -> None:
    """A late arrival shows in the counts and among the outlets only."""
    agreed = change("agreed", origins=("Wire", "Post"))
    late = change("talks", id=2, days=1, told=False, origins=("Echo",))
    state = story_state(chain(agreed, late), all_told([agreed]), now=NOON)
    assert state is not None
    assert [s.phase for s in state.steps] == ["agreed"]
    assert (state.report_count, state.outlets, state.origin_count) == (3, ("Wire", "Post", "Echo"), 3)


def test_a_correction_stays_where_the_error_stood() -> None:
    """What was wrong about the talks does not make talks the state again."""
    talks, agreed = change("talks"), change("agreed", id=2, days=1)
    corrected = alert_for(talks, id=3, hours=48, reason=AlertReason.CORRECTED, quote="It was Doha.")
    state = story_state(chain(talks, agreed), told_by(alert_for(talks), alert_for(agreed), corrected), now=NOON)
    assert state is not None
    assert state.phase == "agreed"
    assert [(s.quote, s.marks) for s in state.steps] == [
        ("It was Doha.", ("corrected",)),
        ("It is agreed now.", ()),
    ]


def test_a_second_origin_takes_the_single_source_mark_away() -> None:
    """The mark is of the moment it was told; the state is of now."""
    alone, joined = change("agreed"), change("agreed", origins=("Wire", "Post"))
    for development, marks in ((alone, ("single source",)), (joined, ())):
        told = told_by(alert_for(development, marks=("single source",)))
        state = story_state(chain(development), told, now=NOON)
        assert state is not None
        assert state.marks == marks


def test_conflicting_reports_are_marked() -> None:
    """A step back says so."""
    agreed, back = change("agreed"), change("talks", id=2, days=1)
    told = told_by(alert_for(agreed), alert_for(back, reason=AlertReason.CONFLICTING))
    state = story_state(chain(agreed, back), told, now=NOON)
    assert state is not None
    assert state.marks == ("conflicting reports",)


def test_what_is_ahead_comes_from_what_was_told() -> None:
    """The deadline of an untold development stays out."""
    agreed = change("agreed", ends="2024-11-30")
    untold = change("extended", id=2, days=1, told=False, ends="2025-01-01")
    state = story_state(chain(agreed, untold), all_told([agreed]), now=NOON)
    assert state is not None
    assert state.ahead == ("truce ends 30 Nov 2024",)


def test_copies_are_no_origins() -> None:
    """Three outlets, one of which reprints another: two origins."""
    agreed = replace(change("agreed", origins=("Wire", "Post", "Echo")), origin_count=2)
    assert origins_of([agreed]) == 2
    assert origins_of([agreed, change("talks", id=2, origins=("Ledger",))]) == 3
    assert origins_of([]) == 0
