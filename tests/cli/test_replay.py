"""`monitor replay` and `monitor eval`: rules on trial."""

from __future__ import annotations

import gzip
import json

import pytest

from monitor.store.database import open_store
from tests.cli.samples import NOW
from tests.store import arrange

TRUCE = "Rebels sign truce with army"
TOUR = "Emmanuel Macron lands in Beirut"
RAIN = "Rain delays harvest festival"
ITEMS = [
    {"id": "a", "seen_at": "2025-05-01T06:00:00", "source": "one", "title": TRUCE, "text": ""},
    {
        "id": "b",
        "seen_at": "2025-05-01T08:00:00+02:00",
        "source": "two",
        "title": TRUCE,
        "text": "",
        "url": "https://b.example/1",
    },
    {"id": "c", "seen_at": "2025-05-02T06:00:00Z", "source": "one", "title": TOUR, "text": ""},
    {"id": "d", "seen_at": "2025-05-05T06:00:00Z", "source": "one", "title": RAIN, "text": ""},
]
OWN = (
    "rules:\n"
    "  - {id: own.rain, phase: talks, weight: 0.9, patterns: ['*\"rain\"'], tests: {yes: [Rain], no: [Sun]}}\n"
    '  - {id: ceasefire.agreed.verb, phase: near, weight: 0.9, patterns: [\'*"sign" "truce"\']}\n'
)


@pytest.fixture
def trial(history):
    """A folder of rules that gains an alert and tells another one differently, and a stream of items."""
    folder = history.folder / "own" / "events" / "ceasefire" / "rules"
    folder.mkdir(parents=True)
    (folder / "own.yaml").write_text(OWN, encoding="utf-8")
    text = "".join(json.dumps(item) + "\n" for item in ITEMS)
    (history.folder / "items.jsonl").write_text(text, encoding="utf-8")
    (history.folder / "items.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    return history


@pytest.mark.parametrize("file", ["items.jsonl", "items.jsonl.gz"])
def test_a_stream_is_set_against_the_rules_in_force(trial, file):
    """Gained, lost and changed alerts with title and rule; alerts a day over the time the stream covers."""
    ran = trial("replay", "--jsonl", file, "--rules", "own", "--jobs", "1", "--json")
    assert ran.code == 0, ran.err
    record = ran.json
    assert (record["items"], record["from"], record["days"]) == (4, "2025-05-01T06:00:00Z", 4.0)
    gained = [c for c in record["changes"] if c["change"] == "gained"]
    assert [(c["title"], c["after"]["rule"], c["before"]) for c in gained] == [(RAIN, "own.rain", None)]
    changed = [c for c in record["changes"] if c["change"] == "changed"]
    assert {c["id"] for c in changed} == {"a", "b"}
    assert all(c["what"][0] == "phase" for c in changed)
    assert (record["gained"], record["lost"], record["changed"]) == (1, 0, 2)
    assert record["before"]["alerts"] == 3
    assert record["before"]["alerts_a_day"] == 0.75
    assert record["after"]["alerts"] == 4


def test_the_same_development_is_told_once_in_the_estimate(trial):
    """Two outlets on one truce make two alerts before grouping and one after it."""
    before = trial("replay", "--jsonl", "items.jsonl", "--jobs", "1", "--json").json["before"]
    assert (before["alerts"], before["told"]) == (3, 2)


def test_the_page_shows_figures_and_changes(trial):
    ran = trial("replay", "--jsonl", "items.jsonl", "--rules", "own", "--jobs", "1", "--limit", "1")
    assert ran.out.startswith("4 items, 2025-05-01 to 2025-05-05 (4.0 days)\n")
    assert "alerts\t3\t4\n" in ran.out
    assert "alerts a day\t0.8\t1.0\n" in ran.out
    assert f"gained\tceasefire\ttalks\t{RAIN}\town.rain\td\n" in ran.out
    assert "and 1 more: --limit N shows more" in ran.out


def test_a_stream_is_bounded_in_time_and_survives_bad_lines(trial):
    """--since and --until go by seen_at; a line that is no item is named."""
    bounded = trial(
        "replay", "--jsonl", "items.jsonl", "--since", "2025-05-02", "--until", "2025-05-02", "--jobs", "1", "--json"
    )
    assert bounded.json["items"] == 1
    (trial.folder / "bad.jsonl").write_text(f"nope\n[]\n{json.dumps({'title': TRUCE})}\n", encoding="utf-8")
    ran = trial("replay", "--jsonl", "bad.jsonl", "--jobs", "1", "--json")
    assert [line.split(":")[0] for line in ran.err.splitlines()] == ["line 1", "line 2"]
    assert (ran.json["items"], ran.json["days"], ran.json["before"]["told"]) == (1, None, 1)


def test_several_processes_give_the_same_answer(trial):
    """In the same order, whoever was faster."""
    lines = [json.dumps({"id": n, "title": TRUCE if n % 3 else RAIN, "seen_at": "2025-05-01"}) for n in range(450)]
    (trial.folder / "many.jsonl").write_text("\n".join(lines), encoding="utf-8")
    alone = trial("replay", "--jsonl", "many.jsonl", "--rules", "own", "--jobs", "1", "--json").json
    assert alone["items"] == 450
    assert trial("replay", "--jsonl", "many.jsonl", "--rules", "own", "--jobs", "2", "--json").json == alone


def test_stored_articles_are_set_against_their_stored_reports(trial):
    """What today's rules do not say any more is lost; what they say anew is gained."""
    store = open_store(f"sqlite:///{trial.folder}/history.db")
    arrange.publish(store, arrange.entry("t", title=TRUCE), by=arrange.feed("Harbour Post"), now=NOW)
    arrange.read(store, now=NOW, text="")
    store.close()
    record = trial("replay", "--jobs", "1", "--json").json
    assert [c["title"] for c in record["changes"] if c["change"] == "gained"] == [TRUCE]
    assert record["lost"] + record["changed"] == record["before"]["alerts"] == 4
    today = trial("replay", "--since", "today", "--jobs", "1", "--json").json
    assert (today["items"], today["gained"]) == (3, 1)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--jsonl", "gone.jsonl"), 1, "gone.jsonl: cannot be read: no such file"),
        (("--jsonl", "broken.gz"), 1, "broken.gz: cannot be read"),
        (("--rules", "gone"), 3, "no such folder of rules"),
        (("--since", "soon"), 2, "soon"),
    ],
)
def test_what_cannot_be_replayed_is_named(trial, arguments, code, words):
    (trial.folder / "broken.gz").write_bytes(gzip.compress(b'{"title": "x"}\n' * 999)[:40])
    ran = trial("replay", *arguments, "--jobs", "1")
    assert (ran.code, words in ran.err) == (code, True), ran.err


GOLD = [
    {
        "id": "1",
        "group": "wire",
        "title": TRUCE,
        "text": "",
        "ceasefire": {"level": 2, "phase": "agreed", "parties": []},
        "visit": {"level": 0},
    },
    {
        "id": "2",
        "group": "wire",
        "title": TOUR,
        "text": "",
        "ceasefire": {"level": 0},
        "visit": {"level": 2, "phase": "planned", "visitors": ["Macron"], "destinations": ["Lebanon"]},
    },
    {
        "id": "3",
        "group": "own",
        "title": RAIN,
        "text": "",
        "ceasefire": {"level": 2, "phase": "talks"},
        "visit": {"level": 0},
    },
    {
        "id": "4",
        "group": "own",
        "title": TRUCE,
        "text": "",
        "ceasefire": {"level": 1, "phase": "agreed"},
        "visit": {"level": 0},
    },
]


@pytest.fixture
def gold(history):
    (history.folder / "gold.jsonl").write_text("".join(json.dumps(g) + "\n" for g in GOLD), encoding="utf-8")
    return history


def test_rules_are_scored_by_type(gold):
    record = gold("eval", "gold.jsonl", "--json").json
    truce, visit = record["all"]["ceasefire"], record["all"]["visit"]
    assert [truce[k] for k in ("tp", "fp", "fn", "tn", "soft")] == [1, 0, 1, 1, 1]
    assert (truce["precision"], truce["strict_precision"], truce["recall"], truce["f1"]) == (1.0, 0.5, 0.5, 0.667)
    assert (visit["f1"], visit["phase_accuracy"]) == (1.0, 0.0)
    assert visit["role_f1"] == {"visitor": 1.0, "destination": 1.0}


def test_the_errors_are_shown_with_titles(gold):
    ran = gold("eval", "gold.jsonl", "--errors", "5")
    assert "ceasefire: missed (1)" in ran.out
    assert RAIN in ran.out
    assert "ceasefire: side mention alerted (1)" in ran.out
    assert "[planned taken for under_way by visit.under_way." in ran.out
    listed = gold("eval", "gold.jsonl", "--errors", "5", "--json").json["errors"]
    assert [(e["fault"], e["id"]) for e in listed] == [("missed", "3"), ("side_mention", "4"), ("phase", "2")]


def test_groups_are_scored_apart(gold):
    groups = gold("eval", "gold.jsonl", "--by", "group", "--json").json["groups"]
    assert groups["group=wire"]["ceasefire"]["recall"] == 1.0
    assert groups["group=own"]["ceasefire"]["recall"] == 0.0
    assert "group=own\tceasefire\t" in gold("eval", "gold.jsonl", "--by", "group").out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nope", "not an annotated item"),
        ('{"id": "1", "title": "x"}', "labels none of ceasefire, visit"),
        ('{"id": "1", "title": "x", "visit": {"level": 7}}', "7 is not a valid Level"),
        ('{"title": "x", "visit": {"level": 0}}', "'id'"),
    ],
)
def test_a_bad_annotation_is_named_with_its_line(gold, line, words):
    (gold.folder / "bad.jsonl").write_text(f"{json.dumps(GOLD[0])}\n{line}\n", encoding="utf-8")
    ran = gold("eval", "bad.jsonl")
    assert (ran.code, ran.err.startswith("monitor: bad.jsonl:2: ")) == (1, True)
    assert words in ran.err
