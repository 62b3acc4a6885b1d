"""Whether a server's 304 can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.core.model.entry import Entry
from monitor.core.model.feed import FeedState, PollReason
from monitor.core.model.fetch import FetchResponse
from monitor.core.poll.hints import http_date

DISTRUST_FOR = timedelta(days=30)
"""How long a server that lied is asked without validators; the body digest then tells what is unchanged."""
_CLOCKS_DIFFER = timedelta(minutes=2)
# An entry can appear some time after its stated date: editors, caches and generators take their time.
_LATE_ENTRY = timedelta(hours=2)


def asks_unconditionally(state: FeedState, *, share: float, draw: float, now: datetime) -> bool:
    """Whether this poll leaves the validators out, as a share of polls does; `draw` is even in [0, 1).

    It is the only way to see what a lying 304 hides; NewsBlur does so with 1 %.
    """
    lied_at = state.validators_lied_at
    return draw < share or (lied_at is not None and now - lied_at < DISTRUST_FOR)


def has_lied(state: FeedState, response: FetchResponse, new: Sequence[Entry]) -> bool:
    """Whether a 200 asked for without validators shows that the 304 before it hid new entries.

    It does when the news comes under the very validators the server called current, when it dates
    its body before that 304, or when most of the news is older than that 304 by two hours.
    """
    said_at = state.last_polled_at
    if not new or said_at is None or state.last_reason is not PollReason.NOT_MODIFIED:
        return False
    etag, last_modified = response.header("etag"), response.header("last-modified")
    if (etag or last_modified) and (etag, last_modified) == (state.etag, state.last_modified):
        return True
    modified_at = http_date(last_modified)
    if modified_at is not None and last_modified != state.last_modified:
        return modified_at < said_at - _CLOCKS_DIFFER
    dated = [entry.published_at for entry in new if entry.published_at is not None]
    return bool(dated) and sum(at < said_at - _LATE_ENTRY for at in dated) * 2 > len(dated)
