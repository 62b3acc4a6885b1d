"""One form for every text and every word that is compared."""

from __future__ import annotations

import unicodedata

_APOSTROPHES = {ord(c): "'" for c in "’‘ʼʻ`´＇"}


def nfc(text: str) -> str:
    """The text in NFC; all offsets point into this form."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


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
