"""A message as a page of plain text or HTML, for mail and feeds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from html import escape

from monitor.core.model.alert import Digest, Message
from monitor.deliver.layout import clean, digest_line, message_lines, safe_url, time_words

_TAGS = {"title": "h2", "scene": "h3", "quote": "blockquote"}


def text_page(message: Message, *, zone: tzinfo, now: datetime) -> str:
    """The message's lines, one below the other, a newline at the end."""
    return "\n".join(line for _, line in message_lines(message, zone=zone, now=now)) + "\n"


def html_page(message: Message, *, zone: tzinfo, now: datetime) -> str:
    """A whole page without style, script or anything loaded from elsewhere."""
    body = "\n".join(_digest_parts(message, zone) if isinstance(message, Digest) else _parts(message, zone, now))
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'


def _parts(message: Message, zone: tzinfo, now: datetime) -> Iterator[str]:
    for part, line in message_lines(message, zone=zone, now=now):
        if part == "url":
            yield f"<p>{_link(line, line)}</p>"
        else:
            tag = _TAGS.get(part, "p")
            yield f"<{tag}>{escape(line)}</{tag}>"


def _digest_parts(digest: Digest, zone: tzinfo) -> Iterator[str]:
    yield f"<h2>{escape(clean(digest.title))}</h2>"
    yield f"<p>{escape(time_words(digest.since, zone))} – {escape(time_words(digest.until, zone))}</p>"
    yield "<ul>"
    for line in digest.lines:
        told = escape(digest_line(line))
        url = safe_url(line.url)
        source = _link(url, clean(line.source) or "Read") if url else escape(clean(line.source))
        yield f"<li>{told}<br>{source}</li>"
    yield "</ul>"
    if digest.left_off:
        yield f"<p>and {digest.left_off} more</p>"


def _link(url: str, text: str) -> str:
    return f'<a href="{escape(url)}" rel="noreferrer">{escape(text)}</a>'
