"""Roles filled by the words of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from monitor.core.model.mention import EntityKind, Mention
from monitor.core.model.report import RoleName, Roles, RoleText, RoleTime
from monitor.core.model.span import Field, Span
from monitor.core.rules.compile import CompiledType
from monitor.core.rules.gazetteer import Gazetteer
from monitor.core.rules.units import Sentence

PLACE_ROLES = frozenset({"destination", "stops", "place"})
TEXT_ROLES = frozenset({"purpose", "terms", "scope"})
_NOWHERE = frozenset({"region", "the region", "abroad", "overseas", "foreign soil"})  # say only that it is elsewhere
_SEPARATORS = frozenset({"and", ",", "-", "&", "–"})
_ARTICLE = re.compile(
    r"(?:(?:the|a|an|its|their|his|her|with|for|by|as|in|to|of|but|from|when|while|says|said|two|three|several)\s+)+",
    re.IGNORECASE,
)
_FORMER = re.compile(r"(?:[\w.]+ )?(?:former|ex|late|onetime)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """One filled role with its words: exactly one of name, text, time and ordinal is set.

    `home` is the country or body somebody serves, or the country a place lies in.
    """

    role: str
    field: Field
    span: Span
    name: RoleName | None = None
    text: RoleText | None = None
    time: RoleTime | None = None
    ordinal: int | None = None
    home: str | None = None
    former: bool = False


@dataclass(frozen=True, kw_only=True)
class RoleSource:
    """What roles may be taken from: the proving sentence first, then title and lead."""

    event: CompiledType
    gazetteer: Gazetteer
    main: Sentence
    others: tuple[Sentence, ...]
    published_on: date | None


def fill_from_units(role: str, sentence: Sentence, first: int, last: int, gazetteer: Gazetteer) -> Iterator[Filled]:
    """What these units say for a role: places each by themselves, persons before the words around them."""
    mentions = [sentence.names[u] for u in range(first, last) if u in sentence.names]
    surface = sentence.text_of(first, last)
    if role in TEXT_ROLES:
        text = RoleText(role=role, text=surface)
        yield Filled(role=role, field=sentence.field, span=sentence.span_of(first, last), text=text)
        return
    if role in PLACE_ROLES:
        for mention in mentions:
            if mention.entity.kind in (EntityKind.COUNTRY, EntityKind.PLACE, EntityKind.BODY):
                yield named(role, mention, gazetteer)
        if not mentions and surface.lower() not in _NOWHERE:  # a region the vocabulary knows: "the Gulf"
            name = RoleName(role=role, name=surface, surface=surface)
            yield Filled(role=role, field=sentence.field, span=sentence.span_of(first, last), name=name)
        return
    segments = _segments(sentence, first, last)
    for start, end in segments:
        yield from _one(role, sentence, start, end, gazetteer)


def _segments(sentence: Sentence, first: int, last: int) -> list[tuple[int, int]]:
    """The units of a list one by one: "Xi, Putin and the Indian premier", "Egypt and Qatar"; "Thai and Lao leaders"
    stays whole."""
    cuts = [u for u in range(first, last) if sentence.text_of(u, u + 1).lower() in _SEPARATORS]
    bounds = [first - 1, *cuts, last]
    parts = [_without_article(sentence, a + 1, b) for a, b in pairwise(bounds) if b > a + 1]
    people = [p for p in parts if _has_person(sentence, *p)]
    parts = [p for p in parts if not _is_title_before(sentence, p, parts)]
    bare = [p for p in parts if p[1] - p[0] == 1 and p[0] in sentence.names and p not in people]
    return parts if people or len(bare) in (0, len(parts)) else [(first, last)]


def _without_article(sentence: Sentence, first: int, last: int) -> tuple[int, int]:
    is_named = last - first == 2 and first + 1 in sentence.names
    return (first + 1, last) if is_named and sentence.text_of(first, first + 1).lower() == "the" else (first, last)


def _is_title_before(sentence: Sentence, part: tuple[int, int], parts: list[tuple[int, int]]) -> bool:
    """Whether a part is the office of the person named after the comma: "the Taoiseach, Bertie Ahern"."""
    after = part[1]
    return (
        not _has_person(sentence, *part)
        and not (part[1] - part[0] == 1 and part[0] in sentence.names)
        and any(p[0] == after + 1 and p[1] == p[0] + 1 and _has_person(sentence, *p) for p in parts)
        and sentence.text_of(after, after + 1) == ","
    )


def _has_person(sentence: Sentence, first: int, last: int) -> bool:
    return any(u in sentence.names and sentence.names[u].entity.kind is EntityKind.PERSON for u in range(first, last))


def _one(role: str, sentence: Sentence, first: int, last: int, gazetteer: Gazetteer) -> Iterator[Filled]:
    mentions = [sentence.names[u] for u in range(first, last) if u in sentence.names]
    surface = sentence.text_of(first, last)
    persons = [m for m in mentions if m.entity.kind is EntityKind.PERSON]
    whole = [m for m in mentions if m.surface == surface]
    # "Trump envoy Witkoff" is Witkoff; "Trump officials" are not Trump.
    if persons and persons[-1].span.end == sentence.span_of(first, last).end:
        yield named(role, persons[-1], gazetteer)
        return
    if whole:
        yield named(role, whole[0], gazetteer)
        return
    start = _ARTICLE.match(surface)
    span = sentence.span_of(first, last)
    if start and start.end() < len(surface):
        span = Span(start=span.start + start.end(), end=span.end)
    words = span.slice(sentence.tokens.text)
    home = next((h for m in mentions if (h := home_of(m, gazetteer))), None)
    yield Filled(
        role=role,
        field=sentence.field,
        span=span,
        name=RoleName(role=role, name=words, surface=words, home=home or ""),
        home=home,
        former=_FORMER.match(words) is not None,
    )


def named(role: str, mention: Mention, gazetteer: Gazetteer) -> Filled:
    """A role filled by one mention: a destination by the country it lies in, a fighting side by the
    state it fights for, everything else by its own name."""
    home = home_of(mention, gazetteer)
    name = mention.entity.name
    if role in ("destination", "stops") and home:
        name = home
    elif role == "party":
        entry = gazetteer.by_id.get(mention.entity.id)
        name = (entry.party if entry else None) or name
    value = RoleName(role=role, name=name, surface=mention.surface, entity_id=mention.entity.id, home=home or "")
    return Filled(role=role, field=mention.field, span=mention.span, name=value, home=home, former=mention.former)


def home_of(mention: Mention, gazetteer: Gazetteer) -> str | None:
    """The country or body somebody serves, or the country a place lies in; None when the text does not say."""
    entity = mention.entity
    entry = gazetteer.by_id.get(entity.id)
    if entity.kind is EntityKind.COUNTRY:
        return entity.name
    if entity.kind is EntityKind.BODY and not entity.country:
        return entity.name
    if entity.kind is EntityKind.GROUP:
        return entity.name
    return entity.country or (entry.body if entry else None)


def roles_of(filled: Iterable[Filled]) -> Roles:
    """The filled roles as a report carries them."""
    items = list(filled)
    return Roles(
        names=tuple(f.name for f in items if f.name),
        texts=tuple(f.text for f in items if f.text),
        times=tuple(f.time for f in items if f.time),
        ordinal=next((f.ordinal for f in items if f.ordinal is not None), None),
    )
