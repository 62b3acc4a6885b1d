"""`monitor alerts ack|mark|labels`: what people say of alerts, and their labels as annotated items."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.context import CliContext, context_of
from monitor.cli.exits import CommandFailed, ExitCode
from monitor.cli.labels import judged_items, label_record
from monitor.cli.output import opened_output
from monitor.cli.records import json_line
from monitor.cli.screen import complain, out
from monitor.core.model.feedback import Answer, Saying, Taken, Verdict, Via

ACK_EXAMPLES = """\b
Examples:
  monitor alerts ack 1
  monitor alerts ack 1 2 3 --by dana
"""
MARK_EXAMPLES = """\b
Examples:
  monitor alerts mark 1 relevant
  monitor alerts mark 2 not-relevant --by dana
"""
LABELS_EXAMPLES = """\b
Examples:
  monitor alerts labels
  monitor alerts labels --output labels.jsonl
"""

By = Annotated[str | None, typer.Option(metavar="NAME", help="Who says so; else the user of this shell.")]
_NAME_LENGTH = 100


class Mark(StrEnum):
    """A verdict as it is typed."""

    RELEVANT = "relevant"
    NOT_RELEVANT = "not-relevant"

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.value.replace("-", "_"))


def ack(
    ctx: typer.Context,
    alert_ids: Annotated[list[int], typer.Argument(metavar="ID", help="The numbers `alerts list` shows.")],
    by: By = None,
) -> None:
    """Say that you have seen the stories of these alerts."""
    context = context_of(ctx)
    saying = _saying(context, by)
    _say_all(context, {each: context.store.feedback.ack(each, saying) for each in alert_ids}, f"seen by {saying.by}")


def mark(
    ctx: typer.Context,
    alert_id: Annotated[int, typer.Argument(metavar="ID", help="The number `alerts list` shows.")],
    verdict: Annotated[Mark, typer.Argument(metavar="VERDICT", help="relevant or not-relevant.")],
    by: By = None,
) -> None:
    """Say whether an alert was worth telling; your latest word counts, and `monitor eval --labels` reads it."""
    context = context_of(ctx)
    saying = _saying(context, by)
    answer = context.store.feedback.label(alert_id, verdict.verdict, saying)
    _say_all(context, {alert_id: answer}, f"{verdict.value.replace('-', ' ')}, says {saying.by}")


def labels(
    ctx: typer.Context,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write here instead of to the screen.")] = None,
) -> None:
    """Write labelled alerts as annotated items, a JSON object a line, as `monitor eval` reads them."""
    context = context_of(ctx)
    count = 0
    with opened_output(output) as stream:
        for item in judged_items(context.store.feedback.labelled()):
            stream.write(json_line(label_record(item)) + "\n")
            count += 1
    if not count:
        complain("No alert is labelled: `monitor alerts mark ID relevant|not-relevant` labels one.")


def _saying(context: CliContext, by: str | None) -> Saying:
    name = " ".join((by or context.environ.get("USER") or context.environ.get("LOGNAME") or "").split())
    if not name:
        raise typer.BadParameter("nobody is logged in: say who with --by NAME")
    return Saying(by=name[:_NAME_LENGTH], via=Via.CLI, at=context.now())


def _say_all(context: CliContext, answers: dict[int, Answer], done: str) -> None:
    """One line for each alert; a failure once all are told, when one of them is not there."""
    for alert_id, answer in answers.items():
        if answer.taken is Taken.NO_SUCH_ALERT:
            complain(f"monitor: there is no alert {alert_id}: `monitor alerts list` shows them")
            continue
        as_before = ", as before" if answer.taken is Taken.REPEATED else ""
        others = f" (also {', '.join(answer.others)})" if answer.others else ""
        line = f"alert {alert_id}: {done}{as_before}{others}: {answer.story_title}"
        out().print(line, soft_wrap=True, markup=False)
    missing = [each for each, answer in answers.items() if answer.taken is Taken.NO_SUCH_ALERT]
    if missing and len(missing) == len(answers) == 1:
        raise typer.Exit(ExitCode.FAILED)
    if missing:
        raise CommandFailed(f"{len(missing)} of {len(answers)} alerts are not there")
