"""What every test shares: no network beyond loopback, no dice, no stopwatch."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest
from hypothesis import settings

# The same examples in every run, and no example judged by the clock of a machine that others share.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.load_profile("suite")

pytest_plugins = ["tests.databases"]

_connect = socket.socket.connect


def _connect_to_loopback_only(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6) and not ipaddress.ip_address(address[0]).is_loopback:
        raise AssertionError(f"a test tried to reach {address[0]}: only loopback is allowed")
    _connect(self, address)


@pytest.fixture(autouse=True, scope="session")
def no_network_beyond_loopback() -> Any:
    """Any connection elsewhere fails the test that tries it."""
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _connect_to_loopback_only)
    yield
    patch.undo()
