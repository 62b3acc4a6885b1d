"""Whether a page is an article at all, or a wall in front of one; by named signs only."""

from __future__ import annotations

from monitor.core.extract.walls import (
    WALL_TEXT,
    asks_to_pay,
    is_bot_wall,
    is_consent_address,
    is_consent_page,
    is_login,
)
from monitor.core.model.document import Wall

PAYWALL_TEXT = 1500
"""Code points. A page that says it is not free but carries more is a metered one with its text."""
_SHORT_PAGE = 4 * WALL_TEXT
_WHOLE_PART = 0.6  # of the article's text inside what the page calls its paid part: then it was delivered


def find_wall(
    *,
    url: str,
    title: str,
    text: str,
    visible: str,
    source: str,
    dated: bool,
    free: bool | None,
    paid_length: int | None,
) -> Wall | None:
    """Which wall the page is, None when it is none.

    `text` is the extracted article, `visible` all text a reader would see, `source` the HTML.
    A page that is `dated` has an article: what it quotes is no bot wall or consent page.
    `free` is schema.org's isAccessibleForFree; `paid_length` the text (code points) in the part
    that hasPart and its cssSelector name as paid, None where no part is named.
    """
    if not dated and len(text) < WALL_TEXT and len(visible) < _SHORT_PAGE:
        if is_bot_wall(title=title, visible=visible, source=source):
            return Wall.BOT_WALL
        if is_login(url=url, title=title, visible=visible, source=source):
            return Wall.LOGIN
    asks = not (dated and text) and is_consent_page(text or f"{title}. {visible}", source=source)
    if len(text) < WALL_TEXT and (asks or is_consent_address(url)):
        return Wall.CONSENT_PAGE
    if len(text) >= PAYWALL_TEXT:
        return None
    held_back = free is False and (paid_length is None or paid_length < _WHOLE_PART * len(text))
    if held_back or asks_to_pay(text[-600:]) or _cut_off(text, visible):
        return Wall.PAYWALL
    return None


def _cut_off(text: str, visible: str) -> bool:
    """The paywall's words follow the article's last words on the page."""
    tail = text[-80:].rpartition("\n")[2].strip()
    at = visible.rfind(tail) if len(tail) >= 20 else -1
    return at >= 0 and asks_to_pay(visible[at + len(tail) : at + len(tail) + 400])
