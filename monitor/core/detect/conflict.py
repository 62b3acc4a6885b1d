"""Who fights, and where: the sides and the theatre of a conflict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from monitor.core.detect.filled import Filled, RoleSource, named
from monitor.core.model.mention import EntityKind, Mention
from monitor.core.model.report import RoleName
from monitor.core.rules.units import Sentence

# Fought over rather than fighting: a place wherever they stand.
TERRITORIES = frozenset({"Gaza", "West Bank", "Kosovo", "Northern Ireland", "Taiwan", "Nagorno-Karabakh", "Kashmir"})
_MOST_PLACES = 3
_INSIDE = frozenset({"in", "across", "inside", "over"})
_LOCATIVES = frozenset("in to from at near inside into across around outside".split())
# Where these stand shortly before "in", the place after it is where people meet or go.
_MEETING = frozenset(
    "talks talk negotiations meet meets met meeting meetings summit conference gather gathered signed signing sign "
    "dialogue consultations session sessions round hosted mediation delegation delegations negotiators envoys "
    "lands landed landing arrives arrived arriving arrive visit trip tour".split()
)
_JOINED = frozenset({"and", "or", ","})
_STANDING_BY = frozenset(
    {("aligned", "with"), ("allied", "with"), ("allied", "to"), ("backed", "by"), ("supported", "by")}
)
_MEETING_REACH = 8  # tokens before "in" where a word of meeting makes the place a venue


def parties(found: list[Filled], source: RoleSource) -> list[Filled]:
    """The fighting sides that the proving sentence names, or title and lead where it names fewer than two."""
    taken = {f.name.entity_id for f in found if f.name and f.role in ("mediator", "caller") and f.name.entity_id}
    explicit = [f for f in found if f.role == "party"]
    third = set(source.event.type.third_parties)

    def sides(sentence: Sentence) -> list[Mention]:
        return [m for m in _fighting_sides(sentence) if m.entity.id not in taken and m.entity.name not in third]

    firm = sides(source.main)
    known = {f.name.name for f in explicit if f.name} | {m.entity.name for m in firm}
    for sentence in source.others:
        if len(known) >= 2:
            break
        more = sides(sentence)
        firm.extend(more)
        known.update(m.entity.name for m in more)
    return [named("party", m, source.gazetteer) for m in firm]


def _fighting_sides(sentence: Sentence) -> Iterator[Mention]:
    """Countries and armed groups of a sentence that are not merely where something happens or who stands by."""
    words = sentence.tokens.words
    located = -1  # the unit after a place and its list: "in Gaza and Lebanon"
    for unit, mention in sorted(sentence.names.items()):
        first, kind = sentence.starts[unit], mention.entity.kind
        before = words[first - 1] if first else ""
        is_located = before in _LOCATIVES or (before in _JOINED and unit - 1 == located)
        stands_by = tuple(words[max(0, first - 2) : first]) in _STANDING_BY
        if is_located:
            located = unit + 1
        is_land = mention.entity.name in TERRITORIES or is_located or stands_by
        if kind is EntityKind.GROUP or (kind is EntityKind.COUNTRY and not is_land):
            yield mention


def theatre(found: list[Filled], source: RoleSource) -> list[Filled]:
    """Where the fighting is, the surest sign first: what a rule names, a territory or theatre, the land of one
    side, a place after "in" that is no venue, the lands of all sides. A town brings its country along."""
    if any(f.role == "place" for f in found):
        return []
    sentences = (source.main, *source.others)
    for signs in (_territories, _sides_land, _inside):
        for sentence in sentences:
            places = signs(sentence, found, source)
            if places:
                return places
        if signs is _sides_land and (places := _groups_land(found, source)):
            inner = next((p for s in sentences if (p := _inside(s, found, source))), [])
            return inner or places
    lands = [f for f in found if f.role == "party" and f.name and f.name.entity_id.startswith("country:")]
    return [_as_place(f, source) for f in lands[:2]]


def with_countries(places: Iterable[Filled], source: RoleSource) -> list[Filled]:
    """The places, each town followed by the country it lies in; theatres and territories stand alone."""
    every: list[Filled] = []
    for place in places:
        every.append(place)
        entry = source.gazetteer.by_id.get(place.name.entity_id) if place.name else None
        if entry is None or entry.kind is not EntityKind.PLACE or entry.theatre or entry.name in TERRITORIES:
            continue
        country = entry.country or entry.capital_of
        if country and place.name:
            name = RoleName(role="place", name=country, surface=place.name.surface, home=country)
            every.append(replace(place, name=name))
    return every


def _territories(sentence: Sentence, found: list[Filled], source: RoleSource) -> list[Filled]:
    firm = [m for m in sentence.names.values() if m.entity.name in TERRITORIES or _is_theatre(m, source)]
    return [named("place", m, source.gazetteer) for m in firm][:_MOST_PLACES]


def _is_theatre(mention: Mention, source: RoleSource) -> bool:
    entry = source.gazetteer.by_id.get(mention.entity.id)
    return mention.entity.kind is EntityKind.PLACE and entry is not None and entry.theatre is not None


def _sides_land(sentence: Sentence, found: list[Filled], source: RoleSource) -> list[Filled]:
    """The theatre that a side named here is known for: Ukraine's war is fought in Ukraine."""
    theatres = dict(source.event.type.theatres)
    for mention in sentence.names.values():
        where = theatres.get(mention.entity.name)
        item = next((f for f in found if f.role == "party" and f.name and f.span == mention.span), None)
        if where and item and item.name:
            name = RoleName(role="place", name=where, surface=item.name.surface)
            return [replace(item, role="place", name=name)]
    return []


def _groups_land(found: list[Filled], source: RoleSource) -> list[Filled]:
    """Where an armed group among the sides is at home."""
    for item in found:
        entry = source.gazetteer.by_id.get(item.name.entity_id) if item.role == "party" and item.name else None
        where = (entry.theatre or entry.country) if entry and entry.kind is EntityKind.GROUP else None
        if where and item.name:
            name = RoleName(role="place", name=where, surface=item.name.surface)
            return [replace(item, role="place", name=name)]
    return []


def _inside(sentence: Sentence, found: list[Filled], source: RoleSource) -> list[Filled]:
    """Places and countries after "in" and the like, but for those where people only meet."""
    third = set(source.event.type.third_parties)
    located: list[Mention] = []
    for unit, mention in sentence.names.items():
        first = sentence.starts[unit]
        entry = source.gazetteer.by_id.get(mention.entity.id)
        is_place = mention.entity.kind is EntityKind.PLACE and entry is not None and not entry.capital_of
        if not ((is_place and mention.entity.country) or mention.entity.kind is EntityKind.COUNTRY):
            continue
        if not first or sentence.tokens.words[first - 1] not in _INSIDE:
            continue
        before = sentence.tokens.words[max(0, first - 1 - _MEETING_REACH) : first - 1]
        if {mention.entity.name, mention.entity.country} & third or not _MEETING.isdisjoint(before):
            continue
        located.append(mention)
    return [named("place", m, source.gazetteer) for m in located][:_MOST_PLACES]


def _as_place(item: Filled, source: RoleSource) -> Filled:
    """The side's land under its own name: Palestine, not the Palestinians."""
    entry = source.gazetteer.by_id.get(item.name.entity_id) if item.name else None
    name = replace(item.name, role="place", name=entry.name if entry else item.name.name) if item.name else None
    return replace(item, role="place", name=name)


def settle_sides(filled: list[Filled]) -> list[Filled]:
    """The roles without nameless sides that a named or fuller one stands for: "rebels" beside the M23."""
    sides = [f for f in filled if f.role == "party" and f.name]
    has_group = any(f.name and f.name.entity_id.startswith("group:") for f in sides)
    kept: list[Filled] = []
    for item in filled:
        if item.role != "party" or not item.name or item.name.entity_id:
            kept.append(item)
            continue
        words = set(item.name.name.casefold().split())
        fuller = any(words < set(f.name.name.casefold().split()) for f in sides if f.name)
        if not has_group and not fuller:
            kept.append(item)
    return kept
