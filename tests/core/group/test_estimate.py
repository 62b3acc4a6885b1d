"""What grouping would leave of a run of reports, counted without a database."""

from __future__ import annotations

from monitor.core.group.estimate import ToldEstimate
from tests.builders import CEASEFIRE, VISIT, filed, report

EVENTS = {event.name: event for event in (CEASEFIRE, VISIT)}
GAZA = {"party": ("Israel", "Hamas"), "place": "Gaza"}
BLINKEN = {"visitor": "Antony Blinken", "destination": "Israel"}


def told(*reports):
    estimate = ToldEstimate(EVENTS)
    answers = [estimate.add(each) for each in reports]
    assert estimate.told_count == sum(answers)
    return answers


def test_a_development_is_told_once():
    """The second outlet's report of a landing and the repeated headline are silent; the next phase is told."""
    assert told(
        filed(report("visit", "under_way", **BLINKEN), id=1),
        filed(report("visit", "under_way", **BLINKEN), id=2, hours=1),
        filed(report(phase="talks", **GAZA), id=3, hours=1),
        filed(report(phase="agreed", **GAZA), id=4, hours=20),
    ) == [True, False, True, True]


def test_a_side_mention_is_filed_and_not_told():
    """The first report that carries it as news tells it."""
    mention = filed(report(phase="talks", alert=False, **GAZA), id=1)
    assert told(mention, filed(report(phase="talks", **GAZA), id=2, hours=1)) == [False, True]


def test_a_story_idle_too_long_is_let_go():
    """The same words after the idle time begin a new story."""
    long_after = 24 * (VISIT.idle_days + 1)
    assert told(
        filed(report("visit", "under_way", **BLINKEN), id=1),
        filed(report("visit", "under_way", **BLINKEN), id=2, hours=long_after),
    ) == [True, True]
