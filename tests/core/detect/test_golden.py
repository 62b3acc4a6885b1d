"""The quality floor: headlines of our own, filed as a desk would file them."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.detect.detector import RuleDetector
from monitor.core.model.report import Article
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset
from monitor.settings.yaml_lines import parse_yaml

_FOLDER = Path(__file__).parents[2] / "golden" / "detect"


def _cases():
    for path in sorted(_FOLDER.glob("*.yaml")):
        document = parse_yaml(path.read_text(encoding="utf-8"), file=path.name)
        assert not document.problems
        for phase, items in document.value["cases"].items():
            for item in items:
                case = item if isinstance(item, dict) else {"text": item}
                kind = path.stem.partition("_")[0]
                yield pytest.param(kind, phase, case, id=f"{path.stem}-{phase}-{case['text'][:40]}")


CASES = list(_cases())


@pytest.fixture(scope="module")
def detector():
    return RuleDetector(load_ruleset([shipped_config_dir()]))


def test_there_are_enough_cases_of_every_phase(detector):
    """Adding an event type or a phase means adding cases."""
    assert len(CASES) >= 150
    assert {(c.values[0], c.values[1]) for c in CASES} >= {
        (event.type.name, phase.name)
        for event in load_ruleset([shipped_config_dir()]).types
        for phase in event.type.phases
    }


@pytest.mark.parametrize(("kind", "phase", "case"), CASES)
def test_a_headline_is_filed_rightly(detector, kind, phase, case):
    """Type, phase, and who goes where; what is no event of the type must not alert."""
    alerts = [r for r in detector.detect(Article(title=case["text"], text="")) if r.type == kind and r.alert]
    if phase == "none":
        assert not alerts
        return
    assert [r.phase for r in alerts] == [phase]
    for role in ("visitor", "destination"):
        if role in case:
            assert set(alerts[0].roles.named(role)) == set(case[role])
