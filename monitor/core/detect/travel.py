"""Visits cross a border: who is at home where, and who is the guest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from monitor.core.detect.filled import Filled, named
from monitor.core.model.mention import EntityKind
from monitor.core.rules.gazetteer import Gazetteer
from monitor.core.rules.units import Sentence

_CROWDS = ("delegation", "team", "mission", "group", "parliament")
_SENDERS = (EntityKind.COUNTRY, EntityKind.GROUP, EntityKind.BODY)
_SHORT = {"pm": "prime minister", "fm": "foreign minister", "premier": "prime minister"}
_AT_HOME_IN = {"West Bank": "Palestine", "Gaza": "Palestine"}
ABROAD = "abroad"  # a pattern's word that alone says the meeting is international: "summit"


def is_journey(filled: Iterable[Filled], sentence: Sentence) -> bool:
    """Whether the filled roles tell of somebody abroad, or of people from different countries or bodies.

    Those who no longer hold their office travel for themselves. Where a home is not known, the
    reading that makes it a journey counts.
    """
    items = list(filled)
    visitors = [f for f in items if f.role == "visitor"]
    hosts = [f for f in items if f.role == "host"]
    goals = {f.home for f in items if f.role in ("destination", "stops")}
    homes = {f.home for f in visitors if f.home}
    if visitors and all(v.former for v in visitors):
        return False
    if any(f.role == ABROAD for f in items):
        return True
    if goals:
        return not homes or bool(homes - goals) or bool(_foreign(hosts, homes))
    if hosts:
        known = {h.home for h in hosts if h.home}
        if not homes and not known and not any(f.name and f.name.entity_id for f in (*visitors, *hosts)):
            return False  # two whom nobody names, of no country: at home
        return not homes or not known or bool(known - homes) or len(homes) > 1
    if len(homes) > 1:
        return True
    return (not homes and not _is_lone(visitors)) or _mentions_abroad(sentence, homes)


def _is_lone(visitors: list[Filled]) -> bool:
    """Whether one unnamed official of an unnamed country is all there is: at home until said otherwise."""
    return len(visitors) == 1 and all(v.name and not v.name.entity_id and not _is_plural(v.name.name) for v in visitors)


def _foreign(hosts: list[Filled], homes: set[str]) -> set[str]:
    return {h.home for h in hosts if h.home} - homes


def _mentions_abroad(sentence: Sentence, homes: set[str]) -> bool:
    for mention in sentence.names.values():
        entity = mention.entity
        if entity.kind is EntityKind.COUNTRY and entity.name not in homes:
            return True
        if entity.kind is EntityKind.PERSON and entity.country and entity.country not in homes:
            return True
        if entity.kind is EntityKind.PLACE and entity.country not in homes:
            return True
        if entity.kind in (EntityKind.BODY, EntityKind.GROUP) and entity.name not in homes:
            return True
    return False


def nearer_visitor(filled: list[Filled], sentence: Sentence, trigger: int, gazetteer: Gazetteer) -> list[Filled]:
    """The roles, with a visitor who is at home there replaced by the person named nearest before the trigger.

    "A will not see B during B's trip to A's capital": the first name is the host's.
    """
    goals = {f.home for f in filled if f.role == "destination"}
    visitors = [f for f in filled if f.role == "visitor"]
    if not goals or not visitors or any(v.home not in goals for v in visitors):
        return filled
    for unit in range(trigger - 1, -1, -1):
        mention = sentence.names.get(unit)
        if mention is None or mention.entity.kind is not EntityKind.PERSON:
            continue
        other = named("visitor", mention, gazetteer)
        if other.home not in goals:
            hosts = [recast(f, "host") if f.role == "visitor" else f for f in filled]
            return [other, *hosts]
    return filled


def with_names(filled: list[Filled], sentences: Sequence[Sentence], gazetteer: Gazetteer) -> list[Filled]:
    """The roles, with an unnamed official named when title or lead names a compatriot ("the Iraqi president") or
    somebody who holds that office ("president" beside Trump)."""
    persons = [
        named("visitor", mention, gazetteer)
        for sentence in sentences
        for mention in sentence.names.values()
        if mention.entity.kind is EntityKind.PERSON and not mention.former
    ]
    taken = {f.name.name for f in filled if f.name}
    free = [p for p in persons if p.name and p.name.name not in taken]
    return [_named_by(f, free, gazetteer) if f.role in ("visitor", "host") else f for f in filled]


def _named_by(item: Filled, persons: list[Filled], gazetteer: Gazetteer) -> Filled:
    if item.name is None or item.name.entity_id or _is_plural(item.name.name):
        return item
    office = item.name.name.lower()
    if item.home:
        match = next((p for p in persons if p.home == item.home), None)
    else:
        match = next((p for p in persons if _holds(p, _SHORT.get(office, office), gazetteer)), None)
    if match is None or match.name is None:
        return item
    name = replace(item.name, name=match.name.name, entity_id=match.name.entity_id)
    return replace(item, name=name, home=item.home or match.home)


def _holds(person: Filled, office: str, gazetteer: Gazetteer) -> bool:
    entry = gazetteer.by_id.get(person.name.entity_id) if person.name else None
    return entry is not None and (entry.office or "").lower().startswith(office)


def with_senders(filled: list[Filled], sentences: Sequence[Sentence]) -> list[Filled]:
    """The roles, with people whom nobody sends ("delegations", "PM") as title or lead call them in full: "Russian
    and Ukrainian delegations"."""
    return [_in_full(f, sentences) or f if f.role in ("visitor", "host") else f for f in filled]


def _in_full(item: Filled, sentences: Sequence[Sentence]) -> Filled | None:
    if item.name is None or item.name.entity_id or item.home:
        return None
    head = item.name.surface.lower().rpartition(" ")[2]
    for sentence in sentences:
        for unit, sender in sentence.names.items():
            last = unit + 2
            if last > len(sentence.starts) or sender.entity.kind not in _SENDERS:
                continue
            if sentence.text_of(unit + 1, last).lower() == head:
                first = _list_start(sentence, unit)
                surface, home = sentence.text_of(first, last), sender.entity.name
                name = replace(item.name, name=surface, surface=surface, home=home)
                return replace(item, name=name, span=sentence.span_of(first, last), field=sentence.field, home=home)
    return None


def _list_start(sentence: Sentence, unit: int) -> int:
    """The first of the names that "and" or commas join before this one."""
    while unit - 2 in sentence.names and sentence.text_of(unit - 1, unit).lower() in ("and", ","):
        unit -= 2
    return unit


def _is_plural(words: str) -> bool:
    return words.endswith("s") or words.lower().endswith(_CROWDS)


def settle_guests(filled: list[Filled]) -> list[Filled]:
    """The roles with guests and hosts told apart by where they meet.

    Who is at home at the only destination receives; two who meet in a third country both travel.
    Nobody is his own host, and a stop already named as destination is no stop.
    """
    goals = {f.home for f in filled if f.role == "destination" and f.home}  # a region has no one at home
    goals |= {_AT_HOME_IN[g] for g in goals if g in _AT_HOME_IN}
    visitors = [f for f in filled if f.role == "visitor"]
    hosts = [f for f in filled if f.role == "host"]
    settled = list(filled)
    if goals and any(v.home and v.home not in goals for v in visitors):
        settled = [recast(f, "host") if f.role == "visitor" and f.home in goals else f for f in settled]
    elif goals and hosts and all(v.home in goals for v in visitors if v.home) and any(v.home for v in visitors):
        swap = {"visitor": "host", "host": "visitor"}
        settled = [recast(f, swap[f.role]) if f.role in swap else f for f in settled]
    if goals and hosts and visitors:
        settled = [
            recast(f, "visitor") if f.role == "host" and f.home and f.home not in goals and f.name else f
            for f in settled
        ]
    guests = {f.name.name for f in settled if f.role == "visitor" and f.name}
    places = {f.name.name for f in settled if f.role == "destination" and f.name}
    settled = [
        f
        for f in settled
        if not (f.role == "host" and f.name and f.name.name in guests)
        and not (f.role == "stops" and f.name and f.name.name in places)
    ]
    return _each_guest_once(settled)


def _each_guest_once(filled: list[Filled]) -> list[Filled]:
    first = {f.name.name: f for f in reversed(filled) if f.role == "visitor" and f.name}
    return [f for f in filled if f.role != "visitor" or f.name is None or first[f.name.name] is f]


def recast(item: Filled, role: str) -> Filled:
    """The same name in another role."""
    name = replace(item.name, role=role) if item.name else None
    return replace(item, role=role, name=name)
