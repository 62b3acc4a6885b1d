"""A replay's outcome for the eye and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from rich.table import Table
from rich.text import Text

from monitor.cli.records import utc
from monitor.cli.replay_tally import SeenChange, Side, Tally
from monitor.cli.screen import out, say, show_table
from monitor.core.detect.compare import Change, ChangeKind
from monitor.core.model.report import Report

_STYLES = {ChangeKind.GAINED: "green", ChangeKind.LOST: "red", ChangeKind.CHANGED: "yellow"}


def show_replay(tally: Tally, *, zone: tzinfo, is_stream: bool, same_rules: bool) -> None:
    """How much both sides tell, then what differs."""
    say(_span(tally, zone))
    titles = ("", "before", "after")
    rows = [(name, _number(before), _number(after)) for name, before, after in _figures(tally)]
    table = Table(*titles, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*map(Text, row))
    show_table(table, rows, titles=titles)
    if is_stream and same_rules:
        say("Without --rules both sides are the rules in force.")
        return
    say("\n" + ", ".join(f"{tally.counts[kind]} {kind.value}" for kind in ChangeKind))
    _show_changes([seen for kind in ChangeKind for seen in tally.changes[kind]])
    left = sum(tally.counts[kind] - len(tally.changes[kind]) for kind in ChangeKind)
    if left:
        say(f"and {left} more: --limit N shows more")


def _span(tally: Tally, zone: tzinfo) -> str:
    if tally.first_at is None or tally.last_at is None or tally.days is None:
        return f"{tally.item_count:,} items, undated"
    first, last = tally.first_at.astimezone(zone), tally.last_at.astimezone(zone)
    return f"{tally.item_count:,} items, {first:%Y-%m-%d} to {last:%Y-%m-%d} ({tally.days:.1f} days)"


def _figures(tally: Tally) -> list[tuple[str, float | None, float | None]]:
    before, after = tally.before, tally.after
    kinds = sorted(before.alerts.keys() | after.alerts.keys())
    told = before.told_count, after.told_count
    return [
        ("items that report", before.reported, after.reported),
        ("alerts", before.alert_count, after.alert_count),
        *((f"alerts: {kind}", before.alerts[kind], after.alerts[kind]) for kind in kinds),
        ("alerts a day", tally.a_day(before.alert_count), tally.a_day(after.alert_count)),
        ("told after grouping, estimate", *told),
        ("told a day, estimate", tally.a_day(told[0]), tally.a_day(told[1])),
    ]


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def _show_changes(changes: Sequence[SeenChange]) -> None:
    if not changes:
        return
    titles = ("change", "type", "what", "title", "rule", "id")
    table = Table(*titles, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    rows = [_row(seen) for seen in changes]
    for row, seen in zip(rows, changes, strict=True):
        table.add_row(Text(row[0], style=_STYLES[seen.change.kind]), *map(Text, row[1:]))
    out().print()
    show_table(table, rows, titles=titles)


def _row(seen: SeenChange) -> tuple[str, ...]:
    change = seen.change
    told = change.after or change.before
    rule = rule_of(told) if told else ""
    return change.kind.value, change.type, _what(change), seen.outcome.title, rule, seen.outcome.id


def _what(change: Change) -> str:
    match change.before, change.after:
        case Report() as before, Report() as after:
            moved = [f"{before.phase} to {after.phase}"] if "phase" in change.what else []
            return ", ".join((*moved, *(w for w in change.what if w != "phase")))
        case (Report() as only, None) | (None, Report() as only):
            return only.phase
    return ""


def rule_of(report: Report) -> str:
    """The id of the rule that made the report; empty when its evidence was not kept."""
    return report.sentence.rule if report.sentence else ""


def replay_record(tally: Tally) -> dict[str, object]:
    """The outcome as JSON has it; the keys are documented in docs/cli.md."""
    return {
        "items": tally.item_count,
        "from": utc(tally.first_at),
        "to": utc(tally.last_at),
        "days": None if tally.days is None else round(tally.days, 2),
        "before": _side_record(tally, tally.before),
        "after": _side_record(tally, tally.after),
        **{kind.value: tally.counts[kind] for kind in ChangeKind},
        "changes": [_change_record(seen) for kind in ChangeKind for seen in tally.changes[kind]],
    }


def _side_record(tally: Tally, side: Side) -> dict[str, object]:
    return {
        "reporting": side.reported,
        "alerts": side.alert_count,
        "alerts_by_type": {kind: side.alerts[kind] for kind in sorted(side.alerts)},
        "alerts_a_day": _rounded(tally.a_day(side.alert_count)),
        "told": side.told_count,
        "told_a_day": _rounded(tally.a_day(side.told_count)),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _change_record(seen: SeenChange) -> dict[str, object]:
    outcome, change = seen.outcome, seen.change
    return {
        "change": change.kind.value,
        "type": change.type,
        "what": list(change.what),
        "id": outcome.id,
        "url": outcome.url or None,
        "title": outcome.title,
        "source": outcome.source or None,
        "at": utc(outcome.at),
        "before": _report_record(change.before),
        "after": _report_record(change.after),
    }


def _report_record(report: Report | None) -> dict[str, object] | None:
    if report is None:
        return None
    roles: dict[str, list[str]] = {}
    for name in report.roles.names:
        roles.setdefault(name.role, []).append(name.name)
    return {"phase": report.phase, "score": report.score, "rule": rule_of(report) or None, "roles": roles}
