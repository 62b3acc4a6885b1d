"""When a development is told, and when silence is right."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.alert.backoff import CAP_S, resend_delay_s
from monitor.core.alert.policy import Silence, alert_key, judge
from monitor.core.group.assign import Step
from monitor.core.group.story import new_development, new_story
from monitor.core.model.alert import AlertReason
from monitor.core.model.story import Development, FiledReport
from tests.builders import CEASEFIRE, NOON, filed, report

DAY = timedelta(hours=24)
NEWS = filed(report(place="Gaza"))


def development(of: FiledReport = NEWS, step: Step = Step.NEW_STORY) -> Development:
    return new_development(of, new_story(of, CEASEFIRE), step, CEASEFIRE)


def test_a_fresh_report_tells_its_development() -> None:
    verdict = judge(NEWS, development(), now=NOON + timedelta(minutes=5), max_age=DAY)
    assert verdict.tell is AlertReason.NEW_STORY


@pytest.mark.parametrize(
    ("said", "known", "hours", "silence"),
    [
        (NEWS, replace(development(), alerted=True), 0, Silence.ALREADY_TOLD),
        (filed(report(alert=False)), development(), 0, Silence.SIDE_MENTION),
        (NEWS, development(step=Step.EARLIER_PHASE), 0, Silence.EARLIER_PHASE),
        (NEWS, development(), 25, Silence.TOO_OLD),
        (filed(report(), backlog=True, dated=False), development(), 0, Silence.UNDATED_BACKLOG),
        # Told again today by a fresh article, but first published the day before yesterday.
        (filed(report(), hours=30), development(), 31, Silence.TOO_OLD),
    ],
)
def test_silence_has_a_reason(said: FiledReport, known: Development, hours: int, silence: Silence) -> None:
    verdict = judge(said, known, now=NOON + timedelta(hours=hours), max_age=DAY)
    assert (verdict.tell, verdict.silence) == (None, silence)


def test_the_user_may_ask_for_surer_reports_than_the_rules_do() -> None:
    unsure = filed(report(score=0.6))
    assert judge(unsure, development(), now=NOON, max_age=DAY, min_score=0.7).silence is Silence.LOW_SCORE
    assert judge(unsure, development(), now=NOON, max_age=DAY, min_score=0.6).tell is AlertReason.NEW_STORY


def test_without_an_age_limit_nothing_is_too_old() -> None:
    said = filed(report(), backlog=True)
    assert judge(said, development(), now=NOON + timedelta(days=400), max_age=None).tell is AlertReason.NEW_STORY


def test_a_development_opened_by_a_side_mention_keeps_its_reason() -> None:
    """The key does not depend on which of its reports came first."""
    known = development(filed(report(alert=False)), Step.PHASE_CHANGED)
    verdict = judge(NEWS, known, now=NOON, max_age=DAY)
    assert verdict.tell is AlertReason.PHASE_CHANGED
    assert alert_key(known, verdict.tell) == f"{known.slug}/phase_changed"


UNKNOWN = filed(report(place="Gaza"), tier="3")
HOLD = timedelta(minutes=10)


def test_one_unknown_outlet_waits_for_another():
    verdict = judge(UNKNOWN, development(UNKNOWN), now=NOON, max_age=DAY, hold=HOLD)
    assert (verdict.silence, verdict.held_until) == (Silence.HELD, NOON + HOLD)


@pytest.mark.parametrize("tier", ["1", "2"])
def test_an_outlet_that_is_known_does_not_wait(tier):
    said = filed(report(place="Gaza"), tier=tier)
    assert judge(said, development(said), now=NOON, max_age=DAY, hold=HOLD).tell is AlertReason.NEW_STORY


def test_a_second_origin_ends_the_wait_and_so_does_time():
    held = replace(development(UNKNOWN), held_until=NOON + HOLD)
    assert judge(UNKNOWN, held, now=NOON + HOLD / 2, max_age=DAY, hold=HOLD).silence is Silence.HELD
    assert judge(UNKNOWN, held, now=NOON + HOLD, max_age=DAY, hold=HOLD).tell is AlertReason.NEW_STORY
    followed = replace(held, origin_count=2)
    assert judge(UNKNOWN, followed, now=NOON, max_age=DAY, hold=HOLD).tell is AlertReason.NEW_STORY


@pytest.mark.parametrize("tier", ["1", "2", "3"])
def test_a_step_back_takes_two_origins_whoever_says_it(tier):
    said = filed(report(place="Gaza"), tier=tier)
    back = development(said, Step.CONFLICTING)
    assert judge(said, back, now=NOON, max_age=DAY, hold=HOLD).silence is Silence.CONFLICTING_ALONE
    confirmed = replace(back, origin_count=2)
    assert judge(said, confirmed, now=NOON, max_age=DAY, hold=HOLD).tell is AlertReason.CONFLICTING


def test_what_fresh_news_outdoes_is_not_told():
    assert judge(NEWS, development(), now=NOON, max_age=DAY, is_inhibited=True).silence is Silence.INHIBITED


def test_resending_slows_down_and_honours_the_channel() -> None:
    assert [resend_delay_s(n, retry_after_s=None) for n in (1, 2, 3)] == [2.0, 4.0, 8.0]
    assert resend_delay_s(100, retry_after_s=None) == CAP_S
    assert [resend_delay_s(n, retry_after_s=30.0) for n in (1, 9)] == [30.0, 30.0]
    assert resend_delay_s(9, retry_after_s=0.0) > 0
