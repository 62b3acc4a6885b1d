"""A small rule folder of our own, for tests that must not depend on the shipped rules."""

from __future__ import annotations

from pathlib import Path

LANGUAGE = """
concepts:
  thaw: {nouns: [thaw, melt], words: [ice-free season]}
  begin: {verbs: [begin, set in]}
  negation: [no, not]
  conditional: [if]
  speculative: [may]
  planned: [will]
  background: [years ago]
  office: {nouns: [minister, foreign minister, king]}
  former: [former]
  ordinary: [the, a, in, of]
  frozen_land: {names: [Norland]}
irregular:
  begin: [begins, began, begun, beginning]
  set: [sets, set, set, setting]
"""

EVENT = """
phases:
  early: {severity: low, rank: 1}
  late: {severity: high, rank: 2, after: [early]}
roles: [where]
story: {places: [where]}
alert: {threshold: 0.4, weights: {title: 1.0, lead: 0.7, body: 0.2}}
macros: {ice: thaw}
"""

RULES = """
rules:
  - id: season.begins
    phase: late
    weight: 0.9
    conditional: demote
    patterns: ['$ice ..2 *begin.s', '*begin.past ..2 thaw ("in" where=@country)?']
    tests: {yes: [Thaw begins], no: [Frost begins]}
  - id: season.noun
    phase: early
    weight: 0.5
    negated: keep
    patterns: ['*thaw']
    tests: {yes: [The thaw], no: [The frost]}
  - id: season.film
    effect: veto
    scope: sentence
    patterns: ['*"film"']
    tests: {yes: [Thaw, a film], no: [Thaw]}
"""

GAZETTEER = """
reviewed: 2026-01-01
entities:
  - {id: 'country:norland', name: Norland, demonyms: [Norlander], exact: [NL], metonyms: [Port Nor]}
  - {id: 'place:port-nor', name: Port Nor, country: Norland, capital_of: Norland}
  - {id: 'person:nor-land', name: Norland Ives, country: Sudria, office: Minister, aliases: [Ives]}
  - {id: 'person:old-marsh', name: Ada Marsh, country: Norland, from: 2001-01-01, until: 2005-01-01, aliases: [Marsh]}
  - {id: 'person:new-marsh', name: Ben Marsh, country: Norland, from: 2005-01-02, aliases: [Marsh]}
"""


def rule_folder(root: Path, **changes: str) -> Path:
    """A configuration root with the sample rules; `changes` replace or add files ("events/season/rules/a.yaml")."""
    files = {
        "languages/en.yaml": LANGUAGE,
        "events/season/event.yaml": EVENT,
        "events/season/rules/main.yaml": RULES,
        "gazetteer/names.yaml": GAZETTEER,
    } | changes
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return root
