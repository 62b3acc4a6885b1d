"""When the daemon gives its database up."""

from __future__ import annotations

from monitor.errors import StoreUnavailable
from monitor.schedule.health import StoreHealth

FULL = StoreUnavailable("m.db: the disk is full", permanent=True)


class Watched:
    """A health with a clock of its own; `given_up` collects what it said."""

    def __init__(self) -> None:
        self.at = 0.0
        self.given_up: list[str] = []
        self.health = StoreHealth(patience_s=120, give_up=self.given_up.append, monotonic=lambda: self.at)

    def refuse(self, *, every_s: float, for_s: float, activity: str = "poll: write") -> None:
        until = self.at + for_s
        while self.at <= until:
            self.health.bad(activity, FULL)
            self.at += every_s


def test_reading_a_full_disk_does_not_renew_the_patience() -> None:
    """Claims that find nothing write nothing: their success says nothing of the writes."""
    watched = Watched()
    for _ in range(200):
        watched.health.good("deliver: claim")
        watched.health.good("group: claim")
        watched.health.bad("poll: write", FULL)
        watched.at += 1
    assert len(watched.given_up) == 1
    assert "the disk is full" in watched.given_up[0]
    assert watched.health.has_given_up


def test_a_write_that_goes_well_renews_the_patience() -> None:
    watched = Watched()
    for _ in range(3):
        watched.refuse(every_s=1, for_s=100)
        watched.health.good("poll: write")
        assert not watched.health.is_failing
    assert watched.given_up == []


def test_refusals_with_nothing_asked_between_them_are_separate_troubles() -> None:
    """A lock this morning and one tonight are no outage of a day."""
    watched = Watched()
    watched.refuse(every_s=3600, for_s=24 * 3600)
    assert watched.given_up == []
