"""Answers to people in Slack: seen by them alone, and with nothing in them that Slack would interpret."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.deliver.layout import clean, safe_url

_LINE_LENGTH = 300
_MOST_LINES = 20
_LENGTH = 8_000  # Slack refuses blocks near 13,000 characters without documenting it


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of an answer, with a link behind it or without."""

    text: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Lines, the first of which is also the notification."""

    lines: tuple[Line, ...]

    @classmethod
    def of(cls, *texts: str) -> Reply:
        """Plain lines."""
        return cls(lines=tuple(Line(text=text) for text in texts if text))


def reply_body(reply: Reply) -> dict[str, object]:
    """The reply as Slack takes it; what makes it too long is left off at its end.

    Rich text holds words and links as such, so no sign in them is markup
    (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block).
    """
    lines = [_shown(line) for line in reply.lines[:_MOST_LINES]] or [_shown(Line(text="Done."))]
    body = _body(lines)
    while len(lines) > 1 and len(json.dumps(body, ensure_ascii=False)) > _LENGTH:
        lines.pop()
        body = _body(lines)
    return body


def _body(lines: Sequence[Line]) -> dict[str, object]:
    elements = [part for number, line in enumerate(lines) for part in _elements(line, is_first=number == 0)]
    return {
        "response_type": "ephemeral",
        "replace_original": False,
        "text": _escaped(lines[0].text),
        "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}],
    }


def _elements(line: Line, *, is_first: bool) -> Sequence[dict[str, object]]:
    start = "" if is_first else "\n"
    told = [{"type": "text", "text": start + line.text}]
    link: list[dict[str, object]] = [{"type": "text", "text": " "}, {"type": "link", "url": line.url, "text": "Read"}]
    return [*told, *(link if line.url else ())]


def _shown(line: Line) -> Line:
    text = clean(line.text)
    return Line(
        text=(text if len(text) <= _LINE_LENGTH else text[: _LINE_LENGTH - 1].rstrip() + "…") or "–",
        url=safe_url(line.url) if line.url else "",
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
