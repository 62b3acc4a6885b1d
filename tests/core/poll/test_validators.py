"""Servers that answer 304 to everything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from monitor.core.model.entry import Entry
from monitor.core.model.feed import FeedState, PollReason
from monitor.core.model.fetch import FetchResponse
from monitor.core.poll.chance import chance
from monitor.core.poll.validators import DISTRUST_FOR, asks_unconditionally, has_lied

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
SAID_AT = NOW - timedelta(minutes=10)
OLD_DATE = format_datetime(NOW - timedelta(days=2), usegmt=True)
STATE = FeedState(
    etag='"1"', last_modified=OLD_DATE, last_reason=PollReason.NOT_MODIFIED, last_polled_at=SAID_AT, interval_s=600.0
)


def answer(etag: str | None = None, last_modified: str | None = None) -> FetchResponse:
    pairs = (("etag", etag), ("last-modified", last_modified))
    headers = tuple((name, value) for name, value in pairs if value is not None)
    return FetchResponse(status=200, url="https://p.example", headers=headers, fetched_at=NOW)


def entry(**ago: float) -> Entry:
    return Entry(guid="g", published_at=NOW - timedelta(**ago) if ago else None)


@pytest.mark.parametrize(
    ("response", "new", "lied"),
    [
        (answer('"1"', OLD_DATE), [entry(minutes=1)], True),
        (answer('"2"'), [entry(minutes=5)], False),
        (answer('"2"', format_datetime(NOW - timedelta(hours=3), usegmt=True)), [entry(minutes=5)], True),
        (answer('"2"', format_datetime(NOW - timedelta(minutes=1), usegmt=True)), [entry(days=3)], False),
        (answer(), [entry(hours=5), entry(hours=4), entry(minutes=1)], True),
        (answer(), [entry(hours=5), entry(minutes=2)], False),
        (answer(), [entry()], False),
        (answer('"1"', OLD_DATE), [], False),
    ],
    ids=[
        "news under the same validators",
        "changed since",
        "the body's own date is before the 304",
        "a fresh body with an old item",
        "most of the news is older than the 304",
        "only half of it is",
        "undated news",
        "no news",
    ],
)
def test_a_304_is_judged_by_what_it_hid(response, new, lied):
    """Only proof from the server's own dates and validators counts."""
    assert has_lied(STATE, response, new) is lied


def test_without_a_304_before_there_is_no_lie():
    """A first look, or a 200 before, hid nothing."""
    for changes in ({"last_reason": PollReason.SAME_BODY}, {"last_polled_at": None}):
        assert not has_lied(STATE.with_changes(**changes), answer('"1"', OLD_DATE), [entry(minutes=1)])


def test_a_liar_is_asked_without_validators_for_a_month():
    """Then the server gets another chance."""
    state = STATE.with_changes(validators_lied_at=NOW)
    assert asks_unconditionally(state, share=0.01, draw=0.5, now=NOW + timedelta(days=29))
    assert not asks_unconditionally(state, share=0.01, draw=0.5, now=NOW + DISTRUST_FOR)


def test_one_poll_in_a_hundred_asks_without_validators():
    """By a draw that the same seed repeats, spread over feeds and times."""
    polls = [(feed, NOW + timedelta(minutes=10 * n)) for feed in range(100) for n in range(200)]
    draws = [chance("seed", feed_id=feed, at=at, purpose="unconditional") for feed, at in polls]
    assert draws == [chance("seed", feed_id=feed, at=at, purpose="unconditional") for feed, at in polls]
    chosen = [asks_unconditionally(STATE, share=0.01, draw=draw, now=NOW) for draw in draws]
    assert 150 <= sum(chosen) <= 250  # 200 expected of 20,000; 3.5 standard deviations either way
    assert draws != [chance("other", feed_id=feed, at=at, purpose="unconditional") for feed, at in polls]
