"""Stories for the eye: the list, one story, and its timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from monitor.cli.alert_page import SEVERITY_STYLES, WIDE, short_time
from monitor.cli.screen import out, show_grid, show_table
from monitor.core.alert.wording import day_words, listed, phase_phrase
from monitor.core.group.ahead import ahead_words
from monitor.core.group.book import closes_at
from monitor.core.group.state import outlets_of
from monitor.core.group.timeline import severity_of
from monitor.core.model.event import EventType
from monitor.core.model.story import Story
from monitor.core.model.story_view import EditKind, StoryEdit, StoryView
from monitor.core.model.timeline import Stop, Telling, Timeline, TimelineEntry
from monitor.deliver.layout import age_words, clean, scene_of, time_words

_TITLES = ("id", "last", "phase", "who_where", "told", "reports", "outlets", "standing", "slug")
_TELLING = {
    Telling.TOLD: "",
    Telling.HELD: "held: waits for a second origin",
    Telling.LATE: "late: the story had moved past it",
    Telling.UNTOLD: "untold",
}
_MOST_REPORTS = 8  # of one development on a terminal; the JSON has all


@dataclass(frozen=True, kw_only=True)
class Reader:
    """For whom a page is made: the zone and the moment."""

    zone: tzinfo
    now: datetime

    def when(self, at: datetime) -> str:
        """The instant in words with its age."""
        return f"{time_words(at, self.zone)} ({age_words(at, self.now)})"


def show_stories(found: Sequence[tuple[Story, EventType]], reader: Reader) -> None:
    """A table on a terminal, tab-separated lines elsewhere; nothing at all for no stories."""
    if not found:
        return
    console = out()
    is_wide = console.width >= WIDE
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), expand=True)
    table.add_column("ID", justify="right", no_wrap=True, style="dim")
    table.add_column("Last", no_wrap=True)
    table.add_column("Phase", max_width=24)
    table.add_column("Who → where", ratio=4)
    table.add_column("Told", justify="right", no_wrap=True)
    table.add_column("Reports", justify="right", no_wrap=True)
    if is_wide:
        table.add_column("Standing", no_wrap=True)
    rows = []
    for story, event in found:
        row = _row(story, event, reader, exact=not console.is_terminal)
        rows.append(row)
        if console.is_terminal:
            table.add_row(*_styled(row, story, event, is_wide=is_wide))
    show_table(table, rows, titles=_TITLES)


def _row(story: Story, event: EventType, reader: Reader, *, exact: bool) -> tuple[str, ...]:
    at = story.last_seen_at.astimezone(reader.zone)
    return (
        str(story.id),
        at.isoformat(timespec="seconds") if exact else short_time(at, reader.now.astimezone(reader.zone)),
        phase_phrase(story.type, story.phase),
        scene_of(story.type, listed(story.participants), listed(story.places)) or clean(story.title),
        str(sum(change.alerted for change in story.developments)),
        str(sum(change.report_count for change in story.developments)),
        str(len(outlets_of(story.developments))),
        "open" if reader.now <= closes_at(story, event) else "closed",
        story.slug,
    )


def _styled(row: tuple[str, ...], story: Story, event: EventType, *, is_wide: bool) -> Iterator[Text | str]:
    number, when, phase, scene, told, reports, outlets, standing, _ = row
    is_open = standing == "open"
    named = Text(phase, style=SEVERITY_STYLES[severity_of(story.phase, event)] if is_open else "")
    if not is_open and not is_wide:
        named.append("\nclosed", style="dim")
    about = Text(scene, style="bold" if is_open else "")
    title = clean(story.title)
    if title and title != scene:
        about.append(f"\n{title}", style="dim")
    yield from (number, when, named, about, told, f"{reports} by {outlets}")
    if is_wide:
        yield Text(standing, style="green" if is_open else "dim")


def show_timeline(timeline: Timeline, reader: Reader) -> None:
    """The story's course: what is ahead, then each development with words, outlet and time."""
    _show_head(timeline, reader)
    for entry in timeline.entries:
        _show_entry(entry, timeline, reader)


def show_story(view: StoryView, timeline: Timeline, reader: Reader) -> None:
    """Everything known of one story."""
    if view.asked:
        out().print(Text(f"{view.asked} was merged into this story", style="yellow"), soft_wrap=True)
    _show_head(timeline, reader)
    for entry in timeline.entries:
        console = out()
        line = Text.assemble(
            f"\n{entry.id}  ", (phase_phrase(timeline.type, entry.phase), SEVERITY_STYLES[entry.severity] or "bold")
        )
        scene = scene_of(timeline.type, entry.who, entry.where)
        line.append(f": {scene}" if scene else "")
        console.print(line, soft_wrap=not console.is_terminal)
        show_grid(list(_development_facts(entry, reader)))
        mine = [report for report in view.reports if report.development_id == entry.id]
        shown = mine[:_MOST_REPORTS] if console.is_terminal else mine
        show_grid(
            (
                short_time(report.published_at.astimezone(reader.zone), reader.now.astimezone(reader.zone))
                if console.is_terminal
                else report.published_at.astimezone(reader.zone).isoformat(timespec="seconds"),
                clean(report.outlet),
                clean(report.title),
                "copy" if report.copy_of is not None else "" if report.is_news else "mention",
            )
            for report in shown
        )
        if len(mine) > len(shown):
            console.print(Text(f"and {len(mine) - len(shown)} more reports", style="dim"))
    if view.edits:
        out().print(Text("\nDone by hand", style="bold"))
        show_grid([(time_words(edit.at, reader.zone), edit_words(edit)) for edit in view.edits])


def edit_words(edit: StoryEdit) -> str:
    """What was done, by whom and why, in one line."""
    count = f"{len(edit.development_ids)} development{'' if len(edit.development_ids) == 1 else 's'}"
    done = f"merged {edit.from_story}" if edit.kind is EditKind.MERGE else f"split from {edit.from_story}"
    why = f": {edit.why}" if edit.why else ""
    return f"{done} into {edit.to_story}, {count}, by {edit.by}{why}"


def _show_head(timeline: Timeline, reader: Reader) -> None:
    console = out()
    style = SEVERITY_STYLES[timeline.severity] or "bold"
    scene = scene_of(timeline.type, listed(timeline.who), listed(timeline.where))
    for line, how in ((phase_phrase(timeline.type, timeline.phase), style), (scene, "bold")):
        if line:
            console.print(Text(line, style=how), soft_wrap=not console.is_terminal)
    show_grid(list(_facts(timeline, reader)))


def _facts(timeline: Timeline, reader: Reader) -> Iterator[tuple[str, str]]:
    today = reader.now.date()
    if timeline.is_open:
        standing = f"open; closes {time_words(timeline.closes_at, reader.zone)} unless more is reported"
    else:
        standing = f"closed since {time_words(timeline.closes_at, reader.zone)}"
    facts = (
        ("title", clean(timeline.title)),
        ("story", f"{timeline.story_id}  {timeline.slug}"),
        ("standing", standing),
        ("first", reader.when(timeline.first_seen_at)),
        ("last", reader.when(timeline.last_seen_at)),
        ("reports", _counts(timeline.report_count, timeline.origin_count, timeline.outlets)),
        ("stops made", _stops(timeline.stops, is_made=True)),
        ("planned", _stops(timeline.stops, is_made=False)),
        *(("ahead", ahead_words(ahead, today=today)) for ahead in timeline.ahead),
        ("continues", timeline.follows or ""),
        *(("continued", slug) for slug in timeline.followed_by),
        *(("merged", slug) for slug in timeline.merged),
    )
    yield from ((name, value) for name, value in facts if value)


def _stops(stops: Sequence[Stop], *, is_made: bool) -> str:
    return ", ".join(
        f"{clean(stop.place)} ({day_words(stop.on)})" if stop.on else clean(stop.place)
        for stop in stops
        if stop.is_made is is_made
    )


def _counts(reports: int, origins: int, outlets: Sequence[str], copies: int = 0) -> str:
    words = [f"{reports} report{'' if reports == 1 else 's'}"]
    words += [f"{copies} cop{'y' if copies == 1 else 'ies'}"] if copies else []
    words += [f"{origins} origin{'' if origins == 1 else 's'}"]
    return f"{', '.join(words)}: {listed([clean(name) for name in outlets])}" if outlets else ", ".join(words)


def _show_entry(entry: TimelineEntry, timeline: Timeline, reader: Reader) -> None:
    console = out()
    is_page = console.is_terminal
    when = time_words(entry.at, reader.zone) if is_page else entry.at.astimezone(reader.zone).isoformat("T", "seconds")
    is_told = entry.telling is Telling.TOLD
    style = (SEVERITY_STYLES[entry.severity] or "bold") if is_told else "dim"
    line = Text.assemble(("\n" if is_page else "", ""), (when, "dim"), "  ")
    line.append(phase_phrase(timeline.type, entry.phase), style=style)
    marks = list(filter(None, (*entry.marks, _TELLING[entry.telling])))
    line.append(f" ({', '.join(marks)})" if marks else "", style="dim")
    scene = scene_of(timeline.type, entry.who, entry.where)
    line.append(f": {scene}" if scene else "", style="bold" if is_told else "")
    console.print(line, soft_wrap=not is_page)
    body = [Text(f"“{clean(entry.words)}”", style="italic")] if entry.words else []
    body += [Text(" · ".join(map(clean, entry.details)))] if entry.details else []
    counts = _counts(entry.report_count, entry.origin_count, entry.outlets, entry.copy_count)
    body += [Text(f"{clean(entry.outlet)}; {counts}" if entry.outlets[1:] else counts, style="dim")]
    for part in body:
        console.print(Padding(part, (0, 0, 0, 2), expand=False), soft_wrap=not is_page)
    if entry.url:
        # By itself and unbroken, so that a terminal can open it.
        console.print(Text(f"  {entry.url}", style="blue" if is_page else ""), soft_wrap=True)


def _development_facts(entry: TimelineEntry, reader: Reader) -> Iterator[tuple[str, str]]:
    span = time_words(entry.at, reader.zone)
    if entry.last_at > entry.at:
        span += f" – {time_words(entry.last_at, reader.zone)}"
    facts = (
        ("reported", span),
        ("happens on", day_words(entry.occurs_on) if entry.occurs_on else ""),
        ("reports", _counts(entry.report_count, entry.origin_count, entry.outlets, entry.copy_count)),
        ("alerts", ", ".join(map(str, entry.alert_ids)) or _TELLING[entry.telling]),
        ("marks", ", ".join(entry.marks)),
        ("development", entry.development),
    )
    yield from ((name, value) for name, value in facts if value)
