"""kill -9 at any moment: what is stored and told at the end is what an undisturbed run stores and tells."""

from __future__ import annotations

import random
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.e2e.command import Command
from tests.e2e.site import sample_command, serve_samples
from tests.slack_server import FakeSlack
from tests.web import Web

KILLS = 10
SEED = 20241029


def entries_of(command: Command) -> set[tuple[str, str]]:
    """Feed and guid of every stored entry; the rows are counted too, so that a double shows."""
    with sqlite3.connect(command.folder / "monitor.db") as database:
        rows = database.execute("SELECT feeds.name, guid FROM entries JOIN feeds ON feeds.id = feed_id").fetchall()
    assert len(rows) == len(set(rows))
    return set(rows)


def alert_keys(command: Command) -> list[str]:
    return sorted(alert["key"] for alert in command.json("alerts", "list"))


def test_ten_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """Entries, alert keys and Slack's own log equal those of an uninterrupted run."""
    random_moment = random.Random(SEED)
    now = datetime.now(UTC)
    with Web() as web, FakeSlack() as calm_slack, FakeSlack() as slack:
        serve_samples(web, now=now)
        calm = sample_command(tmp_path / "calm", web, calm_slack)
        started = time.monotonic()
        calm.run("run", "--once")
        whole_s = time.monotonic() - started
        shaken = sample_command(tmp_path / "shaken", web, slack)
        for _ in range(KILLS):
            process = shaken.start("run", "--once")
            # Moments are shares of an undisturbed run, so that a slow machine is killed in the same places.
            time.sleep(random_moment.uniform(0.2, 0.95) * whole_s)
            process.kill()
            process.communicate()
        shaken.run("run", "--once")
        assert entries_of(shaken) == entries_of(calm)
        assert alert_keys(shaken) == alert_keys(calm)
        assert sorted(str(post.key) for post in slack.posts) == sorted(str(post.key) for post in calm_slack.posts)
