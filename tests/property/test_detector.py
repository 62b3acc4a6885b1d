"""Whatever the text, the detector answers, in work that grows no faster than the text."""

from __future__ import annotations

import sys
import unicodedata
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.core.detect.detector import RuleDetector
from monitor.core.model.report import Article
from monitor.core.model.span import Field
from monitor.core.text.normalise import nfc
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset
from tests.bench.hostile import TEXTS

DETECTOR = RuleDetector(load_ruleset([shipped_config_dir()]))

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)  # lone surrogates and unassigned ones too
NEWS = st.lists(
    st.sampled_from(
        "Hamas Israel the U.S. truce ceasefire agree agreed to rejects not may if Blinken Macron lands in visits Paris "
        "foreign minister said on Monday 12 1999 , . : ; — - “ ” ( ) ? ! 's of and talks war stops eleventh visit\n"
        "two-week former will \u200f \ud83d\ude00 e\u0301 İ ﬁ 北京 هدنة".split(" ")
    ),
    max_size=60,
).map(" ".join)
MIXED = st.lists(st.one_of(ANY_TEXT, NEWS), max_size=4).map("".join)


@given(title=MIXED, text=MIXED, on=st.none() | st.dates())
@settings(max_examples=150, deadline=None)
@example(title="", text="", on=None)
@example(title="\ud800", text="truce \udfff" * 9, on=date.min)
@example(title="Blinken lands in Israel on 31 December", text="Rebels agree truce from 29 February", on=date.max)
def test_any_text_gets_an_answer_that_quotes_it(title, text, on):
    """Never an exception; each quote is its slice of the NFC form; scores and decisions are in their bounds."""
    fields = {Field.TITLE: nfc(title), Field.TEXT: nfc(text)}
    for report in DETECTOR.detect(Article(title=title, text=text, published_on=on)):
        assert all(e.span.slice(fields[e.field]) == e.quote for e in report.evidence)
        assert 0 <= report.score <= 1
        assert report.alert is (report.score >= DETECTOR.thresholds[report.type])
        assert all(name.name for name in report.roles.names)


@given(MIXED)
@settings(max_examples=60, deadline=None)
def test_the_answer_depends_on_nothing_but_the_text(text):
    """Twice the same, and the same in another composition of its letters."""
    article = Article(title=text, text=text)
    told = DETECTOR.detect(article)
    assert DETECTOR.detect(article) == told
    apart = Article(title=unicodedata.normalize("NFD", text), text=unicodedata.normalize("NFD", text))
    assert [(r.type, r.phase) for r in DETECTOR.detect(apart)] == [(r.type, r.phase) for r in told]


@given(st.text(st.characters(categories=["Mn", "Lu", "Ll"]), max_size=300))
def test_nfc_stays_what_it_is(text):
    assert nfc(nfc(text)) == nfc(text)


@pytest.mark.parametrize("count", [99, 100, 5_000])
def test_letters_under_endless_marks_stay_themselves(count):
    """Beyond any script's need the marks are left in their order; the words around them are read."""
    text = "Rebels sign truce. e" + "\u0316\u0301" * count
    assert nfc(nfc(text)) == nfc(text)
    assert [r.phase for r in DETECTOR.detect(Article(title="", text=text))] == ["agreed"]


def calls_of(text: str) -> int:
    """How many functions are called while the text is read: work counted, not timed."""
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    article = Article(title=text[:200], text=text)
    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        DETECTOR.detect(article)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("unit", TEXTS.values(), ids=TEXTS.keys())
def test_work_grows_no_faster_than_the_text(unit):
    """Four times the text is at most some four times the calls, whatever it is made of."""
    short, long = (calls_of((unit * (size // len(unit) + 1))[:size]) for size in (3_000, 12_000))
    assert long <= 4.6 * short + 200


@pytest.mark.parametrize("unit", ["truce ", "Hamas and Israel agree truce, ", "\u0301\u0316", "“", "\ud800"])
def test_two_megabytes_get_an_answer(unit):
    """What lies beyond the part that is read costs next to nothing: not more calls than that part."""
    beyond = calls_of(unit * (2_000_000 // len(unit)))
    assert beyond <= 1.2 * calls_of((unit * 60_001)[:60_000]) + 200
