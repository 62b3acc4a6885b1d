"""Roles filled by the words of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.core.model.mention import EntityKind, Mention
from monitor.core.model.report import RoleName, Roles, RoleText, RoleTime
from monitor.core.model.span import Field, Span
from monitor.core.rules.gazetteer import Gazetteer
from monitor.core.rules.units import Sentence

PLACE_ROLES = frozenset({"destination", "stops", "place"})
TEXT_ROLES = frozenset({"purpose", "terms", "scope"})
_ARTICLE = re.compile(r"(?:the|a|an|its|their|his|her)\s+", re.IGNORECASE)


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
        return
    persons = [m for m in mentions if m.entity.kind is EntityKind.PERSON]
    whole = [m for m in mentions if m.surface == surface]
    if persons or whole:
        for mention in persons or whole:
            yield named(role, mention, gazetteer)
        return
    start = _ARTICLE.match(surface)
    span = sentence.span_of(first, last)
    if start:
        span = Span(start=span.start + start.end(), end=span.end)
    words = span.slice(sentence.tokens.text)
    home = next((h for m in mentions if (h := home_of(m, gazetteer))), None)
    yield Filled(
        role=role, field=sentence.field, span=span, name=RoleName(role=role, name=words, surface=words), home=home
    )


def named(role: str, mention: Mention, gazetteer: Gazetteer) -> Filled:
    """A role filled by one mention: a destination by the country it lies in, everything else by its own name."""
    home = home_of(mention, gazetteer)
    name = mention.entity.name
    if role in ("destination", "stops") and home:
        name = home
    value = RoleName(role=role, name=name, surface=mention.surface, entity_id=mention.entity.id)
    return Filled(role=role, field=mention.field, span=mention.span, name=value, home=home)


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
