"""How an article's wording changed since it was first read, for `monitor explain --revisions`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from rich.text import Text

from monitor.cli.context import CliContext
from monitor.cli.exits import CommandFailed
from monitor.cli.reading import stored_trail
from monitor.cli.records import utc
from monitor.cli.screen import out, plain_cell, say, show_grid
from monitor.core.model.document import RevisionCause, StatedDate, TextOrigin, Wording
from monitor.core.model.history import DocumentTrail, PageView
from monitor.core.text.diff import Change, is_ephemeral, sentence_diff
from monitor.deliver.layout import time_words

_CAUSES = {
    RevisionCause.FIRST_SEEN: "first seen",
    RevisionCause.FEED_EDIT: "the feed's item was edited",
    RevisionCause.PAGE_EDIT: "the page was edited",
}
_LONGEST = 400  # code points of a sentence on the screen; --json has it whole


@dataclass(frozen=True, kw_only=True)
class Step:
    """One revision and what it changed of the one before; `was` is None for the first one kept."""

    wording: Wording
    was: Wording | None
    changes: tuple[Change, ...]


def show_revisions(context: CliContext, what: str, *, as_json: bool) -> None:
    """Print the revisions of a stored document, by URL, document:ID or alert:ID.

    Raises:
        CommandFailed: nothing of it is stored.
    """
    trail = stored_trail(context, what) or context.store.history.trail(what)
    if trail is None:
        raise CommandFailed(f"{what}: no stored article: give its URL, document:ID or alert:ID")
    steps = steps_of(context.store.history.revisions(trail.document.id))
    page = context.store.history.page_seen(trail.document.id)
    if as_json:
        sys.stdout.write(json.dumps(_record(trail, steps, page)) + "\n")
        return
    say(trail.document.url or trail.document.canonical_url)
    show_grid(_about(context, page))
    for step in steps:
        _show_step(context, step)
    if not steps:
        say("It has not been read yet.")


def steps_of(wordings: Sequence[Wording]) -> tuple[Step, ...]:
    """Each wording with its changes, oldest first; times and counters that changed are left out."""
    steps: list[Step] = []
    was: Wording | None = None
    for wording in wordings:
        changes = sentence_diff(was.text, wording.text) if was is not None else ()
        told = tuple(change for change in changes if not _is_ephemeral(change))
        steps.append(Step(wording=wording, was=was, changes=told))
        was = wording
    return tuple(steps)


def _is_ephemeral(change: Change) -> bool:
    return all(is_ephemeral(sentence.text) for sentence in (change.was, change.now) if sentence is not None)


def _about(context: CliContext, page: PageView | None) -> list[tuple[str, str]]:
    """What the page said of itself, and how reading it again went."""
    if page is None:
        return []
    seen = page.page
    rows = [("authors", ", ".join(seen.authors)), ("published", _stated(seen.published))]
    rows.append(("modified", _stated(seen.modified)))
    if page.rechecked_at is not None and page.recheck_outcome is not None:
        outcome = page.recheck_outcome.value.replace("_", " ")
        detail = f" ({page.recheck_detail})" if page.recheck_detail else ""
        times = f"{page.recheck_count} time{'s' if page.recheck_count > 1 else ''}"
        rows.append(("read again", f"{times}, last {time_words(page.rechecked_at, context.zone)}: {outcome}{detail}"))
    if page.recheck_at is not None:
        rows.append(("next", time_words(page.recheck_at, context.zone)))
    return [(name, words) for name, words in rows if words]


def _stated(date: StatedDate | None) -> str:
    """As the page states it: with its own zone, or the day alone."""
    if date is None:
        return ""
    if date.at is None:
        return f"{date.on.isoformat()} (the day alone)"
    return f"{utc(date.at)} (stated at UTC{_offset(date.utc_offset_min or 0)})"


def _offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _show_step(context: CliContext, step: Step) -> None:
    wording = step.wording
    seen = time_words(wording.seen_at, context.zone) if wording.seen_at is not None else "at an unknown time"
    out().print(Text(f"\nrevision {wording.revision}  {seen}, {_CAUSES[wording.cause]}", style="bold"), soft_wrap=True)
    if step.was is None:
        say(f"  {plain_cell(wording.title)} ({len(wording.text):,} characters)")
        return
    if wording.title != step.was.title:
        _line("-", step.was.title)
        _line("+", wording.title)
    if TextOrigin.NONE not in (wording.origin, step.was.origin) and wording.origin is not step.was.origin:
        say(f"  text now from {_words(wording.origin)} instead of {_words(step.was.origin)}")
    for change in step.changes:
        if change.was is not None:
            _line("-", change.was.text)
        if change.now is not None:
            _line("+", change.now.text)
    if not step.changes and wording.title == step.was.title:
        say("  no sentence changed")


def _words(origin: TextOrigin) -> str:
    return origin.value.replace("_", " ")


def _line(sign: str, text: str) -> None:
    shown = plain_cell(text)
    shown = shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1].rstrip()}…"
    out().print(Text(f"{sign} {shown}", style="red" if sign == "-" else "green"), soft_wrap=True)


def _record(trail: DocumentTrail, steps: Sequence[Step], page: PageView | None) -> dict[str, object]:
    """As JSON has it; the keys are documented in docs/cli.md."""
    return {
        "document_id": trail.document.id,
        "url": trail.document.url,
        "page": None if page is None else _page_record(page),
        "revisions": [_step_record(step) for step in steps],
    }


def _page_record(page: PageView) -> dict[str, object]:
    seen = page.page
    return {
        "title": seen.title,
        "authors": list(seen.authors),
        "published": _date_record(seen.published),
        "modified": _date_record(seen.modified),
        "recheck_at": None if page.recheck_at is None else utc(page.recheck_at),
        "recheck_count": page.recheck_count,
        "rechecked_at": None if page.rechecked_at is None else utc(page.rechecked_at),
        "recheck_outcome": None if page.recheck_outcome is None else page.recheck_outcome.value,
    }


def _date_record(date: StatedDate | None) -> dict[str, object] | None:
    if date is None:
        return None
    return {
        "at": None if date.at is None else utc(date.at.astimezone(UTC)),
        "on": date.on.isoformat(),
        "precision": date.precision.value,
        "utc_offset_min": date.utc_offset_min,
    }


def _step_record(step: Step) -> dict[str, object]:
    wording = step.wording
    return {
        "revision": wording.revision,
        "seen_at": None if wording.seen_at is None else utc(wording.seen_at),
        "cause": wording.cause.value,
        "origin": wording.origin.value,
        "title": wording.title,
        "title_before": None if step.was is None else step.was.title,
        "changes": [
            {
                "kind": change.kind.value,
                "was": change.was.text if change.was else None,
                "was_start": change.was.span.start if change.was else None,
                "now": change.now.text if change.now else None,
                "now_start": change.now.span.start if change.now else None,
                "similarity": round(change.similarity, 3),
            }
            for change in step.changes
        ],
    }
