"""Headlines as outlets write them, through the shipped rules: what becomes one story, and what one development."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.detect.detector import RuleDetector
from monitor.core.group.estimate import Filing, ToldEstimate
from monitor.core.model.report import Article
from monitor.core.model.story import FiledReport
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def detector() -> RuleDetector:
    return RuleDetector(load_ruleset([shipped_config_dir()]))


class Desk:
    """Files headlines in order, each by its main report."""

    def __init__(self, detector: RuleDetector) -> None:
        self._detector = detector
        self._estimate = ToldEstimate(load_ruleset([shipped_config_dir()]).events)
        self._count = 0

    def files(self, title: str, *, hours: float = 0.0, source: str = "") -> Filing:
        at = NOON + timedelta(hours=hours)
        said = self._detector.detect(Article(title=title, text="", published_on=at.date()))
        assert said, title
        self._count += 1
        return self._estimate.file(
            FiledReport(
                id=self._count,
                document_id=self._count,
                feed_id=self._count,
                source=source or f"Outlet {self._count}",
                tier="2",
                title=title,
                url="",
                canonical_url=f"https://news.example/{self._count}",
                published_at=at,
                dated=True,
                seen_at=at,
                backlog=False,
                text_digest="",
                report=said[0],
            )
        )

    def files_all(self, titles: Sequence[str], *, apart_h: float) -> list[Filing]:
        return [self.files(title, hours=number * apart_h) for number, title in enumerate(titles)]


@pytest.fixture
def desk(detector: RuleDetector) -> Desk:
    return Desk(detector)


def told(filings: Sequence[Filing]) -> list[Filing]:
    return [filing for filing in filings if filing.is_told]


LANDINGS = (
    "Blinken lands in Israel to push for Gaza truce",
    "US Secretary of State Blinken arrives in Israel",
    "Blinken in Israel on eleventh visit since war began",
    "Antony Blinken arrives in Tel Aviv for talks",
    "Blinken touches down in Israel as mediators press on",
)


def test_forty_reports_of_one_landing_are_told_once(desk: Desk) -> None:
    """Whatever the outlets' words."""
    filings = [desk.files(LANDINGS[n % len(LANDINGS)], hours=n * 0.25) for n in range(40)]
    assert len(told(filings)) == 1
    assert len({filing.story for filing in filings}) == 1


def test_a_truce_from_talks_to_breach_is_one_story_and_four_developments(desk: Desk) -> None:
    """Each change of phase is news of its own."""
    filings = desk.files_all(
        (
            "Sudan army and RSF hold truce talks in Jeddah",
            "Sudan army and RSF agree seven-day truce",
            "Sudan truce takes effect as guns fall silent in Khartoum",
            "Sudan army accuses RSF of violating truce",
        ),
        apart_h=20,
    )
    assert len(told(filings)) == 4
    assert len({filing.story for filing in filings}) == 1


def test_two_visits_a_month_apart_are_two_stories(desk: Desk) -> None:
    """And the second names the first as the one it follows."""
    january = desk.files("Lavrov arrives in Beijing")
    february = desk.files("Lavrov arrives in Beijing", hours=24 * 29)
    assert january.story != february.story
    assert february.is_told
    assert february.placement.follows is not None


def test_one_closed_strait_in_six_wordings_is_one_story(desk: Desk) -> None:
    """The places and sides hold it together where the words do not."""
    filings = desk.files_all(
        (
            "Iran and Oman agree truce to reopen Strait of Hormuz",
            "Truce reached between Iran and Oman over closed strait",
            "Ceasefire in Strait of Hormuz: Iran, Oman sign accord",
            "Iran, Oman declare ceasefire; tankers to pass Hormuz again",
            "Ceasefire between Iran and Oman agreed after strait closure",
            "Iran and Oman strike ceasefire deal on Hormuz shipping",
        ),
        apart_h=0.5,
    )
    assert len({filing.story for filing in filings}) == 1


def test_numbered_packages_are_developments_of_their_own(desk: Desk) -> None:
    """Known numbers that differ tell two things apart, however alike the words."""
    twelfth, thirteenth, again = desk.files_all(
        (
            "Mediators propose 12th aid-for-truce package for Gaza",
            "Mediators propose 13th aid-for-truce package for Gaza",
            "Mediators propose 13th aid-for-truce package for Gaza, officials say",
        ),
        apart_h=8,
    )
    assert twelfth.story == thirteenth.story
    assert twelfth.development != thirteenth.development
    assert again.development == thirteenth.development


def test_what_one_side_says_is_not_what_the_other_says(desk: Desk) -> None:
    """Hamas accepting and Israel accepting are one story and two developments."""
    hamas, israel = desk.files_all(
        ("Hamas accepts Gaza ceasefire proposal", "Israel accepts Gaza ceasefire proposal"), apart_h=6
    )
    assert hamas.story == israel.story
    assert hamas.development != israel.development


def test_a_call_by_nobody_of_note_stays_untold_until_somebody_calls(desk: Desk) -> None:
    """In a story that is open already."""
    filings = desk.files_all(
        (
            "Israel and Hamas hold truce talks in Cairo",
            "City council in Ohio calls for Gaza ceasefire",
            "UN Security Council demands immediate Gaza ceasefire",
        ),
        apart_h=2,
    )
    assert [filing.is_told for filing in filings] == [True, False, True]


def test_a_headline_about_several_wars_ties_none_of_them_together(desk: Desk) -> None:
    """What only mentions truces widens no story."""
    ukraine, _, gaza = desk.files_all(
        (
            "Ukraine, Russia hold peace talks in Geneva",
            "Envoys chase truces in Ukraine, Sudan and Gaza at once",
            "Officials fear Gaza cease-fire with Hamas could collapse",
        ),
        apart_h=3,
    )
    assert ukraine.story != gaza.story


def test_a_story_of_long_ago_is_not_followed(desk: Desk) -> None:
    """Beyond the month that stories are remembered, whatever else is filed in the same batch."""
    desk.files("Lavrov arrives in Beijing", hours=-24 * 400)
    assert desk.files("Lavrov arrives in Beijing").placement.follows is None
