"""`monitor rules`: list, show, test and check the rules in force."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from monitor.cli.context import context_of
from monitor.cli.detect import rule_folders
from monitor.cli.exits import CommandFailed, ExitCode
from monitor.cli.screen import complain, say, show_grid, show_table
from monitor.core.detect.rule_tests import run_rule_tests
from monitor.core.rules.compile import Ruleset
from monitor.core.rules.lint import lint as lint_rules
from monitor.core.rules.schema import Rule
from monitor.settings.rules import load_ruleset

app = typer.Typer(help="List, show, test and check the detection rules.", no_args_is_help=True)

Folder = Annotated[
    Path | None,
    typer.Option("--folder", metavar="DIR", help="A folder of rules to lay over the shipped and configured ones."),
]


def _ruleset(ctx: typer.Context, folder: Path | None) -> Ruleset:
    return load_ruleset([*rule_folders(context_of(ctx)), *([folder] if folder else [])])


@app.command("test")
def check_tests(ctx: typer.Context, folder: Folder = None) -> None:
    """Run the tests that every rule carries.

    \b
    Example: monitor rules test --folder my-rules
    """
    outcomes = run_rule_tests(_ruleset(ctx, folder))
    failed = [o for o in outcomes if not o.passed]
    for outcome in failed:
        file, _, _ = outcome.rule.at.rpartition(":")
        wanted = "should match" if outcome.test.expected else "should not match"
        complain(f"{file}:{outcome.test.line}: {outcome.rule.id} {wanted} {outcome.test.text!r}: {outcome.detail}")
    say(f"{len(outcomes) - len(failed)} of {len(outcomes)} rule tests passed")
    if failed:
        raise typer.Exit(ExitCode.FAILED)


@app.command("lint", short_help="Look for rules that are useless, untested or slow.")
def check_rules(ctx: typer.Context, folder: Folder = None) -> None:
    """Look for rules that can never matter, have no tests, or could be slow."""
    problems = lint_rules(_ruleset(ctx, folder))
    for problem in problems:
        complain(str(problem))
    say(f"{len(problems)} problems" if problems else "no problems")
    if problems:
        raise typer.Exit(ExitCode.FAILED)


@app.command("list")
def list_rules(
    ctx: typer.Context,
    folder: Folder = None,
    event: Annotated[str | None, typer.Option("--type", metavar="TYPE", help="Only rules of this event type.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """All rules in force, in file order."""
    rules = [r for r in _ruleset(ctx, folder).sources.rules if event is None or r.type == event]
    if as_json:
        sys.stdout.write(json.dumps([_record(rule) for rule in rules], ensure_ascii=False) + "\n")
        return
    titles = ("rule", "effect", "phase", "weight", "tests", "at")
    table = Table(*titles, box=None, pad_edge=False)
    rows = [(r.id, r.effect.value, r.phase or "-", f"{r.weight:.2f}", str(len(r.tests)), r.at) for r in rules]
    for row in rows:
        table.add_row(*row)
    show_table(table, rows, titles=titles)


@app.command("show")
def show_rule(
    ctx: typer.Context,
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="A rule's id, as `monitor rules list` prints it.")],
    folder: Folder = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a page.")] = False,
) -> None:
    """One rule with its patterns and tests."""
    rule = next((r for r in _ruleset(ctx, folder).sources.rules if r.id == rule_id), None)
    if rule is None:
        raise CommandFailed(f"no rule is called {rule_id!r}: see `monitor rules list`")
    if as_json:
        sys.stdout.write(json.dumps(_record(rule), ensure_ascii=False) + "\n")
        return
    rows = [("rule", rule.id), ("at", rule.at), ("effect", rule.effect.value)]
    if rule.phase:
        rows += [("phase", rule.phase), ("weight", f"{rule.weight:.2f}")]
    rows += [("pattern", p) for p in rule.patterns]
    rows += [("requires", p) for p in rule.requires]
    rows += [("forbids", p) for p in rule.forbids]
    rows += [("matches" if t.expected else "not", t.text) for t in rule.tests]
    show_grid(rows)


def _record(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "type": rule.type,
        "at": rule.at,
        "effect": rule.effect.value,
        "phase": rule.phase or None,
        "weight": rule.weight,
        "patterns": list(rule.patterns),
        "requires": list(rule.requires),
        "forbids": list(rule.forbids),
        "tests": [{"text": t.text, "matches": t.expected} for t in rule.tests],
    }
