"""What all commands share: help, exit codes, errors in one line, and clean pipes."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from monitor.cli.exits import ExitCode
from tests.slack_server import FakeSlack

RUN = "import sys; from monitor.cli.main import main; main(sys.argv[1:])"


def test_help_says_what_exit_codes_mean(cli):
    page = cli("--help", config=False).out
    for code in ExitCode:
        assert re.search(rf"(?m)^ +{code.value}  \w", page)


def test_the_version_is_shown(cli):
    assert re.fullmatch(r"monitor \d+\.\d+\.\d+\S*\n", cli("--version", config=False).out)


@pytest.mark.parametrize(
    "group", ["", "alerts", "alerts list", "sources", "sources add", "config", "db", "slack", "status"]
)
def test_every_help_page_fits_a_narrow_terminal(cli, group, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    ran = cli(*group.split(), "--help", config=False)
    assert ran.code == 0
    assert max(map(len, ran.out.splitlines())) <= 80


def test_an_unknown_command_ends_with_2(cli):
    ran = cli("alerst")
    assert ran.code == 2
    assert "Did you mean 'alerts'?" in ran.err


HEAVY = ("sqlalchemy", "alembic", "httpx", "trafilatura", "apscheduler", "slack_sdk", "feedparser")


@pytest.mark.parametrize("arguments", [["--version"], ["detect", "A truce was signed in Geneva"], ["rules", "list"]])
def test_a_command_imports_only_what_it_needs(tmp_path, arguments):
    """Most of what a short command costs is imports."""
    code = (
        "import sys\n"
        "from monitor.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\n"
        f"finally:\n    print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.splitlines()[-1] == "[]"


def test_verbose_shows_where_an_error_came_from(cli):
    ran = cli("--verbose", "status")
    assert ran.code == 4
    assert ran.err.startswith("Traceback")
    assert ran.err.splitlines()[-1].startswith("monitor: ")


@pytest.fixture
def in_a_process(history):
    """Runs a command in a process of its own; returns it with standard output in a pipe."""

    def start(*arguments: str, stdout: int = subprocess.PIPE, **environ: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", RUN, "--config", str(history.config), *arguments]
        ours = ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "PYTHONUNBUFFERED")  # would change what is shown, or when
        clean = {k: v for k, v in os.environ.items() if k not in ours}
        return subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE, env=clean | environ)

    return start


@pytest.mark.parametrize(
    "command", ["alerts export --format jsonl", "alerts list", "alerts show 1", "status --json", "config example"]
)
def test_a_reader_that_has_seen_enough_is_no_error(in_a_process, command):
    """As with `| head -1`: nothing is said; only the exit code tells that not all was written."""
    with in_a_process(*command.split()) as running:
        running.stdout.close()
        said = running.stderr.read()
    assert (running.returncode, said) == (1, b"")


def test_a_pipe_gets_no_escape_codes(in_a_process):
    with in_a_process("alerts", "list", TERM="xterm-256color") as running:
        out, said = running.communicate()
    assert b"\x1b" not in out + said


@pytest.mark.parametrize(("columns", "no_color"), [(80, ""), (120, ""), (80, "1")])
def test_a_terminal_gets_a_table_that_fits(in_a_process, columns, no_color):
    """Nothing is wider than the screen; colours come unless NO_COLOR is set."""
    reader, writer = pty.openpty()
    environ = {"TERM": "xterm-256color", "COLUMNS": str(columns)} | ({"NO_COLOR": no_color} if no_color else {})
    with in_a_process("alerts", "list", stdout=writer, **environ) as running:
        running.wait()
    os.close(writer)
    shown = _all_of(reader)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert max(len(line.rstrip()) for line in plain.splitlines()) <= columns
    assert "Amélie Rouvier → Qatar" in plain
    assert ("\x1b[31m" in shown or "31m" in shown) is not bool(no_color)


def _all_of(reader: int) -> str:
    parts = []
    while True:
        try:
            part = os.read(reader, 65536)
        except OSError:  # Linux: the other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(reader)
    return b"".join(parts).decode()


def slack_config(cli, slack: FakeSlack, channel: str = "#alerts") -> None:
    cli.write_config(
        f"channels:\n  desk: {{kind: slack, channel: '{channel}', token_env: TOKEN, api_url: '{slack.url}'}}\n"
    )


def test_slack_is_tried_step_by_step(cli):
    with FakeSlack() as slack:
        slack_config(cli, slack)
        ran = cli("slack", "test", TOKEN=slack.token)
        assert (ran.code, ran.err) == (0, "")
        assert [line.split()[:3] for line in ran.out.splitlines()] == [
            ["ok", "desk", "token"],
            ["ok", "desk", "scopes"],
            ["ok", "desk", "post"],
            ["ok", "desk", "find"],
        ]
        assert len(slack.posts) == 1


def test_what_fails_at_slack_ends_with_5_and_no_secret(cli):
    with FakeSlack() as slack:
        slack_config(cli, slack, channel="#nowhere")
        ran = cli("slack", "test", "--channel", "desk", TOKEN=slack.token)
        assert ran.code == 5
        assert "FAIL desk post" in ran.out
        wrong = cli("slack", "test", TOKEN="xoxb-SECRET")
        assert wrong.code == 5
        assert "FAIL desk token" in wrong.out
        assert "SECRET" not in wrong.out + wrong.err


def test_a_slack_channel_that_cannot_be_tried_ends_with_3(cli):
    with FakeSlack() as slack:
        slack_config(cli, slack)
        assert "the environment variable TOKEN is not set" in cli("slack", "test").err
        missing = cli("slack", "test", "--channel", "dekk")
        assert (missing.code, "no Slack channel 'dekk'; there is desk" in missing.err) == (3, True)


def test_a_terminal_in_another_encoding_shows_what_it_can(in_a_process):
    """Letters it lacks come as escapes; nothing ends in a traceback."""
    with in_a_process("alerts", "list", PYTHONIOENCODING="latin-1") as running:
        out, said = running.communicate()
    assert (running.returncode, said) == (0, b"")
    assert "Amélie Rouvier \\u2192 Qatar".encode("latin-1") in out


def test_a_machine_without_a_readable_zone_is_told(history, in_a_process):
    history.write_config(history.config.read_text().replace("Asia/Jerusalem", "local"))
    with in_a_process("alerts", "list", TZ="Mars/Olympus") as running:
        _, said = running.communicate()
    assert running.returncode == 3
    assert b"this machine's zone" in said
