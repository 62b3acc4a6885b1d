"""`monitor alerts` on a small history."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.cli.conftest import Cli


def ids(cli: Cli, *options: str) -> list[int]:
    ran = cli("alerts", "list", "--json", *options)
    assert (ran.code, ran.err) == (0, "")
    return [alert["id"] for alert in ran.json]


def test_all_alerts_come_newest_first(history):
    assert ids(history) == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--type visit", [4]),
        ("--type ceasefire --phase rejected", [3]),
        ("--phase under_way", [4]),
        ("--phase under-way", [4]),
        ("--person amelie", [4]),
        ("--person Rouvier --type ceasefire", []),
        ("--person hamas", [3, 2]),
        ("--place Gaza", [3, 2]),
        ("--place qatar", [4]),
        ("--source steppe", [1]),
        ("--source Harbour", [4, 3]),
        ("--status sent", [3, 1]),
        ("--status parked", [3]),
        ("--status pending", [4]),
        ("--status none", [2]),
        ("--since 24h", [4, 3]),
        ("--since 3d --until 24h", [2]),
        ("--since today", [4, 3]),  # 00:00 in Jerusalem
        ("--since yesterday --until yesterday", []),
        ("--since 2026-02-27 --until 2026-02-27", [2]),
        ("--until 2026-02", [2, 1]),
        ("--limit 2", [4, 3]),
        ("--limit 1 --place Gaza --since 2026-01-01", [3]),
    ],
)
def test_a_filter_keeps_what_it_says(history, options, expected):
    assert ids(history, *options.split()) == expected


def test_every_way_to_ask_gives_the_same_set(history):
    """List, search and both exports agree under the same filter."""
    listed = history("alerts", "list", "--json", "--place", "Gaza").json
    jsonl = history("alerts", "export", "--format", "jsonl", "--place", "Gaza").out
    assert [json.loads(line) for line in jsonl.splitlines()] == listed
    rows = csv.DictReader(io.StringIO(history("alerts", "export", "--format", "csv", "--place", "Gaza").out))
    assert [(int(row["id"]), row["key"]) for row in rows] == [(each["id"], each["key"]) for each in listed]
    assert history("alerts", "search", "Gaza", "--json").json == listed


@pytest.mark.parametrize(
    ("text", "expected"),
    [("truce", [4, 2, 1]), ("resum*", [2]), ("SPOKESMAN paper", [3]), ("doha landed", [4]), ("penguin", [])],
)
def test_search_finds_all_words_in_any_order(history, text, expected):
    assert [alert["id"] for alert in history("alerts", "search", text, "--json").json] == expected


def test_hostile_searches_are_only_words(history):
    """Quotes, operators and SQL change nothing but what is looked for."""
    for text in ('"', "a OR b", "NEAR(", "*", "col:x", "'; DROP TABLE alerts; --", "(((", "-", "🕊"):
        assert history("alerts", "search", "--json", "--", text).code == 0
    assert history("alerts", "search", " ").code == 2


def test_an_alert_as_json_says_all_that_is_known(history):
    """The keys are documented; times are UTC, marked Z."""
    alert = history("alerts", "show", "4", "--json").json
    assert alert["id"] == 4
    assert alert["key"] == "story-visit/change-visit/new_story"
    assert (alert["type"], alert["phase"], alert["reason"]) == ("visit", "under_way", "new_story")
    assert (alert["severity"], alert["modality"], alert["score"]) == ("high", "asserted", 0.92)
    assert (alert["created_at"], alert["published_at"]) == ("2026-03-01T11:35:00Z", "2026-03-01T11:15:00Z")
    assert (alert["story"], alert["development"]) == ("story-visit", "change-visit")
    assert (alert["who"], alert["where"], alert["occurs_on"]) == ("Amélie Rouvier", "Qatar", "2026-03-01")
    assert alert["roles"] == {
        "visitor": [{"name": "Amélie Rouvier"}],
        "destination": [{"name": "Qatar", "surface": "Doha"}],
        "purpose": ["truce talks"],
        "starts_on": {"stated": "on Sunday", "resolved": "2026-03-01"},
        "ordinal": 3,
    }
    assert (alert["source"], alert["url"]) == ("Harbour Post", "https://www.harbourpost.example/a")
    assert (alert["marks"], alert["status"]) == (["single source"], "pending")
    assert [delivery["channel"] for delivery in alert["deliveries"]] == ["desk"]
    assert alert["evidence"][1] == {
        "rule": "visit.arrives",
        "at": "events/visit/rules/arrives.yaml:3",
        "role": "trigger",
        "field": "text",
        "start": 72,
        "end": 81,
        "quote": "landed in",
    }
    assert alert == history("alerts", "list", "--json", "--type", "visit").json[0]


def test_an_alert_with_several_deliveries_stands_as_its_worst(history):
    alert = history("alerts", "show", "3", "--json").json
    assert {d["channel"]: d["status"] for d in alert["deliveries"]} == {"desk": "parked", "log": "sent"}
    assert alert["status"] == "parked"


def test_a_list_in_a_pipe_is_tab_separated_and_whole(history):
    """No colours, no box, no cut names; the reader's zone stands in every time."""
    lines = history("alerts", "list").out.splitlines()
    assert lines[0].split("\t") == ["id", "time", "what", "who_where", "source", "status", "people"]
    assert lines[1].split("\t") == [
        "4",
        "2026-03-01T13:35:00+02:00",
        "Visit under way",
        "Amélie Rouvier → Qatar",
        "Harbour Post",
        "pending",
        "",
    ]
    assert lines[4].endswith("Northern Front and Coast Army · Sudan\tSteppe Radio World Service\tsent\trelevant")


def test_a_page_says_everything(history):
    page = history("alerts", "show", "4").out
    for said in (
        "Visit under way\n",
        "Amélie Rouvier → Qatar\n",
        "“Foreign Minister Amélie Rouvier landed in Doha on Sunday for truce talks, her third visit this year.”\n",
        "source\tHarbour Post\n",
        "published\t1 Mar 2026, 13:15 IST (45 min ago)\n",
        "alerted\t1 Mar 2026, 13:35 IST: a new story\n",
        "judged\tasserted, score 0.92, severity high\n",
        "key\tstory-visit/change-visit/new_story\n",
        "desk\tpending\n",
        "visitor\tAmélie Rouvier\tvisit.arrives events/visit/rules/arrives.yaml:3\n",
    ):
        assert said in page
    assert "desk\tparked, channel: not_in_channel: invite the bot\n" in history("alerts", "show", "3").out


def test_an_alert_that_is_not_there_is_told(history):
    ran = history("alerts", "show", "99")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "monitor: there is no alert 99: `monitor alerts list` shows them\n"


def test_no_match_is_said_beside_the_output(history):
    ran = history("alerts", "list", "--place", "Atlantis")
    assert (ran.code, ran.out, ran.err) == (0, "", "No alerts match.\n")
    assert history("alerts", "list", "--place", "Atlantis", "--json").out == "[]\n"
    assert history("alerts", "export", "--format", "jsonl", "--place", "Atlantis").out == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--type visits", "No alerts match: there is no type 'visits', only ceasefire, visit.\n"),
        ("--type visit --phase agreed", "No alerts match: there is no phase 'agreed', only "),
        ("--phase agred", "No alerts match: there is no phase 'agred', only "),
        ("--type visit --place Gaza", "No alerts match.\n"),
    ],
)
def test_a_word_that_can_match_nothing_is_told(history, options, said):
    ran = history("alerts", "list", *options.split())
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith(said)


def test_csv_opens_safely_in_a_spreadsheet(history):
    """A headline that a spreadsheet would run as a formula gets an apostrophe before it."""
    file = history.folder / "alerts.csv"
    assert history("alerts", "export", "--format", "csv", "--output", str(file)).code == 0
    rows = list(csv.DictReader(io.StringIO(file.read_bytes().decode(), newline="")))
    assert [row["headline"] for row in rows] == [
        "Envoy lands in Doha",
        "",
        "Truce talks resume",
        "'=Truce signed in Sudan",
    ]
    assert rows[3]["marks"] == "alleged; single source"
    assert {row["created_at"][-1] for row in rows} == {"Z"}
    assert file.read_bytes().count(b"\r\n") == 5


def test_a_file_that_cannot_be_written_is_named(history):
    ran = history("alerts", "export", "--format", "csv", "--output", str(history.folder / "gone" / "x.csv"))
    assert ran.code == 1
    assert ran.err.endswith("gone/x.csv: cannot be written: no such file or directory\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--status lost", "--status 'lost' is none of pending, sending, sent, parked, dead, none"),
        ("--since soon", "--since 'soon' is not understood"),
        ("--since today --until 2020", "--since today is later than --until 2020"),
        ("--limit 0", "greater than or equal to 1"),
        ("--colour red", "No such option"),
    ],
)
def test_wrong_usage_ends_with_2(history, options, said):
    ran = history("alerts", "list", *options.split())
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
