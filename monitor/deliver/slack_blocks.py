"""An alert in Slack's Block Kit, inside all of its limits, with nothing of a stranger's text left to interpret.

Limits: https://docs.slack.dev/reference/block-kit/blocks (header 150, section 3,000). Slack refuses
whole messages near 13,000 characters without documenting it; 8,000 keeps well away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

from monitor.core.alert.message import cut_at_word
from monitor.core.model.alert import AlertMessage, Digest, Message, Notice
from monitor.deliver.layout import (
    Arrangement,
    arrange,
    arrange_notice,
    clean,
    digest_line,
    one_liner,
    since_words,
    time_words,
)

MESSAGE_LENGTH = 8_000
_HEADER_LENGTH = 150
_TEXT_LENGTH = 3_000  # of a section, and of a context element
_URL_LENGTH = 2_000  # escaped; leaves room beside it in a text
_LINE_LENGTH = 300  # of `text`, before escaping
_MARKUP = str.maketrans({"*": "∗", "_": "＿", "~": "∼", "`": "ˋ"})  # the same to the eye, nothing to Slack
_PAIRED = re.compile(r"(?<!\w)([*_~`])(?=\S).*\1")

Block = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Payload:
    """What goes into chat.postMessage: `text` for notifications and as fallback, `blocks` for the eye."""

    text: str
    blocks: tuple[Block, ...]

    def size(self) -> int:
        """Characters of the whole message as it is sent."""
        return len(self.text) + (len(json.dumps(self.blocks, ensure_ascii=False)) if self.blocks else 0)

    def fits(self) -> bool:
        """Whether the message and each of its blocks keep the limits."""
        # A block's JSON is longer than its one text by some 90 characters, so this errs on the safe side.
        longest = max((len(json.dumps(block, ensure_ascii=False)) for block in self.blocks), default=0)
        return longest <= _TEXT_LENGTH and self.size() <= MESSAGE_LENGTH


def slack_payload(message: Message, *, zone: tzinfo) -> Payload:
    """The message for Slack, at most MESSAGE_LENGTH characters; text of `&`s alone is cut harder to fit."""
    if isinstance(message, Notice):
        return _notice_payload(message, zone)
    return _digest_payload(message) if isinstance(message, Digest) else _alert_payload(message, zone)


def _alert_payload(message: AlertMessage, zone: tzinfo) -> Payload:
    parts = _linkable(arrange(message))
    payload = _payload(parts, zone)
    for length in (200, 100, 50):
        if payload.fits():
            break
        payload = _payload(_shortened(parts, length), zone)
    return payload


def _notice_payload(notice: Notice, zone: tzinfo) -> Payload:
    parts = arrange_notice(notice)
    for length in (_TEXT_LENGTH, 200, 100, 50):
        since = escape(since_words(notice, zone))
        link = _link(parts.url, "Address") if 0 < len(escape_url(parts.url)) <= _URL_LENGTH else ""
        blocks = [_header(parts.title)]
        for line in parts.lines:
            blocks += _section(escape(cut_at_word(line, length)))
        if since or link:
            blocks.append({"type": "context", "elements": [_mrkdwn("  ·  ".join(filter(None, (since, link))))]})
        payload = Payload(text=_notice_line(notice), blocks=tuple(blocks))
        if payload.fits():
            break
    return payload


def _notice_line(notice: Notice) -> str:
    parts = arrange_notice(notice)
    return escape(cut_at_word(" — ".join((parts.title, *parts.lines[:1])), _LINE_LENGTH))


def _digest_payload(digest: Digest) -> Payload:
    blocks = [_header(clean(digest.title))]
    for line in digest.lines:
        blocks += _section(escape(digest_line(line)))
    return Payload(text=escape(cut_at_word(clean(digest.title), _LINE_LENGTH)), blocks=tuple(blocks))


def minimal_payload(message: Message) -> Payload:
    """The one-line text with its link and no blocks, for when Slack refuses the blocks."""
    if isinstance(message, Notice):
        return Payload(text=_notice_line(message), blocks=())
    if isinstance(message, Digest):
        return Payload(text=escape(cut_at_word(clean(message.title), _LINE_LENGTH)), blocks=())
    parts = _linkable(arrange(message))
    line = _line(parts)
    return Payload(text=f"{line}\n{_link(parts.url, 'Article')}" if parts.url else line, blocks=())


def escape(text: str) -> str:
    """Text that Slack shows as it is: no mention, link, entity or formatting comes out of it."""
    if _PAIRED.search(text):
        text = text.translate(_MARKUP)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _payload(parts: Arrangement, zone: tzinfo) -> Payload:
    scene = f"*{escape(parts.scene).translate(_MARKUP)}*" if parts.scene else ""
    details = escape(parts.details)
    blocks: list[Block] = [_header(parts.title)]
    blocks += _section("\n".join(filter(None, (scene, details))))
    blocks += _section(f">“{escape(parts.quote)}”" if parts.quote else "")
    blocks += _section(_headline(parts))
    blocks.append({"type": "context", "elements": [_mrkdwn(_source(parts, zone))]})
    return Payload(text=_line(parts), blocks=tuple(blocks))


def _line(parts: Arrangement) -> str:
    return escape(cut_at_word(one_liner(parts), _LINE_LENGTH))


def _header(title: str) -> Block:
    # Escaped like all text, since Slack resolves entities in plain_text too; escape cannot outgrow
    # the limit, because title words come from the monitor's own lists.
    text = escape(cut_at_word(title, _HEADER_LENGTH))
    if len(text) > _HEADER_LENGTH:
        text = escape(cut_at_word(title, _HEADER_LENGTH // 5))
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _section(text: str) -> list[Block]:
    return [{"type": "section", "text": _mrkdwn(text)}] if text else []


def _mrkdwn(text: str) -> Block:
    # verbatim: Slack must not turn bare addresses and channel names of the text into links.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _headline(parts: Arrangement) -> str:
    if not parts.headline:
        return ""
    return _link(parts.url, parts.headline) if parts.url else escape(parts.headline)


def _source(parts: Arrangement, zone: tzinfo) -> str:
    seen = "" if parts.dated else "first seen "
    pieces = [
        escape(parts.source),
        seen + _date(parts, zone),
        f"_{escape(parts.caveats)}_" if parts.caveats else "",
        _link(parts.url, "Read article") if parts.url and not parts.headline else "",
        f"also: {escape(parts.also)}" if parts.also else "",
        f"story: {escape(parts.story)}" if parts.story else "",
    ]
    return "  ·  ".join(filter(None, pieces))


def _date(parts: Arrangement, zone: tzinfo) -> str:
    """The published time in each viewer's own zone, with an age that is right whenever it is read.

    Clients that cannot show it use the fallback: the time in the configured zone.
    """
    stamp = int(parts.published_at.astimezone(UTC).timestamp())
    fallback = escape(time_words(parts.published_at, zone)).replace("|", "/")
    return f"<!date^{stamp}^{{date_short_pretty}}, {{time}} ({{ago}})|{fallback}>"


def _link(url: str, label: str) -> str:
    # The address is percent-encoded already; & stays & for the server but must be an entity here.
    return f"<{escape_url(url)}|{escape(label).replace('|', '¦')}>"


def escape_url(url: str) -> str:
    """A safe address as Slack's link markup wants it."""
    return url.replace("&", "&amp;")


def _shortened(parts: Arrangement, length: int) -> Arrangement:
    def cut(text: str) -> str:
        return cut_at_word(text, length)

    return replace(
        parts,
        scene=cut(parts.scene),
        details=cut(parts.details),
        quote=cut(parts.quote),
        headline=cut(parts.headline),
        source=cut(parts.source),
        also=cut(parts.also),
        story=cut(parts.story),
        caveats=cut(parts.caveats),
    )


def _linkable(parts: Arrangement) -> Arrangement:
    """Without an address that grows too long when escaped."""
    return parts if len(escape_url(parts.url)) <= _URL_LENGTH else replace(parts, url="")
