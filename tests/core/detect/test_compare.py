"""What other rules change is told alert by alert."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.detect.compare import ChangeKind, compare, differences
from monitor.core.model.report import Modality, Report, RoleName, Roles, RoleText, RoleTime

VISIT = Report(
    type="visit",
    phase="planned",
    modality=Modality.ASSERTED,
    score=0.8,
    alert=True,
    roles=Roles(names=(RoleName(role="visitor", name="Bo Lind", surface="Lind"),)),
    evidence=(),
)
ARRIVED = replace(VISIT, phase="under_way")
MENTION = replace(VISIT, alert=False)
TRUCE = replace(VISIT, type="ceasefire", phase="talks", roles=Roles())


def kinds(before, after):
    return [(c.kind, c.type, c.what) for c in compare(before, after)]


def test_the_same_alerts_are_no_change():
    """Scores, evidence, surfaces and order do not count."""
    again = replace(VISIT, score=0.5, roles=Roles(names=(RoleName(role="visitor", name="Bo Lind", surface="Bo"),)))
    assert kinds([VISIT, TRUCE], [TRUCE, again]) == []


def test_alerts_come_and_go():
    """A mention is no alert: what sinks to one is lost, what rises from one is gained."""
    assert kinds([], [VISIT]) == [(ChangeKind.GAINED, "visit", ())]
    assert kinds([VISIT], [MENTION]) == [(ChangeKind.LOST, "visit", ())]
    assert kinds([MENTION], [VISIT, TRUCE]) == [
        (ChangeKind.GAINED, "visit", ()),
        (ChangeKind.GAINED, "ceasefire", ()),
    ]


def test_another_phase_or_role_is_a_change():
    """Named in full: the phase first, then roles."""
    assert kinds([VISIT], [ARRIVED]) == [(ChangeKind.CHANGED, "visit", ("phase",))]
    fuller = replace(
        ARRIVED,
        roles=Roles(
            texts=(RoleText(role="purpose", text="talks"),),
            times=(RoleTime(role="starts_on", stated="on Monday"),),
            ordinal=2,
        ),
    )
    assert differences(VISIT, fuller) == ("phase", "visitor", "purpose", "starts_on", "ordinal")


def test_alerts_that_say_the_same_are_set_against_each_other_first():
    """Two alerts of a type: the one that stays is not the one that changes."""
    other = replace(VISIT, roles=Roles())
    assert kinds([ARRIVED, VISIT], [VISIT]) == [(ChangeKind.LOST, "visit", ())]
    assert kinds([VISIT, ARRIVED], [ARRIVED, other]) == [(ChangeKind.CHANGED, "visit", ("visitor",))]


REPORTS = st.lists(st.sampled_from([VISIT, ARRIVED, MENTION, TRUCE, replace(VISIT, roles=Roles())]), max_size=4)


@given(REPORTS, REPORTS)
def test_the_difference_has_two_sides(before, after):
    """Gained one way is lost the other way; and nothing differs from itself."""
    there = [c.kind for c in compare(before, after)]
    back = [c.kind for c in compare(after, before)]
    assert there.count(ChangeKind.GAINED) == back.count(ChangeKind.LOST)
    assert there.count(ChangeKind.CHANGED) == back.count(ChangeKind.CHANGED)
    assert compare(before, before) == ()
