"""Why an article's reports are what they are: every rule that fired or nearly did, what stopped it, and the score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from monitor.core.detect.assemble import Assembled, is_possible
from monitor.core.detect.detector import Examined, RuleDetector
from monitor.core.detect.finding import Finding, Findings
from monitor.core.detect.score import ScorePart, total
from monitor.core.model.report import Article, Report
from monitor.core.model.span import Field, Span
from monitor.core.rules.compile import CompiledRule, CompiledType, Ruleset
from monitor.core.rules.match import RuleMatch
from monitor.core.rules.schema import Effect
from monitor.core.text.normalise import nfc


class Standing(StrEnum):
    """What became of a rule whose pattern holds somewhere in the article."""

    TELLS = "tells"  # the report is made of it
    OUTRANKED = "outranked"  # it would make a report, but another rule says it better
    STOPPED = "stopped"  # by a veto, by its modality, or because it is no journey
    MISSED = "missed"  # by its own required or forbidden words, or by its places


class Decision(StrEnum):
    ALERT = "alert"
    MENTION = "mention"  # reported, with a score below the type's threshold
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class MetRule:
    """One rule at one place. `why` names what demoted, stopped or missed it; empty when it is plain news.

    `by_at` is the file and line of the gate that `why` names, empty when it is no gate.
    """

    rule: str
    at: str
    type: str
    effect: Effect
    phase: str
    standing: Standing
    why: str
    by_at: str
    modality: str
    field: Field
    span: Span
    quote: str
    trigger: str


@dataclass(frozen=True, kw_only=True)
class MetGate:
    """A veto or demotion met, and the rules it reached: each by id, once."""

    rule: str
    at: str
    type: str
    effect: Effect
    scope: str
    field: Field
    span: Span
    quote: str
    reached: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class IdleRule:
    """A rule of which only trigger words stand in the article: its pattern does not fit around them."""

    rule: str
    at: str
    type: str
    phase: str
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ScoreStep:
    """One part of a score: its own value, why it has it, and what it adds; the additions sum to the score."""

    name: str
    value: float
    why: str
    adds: float


@dataclass(frozen=True, kw_only=True)
class ExplainedReport:
    report: Report
    steps: tuple[ScoreStep, ...]
    threshold: float


@dataclass(frozen=True, kw_only=True)
class TypeVerdict:
    """What became of one event type, in the words of a reader."""

    type: str
    decision: Decision
    why: str


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Rules and gates come in reading order, reports strongest first, verdicts one for each event type."""

    article: Article
    reports: tuple[ExplainedReport, ...]
    rules: tuple[MetRule, ...]
    gates: tuple[MetGate, ...]
    idle: tuple[IdleRule, ...]
    verdicts: tuple[TypeVerdict, ...]


def explain(article: Article, ruleset: Ruleset) -> Explanation:
    """Everything that led to the article's reports or was stopped on the way, by the detector's own run."""
    misses: list[tuple[RuleMatch, str]] = []
    examined = RuleDetector(ruleset).examine(article, miss=lambda match, why: misses.append((match, why)))
    rules = [_missed(match, why) for match, why in misses]
    gates: list[MetGate] = []
    idle: list[IdleRule] = []
    events = {event.type.name: event for event in ruleset.types}
    for name, findings in examined.findings:
        told = [a.finding for a in examined.assembled if a.report.type == name]
        rules.extend(_met(events[name], findings, told, ruleset))
        gates.extend(_gates(findings))
        idle.extend(_idle(events[name], examined, {r.rule for r in rules}))
    reports = tuple(_explained(a, events[a.report.type].type.threshold) for a in examined.assembled)
    rules.sort(key=lambda r: (r.field is Field.TEXT, r.span, r.standing is not Standing.TELLS, r.standing, r.rule))
    return Explanation(
        article=Article(title=nfc(article.title), text=nfc(article.text), published_on=article.published_on),
        reports=reports,
        rules=_once(rules),
        gates=tuple(gates),
        idle=tuple(idle),
        verdicts=tuple(_verdict(event, reports, rules) for event in ruleset.types),
    )


def _once(rules: list[MetRule]) -> tuple[MetRule, ...]:
    """The rules without those that two of their patterns met at one place."""
    places: dict[tuple[object, ...], MetRule] = {}
    for rule in rules:
        is_counted = rule.standing in (Standing.TELLS, Standing.OUTRANKED)
        places.setdefault((rule.rule, rule.field, rule.span, is_counted or rule.why), rule)
    return tuple(places.values())


def steps_of(parts: tuple[ScorePart, ...]) -> tuple[ScoreStep, ...]:
    """The parts with what each adds to the score made of those before it."""
    steps: list[ScoreStep] = []
    before = 0.0
    for count, part in enumerate(parts, start=1):
        after = total(parts[:count])
        steps.append(ScoreStep(name=part.name, value=part.value, why=part.why, adds=round(after - before, 4)))
        before = after
    return tuple(steps)


def _explained(assembled: Assembled, threshold: float) -> ExplainedReport:
    return ExplainedReport(report=assembled.report, steps=steps_of(assembled.parts), threshold=threshold)


def _met(event: CompiledType, findings: Findings, told: list[Finding], ruleset: Ruleset) -> Iterator[MetRule]:
    gates = {gate.rule.rule.id: gate.rule.rule.at for gate in findings.gates}
    for finding in findings.found:
        standing, why = Standing.OUTRANKED, finding.demoted_by
        if any(finding is each for each in told):
            standing = Standing.TELLS
        elif not is_possible(event, finding, ruleset.gazetteer):
            standing, why = Standing.STOPPED, "nobody is abroad"
        yield _rule(
            finding.match,
            standing,
            why,
            phase=finding.phase.name,
            modality=finding.modality.value,
            by_at=gates.get(why, ""),
        )
    for blocked in findings.blocked:
        yield _rule(blocked.match, Standing.STOPPED, blocked.by, by_at=gates.get(blocked.by, ""))


def _missed(match: RuleMatch, why: str) -> MetRule:
    return _rule(match, Standing.MISSED, why)


def _rule(
    match: RuleMatch, standing: Standing, why: str, *, phase: str = "", modality: str = "", by_at: str = ""
) -> MetRule:
    rule, sentence = match.rule.rule, match.sentence
    span = sentence.span_of(match.first, match.last)
    return MetRule(
        rule=rule.id,
        at=rule.at,
        type=rule.type,
        effect=rule.effect,
        phase=phase or rule.phase,
        standing=standing,
        why=why,
        by_at=by_at,
        modality=modality,
        field=sentence.field,
        span=span,
        quote=span.slice(sentence.tokens.text),
        trigger=sentence.text_of(*match.trigger),
    )


def _gates(findings: Findings) -> Iterator[MetGate]:
    reached: dict[str, list[str]] = {}
    for finding in findings.found:
        reached.setdefault(finding.demoted_by, []).append(finding.match.rule.rule.id)
    for blocked in findings.blocked:
        reached.setdefault(blocked.by, []).append(blocked.match.rule.rule.id)
    for gate in findings.gates:
        rule = gate.rule.rule
        span = gate.sentence.span_of(gate.first, gate.last)
        yield MetGate(
            rule=rule.id,
            at=rule.at,
            type=rule.type,
            effect=rule.effect,
            scope=rule.scope.value,
            field=gate.sentence.field,
            span=span,
            quote=span.slice(gate.sentence.tokens.text),
            reached=tuple(dict.fromkeys(reached.get(rule.id, ()))),
        )


def _idle(event: CompiledType, examined: Examined, met: set[str]) -> Iterator[IdleRule]:
    for rule in event.reports:
        if rule.rule.id in met:
            continue
        words = tuple(dict.fromkeys(word.lower() for word in _trigger_words(rule, examined)))
        if words:
            yield IdleRule(rule=rule.rule.id, at=rule.rule.at, type=event.type.name, phase=rule.rule.phase, words=words)


def _trigger_words(rule: CompiledRule, examined: Examined) -> Iterator[str]:
    for placed in examined.reading.sentences:
        if rule.anchors.isdisjoint(placed.present):
            continue
        for unit, code in enumerate(placed.sentence.codes):
            if code in rule.anchors:
                yield placed.sentence.text_of(unit, unit + 1)


def _verdict(event: CompiledType, reports: tuple[ExplainedReport, ...], rules: list[MetRule]) -> TypeVerdict:
    name = event.type.name
    mine = [r for r in reports if r.report.type == name]
    alerting = [r for r in mine if r.report.alert]
    if alerting:
        best = max(alerting, key=lambda r: r.report.score)
        return TypeVerdict(
            type=name,
            decision=Decision.ALERT,
            why=f"score {best.report.score:.2f} reaches the threshold {best.threshold:.2f}",
        )
    if mine:
        best = max(mine, key=lambda r: r.report.score)
        lowered = ", ".join(f"{s.name} ({s.why}) {s.adds:+.2f}" for s in best.steps if s.adds < 0)
        why = f"score {best.report.score:.2f} is below the threshold {best.threshold:.2f}"
        return TypeVerdict(type=name, decision=Decision.MENTION, why=f"{why}: {lowered}" if lowered else why)
    return TypeVerdict(type=name, decision=Decision.NOTHING, why=_why_nothing(name, rules))


def _why_nothing(name: str, rules: list[MetRule]) -> str:
    mine = [r for r in rules if r.type == name and r.effect is Effect.REPORT]
    stopped = [r for r in mine if r.standing is Standing.STOPPED]
    near = stopped or mine
    if not near:
        return "no rule met"
    reasons = list(dict.fromkeys(f"{r.rule}: {r.why}" for r in near))
    more = f", and {len(reasons) - 2} more" if len(reasons) > 2 else ""
    return ("stopped: " if stopped else "nearly: ") + "; ".join(reasons[:2]) + more
