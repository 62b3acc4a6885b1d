"""What `monitor slack test` finds out."""

from __future__ import annotations

from datetime import timedelta

from monitor.deliver.slack_check import check_slack
from tests.deliver import samples
from tests.deliver.test_slack import channel
from tests.slack_server import BOT_SCOPES


def found(slack, *, full: bool = False, **options):
    findings = check_slack(channel(slack, **options), now=samples.NOW, full=full)
    return {finding.step: finding for finding in findings}


def test_a_good_set_up_passes_every_step(slack):
    findings = found(slack)
    assert list(findings) == ["token", "scopes", "post", "find"]
    assert all(finding.ok for finding in findings.values())
    assert "monitor in Test desk" in findings["token"].detail
    assert "Test message" in slack.posts[0].payload["text"]


def test_the_full_check_edits_and_deletes_its_message(slack):
    findings = found(slack, full=True)
    assert [findings["edit"].ok, findings["delete"].ok] == [True, True]
    assert slack.posts[0].texts[-1].endswith("Edited.")
    assert slack.posts[0].is_deleted


def test_a_wrong_token_ends_the_check_without_showing_it(slack):
    findings = found(slack, token="xoxb-wrong")
    assert list(findings) == ["token"]
    assert "invalid_auth" in findings["token"].detail
    assert "xoxb-wrong" not in findings["token"].detail


def test_missing_scopes_are_named(slack):
    slack.scopes = ("commands",)
    findings = found(slack)
    assert "chat:write" in findings["scopes"].detail
    assert not findings["scopes"].ok
    assert not findings["history"].ok
    assert not findings["names"].ok
    assert "missing_scope" in findings["post"].detail


def test_a_channel_given_by_id_needs_no_scope_to_list_channels(slack):
    slack.scopes = tuple(scope for scope in BOT_SCOPES if not scope.endswith(":read"))
    assert "names" not in found(slack, to="C0ALERTS001")


def test_an_unknown_channel_is_named(slack):
    finding = found(slack, to="#nowhere")["post"]
    assert not finding.ok
    assert "#nowhere" in finding.detail


def test_the_check_finds_its_message_however_the_clocks_differ(slack):
    findings = check_slack(channel(slack), now=samples.NOW + timedelta(minutes=4))
    assert findings[-1].ok
