"""Sentences and words keep exact offsets, whatever the text."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.text.normalise import fold, nfc
from monitor.core.text.sentences import split_sentences
from monitor.core.text.tokens import tokenise, words_of

any_text = st.text(st.characters(codec=None), max_size=300)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gen. Ito met Mr. Abe. They left.", ["Gen. Ito met Mr. Abe.", "They left."]),
        ("He flew to the U.S. on Friday.", ["He flew to the U.S. on Friday."]),
        ("Talks ended at 5 p.m. The army moved in.", ["Talks ended at 5 p.m.", "The army moved in."]),
        ("J. K. Marsh arrived. “Peace!” she said.", ["J. K. Marsh arrived.", "“Peace!” she said."]),
        ("和平协议。双方停火。", ["和平协议。", "双方停火。"]),
        ("هل تم الاتفاق؟ نعم.", ["هل تم الاتفاق؟", "نعم."]),
        ("First line\nsecond line", ["First line", "second line"]),
        ("It rose 3.5 percent. Nobody cheered.", ["It rose 3.5 percent.", "Nobody cheered."]),
        ("Shares fell • Oil rose", ["Shares fell", "Oil rose"]),
        ("", []),
        (" \n \n", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text, expected):
    """Abbreviations, initials, quotations and other scripts do not confuse the splitter."""
    assert [span.slice(text) for span in split_sentences(text)] == expected


@given(any_text)
def test_sentences_lie_in_order_and_miss_no_word(text):
    """Spans neither overlap nor lose anything but white space and bullets."""
    spans = split_sentences(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    kept = "".join(span.slice(text) for span in spans)
    assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()]


@given(any_text)
def test_tokens_quote_the_text(text):
    """Every token's offsets name exactly its own characters, in order."""
    tokens = tokenise(text)
    assert len(tokens.words) == len(tokens.starts) == len(tokens.ends)
    assert all(s < e for s, e in zip(tokens.starts, tokens.ends, strict=True))
    assert all(e <= s for e, s in zip(tokens.ends, tokens.starts[1:], strict=False))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Israel’s U.S. envoy didn’t go", ["israel", "'s", "u.s.", "envoy", "didn't", "go"]),
        ("a 72-hour cease-fire", ["a", "72", "-", "hour", "cease", "-", "fire"]),
        ("Sana'a, O’Brien", ["sana'a", ",", "o'brien"]),
        ("Iraq #39;s quot;plan quot;", ["iraq", "'s", '"', "plan", '"']),
        ("Erdoğan Łódź Møller", ["erdogan", "lodz", "moller"]),
        ("the 11th visit", ["the", "11th", "visit"]),
    ],
)
def test_words_are_cut_and_folded_for_comparison(text, words):
    """Possessives stand alone, abbreviations stay whole, accents and archive left-overs are folded away."""
    assert list(words_of(text)) == words


@given(any_text)
def test_folding_twice_changes_nothing(text):
    """Folding is idempotent, so folded lists can be compared with folded texts."""
    assert fold(fold(text)) == fold(text)


@given(any_text)
def test_texts_are_brought_to_nfc_once(text):
    """The normal form is NFC and stable."""
    assert unicodedata.is_normalized("NFC", nfc(text))
