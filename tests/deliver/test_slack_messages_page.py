"""docs/slack-messages.md shows what the code makes."""

from __future__ import annotations

from tests import slack_blockkit
from tests.deliver.story_samples import MESSAGES, PAGE, page


def test_the_page_shows_every_kind_of_message_as_it_is_made():
    assert PAGE.read_text(encoding="utf-8") == page()


def test_slack_takes_what_the_page_shows():
    for _, build in MESSAGES.values():
        payload = build()
        assert slack_blockkit.problems({"text": payload.text, "blocks": [dict(b) for b in payload.blocks]}) == []
