"""Known names found in tokens: a trie over folded words, with case modes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from monitor.core.model.mention import Entity
from monitor.core.rules.schema import GazetteerEntry
from monitor.core.text.tokens import Tokens, words_of


@dataclass(frozen=True, kw_only=True)
class NameSense:
    """One reading of a name: `form` is name, demonym, metonym or capital; `exact` demands this very spelling.

    A `bare` one is a common surname: see `stands_bare`.
    """

    entry: GazetteerEntry
    form: str
    exact: str = ""
    bare: bool = False


@dataclass
class NameNode:
    next: dict[str, NameNode] = field(default_factory=dict)
    senses: list[NameSense] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Gazetteer:
    """All known names: a trie over folded words, and the entries by id."""

    root: dict[str, NameNode]
    by_id: dict[str, GazetteerEntry]

    def longest(self, tokens: Tokens, at: int, end: int) -> tuple[int, list[NameSense]] | None:
        """The end and readings of the longest known name that begins at token `at`."""
        node = self.root.get(tokens.words[at])
        found = None
        position = at + 1
        while node is not None:
            if node.senses:
                fitting = [s for s in node.senses if _case_fits(s, tokens, at, position)]
                if fitting:
                    found = (position, fitting)
            if position >= end:
                break
            node = node.next.get(tokens.words[position])
            position += 1
        return found


def _case_fits(sense: NameSense, tokens: Tokens, first: int, last: int) -> bool:
    if not tokens.has_case:
        return True
    if sense.exact:
        return tokens.surface(first, last) == sense.exact
    initial = tokens.text[tokens.starts[first]]
    return initial.isupper() or initial.lower() == initial.upper()


def build_gazetteer(entries: Iterable[GazetteerEntry]) -> Gazetteer:
    """The trie of all names of the entries. Caseless scripts match as they are."""
    root: dict[str, NameNode] = {}
    by_id: dict[str, GazetteerEntry] = {}
    for entry in entries:
        by_id[entry.id] = entry
        plain = "capital" if entry.capital_of else "name"
        for name in (entry.name, *entry.aliases):
            _insert(root, name, NameSense(entry=entry, form=plain))
        for name in entry.exact:
            _insert(root, name, NameSense(entry=entry, form=plain, exact=name))
        for name in entry.bare:
            _insert(root, name, NameSense(entry=entry, form=plain, bare=True))
        for name in entry.demonyms:
            _insert(root, name, NameSense(entry=entry, form="demonym"))
        for name in entry.metonyms:
            _insert(root, name, NameSense(entry=entry, form="metonym"))
    return Gazetteer(root=root, by_id=by_id)


def _insert(root: dict[str, NameNode], name: str, sense: NameSense) -> None:
    words = words_of(name)
    if not words:
        return
    node = root.get(words[0]) or root.setdefault(words[0], NameNode())
    for word in words[1:]:
        node = node.next.get(word) or node.next.setdefault(word, NameNode())
    if sense not in node.senses:
        node.senses.append(sense)


def entity_of(entry: GazetteerEntry) -> Entity:
    """The entity a mention of this entry names; a place's country is the one a trip there leads to."""
    country = entry.country or entry.capital_of
    return Entity(id=entry.id, kind=entry.kind, name=entry.name, country=country, office=entry.office)


def stands_bare(sense: NameSense, tokens: Tokens, at: int, on: date | None, ordinary: Mapping[str, object]) -> bool:
    """Whether the common surname at this token can be the office-holder's: in office on that day, and no other
    name beside it ("Kim Kardashian", "Spike Lee")."""
    if on is None or not in_office(sense.entry, on):
        return False
    return not any(_is_name_part(tokens, beside, ordinary) for beside in (at - 1, at + 1))


def _is_name_part(tokens: Tokens, at: int, ordinary: Mapping[str, object]) -> bool:
    if not 0 <= at < len(tokens) or tokens.words[at] in ordinary:
        return False
    return tokens.words[at].isalpha() and (not tokens.has_case or tokens.text[tokens.starts[at]].isupper())


def in_office(entry: GazetteerEntry, on: date | None) -> bool:
    """Whether the person held the office on that day; open ends and unknown days count as yes."""
    if on is None:
        return True
    return (entry.since is None or entry.since <= on) and (entry.until is None or on <= entry.until)
