"""Words are inflected, names found, patterns matched."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.detect.detector import RuleDetector
from monitor.core.model.report import Article
from monitor.core.rules.lexicon import verb_forms
from monitor.core.rules.lint import lint
from monitor.settings.rules import load_ruleset
from tests.core.rules.rule_samples import RULES, rule_folder


@pytest.fixture(scope="module")
def detector(tmp_path_factory):
    return RuleDetector(load_ruleset([rule_folder(tmp_path_factory.mktemp("rules"))]))


def names_in(detector, title, on=None):
    reading = detector.read(Article(title=title, text="", published_on=on))
    return [
        (mention.surface, mention.entity.id)
        for placed in reading.sentences
        for mention in placed.sentence.names.values()
    ]


@pytest.mark.parametrize(
    ("base", "forms"),
    [
        ("agree", "agrees agreed agreeing"),
        ("stop", "stops stopped stopping"),
        ("reach", "reaches reached reaching"),
        ("carry", "carries carried carrying"),
        ("halt", "halts halted halting"),
        ("see", "sees seed seeing"),
    ],
)
def test_regular_verbs_are_inflected(base, forms):
    """Final e, y, hissing sounds and doubled consonants follow the usual spelling."""
    got = verb_forms(base, {})
    assert " ".join((got["s"], got["past"], got["ing"])) == forms


def test_irregular_verbs_come_from_the_language_file():
    """A listed verb uses its own forms."""
    assert verb_forms("go", {"go": ("goes", "went", "gone", "going")})["part"] == "gone"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Norland's fleet", [("Norland", "country:norland")]),
        ("Norland Ives speaks", [("Norland Ives", "person:nor-land")]),
        ("Norlander wins", [("Norlander", "country:norland")]),
        ("In norland no name", []),
        ("ships leave norland for port nor", [("norland", "country:norland"), ("port nor", "place:port-nor")]),
        ("SHIPS LEAVE NORLAND", [("NORLAND", "country:norland")]),
        ("NL votes, nl does not", [("NL", "country:norland")]),
        ("Ships leave from Port Nor", [("Port Nor", "place:port-nor")]),
        ("Port Nor warns its rivals", [("Port Nor", "country:norland")]),
        ("Foreign Minister Tove al-Hadi spoke", [("Tove al-Hadi", "unlisted: Foreign Minister, Tove al-Hadi")]),
        ("Clara Marsh sings in the old town hall", []),
    ],
)
def test_names_are_found_in_their_forms(detector, title, expected):
    """Possessives, demonyms, exact case, no case, capitals as governments, persons first, unlisted officials."""
    assert names_in(detector, title) == expected


@pytest.mark.parametrize(
    ("on", "who"), [(date(2003, 1, 1), "person:old-marsh"), (date(2020, 1, 1), "person:new-marsh")]
)
def test_a_shared_surname_means_who_was_in_office(detector, on, who):
    """The article's date decides between two office-holders of one name."""
    assert names_in(detector, "Marsh speaks", on) == [("Marsh", who)]


def test_a_surname_in_the_headline_finds_its_owner_in_the_text(detector):
    """The text names the official in full; the headline's bare surname is the same person."""
    article = Article(title="Okoye arrives", text="The foreign minister Ada Okoye arrived on Monday.")
    (mention,) = detector.read(article).sentences[0].sentence.names.values()
    assert mention.entity.name == "Ada Okoye"


def test_former_officials_are_marked(detector):
    """The mention keeps that the office is past."""
    reading = detector.read(Article(title="The former minister Ada Okoye spoke", text=""))
    assert [m.former for m in reading.sentences[0].sentence.names.values()] == [True]


@pytest.mark.parametrize(
    ("title", "phases"),
    [
        ("Thaw begins", ["late"]),
        ("The thaw this week begins late", ["late"]),
        ("The thaw in the valley begins late", ["early"]),
        ("Thaw, says the farmer, begins", ["early"]),
        ("No thaw this week", ["early"]),
        ("Thaw, a film", []),
        ("Melts begin", ["early"]),
        ("Thaw begins, farmers cheer", ["late"]),
    ],
)
def test_rules_match_by_order_distance_and_clause(detector, title, phases):
    """Gaps end at clause borders, forms matter, vetoes stop, and the more specific rule speaks."""
    assert [r.phase for r in detector.detect(Article(title=title, text=""))] == phases


def test_roles_come_from_named_elements(detector):
    """The captured country fills the role, with its evidence."""
    (report,) = detector.detect(Article(title="Began a thaw in Norland", text=""))
    assert report.roles.named("where") == ("Norland",)
    assert [e.quote for e in report.evidence if e.role == "where"] == ["Norland"]


def test_a_concept_can_hold_names(detector, tmp_path):
    """A rule may ask for a mention of a listed entity in whatever form."""
    rules = "rules:\n  - id: n\n    phase: early\n    patterns: ['*frozen_land']\n    tests: {yes: [NL], no: [x]}\n"
    own = RuleDetector(load_ruleset([rule_folder(tmp_path, **{"events/season/rules/main.yaml": rules})]))
    assert [r.phase for r in own.detect(Article(title="Norlander wins", text=""))] == ["early"]


@pytest.mark.parametrize(
    ("title", "fires"),
    [
        ("Snow and ice on the road", True),
        ("Ice on the road", False),
        ("Snow and ice in the film", False),
        ("Snow lies one two three four five six seven on ice and road", False),
    ],
)
def test_keyword_rules_need_no_grammar(tmp_path, title, fires):
    """all, none and near, for users who want plain words."""
    rules = (
        "rules:\n  - id: kw\n    phase: early\n    weight: 0.9\n"
        "    keywords: {all: [road], none: [film], near: [snow, ice], within: 5}\n"
        "    tests: {yes: [snow ice road], no: [snow]}\n"
    ).replace("all: [road]", "any: [road, film]")
    own = RuleDetector(load_ruleset([rule_folder(tmp_path, **{"events/season/rules/main.yaml": rules})]))
    assert bool(own.detect(Article(title=title, text=""))) is fires


def test_lint_names_dead_untested_and_swallowed_rules(tmp_path):
    """Unreachable phases, shadowed patterns, missing tests and words the vocabulary reads as one phrase."""
    rules = RULES.split("  - id: season.film")[0].replace("phase: late", "phase: early") + (
        "  - id: season.twin\n    phase: early\n    weight: 0.4\n    patterns: ['*thaw']\n"
        '  - id: season.swallowed\n    phase: early\n    patterns: [\'"years" *"ago"\']\n'
    )
    messages = [
        p.message for p in lint(load_ruleset([rule_folder(tmp_path, **{"events/season/rules/main.yaml": rules})]))
    ]
    assert "no rule of season ever reaches the phase 'late'" in messages
    assert any("season.twin: '*thaw' is shadowed by season.noun" in m for m in messages)
    assert "rule season.twin has no positive test" in messages
    assert any("'years ago' is one phrase" in m for m in messages)


@given(st.text(st.characters(codec=None), max_size=400))
def test_no_text_makes_the_detector_raise(text):
    """Any Unicode gets an answer, lone surrogates and controls included."""
    _SAMPLE.detect(Article(title=text[:80], text=text))


_SAMPLE: RuleDetector


@pytest.fixture(autouse=True, scope="module")
def _shared(detector):
    global _SAMPLE
    _SAMPLE = detector
