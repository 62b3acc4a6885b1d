"""What people say of alerts on the command line, and what `monitor eval` makes of it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from monitor.cli.context import CliContext
from monitor.core.model.feedback import Saying, Verdict, Via
from monitor.store.database import open_store
from tests.cli import samples


@pytest.fixture
def feedback(history):
    """What the sample database holds, for what other people say."""
    store = open_store(f"sqlite:///{history.folder}/history.db")
    yield store.feedback
    store.close()


def saying(by: str, *, hours: float = 0) -> Saying:
    return Saying(by=by, via=Via.SLACK, at=samples.NOW + timedelta(hours=hours))


def test_an_acknowledged_story_is_shown_as_seen(history):
    ran = history("alerts", "ack", "4", "--by", "dana")
    assert (ran.code, ran.out) == (0, "alert 4: seen by dana: Rouvier's trip to Qatar\n")
    assert history("alerts", "list").out.splitlines()[1].endswith("pending\tseen")
    assert "dana\tseen, 1 Mar 2026, 14:00 IST, cli\n" in history("alerts", "show", "4").out
    acks = history("alerts", "show", "4", "--json").json["acks"]
    assert acks == [{"by": "dana", "via": "cli", "at": "2026-03-01T12:00:00Z"}]


def test_a_story_is_acknowledged_once_a_person_and_says_who_else_has(history):
    history("alerts", "ack", "4", "--by", "dana")
    assert history("alerts", "ack", "4", "--by", "dana").out.startswith("alert 4: seen by dana, as before: ")
    assert history("alerts", "ack", "4", "--by", "omar").out.startswith("alert 4: seen by omar (also dana): ")
    assert [ack["by"] for ack in history("alerts", "show", "4", "--json").json["acks"]] == ["dana", "omar"]


def test_the_shell_user_is_who_speaks_unless_told_otherwise(history):
    assert "seen by lin" in history("alerts", "ack", "4", USER="lin").out
    ran = history("alerts", "ack", "4")
    assert (ran.code, "--by NAME" in ran.err) == (2, True)


def test_an_alert_that_is_not_there_cannot_be_acknowledged_or_marked(history):
    for command in (("ack", "99"), ("mark", "99", "relevant")):
        ran = history("alerts", *command, "--by", "dana")
        assert (ran.code, ran.out) == (1, "")
        assert ran.err == "monitor: there is no alert 99: `monitor alerts list` shows them\n"
    ran = history("alerts", "ack", "4", "99", "--by", "dana")
    assert (ran.code, ran.out) == (1, "alert 4: seen by dana: Rouvier's trip to Qatar\n")
    assert "1 of 2 alerts are not there" in ran.err


def test_of_what_one_person_says_the_latest_word_counts(history):
    history("alerts", "mark", "4", "relevant", "--by", "dana")
    ran = history("alerts", "mark", "1", "not-relevant", "--by", "dana")
    assert ran.out.startswith("alert 1: not relevant, says dana: ")
    alert = history("alerts", "show", "1", "--json").json
    assert (alert["verdict"], len(alert["labels"])) == ("not_relevant", 1)
    assert history("alerts", "show", "4", "--json").json["verdict"] == "relevant"


def test_people_who_disagree_evenly_leave_the_alert_undecided(history, feedback):
    history("alerts", "mark", "4", "relevant", "--by", "dana")
    feedback.label(4, Verdict.NOT_RELEVANT, saying("omar"))
    assert history("alerts", "show", "4", "--json").json["verdict"] == "disputed"
    assert "4" not in [
        str(i) for line in history("alerts", "labels").out.splitlines() for i in json.loads(line)["alerts"]
    ]
    feedback.label(4, Verdict.NOT_RELEVANT, saying("lin"))
    assert history("alerts", "show", "4", "--json").json["verdict"] == "not_relevant"


def test_labels_come_as_annotated_items(history):
    """Level 2 with the phase for what was worth telling, level 0 for what was not; only types people judged."""
    history("alerts", "mark", "4", "not-relevant", "--by", "dana")
    truce, visit = map(json.loads, history("alerts", "labels").out.splitlines())
    assert (truce["ceasefire"], truce["alerts"]) == ({"level": 2, "phase": "agreed"}, [1])
    assert (visit["visit"], visit["id"], visit["source"]) == ({"level": 0}, "document:4", "Harbour Post")
    assert visit["text"] == "Some text."
    assert "ceasefire" not in visit


def test_exported_labels_score_as_the_stored_ones_do(history):
    history("alerts", "mark", "4", "not-relevant", "--by", "dana")
    assert history("alerts", "labels", "--output", "labels.jsonl").code == 0
    from_file = history("eval", "labels.jsonl", "--json").json
    from_store = history("eval", "--labels", "--json").json
    assert from_store.pop("labels")["visit"]["not_relevant"] == 1
    assert from_file == from_store


def test_eval_says_what_of_the_labelled_alerts_is_still_told(history):
    """One article's title tells of a truce, which was wanted; the other's of nothing, which was not."""
    history("alerts", "mark", "4", "not-relevant", "--by", "dana")
    said = history("eval", "--labels").out
    assert "ceasefire: 1 of 1 relevant alerts are still told, 0 of 0 not relevant ones still are" in said
    assert "visit: 0 of 0 relevant alerts are still told, 0 of 1 not relevant ones still are" in said
    assert history("eval", "--labels", "--by", "source", "--json").json["groups"].keys() == {
        "source=Harbour Post", "source=Steppe Radio World Service",
    }  # fmt: skip


def test_eval_takes_a_file_or_the_labels_and_says_so(history):
    assert history("eval").code == history("eval", "gold.jsonl", "--labels").code == 2
    assert history("eval", "--labels", "--by", "weather").err.startswith("monitor: labelled alerts have no field")


def test_without_labels_the_way_to_label_is_said(cli):
    given = CliContext(config=cli.config, now=lambda: samples.NOW)
    assert given.store_if_any is None
    assert cli("db", "upgrade").code == 0
    assert "monitor alerts mark" in cli("alerts", "labels").err
    ran = cli("eval", "--labels")
    assert (ran.code, "monitor alerts mark" in ran.err) == (1, True)
