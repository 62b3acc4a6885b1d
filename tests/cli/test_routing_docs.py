"""What docs/routing.md and docs/alerts.md say is so."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from monitor.core.model.alert import AlertReason
from monitor.core.model.event import EventType
from monitor.core.model.route import DispatchReason, Outcome
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset
from tests.cli.conftest import Cli

DOCS = Path(__file__).parents[2] / "docs"
ROUTING = (DOCS / "routing.md").read_text(encoding="utf-8")
ALERTS = (DOCS / "alerts.md").read_text(encoding="utf-8")
CONFIG = re.search(r"(?ms)^```yaml\n(.*?)^```", ROUTING)
TRIALS = [
    (command, rest.strip().splitlines())
    for block in re.findall(r"(?ms)^```console\n(.*?)^```", ROUTING)
    for command, rest in re.findall(r"(?ms)^\$ monitor ([^\n]*)\n(.*?)(?=^\$|\Z)", block)
]


@pytest.mark.parametrize(("command", "expected"), TRIALS)
def test_a_documented_trial_gives_what_the_page_shows(cli: Cli, command: str, expected: list[str]) -> None:
    assert CONFIG is not None
    text = cli.config.read_text(encoding="utf-8")
    cli.write_config(text + CONFIG[1].replace("alerts: {ack: true}", "alerts: {ack: true, timezone: UTC}"))
    ran = cli(*shlex.split(command))
    assert (ran.code, ran.out.splitlines()) == (0, expected)


def test_every_outcome_and_reason_is_documented() -> None:
    words = [*Outcome, *(reason for reason in DispatchReason if reason is not DispatchReason.EXPIRED)]
    assert [word.value for word in words if f"`{word.value}`" not in ROUTING] == []
    assert [reason.value for reason in AlertReason if f"`{reason.value}`" not in ALERTS] == []


def test_the_shown_inhibitions_are_those_in_force() -> None:
    ceasefire: EventType = load_ruleset([shipped_config_dir()]).events["ceasefire"]
    for rule in ceasefire.inhibits:
        assert (rule.phases, rule.for_s) == (("called_for", "talks", "proposed", "near"), 24 * 3600)
    assert [rule.phase for rule in ceasefire.inhibits] == ["agreed", "in_effect"]
    assert dict(ceasefire.changes) == dict.fromkeys(("starts_on", "ends_on"), ("agreed", "in_effect", "extended"))
