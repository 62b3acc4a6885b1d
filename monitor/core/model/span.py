"""Places in a text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """Which of an article's two texts a span points into."""

    TITLE = "title"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True, order=True)
class Span:
    """A half-open range of code points in the NFC form of one field.

    Raises:
        ValueError: start is negative or lies behind end.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")

    def slice(self, text: str) -> str:
        """The part of `text` this span covers."""
        return text[self.start : self.end]
