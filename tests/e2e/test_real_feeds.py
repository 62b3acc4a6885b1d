"""Real captures through the real command."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.command import Command
from tests.e2e.corpus import CORPUS, needs_corpus
from tests.web import Page, Web


@needs_corpus
def test_sixteen_captures_of_one_feed_are_stored_once(tmp_path: Path) -> None:
    """209 entries over 16 days, each once; a 17th run adds none and counts one 304; no alert key repeats."""
    captures = sorted((CORPUS / "feeds" / "wsj_world").glob("*.xml"))
    with Web() as web:
        command = Command(
            tmp_path,
            {
                "database": {"url": f"sqlite:///{tmp_path / 'wsj.db'}"},
                "sources": [{"name": "WSJ World", "url": web.url("/feed"), "language": "en"}],
                "channels": {"terminal": {"kind": "console"}},
                "read": {"fetch_pages": False},
                "alerts": {"max_age": "none"},
                "network": {"allow_private": True, "host_gap": 0.01},
                "poll": {"unconditional_share": 0},
                "log": {"level": "error"},
            },
        )
        for number, capture in enumerate(captures):
            web["/feed"] = Page(capture.read_bytes(), content_type="application/rss+xml", etag=f'"{number}"')
            command.run("run", "--once")
        before = command.json("status")
        command.run("run", "--once")
        after = command.json("status")
        keys = [alert["key"] for alert in command.json("alerts", "list", "--limit", "1000")]
    assert before["entries"] == after["entries"] == 209
    assert after["polls"]["not_modified"] == 1
    assert keys
    assert len(keys) == len(set(keys))
