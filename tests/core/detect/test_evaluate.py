"""Scores agree with what a person would count by hand, and with the yardstick's own program."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli.detect import report_record
from monitor.cli.gold import read_gold
from monitor.core.detect.detector import RuleDetector
from monitor.core.detect.evaluate import Fault, GoldItem, GoldLabel, Level, evaluate
from monitor.core.detect.likeness import agreement, telling_words
from monitor.core.model.report import Article, Modality, Report, RoleName, Roles
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset

EVAL = Path(__file__).parents[4] / "shared" / "eval"


def item(level, phase="", item_id="i", **roles):
    label = GoldLabel(type="visit", level=Level(level), phase=phase, roles=tuple(roles.items()))
    return GoldItem(id=item_id, article=Article(title="", text=""), labels=(label,))


def report(phase="planned", *, alert=True, score=0.9, kind="visit", **roles):
    names = tuple(RoleName(role=role, name=n, surface=n) for role, many in roles.items() for n in many)
    return Report(
        type=kind,
        phase=phase,
        modality=Modality.ASSERTED,
        score=score,
        alert=alert,
        roles=Roles(names=names),
        evidence=(),
    )


def scores(*pairs):
    (found,) = evaluate(pairs, ["visit"])
    return found


def test_levels_and_alerts_make_the_counts():
    """2 with an alert is right, without one missed; 0 with an alert is false; 1 counts for strict precision only."""
    found = scores(
        (item(2, "planned"), (report(),)),
        (item(2, "planned"), (report(alert=False),)),
        (item(2, "planned"), ()),
        (item(0), (report(),)),
        (item(0), (report(kind="ceasefire"),)),
        (item(1), (report(),)),
        (item(1), ()),
    )
    counts = (found.tp_count, found.fn_count, found.fp_count, found.tn_count, found.soft_count)
    assert counts == (1, 2, 1, 1, 1)
    assert (found.precision, found.strict_precision, found.recall) == (1 / 2, 1 / 3, 1 / 3)
    assert found.f1 == pytest.approx(0.4)
    faults = [w.fault for w in found.wrong]
    assert faults == [Fault.MISSED, Fault.MISSED, Fault.FALSE_ALARM, Fault.SIDE_MENTION]


def test_the_strongest_alert_speaks_for_the_phase():
    """Of equals the first; a stronger mention is not heard."""
    strongest = scores((item(2, "planned"), (report("cancelled", score=0.5), report("planned", score=0.6))))
    assert strongest.phase_accuracy == 1
    first = scores((item(2, "planned"), (report("cancelled"), report("planned"))))
    assert first.phase_accuracy == 0
    assert [(w.expected, w.got) for w in first.wrong] == [("planned", "cancelled")]
    unheard = scores((item(2, "planned"), (report("cancelled", score=0.99, alert=False), report("planned", score=0.5))))
    assert unheard.phase_accuracy == 1


def test_roles_are_judged_by_names_over_true_positives():
    """Two of three given names are right, two of two wanted are met; unlabelled roles and misses say nothing."""
    found = scores(
        (
            item(2, "planned", visitor=("Blinken", "Hamas delegation")),
            (report(visitor=["Antony Blinken", "Hamas", "Bo"]),),
        ),
        (item(2, "planned", destination=()), (report(destination=["Qatar"]),)),
        (item(2, "planned", visitor=("Lind",)), ()),
    )
    (visitor,) = found.roles
    assert (visitor.role, visitor.precision, visitor.recall) == ("visitor", 2 / 3, 1.0)
    assert visitor.f1 == pytest.approx(0.8)


def test_nothing_to_divide_is_zero():
    found = scores()
    assert (found.precision, found.recall, found.f1, found.phase_accuracy, found.roles) == (0, 0, 0, 0, ())


@pytest.mark.parametrize(
    ("wanted", "got", "meet"),
    [
        ("Blinken", "Antony Blinken", True),
        ("United States", "US", True),
        ("U.S.", "United States", True),
        ("North Korea", "South Korea", False),
        ("South Sudan", "Sudan", False),
        ("Prime Minister Meloni", "the prime minister", False),
        ("prime minister", "the prime minister", True),
        ("Erdoğan", "Erdogan", True),
        ("Xi", "Xi Jinping", True),
        ("EU", "EC", False),
        ("Qatar", "a very long tale of nine words about Qatar", False),
    ],
)
def test_names_meet_when_they_share_a_telling_word(wanted, got, meet):
    """Whole words, case-folded, without accents; titles alone tell nobody apart."""
    assert (agreement([wanted], [got]).got_count == 1) is meet


@given(st.text(max_size=60))
def test_any_name_meets_itself_or_has_no_words(name):
    words = telling_words(name)
    assert agreement([name], [name]).wanted_count == bool(words)


@pytest.mark.parametrize("name", ["dev", "examples"])
def test_the_figures_are_those_of_the_yardstick(name, tmp_path):
    """The same numbers to three digits, by type, on the shared sets."""
    gold, program = EVAL / f"{name}.jsonl", EVAL / "score.py"
    if not gold.is_file():
        pytest.skip("the shared evaluation sets are not beside this checkout")
    ruleset = load_ruleset([shipped_config_dir()])
    detector = RuleDetector(ruleset)
    lines = read_gold(gold, roles={e.type.name: e.type.roles for e in ruleset.types}, by=None)
    pairs = [(line.item, detector.detect(line.item.article)) for line in lines]
    predicted = tmp_path / "predictions.jsonl"
    with predicted.open("w", encoding="utf-8") as sink:
        for each, reports in pairs:
            sink.write(json.dumps({"id": each.id, "developments": [report_record(r) for r in reports]}) + "\n")
    command = [sys.executable, str(program), str(gold), str(predicted), "--json"]
    theirs = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    for ours in evaluate(pairs, theirs):
        expected = theirs[ours.type]
        counts = (ours.tp_count, ours.fp_count, ours.fn_count, ours.tn_count, ours.soft_count)
        assert counts == tuple(expected[k] for k in ("tp", "fp", "fn", "tn", "soft"))
        shares = (ours.precision, ours.strict_precision, ours.recall, ours.f1, ours.phase_accuracy)
        keys = ("precision", "strict_precision", "recall", "f1", "phase_accuracy")
        assert [round(share, 3) for share in shares] == [expected[k] for k in keys]
        assert [round(role.f1, 3) for role in ours.roles] == list(expected["role_f1"].values())
