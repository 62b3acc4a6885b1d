"""Proxy variables of the machine must not reach loopback servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.slack_server import FakeSlack


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack(now=lambda: 1_730_211_600.0) as server:  # samples.NOW
        yield server
