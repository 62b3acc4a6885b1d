"""The pattern language of rules, and its translation into regular expressions over sentence codes.

A pattern is read left to right, one element a word, sign or name of the sentence (`units`):

    truce               a word or phrase of the concept `truce`; `agree.past` one form of it; `truce/deal` either
    @person @country …  a name of that kind
    "of"                exactly this word
    !truce              one unit that is not of the concept
    (a b | c)           either sequence;  x? optional;  x+ one to four times
    ..5                 at most 5 units between, inside the clause: no comma, no "as" or "while" (`clause_word`)
    ~5                  the same, commas and clause ends allowed
    ^  $                the sentence's start or end
    $name               a macro of the event type
    role=x              x fills the role;  *x  the trigger: every pattern has at least one on each path

Every repetition is bounded, so matching takes time linear in the sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from monitor.core.rules.cover import required_codes

TRIGGER = "trigger"
MOST_REPEATS = 4

_TERM = r'(?:@?[a-z_]+(?:\.[a-z]+)?|"[^"\s]+"|\$[a-z_]+)'
_ELEMENT = re.compile(
    r"\s*(?:(?P<gap>\.\.|~)(?P<size>\d+)|(?P<anchor>[\^$](?=\s|\)|$))|(?P<open>\()|(?P<close>\))|(?P<bar>\|)"
    rf"|(?P<role>[a-z_]+)=|(?P<star>\*)|(?P<set>!?{_TERM}(?:/{_TERM})*)|(?P<quant>[?+]))"
)
_TERMS = re.compile(_TERM)
_SET = re.compile(rf"\s*{_TERM}(?:/{_TERM})*\s*\Z")
_LONGEST_GAP = 30
CLAUSE_WORD = "clause_word"  # the concept of words that begin another clause, as a comma does: "as", "while"
_DEEPEST = 6


class PatternError(ValueError):
    """The pattern cannot be read; the message says where and why."""


@dataclass(frozen=True, kw_only=True)
class CompiledPattern:
    """A regular expression over unit codes; every match contains one of `anchors` and one of each of `required`.

    The expression is built when first used: most patterns never meet a sentence that has all they require.
    """

    expression: str
    anchors: frozenset[str]
    required: tuple[frozenset[str], ...]
    source: str

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The expression, built once."""
        return re.compile(self.expression, re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Alphabet:
    """Which code characters carry a tag; `boundaries` end a clause. `classes` keeps what was translated before."""

    by_tag: dict[str, frozenset[str]]
    boundaries: frozenset[str]
    classes: dict[str, tuple[frozenset[str], str]] = field(default_factory=dict, compare=False)
    macros: dict[str, str] = field(default_factory=dict, compare=False)

    def codes(self, tag: str) -> frozenset[str]:
        """The codes of one tag.

        Raises:
            PatternError: nothing carries the tag.
        """
        try:
            return self.by_tag[tag]
        except KeyError:
            raise PatternError(f"no concept, word or name kind is called {tag.lstrip('@')!r}") from None


def literals_of(pattern: str) -> tuple[str, ...]:
    """The exact words a pattern names."""
    return tuple(re.findall(r'"([^"\s]+)"', pattern))


def compile_pattern(
    pattern: str, alphabet: Alphabet, macros: dict[str, str], *, needs_trigger: bool = True
) -> CompiledPattern:
    """The pattern as a regular expression over the alphabet's codes.

    Raises:
        PatternError: syntax, unknown tag or macro, or no trigger.
    """
    translation = _Translation(alphabet, macros)
    source = translation.sequence(pattern, depth=0)
    if needs_trigger and not translation.triggers:
        raise PatternError("no trigger: mark one element with *")
    required = required_codes(pattern, translation.codes_of, translation.body_of)
    return CompiledPattern(
        expression=source,
        anchors=frozenset(translation.triggers),
        required=tuple(sorted(set(required), key=lambda codes: (len(codes), sorted(codes)))),
        source=pattern,
    )


class _Translation:
    def __init__(self, alphabet: Alphabet, macros: dict[str, str]) -> None:
        self._alphabet = alphabet
        self._macros = macros
        self._groups = 0
        self.triggers: set[str] = set()

    def codes_of(self, terms: str) -> frozenset[str]:
        """The codes of a set of terms."""
        return self._class(terms)[0]

    def body_of(self, term: str) -> str | None:
        """The body of a macro that is a sequence; None for any other term."""
        if not term.startswith("$") or "/" in term or self._is_set(term):
            return None
        return self._body(term)

    def sequence(self, pattern: str, *, depth: int) -> str:
        if depth > _DEEPEST:
            raise PatternError("macros name each other without end")
        out: list[str] = []
        open_count = 0
        position = 0
        wrap = ""
        star = False
        pattern = pattern.strip()
        while position < len(pattern):
            match = _ELEMENT.match(pattern, position)
            if match is None or match.end() == position:
                raise PatternError(f"cannot read {pattern[position : position + 20]!r}")
            position = match.end()
            if match["role"]:
                wrap = f"(?P<{match['role']}__{self._group_number()}>"
                continue
            if match["star"]:
                star = True
                continue
            piece = self._piece(match, depth=depth, star=star)
            open_count += (match["open"] is not None) - (match["close"] is not None)
            if match["quant"]:
                out[-1] = out[-1] + ("?" if match["quant"] == "?" else f"{{1,{MOST_REPEATS}}}")
                continue
            if match["open"] and wrap:
                raise PatternError("a role is given to one element, not to a group: use a macro")
            if star and not match["set"]:
                raise PatternError("* marks a concept or a word")
            if star:
                piece = f"(?P<{TRIGGER}__{self._group_number()}>{piece})"
            out.append(f"{wrap}{piece})" if wrap else piece)
            wrap, star = "", False
        if open_count:
            raise PatternError("brackets do not pair")
        return "".join(out)

    def _group_number(self) -> int:
        self._groups += 1
        return self._groups

    def _piece(self, match: re.Match[str], *, depth: int, star: bool) -> str:
        if match["gap"]:
            return self._gap(match["gap"], int(match["size"]))
        if match["anchor"]:
            return r"\A" if match["anchor"] == "^" else r"\Z"
        if match["open"]:
            return "(?:"
        if match["close"] or match["bar"]:
            return match.group().strip()
        if not match["set"]:
            return ""
        terms = match["set"]
        if terms.startswith("$") and "/" not in terms and not self._is_set(terms):
            return self._expanded(self._body(terms), depth=depth)
        codes, piece = self._class(terms)
        if star:
            self.triggers |= codes
        return piece

    def _expanded(self, body: str, *, depth: int) -> str:
        if "=" in body or "*" in body:  # roles and triggers are numbered anew in every place
            return f"(?:{self.sequence(body, depth=depth + 1)})"
        key = f"{id(self._macros)} {body}"
        done = self._alphabet.macros.get(key)
        if done is None:
            done = self._alphabet.macros[key] = f"(?:{self.sequence(body, depth=depth + 1)})"
        return done

    def _class(self, terms: str) -> tuple[frozenset[str], str]:
        key = f"{id(self._macros)} {terms}" if "$" in terms else terms  # macros differ between event types
        done = self._alphabet.classes.get(key)
        if done is None:
            codes = self._codes(terms)
            done = self._alphabet.classes[key] = (codes, char_class(codes))
        return done

    def _body(self, macro: str) -> str:
        try:
            return self._macros[macro.lstrip("$")]
        except KeyError:
            raise PatternError(f"no macro is called {macro}") from None

    def _is_set(self, macro: str) -> bool:
        return _SET.match(self._body(macro)) is not None

    def _codes(self, terms: str, *, depth: int = 0) -> frozenset[str]:
        if depth > _DEEPEST:
            raise PatternError("macros name each other without end")
        wanted: set[str] = set()
        for term in _TERMS.findall(terms):
            if not term.startswith("$"):
                wanted |= self._alphabet.codes(term.rstrip('"') if term.startswith('"') else term)
            elif self._is_set(term):
                wanted |= self._codes(self._body(term), depth=depth + 1)
            else:
                raise PatternError(f"{term} is a sequence: it cannot stand beside / alternatives")
        if terms.startswith("!"):
            return frozenset[str]().union(*self._alphabet.by_tag.values()) - wanted
        return frozenset(wanted)

    def _gap(self, kind: str, size: int) -> str:
        if size > _LONGEST_GAP:
            raise PatternError(f"a gap of {size} is too long: at most {_LONGEST_GAP}")
        if kind == "~":
            return f".{{0,{size}}}?"
        stops = self._alphabet.boundaries | self._alphabet.by_tag.get(CLAUSE_WORD, frozenset())
        return f"[^{''.join(map(re.escape, sorted(stops)))}]{{0,{size}}}?"


def char_class(codes: frozenset[str]) -> str:
    """A regular-expression class of the codes, as ranges where they adjoin."""
    points = sorted(map(ord, codes))
    parts: list[str] = []
    index = 0
    while index < len(points):
        last = index
        while last + 1 < len(points) and points[last + 1] == points[last] + 1:
            last += 1
        parts.append(chr(points[index]) if last == index else f"{chr(points[index])}-{chr(points[last])}")
        index = last + 1
    return f"[{''.join(parts)}]"
