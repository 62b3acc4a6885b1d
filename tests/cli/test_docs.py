"""Every example of docs/cli.md and of the help pages works, on a loopback site and a fake Slack."""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
import yaml

from monitor.cli.main import app
from monitor.core.alert.why_not import Stage
from tests.cli.conftest import Cli
from tests.cli.test_sources import HOME, LIST_PAGE, PRESS, WORLD
from tests.slack_server import FakeSlack
from tests.web import Web

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
SITE = "https://news.example"


def shell_lines(text: str) -> list[str]:
    return [line for block in re.findall(r"(?ms)^```sh\n(.*?)^```", text) for line in block.splitlines()]


def all_commands() -> dict[str, str]:
    """Every command's help by its full name, groups left out."""
    found = {}
    waiting = [("monitor", typer.main.get_command(app))]
    while waiting:
        name, command = waiting.pop()
        inner = getattr(command, "commands", {})
        waiting.extend((f"{name} {key}", each) for key, each in inner.items())
        if not inner:
            found[name] = f"{command.help or ''}\n{command.epilog or ''}"
    return found


DOCUMENTED = shell_lines(PAGE.read_text(encoding="utf-8"))
IN_HELP = [
    (name, line.strip())
    for name, text in all_commands().items()
    for line in text.splitlines()
    if line.strip().startswith(("monitor ", "Example: monitor "))
]


@pytest.fixture
def web() -> Iterator[Web]:
    with Web({"/world.xml": WORLD, "/": HOME, "/press": PRESS, "/list": LIST_PAGE, "/harbour.xml": WORLD}) as web:
        yield web


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as slack:
        yield slack


@pytest.fixture
def house(cli: Cli, filled_database: Path, web: Web, slack: FakeSlack) -> Cli:
    """The sample history with one source on loopback, a Slack channel, and the files the examples name."""
    file = shutil.copy(filled_database, cli.folder / "history.db")
    settings = {
        "database": {"url": f"sqlite:///{file}"},
        "network": {"allow_private": True, "host_gap": 0.001},
        "workers": {"count": 1},
        "read": {"fetch_pages": False},
        "alerts": {"timezone": "Asia/Jerusalem"},
        "sources": [{"name": "Harbour Post", "url": web.url("/harbour.xml")}],
        "channels": {"desk": {"kind": "slack", "channel": "#alerts", "token_env": "TOKEN", "api_url": slack.url}},
    }
    cli.write_config(yaml.safe_dump(settings))
    (cli.folder / "article.txt").write_text(
        "Truce talks resume in Cairo\n\nEnvoys of both sides met in Cairo on Monday.\n"
    )
    (cli.folder / "items.jsonl").write_text(
        json.dumps({"id": "1", "date": "2026-03-02", "title": "Truce talks resume", "text": ""}) + "\n"
    )
    gold = {"id": "1", "source": "wire", "title": "Truce talks resume", "ceasefire": {"level": 2, "phase": "talks"}}
    (cli.folder / "gold.jsonl").write_text(json.dumps(gold) + "\n")
    (cli.folder / "articles.jsonl").write_text(
        json.dumps({"url": "https://news.example/truce", "title": "Truce talks resume", "source": "Lake Wire"}) + "\n"
    )
    (cli.folder / "my-rules").mkdir()
    (cli.folder / "feeds.opml").write_text(
        "<opml version='2.0'><body><outline text='A' xmlUrl='https://a.example/f'/></body></opml>"
    )
    return cli


@pytest.mark.parametrize("line", DOCUMENTED)
def test_a_documented_example_works(house, web, slack, monkeypatch, line):
    name, *arguments = shlex.split(line.replace(SITE, web.url("")))
    assert name == "monitor"
    if "<" in arguments:
        at = arguments.index("<")
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(Path(arguments[at + 1]).read_bytes()), "utf-8"))
        arguments = arguments[:at]
    if arguments[:2] == ["sources", "enable"]:
        assert house("sources", "disable", *arguments[2:]).code == 0
    ran = house(*arguments, TOKEN=slack.token, USER="reader")
    assert ran.code == 0, ran.err
    assert ran.out or ran.err or "--output" in arguments


def test_every_command_is_documented_with_an_example():
    examples = [line.split(" <")[0] for line in DOCUMENTED]
    assert [name for name in all_commands() if not any(f"{line} ".startswith(f"{name} ") for line in examples)] == [
        "monitor rules show"
    ]


@pytest.mark.parametrize(("command", "line"), IN_HELP)
def test_an_example_of_a_help_page_is_a_correct_command_line(cli, command, line):
    """It names the command whose page it stands on, and only options that command has."""
    words = shlex.split(line.removeprefix("Example: ").partition(" > ")[0].partition(" < ")[0].partition("   ")[0])
    if words[1] == "--config":
        del words[1:3]
    assert " ".join(words).startswith(command)
    options = {word for word in words if word.startswith("--")}
    page = cli(*command.split()[1:], "--help", config=False).out
    assert [option for option in options if not re.search(rf"{option}\b", page)] == []


def test_the_documented_keys_are_those_of_an_alert(house):
    alert = house("alerts", "show", "1", "--json").json
    section = PAGE.read_text(encoding="utf-8").partition("| key | value |")[2].partition("\n\n")[0]
    keys = [
        key
        for row in section.splitlines()
        if row.startswith("| `")
        for key in re.findall(r"`(\w+)`", row.split("|")[1])
    ]
    assert sorted(keys) == sorted(alert)


def test_the_documented_counts_are_those_of_status(house):
    text = PAGE.read_text(encoding="utf-8").partition("The JSON has")[2].partition("\n\n")[0]
    status = house("status", "--json").json
    assert [key for key in (*status, *status["feeds"]) if f"`{key}`" not in text] == []


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("explain", ["Grocers agree ceasefire in price war", "--json"]),
        ("explain", ["Truce talks resume in Cairo", "--json"]),
        ("why-not", ["document:1", "--json"]),
        ("replay", ["--jsonl", "items.jsonl", "--json"]),
        ("ingest", ["articles.jsonl", "--json"]),
        ("eval", ["gold.jsonl", "--errors", "1", "--json"]),
    ],
)
def test_the_documented_keys_are_those_of_a_command(house, command, arguments):
    section = PAGE.read_text(encoding="utf-8").partition(f"## monitor {command}\n")[2].partition("\n## ")[0]
    record = house(command, *arguments).json
    keys = set(record)
    for value in record.values():
        keys |= set(value[0]) if isinstance(value, list) and value else set()
    of_detect = {"phase", "modality", "alert", "score", "roles", "evidence", "words"} if command == "explain" else set()
    assert sorted(key for key in keys - of_detect if f"`{key}`" not in section) == []


def test_the_documented_stages_are_those_of_why_not():
    text = PAGE.read_text(encoding="utf-8")
    assert [stage.value for stage in Stage if f"`{stage.value}`" not in text] == []


def test_the_documented_sources_are_a_configuration(house):
    block = re.search(r"(?ms)^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"))
    (house.folder / "my-lists").mkdir()
    (house.folder / "my-lists" / "one.yaml").write_text("- url: https://one.example/\n")
    house.write_config(block[1])
    assert house("config", "check").code == 0
