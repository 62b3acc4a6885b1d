"""The examples of docs/detector.md are rules that work: each file is loaded, tested and linted, each command run."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from monitor.cli.context import CliContext
from monitor.cli.main import main
from monitor.core.detect.detector import RuleDetector
from monitor.core.detect.rule_tests import run_rule_tests
from monitor.core.model.report import Article
from monitor.core.rules.lint import lint
from monitor.core.rules.schema import Effect, Place, Scope
from monitor.settings.paths import alembic_dir, shipped_config_dir
from monitor.settings.rules import load_ruleset
from monitor.store.migrate import upgrade

PAGE = (Path(__file__).parents[3] / "docs" / "detector.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"(?ms)^```yaml (my-rules/\S+)\n(.*?)^```", PAGE))
COMMANDS = [line for block in re.findall(r"(?ms)^```sh\n(.*?)^```", PAGE) for line in block.splitlines()]
GOLD = {"id": "1", "title": "Rebels sign truce", "text": "", "ceasefire": {"level": 2, "phase": "agreed"}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A working folder with the page's own rule files, and what its commands read."""
    place = tmp_path_factory.mktemp("docs")
    for name, text in FILES.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    (place / "gold.jsonl").write_text(json.dumps(GOLD) + "\n", encoding="utf-8")
    (place / "items.jsonl").write_text(json.dumps(GOLD) + "\n", encoding="utf-8")
    (place / "monitor.yaml").write_text(f"database: {{url: 'sqlite:///{place}/monitor.db'}}\n", encoding="utf-8")
    upgrade(f"sqlite:///{place}/monitor.db", alembic_dir())
    return place


@pytest.fixture(scope="module")
def ruleset(folder):
    return load_ruleset([shipped_config_dir(), folder / "my-rules"])


def own(at, folder):
    """Whether a rule stands in one of the page's files."""
    return (folder / "my-rules" / at.rpartition(":")[0]).is_file()


def test_the_rules_of_the_page_pass_their_tests(ruleset, folder):
    outcomes = [o for o in run_rule_tests(ruleset) if own(o.rule.at, folder)]
    assert len(outcomes) >= 15
    assert [f"{o.rule.at} {o.test.text}: {o.detail}" for o in outcomes if not o.passed] == []


def test_the_rules_of_the_page_have_nothing_to_lint(ruleset):
    assert [str(problem) for problem in lint(ruleset)] == []


def test_a_new_event_type_is_a_folder(ruleset):
    """Reports of the new type come with roles and phases, and stories can be made of them."""
    (found,) = [
        r
        for r in RuleDetector(ruleset).detect(Article(title="Spain recalls its ambassador from Argentina", text=""))
        if r.type == "recall"
    ]
    assert (found.phase, found.alert) == ("recalled", True)
    assert (found.roles.named("sender"), found.roles.named("receiver")) == (("Spain",), ("Argentina",))
    assert ruleset.events["recall"].phase("returned").after == ("recalled",)


def test_a_new_name_is_known(ruleset):
    (visit,) = [
        r for r in RuleDetector(ruleset).detect(Article(title="Holt lands in Cairo", text="")) if r.type == "visit"
    ]
    assert visit.roles.named("visitor") == ("Maren Holt",)


@pytest.mark.parametrize("words", [Effect, Scope, Place], ids=lambda e: e.__name__)
def test_every_word_of_the_rule_language_is_on_the_page(words):
    assert [word.value for word in words if f"`{word.value}`" not in PAGE] == []


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_page_works(folder, monkeypatch, capsys, line):
    monkeypatch.chdir(folder)
    name, *arguments = shlex.split(line)
    assert name == "monitor"
    jobs = ["--jobs", "1"] if arguments[0] == "replay" else []
    with pytest.raises(SystemExit) as ended:
        main(["--config", "monitor.yaml", *arguments, *jobs], given=CliContext(environ={}))
    printed = capsys.readouterr()
    assert not ended.value.code, printed.err
    assert printed.out
