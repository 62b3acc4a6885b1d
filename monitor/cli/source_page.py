"""Sources for the eye: the list, and what a look at one found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from rich import box
from rich.table import Table
from rich.text import Text

from monitor.cli.alert_page import WIDE, short_time
from monitor.cli.probe import Probe
from monitor.cli.reasons import reason_words
from monitor.cli.records import Record, utc
from monitor.cli.screen import out, plain_cell, show_table
from monitor.core.model.feed import Feed, FeedKind, PollReason
from monitor.core.model.history import FeedView
from monitor.deliver.layout import age_words

_STYLES = {"ok": "green", "failing": "bold red", "new": "yellow", "off": "dim"}
_KINDS = {FeedKind.FEED: "a feed", FeedKind.HTML_INDEX: "a page of links", FeedKind.SITEMAP: "a sitemap"}
_LIST_TITLES = ("name", "state", "last_answer", "last_poll", "entries", "not_english", "url")
_PROBE_TITLES = ("name", "result", "entries", "newest", "language", "url")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One configured source with what the database knows of it; `view` is None before its first poll."""

    feed: Feed
    view: FeedView | None

    @property
    def state(self) -> str:
        """off, new (never polled), failing or ok."""
        if not self.feed.enabled:
            return "off"
        if self.view is None or self.view.state.last_reason is PollReason.NEVER_POLLED:
            return "new"
        return "failing" if self.view.state.failures > 0 else "ok"

    @property
    def reason(self) -> PollReason:
        """How its last poll ended."""
        return self.view.state.last_reason if self.view else PollReason.NEVER_POLLED


def line_record(line: Line) -> Record:
    """The line as JSON, with documented keys."""
    feed, view = line.feed, line.view
    return {
        "name": feed.name,
        "url": feed.url,
        "kind": feed.kind.value,
        "enabled": feed.enabled,
        "state": line.state,
        "last_reason": line.reason.value,
        "last_detail": view.state.last_detail if view else "",
        "failures": view.state.failures if view else 0,
        "last_polled_at": utc(view.state.last_polled_at) if view else None,
        "last_success_at": utc(view.state.last_success_at) if view else None,
        "next_poll_at": utc(view.state.next_poll_at) if view else None,
        "interval_s": view.state.interval_s if view else None,
        "moved_to": view.state.moved_to if view else None,
        "redirects_to": view.state.redirect_url if view else None,
        "redirects_since": utc(view.state.redirect_since) if view else None,
        "gone_since": utc(view.state.gone_since) if view else None,
        "validators_lied_at": utc(view.state.validators_lied_at) if view else None,
        "interval_reason": view.state.interval_reason.value if view else None,
        "last_entry_at": utc(view.last_entry_at) if view else None,
        "entries": view.entry_count if view else 0,
        "language_unsupported": view.unsupported_count if view else 0,
        "language": feed.language,
        "country": feed.country,
        "tags": list(feed.tags),
        "seen_in": feed.seen_in,
    }


def show_lines(lines: Sequence[Line], *, now: datetime, zone: tzinfo) -> None:
    """The list of sources, and how many of each state; nothing at all for none."""
    if not lines:
        return
    console = out()
    is_wide = console.width >= WIDE
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Name", overflow="fold", min_width=20, max_width=32)
    table.add_column("State", no_wrap=True)
    table.add_column("Last answer", overflow="fold")
    table.add_column("Polled", no_wrap=True)
    table.add_column("Entries", justify="right", no_wrap=True)
    table.add_column("Not\nEnglish", justify="right", no_wrap=True)
    if is_wide:
        table.add_column("URL", overflow="ellipsis", no_wrap=True, max_width=50, style="dim")
    rows = []
    for line in lines:
        row = _line_row(line, zone=zone, now=now, exact=not console.is_terminal)
        rows.append(row)
        name, state, answer, polled, entries, other, url = row
        cells: list[Text | str] = [plain_cell(name), Text(state, style=_STYLES[state]), answer, polled, entries]
        cells.append(Text(other, style="yellow" if other not in ("", "0") else "dim"))
        table.add_row(*cells, *([url] if is_wide else []))
    show_table(table, rows, titles=_LIST_TITLES)
    if console.is_terminal:
        console.print(Text(_summary(lines), style="dim"))


def _line_row(line: Line, *, zone: tzinfo, now: datetime, exact: bool) -> tuple[str, str, str, str, str, str, str]:
    view = line.view
    at = view.state.last_polled_at if view else None
    polled = "" if at is None else _instant(at, zone) if exact else age_words(at, now)
    answer = reason_words(line.reason) if line.state != "off" else ""
    if line.state == "failing" and view and line.reason is PollReason.HTTP_ERROR and view.state.last_detail:
        answer = view.state.last_detail
    entries = str(view.entry_count) if view else "0"
    other = str(view.unsupported_count) if view else "0"
    return line.feed.name, line.state, answer, polled, entries, other, line.feed.url


def _instant(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")


def _summary(lines: Sequence[Line]) -> str:
    states = [line.state for line in lines]
    words = {"ok": "answering", "failing": "failing", "new": "not polled yet", "off": "disabled"}
    counted = [f"{states.count(state)} {word}" for state, word in words.items() if state in states]
    other = sum(line.view.unsupported_count for line in lines if line.view)
    if other:
        counted.append(f"{other} {'article is' if other == 1 else 'articles are'} not in English and not searched")
    return f"{len(lines)} {'source' if len(lines) == 1 else 'sources'}: {'; '.join(counted)}"


def show_probe(probe: Probe, *, zone: tzinfo, now: datetime) -> None:
    """What a look at one source found, a fact a line."""
    console = out()
    style = "bold green" if probe.is_usable else "bold red"
    console.print(Text(_result_words(probe), style=style), soft_wrap=True)
    facts = [
        (probe.feed.kind.value if probe.feed.kind is FeedKind.SITEMAP else "feed", probe.feed.url),
        ("title", plain_cell(probe.title)),
        ("pattern", f"{probe.pattern}, {probe.entry_count} links" if probe.pattern else ""),
        ("entries", str(probe.entry_count) if probe.is_usable else ""),
        ("newest", _newest(probe, zone=zone, now=now) if probe.is_usable else ""),
        ("language", probe.language or ("unknown" if probe.entry_count else "")),
    ]
    for name, value in facts:
        if value:
            console.print(Text.assemble((f"  {name:9}", "dim"), value), soft_wrap=True)
    if not probe.is_searched:
        console.print(Text(_language_warning(probe), style="yellow"), soft_wrap=True)
    for warning in probe.warnings:
        console.print(Text(f"  note: {warning}", style="yellow"), soft_wrap=True)
    _show_search(probe)
    if probe.others:
        console.print(Text("  the page also names:", style="dim"))
        for url in probe.others[:10]:
            console.print(Text(f"    {url}"), soft_wrap=True)


def _show_search(probe: Probe) -> None:
    """Where else was looked, and what the page itself has to offer."""
    console = out()
    if probe.tried:
        console.print(Text("  tried first:" if probe.is_usable else "  tried:", style="dim"))
    for each in probe.tried:
        said = _outcome(each.reason, each.detail) if each.reason is not PollReason.NEW_ENTRIES else "in use"
        console.print(Text.assemble(f"    {each.url}", (f"  {said}", "dim")), soft_wrap=True)
    if probe.page is not None:
        links = f"{probe.page.entry_count} links to articles ({probe.page.pattern})"
        console.print(Text(f"  the page itself has {links}: --watch takes them", style="yellow"), soft_wrap=True)


def _language_warning(probe: Probe) -> str:
    return f"  warning: its language is {probe.language!r}: articles will be stored, but only English is searched"


def _result_words(probe: Probe) -> str:
    if probe.reason is PollReason.NEW_ENTRIES:
        return _KINDS[probe.feed.kind]
    return _outcome(probe.reason, probe.detail)


def _outcome(reason: PollReason, detail: str) -> str:
    words = reason_words(reason)
    detail = plain_cell(detail)
    if words in detail or reason is PollReason.HTTP_ERROR:
        return detail or words
    return f"{words}: {detail}" if detail else words


def _newest(probe: Probe, *, zone: tzinfo, now: datetime) -> str:
    if probe.newest_at is None:
        return "undated" if probe.entry_count else ""
    return f"{short_time(probe.newest_at.astimezone(zone), now.astimezone(zone))} ({age_words(probe.newest_at, now)})"


def show_probes(probes: Sequence[Probe], *, now: datetime, zone: tzinfo) -> None:
    """Many looks in one table, those that failed first."""
    ordered = sorted(probes, key=lambda probe: probe.is_usable)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Name", overflow="fold", max_width=32)
    table.add_column("Result", overflow="fold", min_width=20)
    table.add_column("Entries", justify="right", no_wrap=True)
    table.add_column("Newest", no_wrap=True)
    table.add_column("Language", overflow="fold")
    if out().width >= WIDE:
        table.add_column("URL", overflow="ellipsis", no_wrap=True, max_width=50, style="dim")
    rows = []
    for probe in ordered:
        result = "ok" if probe.reason is PollReason.NEW_ENTRIES else _result_words(probe)
        at = probe.newest_at
        age = "" if at is None else age_words(at, now) if out().is_terminal else _instant(at, zone)
        language = f"{probe.language}: not searched" if not probe.is_searched else (probe.language or "")
        count = str(probe.entry_count) if probe.is_usable else ""
        row = (plain_cell(probe.feed.name), result, count, age, language, probe.feed.url)
        rows.append(row)
        styled = Text(result, style="green" if probe.is_usable else "bold red")
        table.add_row(row[0], styled, *row[2 : len(table.columns)])
    show_table(table, rows, titles=_PROBE_TITLES)
