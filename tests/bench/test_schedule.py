"""The simulator counts what it says, and our schedule keeps its promises on made-up feeds."""

from __future__ import annotations

import random

import pytest

from tests.bench.policies import Bounds, Fixed, Found, MediaCloud, Miniflux, NewsBlur, Ours
from tests.bench.replay import replay, unavoidable
from tests.bench.rhythms import DAY_S, HOUR_S, WEEK_S, Publications, Rhythm, carried_on
from tests.bench.scenarios import SCENARIOS, START, awakening, burst_day, mornings, outage, spate, steady, story

MINUTE_S = 60.0
RHYTHM = Rhythm(name="wire", window_count=10, dates=tuple(START - (10 - n) * HOUR_S for n in range(10)))


def published(*minutes: float, window_count: int = 10) -> Publications:
    rhythm = Rhythm(name="wire", window_count=window_count, dates=RHYTHM.dates)
    return Publications(rhythm=rhythm, before=RHYTHM.dates, after=tuple(START + m * MINUTE_S for m in minutes))


def found(new: list[float], *, now: float = START, known: int = 0, is_unchanged: bool = False) -> Found:
    return Found(now=now, new=new, window=[*([START - DAY_S] * known), *new], is_unchanged=is_unchanged)


def test_requests_misses_and_delays_are_counted():
    """Five entries in a document of two, asked every quarter of an hour: three have left it, two are late."""
    outcome = replay(published(1, 2, 3, 4, 5, window_count=2), Fixed(15), start=START, days=1 / 24)
    assert (outcome.requests, outcome.entry_count, outcome.missed_count) == (4, 5, 3)
    assert outcome.delays_s == [11 * MINUTE_S, 10 * MINUTE_S]


def test_what_the_document_held_at_first_is_backlog():
    """Neither late nor missed."""
    outcome = replay(published(), Fixed(15), start=START, days=1 / 24)
    assert (outcome.requests, outcome.missed_count, outcome.delays_s) == (4, 0, [])


def test_an_entry_that_waits_at_the_end_is_seen_by_the_poll_after_it():
    """Or slow policies would look fast."""
    outcome = replay(published(59), Fixed(50), start=START, days=1 / 24)
    assert (outcome.requests, outcome.delays_s) == (2, [41 * MINUTE_S])


def test_a_batch_longer_than_the_document_is_lost_to_everybody():
    """And counted apart."""
    assert unavoidable([published(1, 1, 1, 1, 1, window_count=2)]) == 3


def test_rhythms_are_carried_on_at_their_own_pace_and_from_a_seed():
    """An entry an hour stays about an entry an hour, thirty times that when thirty times as busy."""
    feeds = [carried_on(RHYTHM, start=START, days=28, seed=1, speed=speed) for speed in (1.0, 30.0)]
    assert [len(feed.after) / (28 * 24) for feed in feeds] == pytest.approx([1, 30], rel=0.1)
    assert carried_on(RHYTHM, start=START, days=28, seed=1) == feeds[0]
    assert carried_on(RHYTHM, start=START, days=28, seed=2) != feeds[0]


@pytest.mark.parametrize(
    ("policy", "first", "then", "minutes"),
    [
        (Fixed(15), [], [], 15),
        (Miniflux(RHYTHM, by_frequency=False), [], [], 60),
        (Miniflux(RHYTHM, by_frequency=True), [], [], 24 * 60),
        (Miniflux(RHYTHM, by_frequency=True), [START - 6 * HOUR_S, START - 3 * HOUR_S], [START], 180),
        (Miniflux(RHYTHM, by_frequency=True, tick_minutes=5), [START - 60.0, START - 30.0], [START], 5),
        (MediaCloud(RHYTHM), [START], [START] * 9, 300),
        (NewsBlur(random.Random(1), subscribers=11), [START] * 30, [], 6),
        (NewsBlur(random.Random(1), subscribers=1), [START] * 30, [], 60),
    ],
    ids=["fixed", "round robin", "no entries", "three hours apart", "busy", "all new", "many readers", "one reader"],
)
def test_others_wait_as_their_sources_say(policy, first, then, minutes):
    """Up to the quarter that NewsBlur adds at random."""
    policy.wait_s(found(first))
    wait_s = policy.wait_s(found(then))
    assert minutes <= wait_s / MINUTE_S <= minutes * 1.25


def test_media_cloud_waits_ever_longer_while_most_is_known():
    """Ten minutes more a poll, from six hours on, up to a day."""
    policy = MediaCloud(RHYTHM)
    waits = [
        policy.wait_s(found([START] if number == 0 else [], known=10, is_unchanged=number > 0)) / MINUTE_S
        for number in range(200)
    ]
    assert waits[:3] == [360, 370, 380]
    assert waits[-1] == 1440


@pytest.mark.parametrize(("speed", "share"), [(1.0, 0.6), (20.0, 3.0)], ids=["calm", "busy"])
def test_ours_asks_where_it_pays_and_misses_no_more_than_every_quarter_of_an_hour(speed, share):
    """On a made-up feed that publishes in spates: less when calm, at the floor when its document runs over."""
    gaps = [300.0] * 6 + [5 * HOUR_S] + [900.0] * 6 + [14 * HOUR_S]
    dates = [START - sum(gaps[:n]) for n in range(len(gaps) + 1)][::-1]
    rhythm = Rhythm(name="spates", window_count=15, dates=tuple(dates))
    feed = carried_on(rhythm, start=START, days=28, seed=3, speed=speed)
    fixed = replay(feed, Fixed(15), start=START, days=28)
    ours = replay(feed, Ours(rhythm, random.Random(1), Bounds()), start=START, days=28)
    assert ours.missed_count <= fixed.missed_count
    assert ours.requests < fixed.requests * share
    assert ours.delay_s(0.5) < 30 * MINUTE_S


@pytest.mark.parametrize("play", SCENARIOS, ids=lambda play: play.__name__)
def test_a_scenario_misses_nothing_that_announced_itself(play):
    """Of a spate out of the blue as many are lost as outran the document before the first poll."""
    assert play().outcome.missed_count <= (30 if play is spate else 0)


def test_an_entry_an_hour_is_seen_within_minutes():
    """With fewer requests than every quarter of an hour would take."""
    outcome = steady().outcome
    assert outcome.delay_s(0.5) < 10 * MINUTE_S
    assert outcome.requests < 28 * 96


def test_a_feed_of_the_mornings_is_asked_in_the_mornings():
    """A third of all polls and more, in nine percent of the week."""
    played = mornings()
    late = [at for at in played.outcome.polled_at if at > START + 2 * WEEK_S]
    at_work = [at for at in late if 6 <= (at - START) % DAY_S / HOUR_S < 9 and (at - START) // DAY_S % 7 < 5]
    assert len(at_work) > len(late) / 3


def test_an_outage_is_waited_for_with_growing_patience_and_forgotten_after():
    """Far fewer tries than polls would have been made, and a return within an hour and a quarter."""
    down, up = START + 20 * DAY_S, START + 20 * DAY_S + 6 * HOUR_S
    polled_at = outage().outcome.polled_at
    assert 4 <= sum(down <= at < up for at in polled_at) <= 12
    assert next(at for at in polled_at if at >= up) < up + 1.25 * HOUR_S


def test_a_dead_feed_is_asked_rarely_and_its_return_is_noticed():
    """Once or twice a day; on its first day awake already within the half hour."""
    polled_at = awakening().outcome.polled_at
    asleep = [at for at in polled_at if START + DAY_S <= at < START + 10 * DAY_S]
    assert len(asleep) <= 18
    assert sum(START + 11 * DAY_S <= at < START + 12 * DAY_S for at in polled_at) > 24


def test_a_day_ten_times_as_busy_is_asked_accordingly():
    """At the floor nearly all day, and not on the days around it."""
    polled_at = burst_day().outcome.polled_at
    counts = [sum(START + day * DAY_S <= at < START + (day + 1) * DAY_S for at in polled_at) for day in (13, 14, 16)]
    assert counts[1] > 2 * counts[0]
    assert counts[1] > 1.5 * counts[2]


def test_a_source_of_an_active_story_is_asked_at_the_floor_and_then_ever_less():
    """For two hours, then doubling."""
    noon = START + 14.5 * DAY_S
    waits = [b - a for a, b in zip(story().outcome.polled_at, story().outcome.polled_at[1:], strict=False) if a >= noon]
    assert max(waits[:20]) <= 330
    assert waits[30] > 900
