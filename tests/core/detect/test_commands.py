"""`monitor detect` and `monitor rules`, run as a user runs them."""

from __future__ import annotations

import io
import json

import pytest

from monitor.cli.context import CliContext
from monitor.cli.main import main

HEADLINE = "Macron lands in Beirut for truce talks"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs one command line in an empty folder; (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments, stdin=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(arguments), given=CliContext(environ={}))
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return command


def lines(*records):
    return "".join(json.dumps(r) + "\n" for r in records)


def test_a_headline_is_read_from_the_command_line(run):
    """The page names type, phase, who, where, the quoted sentence and the rule."""
    code, out, _ = run("detect", HEADLINE)
    assert code == 0
    assert "visit · under way" in out
    assert "Emmanuel Macron" in out
    assert "Lebanon" in out
    assert f"“{HEADLINE}”" in out
    assert "events/visit/rules/under_way.yaml:" in out


def test_a_file_is_read_with_its_first_line_as_title(run, tmp_path):
    """Without --title the first line is the headline; the date resolves weekdays."""
    (tmp_path / "story.txt").write_text("Rebels sign truce\nIt begins on Monday, the army said.", encoding="utf-8")
    code, out, _ = run("detect", "story.txt", "--date", "2024-06-05", "--json")
    record = json.loads(out)
    assert (code, record["title"]) == (0, "Rebels sign truce")
    assert [d["phase"] for d in record["developments"]] == ["agreed"]


def test_nothing_detected_is_said(run):
    """A text without any development is no failure."""
    assert run("detect", "Storm cuts power to coast")[:2] == (0, "nothing detected\n")


def test_jsonl_answers_line_by_line_in_order(run):
    """Every input line gets one output line with the documented keys; offsets quote the NFC text."""
    records = [
        {"id": "a", "title": HEADLINE, "text": ""},
        {"id": 2, "title": "Cafe\u0301 opens", "text": "", "date": ""},
    ]
    code, out, _ = run("detect", "--jsonl", stdin=lines(*records))
    answers = [json.loads(line) for line in out.splitlines()]
    assert (code, [a["id"] for a in answers]) == (0, ["a", 2])
    visit = next(d for d in answers[0]["developments"] if d["type"] == "visit")
    assert visit["roles"]["visitor"] == [{"name": "Emmanuel Macron", "surface": "Macron"}]
    assert set(visit) == {"type", "phase", "modality", "alert", "score", "roles", "evidence"}
    for proof in visit["evidence"]:
        assert set(proof) == {"rule", "at", "role", "field", "start", "end", "quote"}
        assert HEADLINE[proof["start"] : proof["end"]] == proof["quote"]


def test_jsonl_reads_only_the_named_keys(run):
    """Labels, ids of corpora and anything else change nothing."""
    bare = {"id": "a", "title": HEADLINE, "text": "Talks go on.", "date": "2024-01-02", "source": "Wire"}
    labelled = bare | {"stratum": "visit", "corpus": "x", "visit": {"level": 0}, "url": "https://example.org/tariff"}
    assert run("detect", "--jsonl", stdin=lines(bare)) == run("detect", "--jsonl", stdin=lines(labelled))


def test_a_bad_line_is_named_and_the_rest_goes_on(run):
    """Its number stands on stderr, the exit code is 1, all other lines are answered."""
    good = lines({"id": 1, "title": "x", "text": "y"})
    code, out, err = run(
        "detect", "--jsonl", stdin=good + "nope\n" + '["no object"]\n' + '{"id": 4, "title": 7}\n' + good
    )
    assert code == 1
    assert len(out.splitlines()) == 2
    told = err.splitlines()
    assert [f"line {n}:" in line for n, line in zip((2, 3, 4), told, strict=True)] == [True] * 3


def test_lone_surrogates_survive_the_stream(run):
    """Escaped in, escaped out, never an encoding error."""
    code, out, _ = run("detect", "--jsonl", stdin='{"id": "\\ud800", "title": "truce \\ud800", "text": ""}\n')
    assert (code, json.loads(out)["id"]) == (0, "\ud800")


@pytest.mark.parametrize("arguments", [("detect",), ("detect", "x", "--jsonl"), ("detect", "x", "--date", "soon")])
def test_wrong_usage_exits_with_2(run, arguments):
    """Nothing or too much to read, or a date that is none."""
    assert run(*arguments)[0] == 2


def test_a_missing_file_is_named(run):
    """A word that looks like a file is not taken for a text."""
    code, _, err = run("detect", "gone.txt")
    assert (code, "gone.txt: no such file" in err) == (1, True)


def test_rules_are_tested_linted_listed_and_shown(run):
    """The four commands on the shipped rules."""
    assert run("rules", "test")[0] == 0
    assert run("rules", "lint")[:2] == (0, "no problems\n")
    code, out, _ = run("rules", "list", "--type", "visit", "--json")
    ids = [r["id"] for r in json.loads(out)]
    assert (code, "visit.cancelled" in ids) == (0, True)
    assert "effect" in run("rules", "show", "visit.cancelled")[1]
    assert run("rules", "show", "visit.nothing")[0] == 1


def test_a_users_failing_rule_test_names_file_and_line(run, tmp_path):
    """A folder laid over the shipped rules is tested with them."""
    own = tmp_path / "own" / "events" / "visit" / "rules"
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text(
        "rules:\n  - id: mine\n    phase: planned\n    patterns: ['*visit_noun']\n"
        "    tests:\n      yes: [No such word here]\n      no: [Rain]\n",
        encoding="utf-8",
    )
    code, out, err = run("rules", "test", "--folder", "own")
    assert code == 1
    assert err.startswith("events/visit/rules/mine.yaml:6: mine should match 'No such word here'")
    assert "rule tests passed" in out


def test_a_broken_rule_stops_with_its_place(run, tmp_path):
    """Configuration errors exit with 3 and name file and line."""
    own = tmp_path / "own" / "events" / "visit" / "rules"
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text("rules:\n  - id: mine\n    phase: planed\n    patterns: ['*visit_noun']\n")
    code, _, err = run("rules", "lint", "--folder", "own")
    assert (code, "events/visit/rules/mine.yaml:2: rule mine: visit has no phase 'planed'" in err) == (3, True)
