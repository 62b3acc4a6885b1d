"""What stands before a page or feed instead of it: marks of bot walls, consent pages, paywalls and logins.

The marks are what the products themselves write: their page's words, addresses of scripts that only
their challenge pages load, and response headers. Words alone never prove a wall, since articles
quote them: they count only on a page that has hardly any other text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from monitor.core.model.document import Wall
from monitor.core.parse.charset import decode_body
from monitor.core.parse.markup import unescaped
from monitor.core.text.sentences import split_sentences

WALL_TEXT = 1500
"""Code points. Bot walls and logins are shorter; an article that quotes their words is not."""
LONGEST_CONSENT = 6000
"""Code points. The longest consent pages, with their list of purposes, stay below."""
_CONSENT_SHARE = 0.4  # of the text in sentences about consent: a banner over a short page stays below
_LOOKED_AT_BYTES = 256 * 1024  # a wall says what it is at once

# Cloudflare, Akamai, Imperva, PerimeterX/HUMAN, DataDome, AWS WAF, Fastly, Vercel, F5, Sucuri, Wordfence, DDoS-Guard,
# Radware, SiteGround, Anubis, Google's "unusual traffic" and pages that hold nothing but a captcha.
_BOT_WORDS = re.compile(
    r"enable javascript and cookies to continue|just a moment\.\.\.|attention required! \| cloudflare"
    r"|needs to review the security of your connection|why have i been blocked\?|sorry, you have been blocked"
    r"|checking (?:if the site connection is secure|your browser(?: before accessing)?)"
    r"|verify(?:ing)? (?:that )?you(?:'re| are| aren'?t| are not)? (?:a |an )?(?:human|not a (?:ro)?bot|robot|bot)"
    r"|(?:making sure|prove|confirm|ensure) (?:that )?you(?:'|’)?(?:re| are)(?: not)? (?:a )?(?:human|bot|robot)"
    r"|are you a (?:robot|human)\?|i(?:'|’)m not a robot|pardon our interruption|human verification"
    r"|please (?:turn|switch|enable) (?:on )?(?:javascript|js)\b.{0,60}(?:cookies|continue|disable any ad)"
    r"|you don(?:'|’)?t have permission to access .{0,300}reference #"
    r"|access (?:to this (?:page|site|resource) (?:has been|is|was)|is temporarily|has been) (?:denied|blocked|limited)"
    r"|your access to this (?:site|service) has been (?:limited|blocked)"
    r"|request unsuccessful\. incapsula|incapsula incident id|the requested url was rejected\. please consult"
    r"|press (?:&|and) hold|complete the (?:security check|captcha|puzzle)|unusual (?:traffic|activity) from your"
    r"|automated (?:access|requests?|queries) (?:from|to|is|are|has been)|ddos[- ]protection by|ddos-guard"
    r"|your request (?:has been|was) blocked|protected by anubis|vercel security checkpoint|client challenge"
    r"|robot challenge screen|sucuri website firewall|proof[- ]of[- ]work .{0,80}(?:scrap|bot|ai compan)",
    re.IGNORECASE | re.DOTALL,
)
_BOT_TITLE = re.compile(
    r"(?:403 )?(?:access denied|forbidden: bot|blocked|robot check|captcha|security check)\W*", re.I
)
_BOT_SOURCE = re.compile(
    r"/cdn-cgi/challenge-platform/[^\s\"']{0,40}/orchestrate|_cf_chl_opt|captcha-delivery\.com"
    r"|_incapsula_resource\?|/_sec/cp_challenge|awswaf\.com/[^\s\"']{0,200}challenge|gokuprops|px-captcha"
    r"|captcha\.px-cdn\.net|/\.within\.website/x/|anubis_challenge|window\.kpsdk|/_fs-ch-|\.well-known/sgcaptcha"
    r"|validate\.perfdrive\.com|/\.well-known/vercel/security|/\.well-known/ddos-guard|_imunify360",
    re.IGNORECASE,
)
# Header and the value that says so; "" is any.
_BOT_HEADERS = {
    "cf-mitigated": "challenge",
    "x-amzn-waf-action": "",
    "x-vercel-mitigated": "",
    "x-sucuri-block": "",
}
# Of products that mark every response of a site they guard: proof only together with a refusal.
_GUARD_HEADERS = {"x-datadome": "", "server": "datadome", "x-iinfo": "", "x-px-block": "", "x-kpsdk-ct": ""}
_REFUSALS = frozenset({401, 403, 405, 429, 503})

# Hosts that only ever serve consent pages (Google, YouTube, Yahoo, DPG Media), and consent sub-domains.
_CONSENT_HOST = re.compile(
    r"^(?:consent|consents|guce|cookiewall|cookie-consent|privacy-consent|myprivacy|privacygate)\.|^consent-|\.guce\.",
    re.IGNORECASE,
)
_CONSENT_PATH = re.compile(
    r"/(?:cookie-?wall|cookie-?consent|consent-?(?:page|wall)?|privacy-?gate|collectconsent)(?:[/?.]|$)", re.I
)
_CONSENT_WORDS = re.compile(
    r"before you continue to (?:google|youtube|yahoo)|we (?:value|care about|respect) your privacy"
    r"|(?:we and|we, and|we use|together with) our (?:\d+ )?(?:\w+ )?(?:partners|vendors)"
    r"|store and/or access information on a device|part of the yahoo family of brands"
    r"|(?:accept|reject|allow) all(?: cookies)?\b.{0,200}\b(?:cookies|privacy)"
    r"|(?:cookies|privacy)\b.{0,200}\b(?:accept|reject|allow|agree to) all\b"
    r"|manage (?:your )?(?:privacy|cookie) (?:settings|preferences)|(?:consent|agree) to the use of cookies"
    r"|(?:continue|read) (?:with|without) (?:ads|advertising|tracking|accepting)|personali[sz]ed (?:ads|advertising)"
    r"|asks for your consent to use your (?:personal )?data|consent or pay|pay or (?:consent|accept)",
    re.IGNORECASE | re.DOTALL,
)
# Containers of OneTrust, Didomi, Sourcepoint, Quantcast, Google Funding Choices, Usercentrics and TrustArc.
_CONSENT_SOURCE = re.compile(
    r"onetrust-(?:consent-sdk|banner)|didomi-(?:host|notice|popup)|sp_message_(?:container|iframe)|privacy-mgmt\.com"
    r"|qc-cmp2?-(?:container|ui)|fc-consent-root|fundingchoicesmessages\.google|usercentrics|consent\.trustarc",
    re.IGNORECASE,
)
_ABOUT_CONSENT = re.compile(
    r"\b(?:cookies?|consent|privacy|personal data|partners|vendors|tracking|legitimate interest|tcf|personali[sz]ed"
    r"|advertis(?:ing|ements?)|your (?:choices|data|device)|accept all|reject all)\b",
    re.IGNORECASE,
)
# Sentences that stand where a paid article is cut off.
_PAYWALL_WORDS = re.compile(
    r"(?:subscribe|sign up|register|log ?in|sign in) (?:now )?to (?:continue|keep|read|unlock|finish|get access to)"
    r"|to (?:continue|keep|finish) reading(?: this (?:article|story))?,? (?:please )?"
    r"(?:subscribe|log ?in|sign in|register)"
    r"|(?:this|the full) (?:article|story|content|post) is (?:only )?(?:available )?"
    r"(?:for|to|exclusive to|reserved for) (?:our )?(?:paid |premium )?(?:subscribers|members)"
    r"|already (?:a|have a) (?:subscriber|subscription|member)\b"
    r"|you(?:'|’)ve (?:reached|read|used) (?:all )?(?:of )?your (?:limit of|last|monthly limit of|\w+)? ?"
    r"(?:free|complimentary)? ?articles?"
    r"|subscribe (?:for|to get) (?:full|unlimited) access|unlock (?:this|the full|unlimited) (?:article|story|access)"
    r"|start your (?:free )?(?:trial|subscription) to (?:read|continue)|\d+ free articles? (?:left|remaining)"
    r"|(?:subscriber|member)s?[- ](?:only|exclusive) (?:content|article|story)"
    r"|exclusive(?:ly)? (?:for|to) (?:our )?subscribers",
    re.IGNORECASE,
)
_LOGIN_WORDS = re.compile(
    r"\b(?:log ?in|sign ?in) (?:to (?:your|continue|access)|with (?:your|google|apple|microsoft))"
    r"|(?:please|you (?:must|need to)) (?:log ?in|sign ?in|authenticate)|forgot(?:ten)? (?:your )?password"
    r"|create an account|enter your (?:username|e-?mail|password)",
    re.IGNORECASE,
)
_LOGIN_PATH = re.compile(r"/(?:log-?in|sign-?in|sso|auth|account/login|idp|saml2?)(?:[/?.]|$)", re.IGNORECASE)
_LOGIN_TITLE = re.compile(r"\b(?:log ?in|sign ?in|authentication required|unauthori[sz]ed)\b", re.IGNORECASE)
_PASSWORD = re.compile(r"<input\b[^<>]{0,1000}\btype\s*=\s*[\"']?password", re.IGNORECASE)

# A page that dates its article is one, whatever words it quotes.
_DATED = re.compile(r"article:published_time|[\"']datePublished[\"']|itemprop=[\"']?datePublished", re.IGNORECASE)
_LOOKS_LIKE_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|title|div|p|script)\b", re.IGNORECASE)
_FEED_START = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?:(?!-->).){0,2000}+-->\s*)*+(?:<(?:rss|feed|rdf:rdf)\b|[{\[])",
    re.S | re.I,
)
_SILENT = re.compile(r"<(script|style|template|svg)\b", re.IGNORECASE)
_SILENT_ENDS = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "template", "svg")}
_TITLE = re.compile(r"<title\b[^<>]*>([^<]{0,500})", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


def wall_of(body: bytes, *, url: str, status: int, headers: Iterable[tuple[str, str]]) -> Wall | None:
    """Which wall answered instead of what was asked for, on any status; None when nothing says so.

    For a feed that got a page, and for refusals: 403, 429 and 503 are often a challenge. `headers`
    have lower-case names. Looks at the body's first 256 KiB with patterns alone, in linear time, so
    it is safe outside a worker. Never raises.
    """
    if _header_says_bot(headers, status):
        return Wall.BOT_WALL
    source = decode_body(body[:_LOOKED_AT_BYTES], content_type=None).text
    if _FEED_START.match(source) or not _LOOKS_LIKE_HTML.search(source):
        return None
    found = _TITLE.search(source)
    title = " ".join(unescaped(found[1]).split()) if found else ""
    visible = _visible(source)
    dated = _DATED.search(source) is not None
    if not dated and is_bot_wall(title=title, visible=visible, source=source):
        return Wall.BOT_WALL
    if is_consent_address(url) or (not dated and is_consent_page(f"{title}. {visible}", source=source)):
        return Wall.CONSENT_PAGE
    if is_login(url=url, title=title, visible=visible, source=source) or status == 401:
        return Wall.LOGIN
    if status == 402 or (len(visible) < WALL_TEXT and asks_to_pay(visible)):
        return Wall.PAYWALL
    return None


def is_bot_wall(*, title: str, visible: str, source: str) -> bool:
    """Whether a page with this visible text is a challenge or refusal meant for robots."""
    if len(visible) >= WALL_TEXT:
        return False
    words = f"{title}\n{visible}"
    refused = _BOT_TITLE.fullmatch(title) is not None
    return refused or bool(_BOT_WORDS.search(words) or _BOT_SOURCE.search(source[:_LOOKED_AT_BYTES]))


def is_consent_address(url: str) -> bool:
    """Whether the host or path serves nothing but consent pages."""
    try:
        parts = urlsplit(url)
        return bool(_CONSENT_HOST.search(parts.hostname or "") or _CONSENT_PATH.search(parts.path))
    except ValueError:
        return False


def is_consent_page(visible: str, *, source: str) -> bool:
    """Whether most of what a reader sees asks for consent; a banner over other text does not count."""
    if len(visible) >= LONGEST_CONSENT:
        return False
    said = bool(_CONSENT_WORDS.search(visible))
    built = bool(_CONSENT_SOURCE.search(source[:_LOOKED_AT_BYTES])) and bool(_ABOUT_CONSENT.search(visible))
    return (said or built) and _consent_share(visible) >= _CONSENT_SHARE


def is_login(*, url: str, title: str, visible: str, source: str) -> bool:
    """Whether a short page asks who is there: a password field, and words, title or address that go with it."""
    if len(visible) >= WALL_TEXT:
        return False
    try:
        at_login = bool(_LOGIN_PATH.search(urlsplit(url).path))
    except ValueError:
        at_login = False
    signs = (bool(_PASSWORD.search(source[:_LOOKED_AT_BYTES])), bool(_LOGIN_WORDS.search(visible)))
    return sum((*signs, at_login, bool(_LOGIN_TITLE.search(title)))) >= 2


def asks_to_pay(text: str) -> bool:
    """Whether the words of a paywall stand in the text."""
    return _PAYWALL_WORDS.search(text) is not None


def _header_says_bot(headers: Iterable[tuple[str, str]], status: int) -> bool:
    for name, value in headers:
        wanted = _BOT_HEADERS.get(name)
        if wanted is not None and wanted in value.lower():
            return True
        guard = _GUARD_HEADERS.get(name)
        if status in _REFUSALS and guard is not None and guard in value.lower():
            return True
    return False


def _visible(source: str) -> str:
    """The page's text without markup; linear, and good enough to look for words in."""
    return " ".join(unescaped(_TAG.sub(" ", _without_silent(source))).split())


def _without_silent(source: str) -> str:
    """The source without scripts and the like; one that is never closed takes the rest, as in a browser."""
    kept: list[str] = []
    at = 0
    while found := _SILENT.search(source, at):
        kept.append(source[at : found.start()])
        end = _SILENT_ENDS[found[1].lower()].search(source, found.end())
        if end is None:
            return " ".join(kept)
        at = end.end()
    return " ".join((*kept, source[at:]))


def _consent_share(text: str) -> float:
    """Share of the text that stands in sentences about cookies, privacy and consent."""
    lengths = [
        (span.end - span.start, bool(_ABOUT_CONSENT.search(text, span.start, span.end)))
        for span in split_sentences(text)
    ]
    total = sum(length for length, _ in lengths)
    return sum(length for length, about in lengths if about) / total if total else 0.0
