"""Why a stored article's reports were filed where they stand, for `monitor explain --grouping`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from monitor.cli.context import CliContext
from monitor.cli.exits import CommandFailed
from monitor.cli.reading import stored_trail
from monitor.cli.screen import out, say, show_grid, show_table
from monitor.core.group.decision import Decision
from monitor.core.group.resemblance import WEIGHTS
from monitor.core.model.history import DocumentTrail, FiledView

_STEPS = {
    "new_story": "began a story",
    "same_development": "tells a development that was there",
    "phase_changed": "changed its story's phase",
    "new_development": "began a development of its story's phase",
    "earlier_phase": "tells a phase that its story has left behind",
    "conflicting": "tells a phase that its story has left behind, as others do",
    "unnamed_actor": "tells what nobody of note has done",
}
_TITLES = ("development", "probability", "against", "because of")


def show_grouping(context: CliContext, what: str, *, as_json: bool) -> None:
    """Print the grouping decisions about a stored document's reports, by URL, document:ID or alert:ID.

    Raises:
        CommandFailed: nothing of it is stored.
    """
    trail = stored_trail(context, what) or context.store.history.trail(what)
    if trail is None:
        raise CommandFailed(f"{what}: no stored article: give its URL, document:ID or alert:ID")
    if as_json:
        sys.stdout.write(json.dumps(_record(trail)) + "\n")
        return
    say(trail.document.title)
    if not trail.reports:
        say("It reports nothing.")
    for filed in trail.reports:
        _show(filed)


def _show(filed: FiledView) -> None:
    report, decision = filed.report, filed.decision
    heading = f"{report.type} · {report.phase.replace('_', ' ')}"
    out().print(Text(f"\n{heading}", style="bold"), soft_wrap=True)
    if filed.development_slug is None:
        say("It waits to be grouped.")
        return
    facts = [("story", filed.story_slug or ""), ("development", filed.development_slug)]
    if decision is None:
        show_grid([*facts, ("why", filed.note or "filed by an earlier version, which kept no reasons")])
        return
    facts += [
        ("it", f"{_STEPS.get(decision.step, decision.step)}: {decision.reason.replace('_', ' ')}"),
        ("outcome", filed.note.rpartition("; ")[2].replace("_", " ")),
        ("follows", decision.follows or ""),
        ("reprint of", f"report {decision.copy_of}" if decision.copy_of is not None else ""),
        ("stories", "; ".join(_story_words(decision))),
    ]
    show_grid([(name, value) for name, value in facts if value])
    _show_candidates(decision)


def _story_words(decision: Decision) -> list[str]:
    return [
        f"{each.story} ({each.reason.replace('_', ' ')}{'' if each.is_open else ', closed'})"
        for each in decision.stories
    ]


def _show_candidates(decision: Decision) -> None:
    rows = [
        (each.development, f"{each.probability:.2f}", each.against.replace("_", " "), _because(each.features))
        for each in decision.developments
    ]
    if not rows:
        say("It was like no development of the last days.")
        return
    table = Table(box=None, pad_edge=False)
    for title in _TITLES:
        table.add_column(title, justify="right" if title == "probability" else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    show_table(table, rows, titles=_TITLES)


def _because(features: Mapping[str, float]) -> str:
    """What each feature adds to the logarithm of the odds, the weightiest first."""
    added = ((WEIGHTS.get(name, 0.0) * value, name) for name, value in features.items())
    parts = sorted(added, key=lambda part: -abs(part[0]))
    return ", ".join(f"{name.replace('_', ' ')} {part:+.1f}" for part, name in parts if abs(part) >= 0.05)


def _record(trail: DocumentTrail) -> dict[str, object]:
    return {
        "document": trail.document.id,
        "title": trail.document.title,
        "reports": [
            {
                "id": filed.id,
                "type": filed.report.type,
                "phase": filed.report.phase,
                "story": filed.story_slug,
                "development": filed.development_slug,
                "note": filed.note,
                "decision": _decision_record(filed.decision) if filed.decision is not None else None,
            }
            for filed in trail.reports
        ],
    }


def _decision_record(decision: Decision) -> dict[str, object]:
    return {
        "step": decision.step,
        "reason": decision.reason,
        "follows": decision.follows,
        "copy_of": decision.copy_of,
        "developments": [
            {
                "development": each.development,
                "probability": each.probability,
                "against": each.against or None,
                "features": dict(each.features),
            }
            for each in decision.developments
        ],
        "stories": [{"story": each.story, "reason": each.reason, "is_open": each.is_open} for each in decision.stories],
    }
