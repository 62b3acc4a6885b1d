"""Twenty articles of our own, from feed and watched page to Slack's own log and every history query."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.command import Command
from tests.e2e.site import sample_command, serve_samples
from tests.sample_articles import expected_alerts, sample_articles
from tests.slack_server import FakeSlack, Post
from tests.web import Web


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Command, list[Post]]]:
    """The command after two runs over the site, and what Slack took."""
    with Web() as web, FakeSlack() as slack:
        serve_samples(web)
        command = sample_command(tmp_path_factory.mktemp("samples"), web, slack)
        command.run("run", "--once")
        command.run("run", "--once")
        yield command, list(slack.posts)


@pytest.fixture(scope="module")
def alerts(ran: tuple[Command, list[Post]]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = ran[0].json("alerts", "list")
    return listed


def identity(alert: dict[str, Any]) -> tuple[str, str, str]:
    return alert["type"], alert["phase"], alert["url"].rpartition("/")[2]


def test_slack_took_exactly_the_expected_messages(
    ran: tuple[Command, list[Post]], alerts: list[dict[str, Any]]
) -> None:
    """Each expected development once, told by one of the articles that report it; nothing else."""
    expected = expected_alerts()
    told = [identity(alert) for alert in alerts]
    for alert in expected:
        matching = [t for t in told if t[:2] == (alert.type, alert.phase) and t[2] in alert.told_in]
        assert len(matching) == 1, f"{alert} was told {len(matching)} times; all: {sorted(told)}"
    assert len(told) == len(expected), sorted(told)
    assert {post.key for post in ran[1]} == {f"{alert['key']}@desk" for alert in alerts}
    assert len(ran[1]) == len(expected)


def test_every_alert_quotes_its_article(alerts: list[dict[str, Any]]) -> None:
    """The sentence that proves it stands in the article, to the letter."""
    texts = {article.id: f"{article.title}\n{article.text}" for article in sample_articles()}
    for alert in alerts:
        assert alert["quote"].rstrip("…") in texts[identity(alert)[2]]


@pytest.mark.parametrize(
    ("options", "holds"),
    [
        (("--type", "visit"), lambda a: a["type"] == "visit"),
        (("--type", "ceasefire"), lambda a: a["type"] == "ceasefire"),
        (("--phase", "agreed"), lambda a: a["phase"] == "agreed"),
        (("--source", "Quay Herald"), lambda a: a["source"] == "Quay Herald"),
        (("--status", "sent"), lambda a: a["status"] == "sent"),
        (("--status", "dead"), lambda a: False),
        (("--since", "24h"), lambda a: True),
        (("--until", "2001-01-01"), lambda a: False),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_filter_returns_what_the_whole_list_holds(
    ran: tuple[Command, list[Post]], alerts: list[dict[str, Any]], options: tuple[str, ...], holds: Any
) -> None:
    assert ran[0].json("alerts", "list", *options) == [alert for alert in alerts if holds(alert)]


@pytest.mark.parametrize("role", ["person", "place"])
def test_people_and_places_are_found_by_name(
    ran: tuple[Command, list[Post]], alerts: list[dict[str, Any]], role: str
) -> None:
    """Every named visitor and destination finds its own alert."""
    key = {"person": "visitor", "place": "destination"}[role]
    named = [(name["name"], alert["id"]) for alert in alerts for name in alert["roles"].get(key, [])]
    assert named
    for name, alert_id in named:
        assert alert_id in {found["id"] for found in ran[0].json("alerts", "list", f"--{role}", name)}


def test_search_finds_by_words_of_the_quote(ran: tuple[Command, list[Post]], alerts: list[dict[str, Any]]) -> None:
    for alert in alerts:
        words = max(alert["quote"].replace("“", " ").split(), key=lambda w: len(w) if w.isalpha() else 0)
        assert alert["id"] in {found["id"] for found in ran[0].json("alerts", "search", words)}


def test_exports_hold_the_same_set(ran: tuple[Command, list[Post]], alerts: list[dict[str, Any]]) -> None:
    lines = ran[0].run("alerts", "export", "--format", "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == alerts
    rows = list(csv.DictReader(io.StringIO(ran[0].run("alerts", "export", "--format", "csv"))))
    assert [row["key"] for row in rows] == [alert["key"] for alert in alerts]
