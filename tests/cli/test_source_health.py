"""`monitor sources health`: what is wrong, since when, and what to do."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from monitor.cli import source_health_page
from monitor.core.model.condition import NETWORK, Condition, ConditionKind, SourceNorm, channel_subject, feed_subject
from monitor.core.watch.judge import Change
from monitor.core.watch.round import Outcome
from monitor.store.database import open_store
from tests.cli.conftest import Cli
from tests.cli.samples import NOW

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STEPPE, GULF, HARBOUR = 1, 2, 3  # in the order in which the sample history first told of them


def condition(kind: ConditionKind, detail: str, *, feed_id: int | None = None, subject: str = "", ago: timedelta):
    return Condition(
        subject=subject or feed_subject(feed_id or 0),
        kind=kind,
        feed_id=feed_id,
        detail=detail,
        since=NOW - ago,
        suspected_at=NOW - ago,
        started_at=NOW - ago / 2,
    )


CONDITIONS = (
    condition(
        ConditionKind.STALE,
        "nothing new, where about 24 a day came and never 4 h passed without any",
        feed_id=HARBOUR,
        ago=9 * HOUR,
    ),
    condition(
        ConditionKind.MOVED, "redirects for good to https://steppe.example/en/world.xml", feed_id=STEPPE, ago=3 * DAY
    ),
    condition(ConditionKind.PAYWALL, "8 of the last 10 articles behind a wall (paywall)", feed_id=STEPPE, ago=2 * DAY),
    condition(
        ConditionKind.CHANNEL_FAILING,
        "messages not delivered: 1 parked: channel_not_found",
        subject=channel_subject("desk"),
        ago=HOUR,
    ),
)
NORMS = {
    HARBOUR: SourceNorm(
        made_at=NOW,
        watched_since=NOW - 60 * DAY,
        entries_per_day=24.2,
        arrival_count=900,
        longest_gap_s=4 * 3600,
        quiet_s=8 * 3600.0,
        dated_share=1.0,
        page_share=0.95,
        text_length=2_930.0,
    ),
    STEPPE: SourceNorm(made_at=NOW, watched_since=NOW - 50 * DAY, entries_per_day=0.7, quiet_s=9 * 86_400.0),
    GULF: SourceNorm(made_at=NOW, watched_since=NOW - 5 * DAY, arrival_count=3),
}


@pytest.fixture
def troubled(history: Cli) -> Cli:
    """The sample history with two sources and a channel in trouble, and what is known of three sources."""
    with opened(history) as store:
        facts = store.watch.read_round(channels=[], now=NOW)
        changes = tuple(Change(before=None, after=each) for each in CONDITIONS)
        store.watch.record_round(facts, Outcome(norms=NORMS, changes=changes, notices=()), channels=[], now=NOW)
    return history


@contextmanager
def opened(cli: Cli) -> Iterator:
    store = open_store(f"sqlite:///{cli.folder / 'history.db'}")
    yield store
    store.close()


def rows(out: str) -> list[list[str]]:
    return [line.split("\t") for line in out.splitlines()]


def test_each_condition_is_a_line_with_what_to_do(troubled: Cli) -> None:
    ran = troubled("sources", "health")
    titles, *found = rows(ran.out)
    assert titles == ["name", "condition", "since", "detail", "to_do", "url"]
    assert [(row[0], row[1], row[2]) for row in found] == [
        ("channel desk", "channel_failing", "2026-03-01T13:00:00+02:00"),
        ("Harbour Post", "stale", "2026-03-01T05:00:00+02:00"),
        ("Steppe Radio World Service", "moved", "2026-02-26T14:00:00+02:00"),
        ("Steppe Radio World Service", "paywall", "2026-02-27T14:00:00+02:00"),
    ]
    assert found[2][3:] == [
        "redirects for good to https://steppe.example/en/world.xml",
        "Put the new address into the configuration before the old one goes.",
        "https://steppe.example/world.xml",
    ]
    assert ran.err == "4 enabled sources: 2 in trouble, 2 learning\n"
    assert ran.code == 0


def test_conditions_can_be_picked(troubled: Cli) -> None:
    ran = troubled("sources", "health", "--condition", "stale", "--condition", "gone")
    assert [row[1] for row in rows(ran.out)[1:]] == ["stale"]
    ran = troubled("sources", "health", "--condition", "gone")
    assert (ran.out, ran.err) == ("", "No condition is open (gone).\n")
    ran = troubled("sources", "health", "--condition", "sad")
    assert ran.code == 2
    assert "'silent_zero'" in ran.err


def test_a_script_learns_from_the_exit_code(troubled: Cli) -> None:
    assert troubled("sources", "health", "--exit-code").code == 1
    assert troubled("sources", "health", "--exit-code", "--condition", "gone").code == 0


def test_all_sources_show_what_they_are_expected_to_bring(troubled: Cli) -> None:
    out = troubled("sources", "health", "--all").out
    found = {row[0]: row[1:3] for row in rows(out.partition("name\tstate")[2])[1:]}
    assert found == {
        "Gulf Ledger": ["learning", "known in 9 days"],
        "Harbour Post": ["in trouble", "about 24 a day, silent for 8 h at most; articles of 2,930 characters"],
        "Nordlys": ["learning", ""],
        "Steppe Radio World Service": ["in trouble", "about 5 a week, silent for 9 days at most"],
    }


def test_json_has_conditions_counts_and_expectations(troubled: Cli) -> None:
    record = troubled("sources", "health", "--json", "--all").json
    assert record["sources"] == {"as_expected": 0, "in_trouble": 2, "learning": 2, "not_polled_yet": 0}
    assert record["conditions"][0] == {
        "name": "Harbour Post",
        "url": "https://www.harbourpost.example/rss",
        "subject": f"feed:{HARBOUR}",
        "condition": "stale",
        "detail": "nothing new, where about 24 a day came and never 4 h passed without any",
        "to_do": record["conditions"][0]["to_do"],
        "since": "2026-03-01T03:00:00Z",
        "started_at": "2026-03-01T07:30:00Z",
    }
    (harbour,) = (each for each in record["expected"] if each["name"] == "Harbour Post")
    assert (harbour["state"], harbour["conditions"], harbour["quiet_s"]) == ("in_trouble", ["stale"], 28800)
    assert "expected" not in troubled("sources", "health", "--json").json


def test_without_conditions_only_the_summary_is_said(history: Cli) -> None:
    ran = history("sources", "health")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "No condition is open.\n4 enabled sources: 4 learning\n"


def test_status_names_what_is_open(troubled: Cli) -> None:
    ran = troubled("status")
    (line,) = (line for line in ran.out.splitlines() if line.startswith("Coverage"))
    assert line == (
        "Coverage\tstale: 1; moved: 1; paywall: 1; channel does not deliver: 1 (see `monitor sources health`)"
    )
    status = troubled("status", "--json").json
    assert status["conditions"] == {"stale": 1, "moved": 1, "paywall": 1, "channel_failing": 1}
    assert status["feeds"]["answering"] == 2  # of three that answer, one is stale


class Terminal(io.StringIO):
    """What is written to a screen."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_gets_a_table_that_fits(troubled: Cli, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """A network condition and an endless name among them; nothing is cut."""
    stream = Terminal()
    for name, value in (("TERM", "dumb"), ("COLUMNS", str(columns)), ("LINES", "50")):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", stream)
    lost = condition(ConditionKind.NETWORK_DOWN, "312 of 400 sources do not answer", subject=NETWORK, ago=HOUR / 4)
    names = {HARBOUR: ("Harbour Post " * 9, "https://harbour.example"), STEPPE: ("Steppe\x1b[31m Radio", "")}
    source_health_page.show_conditions([*CONDITIONS, lost], names, now=NOW, zone=NOW.tzinfo)
    shown = stream.getvalue()
    assert max(len(line.rstrip()) for line in shown.splitlines()) <= columns
    assert "\x1b" not in shown
    words = re.sub(r"\s+", " ", shown)
    assert all(word in words for word in ("Network down (1)", "Paywall (1)", "Put the new", "15 min ago", "312 of 400"))
