"""The words an alert is written in."""

from __future__ import annotations

import pytest

from monitor.core.alert.wording import duration_words, listed, ordinal_words, phase_phrase


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (112, "112th"),
    ],
)
def test_ordinals_are_english(number, words):
    assert ordinal_words(number) == words


@pytest.mark.parametrize(
    ("names", "words"), [((), ""), (("A",), "A"), (("A", "B"), "A and B"), (("A", "B", "C"), "A, B and C")]
)
def test_names_are_listed_as_in_a_sentence(names, words):
    assert listed(names) == words


def test_phases_read_as_words_and_unknown_ones_are_spelled_out():
    assert phase_phrase("visit", "under_way") == "Visit under way"
    assert phase_phrase("prisoner_swap", "called_off") == "Prisoner swap called off"


@pytest.mark.parametrize(
    ("iso", "words"),
    [("P60D", "60 days"), ("P1W", "1 week"), ("PT72H", "72 hours"), ("P1M10D", "1 month 10 days"), ("soon", "")],
)
def test_durations_are_counted_in_words(iso, words):
    assert duration_words(iso) == words
