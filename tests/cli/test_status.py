"""`monitor status`: counts, and whether silence means no news."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.cli.health import Verdict, judge, verdict_words
from monitor.core.model.feed import Feed, FeedState, PollReason
from monitor.core.model.history import Counts, FeedView
from tests.cli.samples import NOW

POLLED = Counts(
    entries=0,
    documents=0,
    documents_by_status=(),
    reports=0,
    developments=0,
    stories=0,
    alerts=0,
    deliveries_by_status=(("sent", 3),),
    polls_by_reason=(("new_entries", 1),),
    feeds_enabled=1,
    feeds_failing=0,
    language_unsupported=0,
    last_poll_at=NOW - timedelta(minutes=2),
)
FINE = FeedState(
    last_reason=PollReason.NEW_ENTRIES,
    last_success_at=NOW - timedelta(minutes=2),
    last_polled_at=NOW - timedelta(minutes=2),
    next_poll_at=NOW + timedelta(minutes=8),
)
FAILING = replace(FINE, failures=1.0, last_reason=PollReason.TIMEOUT, last_success_at=None)
OVERDUE = replace(FINE, next_poll_at=NOW - timedelta(hours=2), last_success_at=NOW - timedelta(hours=3))
SLOW = replace(FINE, next_poll_at=NOW + timedelta(hours=20), last_success_at=NOW - timedelta(hours=4))


def views(*states: FeedState, enabled: bool = True) -> list[FeedView]:
    return [
        FeedView(
            feed=Feed(name=str(i), url=f"https://{i}.example/", enabled=enabled),
            state=state,
            entry_count=0,
            unsupported_count=0,
            last_entry_at=None,
        )
        for i, state in enumerate(states)
    ]


@pytest.mark.parametrize(
    ("feeds", "counts", "verdict"),
    [
        (views(FINE, FINE), POLLED, Verdict.WATCHING),
        (views(FINE, SLOW), POLLED, Verdict.WATCHING),
        (views(FINE, FINE, FINE, FINE, FAILING), POLLED, Verdict.WATCHING),
        (views(FINE, FAILING), POLLED, Verdict.GAPS),
        (views(FINE, OVERDUE, OVERDUE), POLLED, Verdict.STALLED),
        (views(FINE, FINE, OVERDUE), POLLED, Verdict.WATCHING),
        (views(FINE), replace(POLLED, deliveries_by_status=(("dead", 1), ("sent", 2))), Verdict.UNDELIVERED),
        (views(FINE), replace(POLLED, deliveries_by_status=(("parked", 2),)), Verdict.UNDELIVERED),
        (views(FeedState(), FeedState()), replace(POLLED, last_poll_at=None), Verdict.NEVER_POLLED),
        (views(FINE, enabled=False), POLLED, Verdict.NOTHING_CONFIGURED),
        ([], POLLED, Verdict.NOTHING_CONFIGURED),
    ],
)
def test_silence_is_judged_by_its_worst_cause(feeds, counts, verdict):
    configured = sum(view.feed.enabled for view in feeds)
    assert judge(feeds, counts, configured=configured, now=NOW).verdict == verdict


def test_only_a_full_watch_says_that_silence_means_no_news():
    health = judge(views(FINE, FINE), POLLED, configured=2, now=NOW)
    assert verdict_words(health) == "All is watched: silence means no news."
    for verdict in set(Verdict) - {Verdict.WATCHING}:
        assert "silence means no news" not in verdict_words(replace(health, verdict=verdict)).lower()


def test_a_database_just_made_waits_for_its_first_run(cli):
    """The store knows no feed yet, but the configuration does."""
    cli.write_config("sources: [{url: 'https://a.example/'}]\n")
    assert cli("db", "upgrade").code == 0
    assert cli("status").out.startswith("Nothing has been polled yet: start `monitor run`.\nPolling\t0 of 1 feeds")
    cli.write_config("")
    assert cli("status", "--json").json["verdict"] == "nothing_configured"


def test_status_as_json_has_every_count(history):
    ran = history("status", "--json")
    assert ran.code == 0
    assert ran.json == {
        "verdict": "undelivered",
        "silence_means_no_news": False,
        "entries": 5,
        "documents": 5,
        "documents_by_status": {"read": 4, "skipped": 1},
        "language_unsupported": 1,
        "reports": 4,
        "developments": 4,
        "stories": 4,
        "alerts": 4,
        "deliveries": {"parked": 1, "pending": 1, "sent": 2},
        "polls": {"http_error": 1, "new_entries": 7},
        "feeds": {"enabled": 4, "failing": 1, "answering": 3, "answered_last_hour": 3, "overdue": 0},
        "conditions": {},
        "last_poll_at": "2026-03-01T11:57:00Z",
    }


def test_status_for_a_reader_is_plain(history):
    page = history("status").out
    assert page.startswith("Silence does not mean no news: 1 alert was not delivered.")
    assert "Polling\t3 of 4 feeds answered within the last hour; last poll 3 min ago\n" in page
    assert "\t1 stored but not searched: not in English\n" in page
    assert "Deliveries\t2 sent, 1 parked, 1 pending\n" in page
