"""What a source is expected to bring, learned from samples of its past."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model.condition import Condition, ConditionKind, SourceNorm
from monitor.core.model.document import ReadReason, TextOrigin
from monitor.core.watch.facts import Appearance, History, PageSight
from monitor.core.watch.norm import is_due, is_silent, norm_of
from monitor.core.watch.rhythm import expected_count, longest_silence, week_of
from tests.core.watch.scene import HOUR, NOON, pages

DAY = timedelta(days=1)


def history(*arrivals: datetime, **changes: object) -> History:
    made = History(
        feed_id=1,
        first_success_at=NOON - 90 * DAY,
        arrivals=tuple(sorted(arrivals)),
        counts=(1,) * len(arrivals),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def every(step: timedelta, *, days: int) -> list[datetime]:
    return [NOON - step * number for number in range(int(days * DAY / step))]


def silent_after_h(norm: SourceNorm, since: datetime) -> int:
    """Hours from a last entry at that moment until the source counts as silent."""
    return next(hours for hours in range(10_000) if is_silent(norm, since=since, now=since + hours * HOUR))


def test_a_daily_source_may_be_silent_for_some_days() -> None:
    norm = norm_of(history(*every(DAY, days=28)), now=NOON)
    assert norm.longest_gap_s == 86_400
    assert 48 <= silent_after_h(norm, NOON) < 4 * 24


def test_the_hours_of_the_week_count_for_what_they_bring() -> None:
    """Hourly on working days: each weekend is explained, and a silent Monday not by the weekends."""
    weekdays = [at for at in every(HOUR, days=56) if at.weekday() < 5]
    norm = norm_of(history(*weekdays), now=NOON)
    assert norm.longest_gap_s == pytest.approx(49 * 3600)
    monday, friday = NOON + DAY, NOON + 5 * DAY + 11 * HOUR
    assert (monday.weekday(), friday.weekday()) == (0, 4)
    assert silent_after_h(norm, monday) == 62  # its own longest gap and a quarter
    assert silent_after_h(norm, friday) >= 62
    blind = replace(norm, week=(fmean(norm.week),), quiet_count=2 * 49 * fmean(norm.week))
    assert silent_after_h(blind, monday) > 90


def test_a_source_on_working_days_is_missed_within_a_week() -> None:
    """One entry each morning: the third that is missing is told, weekends in between or not."""
    mornings = [at for at in every(DAY, days=84) if at.weekday() < 5]
    norm = norm_of(history(*mornings), now=NOON)
    for start in range(1, 6):
        assert 3 * 24 <= silent_after_h(norm, NOON + start * DAY) <= 7 * 24


@pytest.mark.parametrize(
    "arrivals",
    [
        pytest.param([], id="nothing"),
        pytest.param(every(HOUR, days=13), id="less than two weeks"),
        pytest.param(every(7 * DAY, days=49), id="seven arrivals"),
    ],
)
def test_too_little_history_makes_no_rhythm(arrivals: list[datetime]) -> None:
    norm = norm_of(history(*arrivals), now=NOON)
    assert (norm.quiet_s, norm.longest_gap_s) == (None, None)


def test_an_outage_is_no_rhythm() -> None:
    """Five days without the monitor, or without the source, do not make it patient for a season."""
    hourly = [at for at in every(HOUR, days=28) if not 10 <= (NOON - at) / DAY < 15]
    norm = norm_of(history(*hourly), now=NOON)
    assert norm.longest_gap_s == 3600


def test_the_dates_of_the_first_poll_tell_the_rhythm_at_once() -> None:
    """A feed that shows three weeks of entries need not be watched for two weeks first."""
    first = NOON - HOUR
    backlog = tuple(Appearance(seen_at=first, published_at=first - DAY * number) for number in range(20))
    norm = norm_of(
        History(feed_id=1, first_success_at=first, arrivals=(first,), counts=(20,), entries=backlog), now=NOON
    )
    assert norm.longest_gap_s == 86_400
    assert norm.arrival_count == 20
    assert norm.entries_per_day == pytest.approx(1, abs=0.1)


def test_an_undated_first_poll_tells_nothing() -> None:
    first = NOON - 30 * DAY
    backlog = tuple(Appearance(seen_at=first, published_at=None) for _ in range(40))
    norm = norm_of(
        History(feed_id=1, first_success_at=first, arrivals=(first,), counts=(40,), entries=backlog), now=NOON
    )
    assert norm.quiet_s is None


@pytest.mark.parametrize("per_day", [1, 5, 40])
def test_a_source_that_publishes_at_random_hardly_ever_exceeds_its_bound(per_day: int) -> None:
    """Twenty sources for ten years each, with gaps as of a Poisson process: fewer than five false alarms."""
    alarms = 0
    for seed in range(20):
        gaps = random.Random(seed)
        learned = [gaps.expovariate(per_day) for _ in range(28 * per_day)]
        bound = longest_silence(learned)
        alarms += sum(gaps.expovariate(per_day) > bound for _ in range(3650 * per_day))
    assert alarms < 5


def test_no_silence_is_shorter_than_six_hours_or_two_polls() -> None:
    arrivals = every(timedelta(minutes=10), days=20)
    assert silent_after_h(norm_of(history(*arrivals), now=NOON), NOON) == 7
    assert silent_after_h(norm_of(history(*arrivals, interval_s=86_400.0), now=NOON), NOON) == 49


def test_a_rhythm_takes_two_gaps() -> None:
    with pytest.raises(ValueError, match="1 gaps"):
        longest_silence([1.0])
    with pytest.raises(ValueError, match="1 arrivals"):
        week_of([NOON], until=NOON)


@given(
    rates=st.lists(st.floats(0, 10), min_size=168, max_size=168),
    start=st.integers(0, 10_000),
    spans=st.tuples(st.integers(0, 1_000), st.integers(0, 1_000)),
)
def test_expected_counts_add_up(rates: list[float], start: int, spans: tuple[int, int]) -> None:
    """Whatever the week, two stretches in a row expect as much as both together, and a week its sum."""
    week, since = tuple(rates), NOON + start * timedelta(minutes=7)
    middle = since + spans[0] * timedelta(minutes=13)
    end = middle + spans[1] * timedelta(minutes=13)
    parts = expected_count(week, since, middle) + expected_count(week, middle, end)
    assert parts == pytest.approx(expected_count(week, since, end), abs=1e-6)
    assert expected_count(week, since, since + timedelta(weeks=1)) == pytest.approx(sum(week))
    assert expected_count(week, end, since) == 0 or end == since


def test_dates_are_learned_without_the_newest_and_without_the_first_poll() -> None:
    """The newest are what is judged; those of the first poll were not seen to appear."""
    first = NOON - 40 * HOUR
    watched = [NOON - HOUR * number for number in range(35)]
    entries = tuple(
        Appearance(seen_at=at, published_at=None if number < 10 else at - timedelta(minutes=5))
        for number, at in enumerate(watched)
    ) + tuple(Appearance(seen_at=first, published_at=first - 9 * DAY) for _ in range(30))
    norm = norm_of(
        History(feed_id=1, first_success_at=first, arrivals=tuple(watched[::-1]), counts=(1,) * 35, entries=entries),
        now=NOON,
    )
    assert (norm.dated_share, norm.lag_s, norm.ahead_share, norm.same_share) == (1.0, 300.0, 0.0, 0.0)


def test_texts_are_learned_without_the_newest_and_without_emptied_ones() -> None:
    emptied = PageSight(reason=ReadReason.PAGE_READ, origin=TextOrigin.PAGE, length=0)
    shown = pages(10, length=90) + (emptied,) * 20 + pages(15, length=2_000) + pages(15, length=4_000)
    norm = norm_of(history(pages=shown), now=NOON)
    assert (norm.page_share, norm.text_length) == (1.0, 3_000.0)
    assert norm_of(history(pages=shown[:45]), now=NOON).text_length is None


def test_a_norm_is_renewed_daily_but_not_from_what_is_told_as_a_change() -> None:
    """Else the new dates, or the short texts, would soon be the norm; after a month they are."""
    norm = SourceNorm(made_at=NOON - 2 * DAY, watched_since=NOON - 60 * DAY)

    def condition(kind: ConditionKind, ago: timedelta) -> Condition:
        return Condition(subject="feed:1", kind=kind, feed_id=1, since=NOON - ago, suspected_at=NOON - ago)

    assert is_due(None, (), now=NOON)
    assert is_due(norm, (), now=NOON)
    assert not is_due(replace(norm, made_at=NOON - HOUR), (), now=NOON)
    assert not is_due(norm, [condition(ConditionKind.DATE_DRIFT, DAY)], now=NOON)
    assert is_due(norm, [condition(ConditionKind.STALE, DAY)], now=NOON)
    assert is_due(norm, [condition(ConditionKind.TEMPLATE_CHANGE, 31 * DAY)], now=NOON)
