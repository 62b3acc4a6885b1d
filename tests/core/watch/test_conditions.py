"""Each condition: it starts when it has held, is told once, and ends when it is clearly over."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.core.model.alert import Severity
from monitor.core.model.condition import ConditionKind, SourceNorm
from monitor.core.model.document import ReadReason, TextOrigin
from monitor.core.model.feed import PollReason
from monitor.core.watch.facts import Appearance, ChannelFacts, PageSight
from monitor.core.watch.judge import HOLDS
from monitor.core.watch.words import advice, kind_name
from tests.core.watch.scene import HOUR, MINUTE, NOON, NORM, Scene, pages, seen

DOCS = Path(__file__).parents[3] / "docs" / "operating.md"
GOOD = PollReason.NO_NEW_ENTRIES
BUSY = replace(NORM, longest_gap_s=4 * 3600.0, quiet_count=8.0, shortest_quiet_s=6 * 3600.0)
LEARNING = SourceNorm(made_at=NOON, watched_since=NOON - timedelta(days=2), arrival_count=3)


def test_every_condition_has_a_name_advice_and_a_hold() -> None:
    for kind in ConditionKind:
        assert kind_name(kind)
        assert advice(kind).endswith(".")
        assert HOLDS[kind].looks >= 1


# --- what answers say


@pytest.mark.parametrize(
    ("reason", "status", "kind", "hours"),
    [
        (PollReason.TIMEOUT, None, ConditionKind.FAILING, 6),
        (PollReason.HTTP_ERROR, 503, ConditionKind.FAILING, 6),
        (PollReason.INVALID_XML, 200, ConditionKind.FAILING, 6),
        (PollReason.CREDENTIAL_MISSING, None, ConditionKind.FAILING, 6),
        (PollReason.GONE, 410, ConditionKind.GONE, 0),
        (PollReason.HTTP_ERROR, 403, ConditionKind.BLOCKED, 2),
        (PollReason.RATE_LIMITED, 429, ConditionKind.BLOCKED, 2),
        (PollReason.BOT_WALL, 200, ConditionKind.BLOCKED, 2),
        (PollReason.CONSENT_PAGE, 200, ConditionKind.BLOCKED, 2),
        (PollReason.LOGIN_WALL, 200, ConditionKind.BLOCKED, 2),
        (PollReason.NOT_A_FEED, 200, ConditionKind.NOT_A_FEED, 2),
        (PollReason.HOST_DOWN, None, ConditionKind.FAILING, 6),
        (PollReason.REFUSED_BY_ROBOTS, None, ConditionKind.REFUSED_BY_ROBOTS, 1),
        (PollReason.EMPTY_FEED, 200, ConditionKind.SILENT_ZERO, 3),
        (PollReason.EMPTY_BODY, 200, ConditionKind.SILENT_ZERO, 3),
        (PollReason.SELECTOR_MATCHED_NOTHING, 200, ConditionKind.SILENT_ZERO, 3),
        (PollReason.NO_ARTICLE_LINKS, 200, ConditionKind.SILENT_ZERO, 3),
    ],
)
def test_a_failure_starts_when_it_has_held_and_ends_with_good_answers(
    reason: PollReason, status: int | None, kind: ConditionKind, hours: float
) -> None:
    """One notice when it starts, none while it lasts, one when it ends."""
    scene = Scene()
    scene.go(1, GOOD)
    before = scene.at
    scene.go(hours + 2, reason, status=status)
    assert scene.told() == [f"{kind} started"]
    assert scene.open() == {kind}
    (condition,) = scene.standing.values()
    assert condition.started_at is not None
    assert condition.started_at - before >= hours * HOUR
    scene.go(3, reason, status=status)
    assert scene.told() == [f"{kind} started"]
    scene.go(3, GOOD)
    assert scene.told() == [f"{kind} started", f"{kind} ended"]
    assert scene.standing == {}


@pytest.mark.parametrize("kind", [k for k in ConditionKind if HOLDS[k].looks > 1])
def test_what_does_not_hold_is_not_told(kind: ConditionKind) -> None:
    """A restart, a bad hour, an empty answer: half the looks that a start takes are none."""
    assert HOLDS[kind].lasting > timedelta(0)


def test_a_short_failure_is_not_told() -> None:
    scene = Scene()
    for _ in range(5):
        scene.go(4, PollReason.HTTP_ERROR, status=500)
        scene.go(1, GOOD)
    assert scene.told() == []


def test_one_good_answer_between_failures_does_not_end_it() -> None:
    """Over only after two in a row, so that a feed on its last legs is told once."""
    scene = Scene()
    scene.go(7, PollReason.TIMEOUT, status=None)
    for _ in range(5):
        scene.at += 20 * MINUTE
        scene.poll(GOOD)
        scene.look()
        scene.go(1, PollReason.TIMEOUT, status=None)
    assert scene.told() == ["failing started"]


def test_what_keeps_coming_back_must_hold_ever_longer() -> None:
    """A feed that is empty every night is told of a few times, not every night."""
    scene = Scene()
    for _ in range(14):
        scene.go(6, PollReason.EMPTY_FEED)
        scene.go(18, PollReason.NEW_ENTRIES, new_count=1)
    assert scene.told().count("silent_zero started") == 1


def test_a_failing_feed_has_failed_since_its_last_good_answer() -> None:
    scene = Scene()
    scene.go(8, PollReason.DNS_FAILURE, status=None, detail="no such host")
    (notice,) = scene.notices
    assert (notice.since, notice.url, notice.severity) == (NOON, "https://1.example/rss", Severity.NORMAL)
    assert notice.title == "Post 1: does not answer"
    assert notice.lines[0] == "Dns failure: no such host."


def test_a_feed_that_was_not_asked_is_as_it_was() -> None:
    """Held back by its host's queue, it neither fails nor recovers."""
    scene = Scene()
    scene.go(12, PollReason.RATE_LIMITED, status=None)
    assert scene.standing == {}


def test_an_empty_feed_that_answers_not_modified_is_as_empty_as_it_was() -> None:
    scene = Scene()
    scene.go(0.3, PollReason.EMPTY_FEED)
    scene.go(5, PollReason.NOT_MODIFIED, status=304)
    assert scene.told() == ["silent_zero started"]
    scene.go(2, PollReason.NO_NEW_ENTRIES)
    assert scene.told() == ["silent_zero started", "silent_zero ended"]


def test_not_modified_after_an_empty_answer_speaks_of_the_feed_before_it() -> None:
    """An answer without a body was never remembered: what is not modified is the last good one."""
    scene = Scene()
    scene.go(0.3, GOOD)
    scene.go(0.3, PollReason.EMPTY_BODY)
    scene.go(5, PollReason.SAME_BODY)
    assert scene.standing == {}


def test_a_feed_that_never_brought_anything_may_be_empty() -> None:
    scene = Scene(norm=LEARNING)
    scene.change(last_entry_at=None)
    scene.go(30, PollReason.EMPTY_FEED)
    assert scene.told() == []


def test_a_moved_feed_is_told_after_a_day_of_redirects() -> None:
    """And stays so when the new address was adopted, until the configuration says it, or the redirect ends."""
    scene = Scene()
    scene.change(redirect_url="https://new.example/rss", redirect_since=NOON - HOUR)
    scene.go(20, GOOD)
    assert scene.told() == []
    scene.go(6, GOOD)
    assert scene.told() == ["moved started"]
    assert "https://new.example/rss" in scene.notices[0].lines[0]
    assert scene.notices[0].since == NOON - HOUR
    scene.change(redirect_url=None, moved_to="https://new.example/rss")
    scene.go(26, GOOD)
    scene.go(26, PollReason.TIMEOUT, status=None)
    assert "moved ended" not in scene.told()
    scene.change(moved_to=None)
    scene.go(26, PollReason.NEW_ENTRIES, new_count=1)
    assert scene.told()[-1] == "moved ended"


def test_the_same_address_over_https_is_no_move() -> None:
    scene = Scene()
    scene.change(url="http://1.example/rss", moved_to="https://1.example/rss")
    scene.go(30, GOOD)
    assert scene.told() == []


# --- stale


def test_silence_beyond_its_rhythm_is_stale_until_something_new_comes() -> None:
    """The feed answers all the time; its silence counts from its last entry."""
    scene = Scene(norm=BUSY)
    scene.go(8, PollReason.SAME_BODY)
    assert scene.standing == {}
    scene.go(2, PollReason.SAME_BODY)
    assert scene.told() == ["stale started"]
    assert scene.notices[0].since == NOON
    assert scene.notices[0].lines[0] == ("Nothing new, where about 24 a day came and never 4 h passed without any.")
    scene.poll(PollReason.NEW_ENTRIES, new_count=1)
    scene.look()
    assert scene.told() == ["stale started", "stale ended"]


@pytest.mark.parametrize("norm", [None, LEARNING])
def test_nothing_is_said_of_a_rhythm_that_is_not_known(norm: SourceNorm | None) -> None:
    scene = Scene(norm=norm)
    scene.go(100, PollReason.SAME_BODY)
    assert scene.standing == {}


def test_an_empty_feed_is_told_as_empty_and_not_as_stale() -> None:
    scene = Scene(norm=BUSY)
    scene.go(30, PollReason.EMPTY_FEED)
    assert scene.told() == ["silent_zero started"]


def test_a_feed_that_does_not_answer_is_told_as_failing_and_not_as_stale() -> None:
    scene = Scene(norm=BUSY)
    scene.go(30, PollReason.TIMEOUT, status=None)
    assert scene.told() == ["failing started"]


# --- dates

NORMAL = lambda at: seen(10, at=at)  # noqa: E731  # one line a case reads best
YEAR = timedelta(days=365)
SAME = NOON - 30 * HOUR


@pytest.mark.parametrize(
    ("newest", "words"),
    [
        pytest.param(
            lambda at: seen(10, at=at, lag=timedelta(0)), "10 of the last 10 entries dated in the future", id="ahead"
        ),
        pytest.param(
            lambda at: seen(10, at=at, lag=None), "10 of the last 10 entries without a usable date", id="missing"
        ),
        pytest.param(lambda at: seen(10, at=at, lag=3 * HOUR), "dated 3 h earlier than usual", id="zone"),
        pytest.param(lambda at: seen(10, at=at, lag=2 * YEAR), "dated 730 days earlier than usual", id="year"),
        pytest.param(
            lambda at: tuple(replace(each, published_at=SAME) for each in seen(10, at=at)),
            "all have the same date",
            id="one date",
        ),
    ],
)
def test_dates_that_drift_are_told(newest: Callable[..., tuple[Appearance, ...]], words: str) -> None:
    """Once it has held over several looks; and its end when the dates are right again."""
    scene = Scene()

    def goes_on(hours: int, shown: Callable[..., tuple[Appearance, ...]]) -> None:
        for _ in range(hours):
            scene.at += HOUR
            scene.poll(PollReason.NEW_ENTRIES, new_count=1)
            scene.show(entries=shown(scene.at))
            scene.look()

    goes_on(2, NORMAL)
    goes_on(2, newest)
    assert scene.told() == []
    goes_on(3, newest)
    assert scene.told() == ["date_drift started"]
    assert words in scene.notices[0].lines[0]
    goes_on(5, NORMAL)
    assert scene.told() == ["date_drift started", "date_drift ended"]


@pytest.mark.parametrize(
    ("norm", "lag"),
    [
        pytest.param(LEARNING, None, id="learning, undated"),
        pytest.param(LEARNING, timedelta(0), id="learning, ahead"),
        pytest.param(replace(NORM, dated_share=0.1), None, id="never dated"),
        pytest.param(replace(NORM, dated_share=0.1), 9 * HOUR, id="hardly ever dated"),
        pytest.param(replace(NORM, ahead_share=0.9), timedelta(0), id="always ahead"),
        pytest.param(replace(NORM, lag_s=5 * 3600.0), 6 * HOUR, id="always late"),
    ],
)
def test_dates_that_were_always_so_have_not_drifted(norm: SourceNorm, lag: timedelta | None) -> None:
    scene = Scene(norm=norm)
    for _ in range(10):
        scene.at += HOUR
        scene.poll(PollReason.NEW_ENTRIES, new_count=1)
        scene.show(entries=seen(10, at=scene.at, lag=lag))
        scene.look()
    assert scene.told() == []


def test_a_source_that_gives_days_only_has_one_date_a_day() -> None:
    scene = Scene(norm=replace(NORM, same_share=0.9, lag_s=8 * 3600.0))
    for number in range(30):
        scene.at += HOUR
        scene.poll(PollReason.NEW_ENTRIES, new_count=1)
        midnight = scene.at.replace(hour=0)
        scene.show(entries=tuple(replace(e, published_at=midnight) for e in seen(min(number + 5, 10), at=scene.at)))
        scene.look()
    assert scene.told() == []


# --- pages


@pytest.mark.parametrize(
    ("shown", "kind", "words"),
    [
        (
            pages(reason=ReadReason.PAGE_PAYWALLED, origin=TextOrigin.FEED_SUMMARY, length=200),
            ConditionKind.PAYWALL,
            "10 of the last 10 articles behind a wall (paywall)",
        ),
        (
            pages(7, reason=ReadReason.PAGE_CONSENT, origin=TextOrigin.TITLE_ONLY, length=0) + pages(3),
            ConditionKind.PAYWALL,
            "7 of the last 10 articles behind a wall (consent page)",
        ),
        (
            pages(reason=ReadReason.PAGE_REFUSED_BY_ROBOTS, origin=TextOrigin.TITLE_ONLY, length=0),
            ConditionKind.PAGES_REFUSED_BY_ROBOTS,
            "10 of the last 10 articles refused by robots.txt",
        ),
        (
            pages(8, reason=ReadReason.PAGE_TIMEOUT, origin=TextOrigin.TITLE_ONLY, length=0) + pages(2),
            ConditionKind.PAGES_FAILING,
            "8 of the last 10 articles did not answer",
        ),
        (
            pages(length=400),
            ConditionKind.TEMPLATE_CHANGE,
            "have 400 characters (median), where they had 3000",
        ),
        (
            pages(reason=ReadReason.PAGE_TOO_SHORT, origin=TextOrigin.FEED_SUMMARY, length=2_500),
            ConditionKind.TEMPLATE_CHANGE,
            "10 of the last 10 articles gave no text of their page",
        ),
    ],
)
def test_articles_that_give_no_text_any_more_are_told(
    shown: tuple[PageSight, ...], kind: ConditionKind, words: str
) -> None:
    """By their first cause only, and until they give whole texts again."""
    scene = Scene()

    def goes_on(hours: int, shown_pages: tuple[PageSight, ...]) -> None:
        for _ in range(hours):
            scene.at += HOUR
            scene.poll(PollReason.NEW_ENTRIES, new_count=1)
            scene.show(pages=shown_pages)
            scene.look()

    goes_on(2, pages())
    goes_on(8, shown)
    assert scene.told() == [f"{kind} started"]
    assert words in scene.notices[0].lines[0]
    goes_on(9, pages())
    assert scene.told() == [f"{kind} started", f"{kind} ended"]


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(pages(9, reason=ReadReason.PAGE_PAYWALLED, length=0), id="too few"),
        pytest.param(pages(4, reason=ReadReason.PAGE_PAYWALLED, length=90) + pages(6), id="less than half"),
        pytest.param(pages(length=1_400), id="a slow day"),
        pytest.param(pages(reason=ReadReason.PAGES_OFF, origin=TextOrigin.FEED_CONTENT), id="pages are off"),
    ],
)
def test_an_accident_among_the_articles_is_not_told(shown: tuple[PageSight, ...]) -> None:
    scene = Scene()
    for _ in range(12):
        scene.at += HOUR
        scene.poll(PollReason.NEW_ENTRIES, new_count=1)
        scene.show(pages=shown)
        scene.look()
    assert scene.told() == []


def test_short_texts_of_a_source_that_is_being_learned_are_no_change() -> None:
    scene = Scene(norm=LEARNING)
    for _ in range(12):
        scene.at += HOUR
        scene.poll(PollReason.NEW_ENTRIES, new_count=1)
        scene.show(pages=pages(length=100))
        scene.look()
    assert scene.told() == []


# --- many at once, channels, and sources that are no longer watched


def test_a_lost_network_is_told_of_the_machine_and_of_no_source() -> None:
    scene = Scene(sources=40)
    scene.go(1, GOOD)
    scene.go(12, PollReason.DNS_FAILURE, status=None)
    assert scene.told() == ["network_down started"]
    assert scene.notices[0].title == "40 of 40 sources do not answer: is this machine's network down?"
    assert scene.notices[0].severity is Severity.HIGH
    scene.go(2, PollReason.NEW_ENTRIES, new_count=1)
    assert scene.told() == ["network_down started", "network_down ended"]
    assert scene.standing == {}


def test_a_lost_network_is_told_within_half_an_hour() -> None:
    scene = Scene(sources=40)
    scene.go(1, GOOD, every=10 * MINUTE)
    scene.go(0.5, PollReason.TIMEOUT, status=None, every=10 * MINUTE)
    assert scene.told() == ["network_down started"]


def test_a_few_dead_sources_are_not_the_network() -> None:
    scene = Scene(sources=6)
    for _ in range(24):
        scene.at += 20 * MINUTE
        scene.poll(PollReason.TIMEOUT, 1, 2, 3, status=None)
        scene.poll(PollReason.NEW_ENTRIES, 4, 5, 6, new_count=1)
        scene.look()
    assert scene.told() == ["failing started"] * 3


def test_many_sources_in_trouble_are_told_as_one() -> None:
    """All of one publisher, say, that now refuses the monitor: a summary, and one when it is over."""
    scene = Scene(sources=50)
    scene.go(4, PollReason.HTTP_ERROR, status=403)
    assert [(n.kind, n.title) for n in scene.notices] == [(None, "50 sources are in trouble")]
    assert scene.notices[0].lines[0] == "Refuses the monitor: 50."
    assert scene.notices[0].lines[1].endswith("and 40 more.")
    scene.go(3, PollReason.NEW_ENTRIES, new_count=1)
    assert [n.title for n in scene.notices[1:]] == ["Over: 50 troubles of sources"]


def test_an_endless_name_does_not_hide_what_is_wrong() -> None:
    scene = Scene()
    scene.change(name="The Very Long Name of a Post\n" * 90)
    scene.go(1, PollReason.GONE, status=410)
    assert scene.notices[0].title.endswith("…: gone")
    assert len(scene.notices[0].title) < 100


def test_a_channel_that_does_not_deliver_is_told() -> None:
    """And never through itself."""
    scene = Scene()
    stuck = ChannelFacts(name="desk", parked_count=3, since=NOON, detail="token_revoked")
    (notice,) = scene.look(channels=(stuck, ChannelFacts(name="ops")))
    assert (notice.kind, notice.channel) == (ConditionKind.CHANNEL_FAILING, "desk")
    assert notice.title == "Channel desk does not deliver"
    assert notice.lines[0] == "Messages not delivered: 3 parked: token_revoked."
    assert scene.look(channels=(stuck, ChannelFacts(name="ops"))) == []
    (over,) = scene.look(channels=(ChannelFacts(name="desk"), ChannelFacts(name="ops")))
    assert over.title == "Over: Channel desk does not deliver"


def test_a_source_that_is_no_longer_watched_is_taken_off() -> None:
    scene = Scene()
    scene.go(7, PollReason.TIMEOUT, status=None)
    scene.disabled = frozenset({1})
    (notice,) = scene.look()
    assert notice.lines[-1] == "It is no longer watched."
    assert scene.standing == {}


def test_a_source_that_cannot_be_judged_does_not_blind_the_watch() -> None:
    scene = Scene(sources=2)
    scene.change(1, norm=replace(NORM, week=()), last_entry_at=NOON - timedelta(days=30))
    scene.poll(GOOD, 1)
    scene.poll(PollReason.GONE, 2, status=410)
    assert [notice.title for notice in scene.look()] == ["Post 2: gone"]
    assert len(scene.bugs) == 1


HOUR_ROWS = re.compile(r"^\| `(\w+)` \| .* \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)


def test_the_documented_conditions_are_these_and_hold_as_long() -> None:
    rows = dict(HOUR_ROWS.findall(DOCS.read_text(encoding="utf-8").partition("| condition |")[2]))
    assert set(rows) == {kind.value for kind in ConditionKind}
    for kind, hold in HOLDS.items():
        said = rows[kind]
        looks = int(found[1]) if (found := re.search(r"(\d+) looks", said)) else 1
        hours = int(found[1]) if (found := re.search(r"(\d+) h\b", said)) else 0
        assert (looks, hours) == (hold.looks, hold.lasting // HOUR), kind
