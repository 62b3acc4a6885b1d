"""Tokens to encoded sentences: names, phrases and words become units."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from monitor.core.model.mention import Entity, EntityKind, Mention
from monitor.core.model.span import Field, Span
from monitor.core.rules.gazetteer import Gazetteer, NameSense, entity_of, in_office, stands_bare
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.people import name_end, unlisted
from monitor.core.rules.units import Codes, Sentence, sense_tags
from monitor.core.text.tokens import Tokens

# After these a capital's name is the city; elsewhere it stands for the government.
_LOCATIVE = frozenset("in to from at near into outside around for via through toward towards leaves reaches".split())
_FORMER_REACH = 4  # units: "former US Secretary of State John Kerry"
_YEAR = re.compile(r"(?:1[89]|20)\d\d\Z")
_TITLE_CASE_SHARE = 0.65  # of the longer words; running text lies below 0.3


@dataclass
class People:
    """Who has been named so far in one article, so that later surnames find them."""

    on: date | None
    surnames: dict[str, Entity] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)

    def remember(self, entity: Entity) -> None:
        self.surnames.setdefault(entity.name.rsplit(None, 1)[-1].casefold(), entity)


@dataclass
class _Units:
    codes: list[str]
    starts: list[int]
    ends: list[int]
    names: dict[int, Mention]
    former_until: int = -1

    def add(self, code: str, first: int, last: int) -> None:
        self.codes.append(code)
        self.starts.append(first)
        self.ends.append(last)


class Encoder:
    """Turns sentences into codes with one vocabulary and one gazetteer."""

    def __init__(self, *, lexicon: Lexicon, gazetteer: Gazetteer, codes: Codes) -> None:
        self._lexicon = lexicon
        self._gazetteer = gazetteer
        self._codes = codes
        self._office = codes.alphabet.by_tag.get("office", frozenset())
        self._former = codes.alphabet.by_tag.get("former", frozenset())
        uncased = codes.alphabet.by_tag.get("uncased_word", frozenset())
        self._uncased = {word for word, code in codes.words.items() if code in uncased}
        self._plain = codes.code("word")
        self._capitalised = codes.code("word", "capitalised")
        self._simple = codes.words | codes.signs
        self._entities: dict[str, Entity] = {}
        turns = self._office | self._former
        # All other words are what they are wherever they stand: most of any text.
        self._turning = _turning(lexicon, gazetteer)
        self._turning |= {word: None for word, code in codes.words.items() if code in turns}

    def encode(self, tokens: Tokens, first: int, last: int, *, where: Field, index: int, people: People) -> Sentence:
        """The sentence of tokens `first` up to but not including `last`; new names go into `people`."""
        units = _Units([], [], [], {})
        bounds = first, last
        position = run = first
        words, turning, surnames = tokens.words, self._turning, people.surnames
        while position < last:
            word = words[position]
            if word in surnames or (
                word in turning
                and ((after := turning[word]) is None or (position + 1 < last and words[position + 1] in after))
            ):
                self._add_run(units, tokens, run, position)
                position = run = self._step(units, tokens, position, last, where, people, bounds)
            else:
                position += 1
        self._add_run(units, tokens, run, last)
        span = Span(start=tokens.starts[first], end=tokens.ends[last - 1]) if last > first else Span(start=0, end=0)
        return Sentence(
            tokens=tokens,
            field=where,
            index=index,
            span=span,
            codes="".join(units.codes),
            starts=units.starts,
            ends=units.ends,
            names=units.names,
        )

    def _add_run(self, units: _Units, tokens: Tokens, first: int, last: int) -> None:
        """Words that are each a unit of their own: most of any text."""
        codes = [self._simple.get(word) for word in tokens.words[first:last]]
        if None in codes:
            codes = [code or self._unknown(tokens.words[at], tokens, at) for at, code in enumerate(codes, first)]
        units.codes.extend(cast("list[str]", codes))
        units.starts.extend(range(first, last))
        units.ends.extend(range(first + 1, last + 1))

    def _step(
        self, units: _Units, tokens: Tokens, at: int, end: int, where: Field, people: People, bounds: tuple[int, int]
    ) -> int:
        word = tokens.words[at]
        name = self._gazetteer.longest(tokens, at, end) if word in self._gazetteer.root else None
        if name and name[0] == at + 1:
            name = self._alone(name, tokens, at, people)
        node = self._lexicon.phrases.get(word)
        follows = node is not None and at + 1 < end and tokens.words[at + 1] in node.next
        phrase = self._lexicon.longest_phrase(tokens.words, at, end) if follows else None
        if name and (phrase is None or name[0] >= phrase[0]) and not self._other_person(name, tokens, at, bounds):
            self._add_name(units, tokens, at, name, where, people)
            return self._named_officer(units, tokens, name[0], end, where, people)
        if phrase:
            return self._add_words(units, tokens, at, phrase[0], self._codes.of(phrase[1]), end, where, people)
        known = people.surnames.get(word)
        if known is not None and (tokens.text[tokens.starts[at]].isupper() or not tokens.has_case):
            self._add_mention(units, tokens, at, at + 1, known, ("@name", "@person"), where)
            return at + 1
        return self._add_words(units, tokens, at, at + 1, self._code_of(word, tokens, at), end, where, people)

    def _alone(
        self, name: tuple[int, list[NameSense]], tokens: Tokens, at: int, people: People
    ) -> tuple[int, list[NameSense]] | None:
        """The readings of a name of one word that hold here."""
        end, senses = name
        if not tokens.has_case and tokens.words[at] in self._uncased:
            return None
        fitting = [s for s in senses if not s.bare or stands_bare(s, tokens, at, people.on, self._codes.words)]
        return (end, fitting) if fitting else None

    def _code_of(self, word: str, tokens: Tokens, at: int) -> str:
        code = self._codes.signs.get(word)
        if code is not None:
            return self._dash_or_hyphen(tokens, at) if word == "-" else code
        return self._codes.words.get(word) or self._unknown(word, tokens, at)

    def _unknown(self, word: str, tokens: Tokens, at: int) -> str:
        if word[0].isdigit():
            return self._codes.code("number", "year") if _YEAR.match(word) else self._codes.code("number")
        is_capital = tokens.has_case and tokens.text[tokens.starts[at]].isupper()
        return self._capitalised if is_capital else self._plain

    def _dash_or_hyphen(self, tokens: Tokens, at: int) -> str:
        tight_before = at > 0 and tokens.ends[at - 1] == tokens.starts[at]
        tight_after = at + 1 < len(tokens) and tokens.starts[at + 1] == tokens.ends[at]
        return self._codes.code("hyphen") if tight_before and tight_after else self._codes.code("dash")

    def _add_words(
        self, units: _Units, tokens: Tokens, first: int, last: int, code: str, end: int, where: Field, people: People
    ) -> int:
        units.add(code, first, last)
        if code in self._former:
            units.former_until = len(units.codes) + _FORMER_REACH
        if code not in self._office or last >= end:
            return last
        start = last + 1 if tokens.words[last] == "," else last
        if start >= end or self._gazetteer.longest(tokens, start, end):
            return last
        stop = name_end(tokens, start, end, self._codes.words)
        if stop == start or (start > last and stop - start < 2):
            return last
        if start > last:
            units.add(self._codes.signs[","], last, start)
        name = tokens.surface(start, stop)
        entity = unlisted(tokens.surface(first, last), name, self._nationality(units))
        people.remember(entity)
        self._add_mention(units, tokens, start, stop, entity, ("@name", "@person"), where)
        return stop

    def _named_officer(self, units: _Units, tokens: Tokens, at: int, end: int, where: Field, people: People) -> int:
        """The token after "Foreign Minister of Norway Maren Holt", whose first units end at `at`; else `at` itself."""
        served = units.names.get(len(units.codes) - 1)
        back = len(units.codes) - 2
        while back > 0 and tokens.words[units.starts[back]] in ("of", "for", "the"):
            back -= 1
        title = len(units.codes) - 2 > back >= 0 and units.codes[back] in self._office
        if not title or served is None or served.entity.kind not in (EntityKind.COUNTRY, EntityKind.BODY):
            return at
        start = at + 1 if at < end and tokens.words[at] == "," else at
        if start >= end or self._gazetteer.longest(tokens, start, end):
            return at
        stop = name_end(tokens, start, end, self._codes.words)
        if stop - start < 2:  # one capitalised word may be anything
            return at
        if start > at:
            units.add(self._codes.signs[","], at, start)
        office = tokens.surface(units.starts[back], units.ends[back])
        country = served.entity.name if served.entity.kind is EntityKind.COUNTRY else served.entity.country
        entity = unlisted(office, tokens.surface(start, stop), country)
        people.remember(entity)
        self._add_mention(units, tokens, start, stop, entity, ("@name", "@person"), where)
        return stop

    def _nationality(self, units: _Units) -> str | None:
        """The country named just before the title that ends the units so far."""
        for back in range(2, 7):
            mention = units.names.get(len(units.codes) - back)
            if mention is not None:
                return mention.entity.name if mention.entity.kind is EntityKind.COUNTRY else mention.entity.country
        return None

    def _other_person(
        self, name: tuple[int, list[NameSense]], tokens: Tokens, at: int, bounds: tuple[int, int]
    ) -> bool:
        """A listed surname after an unlisted first name is somebody else: "Ivanka Trump"."""
        if name[0] - at > 1 or at == 0 or name[1][0].entry.kind is not EntityKind.PERSON:
            return False
        before = tokens.words[at - 1]
        surface = tokens.text[tokens.starts[at - 1] : tokens.ends[at - 1]]
        return (
            surface.istitle()
            and surface.isalpha()
            and before not in self._codes.words
            and before not in self._gazetteer.root
            and name[1][0].entry.name.casefold().split()[0] != before
            and not is_title_case(tokens, *bounds)
        )

    def _add_name(
        self,
        units: _Units,
        tokens: Tokens,
        at: int,
        name: tuple[int, list[NameSense]],
        where: Field,
        people: People,
    ) -> None:
        end, senses = name
        sense = self._sense(senses, tokens, at, people)
        entry = sense.entry
        if entry.kind is EntityKind.PERSON and end - at > 1:
            people.named.add(entry.id)
        entity = self._entities.get(entry.id)
        if entity is None:
            entity = self._entities[entry.id] = entity_of(entry)
        self._add_mention(units, tokens, at, end, entity, sense_tags(sense), where)

    def _sense(self, senses: list[NameSense], tokens: Tokens, at: int, people: People) -> NameSense:
        if len(senses) == 1:
            return senses[0]
        if any(s.entry.kind is EntityKind.PERSON for s in senses):
            persons = [s for s in senses if s.entry.kind is EntityKind.PERSON]
            return min(persons, key=lambda s: (s.entry.id not in people.named, not in_office(s.entry, people.on)))
        locative = at > 0 and tokens.words[at - 1] in _LOCATIVE
        wanted = ("capital", "name", "metonym", "demonym") if locative else ("metonym", "name", "capital", "demonym")
        return min(senses, key=lambda s: (wanted.index(s.form), s.entry.kind is not EntityKind.COUNTRY))

    def _add_mention(
        self, units: _Units, tokens: Tokens, first: int, last: int, entity: Entity, tags: tuple[str, ...], where: Field
    ) -> None:
        former = entity.kind is EntityKind.PERSON and len(units.codes) < units.former_until
        extra = self._codes.name_tags.get(entity.name, frozenset())
        code = self._codes.code(*tags, *extra, *(("@former",) if former else ()))
        units.names[len(units.codes)] = Mention(
            entity=entity,
            field=where,
            span=Span(start=tokens.starts[first], end=tokens.ends[last - 1]),
            surface=tokens.surface(first, last),
            former=former,
        )
        units.add(code, first, last)


def _turning(lexicon: Lexicon, gazetteer: Gazetteer) -> dict[str, frozenset[str] | None]:
    """The words that may begin something longer, with the words that may follow; None: look whatever follows."""
    found: dict[str, frozenset[str] | None] = {word: frozenset(node.next) for word, node in lexicon.phrases.items()}
    for word, node in gazetteer.root.items():
        found[word] = None if node.senses else frozenset(node.next) | (found.get(word) or frozenset())
    found["-"] = None
    return found


def is_title_case(tokens: Tokens, first: int, last: int) -> bool:
    """Whether nearly all longer words begin with a capital, as in American headlines."""
    longer = [i for i in range(first, last) if tokens.ends[i] - tokens.starts[i] > 3 and tokens.words[i][0].isalpha()]
    capitals = sum(tokens.text[tokens.starts[i]].isupper() for i in longer)
    return len(longer) > 2 and capitals >= _TITLE_CASE_SHARE * len(longer)
