"""Alerts for the eye: the list, and the page of one alert."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from monitor.cli.records import delivery_standing, people_words
from monitor.cli.screen import out, show_grid, show_table
from monitor.core.alert.wording import MONTHS
from monitor.core.model.alert import AlertReason, Severity
from monitor.core.model.history import AlertView, DeliveryView
from monitor.core.model.report import Evidence
from monitor.deliver.layout import age_words, arrange, clean, time_words

SEVERITY_STYLES = {Severity.HIGH: "bold red", Severity.NORMAL: "yellow", Severity.LOW: ""}
_STATUS_STYLES = {"sent": "green", "dead": "bold red", "parked": "bold red", "pending": "yellow", "sending": "yellow"}
WIDE = 100  # columns from which a second line with the words themselves fits well
_TITLES = ("id", "time", "what", "who_where", "source", "status", "people")
_REASONS = {
    AlertReason.NEW_STORY: "a new story",
    AlertReason.PHASE_CHANGED: "the story's phase changed",
    AlertReason.NEW_DEVELOPMENT: "a new development of the story",
}


def show_alerts(views: Sequence[AlertView], *, zone: tzinfo, now: datetime) -> None:
    """A table on a terminal, tab-separated lines elsewhere; nothing at all for no alerts."""
    if not views:
        return
    console = out()
    is_wide = console.width >= WIDE
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), expand=True)
    table.add_column("ID", justify="right", no_wrap=True, style="dim")
    table.add_column("Time", no_wrap=True)
    table.add_column("What", max_width=24)
    table.add_column("Who → where", ratio=4)
    if is_wide:
        table.add_column("Source", ratio=1, max_width=24)
    table.add_column("Status", no_wrap=True)
    rows = []
    for view in views:
        row = _row(view, zone=zone, now=now, exact=not console.is_terminal)
        rows.append(row)
        if console.is_terminal:
            table.add_row(*_styled(row, view, is_wide=is_wide))
    show_table(table, rows, titles=_TITLES)


def _row(view: AlertView, *, zone: tzinfo, now: datetime, exact: bool) -> tuple[str, ...]:
    parts = arrange(view.alert.message)
    at = view.alert.created_at.astimezone(zone)
    when = at.isoformat(timespec="seconds") if exact else short_time(at, now.astimezone(zone))
    scene = parts.scene or parts.headline or parts.quote
    told = parts.title, scene, parts.source, delivery_standing(view), people_words(view)
    return str(view.alert.id), when, *told


def _styled(row: tuple[str, ...], view: AlertView, *, is_wide: bool) -> Iterator[Text | str]:
    alert_id, when, what, scene, source, standing, people = row
    parts = arrange(view.alert.message)
    phase = Text(what, style=SEVERITY_STYLES[view.alert.severity])
    if parts.caveats:
        phase.append(f"\n{parts.caveats}", style="dim")
    told = Text(scene, style="bold" if parts.scene else "")
    words = parts.headline or parts.quote if is_wide else source
    if words and words != scene:
        told.append("\n" + _cut(words, 160), style="dim")
    status = Text(standing, style=_STATUS_STYLES.get(standing, "dim"))
    if people:
        status.append("\n" + people.replace(", ", "\n"), style="dim")
    yield from (alert_id, when, phase, told, source, status) if is_wide else (alert_id, when, phase, told, status)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def short_time(at: datetime, now: datetime) -> str:
    """ "14:05" today, "29 Oct 14:05" this year, "29 Oct 2024" before; both given in the reader's zone."""
    if at.date() == now.date():
        return f"{at:%H:%M}"
    day = f"{at.day} {MONTHS[at.month - 1]}"
    return f"{day} {at:%H:%M}" if at.year == now.year else f"{day} {at.year}"


def show_alert(view: AlertView, *, zone: tzinfo, now: datetime) -> None:
    """Everything known of one alert."""
    parts = arrange(view.alert.message)
    console = out()
    lines = [Text(parts.title, style=SEVERITY_STYLES[view.alert.severity] or "bold")]
    lines += [Text(line, style=style) for line, style in ((parts.scene, "bold"), (parts.details, "")) if line]
    for line in lines:
        console.print(line, soft_wrap=not console.is_terminal)
    quote = highlighted_sentence(view.report.evidence) or Text(parts.quote, style="italic")
    if quote:
        around = (1, 2) if console.is_terminal else (0, 0)
        console.print(Padding(Text.assemble("“", quote, "”"), around, expand=False), soft_wrap=not console.is_terminal)
    facts = _facts(view, zone=zone, now=now)
    if console.is_terminal and parts.url:
        # Not in the grid, which would break it into lines that cannot be opened.
        console.print(Text(parts.url, style="blue"), soft_wrap=True)
        facts = [fact for fact in facts if fact[0] != "link"]
    show_grid(facts)
    _show_section("Deliveries", [_delivery_row(each, zone) for each in view.deliveries])
    _show_section("People", list(_people_rows(view, zone)))
    _show_section("Evidence", list(_evidence_rows(view.report.evidence, is_page=console.is_terminal)))


def _show_section(title: str, rows: Sequence[Sequence[str]]) -> None:
    if rows:
        out().print(Text(f"\n{title}", style="bold"))
        show_grid(rows)


def _people_rows(view: AlertView, zone: tzinfo) -> Iterator[tuple[str, str]]:
    said = [("seen", ack.saying) for ack in view.acks]
    said += [(label.verdict.value.replace("_", " "), label.saying) for label in view.labels]
    for what, saying in said:
        yield clean(saying.by), f"{what}, {time_words(saying.at, zone)}, {saying.via}"


def _evidence_rows(evidence: Sequence[Evidence], *, is_page: bool) -> Iterator[tuple[str, ...]]:
    """Role and words; the rule once above those it found on a page, with each of them elsewhere."""
    told = ""
    for each in evidence:
        is_sentence = each.role == "sentence"
        words = f"{each.field} {each.span.start}–{each.span.end}" if is_sentence else each.quote
        rule = f"{each.rule} {each.at}"
        if not is_page:
            yield each.role, words, rule
            continue
        if rule != told:
            yield "rule", f"{each.rule} ({each.at})"
        told = rule
        yield each.role, words


def highlighted_sentence(evidence: Sequence[Evidence]) -> Text:
    """The sentence that proves the report, its trigger underlined and the words that fill roles bold."""
    sentence = next((each for each in evidence if each.role == "sentence"), None)
    if sentence is None:
        return Text("")
    # Character for character, so that spans still fit.
    text = Text("".join(c if c.isprintable() else " " for c in sentence.quote), style="italic")
    for each in evidence:
        inside = each.field is sentence.field and sentence.span.start <= each.span.start <= each.span.end
        if inside and each is not sentence and each.span.end <= sentence.span.end:
            style = "underline" if each.role == "trigger" else "bold cyan"
            text.stylize(style, each.span.start - sentence.span.start, each.span.end - sentence.span.start)
    return text


def _facts(view: AlertView, *, zone: tzinfo, now: datetime) -> list[tuple[str, str]]:
    alert, report = view.alert, view.report
    parts = arrange(alert.message)
    seen = "" if parts.dated else "undated, first seen "
    pairs = (
        ("source", parts.source),
        ("published", f"{seen}{time_words(parts.published_at, zone)} ({age_words(parts.published_at, now)})"),
        ("headline", parts.headline),
        ("link", parts.url),
        ("also told by", parts.also),
        ("caveats", parts.caveats),
        ("alerted", f"{time_words(alert.created_at, zone)}: {_REASONS[alert.reason]}"),
        ("happens on", report.occurs_on.isoformat() if report.occurs_on else ""),
        ("judged", f"{report.modality}, score {report.score:.2f}, severity {alert.severity}"),
        ("document", str(view.document_id)),
        ("key", alert.key),
    )
    return [(name, value) for name, value in pairs if value]


def _delivery_row(delivery: DeliveryView, zone: tzinfo) -> tuple[str, str]:
    told = [delivery.status]
    if delivery.sent_at is not None:
        told.append(time_words(delivery.sent_at, zone))
    if delivery.attempts > 1:
        told.append(f"{delivery.attempts} attempts")
    why = ": ".join(filter(None, (delivery.last_fault, delivery.detail)))
    told.extend(filter(None, (why, delivery.reference)))
    return delivery.channel, ", ".join(told)
