"""What Slack messages are put together from, with nothing of a stranger's text left to interpret.

Limits: https://docs.slack.dev/reference/block-kit/blocks (header 150, section 3,000). Slack refuses
whole messages near 13,000 characters without documenting it; 8,000 keeps well away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from monitor.core.alert.message import cut_at_word
from monitor.deliver.layout import time_words

MESSAGE_LENGTH = 8_000
MOST_BLOCKS = 50
TEXT_LENGTH = 3_000  # of a section, and of a context element
SAFE_URL_LENGTH = 2_000  # escaped; leaves room beside it in a text
LINE_LENGTH = 300  # of `text`, before escaping
SHORTER = (200, 100, 50)  # how hard parts are cut, one after the other, until a message fits
BETWEEN = "  ·  "

_HEADER_LENGTH = 150
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
        return longest <= TEXT_LENGTH and self.size() <= MESSAGE_LENGTH and len(self.blocks) <= MOST_BLOCKS


def escape(text: str) -> str:
    """Text that Slack shows as it is: no mention, link, entity or formatting comes out of it."""
    if _PAIRED.search(text):
        text = text.translate(_MARKUP)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def bold(text: str) -> str:
    """The text in bold; empty stays empty."""
    return f"*{escape(text).translate(_MARKUP)}*" if text else ""


def italic(text: str) -> str:
    """The text in italics; empty stays empty."""
    return f"_{escape(text).translate(_MARKUP)}_" if text else ""


def header(title: str) -> Block:
    """A header block."""
    # Escaped like all text, since Slack resolves entities in plain_text too; escape cannot outgrow
    # the limit, because title words come from the monitor's own lists.
    text = escape(cut_at_word(title, _HEADER_LENGTH))
    if len(text) > _HEADER_LENGTH:
        text = escape(cut_at_word(title, _HEADER_LENGTH // 5))
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def section(text: str) -> list[Block]:
    """A section of this mrkdwn, or nothing for no text."""
    return [{"type": "section", "text": mrkdwn(text)}] if text else []


def context(*pieces: str) -> list[Block]:
    """A context block of these pieces of mrkdwn in one line, or nothing when all are empty."""
    line = BETWEEN.join(filter(None, pieces))
    return [{"type": "context", "elements": [mrkdwn(line)]}] if line else []


def mrkdwn(text: str) -> Block:
    """A mrkdwn text object."""
    # verbatim: Slack must not turn bare addresses and channel names of the text into links.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def link(url: str, label: str) -> str:
    """A link; the label alone without a url."""
    # The address is percent-encoded already; & stays & for the server but must be an entity here.
    said = escape(label)
    return f"<{escape_url(url)}|{said.replace('|', '¦')}>" if url else said


def linkable(url: str) -> str:
    """The safe address, empty when it grows too long when escaped."""
    return url if len(escape_url(url)) <= SAFE_URL_LENGTH else ""


def escape_url(url: str) -> str:
    """A safe address as Slack's link markup wants it."""
    return url.replace("&", "&amp;")


def moment(at: datetime, zone: tzinfo, *, form: str = "{date_short_pretty}, {time} ({ago})") -> str:
    """The instant in each viewer's own zone, with an age that is right whenever it is read.

    Clients that cannot show it use the fallback: the time in the configured zone.
    """
    fallback = escape(time_words(at, zone)).replace("|", "/")
    return f"<!date^{int(at.astimezone(UTC).timestamp())}^{form}|{fallback}>"
