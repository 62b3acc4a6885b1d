"""Hosts that do not answer are not asked for a while."""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest

from monitor.core.model.feed import PollReason
from monitor.core.model.fetch import FetchRequest
from monitor.errors import FetchError
from monitor.fetch.circuits import HostCircuits, HostDown
from tests.web import Page, Web


@pytest.fixture
def dead_url() -> str:
    """An address nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/"


def test_the_fourth_request_to_a_dead_host_is_not_made(make_fetcher, dead_url):
    """Feeds and pages of that host are told to come back, and others are asked as ever."""
    fetcher = make_fetcher()
    reasons = []
    for path in ("a", "b", "c", "d"):
        with pytest.raises(FetchError) as caught:
            fetcher.fetch(FetchRequest(url=dead_url + path, obey_robots=False))
        reasons.append(caught.value.reason)
    assert reasons == [PollReason.CONNECTION_FAILED] * 3 + [PollReason.HOST_DOWN]
    assert 0 < caught.value.retry_after_s <= 60
    assert sum(host.requests for host in fetcher.take_traffic()) == 3
    with Web({"/": Page(b"well")}) as web:
        assert fetcher.fetch(FetchRequest(url=web.url("/"), obey_robots=False)).body == b"well"


@pytest.mark.parametrize(
    "page", [Page(status=500), Page(b"x" * 5000), Page(b"x", headers=(("Content-Encoding", "br"),))]
)
def test_a_host_that_answers_badly_is_not_dead(make_fetcher, page):
    """An error page, a body over the limit or an encoding nobody asked for: it answered."""
    with Web({"/": page}) as web:
        fetcher = make_fetcher(max_body=1000)
        for _ in range(4):
            with suppress(FetchError):
                fetcher.fetch(FetchRequest(url=web.url("/"), obey_robots=False))
        assert len(web.requests) == 4


def test_an_answer_between_starts_the_count_again():
    """Only silence in a row opens the circuit, and only hosts in trouble are remembered."""
    circuits = HostCircuits(monotonic=lambda: 0.0)

    def ask(reason: PollReason | None) -> None:
        with circuits.watching("h"):
            if reason is not None:
                raise FetchError("http://h/", reason, "")

    for _ in range(2):
        with pytest.raises(FetchError):
            ask(PollReason.TIMEOUT)
    ask(None)
    assert circuits.troubled_count == 0
    for _ in range(3):
        with pytest.raises(FetchError):
            ask(PollReason.DNS_FAILURE)
    with pytest.raises(HostDown):
        ask(None)
