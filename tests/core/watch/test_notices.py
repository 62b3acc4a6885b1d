"""Through which channels a notice is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.core.model.alert import Notice, NoticeState, Severity
from monitor.core.model.condition import ConditionKind
from monitor.core.watch.notices import told_through

NOON = datetime(2024, 10, 29, 12, tzinfo=UTC)


def notice(channel: str | None) -> Notice:
    return Notice(
        key="k",
        kind=ConditionKind.CHANNEL_FAILING,
        state=NoticeState.STARTED,
        severity=Severity.HIGH,
        title="Channel does not deliver",
        lines=(),
        since=NOON,
        created_at=NOON,
        channel=channel,
    )


@pytest.mark.parametrize(
    ("about", "admin", "expected"),
    [
        (None, ("ops", "pager"), ("ops", "pager")),
        ("desk", ("ops",), ("ops",)),
        ("ops", ("ops", "pager"), ("pager",)),
        ("ops", ("ops",), ("desk", "mail")),  # better to the wrong desk than to nobody
        ("desk", (), ()),
    ],
)
def test_a_channels_trouble_is_never_told_through_it(about, admin, expected):
    assert told_through(notice(about), admin, ("desk", "ops", "mail")) == expected
