"""Why an article's reports are what they are: every rule that fired, what stopped the others, and the score's parts."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.core.detect.detector import Examined, RuleDetector
from monitor.core.detect.score import ScorePart
from monitor.core.model.report import Article, Report
from monitor.core.model.span import Field, Span
from monitor.core.rules.match import RuleMatch


@dataclass(frozen=True, kw_only=True)
class FiredRule:
    """A rule met in the text: `stopped_by` names the gate or modality that ended it, `kept_as` what it counts as."""

    rule: str
    at: str
    type: str
    phase: str
    field: Field
    span: Span
    quote: str
    stopped_by: str = ""
    kept_as: str = ""


@dataclass(frozen=True, kw_only=True)
class ExplainedReport:
    report: Report
    parts: tuple[ScorePart, ...]
    threshold: float


@dataclass(frozen=True, kw_only=True)
class Explanation:
    reports: tuple[ExplainedReport, ...]
    rules: tuple[FiredRule, ...]


def explain(detector: RuleDetector, article: Article) -> Explanation:
    """Everything that led to the article's reports or was stopped on the way, in reading order."""
    examined = detector.examine(article)
    thresholds = detector.thresholds
    reports = tuple(
        ExplainedReport(report=a.report, parts=a.parts, threshold=thresholds[a.report.type]) for a in examined.assembled
    )
    return Explanation(reports=reports, rules=tuple(_fired(examined)))


def _fired(examined: Examined) -> list[FiredRule]:
    fired: list[FiredRule] = []
    for _, findings in examined.findings:
        for finding in findings.found:
            kept = "mention, " + finding.demoted_by if finding.demoted_by else finding.modality.value
            fired.append(_rule(finding.match, phase=finding.phase.name, stopped_by="", kept_as=kept))
        fired.extend(
            _rule(b.match, phase=b.match.rule.rule.phase, stopped_by=b.by, kept_as="") for b in findings.blocked
        )
    return sorted(fired, key=lambda f: (f.field is Field.TEXT, f.span, f.rule))


def _rule(match: RuleMatch, *, phase: str, stopped_by: str, kept_as: str) -> FiredRule:
    span = match.sentence.span_of(match.first, match.last)
    return FiredRule(
        rule=match.rule.rule.id,
        at=match.rule.rule.at,
        type=match.rule.rule.type,
        phase=phase,
        field=match.sentence.field,
        span=span,
        quote=span.slice(match.sentence.tokens.text),
        stopped_by=stopped_by,
        kept_as=kept_as,
    )
