"""Rule folders are read whole, laid over each other, and every problem is named with file and line."""

from __future__ import annotations

import pytest

from monitor.errors import ConfigError
from monitor.settings.rules import load_rule_sources, load_ruleset
from tests.core.rules.rule_samples import EVENT, RULES, rule_folder


def problems_of(root) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_ruleset([root])
    return [str(p) for p in caught.value.problems]


def test_a_folder_becomes_a_ruleset(tmp_path):
    """Types, rules, words and names are all there, and rules know where they stand."""
    ruleset = load_ruleset([rule_folder(tmp_path)])
    assert [t.type.name for t in ruleset.types] == ["season"]
    first = ruleset.sources.rules[0]
    assert (first.id, first.at) == ("season.begins", "events/season/rules/main.yaml:3")
    assert len(ruleset.sources.entries) == 5


def test_all_problems_are_told_at_once_with_their_lines(tmp_path):
    """An unknown key, an unknown phase and a missing id in one file make three lines."""
    bad = (
        "rules:\n  - id: a\n    phase: never\n    patterns: ['*thaw']\n"
        "  - phase: early\n    wieght: 0.5\n    patterns: [x]\n"
    )
    found = problems_of(rule_folder(tmp_path, **{"events/season/rules/bad.yaml": bad}))
    assert "events/season/rules/bad.yaml:2: rule a: season has no phase 'never'" in found
    assert "events/season/rules/bad.yaml:6: unknown key 'wieght': did you mean 'weight'?" in found
    assert "events/season/rules/bad.yaml:5: 'id' is missing" in found


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("thaw", "no trigger: mark one element with *"),
        ("*glacier", "no concept, word or name kind is called 'glacier'"),
        ("*thaw ..99 begin", "a gap of 99 is too long: at most 30"),
        ("*thaw $snow", "no macro is called $snow"),
        ("*thaw (begin", "brackets do not pair"),
        ("*thaw %%", "cannot read"),
        ("where=(thaw) *begin", "a role is given to one element"),
    ],
)
def test_a_broken_pattern_is_named(tmp_path, pattern, message):
    """The message carries the rule, the pattern and what is wrong with it."""
    rules = f"rules:\n  - id: odd\n    phase: early\n    patterns: ['{pattern}']\n"
    (found,) = problems_of(rule_folder(tmp_path, **{"events/season/rules/main.yaml": rules}))
    assert found.startswith("events/season/rules/main.yaml:2: rule odd: pattern ")
    assert message in found


def test_a_broken_macro_is_told_once(tmp_path):
    """Not again with every rule that uses it."""
    event = EVENT.replace("ice: thaw", "ice: glacier")
    found = problems_of(rule_folder(tmp_path, **{"events/season/event.yaml": event}))
    assert len(found) == 1
    assert found[0].startswith("events/season/event.yaml:2: macro $ice")


def test_later_folders_replace_rules_of_the_same_id(tmp_path):
    """A user's rule of a shipped id takes its place; the digest changes."""
    shipped = rule_folder(tmp_path / "shipped")
    own = tmp_path / "own"
    (own / "events/season/rules").mkdir(parents=True)
    changed = RULES.split("  - id: season.noun")[0].replace("weight: 0.9", "weight: 0.6")
    (own / "events/season/rules/mine.yaml").write_text(changed)
    sources = load_rule_sources([shipped, own])
    assert [r.weight for r in sources.rules if r.id == "season.begins"] == [0.6]
    assert len(sources.rules) == 3
    assert sources.digest != load_rule_sources([shipped]).digest


def test_the_same_id_twice_in_one_folder_is_refused(tmp_path):
    """Otherwise one of the two would silently never be read."""
    twice = RULES + RULES.split("rules:\n")[1]
    found = problems_of(rule_folder(tmp_path, **{"events/season/rules/main.yaml": twice}))
    assert any("'season.noun' stands at" in each for each in found)


def test_a_missing_folder_is_a_problem(tmp_path):
    """It is named, not passed over."""
    assert problems_of(tmp_path / "nowhere") == [f"{tmp_path / 'nowhere'}: no such folder of rules"]


def test_a_bad_name_entry_is_named(tmp_path):
    """Kinds, dates and duplicate ids are checked."""
    names = (
        "entities:\n  - {id: 'ship:a', name: A}\n  - {id: 'person:b', name: B, from: soon}\n"
        "  - {id: 'person:b', name: B}\n"
    )
    found = problems_of(rule_folder(tmp_path, **{"gazetteer/names.yaml": names}))
    assert found[0].startswith("gazetteer/names.yaml:2: 'ship:a' must begin with one of person")
    assert found[1] == "gazetteer/names.yaml:3: 'soon' is not a date: write YYYY-MM-DD"
    assert "stands at gazetteer/names.yaml:3 already" in found[2]
