"""`monitor why-not`: where an article stopped on its way to an alert."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from monitor.cli.context import CliContext, context_of
from monitor.cli.detect import rule_folders
from monitor.cli.exits import ExitCode
from monitor.cli.explain import explanation_record
from monitor.cli.explain_page import score_rows
from monitor.cli.reading import article_of_trail, stored_trail
from monitor.cli.records import delivery_standing, dispatch_words, utc
from monitor.cli.screen import complain, out, say, show_grid
from monitor.core.alert.why_not import Stage, Standing, standings
from monitor.core.detect.explain import Explanation, explain
from monitor.core.model.document import TextOrigin
from monitor.core.model.history import DocumentTrail
from monitor.core.rules.schema import Effect
from monitor.deliver.layout import age_words, time_words
from monitor.settings.rules import load_ruleset

_MOST_NEAR = 5  # known URLs offered for one that is not known
_MOST_RULES = 8
_ABOUT_RULES = frozenset({Stage.NO_REPORT, Stage.SIDE_MENTION})


def why_not(
    ctx: typer.Context,
    url: Annotated[
        str, typer.Argument(metavar="URL", help="An article's address; or document:ID.", show_default=False)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="JSON, times in UTC.")] = False,
) -> None:
    """Say where an article stopped on its way to an alert, and why; or which alert told it.

    \b
    Examples:
      monitor why-not https://www.harbourpost.example/story
      monitor why-not document:3 --json
    """
    context = context_of(ctx)
    trail = stored_trail(context, url) or context.store.history.trail(url)
    if trail is None:
        _not_known(context, url, as_json=as_json)
        raise typer.Exit(ExitCode.FAILED)
    found = standings(trail)
    told = None
    if any(each.stage in _ABOUT_RULES for each in found):
        told = explain(article_of_trail(trail), load_ruleset(rule_folders(context)))
    if as_json:
        sys.stdout.write(json.dumps(_record(trail, found, told)) + "\n")
    else:
        _show(context, trail, found, told)


def _not_known(context: CliContext, url: str, *, as_json: bool) -> None:
    near = context.store.history.near_urls(url, limit=_MOST_NEAR)
    if as_json:
        sys.stdout.write(json.dumps({"url": url, "stage": "not_in_any_feed", "near": list(near)}) + "\n")
        return
    complain(f"{url}: no feed has brought it")
    if not near:
        complain("Nothing of that site is known: `monitor sources list` shows what is polled.")
    for known in near:
        complain(f"known of that site: {known}")


def _show(context: CliContext, trail: DocumentTrail, found: tuple[Standing, ...], told: Explanation | None) -> None:
    say(trail.document.url or trail.document.canonical_url)
    show_grid(_way(context, trail))
    for each in found:
        out().print(Text(f"\n{_heading(each)}", style="bold"), soft_wrap=True)
        show_grid(_about(context, each))
    if told is not None:
        _show_rules(trail, found, told)


def _way(context: CliContext, trail: DocumentTrail) -> list[tuple[str, str]]:
    """What happened, in order."""
    document = trail.document
    rows = [("title", document.title)]
    for entry in trail.entries:
        edited = ", an edit" if entry.brought_revision > 1 else ""
        known = ", already known" if entry.brought_revision == 0 else ""
        rows.append(("entry", f"{entry.feed_name}, seen {_when(context, entry.seen_at)}{edited}{known}"))
    dated = _when(context, document.published_at) if document.dated else "no date stated"
    rows.append(("published", dated))
    if trail.read_at is not None:
        origin = document.origin.value.replace("_", " ")
        size = f"{len(document.text):,} characters" if document.text else "no text kept"
        reason = f" ({document.reason.value.replace('_', ' ')})" if document.reason else ""
        source = f"{origin}{reason}" if document.origin is not TextOrigin.NONE else f"nothing{reason}"
        rows.append(("read", f"{_when(context, trail.read_at)}, from {source}, {size}, {document.language or '?'}"))
    if trail.due_at is not None:
        tries = f", postponed {trail.postponed} times" if trail.postponed else ""
        rows.append(("waiting", f"next try {time_words(trail.due_at, context.zone)}{tries}"))
    rows.append(("document", str(document.id)))
    return rows


def _when(context: CliContext, at: datetime) -> str:
    return f"{time_words(at, context.zone)} ({age_words(at, context.now())})"


def _heading(standing: Standing) -> str:
    if standing.filed is None:
        return standing.words.capitalize()
    report = standing.filed.report
    return f"{report.type} · {report.phase.replace('_', ' ')}: {standing.words}"


def _about(context: CliContext, standing: Standing) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    if standing.detail:
        rows.append(("because", standing.detail))
    if standing.filed is None:
        return rows
    filed = standing.filed
    if filed.report.sentence is not None:
        rows.append(("quote", filed.report.sentence.quote))
        rows.append(("rule", f"{filed.report.sentence.rule} ({filed.report.sentence.at})"))
    if filed.development_slug:
        rows.append(("development", filed.development_slug))
    if standing.alert is not None:
        alert = standing.alert.alert
        by = "" if standing.stage is Stage.TOLD else f", from {alert.message.source}"
        rows.append(("alert", f"{alert.id}, {_when(context, alert.created_at)}{by}"))
        rows += [("routing", dispatch_words(each, context.zone)) for each in standing.alert.dispatches]
        rows += [
            ("delivery", ", ".join(filter(None, (d.channel, d.status, d.last_fault, d.detail))))
            for d in standing.alert.deliveries
        ]
        if not standing.alert.deliveries:
            rows.append(("delivery", "to no channel"))
    return rows


def _show_rules(trail: DocumentTrail, found: tuple[Standing, ...], told: Explanation) -> None:
    """What the rules of today make of it: scores of mentions, and rules that nearly fired."""
    reported = {each.filed.report.type for each in found if each.filed}
    mentioned = {each.filed.report.type for each in found if each.filed and each.stage is Stage.SIDE_MENTION}
    for report in told.reports:
        if report.report.type in mentioned:
            out().print(Text(f"\nThe score of {report.report.type}, by the rules of today", style="bold"))
            show_grid(score_rows(report))
    near = [r for r in told.rules if r.effect is Effect.REPORT and r.type not in reported and r.why]
    if near:
        out().print(Text("\nNearly", style="bold"))
        show_grid([(r.rule, r.quote, r.why) for r in near[:_MOST_RULES]])
    for verdict in told.verdicts:
        if verdict.type not in reported:
            say(f"{verdict.type}: {verdict.decision.value}, {verdict.why}")
    say(f"\n`monitor explain document:{trail.document.id}` shows it word by word")


def _record(trail: DocumentTrail, found: tuple[Standing, ...], told: Explanation | None) -> dict[str, object]:
    document = trail.document
    record: dict[str, object] = {
        "url": document.url,
        "canonical_url": document.canonical_url,
        "document": document.id,
        "title": document.title,
        "stage": leading_stage(found).value,
        "status": document.status.value,
        "origin": document.origin.value,
        "reason": document.reason.value if document.reason else None,
        "language": document.language,
        "published_at": utc(document.published_at),
        "dated": document.dated,
        "read_at": utc(trail.read_at),
        "due_at": utc(trail.due_at),
        "entries": [
            {"feed": e.feed_name, "url": e.url, "seen_at": utc(e.seen_at), "brought_revision": e.brought_revision}
            for e in trail.entries
        ],
        "standings": [_standing_record(each) for each in found],
    }
    if told is not None:
        record["explanation"] = explanation_record(told)
    return record


def leading_stage(found: tuple[Standing, ...]) -> Stage:
    """How far the document came at best."""
    return max((each.stage for each in found), key=list(Stage).index)


def _standing_record(standing: Standing) -> dict[str, object]:
    filed, view = standing.filed, standing.alert
    return {
        "stage": standing.stage.value,
        "why": standing.words,
        "detail": standing.detail or None,
        "type": filed.report.type if filed else None,
        "phase": filed.report.phase if filed else None,
        "score": filed.report.score if filed else None,
        "story": filed.story_slug if filed else None,
        "development": filed.development_slug if filed else None,
        "alert": view.alert.id if view else None,
        "status": delivery_standing(view) if view else None,
    }
