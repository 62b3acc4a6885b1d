"""`monitor group`: which lines of a stream tell one development, without a database."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import IO, Annotated

import typer

from monitor.cli.context import context_of
from monitor.cli.detect import rule_folders
from monitor.cli.exits import ExitCode
from monitor.cli.linestream import STDIN, read_lines
from monitor.cli.screen import complain, counting_progress
from monitor.core.detect.detector import RuleDetector
from monitor.core.group.estimate import ToldEstimate
from monitor.core.group.reprint import sketch_of
from monitor.core.model.feed import Tier
from monitor.core.model.report import Article
from monitor.core.model.story import FiledReport
from monitor.core.text.normalise import nfc
from monitor.settings.rules import load_ruleset

_LONGEST_LINE = 4 * 2**20
_TEXTS = ("title", "text", "outlet", "published", "date")


def group(
    ctx: typer.Context,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Read JSON lines on stdin, write one line each.")] = False,
) -> None:
    """Say which lines tell one development and which belong to one story, in the order they come.

    A line is {"id", "published", "outlet", "title", "text"?}; the answer {"id", "development", "story"}:
    null for what would not be told, and where the development it belongs to has not been.
    Nothing is stored, held or too old.

    \b
    Examples:
      monitor group --jsonl < items.jsonl > developments.jsonl
    """
    if not jsonl:
        raise typer.BadParameter("give --jsonl with lines on stdin")
    ruleset = load_ruleset(rule_folders(context_of(ctx)))
    grouping = LineGrouping(RuleDetector(ruleset), ToldEstimate(ruleset.events))
    lines = (line.decode("utf-8", "replace") for line in read_lines(STDIN, max_bytes=_LONGEST_LINE) if line is not None)
    if group_lines(grouping, lines, sys.stdout, complain):
        raise typer.Exit(ExitCode.FAILED)


class LineGrouping:
    """Detects and files items one after the other; each goes where its strongest told report goes."""

    def __init__(self, detector: RuleDetector, estimate: ToldEstimate) -> None:
        self._detector = detector
        self._estimate = estimate
        self._item_count = 0
        self._report_count = 0

    def answer(self, record: Mapping[str, object], published_at: datetime) -> dict[str, object]:
        """The item's development and story, None where nothing of it is told."""
        title, text, outlet = (nfc(str(record.get(key) or "")) for key in ("title", "text", "outlet"))
        self._item_count += 1
        article = Article(title=title, text=text, published_on=published_at.date(), source=outlet)
        found: tuple[str, str] | None = None
        for report in self._detector.detect(article):
            self._report_count += 1
            filing = self._estimate.file(
                FiledReport(
                    id=self._report_count,
                    document_id=self._item_count,
                    feed_id=0,
                    source=outlet or f"item {self._item_count}",
                    tier=Tier.ESTABLISHED.value,
                    title=title,
                    url="",
                    canonical_url=str(record["id"]),
                    published_at=published_at,
                    dated=True,
                    seen_at=published_at,
                    backlog=False,
                    text_digest="",
                    sketch=sketch_of(text),
                    report=report,
                )
            )
            if found is None and filing.is_known:
                found = filing.development, filing.story
        development, story = found or (None, None)
        return {"id": record["id"], "development": development, "story": story}


def group_lines(grouping: LineGrouping, lines: Iterable[str], sink: IO[str], report_bad: Callable[[str], None]) -> int:
    """Writes one answer for each line read, in order; how many lines could not be read.

    A line that is no JSON object with an id and a time is named with its number and left out.
    """
    bad = 0
    with counting_progress(iter(lines), what="lines") as counted:
        for number, line in enumerate(counted, start=1):
            if not line.strip():
                continue
            problem, record, published_at = _parsed(line)
            if published_at is None:
                bad += 1
                report_bad(f"line {number}: {problem}")
                continue
            sink.write(json.dumps(grouping.answer(record, published_at)) + "\n")
    sink.flush()
    return bad


def _parsed(line: str) -> tuple[str, dict[str, object], datetime | None]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"not JSON that can be read: {error}", {}, None
    if not isinstance(record, dict) or "id" not in record:
        return "not a JSON object with an id", {}, None
    for key in _TEXTS:
        if record.get(key) is not None and not isinstance(record[key], str):
            return f"{key} is not text", {}, None
    try:
        moment = datetime.fromisoformat(str(record.get("published") or record.get("date") or ""))
    except ValueError:
        return "published is no ISO 8601 date or time", {}, None
    return "", record, moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
