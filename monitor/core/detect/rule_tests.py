"""The sentences that rules carry as their own tests."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.core.detect.detector import RuleDetector
from monitor.core.detect.finding import Reading
from monitor.core.model.report import Article
from monitor.core.rules.compile import CompiledRule, Ruleset
from monitor.core.rules.match import find_matches
from monitor.core.rules.schema import Effect, Rule, RuleTest


@dataclass(frozen=True, kw_only=True)
class TestOutcome:
    """One test sentence of one rule; `detail` says what happened instead when it failed."""

    rule: Rule
    test: RuleTest
    passed: bool
    detail: str = ""

    __test__ = False  # not a pytest class


def run_rule_tests(ruleset: Ruleset) -> tuple[TestOutcome, ...]:
    """The outcome of every test of every rule, in file order.

    A sentence is read as a headline. A reporting rule passes a positive test when its finding
    survives the gates; gates and details pass when they match at all.
    """
    detector = RuleDetector(ruleset)
    outcomes: list[TestOutcome] = []
    for event in ruleset.types:
        for rule in (*event.reports, *event.gates, *event.details):
            outcomes.extend(_run(detector, ruleset, rule, test) for test in rule.rule.tests)
    return tuple(outcomes)


def _run(detector: RuleDetector, ruleset: Ruleset, rule: CompiledRule, test: RuleTest) -> TestOutcome:
    article = Article(title=test.text, text="")
    if rule.rule.effect is Effect.REPORT:
        fired, detail = _reports(detector, article, rule.rule)
    else:
        fired, detail = _matches(detector.read(article), rule, ruleset), ""
    passed = fired is test.expected
    if not passed and not detail:
        detail = "matched" if fired else "did not match"
    return TestOutcome(rule=rule.rule, test=test, passed=passed, detail="" if passed else detail)


def _reports(detector: RuleDetector, article: Article, rule: Rule) -> tuple[bool, str]:
    findings = dict(detector.examine(article).findings)[rule.type]
    if any(f.match.rule.rule.id == rule.id for f in findings.found):
        return True, ""
    stopped = [b.by for b in findings.blocked if b.match.rule.rule.id == rule.id]
    return False, f"stopped by {stopped[0]}" if stopped else ""


def _matches(reading: Reading, rule: CompiledRule, ruleset: Ruleset) -> bool:
    return any(
        find_matches(rule, placed.sentence, placed.present, reading.around(placed.place), ruleset.alphabet)
        for placed in reading.sentences
        if not rule.anchors.isdisjoint(placed.present)
    )
