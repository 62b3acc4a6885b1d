"""What docs/slack.md says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from monitor.deliver.slack_check import HISTORY_SCOPES, LIST_SCOPES, NEEDED_SCOPES
from monitor.deliver.slack_errors import BLOCK_ERRORS, CHANNEL_ERRORS, TOKEN_ERRORS
from monitor.settings import schema

TEXT = (Path(__file__).parents[2] / "docs" / "slack.md").read_text(encoding="utf-8")
SAMPLES = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]


def test_the_manifest_asks_for_the_scopes_the_monitor_uses_and_no_others():
    manifest = SAMPLES[0]
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == {*NEEDED_SCOPES, *HISTORY_SCOPES, *LIST_SCOPES}
    assert manifest["settings"]["token_rotation_enabled"] is False


@pytest.mark.parametrize("sample", SAMPLES[1:])
def test_the_configuration_samples_are_valid(sample):
    assert schema.Settings(**sample).channels["desk"].kind == "slack"


def test_the_error_codes_it_names_are_treated_as_it_says():
    rows = re.findall(r"^\| (`.*?) \|", TEXT[TEXT.index("| Slack says |") :], re.MULTILINE)
    named = [set(re.findall(r"`([a-z_]+)`", row)) for row in rows]
    for codes, known in (
        (TOKEN_ERRORS, "invalid_auth"),
        (CHANNEL_ERRORS, "is_archived"),
        (BLOCK_ERRORS, "invalid_blocks"),
    ):
        (row,) = [row for row in named if known in row]
        assert row <= codes
