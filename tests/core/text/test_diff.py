"""Sentence diffs: laws over any texts, and what a reader would call a change."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.text.diff import (
    ChangeKind,
    apply_changes,
    is_ephemeral,
    is_same_wording,
    kept_share,
    sentence_diff,
)
from monitor.core.text.normalise import fold
from monitor.core.text.sentences import split_sentences

_SENTENCES = st.sampled_from(
    ["The envoy landed on Monday.", "The envoy landed on Tuesday.", "Talks begin at noon.", "Talks have ended.",
     "Nobody was hurt.", "Updated 3 minutes ago.", "“A truce!” he said.", "Twelve people died in the shelling.",
     "Eleven people died in the shelling.", "…", "Ceasefire agreed? No."]
)  # fmt: skip
_TEXTS = st.one_of(st.lists(_SENTENCES, max_size=12).map("\n".join), st.text(max_size=120))


def sentences(text):
    """The sentences as compared: words alone."""
    return [key(text[span.start : span.end]) for span in split_sentences(text)]


def key(sentence):
    return " ".join(re.findall(r"\w+|[%$€£¥]", fold(sentence)))


def told(before, after):
    return [(c.kind.value, c.was and c.was.text, c.now and c.now.text) for c in sentence_diff(before, after)]


@given(_TEXTS)
def test_a_text_does_not_differ_from_itself(text):
    """Identity gives nothing."""
    assert sentence_diff(text, text) == ()
    assert is_same_wording(text, text)


@given(_TEXTS, _TEXTS)
def test_applying_a_diff_gives_the_other_texts_sentences(before, after):
    """What stays is worded as before, which is the same by its words."""
    assert [key(s) for s in apply_changes(before, sentence_diff(before, after))] == sentences(after)


@given(_TEXTS, _TEXTS)
def test_a_diff_seen_from_the_other_text_is_the_same(before, after):
    """Swapping the texts swaps every change and adds none."""
    here = sentence_diff(before, after)
    there = sentence_diff(after, before)
    assert {change.swapped() for change in here} == set(there)
    assert len(here) == len(there)


@given(_TEXTS, _TEXTS)
def test_offsets_quote_the_texts(before, after):
    """Spans index the text they came from."""
    for change in sentence_diff(before, after):
        assert change.was is None or before[change.was.span.start : change.was.span.end] == change.was.text
        assert change.now is None or after[change.now.span.start : change.now.span.end] == change.now.text
        assert (change.was is None, change.now is None) == (
            change.kind is ChangeKind.ADDED,
            change.kind is ChangeKind.REMOVED,
        )


def test_a_new_number_is_a_changed_sentence():
    """The commonest correction of all."""
    before = "The envoy landed on Monday.\nTwelve people died in the shelling.\nTalks begin at noon."
    after = "The envoy landed on Monday.\nEleven people died in the shelling.\nTalks begin at noon.\nNobody was hurt."
    assert told(before, after) == [
        ("changed", "Twelve people died in the shelling.", "Eleven people died in the shelling."),
        ("added", None, "Nobody was hurt."),
    ]


def test_another_sentence_in_its_place_is_removed_and_added():
    """Too few common words make no pair."""
    assert told("Talks begin at noon.", "The harbour is closed to all ships.") == [
        ("removed", "Talks begin at noon.", None),
        ("added", None, "The harbour is closed to all ships."),
    ]


def test_quotes_case_and_accents_are_no_change():
    """Typography is nobody's news."""
    assert sentence_diff("“A truce!” he said. The café is open.", '"A truce," he said. The CAFE is open.') == ()


@pytest.mark.parametrize(
    "sentence",
    ["Updated 3 minutes ago", "Last updated: 29 October 2024, 14:03 GMT", "12 comments", "3 min read", "Advertisement",
     "Published Tue 29th Oct 2024 at 2:03pm", "1.2k shares", "Share", "14:03", "…"],
)  # fmt: skip
def test_stamps_and_counters_are_ephemeral(sentence):
    """They change while the article does not."""
    assert is_ephemeral(sentence)
    assert is_same_wording(f"The envoy landed.\n{sentence}", "The envoy landed.")


@pytest.mark.parametrize(
    "sentence",
    ["Talks begin at 14:03 on Monday.", "12 dead", "The envoy landed today.", "Truce", "Updated death toll", "$5"],
)
def test_what_says_something_is_not_ephemeral(sentence):
    """However short it is."""
    assert not is_ephemeral(sentence)
    assert not is_same_wording(f"The envoy landed.\n{sentence}", "The envoy landed.")


def test_another_order_is_the_same_wording():
    """A page that turns its blocks round says what it said."""
    assert is_same_wording("The envoy landed.\nTalks begin at noon.", "Talks begin at noon.\nThe envoy landed.")


@pytest.mark.parametrize(
    ("before", "after", "share"),
    [
        ("", "A.", 0.0),
        ("One here. Two here.", "Two here. Three here.", 0.5),
        ("One here.", "ONE here! 12 comments", 1.0),
    ],
)
def test_what_was_kept_is_a_share_of_the_old_sentences(before, after, share):
    """In any order, ephemeral ones left out."""
    assert kept_share(before, after) == share


def test_endless_texts_are_compared_coarsely():
    """Sentences by the thousands are replaced as a whole between the same beginning and end."""
    before = "Start.\n" + "\n".join(f"Old line {n} of many." for n in range(3000)) + "\nEnd."
    after = "Start.\n" + "\n".join(f"New line {n} of many." for n in range(3000)) + "\nEnd."
    changes = sentence_diff(before, after)
    assert len(changes) == 6000
    assert [key(s) for s in apply_changes(before, changes)] == sentences(after)
