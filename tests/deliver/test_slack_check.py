"""What `monitor slack test` finds out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.deliver.slack_check import check_slack
from tests.deliver import samples
from tests.deliver.test_slack import channel
from tests.slack_server import BOT_SCOPES


def found(slack, *, full: bool = False, app_token: str | None = None, **options):
    findings = check_slack(channel(slack, **options), now=samples.NOW, full=full, app_token=app_token)
    return {finding.step: finding for finding in findings}


def test_a_good_set_up_passes_every_step(slack):
    findings = found(slack)
    assert list(findings) == ["token", "scopes", "post", "find"]
    assert all(finding.ok for finding in findings.values())
    assert "monitor in Test desk" in findings["token"].detail
    assert "Test message" in slack.posts[0].payload["text"]


def test_the_full_check_replies_edits_and_leaves_nothing_behind(slack):
    slack.scopes = (*BOT_SCOPES, "commands")
    slack.socket_url = "wss://socket.example/link/?ticket=secret"
    findings = found(slack, full=True, app_token=slack.app_token)
    assert list(findings) == ["token", "scopes", "app", "channel", "post", "find", "reply", "edit", "delete"]
    assert all(finding.ok for finding in findings.values())
    parent, reply = slack.posts
    assert (parent.texts[-1].endswith("Edited."), reply.thread_ts) == (True, parent.ts)
    assert parent.is_deleted
    assert reply.is_deleted
    assert "secret" not in str(findings)


def test_an_app_token_that_opens_nothing_is_told_with_what_it_needs(slack):
    findings = found(slack, full=True, app_token="xapp-another")
    assert not findings["app"].ok
    assert "connections:write" in findings["app"].detail
    assert "xapp" not in findings["app"].detail
    assert findings["post"].ok


def test_without_the_scope_for_commands_there_is_no_slash_command(slack):
    findings = found(slack, full=True, app_token=slack.app_token)
    assert findings["app"].ok
    assert not findings["command"].ok


@pytest.mark.parametrize(("where", "said"), [("outside", "/invite it there"), ("archived", "is archived")])
def test_a_channel_that_takes_no_message_is_told_before_one_is_tried(slack, where, said):
    getattr(slack, where).add("C0ALERTS001")
    finding = found(slack, full=True)["channel"]
    assert (finding.ok, said in finding.detail) == (False, True)


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
