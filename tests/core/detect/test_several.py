"""Several trips or truces in one article: each its own report, told once."""

from __future__ import annotations

from datetime import date

from monitor.core.detect.detector import RuleDetector
from monitor.core.model.report import Article
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset

DETECTOR = RuleDetector(load_ruleset([shipped_config_dir()]))


def reports(title, text="", kind="visit"):
    found = DETECTOR.detect(Article(title=title, text=text, published_on=date(2024, 6, 3)))
    who, where = ("visitor", "destination") if kind == "visit" else ("party", "place")
    return [(r.phase, set(r.roles.named(who)), set(r.roles.named(where))) for r in found if r.type == kind and r.alert]


def test_two_travellers_of_one_headline_are_two_trips():
    assert reports("Macron arrives in Beijing as Scholz lands in Washington") == [
        ("under_way", {"Emmanuel Macron"}, {"China"}),
        ("under_way", {"Olaf Scholz"}, {"United States"}),
    ]


def test_each_trip_has_its_own_phase():
    found = reports("Lavrov visits Tehran, Blinken heads to Israel")
    assert sorted(f[0] for f in found) == ["planned", "under_way"]


def test_one_meeting_told_three_times_is_one_trip():
    text = "Putin met Xi in Beijing. Russian president Putin arrived in China on Sunday."
    assert len(reports("Putin and Xi meet in Beijing", text)) == 1


def test_truces_of_two_wars_are_two_reports():
    text = "The two sides agreed a truce. In Sudan, the army and the Rapid Support Forces also signed a ceasefire."
    found = reports("Israel and Hamas agree ceasefire in Gaza", text, kind="ceasefire")
    assert [f[2] for f in found] == [{"Gaza"}, {"Sudan"}]


def test_the_same_truce_in_other_words_is_one_report():
    text = "Hamas and Israel signed a truce in Gaza on Monday. Israel said the ceasefire began at noon."
    assert len(reports("Israel and Hamas agree ceasefire in Gaza", text, kind="ceasefire")) == 1


def test_a_town_the_truce_reaches_is_no_second_truce():
    text = (
        "Sudan's army and the Rapid Support Forces signed a ceasefire after talks in Jeddah. "
        "The truce is to start on Thursday and would let convoys into El Fasher."
    )
    assert len(reports("Sudan's army and the Rapid Support Forces sign a ceasefire", text, kind="ceasefire")) == 1
