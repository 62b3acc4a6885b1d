"""What an edit of an article means for the alert it made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.core.alert.correction import Revised, Unchanged, judge_revision
from monitor.core.model.alert import AlertReason
from monitor.core.model.document import RevisionCause, TextOrigin, Wording
from monitor.core.model.report import Report
from tests.builders import CEASEFIRE, NOON, report

TOLD = "Israel and Hamas agreed to a truce on Tuesday."
REST = "The talks in Cairo took nine days.\nMediators from Qatar were in the room.\nAid convoys wait at the border."
AGREED = report(phase="agreed", party=("Israel", "Hamas"), place="Gaza", quote=TOLD)
NEAR = report(phase="near", party=("Israel", "Hamas"), place="Gaza", quote="Israel and Hamas are close to a truce.")


def wording(first: str = TOLD, *, title: str = "Israel and Hamas agree to truce", rest: str = REST) -> Wording:
    return Wording(
        revision=1,
        title=title,
        text=f"{first}\n{rest}",
        origin=TextOrigin.PAGE,
        published_at=NOON,
        seen_at=NOON,
        cause=RevisionCause.FIRST_SEEN,
    )


def edit(after: Wording, *now: Report, then: tuple[Report, ...] = (AGREED,)) -> Revised:
    return judge_revision(AGREED, wording(), after, then=then, now=now, event=CEASEFIRE)


def test_an_edit_that_leaves_the_report_is_not_told():
    assert edit(wording(rest=f"{REST}\nMore follows."), AGREED).unchanged is Unchanged.SAME


@pytest.mark.parametrize(
    ("title", "first", "reason"),
    [
        ("CORRECTED: Israel and Hamas agree to truce", TOLD, AlertReason.CORRECTED),
        ("Israel and Hamas agree to truce", "(Corrects date in the first paragraph.)", AlertReason.CORRECTED),
        ("Israel and Hamas agree to truce", "An earlier version of this story named Egypt.", AlertReason.CORRECTED),
        ("RETRACTION: truce story", TOLD, AlertReason.RETRACTED),
        ("Truce", "This story has been withdrawn by the publisher.", AlertReason.RETRACTED),
    ],
)
def test_an_article_that_says_so_itself_is_taken_at_its_word(title, first, reason):
    found = edit(wording(first, title=title), AGREED)
    assert (found.tell, found.why) == (reason, "the article says so")
    assert found.sentence in (title, first)


def test_a_report_that_is_gone_from_an_article_that_stayed_is_taken_back():
    found = edit(wording("Israel denied that there is a truce."))
    assert found.tell is AlertReason.RETRACTED
    assert found.was == TOLD


def test_a_page_that_tells_other_news_now_takes_nothing_back():
    other = wording("Storm nears the coast.", title="Storm", rest="Ports are closed.\nFerries stay in.")
    assert edit(other).unchanged is Unchanged.REWRITTEN


def test_a_step_back_is_a_correction_with_the_changed_sentence():
    found = edit(wording(NEAR.evidence[0].quote), NEAR)
    assert found.tell is AlertReason.CORRECTED
    assert (found.why, found.sentence, found.was) == (
        "agreed is now near",
        "Israel and Hamas are close to a truce.",
        TOLD,
    )


def test_a_step_ahead_is_the_next_development_and_no_correction():
    ahead = report(phase="in_effect", place="Gaza")
    assert edit(wording("The truce took effect at noon."), ahead).unchanged is Unchanged.MOVED_ON


def test_another_place_is_a_correction():
    elsewhere = report(phase="agreed", party=("Israel", "Hezbollah"), place="Lebanon", quote="Truce in Lebanon.")
    found = edit(wording("Truce in Lebanon."), elsewhere)
    assert (found.tell, found.why) == (AlertReason.CORRECTED, "it names others now")


def test_new_rules_take_nothing_back():
    """What today's rules do not find in the first wording either was not edited away."""
    assert edit(wording("Something else."), then=()).unchanged is Unchanged.NEVER_THERE


def test_a_correction_that_stood_there_before_is_no_news():
    before = wording(title="Correction: Israel and Hamas agree to truce")
    after = replace(before, text=before.text + "\nMore follows.")
    found = judge_revision(AGREED, before, after, then=(AGREED,), now=(AGREED,), event=CEASEFIRE)
    assert found.unchanged is Unchanged.SAME
