"""`monitor explain`: why a text is reported as it is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.context import context_of
from monitor.cli.detect import report_record, rule_folders
from monitor.cli.explain_page import show_explanation
from monitor.cli.grouping import show_grouping
from monitor.cli.reading import article_of_trail, day, read_article, stored_trail
from monitor.cli.revisions import show_revisions
from monitor.cli.screen import complain
from monitor.core.detect.explain import Explanation, MetGate, MetRule, explain
from monitor.core.model.history import DocumentTrail
from monitor.settings.rules import load_ruleset


def explain_article(
    ctx: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="TEXT|FILE|URL|document:ID|alert:ID", help="What to read; - for stdin.", show_default=False
        ),
    ],
    title: Annotated[str | None, typer.Option(help="The headline; else the first line of the text.")] = None,
    published: Annotated[
        str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="The day the article appeared.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option("--rules", metavar="DIR", help="A folder of rules to lay over those in force.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also rules of which nothing but a trigger word stands there.")
    ] = False,
    revisions: Annotated[
        bool, typer.Option("--revisions", help="What changed in a stored article since it was first read, instead.")
    ] = False,
    grouping: Annotated[
        bool, typer.Option("--grouping", help="Why a stored article's reports stand in their story, instead.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a page.")] = False,
) -> None:
    """Say why a text is reported as it is: words, rules, gates, and the score part by part.

    \b
    Examples:
      monitor explain "Macron lands in Beirut for truce talks"
      monitor explain article.txt --date 2024-10-29
      monitor explain alert:1 --json
      monitor explain alert:1 --revisions
      monitor explain alert:1 --grouping
    """
    context = context_of(ctx)
    if revisions:
        show_revisions(context, what, as_json=as_json)
        return
    if grouping:
        show_grouping(context, what, as_json=as_json)
        return
    on = day(published)
    trail = stored_trail(context, what)
    ruleset = load_ruleset([*rule_folders(context), *([rules] if rules else [])])
    if trail is not None:
        article = article_of_trail(trail)
        _note_what_changed(trail, ruleset.version)
    else:
        article = read_article(context, what, title=title, on=on)
    told = explain(article, ruleset)
    if as_json:
        sys.stdout.write(json.dumps(explanation_record(told)) + "\n")
    else:
        show_explanation(told, every=every)


def _note_what_changed(trail: DocumentTrail, version: str) -> None:
    if trail.ruleset_version and trail.ruleset_version != version:
        complain("The rules have changed since this was read: what follows is what today's rules say.")
    if not trail.document.text:
        complain("The text is not stored (never read, or dropped by retention): only the title is explained.")


def explanation_record(told: Explanation) -> dict[str, object]:
    """The explanation as JSON has it; the keys are documented in docs/cli.md."""
    return {
        "title": told.article.title,
        "text": told.article.text,
        "verdicts": [{"type": v.type, "decision": v.decision.value, "why": v.why} for v in told.verdicts],
        "developments": [
            report_record(each.report)
            | {
                "threshold": each.threshold,
                "parts": [{"name": s.name, "value": s.value, "why": s.why, "adds": s.adds} for s in each.steps],
            }
            for each in told.reports
        ],
        "rules": [_rule_record(rule) for rule in told.rules],
        "gates": [_gate_record(gate) for gate in told.gates],
        "idle": [
            {"rule": r.rule, "at": r.at, "type": r.type, "phase": r.phase, "words": list(r.words)} for r in told.idle
        ],
    }


def _rule_record(rule: MetRule) -> dict[str, object]:
    return {
        "rule": rule.rule,
        "at": rule.at,
        "type": rule.type,
        "effect": rule.effect.value,
        "phase": rule.phase or None,
        "standing": rule.standing.value,
        "why": rule.why or None,
        "modality": rule.modality or None,
        "trigger": rule.trigger,
        "field": rule.field.value,
        "start": rule.span.start,
        "end": rule.span.end,
        "quote": rule.quote,
    }


def _gate_record(gate: MetGate) -> dict[str, object]:
    return {
        "rule": gate.rule,
        "at": gate.at,
        "type": gate.type,
        "effect": gate.effect.value,
        "scope": gate.scope,
        "reached": list(gate.reached),
        "field": gate.field.value,
        "start": gate.span.start,
        "end": gate.span.end,
        "quote": gate.quote,
    }
