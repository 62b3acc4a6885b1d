"""Conditions and expectations for the eye, and as records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import groupby

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from monitor.cli.records import Record, utc
from monitor.cli.screen import out, plain_cell, show_table
from monitor.core.model.condition import Condition, ConditionKind, SourceNorm
from monitor.core.model.feed import PollReason
from monitor.core.model.history import FeedView
from monitor.core.watch.norm import LEARNING
from monitor.core.watch.notices import Names, subject_name
from monitor.core.watch.words import advice, kind_name, rate_words, span_words
from monitor.deliver.layout import age_words

# What concerns all comes first, then what brings nothing at all, then what brings too little.
_ORDER = (ConditionKind.NETWORK_DOWN, ConditionKind.CHANNEL_FAILING, *ConditionKind)
_CONDITION_TITLES = ("name", "condition", "since", "detail", "to_do", "url")
_STANDING_TITLES = ("name", "state", "expected", "last_entry", "url")
_STYLES = {"as expected": "green", "in trouble": "bold red", "learning": "yellow", "not polled yet": "yellow"}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One enabled source with what it is expected to bring and what is wrong with it."""

    view: FeedView
    norm: SourceNorm | None
    conditions: tuple[Condition, ...]

    @property
    def state(self) -> str:
        """in trouble, not polled yet, learning, or as expected."""
        if self.conditions:
            return "in trouble"
        if self.view.state.last_reason is PollReason.NEVER_POLLED:
            return "not polled yet"
        return "learning" if self.norm is None or self.norm.quiet_s is None else "as expected"


def state_counts(standings: Sequence[Standing]) -> dict[str, int]:
    """How many sources stand how, with the keys of the JSON record."""
    states = Counter(each.state.replace(" ", "_") for each in standings)
    return {key: states.get(key, 0) for key in ("as_expected", "in_trouble", "learning", "not_polled_yet")}


def condition_record(condition: Condition, names: Names) -> Record:
    """One open condition, with documented keys."""
    name, url = _named(condition, names)
    return {
        "name": name,
        "url": url or None,
        "subject": condition.subject,
        "condition": condition.kind.value,
        "detail": condition.detail,
        "to_do": advice(condition.kind),
        "since": utc(condition.since),
        "started_at": utc(condition.started_at),
    }


def standing_record(standing: Standing) -> Record:
    """What one source is expected to bring, with documented keys; null where too little is known."""
    norm = standing.norm
    return {
        "name": standing.view.feed.name,
        "url": standing.view.feed.url,
        "state": standing.state.replace(" ", "_"),
        "conditions": [each.kind.value for each in standing.conditions],
        "watched_since": utc(norm.watched_since) if norm else None,
        "entries_per_day": round(norm.entries_per_day, 2) if norm else None,
        "longest_gap_s": _whole(norm.longest_gap_s) if norm else None,
        "quiet_s": _whole(norm.quiet_s) if norm else None,
        "dated_share": norm.dated_share if norm else None,
        "page_share": norm.page_share if norm else None,
        "text_length": _whole(norm.text_length) if norm else None,
        "last_entry_at": utc(standing.view.last_entry_at),
    }


def show_conditions(conditions: Sequence[Condition], names: Names, *, now: datetime, zone: tzinfo) -> None:
    """The open conditions by kind, the longest lasting first; nothing at all for none.

    On a terminal what to do stands once above all sources of a kind, elsewhere each is a line of its own.
    """
    if not conditions:
        return
    ordered = sorted(conditions, key=lambda each: (_ORDER.index(each.kind), each.since))
    if not out().is_terminal:
        rows = [_row(condition, names, zone) for condition in ordered]
        show_table(_table(), rows, titles=_CONDITION_TITLES)
        return
    for kind, group in groupby(ordered, key=lambda each: each.kind):
        _show_kind(kind, list(group), names, now)


def _show_kind(kind: ConditionKind, conditions: Sequence[Condition], names: Names, now: datetime) -> None:
    console = out()
    heading = Text.assemble((_sentence(kind_name(kind)), "bold red"), f" ({len(conditions)})")
    console.print(heading)
    console.print(Padding(Text(advice(kind), style="dim"), (0, 0, 0, 2)))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(max_width=28, overflow="fold")
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for condition in conditions:
        name, _ = _named(condition, names)
        table.add_row(plain_cell(name), age_words(condition.since, now), plain_cell(condition.detail))
    console.print(Padding(table, (0, 0, 1, 2)))


def _row(condition: Condition, names: Names, zone: tzinfo) -> tuple[str, ...]:
    name, url = _named(condition, names)
    since = _instant(condition.since, zone)
    return name, condition.kind.value, since, condition.detail, advice(condition.kind), url


def show_standings(standings: Sequence[Standing], *, now: datetime, zone: tzinfo) -> None:
    """The sources with what each is expected to bring."""
    if not standings:
        return
    console = out()
    table = _table()
    table.add_column("Source", overflow="fold", min_width=14, max_width=28)
    table.add_column("State", no_wrap=True)
    table.add_column("Expected", overflow="fold", ratio=1)
    table.add_column("Last entry", no_wrap=True)
    rows = []
    for each in standings:
        last = each.view.last_entry_at
        age = "" if last is None else age_words(last, now) if console.is_terminal else _instant(last, zone)
        expected = expected_words(each.norm, now=now)
        rows.append((each.view.feed.name, each.state, expected, age, each.view.feed.url))
        table.add_row(plain_cell(each.view.feed.name), Text(each.state, style=_STYLES[each.state]), expected, age)
    show_table(table, rows, titles=_STANDING_TITLES)


def expected_words(norm: SourceNorm | None, *, now: datetime) -> str:
    """What a source is expected to bring: "about 35 a day, silent for 9 h at most; articles of 2,900 characters"."""
    if norm is None:
        return ""
    if norm.quiet_s is None:
        rest = norm.watched_since + LEARNING - now
        if rest > timedelta(0):
            return f"known in {span_words(rest.total_seconds())}"
        return f"too few entries to tell ({norm.arrival_count} so far)"
    words = [f"{rate_words(norm.entries_per_day)}, silent for {span_words(norm.quiet_s)} at most"]
    if norm.text_length is not None and norm.page_share is not None:
        words.append(f"articles of {norm.text_length:,.0f} characters")
    return "; ".join(words)


def summary(standings: Sequence[Standing]) -> str:
    """How many sources stand how, in one line."""
    states = Counter(each.state for each in standings)
    counted = [f"{states[state]} {state}" for state in _STYLES if states[state]]
    number = len(standings)
    return f"{number} enabled {'source' if number == 1 else 'sources'}{': ' if counted else ''}{', '.join(counted)}"


def kinds_in_words(conditions: Sequence[Condition]) -> str:
    """How many of which kind: "moved: 2; stale: 1"."""
    return "; ".join(f"{kind_name(kind)}: {count}" for kind, count in Counter(kind_counts(conditions)).most_common())


def kind_counts(conditions: Sequence[Condition]) -> Mapping[ConditionKind, int]:
    """How many of each kind that occurs."""
    return Counter(each.kind for each in conditions)


def _named(condition: Condition, names: Names) -> tuple[str, str]:
    url = "" if condition.feed_id is None else names.get(condition.feed_id, ("", ""))[1]
    return subject_name(condition, names), url


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), expand=True)


def _instant(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")


def _whole(number: float | None) -> int | None:
    return None if number is None else round(number)
