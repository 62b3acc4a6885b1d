"""`monitor eval`: how well the rules agree with items that people labelled."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from monitor.cli.context import CliContext, context_of
from monitor.cli.detect import rule_folders
from monitor.cli.exits import CommandFailed
from monitor.cli.gold import GoldLine, read_gold
from monitor.cli.labels import gold_line, judged_items
from monitor.cli.screen import out, plain_cell, progress_over, show_table
from monitor.core.detect.detector import RuleDetector
from monitor.core.detect.evaluate import Disagreement, Fault, Scores, evaluate
from monitor.core.model.report import Report
from monitor.settings.rules import load_ruleset

_FAULTS = {
    Fault.MISSED: "missed",
    Fault.FALSE_ALARM: "false alarm",
    Fault.SIDE_MENTION: "side mention alerted",
    Fault.PHASE: "wrong phase",
}
_LONGEST_QUOTE = 160

Judged = list[tuple[GoldLine, tuple[Report, ...]]]


def evaluate_rules(
    ctx: typer.Context,
    gold: Annotated[
        Path | None, typer.Argument(metavar="GOLD.jsonl", help="Annotated items, a JSON object a line; or .gz.")
    ] = None,
    labels: Annotated[
        bool, typer.Option("--labels", help="Score on the stored articles whose alerts people labelled.")
    ] = False,
    errors: Annotated[
        int, typer.Option("--errors", metavar="N", min=0, help="Also show N items of each fault and type.")
    ] = 0,
    by: Annotated[str | None, typer.Option("--by", metavar="FIELD", help="Also score by this field's values.")] = None,
    rules: Annotated[
        Path | None, typer.Option("--rules", metavar="DIR", help="A folder of rules to lay over those in force.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of tables.")] = False,
) -> None:
    """Score the rules on annotated items: precision, recall, phases and roles of each event type.

    \b
    Examples:
      monitor eval gold.jsonl
      monitor eval gold.jsonl --errors 20 --by source
      monitor eval gold.jsonl --json
      monitor eval --labels --rules my-rules
    """
    if (gold is None) != labels:
        raise typer.BadParameter("name a file of annotated items, or say --labels: one of the two")
    context = context_of(ctx)
    ruleset = load_ruleset([*rule_folders(context), *([rules] if rules else [])])
    roles = {e.type.name: e.type.roles for e in ruleset.types}
    lines = _labelled(context, by) if gold is None else read_gold(gold, roles=roles, by=by)
    detector = RuleDetector(ruleset)
    with progress_over(lines, total=len(lines), what="detecting") as counted:
        judged = [(line, detector.detect(line.item.article)) for line in counted]
    types = [e.type.name for e in ruleset.types if any(e.type.name in _types(line) for line in lines)]
    groups = {"all": judged}
    if by:
        for line, reports in judged:
            groups.setdefault(f"{by}={line.group}", []).append((line, reports))
    scored = [(name, _scored(part, types)) for name, part in groups.items()]
    if as_json:
        record = _record(scored, errors) | ({"labels": _told_record(scored[0][1])} if labels else {})
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
        return
    _show_scores(scored)
    if labels:
        _show_told(scored[0][1])
    for scores in scored[0][1]:
        _show_faults(scores, errors)


def _labelled(context: CliContext, by: str | None) -> list[GoldLine]:
    try:
        lines = [gold_line(item, by=by) for item in judged_items(context.store.feedback.labelled())]
    except KeyError as error:
        raise CommandFailed(f"labelled alerts have no field {error} to group by") from error
    if not lines:
        raise CommandFailed("no alert is labelled: `monitor alerts mark ID relevant|not-relevant` labels one")
    return lines


def _show_told(parts: Sequence[Scores]) -> None:
    """What people would see: how many of the alerts they wanted, and did not want, these rules still tell."""
    for scores, told in zip(parts, _told_record(parts).values(), strict=True):
        wanted = f"{told['relevant_still_told']} of {told['relevant']} relevant alerts are still told"
        unwanted = f"{told['not_relevant_still_told']} of {told['not_relevant']} not relevant ones still are"
        out().print(Text(f"{scores.type}: {wanted}, {unwanted}"), soft_wrap=True)


def _told_record(parts: Sequence[Scores]) -> dict[str, dict[str, int]]:
    return {
        scores.type: {
            "relevant": scores.tp_count + scores.fn_count,
            "relevant_still_told": scores.tp_count,
            "not_relevant": scores.fp_count + scores.tn_count,
            "not_relevant_still_told": scores.fp_count,
        }
        for scores in parts
    }


def _types(line: GoldLine) -> set[str]:
    return {label.type for label in line.item.labels}


def _scored(part: Judged, types: Iterable[str]) -> tuple[Scores, ...]:
    return evaluate(((line.item, reports) for line, reports in part), types)


def _show_scores(scored: Sequence[tuple[str, tuple[Scores, ...]]]) -> None:
    titles = (
        "items", "type", "P", "strict P", "R", "F1", "tp", "fp", "fn", "tn", "soft", "phase", "roles F1",
    )  # fmt: skip
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title, justify="left" if title in ("items", "type", "roles F1") else "right")
    rows = [_row(name, scores) for name, parts in scored for scores in parts]
    for row in rows:
        table.add_row(*map(Text, row))
    show_table(table, rows, titles=titles)


def _row(name: str, scores: Scores) -> tuple[str, ...]:
    shares = (scores.precision, scores.strict_precision, scores.recall, scores.f1)
    counts = (scores.tp_count, scores.fp_count, scores.fn_count, scores.tn_count, scores.soft_count)
    roles = ", ".join(f"{role.role} {role.f1:.3f}" for role in scores.roles)
    return (
        name,
        scores.type,
        *(f"{share:.3f}" for share in shares),
        *map(str, counts),
        f"{scores.phase_accuracy:.3f}",
        roles or "-",
    )


def _show_faults(scores: Scores, count: int) -> None:
    console = out()
    for fault in Fault if count else ():
        wrong = [w for w in scores.wrong if w.fault is fault]
        if not wrong:
            continue
        console.print(Text(f"\n{scores.type}: {_FAULTS[fault]} ({len(wrong)})", style="bold"))
        for each in wrong[:count]:
            article = each.item.article
            words = plain_cell(f"{article.title} | {article.text[:_LONGEST_QUOTE]}" if article.text else article.title)
            console.print(Text(f"  {_difference(each)} {each.item.id}", style="dim"), soft_wrap=True)
            console.print(Text(f"    {words}"), soft_wrap=True)


def _difference(wrong: Disagreement) -> str:
    match wrong.fault:
        case Fault.PHASE:
            return f"[{wrong.expected} taken for {wrong.got} by {wrong.rule}]"
        case Fault.MISSED:
            return f"[{wrong.expected}]"
        case _:
            return f"[{wrong.got} by {wrong.rule}]"


def _record(scored: Sequence[tuple[str, tuple[Scores, ...]]], errors: int) -> dict[str, object]:
    groups = {name: {scores.type: _scores_record(scores) for scores in parts} for name, parts in scored}
    record: dict[str, object] = {"all": groups.pop("all"), "groups": groups}
    if errors:
        record["errors"] = [
            _fault_record(wrong)
            for scores in scored[0][1]
            for fault in Fault
            for wrong in [w for w in scores.wrong if w.fault is fault][:errors]
        ]
    return record


def _scores_record(scores: Scores) -> dict[str, object]:
    return {
        "precision": round(scores.precision, 3),
        "strict_precision": round(scores.strict_precision, 3),
        "recall": round(scores.recall, 3),
        "f1": round(scores.f1, 3),
        "tp": scores.tp_count,
        "fp": scores.fp_count,
        "fn": scores.fn_count,
        "tn": scores.tn_count,
        "soft": scores.soft_count,
        "phase_accuracy": round(scores.phase_accuracy, 3),
        "role_f1": {role.role: round(role.f1, 3) for role in scores.roles},
    }


def _fault_record(wrong: Disagreement) -> dict[str, object]:
    return {
        "fault": wrong.fault.value,
        "type": wrong.type,
        "id": wrong.item.id,
        "title": wrong.item.article.title,
        "expected": wrong.expected or None,
        "got": wrong.got or None,
        "rule": wrong.rule or None,
    }
