"""An explanation is the detector's own run, told rule by rule."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.detect.detector import RuleDetector
from monitor.core.detect.explain import Decision, Standing, explain
from monitor.core.model.report import Article
from monitor.core.model.span import Field
from monitor.core.rules.schema import Effect
from monitor.core.text.normalise import nfc
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset

RULESET = load_ruleset([shipped_config_dir()])
DETECTOR = RuleDetector(RULESET)

TRUCE = "Rebels sign truce"
PRICES = "Grocers call a truce in price war"
TOUR = "Emmanuel Macron lands in Beirut for truce talks"
SAMPLES = [
    Article(title=TRUCE, text=""),
    Article(title=f"{TRUCE}. {PRICES}.", text=""),
    Article(
        title=TOUR, text="He goes on to Amman on Tuesday. Oil prices fell.", published_on=date(2024, 6, 3), tier="3"
    ),
    Article(title="Storm cuts power", text="Villages on the coast. The army and rebels said talks on a truce stalled."),
    Article(title="Oil prices fall on hopes of Gaza truce", text=""),
    Article(title="", text=""),
]


@pytest.mark.parametrize("article", SAMPLES, ids=lambda a: a.title or "nothing")
def test_an_explanation_has_the_reports_of_the_detector(article):
    """The same reports, each with the rule that told it."""
    told = explain(article, RULESET)
    assert tuple(each.report for each in told.reports) == DETECTOR.detect(article)
    telling = {rule.rule for rule in told.rules if rule.standing is Standing.TELLS}
    assert telling == {each.report.sentence.rule for each in told.reports}


@pytest.mark.parametrize("article", SAMPLES, ids=lambda a: a.title or "nothing")
def test_the_parts_of_a_score_sum_to_it(article):
    """By name, in order, with what each adds; and the decision is the threshold's."""
    for each in explain(article, RULESET).reports:
        assert sum(step.adds for step in each.steps) == pytest.approx(each.report.score, abs=1e-9)
        assert len({step.name for step in each.steps}) == len(each.steps)
        assert each.report.alert is (each.report.score >= each.threshold)


def test_the_gate_that_stopped_a_rule_is_named_with_its_place():
    """Which veto, on which words, and what it reached."""
    told = explain(Article(title=f"{TRUCE}. {PRICES}.", text=""), RULESET)
    stopped = [r for r in told.rules if r.standing is Standing.STOPPED]
    assert stopped
    assert {r.why for r in stopped} == {"ceasefire.gate.trade"}
    assert all(r.by_at.startswith("events/ceasefire/rules/gates.yaml:") for r in stopped)
    (gate,) = [g for g in told.gates if g.rule == "ceasefire.gate.trade"]
    assert gate.effect is Effect.VETO
    assert "price" in gate.quote
    assert set(gate.reached) == {r.rule for r in stopped}


@pytest.mark.parametrize(
    ("title", "why"),
    [
        ("Mediators say the rivals have agreed to a truce", "forbids"),
        ("Brazil talks up coffee harvest on Tuesday", "requires"),
    ],
)
def test_a_near_miss_says_what_its_context_lacked_or_had(title, why, tmp_path):
    """A rule of one's own shows both, whatever the shipped rules are."""
    folder = tmp_path / "events" / "ceasefire" / "rules"
    folder.mkdir(parents=True)
    (folder / "own.yaml").write_text(
        "rules:\n"
        "  - {id: own.forbids, phase: agreed, patterns: ['*\"truce\"'], forbids: ['\"mediators\"']}\n"
        "  - {id: own.requires, phase: talks, patterns: ['*\"talks\"'], requires: ['\"peace\"'], scope: clause}\n"
        "  - {id: own.body, phase: talks, patterns: ['*\"coffee\"'], places: [body]}\n",
        encoding="utf-8",
    )
    told = explain(Article(title=title, text=""), load_ruleset([shipped_config_dir(), tmp_path]))
    near = {r.rule: r.why for r in told.rules if r.standing is Standing.MISSED and r.rule.startswith("own.")}
    expected = {
        "forbids": {"own.forbids": 'forbids "mediators" in its sentence'},
        "requires": {"own.requires": 'requires "peace" in its clause', "own.body": "only in body"},
    }
    assert near == expected[why]


def test_modality_is_named_as_what_stopped_a_rule():
    """A denial, a condition or history."""
    told = explain(Article(title="Minister will not travel to Paris", text=""), RULESET)
    verdicts = {v.type: v for v in told.verdicts}
    assert verdicts["visit"].decision is not Decision.ALERT
    assert verdicts["ceasefire"].why == "no rule met"


def test_every_type_has_a_verdict_with_its_reason():
    """An alert and a mention name score and threshold; nothing names what came nearest."""
    for article in SAMPLES:
        told = explain(article, RULESET)
        assert [v.type for v in told.verdicts] == [e.type.name for e in RULESET.types]
        for verdict in told.verdicts:
            mine = [r.report for r in told.reports if r.report.type == verdict.type]
            expected = Decision.ALERT if any(r.alert for r in mine) else Decision.MENTION if mine else Decision.NOTHING
            assert verdict.decision is expected
            assert verdict.why
            assert ("threshold" in verdict.why) is bool(mine)


def test_rules_with_only_a_trigger_word_are_apart():
    """They did not fire; their words are given."""
    told = explain(Article(title=TRUCE, text=""), RULESET)
    assert told.idle
    assert {i.rule for i in told.idle}.isdisjoint({r.rule for r in told.rules})
    assert all(word in TRUCE.lower() for i in told.idle for word in i.words)


@given(title=st.text(max_size=60), text=st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_explained(title, text):
    """Never an exception, and every quote is its span."""
    told = explain(Article(title=f"{title} {TRUCE} {title}", text=f"{text} {TOUR} {text}"), RULESET)
    fields = {
        Field.TITLE: nfc(f"{title} {TRUCE} {title}"),
        Field.TEXT: nfc(f"{text} {TOUR} {text}"),
    }
    assert all(r.span.slice(fields[r.field]) == r.quote for r in (*told.rules, *told.gates))
