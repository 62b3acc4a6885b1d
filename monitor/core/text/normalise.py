"""One form for every text and every word that is compared."""

from __future__ import annotations

import re
import unicodedata

_MOST_MARKS = 100  # on one letter; no script needs more than a handful
_MANY_SIGNS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS},}}")  # marks are neither letters nor spaces
_APOSTROPHES = {ord(c): "'" for c in "’‘ʼʻ`´＇"}


def nfc(text: str) -> str:
    """The text in NFC; all offsets point into this form.

    Linear in the text's length, and idempotent: a text with a letter under a hundred marks stays as
    it is, because Unicode's ordering of marks takes time quadratic in their number.
    """
    if text.isascii() or _has_endless_marks(text) or unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", text)


def _has_endless_marks(text: str) -> bool:
    for match in _MANY_SIGNS.finditer(text):
        signs = match.group()
        # A run that long holds one of these places; rows of dashes and emoji are passed over quickly.
        if any(_marks_around(signs, at) >= _MOST_MARKS for at in range(0, len(signs), _MOST_MARKS)):
            return True
    return False


def _marks_around(signs: str, at: int) -> int:
    """How many marks stand in a row at this place, counted up to the limit on either side."""
    first = last = at
    while last < len(signs) and last - at < _MOST_MARKS and unicodedata.combining(signs[last]):
        last += 1
    while first > 0 and at - first < _MOST_MARKS and last > at and unicodedata.combining(signs[first - 1]):
        first -= 1
    return last - first


def fold(word: str) -> str:
    """The word as it is compared: case-folded, accents dropped, typographic apostrophes straight.

    Idempotent. Letters of other scripts keep their identity; only combining marks go.
    """
    if word.isascii():
        return word.lower().replace("`", "'")
    flat = unicodedata.normalize("NFKD", word.translate(_APOSTROPHES)).casefold()
    flat = "".join(c for c in unicodedata.normalize("NFKD", flat) if not unicodedata.combining(c))
    return flat.translate(_LETTERS).translate(_APOSTROPHES) or word


# Letters that Unicode does not take apart but newsrooms spell either way.
_LETTERS = {ord("ø"): "o", ord("đ"): "d", ord("ł"): "l", ord("ı"): "i", ord("æ"): "ae", ord("œ"): "oe"}
