"""Who, where, when and what for: the roles of one finding, with the words that fill them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from monitor.core.detect.filled import Filled, fill_from_units, named
from monitor.core.detect.finding import Finding
from monitor.core.detect.times import find_days, find_duration, find_ordinal
from monitor.core.detect.travel import nearer_visitor, settle_guests
from monitor.core.model.mention import EntityKind, Mention
from monitor.core.model.report import RoleName, RoleText, RoleTime
from monitor.core.model.span import Span
from monitor.core.rules.compile import CompiledType
from monitor.core.rules.gazetteer import Gazetteer
from monitor.core.rules.units import Sentence

# Fought over rather than fighting: a place wherever they stand.
TERRITORIES = frozenset({"Gaza", "West Bank", "Kosovo", "Northern Ireland", "Taiwan", "Nagorno-Karabakh", "Kashmir"})
_MOST_PLACES = 3
_INSIDE = frozenset({"in", "across", "inside", "over"})
_LOCATIVES = frozenset("in to from at near inside into across around outside".split())
_PURPOSE = re.compile(
    r"\b(?:aimed at|in (?:a )?(?:bid|push|effort|attempt) to|in order to|on|for|to (?=discuss|push|press|urge|seek|sign"
    r"|broker|secure|promote|attend|revive|restart|hold|boost|strengthen|meet|negotiate|mediate|persuade|talk))\b\s*"
    r"(?P<what>[^,.;:—–]{6,120})",
    re.IGNORECASE,
)
_MOST_PURPOSE_WORDS = 14


@dataclass(frozen=True, kw_only=True)
class RoleSource:
    """What roles may be taken from: the proving sentence first, then title and lead."""

    event: CompiledType
    gazetteer: Gazetteer
    main: Sentence
    others: tuple[Sentence, ...]
    published_on: date | None


def captured(finding: Finding, gazetteer: Gazetteer) -> list[Filled]:
    """The roles the rule's own pattern names."""
    sentence = finding.match.sentence
    found: list[Filled] = []
    for role, first, last in finding.match.roles:
        found.extend(fill_from_units(role, sentence, first, last, gazetteer))
    return nearer_visitor(found, sentence, finding.match.trigger[0], gazetteer)


def fill(finding: Finding, source: RoleSource) -> list[Filled]:
    """All roles of a report: those of the pattern, then what the sentence, title and lead add."""
    wanted = set(source.event.type.roles)
    found = captured(finding, source.gazetteer)
    if "party" in wanted:
        found.extend(_parties(found, source))
        found.extend(_theatre(found, source))
    if "visitor" in wanted:
        found = settle_guests(found)
    found.extend(_texts(wanted, source))
    found.extend(_times(wanted, source))
    return _once(found)


def _once(found: Iterable[Filled]) -> list[Filled]:
    seen: set[tuple[str, str]] = set()
    kept: list[Filled] = []
    for item in found:
        value = item.name.name if item.name else item.text.text if item.text else str(item.time or item.ordinal)
        key = (item.role, value.casefold())
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept


def _parties(found: list[Filled], source: RoleSource) -> list[Filled]:
    taken = {f.name.entity_id for f in found if f.name and f.role in ("mediator", "caller") and f.name.entity_id}
    explicit = [f for f in found if f.role == "party"]
    candidates: list[Mention] = []
    for sentence in (source.main, *source.others):
        if len(candidates) + len(explicit) >= 2 and sentence is not source.main:
            break
        candidates.extend(m for m in _fighting_sides(sentence) if m.entity.id not in taken)
    third = set(source.event.type.third_parties)
    firm = [m for m in candidates if m.entity.name not in third]
    return [named("party", m, source.gazetteer) for m in firm]


def _fighting_sides(sentence: Sentence) -> Iterator[Mention]:
    """Countries and armed groups of a sentence that are not merely where something happens."""
    for unit, mention in sentence.names.items():
        kind = mention.entity.kind
        if kind is EntityKind.GROUP:
            yield mention
        elif kind is EntityKind.COUNTRY:
            first = sentence.starts[unit]
            before = sentence.tokens.words[first - 1] if first else ""
            if before not in _LOCATIVES and mention.entity.name not in TERRITORIES:
                yield mention


def _theatre(found: list[Filled], source: RoleSource) -> list[Filled]:
    """Where the fighting is: a place named as such, else what is known of the parties, else "in" a country."""
    if any(f.role == "place" for f in found):
        return []
    for sentence in (source.main, *source.others):
        places = [named("place", m, source.gazetteer) for m in _theatre_mentions(sentence, source.gazetteer)]
        if places:
            return places[:_MOST_PLACES]
    theatres = dict(source.event.type.theatres)
    for item in found:
        where = theatres.get(item.name.name) if item.role == "party" and item.name else None
        if where and item.name:
            name = RoleName(role="place", name=where, surface=item.name.surface)
            return [Filled(role="place", field=item.field, span=item.span, name=name)]
    for item in found:
        entry = source.gazetteer.by_id.get(item.name.entity_id) if item.role == "party" and item.name else None
        where = (entry.theatre or entry.country) if entry and entry.kind is EntityKind.GROUP else None
        if where and item.name:
            name = RoleName(role="place", name=where, surface=item.name.surface)
            return [Filled(role="place", field=item.field, span=item.span, name=name)]
    lands = [f for f in found if f.role == "party" and f.name and f.name.entity_id.startswith("country:")]
    return [_as_place(f) for f in lands[:2]]


def _as_place(item: Filled) -> Filled:
    name = replace(item.name, role="place") if item.name else None
    return replace(item, role="place", name=name)


def _theatre_mentions(sentence: Sentence, gazetteer: Gazetteer) -> list[Mention]:
    """Where a sentence says the fighting is: theatres and territories, else places and countries after "in"."""
    firm: list[Mention] = []
    located: list[Mention] = []
    for unit, mention in sentence.names.items():
        entry = gazetteer.by_id.get(mention.entity.id)
        first = sentence.starts[unit]
        is_place = mention.entity.kind is EntityKind.PLACE and entry is not None and not entry.capital_of
        is_land = (is_place and mention.entity.country) or mention.entity.kind is EntityKind.COUNTRY
        if mention.entity.name in TERRITORIES or (is_place and entry is not None and entry.theatre):
            firm.append(mention)
        elif is_land and first and sentence.tokens.words[first - 1] in _INSIDE:
            located.append(mention)
    return firm or located


def _texts(wanted: set[str], source: RoleSource) -> list[Filled]:
    if "purpose" not in wanted:
        return []
    sentence = source.main
    text = sentence.tokens.text[sentence.span.start : sentence.span.end]
    for match in _PURPOSE.finditer(text):
        words = match["what"].split()
        if match.group().lower().startswith("on ") or re.match(r"(?:a|the|its|his|her|first|talks$)\b", match["what"]):
            continue
        what = " ".join(words[:_MOST_PURPOSE_WORDS])
        start = sentence.span.start + match.start("what")
        end = (
            start + len(what)
            if text[match.start("what") :].startswith(what)
            else sentence.span.start + match.end("what")
        )
        span = Span(start=start, end=end)
        return [
            Filled(
                role="purpose",
                field=sentence.field,
                span=span,
                text=RoleText(role="purpose", text=span.slice(sentence.tokens.text).strip()),
            )
        ]
    return []


def _times(wanted: set[str], source: RoleSource) -> list[Filled]:
    found: list[Filled] = []
    sentence = source.main
    text = sentence.tokens.text[sentence.span.start : sentence.span.end]
    base = sentence.span.start

    def shifted(span: Span) -> Span:
        return Span(start=base + span.start, end=base + span.end)

    duration = find_duration(text) if "duration" in wanted else None
    if duration:
        time = RoleTime(role="duration", stated=duration[0].slice(text), resolved=duration[1])
        found.append(Filled(role="duration", field=sentence.field, span=shifted(duration[0]), time=time))
    days = find_days(text, source.published_on)
    for role, is_end in (("starts_on", False), ("ends_on", True)):
        day = next((d for d in days if d.is_end is is_end), None) if role in wanted else None
        if day:
            time = RoleTime(role=role, stated=day.span.slice(text), resolved=day.on.isoformat() if day.on else None)
            found.append(Filled(role=role, field=sentence.field, span=shifted(day.span), time=time))
    if "ordinal" in wanted:
        found.extend(_ordinal(source))
    return found


def _ordinal(source: RoleSource) -> Iterator[Filled]:
    for sentence in (source.main, *source.others):
        ordinal = find_ordinal(sentence.tokens.text[sentence.span.start : sentence.span.end])
        if ordinal:
            span = Span(start=sentence.span.start + ordinal[0].start, end=sentence.span.start + ordinal[0].end)
            yield Filled(role="ordinal", field=sentence.field, span=span, ordinal=ordinal[1])
            return
