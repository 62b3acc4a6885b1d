"""Who, where, when and what for: the roles of one finding, with the words that fill them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from monitor.core.detect.finding import Finding
from monitor.core.detect.times import find_dates, find_duration, find_ordinal
from monitor.core.model.mention import EntityKind, Mention
from monitor.core.model.report import RoleName, Roles, RoleText, RoleTime
from monitor.core.model.span import Field, Span
from monitor.core.rules.compile import CompiledType
from monitor.core.rules.gazetteer import Gazetteer
from monitor.core.rules.units import Sentence

PLACE_ROLES = frozenset({"destination", "stops", "place"})
TEXT_ROLES = frozenset({"purpose", "terms", "scope"})
_TRAVELS = {"destination", "visitor"}
_LOCATIVES = frozenset("in to from at near inside into across around outside".split())
_PURPOSE = re.compile(
    r"\b(?:aimed at|in (?:a )?(?:bid|push|effort|attempt) to|in order to|on|for|to (?=discuss|push|press|urge|seek|sign"
    r"|broker|secure|promote|attend|revive|restart|hold|boost|strengthen|meet|negotiate|mediate|persuade|talk))\s*"
    r"(?P<what>[^,.;:—–]{6,120})",
    re.IGNORECASE,
)
_MOST_PURPOSE_WORDS = 14


@dataclass(frozen=True, kw_only=True)
class Filled:
    """One filled role with its words: exactly one of name, text and time is set, or an ordinal."""

    role: str
    field: Field
    span: Span
    name: RoleName | None = None
    text: RoleText | None = None
    time: RoleTime | None = None
    ordinal: int | None = None


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
    return found


def fill_from_units(role: str, sentence: Sentence, first: int, last: int, gazetteer: Gazetteer) -> Iterator[Filled]:
    """What these units say for a role: places and countries each by themselves, a person before the words around."""
    mentions = [sentence.names[u] for u in range(first, last) if u in sentence.names]
    span = sentence.span_of(first, last)
    surface = sentence.text_of(first, last)
    if role in TEXT_ROLES:
        yield Filled(role=role, field=sentence.field, span=span, text=RoleText(role=role, text=surface))
        return
    if role in PLACE_ROLES:
        for mention in mentions:
            if mention.entity.kind in (EntityKind.COUNTRY, EntityKind.PLACE):
                yield named(role, mention, place_name(mention, gazetteer, role))
        return
    persons = [m for m in mentions if m.entity.kind is EntityKind.PERSON]
    if persons:
        for mention in persons:
            yield named(role, mention, mention.entity.name)
        return
    whole = [m for m in mentions if m.surface == surface]
    if whole:
        yield named(role, whole[0], whole[0].entity.name)
        return
    yield Filled(
        role=role,
        field=sentence.field,
        span=span,
        name=RoleName(role=role, name=_official_name(surface), surface=surface),
    )


def _official_name(surface: str) -> str:
    return re.sub(r"^(?:the|a|an|its|their|his|her)\s+", "", surface, flags=re.IGNORECASE)


def named(role: str, mention: Mention, name: str) -> Filled:
    """A role filled by one mention under a name."""
    value = RoleName(role=role, name=name, surface=mention.surface, entity_id=mention.entity.id)
    return Filled(role=role, field=mention.field, span=mention.span, name=value)


def place_name(mention: Mention, gazetteer: Gazetteer, role: str) -> str:
    """A destination's country, or a theatre's own name: cities count for their country unless the role is `place`."""
    entity = mention.entity
    if entity.kind is EntityKind.COUNTRY:
        return entity.name
    if role != "place":
        return entity.country or entity.name
    return entity.name


def fill(finding: Finding, source: RoleSource) -> list[Filled]:
    """All roles of a report: those of the pattern, then what the sentence, title and lead add."""
    wanted = set(source.event.type.roles)
    found = captured(finding, source.gazetteer)
    if "party" in wanted:
        found.extend(_parties(found, source))
        found.extend(_theatre(found, source))
    if "visitor" in wanted:
        found = _settle_visit(found)
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
    return [named("party", m, m.entity.name) for m in firm]


def _fighting_sides(sentence: Sentence) -> Iterator[Mention]:
    """Countries and armed groups of a sentence that are not merely where something happens."""
    for unit, mention in sentence.names.items():
        kind = mention.entity.kind
        if kind is EntityKind.GROUP:
            yield mention
        elif kind is EntityKind.COUNTRY:
            first = sentence.starts[unit]
            before = sentence.tokens.words[first - 1] if first else ""
            if before not in _LOCATIVES:
                yield mention


def _theatre(found: list[Filled], source: RoleSource) -> list[Filled]:
    if any(f.role == "place" for f in found):
        return []
    for sentence in (source.main, *source.others):
        places = [m for m in sentence.names.values() if m.entity.kind is EntityKind.PLACE and not _is_capital(m)]
        if places:
            return [named("place", m, m.entity.name) for m in places[:3]]
    theatres = dict(source.event.type.theatres)
    for item in found:
        if item.role == "party" and item.name and item.name.name in theatres:
            where = RoleName(role="place", name=theatres[item.name.name], surface=item.name.surface)
            return [Filled(role="place", field=item.field, span=item.span, name=where)]
    for sentence in (source.main, *source.others):
        for unit, mention in sentence.names.items():
            first = sentence.starts[unit]
            if (
                mention.entity.kind is EntityKind.COUNTRY
                and first
                and sentence.tokens.words[first - 1] in ("in", "across")
            ):
                return [named("place", mention, mention.entity.name)]
    return []


def _is_capital(mention: Mention) -> bool:
    return mention.entity.country is not None and mention.entity.id.startswith("place:") and bool(mention.entity.office)


def _settle_visit(found: list[Filled]) -> list[Filled]:
    """Nobody visits himself, and a stop already named as destination is no stop."""
    visitors = {f.name.name for f in found if f.role == "visitor" and f.name}
    kept = [f for f in found if not (f.role == "host" and f.name and f.name.name in visitors)]
    destinations = {f.name.name for f in kept if f.role == "destination" and f.name}
    return [f for f in kept if not (f.role == "stops" and f.name and f.name.name in destinations)]


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
    dates = find_dates(text, source.published_on) if "starts_on" in wanted else []
    if dates:
        span, resolved, _ = dates[0]
        time = RoleTime(role="starts_on", stated=span.slice(text), resolved=resolved)
        found.append(Filled(role="starts_on", field=sentence.field, span=shifted(span), time=time))
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


def roles_of(filled: Iterable[Filled]) -> Roles:
    """The filled roles as the report carries them."""
    items = list(filled)
    return Roles(
        names=tuple(f.name for f in items if f.name),
        texts=tuple(f.text for f in items if f.text),
        times=tuple(f.time for f in items if f.time),
        ordinal=next((f.ordinal for f in items if f.ordinal is not None), None),
    )
