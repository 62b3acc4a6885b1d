"""`monitor detect`: what one text, file or page reports, or each line of a JSONL stream."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.markup import escape

from monitor.cli.context import CliContext, context_of
from monitor.cli.exits import ExitCode
from monitor.cli.reading import day, read_article
from monitor.cli.records import roles_record
from monitor.cli.screen import complain, counting_progress, out
from monitor.core.detect.detector import RuleDetector
from monitor.core.model.report import Article, Report, RoleTime
from monitor.core.text.normalise import nfc
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset


def rule_folders(context: CliContext) -> list[Path]:
    """The shipped rules, then those of `rules.extra`. Raises: ConfigError."""
    return [shipped_config_dir(), *map(context.loaded.located, context.loaded.settings.rules.extra)]


def detect(
    ctx: typer.Context,
    what: Annotated[str | None, typer.Argument(metavar="TEXT|FILE|URL", help="What to read; - for stdin.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Read JSON lines on stdin, write one line each.")] = False,
    title: Annotated[
        str | None, typer.Option(metavar="TITLE", help="The headline; else the first line of the text.")
    ] = None,
    published: Annotated[
        str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="The day the article appeared.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a page.")] = False,
) -> None:
    """Say what a text reports: ceasefires and visits, with roles and the words that prove them.

    \b
    Examples:
      monitor detect "Macron lands in Beirut for truce talks"
      monitor detect article.txt --date 2024-10-29
      monitor detect --jsonl < items.jsonl > reports.jsonl
    """
    if jsonl == (what is not None):
        raise typer.BadParameter("give a TEXT, FILE or URL, or --jsonl with lines on stdin")
    context = context_of(ctx)
    on = day(published)
    detector = RuleDetector(load_ruleset(rule_folders(context)))
    if jsonl:
        bad = detect_lines(detector, sys.stdin, sys.stdout, complain)
        if bad:
            raise typer.Exit(ExitCode.FAILED)
        return
    article = read_article(context, what or "", title=title, on=on)
    reports = detector.detect(article)
    if as_json:
        record = {"title": article.title, "developments": [report_record(r) for r in reports]}
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
        return
    _show(reports)


def detect_lines(detector: RuleDetector, lines: Iterable[str], sink: IO[str], report_bad: Callable[[str], None]) -> int:
    """Writes one line of developments for each line read, in order; how many lines could not be read.

    Of a line only id, title, text, date and source count. A line that is not a JSON object with
    an id is named with its number and left out.
    """
    bad = 0
    with counting_progress(iter(lines), what="lines") as counted:
        for number, line in enumerate(counted, start=1):
            if not line.strip():
                continue
            problem, record = _parsed(line)
            if problem:
                bad += 1
                report_bad(f"line {number}: {problem}")
                continue
            reports = detector.detect(_article_of(record))
            answer = {"id": record["id"], "developments": [report_record(r) for r in reports]}
            sink.write(_dumped(answer) + "\n")
    sink.flush()
    return bad


def _dumped(answer: dict[str, object]) -> str:
    text = json.dumps(answer, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # lone surrogates have no UTF-8 form: escape them
        return json.dumps(answer)
    return text


def _parsed(line: str) -> tuple[str, dict[str, object]]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        return f"not JSON: {error.msg} at column {error.colno}", {}
    except (ValueError, RecursionError) as error:  # a number or a nesting too large for Python
        return f"not JSON that can be read: {error}", {}
    if not isinstance(record, dict) or "id" not in record:
        return "not a JSON object with an id", {}
    for key in ("title", "text", "date", "source"):
        if record.get(key) is not None and not isinstance(record[key], str):
            return f"{key} is not text", {}
    return "", record


def _article_of(record: dict[str, object]) -> Article:
    def text(key: str) -> str:
        value = record.get(key)
        return value if isinstance(value, str) else ""

    try:
        on = date.fromisoformat(text("date")[:10])
    except ValueError:
        on = None
    return Article(title=nfc(text("title")), text=nfc(text("text")), published_on=on, source=text("source"))


def report_record(report: Report) -> dict[str, object]:
    """One development as the JSONL format has it."""
    return {
        "type": report.type,
        "phase": report.phase,
        "modality": report.modality.value,
        "alert": report.alert,
        "score": report.score,
        "roles": roles_record(report.roles),
        "evidence": [
            {
                "rule": e.rule,
                "at": e.at,
                "role": e.role,
                "field": e.field.value,
                "start": e.span.start,
                "end": e.span.end,
                "quote": e.quote,
            }
            for e in report.evidence
        ],
    }


def _show(reports: tuple[Report, ...]) -> None:
    console = out()
    if not reports:
        console.print("nothing detected")
        return
    for report in reports:
        kind = "alert" if report.alert else "mention"
        head = f"[bold]{report.type} · {report.phase.replace('_', ' ')}[/bold]"
        console.print(f"{head}  ({kind}, {report.modality.value}, score {report.score:.2f})")
        for label, value in _lines(report):
            console.print(f"  {label:<12} {escape(value)}")
        if report.sentence is not None:
            console.print(f"  {'quote':<12} “{escape(report.sentence.quote)}”")
            console.print(f"  {'rule':<12} {report.sentence.rule} ({report.sentence.at})")


def _lines(report: Report) -> list[tuple[str, str]]:
    roles = report.roles
    found = [(role, ", ".join(roles.named(role))) for role in dict.fromkeys(n.role for n in roles.names)]
    found += [(text.role, text.text) for text in roles.texts]
    found += [(time.role.replace("_", " "), _shown_time(time)) for time in roles.times]
    if roles.ordinal is not None:
        found.append(("ordinal", str(roles.ordinal)))
    return found


def _shown_time(time: RoleTime) -> str:
    return f"{time.stated} ({time.resolved})" if time.resolved else time.stated
