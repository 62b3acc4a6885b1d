"""What docs/slack.md says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from monitor.deliver.registry import KINDS
from monitor.deliver.slack_check import COMMAND_SCOPE, HISTORY_SCOPES, LIST_SCOPES, NEEDED_SCOPES
from monitor.deliver.slack_errors import BLOCK_ERRORS, CHANNEL_ERRORS, TOKEN_ERRORS
from monitor.settings import schema

TEXT = (Path(__file__).parents[2] / "docs" / "slack.md").read_text(encoding="utf-8")
SAMPLES = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]


def test_the_manifest_asks_for_the_scopes_the_monitor_uses_and_no_others():
    manifest = SAMPLES[0]
    asked = {*NEEDED_SCOPES, *HISTORY_SCOPES, *LIST_SCOPES, COMMAND_SCOPE}
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == asked
    assert (manifest["settings"]["socket_mode_enabled"], manifest["settings"]["interactivity"]["is_enabled"]) == (
        True,
        True,
    )
    assert [each["command"] for each in manifest["features"]["slash_commands"]] == ["/monitor"]
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


CHANNELS = (Path(__file__).parents[2] / "docs" / "channels.md").read_text(encoding="utf-8")
CHANNEL_SAMPLES = re.findall(r"```yaml\n(.*?)```", CHANNELS, re.DOTALL)
"""Their comments name the keys that are left out."""


def test_every_kind_of_channel_has_a_valid_sample_with_all_of_its_keys():
    """Slack's stands on a page of its own."""
    shown = {}
    for sample in CHANNEL_SAMPLES:
        (channel,) = schema.Settings(**yaml.safe_load(sample)).channels.values()
        shown[channel.kind] = [key for key in type(channel).model_fields if not re.search(rf"\b{key}\b", sample)]
    assert shown == {kind: [] for kind in KINDS if kind != "slack"}
