"""Polls written together: none is lost to another's fault, and what a crash loses is asked again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from monitor.core.model.feed import Feed, FeedState, PollReason
from monitor.errors import StoreUnavailable
from monitor.ports import ClaimedFeed, Lease, PollResult, PollWritten
from monitor.steps.poll import LEASE_S
from monitor.steps.results import BATCH, Polled, PollResults
from monitor.steps.step import NotWritten
from tests.builders import NOON
from tests.house import House, Item

OpenHouse = Callable[..., House]


def test_a_batch_that_a_crash_loses_is_asked_again(open_house: OpenHouse) -> None:
    """Nothing of it is stored; when the leases have lapsed, the feeds are polled anew and their entries are new."""
    house = open_house()
    for number in range(3):
        house.publish_feed(
            f"/{number}.xml", [Item(slug=f"story-{number}", title=f"Story {number}")], name=f"Post {number}"
        )
    app = house.open()
    worked = 0
    while worked < 3:  # one after the other: they are of one host
        for work in app.steps[0].claim(10):
            work()
            worked += 1
    app.store.close()  # without the write
    app.fetcher.close()
    assert house.counts().polls_by_reason == ()
    house.clock.advance(seconds=LEASE_S + 1)
    house.run_once()
    assert dict(house.counts().polls_by_reason) == {PollReason.NEW_ENTRIES: 3}
    assert house.counts().entries == 3
    assert [house.web.paths.count(f"/{number}.xml") for number in range(3)] == [2, 2, 2]


def test_feeds_of_one_host_wait_for_each_other_in_no_thread(open_house: OpenHouse) -> None:
    """More feeds than threads on one host, and one elsewhere: all are polled, a gap apart."""
    house = open_house(settings={"network": {"host_gap": 0.05}, "poll": {"concurrency": 1}})
    for number in range(5):
        house.publish_feed(
            f"/{number}.xml", [Item(slug=f"story-{number}", title=f"Story {number}")], name=f"Post {number}"
        )
    house.run_once()
    assert dict(house.counts().polls_by_reason) == {PollReason.NEW_ENTRIES: 5}


def polled(number: int) -> Polled:
    """A poll of feed `number` that found nothing new."""
    claim = ClaimedFeed(
        lease=Lease(row_id=number, fence=1, until=NOON),
        feed=Feed(id=number, name=f"Feed {number}", url=f"https://feeds.example/{number}"),
        state=FeedState(),
    )
    return claim, PollResult(
        state=FeedState(), reason=PollReason.NOT_MODIFIED, status=304, started_at=NOON, finished_at=NOON
    )


def takes_all(numbers: list[int]) -> None:
    """No error for any of them."""


@dataclass
class Recorder:
    """Writes batches of polls, unless `refuses` gives an error for their feeds; `lost` leases write nothing."""

    refuses: Callable[[list[int]], Exception | None]
    lost: frozenset[int] = frozenset()
    stored: list[int] = field(default_factory=list)
    told: list[int] = field(default_factory=list)

    def record(self, batch: Sequence[Polled]) -> Sequence[PollWritten | None]:
        numbers = [claim.feed.id for claim, _ in batch]
        if error := self.refuses(numbers):
            raise error
        self.stored += numbers
        return [None if number in self.lost else PollWritten() for number in numbers]

    def results(self, count: int) -> PollResults:
        """Results of that many feeds, which wait to be written."""
        made = PollResults(record=self.record, tell=lambda polled, written: self.told.append(polled[0].feed.id))
        for number in range(count):
            made.add(*polled(number))
        return made


def test_one_bad_result_costs_no_other() -> None:
    """The batch is written one by one, and the bad one logged as the bug that it is."""
    recorder = Recorder(refuses=lambda numbers: ValueError("odd") if 2 in numbers else None)
    recorder.results(5).settle(at_once=True)()
    assert recorder.stored == recorder.told == [0, 1, 3, 4]


def test_a_refused_batch_waits_whole() -> None:
    recorder = Recorder(refuses=lambda numbers: StoreUnavailable("locked"))
    with pytest.raises(NotWritten) as refused:
        recorder.results(3).settle(at_once=True)()
    recorder.refuses = takes_all
    refused.value.again()
    assert recorder.told == [0, 1, 2]


def test_a_lost_lease_is_one_polls_own() -> None:
    recorder = Recorder(refuses=takes_all, lost=frozenset({1}))
    recorder.results(3).settle(at_once=True)()
    assert recorder.told == [0, 2]


def test_a_transaction_waits_until_it_is_worth_it() -> None:
    assert Recorder(refuses=takes_all).results(BATCH - 1).settle(at_once=False) is None
    assert Recorder(refuses=takes_all).results(BATCH).settle(at_once=False) is not None
    assert Recorder(refuses=takes_all).results(0).settle(at_once=True) is None
