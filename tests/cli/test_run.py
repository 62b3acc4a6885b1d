"""`monitor run --once` on a loopback feed, in a process of its own."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from tests.web import Page, Web

RUN = "import sys; from monitor.cli.main import main; main(sys.argv[1:])"
FEED = Page(
    b"<rss version='2.0'><channel><title>Quay News</title><item><title>Harbour opens</title><guid>1</guid>"
    b"<link>https://quay.example/1</link><description>The harbour has opened again.</description></item>"
    b"</channel></rss>",
    content_type="application/rss+xml",
)


@pytest.fixture
def quay(cli):
    with Web({"/feed.xml": FEED}) as web:
        cli.write_config(
            f"database: {{url: 'sqlite:///{cli.folder}/news.db'}}\nnetwork: {{allow_private: true, host_gap: 0.001}}\n"
            "read: {fetch_pages: false}\nworkers: {count: 1}\nchannels: {desk: {kind: console}}\n"
            f"sources:\n  - {{name: Quay, url: '{web.url('/feed.xml')}'}}\n"
        )
        yield cli


def once(cli, stderr: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", RUN, "--config", str(cli.config), "run", "--once"]
    environ = {**os.environ, "TERM": "xterm-256color", "NO_COLOR": "1"}
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, env=environ, text=True, check=False)


def test_the_last_line_counts_what_this_run_did(quay):
    first, second = once(quay), once(quay)
    assert (first.returncode, second.returncode) == (0, 0)
    assert re.search(r"done +\[run\] alerts=0 entries=1 sent=0\n$", first.stderr)
    assert re.search(r"done +\[run\] alerts=0 entries=0 sent=0\n$", second.stderr)


def test_on_a_terminal_no_moving_line_tears_the_log(quay):
    """And NO_COLOR turns its colours off."""
    reader, writer = pty.openpty()
    assert once(quay, stderr=writer).returncode == 0
    os.close(writer)
    shown = os.read(reader, 65536).decode()
    os.close(reader)
    lines = shown.splitlines()
    assert lines
    assert [line for line in lines if not re.match(r"\d{4}-\d\d-\d\dT", line)] == []
