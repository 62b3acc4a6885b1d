"""Sentences of a text."""

from __future__ import annotations

import re

from monitor.core.model.span import Span

# A run of closing signs, what may close after it, then space. CJK and Arabic signs need no space.
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？؟۔]+[\"'”’」』)\]]*|\n+| • |;(?=\s)")
_LAST_WORD = re.compile(r"([^\W_]+(?:\.[^\W_]+)*)$")
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof gen lt col maj capt sgt cmdr adm brig sen rep gov hon rev fr st sr jr no vs etc inc ltd co corp "
    "dept univ assn jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun approx est fig vol "
    "pres sec min amb atty calif fla mass penn ariz colo conn ill ind mich minn miss mo mont neb nev okla ore tenn "
    "tex va wash wis u.s u.k u.n e.u a.m p.m i.e e.g d.c ph.d n.k s.k al et ste mt ft".split()
)
# After these a capital letter may well start a new sentence: "at 5 p.m. The army …"
_MAY_END = frozenset({"u.s", "u.k", "u.n", "e.u", "a.m", "p.m", "d.c", "inc", "ltd", "co", "corp", "etc", "jr", "sr"})
_OPENERS = frozenset(
    "The A An In On At But And He She It They We This That These Those His Her Its Their Some Many".split()
)
_LOOK_BACK = 24  # code points: longer than any abbreviation
_LONGEST = 4000  # code points: a "sentence" beyond this is no prose; cut it so that no step meets an endless one


def split_sentences(text: str) -> tuple[Span, ...]:
    """The sentences of `text` in order, without the white space around them; line ends always divide.

    Takes time linear in the text's length.
    """
    spans: list[Span] = []
    start = 0
    for match in _END.finditer(text):
        if match.end() <= start or not _ends_sentence(text, match):
            continue
        _add(spans, text, start, match.end())
        start = match.end()
    _add(spans, text, start, len(text))
    return tuple(spans)


def _add(spans: list[Span], text: str, start: int, end: int) -> None:
    while start < end and (text[start].isspace() or text[start] == "•"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] == "•"):
        end -= 1
    while end - start > _LONGEST:
        cut = text.rfind(" ", start + _LONGEST // 2, start + _LONGEST)
        cut = cut if cut > 0 else start + _LONGEST
        spans.append(Span(start=start, end=cut))
        start = cut + 1 if text[cut].isspace() else cut
    if end > start:
        spans.append(Span(start=start, end=end))


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    sign = match.group()[0]
    if sign in "\n。！？؟۔ ;":
        return True
    after = _next_word_start(text, match.end())
    if after and (after[0].islower() or after[0] in ",;:"):
        return False
    if sign != "." or match.group().startswith(".."):
        return True
    last = _LAST_WORD.search(text, max(0, match.start() - _LOOK_BACK), match.start())
    if last is None:
        return True
    word = last.group(1)
    if len(word) == 1 and word.isupper() and word.isascii():
        return False
    folded = word.lower()
    if folded in _MAY_END:
        return _first_word(after) in _OPENERS
    return folded not in _ABBREVIATIONS or (
        folded in ("no", "sun", "sat", "mass", "may", "miss", "al") and word.islower()
    )


def _next_word_start(text: str, at: int) -> str:
    return text[at : at + 40].lstrip(" \t\r\"'“‘«([")


def _first_word(text: str) -> str:
    return text.split(None, 1)[0].rstrip(",") if text else ""
