"""News or mention: a truce or a trip in a side clause of another story is kept, not alerted."""

from __future__ import annotations

import pytest

from monitor.core.detect.detector import RuleDetector
from monitor.core.model.report import Article
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset

DETECTOR = RuleDetector(load_ruleset([shipped_config_dir()]))

BESIDE_AN_ATTACK = (
    "Drones hit Odesa as envoys push for truce",
    "Shells kill nine in Homs amid calls for ceasefire",
    "Army bombs rebel town while mediators seek ceasefire",
    "Missiles strike Kharkiv as peace talks resume in Doha",
    "Rockets kill five in Haifa amid peace efforts",
    "Gunmen attack Goma market as negotiators prepare for peace talks",
    "Warplanes pound Idlib ahead of peace talks",
    "Air raids kill dozens in Sanaa as UN calls for humanitarian pause",
    "Junta bombs village as neighbours press for ceasefire",
    "Raid kills four in Jenin as hopes dim for hostage deal",
)
FORMS_OF_OPINION = (
    "Opinion: a truce is not peace",
    "No talks, no truce: how the general outwitted his rivals",
    "Truce leaves hard questions for exiles",
    "Ceasefire in Sudan: what the deal means",
    "Winners and losers of the Gaza ceasefire deal",
    "A guide to the Sudan peace plan",
    "Why the Yemen truce matters",
    "Can the Sudan truce last?",
    "What to know about the Gaza ceasefire deal",
    "Hostage deal is a gamble for the premier",
)
ANOTHER_SCENE = (
    "Singer and actress weep on stage as president announces hostage deal",
    "Bond prices jump after army declares truce",
    "Oil slides as Gaza ceasefire takes hold",
    "Stars hug at film festival as Israel and Hamas agree ceasefire",
    "Bakers raise prices despite truce",
    "Senate passes budget amid peace plan",
    "Following truce, farmers return to their olive groves",
    "Amid peace talks, schools reopen in Juba",
    "Shekel gains on hopes of ceasefire",
    "Families swim at beach during truce",
)
SMALL_VOICES = (
    "City council in Leeds backs call for Gaza ceasefire",
    "Hunger striker in hospital after call for truce",
    "Students occupy library, demand ceasefire in Gaza",
    "Actors sign letter calling for ceasefire in Gaza",
    "Bishops of Kent call for ceasefire in Gaza",
    "Singers urge ceasefire in Gaza at gala",
    "Mayor of Oakland urges Gaza ceasefire",
    "Campus petition demands ceasefire in Gaza",
    "Artists call for ceasefire in Sudan",
    "University senate votes to call for ceasefire in Gaza",
)
TRUCE_UNDER_FIRE = (
    "Israel strikes Lebanon despite truce",
    "Rockets hit Sderot hours after truce begins",
    "Shelling kills three in Donetsk despite ceasefire",
    "Army shells rebel town in breach of ceasefire",
    "Airstrikes test Gaza truce",
    "Fighting resumes in Gaza as truce expires",
    "Israel and Hamas trade fire, straining ceasefire",
    "Rebels accuse army of ceasefire violations as shells hit Goma",
    "Ceasefire collapses as army bombs Khartoum",
    "Thai jets bomb Cambodia as ceasefire collapses",
)


def alerts(title, text="", kind="ceasefire"):
    return [r.phase for r in DETECTOR.detect(Article(title=title, text=text)) if r.type == kind and r.alert]


@pytest.mark.parametrize("title", BESIDE_AN_ATTACK + FORMS_OF_OPINION + ANOTHER_SCENE + SMALL_VOICES)
def test_a_truce_beside_another_story_is_no_alert(title):
    """The main clause decides: attack, market, stage, opinion or a voice without weight."""
    assert alerts(title) == []


@pytest.mark.parametrize("title", TRUCE_UNDER_FIRE)
def test_an_attack_on_a_truce_in_force_is_an_alert(title):
    """A breach or an end is news of the truce, whatever clause names it."""
    assert alerts(title) in (["violated"], ["collapsed"])


def test_calls_in_the_text_need_a_headline_about_them():
    """Talks that only the text tells are a mention under an attack, and news under a headline on diplomacy."""
    lead = "Mediators said peace talks between the army and the rebels resumed on Monday in Juba."
    assert alerts("Floods close roads in Upper Nile", lead) == []
    assert alerts("Diplomacy picks up in Juba", lead) == ["talks"]


@pytest.mark.parametrize(
    "title", ["Drones hit Odesa before Zelensky meets Rutte", "Slow train south: how the king travels to Oslo"]
)
def test_a_meeting_that_only_dates_another_story_is_no_alert(title):
    assert alerts(title, kind="visit") == []
