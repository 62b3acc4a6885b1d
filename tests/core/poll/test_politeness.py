"""Manners towards one host."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.poll.politeness import (
    MAX_CRAWL_DELAY_S,
    MAX_HOLD_S,
    HostLedger,
    Manners,
    RobotsAnswer,
    held_off,
    manners_for,
    reserve_slot,
    robots_answer,
    with_crawl_delay,
)


def starts(asked_at: list[float], *, gap_s: float, ledger: HostLedger | None = None) -> list[float]:
    """The starts promised to requests that ask at these moments."""
    ledger, promised = ledger or HostLedger(), []
    for now in asked_at:
        slot = reserve_slot(ledger, now=now, gap_s=gap_s, max_wait_s=1e9)
        assert slot.start_at is not None
        promised.append(slot.start_at)
        ledger = slot.ledger
    return promised


def test_requests_that_come_together_start_one_gap_apart():
    """In the order of asking, the first at once."""
    assert starts([10, 10, 10, 17], gap_s=2) == [10, 12, 14, 17]


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=30).map(sorted), st.floats(0, 100))
def test_no_two_starts_are_closer_than_the_gap(asked_at, gap_s):
    """And none is before it was asked for."""
    promised = starts(asked_at, gap_s=gap_s)
    assert all(start >= now for start, now in zip(promised, asked_at, strict=True))
    assert all(b - a >= gap_s * (1 - 1e-9) - 1e-6 for a, b in pairwise(promised))


def test_a_wait_beyond_the_bound_is_refused_and_costs_no_slot():
    """The refusal says how long it would have been."""
    ledger = HostLedger(next_start_at=100)
    slot = reserve_slot(ledger, now=10, gap_s=5, max_wait_s=60)
    assert (slot.start_at, slot.wait_s, slot.ledger) == (None, 90, ledger)


def test_a_pause_the_host_asked_for_holds_everything_back():
    """Retry-After, an hour at most; a shorter wish does not end a longer one."""
    ledger = held_off(held_off(HostLedger(), now=10, retry_after_s=50), now=20, retry_after_s=1)
    assert starts([20, 20], gap_s=1, ledger=ledger) == [60, 61]
    assert held_off(HostLedger(), now=0, retry_after_s=1e9).held_until == MAX_HOLD_S


def test_a_crawl_delay_widens_the_gap_within_reason():
    """The wider of ours and theirs, theirs up to half a minute; a vanished one is forgotten."""
    assert starts([0, 0], gap_s=1, ledger=with_crawl_delay(HostLedger(), delay_s=7)) == [0, 7]
    assert starts([0, 0], gap_s=9, ledger=with_crawl_delay(HostLedger(), delay_s=7)) == [0, 9]
    assert with_crawl_delay(HostLedger(), delay_s=1e6).gap_s == MAX_CRAWL_DELAY_S
    assert with_crawl_delay(HostLedger(gap_s=7), delay_s=None).gap_s == 0


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, RobotsAnswer.RULES),
        (404, RobotsAnswer.ALLOW_ALL),
        (403, RobotsAnswer.ALLOW_ALL),
        (401, RobotsAnswer.ALLOW_ALL),
        (302, RobotsAnswer.ALLOW_ALL),
        (429, RobotsAnswer.DISALLOW_ALL),
        (500, RobotsAnswer.DISALLOW_ALL),
        (503, RobotsAnswer.DISALLOW_ALL),
    ],
)
def test_a_robots_file_means_what_rfc_9309_says(status, answer):
    """Missing allows everything, broken nothing."""
    assert robots_answer(status) is answer


@pytest.mark.parametrize(
    ("host", "at_once"),
    [
        ("forum.example", 1),
        ("a.b.forum.example", 1),
        ("slow.forum.example", 3),
        ("Forum.Example.", 1),
        ("xforum.example", 2),
    ],
)
def test_the_longest_name_that_fits_decides_a_hosts_manners(host, at_once):
    """A domain stands for what is below it, never for what only ends alike."""
    special = {"forum.example": Manners(at_once=1, gap_s=5), "slow.forum.example": Manners(at_once=3, gap_s=5)}
    assert manners_for(host, special, Manners(at_once=2, gap_s=1)).at_once == at_once
