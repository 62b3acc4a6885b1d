"""URLs as keys: which addresses name the same article, and which belong to one site."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, urlsplit

from tld import get_fld, is_tld

# Parameters that say where a reader came from, never which article is meant. Kept to names seen in
# use by the tools and publishers named; everything else stays, since sites put the article's own
# id into the query.
_TRACKING = frozenset(
    [
        # advertising, mail and analytics tools
        "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid",
        "ttclid", "igshid", "igsh", "li_fat_id", "gad_source", "gad_campaignid", "rdt_cid", "epik", "irclickid",
        "dicbo", "oborigurl", "tblci", "cvid",
        "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "__hssc", "__hstc", "__hsfp", "hsctatracking",
        "vero_id", "vero_conv", "oly_anon_id",
        "oly_enc_id", "_openstat", "_ga", "_gl", "ga_source", "ga_medium", "ga_campaign", "ga_term",
        "ga_content", "srsltid", "wickedid",
        "s_cid", "s_kwcid", "ef_id", "sc_cid", "sc_channel", "spm", "scm", "wt_mc", "wt.mc_id", "emci",
        "emdi", "ftag",
        # share buttons, apps and aggregators
        "smid", "smtyp", "share_id", "sharetype", "shareuid", "ref_src", "ref_url", "fb_ref", "fb_source",
        "action_object_map", "action_type_map",
        "action_ref_map", "__twitter_impression", "guccounter", "soc_src", "soc_trk", "__tn__", "sfnsn",
        "usqp", "amp_gsa", "amp_js_v", "ncid", "ocid",
        # publishers: BBC, Guardian, Mail, Deutsche Welle, France Médias, Washington Post, Bloomberg, Condé Nast …
        "cmp", "cmpid", "ito", "xtor", "xtref", "maca", "itid", "wpisrc", "wpmm", "wprov", "sref", "cndid",
        "bxid", "esrc", "hasha", "mbid", "icid", "intcid", "intcmp",
        "int_cmp", "nl_id", "nlid", "newsletterid", "traffic_source", "reflink", "via_rss", "from_rss",
        "rss_id", "emc", "unlocked_article_code", "referringsource", "gift", "giftcopy", "sr_share", "taid", "sara_ref",
        "wt_zmc", "ftcamp", "leadsource", "test_uuid", "test_variant",
    ]
)  # fmt: skip
_TRACKING_PREFIXES = (
    "utm_",
    "at_",
    "ns_",
    "mtm_",
    "matomo_",
    "piwik_",
    "pk_",
    "hsa_",
    "guce_",
    "_guc_",
    "_x_tr_",
    "_branch_",
)
_FROM_ELSEWHERE = re.compile(
    r"(rss|feed|twitter|tw|facebook|fb|whatsapp|telegram|share|social|newsletter|nl|mail|email|amp|home|homepage|hp|nav"
    r"|google|googlenews|yahoo|msn|applenews)([-_.]\S*)?|",
    re.IGNORECASE,
)
_AMP_VALUE = re.compile(r"amp|", re.IGNORECASE)
# Parameters that track only with such a value; with another they may name the article.
_TRACKING_VALUES = {
    **dict.fromkeys(("ref", "from", "source", "src", "partner", "cid", "mod", "feature", "referrer"), _FROM_ELSEWHERE),
    **dict.fromkeys(("outputtype", "output", "view"), _AMP_VALUE),
    **dict.fromkeys(("amp", "rss", "print"), re.compile(r"|1|true|yes", re.IGNORECASE)),
    "scope": re.compile(r"anon", re.IGNORECASE),  # a paywall's word for who is reading
    "error": re.compile(r"cookies_not_supported", re.IGNORECASE),
    "feed": re.compile(r"rss2?|atom", re.IGNORECASE),
}
_MOBILE_HOST = re.compile(r"^(?:(?:www|m|mobile|amp|touch|wap)\.)+(?=[^.]+\.[^.])")
_MOBILE_INSIDE = re.compile(r"^([a-z]{2})\.m\.(?=[^.]+\.[^.])")  # en.m.site.example
_AMP_PATH = re.compile(r"(?:/amp(?:/index)?(?:\.html?)?/?|\.amp/?|\.amp(?=\.html?$))(?=$|\.html?$)", re.IGNORECASE)
_AMP_PREFIX = re.compile(r"^/amp(?=/[^/]+/)", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")
_INDEX_FILE = re.compile(r"/index\.(?:html?|php)$", re.IGNORECASE)
_GOOGLE_AMP = re.compile(r"^(?:www\.)?google\.[a-z.]{2,6}$")
_AMP_CACHE = re.compile(r"^/(?:[cvi]/)?(?:s/)?(?=[^/]+\.[^/]+/)")
_UNSAFE = re.compile(r"[^!-~]|[\"<>\\^`{|}]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DEFAULT_PORTS = (None, 80, 443)
_LONGEST = 8192  # longer than any server accepts; nothing to fold there
_LONGEST_HOST = 253  # RFC 1035


def canonical_url(url: str) -> str:
    """The key under which an article is known: its URL without tracking and without variants.

    Scheme, www, mobile and AMP variants, default ports, fragments and trailing slashes fold to one
    https URL; hosts are ASCII (IDNA), escapes upper-case and only where needed. Parameters keep
    their order, unknown ones stay. Applying it again changes nothing. What is no http(s) URL comes
    back stripped. The key need not be fetchable: keep the address as seen beside it.
    """
    url = url.strip()
    if len(url) > _LONGEST:
        return url
    folded = _folded_once(url)
    while folded != url:  # variants nest: an AMP cache of a mobile page's AMP path; each round shortens
        url, folded = folded, _folded_once(folded)
    return url


def _folded_once(url: str) -> str:
    parts = _http_parts(url)
    if parts is None:
        return url.strip()
    host, port, path, query, fragment = parts
    inner = _inside_amp_cache(host, path)
    if inner:
        return inner + (f"?{query}" if query else "")
    host = _MOBILE_INSIDE.sub(r"\1.", _MOBILE_HOST.sub("", host))
    path = _normal_path(path)
    query = "&".join(kept for part in query.split("&") if (kept := _kept_parameter(part)))
    return (
        f"https://{host}"
        + (f":{port}" if port not in _DEFAULT_PORTS else "")
        + path
        + (f"?{query}" if query else "")
        + (f"#{fragment}" if fragment.startswith("!") else "")  # a hashbang names the page itself
    )


def _http_parts(url: str) -> tuple[str, int | None, str, str, str] | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host:
        return None
    ascii_host = _ascii_host(host)
    if ascii_host is None:
        return None
    fragment = _escaped(parts.fragment)
    return ascii_host, port, _escaped(parts.path), _escaped(parts.query), fragment


def _ascii_host(host: str) -> str | None:
    """The host in lower case and IDNA form, an IPv6 address in brackets; None when it cannot be one."""
    host = host.rstrip(".")
    if len(host) > _LONGEST_HOST:
        return None
    if ":" in host:
        return f"[{host.lower()}]"
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    host = host.lower().rstrip(".")
    return host if host and not re.search(r"[^a-z0-9._-]", host) else None


def _escaped(text: str) -> str:
    """Percent-escapes upper-case, unreserved characters plain, everything unsafe escaped."""

    def one(match: re.Match[str]) -> str:
        byte = int(match[1], 16)
        return chr(byte) if byte in _UNRESERVED else f"%{match[1].upper()}"

    text = _LONE_PERCENT.sub("%25", text)
    text = _UNSAFE.sub(lambda match: quote(match[0], safe="", errors="replace"), text)
    return _ESCAPE.sub(one, text)


def _normal_path(path: str) -> str:
    path = _without_dots(_SLASHES.sub("/", path))
    path = _AMP_PREFIX.sub("", path)
    path = _AMP_PATH.sub("", path)
    path = _INDEX_FILE.sub("/", path)
    return path.rstrip("/") or "/"


def _without_dots(path: str) -> str:
    """RFC 3986 section 5.2.4, as browsers do before they ask."""
    if "/." not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            kept = kept[:-1] if len(kept) > 1 else kept
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept) or "/"


def _inside_amp_cache(host: str, path: str) -> str | None:
    if host.endswith(".cdn.ampproject.org") or host == "cdn.ampproject.org":
        inner, count = _AMP_CACHE.subn("", path)
    elif _GOOGLE_AMP.match(host) and path.startswith("/amp/"):
        inner, count = _AMP_CACHE.subn("", path[len("/amp") :])
    else:
        return None
    return f"https://{inner}" if count else None


def _kept_parameter(part: str) -> str:
    part = part.removeprefix("amp;")  # a link that was escaped once too often
    name, _, value = part.partition("=")
    key = name.lower()
    by_value = _TRACKING_VALUES.get(key)
    if by_value is not None:
        return "" if by_value.fullmatch(value) else part
    if key in _TRACKING or key.startswith(_TRACKING_PREFIXES):
        return ""
    return part


def registrable_domain(host: str) -> str:
    """The part of a host that was registered ("bbc.co.uk"), by the public suffix list that tld ships.

    Suffixes of hosting services count too: a.github.io and b.github.io are two sites. Under an
    unknown suffix the last two labels count, as the list's own rule for it is. An IP address, a
    single name and a suffix itself come back whole, in lower case.
    """
    host = host.strip().lower().rstrip(".").strip("[]")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return host
    ascii_host = _ascii_host(host)
    if ascii_host is None:
        return host
    # The search of the tld package is over the list inside the package; nothing is downloaded.
    found = get_fld(f"https://{ascii_host}", fail_silently=True, search_private=True)
    if isinstance(found, str):
        return found
    return ascii_host if is_tld(ascii_host, search_private=True) else ".".join(ascii_host.split(".")[-2:])


def same_site(a: str, b: str) -> bool:
    """Whether two URLs have the same registrable domain; False when either is no http(s) URL."""
    first, second = _http_parts(a.strip()), _http_parts(b.strip())
    if first is None or second is None:
        return False
    return registrable_domain(first[0]) == registrable_domain(second[0])
