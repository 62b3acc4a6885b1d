"""Whether a page is an article at all, or a wall in front of one; by named signs only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

PAYWALL_TEXT = 1500
"""Code points. A page that says it is not free but carries more is a metered one with its text."""
WALL_TEXT = 1500
"""Code points. Consent and bot pages are shorter; an article that quotes their words is not."""

# Sentences that stand where a paid article is cut off.
_PAYWALL = re.compile(
    r"(?:subscribe|sign up|register|log ?in|sign in) (?:now )?to (?:continue|keep|read|unlock|finish|get access to)"
    r"|to (?:continue|keep|finish) reading(?: this (?:article|story))?,? (?:please )?"
    r"(?:subscribe|log ?in|sign in|register)"
    r"|(?:this|the full) (?:article|story|content|post) is (?:only )?(?:available )?"
    r"(?:for|to|exclusive to|reserved for) (?:our )?(?:paid |premium )?(?:subscribers|members)"
    r"|already (?:a|have a) (?:subscriber|subscription|member)\b"
    r"|you(?:'|’)ve (?:reached|read) your (?:limit of|last|monthly limit of)? ?(?:free|complimentary)? ?articles?"
    r"|subscribe (?:for|to get) (?:full|unlimited) access"
    r"|start your (?:free )?(?:trial|subscription) to (?:read|continue)"
    r"|exclusive(?:ly)? (?:for|to) (?:our )?subscribers",
    re.IGNORECASE,
)
# Hosts that only ever serve consent pages (Google, YouTube, Yahoo, DPG Media), and consent sub-domains.
_CONSENT_HOST = re.compile(
    r"^(?:consent|consents|guce|cookiewall|cookie-consent|privacy-consent|myprivacy|privacygate)\.|^consent-|\.guce\.",
    re.IGNORECASE,
)
_CONSENT_PATH = re.compile(r"/(?:cookie-?wall|cookie-?consent|consent-?(?:page|wall)?|privacy-?gate)(?:[/?.]|$)", re.I)
_CONSENT = re.compile(
    r"before you continue to (?:google|youtube|yahoo)|we value your privacy|we care about your privacy"
    r"|(?:we and|we, and) our (?:\d+ )?(?:\w+ )?(?:partners|vendors) (?:store|use|process|access)"
    r"|store and/or access information on a device|part of the yahoo family of brands"
    r"|(?:accept|reject|allow) all(?: cookies)?\b.{0,200}\b(?:cookies|privacy)"
    r"|(?:cookies|privacy)\b.{0,200}\b(?:accept|reject|allow|agree to) all\b"
    r"|manage (?:your )?(?:privacy|cookie) (?:settings|preferences)|(?:consent|agree) to the use of cookies",
    re.IGNORECASE | re.DOTALL,
)
# Words of Cloudflare, Akamai, Imperva, PerimeterX, DataDome, Bloomberg and AWS WAF pages.
_BOT_WALL = re.compile(
    r"enable javascript and cookies to continue|just a moment\.\.\.|attention required! \| cloudflare"
    r"|checking (?:if the site connection is secure|your browser before accessing)|verify(?:ing)? (?:that )?you are"
    r" (?:a )?(?:human|not a (?:ro)?bot)|are you a (?:robot|human)\?|pardon our interruption"
    r"|please (?:turn|switch|enable) (?:on )?javascript.{0,60}(?:cookies|continue|disable any ad)"
    r"|you don'?t have permission to access .{0,300}reference #"
    r"|access (?:to this page has been|is temporarily) denied|request unsuccessful\. incapsula"
    r"|press & hold to confirm you are|complete the (?:security check|captcha)|unusual (?:traffic|activity) from your"
    r"|ddos protection by|your request has been blocked|sorry, you have been blocked",
    re.IGNORECASE | re.DOTALL,
)
# Addresses of scripts that only challenge pages load.
_BOT_SCRIPT = re.compile(
    r"/cdn-cgi/challenge-platform/\S{0,40}/orchestrate|captcha-delivery\.com|_Incapsula_Resource\?|/_sec/cp_challenge"
    r"|awswaf\.com/\S{0,200}challenge\.js|px-captcha",
    re.IGNORECASE,
)
_SOURCE_LOOKED_AT = 200_000


@dataclass(frozen=True, kw_only=True)
class Walls:
    """What stands in front of the article; at most one is True."""

    paywalled: bool = False
    consent: bool = False
    bot_wall: bool = False


def find_walls(*, url: str, title: str, text: str, visible: str, source: str, free: bool | None) -> Walls:
    """Which wall the page is, if any.

    `text` is the extracted article, `visible` all text a reader would see, `source` the HTML,
    `free` what schema.org's isAccessibleForFree says.
    """
    if len(text) < WALL_TEXT:
        words = f"{title}\n{visible[: 4 * WALL_TEXT]}"
        short_page = len(visible) < 4 * WALL_TEXT
        if short_page and (_BOT_WALL.search(words) or _BOT_SCRIPT.search(source[:_SOURCE_LOOKED_AT])):
            return Walls(bot_wall=True)
        if _is_consent_address(url) or (_CONSENT.search(text or words) and (short_page or not text)):
            return Walls(consent=True)
    if len(text) < PAYWALL_TEXT and (free is False or _PAYWALL.search(text[-600:]) or _cut_off(text, visible)):
        return Walls(paywalled=True)
    return Walls()


def _is_consent_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(_CONSENT_HOST.search(parts.hostname or "") or _CONSENT_PATH.search(parts.path))
    except ValueError:
        return False


def _cut_off(text: str, visible: str) -> bool:
    """The paywall's words follow the article's last words on the page."""
    tail = text[-80:].rpartition("\n")[2].strip()
    at = visible.rfind(tail) if len(tail) >= 20 else -1
    return at >= 0 and bool(_PAYWALL.search(visible[at + len(tail) : at + len(tail) + 400]))
