"""An explanation for the eye: the article with its words marked, then reports, rules and gates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from monitor.cli.screen import out, plain_cell, say, show_grid, show_table
from monitor.core.detect.explain import (
    Decision,
    ExplainedReport,
    Explanation,
    IdleRule,
    MetGate,
    MetRule,
    Standing,
)
from monitor.core.model.report import Report
from monitor.core.model.span import Field, Span
from monitor.core.rules.schema import Effect

_TRIGGER = "trigger"
_ROLE_STYLES = (
    "bold black on cyan", "bold black on green", "bold black on yellow", "bold white on blue", "bold white on magenta",
    "bold cyan", "bold green", "bold yellow", "bold magenta",
)  # fmt: skip
_FIXED_STYLES = {_TRIGGER: "bold underline", Effect.VETO.value: "bold white on red", Effect.DEMOTE.value: "red"}
_DECISION_STYLES = {Decision.ALERT: "bold red", Decision.MENTION: "yellow", Decision.NOTHING: "dim"}
_STANDING_STYLES = {Standing.TELLS: "green", Standing.OUTRANKED: "", Standing.STOPPED: "red", Standing.MISSED: "yellow"}
_LONGEST_QUOTE = 70


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Words of the article and what they are: role names, a trigger, a gate's effect."""

    field: Field
    span: Span
    labels: tuple[str, ...]


def show_explanation(told: Explanation, *, every: bool) -> None:
    """The whole page; `every` adds the rules of which only trigger words stand in the text."""
    marks = marks_of(told)
    _show_article(told, marks)
    for verdict in told.verdicts:
        line = Text.assemble(
            (f"{verdict.type}: ", "bold"),
            (verdict.decision.value, _DECISION_STYLES[verdict.decision]),
            f"  {verdict.why}",
        )
        out().print(line, soft_wrap=True)
    for report in told.reports:
        _show_report(report)
    _show_rules(told.rules)
    _show_gates(told.gates)
    if every:
        _show_idle(told.idle)
    elif told.idle:
        say(f"\n{len(told.idle)} more rules have a trigger word here and do not fit around it: --all lists them")


def marks_of(told: Explanation) -> tuple[Mark, ...]:
    """What is marked in the article, in reading order; marks may hold others and never cross them."""
    labels: dict[tuple[Field, Span], list[str]] = {}
    for each in told.reports:
        for evidence in each.report.evidence:
            if evidence.role != "sentence":
                labels.setdefault((evidence.field, evidence.span), []).append(evidence.role)
    for gate in told.gates:
        if gate.reached:
            labels.setdefault((gate.field, gate.span), []).append(gate.effect.value)
    marks: list[Mark] = []
    # The shorter of two that cross says more exactly where it is.
    for field, span in sorted(labels, key=lambda key: (key[1].end - key[1].start, key[0], key[1])):
        if not any(m.field is field and _cross(m.span, span) for m in marks):
            marks.append(Mark(field=field, span=span, labels=tuple(dict.fromkeys(labels[field, span]))))
    return tuple(sorted(marks, key=lambda m: (m.field is Field.TEXT, m.span.start, -m.span.end)))


def _cross(one: Span, other: Span) -> bool:
    first, second = sorted((one, other))
    return first.start < second.start < first.end < second.end


def marked_text(text: str, marks: Iterable[Mark]) -> str:
    """The text with its marks as plain signs: "[visitor: Blinken] [trigger: lands] in [destination: Israel]"."""
    pieces: list[str] = []
    position = 0
    ends: list[int] = []

    def close_until(limit: int) -> None:
        nonlocal position
        while ends and ends[-1] <= limit:
            pieces.append(f"{text[position : ends[-1]]}]")
            position = ends.pop()

    for mark in marks:
        close_until(mark.span.start)
        pieces.append(f"{text[position : mark.span.start]}[{', '.join(mark.labels)}: ")
        position = mark.span.start
        ends.append(mark.span.end)
    close_until(len(text))
    return "".join((*pieces, text[position:]))


def _show_article(told: Explanation, marks: Sequence[Mark]) -> None:
    console = out()
    styles = _styles(marks)
    for field, text in ((Field.TITLE, told.article.title), (Field.TEXT, told.article.text)):
        if not text:
            continue
        mine = [m for m in marks if m.field is field]
        if not console.is_terminal:
            say(_printable(marked_text(text, mine)))
            continue
        # Character for character, so that spans still fit.
        shown = Text(_printable(text), style="bold" if field is Field.TITLE else "")
        for mark in mine:
            shown.stylize(styles[mark.labels[0]], mark.span.start, mark.span.end)
        console.print(Padding(shown, (0, 0, 1, 0)))
    if console.is_terminal and styles:
        console.print(Text(" ").join(Text(f" {label} ", style=style) for label, style in styles.items()), end="\n\n")
    elif not console.is_terminal:
        say()


def _styles(marks: Sequence[Mark]) -> dict[str, str]:
    """A style for each label, in the order they are met."""
    labels = dict.fromkeys(label for mark in marks for label in mark.labels)
    free = iter(_ROLE_STYLES * 3)
    return {label: _FIXED_STYLES.get(label) or next(free, "bold") for label in labels}


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def _show_report(explained: ExplainedReport) -> None:
    console = out()
    report = explained.report
    kind = "alert" if report.alert else "mention"
    head = f"\n{report.type} · {report.phase.replace('_', ' ')} ({kind}, {report.modality.value})"
    console.print(Text(head, style="bold"), soft_wrap=True)
    show_grid(role_lines(report))
    show_grid(score_rows(explained))


def score_rows(explained: ExplainedReport) -> list[tuple[str, str, str]]:
    """A score part by part, as it is shown."""
    steps = [(s.name, f"{s.adds:+.4f}", f"{s.value:g}: {s.why}") for s in explained.steps]
    return [*steps, ("score", f"{explained.report.score:.4f}", f"threshold {explained.threshold:g}")]


def role_lines(report: Report) -> list[tuple[str, str]]:
    """Each filled role and its value, in words."""
    roles = report.roles
    found = [(role, ", ".join(roles.named(role))) for role in dict.fromkeys(n.role for n in roles.names)]
    found += [(text.role, text.text) for text in roles.texts]
    found += [(t.role, f"{t.stated} ({t.resolved})" if t.resolved else t.stated) for t in roles.times]
    if roles.ordinal is not None:
        found.append(("ordinal", str(roles.ordinal)))
    return found


def _show_rules(rules: Sequence[MetRule]) -> None:
    titles = ("standing", "rule", "phase", "words", "why", "at")
    rows = [(r.standing.value, r.rule, r.phase or r.effect.value, _cut(r.quote), _reason(r), r.at) for r in rules]
    _show_section("Rules", titles, rows, [_STANDING_STYLES[r.standing] for r in rules])


def _reason(rule: MetRule) -> str:
    if not rule.why:
        return rule.modality
    if rule.standing in (Standing.TELLS, Standing.OUTRANKED):
        return f"demoted by {rule.why}"
    return f"{rule.why} ({rule.by_at})" if rule.by_at else rule.why


def _show_gates(gates: Sequence[MetGate]) -> None:
    titles = ("effect", "gate", "scope", "words", "reached", "at")
    rows = [(g.effect.value, g.rule, g.scope, _cut(g.quote), ", ".join(g.reached) or "nothing", g.at) for g in gates]
    _show_section("Gates", titles, rows, [_FIXED_STYLES[g.effect.value] if g.reached else "dim" for g in gates])


def _show_idle(idle: Sequence[IdleRule]) -> None:
    rows = [(i.rule, i.phase, ", ".join(i.words), i.at) for i in idle]
    _show_section("Only a trigger word", ("rule", "phase", "words", "at"), rows, [""] * len(rows))


def _show_section(title: str, titles: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str]) -> None:
    if not rows:
        return
    out().print(Text(f"\n{title}", style="bold"))
    table = Table(*titles, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for row, style in zip(rows, styles, strict=True):
        table.add_row(Text(row[0], style=style), *map(Text, row[1:]))
    show_table(table, rows, titles=titles)


def _cut(words: str) -> str:
    plain = plain_cell(words)
    return plain if len(plain) <= _LONGEST_QUOTE else plain[: _LONGEST_QUOTE - 1].rstrip() + "…"
