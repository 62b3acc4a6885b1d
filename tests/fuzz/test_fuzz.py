"""The fuzzing harness itself: the same inputs each time, and a first few of each parser."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.__main__ import fuzz
from tests.fuzz.mutations import LONGEST_BYTES, mutated
from tests.fuzz.targets import Target, targets

_TARGETS = targets()


def inputs(name, count, seed=1):
    for number in range(count):
        rng = random.Random(f"{seed}/{name}/{number}")
        yield mutated(rng, _TARGETS[name].seeds, _TARGETS[name].words), rng


@pytest.mark.parametrize("name", list(_TARGETS))
def test_the_first_inputs_of_a_parser_are_read_or_refused(name):
    target, outcomes = _TARGETS[name], set()
    for body, rng in inputs(name, 25):
        assert len(body) <= LONGEST_BYTES
        try:
            outcomes.add(target.run(body, rng))
        except target.refusals as error:
            outcomes.add(type(error).__name__)
    assert outcomes


def test_inputs_follow_from_the_seed():
    once, again, other = ([body for body, _ in inputs("feed", 20, seed)] for seed in (1, 1, 2))
    assert once == again
    assert once != other


def test_what_a_parser_must_not_raise_is_a_finding_with_its_input(tmp_path, monkeypatch):
    def run(body, rng):
        raise KeyError("a bug")

    monkeypatch.setattr("tests.fuzz.__main__._FOLDER", tmp_path)
    tally = fuzz("broken", Target(run=run, seeds=[b"<rss/>"], words=[b"x"]), seconds=0.0, seed=7, one=3)
    assert [kind.startswith("KeyError: 'a bug' (test_fuzz.py:") for kind in tally.findings] == [True]
    assert (tmp_path / "broken-7-3.bin").is_file()
    assert tally.count == 1
