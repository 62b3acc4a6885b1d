"""`monitor group` and `monitor explain --grouping`: what is said of grouping, without and with a database."""

from __future__ import annotations

import io
import json

import pytest

from monitor.cli.group import LineGrouping, group_lines
from monitor.core.detect.detector import RuleDetector
from monitor.core.group.estimate import ToldEstimate
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset

LINES = (
    {"id": 1, "published": "2026-03-02", "outlet": "A", "title": "Sudan army and RSF agree seven-day truce"},
    {"id": 2, "published": "2026-03-02", "outlet": "B", "title": "Seven-day truce agreed by Sudan army and RSF"},
    {"id": 3, "published": "2026-03-02T09:00:00Z", "outlet": "C", "title": "Grocers cut the price of bread"},
    {"id": 4, "published": "2026-03-04", "outlet": "A", "title": "Sudan army accuses RSF of breaking truce"},
)


@pytest.fixture(scope="module")
def grouping() -> LineGrouping:
    ruleset = load_ruleset([shipped_config_dir()])
    return LineGrouping(RuleDetector(ruleset), ToldEstimate(ruleset.events))


def test_lines_are_answered_in_order_and_bad_ones_named(grouping: LineGrouping) -> None:
    """Null where nothing is told; two wordings of one agreement are one development, the breach another."""
    lines = [json.dumps(line) for line in LINES]
    lines[2:2] = ["{", '{"id": 9, "title": "no time"}', ""]
    sink, complaints = io.StringIO(), list[str]()
    assert group_lines(grouping, lines, sink, complaints.append) == 2
    agreed, again, bread, breach = map(json.loads, sink.getvalue().splitlines())
    assert agreed["development"] == again["development"] != breach["development"]
    assert agreed["story"] == again["story"] == breach["story"]
    assert bread == {"id": 3, "development": None, "story": None}
    assert [complaint.split(":")[0] for complaint in complaints] == ["line 3", "line 4"]
