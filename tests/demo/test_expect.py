"""The demo's verdict: nothing missing, nothing twice, nothing else."""

from __future__ import annotations

import pytest

from monitor.demo.expect import ExpectedAlert, FoundAlert, differences, load_expected
from monitor.demo.outlet import load_outlets
from monitor.settings.paths import shipped_seeds_dir

BOTH = frozenset({"Harbour Wire", "Meridian Post"})
TRUCE = ExpectedAlert(type="ceasefire", phase="agreed", place="Sudan", told_by=BOTH)
VISIT = ExpectedAlert(type="visit", phase="under_way", place="Israel", told_by=BOTH)


def found(expected: ExpectedAlert, **changes: object) -> FoundAlert:
    """An alert that is what was expected, but for the changes."""
    values = {
        "type": expected.type,
        "phase": expected.phase,
        "places": frozenset({expected.place}),
        "told_by": expected.told_by,
    }
    return FoundAlert(**{**values, **changes})  # type: ignore[arg-type]  # test data


def test_the_expected_alerts_in_any_order_are_fine():
    """Places beyond the expected one do no harm."""
    alerts = [found(TRUCE), found(VISIT, places=frozenset({"Israel", "Jordan", "Qatar"}))]
    assert differences([VISIT, TRUCE], alerts) == ()


@pytest.mark.parametrize(
    ("alerts", "complaint"),
    [
        ([found(VISIT)], "missing: ceasefire agreed in Sudan, told by Harbour Wire and Meridian Post"),
        (
            [found(VISIT), found(TRUCE), found(TRUCE)],
            "told 2 times: ceasefire agreed in Sudan, told by Harbour Wire and Meridian Post",
        ),
        (
            [found(VISIT), found(TRUCE, told_by=frozenset({"Harbour Wire"}))],
            "wrong outlets: ceasefire agreed in Sudan, told by Harbour Wire; expected Harbour Wire and Meridian Post",
        ),
        (
            [found(VISIT), found(TRUCE), found(TRUCE, phase="talks", places=frozenset())],
            "not expected: ceasefire talks in no place, told by Harbour Wire and Meridian Post",
        ),
    ],
    ids=["missing", "twice", "one outlet only", "surplus"],
)
def test_every_difference_is_named(alerts, complaint):
    """The message says which alert and what is wrong with it."""
    assert differences([VISIT, TRUCE], alerts) == (complaint,)


def test_the_shipped_expectation_is_one_visit_and_one_ceasefire_told_by_every_outlet():
    """The file and the sample outlets belong together."""
    samples = shipped_seeds_dir() / "demo"
    expected = load_expected(samples / "expected.yaml")
    assert sorted(alert.type for alert in expected) == ["ceasefire", "visit"]
    assert {alert.told_by for alert in expected} == {frozenset(outlet.name for outlet in load_outlets(samples))}
