"""Where a journey leads when the rule that found it does not say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from monitor.core.detect.filled import Filled, named
from monitor.core.detect.travel import recast
from monitor.core.model.mention import EntityKind, Mention
from monitor.core.model.report import RoleName
from monitor.core.model.span import Field
from monitor.core.rules.gazetteer import Gazetteer
from monitor.core.rules.units import Sentence

_REACH = 6  # tokens before the preposition in which the journey or meeting stands
_LOCATIVES = frozenset({"in", "at", "to", "into"})
_ARTICLES = frozenset({"the", "his", "her", "their", "a", "southern", "northern", "eastern", "western", "central"})
_MOVING = (
    "visit visits visited visiting trip trips tour travel travels traveled travelled traveling travelling fly flies "
    "flew flying arrive arrives arrived arriving arrival land lands landed return returns returned head heads headed "
    "heading go goes went going stop stops stopover journey departed leave leaves"
)
_MEETING = (
    "meet meets met meeting meetings talks summit conference gather gathers gathered gathering session ceremony parade "
    "appearance hosted host hosts reception banquet inauguration funeral"
)
_WORDS = frozenset(f"{_MOVING} {_MEETING}".split())
_NOUNS = frozenset("summit meeting conference parade forum".split())  # "the Tianjin summit" is held there
# What is talked about, not where: "met to discuss the war in Ukraine".
_TOPICS = frozenset(
    "war wars fighting conflict crisis ceasefire truce peace situation discuss discussed discussing on over about end "
    "ending elections rights troops attack attacks violence hostages deal plan after before since from of".split()
)
_SENIOR = ("president", "prime minister", "chancellor", "king", "emir", "crown prince", "supreme leader", "premier")
# Whose leaders are seldom the guests where no venue is named: in annotated news one of eleven, of others 20 of 40.
_MET_AT_HOME = frozenset({"United States"})
_MOST = 4


def venues(filled: list[Filled], sentences: Sequence[Sentence], gazetteer: Gazetteer) -> list[Filled]:
    """The destinations that title and lead state for this journey, surest first; empty when one is known already.

    A place after "in" or "to" behind a word of travel or meeting; a seat of government or a summit's
    place; an agency's dateline; at last the land of the head of state whom a lower official meets.
    """
    goals = [f for f in filled if f.role == "destination" and f.name]
    if any(g.home for g in goals):
        return []
    homes = {f.home for f in filled if f.role == "visitor" and f.home}
    for sentence in sentences:
        stated = [named("destination", m, gazetteer) for m in _stated(sentence)]
        abroad = _once(f for f in stated if f.home and f.home not in homes)
        if abroad:
            return abroad[:_MOST]
    return _dateline(filled, sentences, gazetteer) or _of_senior(filled, gazetteer)


def _once(found: Iterator[Filled]) -> list[Filled]:
    return list({f.home: f for f in reversed(list(found))}.values())[::-1]


def _stated(sentence: Sentence) -> Iterator[Mention]:
    """The places of a sentence that its words make the end of a journey or the scene of a meeting, with their lists."""
    words = sentence.tokens.words
    units = sorted(sentence.names)
    taken: set[int] = set()
    for unit in units:
        mention = sentence.names[unit]
        if mention.entity.kind not in (EntityKind.COUNTRY, EntityKind.PLACE) or unit in taken:
            continue
        first, last = sentence.starts[unit], sentence.ends[unit]
        if not (_is_reached(words, first) or (last < len(words) and words[last] in _NOUNS)):
            continue
        for other in _listed(sentence, unit):
            taken.add(other)
            yield sentence.names[other]


def _is_reached(words: list[str], first: int) -> bool:
    at = first - 1
    while at >= 0 and words[at] in _ARTICLES:
        at -= 1
    if at < 0 or words[at] not in _LOCATIVES:
        return False
    for back in range(at - 1, max(-1, at - 1 - _REACH), -1):
        if words[back] in _WORDS:
            return True
        if words[back] in _TOPICS or not words[back][0].isalnum():
            return False
    return False


def _listed(sentence: Sentence, unit: int) -> Iterator[int]:
    """The unit, and the names that follow it in a list: "Japan, China and South Korea"."""
    yield unit
    words = sentence.tokens.words
    position = unit
    while True:
        between = sentence.ends[position]
        joined = between
        while joined < len(words) and words[joined] in (",", "and"):
            joined += 1
        following = position + 1 + (joined - between)
        mention = sentence.names.get(following)
        if joined == between or mention is None or mention.entity.kind not in (EntityKind.COUNTRY, EntityKind.PLACE):
            return
        yield following
        position = following


def _dateline(filled: list[Filled], sentences: Sequence[Sentence], gazetteer: Gazetteer) -> list[Filled]:
    """Where an agency's text was sent from, when the visitors are strangers there and hosts, if any, at home."""
    visitors = [f for f in filled if f.role == "visitor" and f.home]
    if not visitors:
        return []
    for sentence in sentences:
        mention = sentence.names.get(0) if sentence.field is Field.TEXT and sentence.index == 0 else None
        if mention is None or mention.entity.kind is not EntityKind.PLACE or not mention.surface.isupper():
            continue
        place = named("destination", mention, gazetteer)
        hosts = {f.home for f in filled if f.role == "host"}
        if place.home and all(v.home != place.home for v in visitors) and (not hosts or place.home in hosts):
            return [place]
    return []


def _of_senior(filled: list[Filled], gazetteer: Gazetteer) -> list[Filled]:
    """The land of the head of state or government whom an envoy or minister meets: the lower one travels."""
    visitors = [f for f in filled if f.role == "visitor"]
    hosts = [f for f in filled if f.role == "host" and f.home and f.name]
    if not visitors or any(_is_senior(v, gazetteer) for v in visitors):
        return []
    host = next((h for h in hosts if _is_senior(h, gazetteer)), None)
    if host is None or host.name is None:
        return []
    name = RoleName(
        role="destination", name=host.home or "", surface=host.name.surface, entity_id="", home=host.home or ""
    )
    return [replace(host, role="destination", name=name)]


def peers_travel(filled: list[Filled], gazetteer: Gazetteer) -> list[Filled]:
    """The roles, with both heads of state or government as visitors when nobody says where they meet."""
    visitors = [f for f in filled if f.role == "visitor"]
    hosts = [f for f in filled if f.role == "host"]
    is_open = not any(f.role == "destination" for f in filled) and visitors and hosts
    if (
        not is_open
        or any(h.home in _MET_AT_HOME for h in hosts)
        or not all(_is_senior(f, gazetteer) for f in (*visitors, *hosts))
    ):
        return filled
    return [recast(f, "visitor") if f.role == "host" else f for f in filled]


def _is_senior(item: Filled, gazetteer: Gazetteer) -> bool:
    entry = gazetteer.by_id.get(item.name.entity_id) if item.name else None
    office = (entry.office if entry else item.name.name if item.name else "") or ""
    low = office.lower()
    return low.startswith(_SENIOR) or any(f" {title}" in f" {low}" and "vice" not in low for title in _SENIOR)
