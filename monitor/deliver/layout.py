"""How an alert is arranged, whatever the channel: read in two seconds, no line said twice."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from urllib.parse import quote, urlsplit

from monitor.core.alert.message import cut_at_word, says_the_same
from monitor.core.alert.wording import MODALITY_MARKS, REASON_MARKS, day_words, listed, phase_phrase
from monitor.core.model.alert import AlertMessage, AlertReason, Digest, DigestLine, Message, Notice, NoticeState

NAMES_LENGTH = 240
DETAILS_LENGTH = 360
SHORT_LENGTH = 120
URL_LENGTH = 2_000  # Slack takes 3,000; nothing that long is an article's address

_PHASE_MARKS = frozenset(MODALITY_MARKS.values())
_MOVED = {"visit": " → "}
_APART = " · "
_NO_ARRIVAL = {"visit": "to "}
_BLANK_KINDS = {"Cc", "Zl", "Zp", "Zs"}
_HIDDEN_KINDS = {"Cf", "Cs", "Co", "Cn"}  # bidi controls, zero width, lone surrogates, private use, unassigned
# Letters by category that show as nothing: Hangul fillers and the blank Braille cell.
_BLANKS = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}
_SAFE_IN_URL = "%/:=&?~#+!$,;'@()*[]"


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """An alert's parts in reading order, clean one-line texts; a part that says nothing is empty.

    `title` is the phase in words, with the marks that qualify it; `caveats` are the marks that
    qualify the source. `scene` is who → where, `url` is a link that is safe to offer or empty.
    """

    title: str
    caveats: str
    scene: str
    details: str
    quote: str
    headline: str
    source: str
    url: str
    also: str
    story: str
    published_at: datetime
    dated: bool


def arrange(message: AlertMessage) -> Arrangement:
    """The alert's parts, cleaned, cut, and each said once."""
    scene = cut_at_word(scene_of(message.type, message.who, message.where), NAMES_LENGTH)
    said = clean(message.quote)
    headline = clean(message.headline)
    marks = [clean(mark) for mark in message.marks]
    firm = [mark for mark in marks if mark in _PHASE_MARKS]
    firm += filter(None, (REASON_MARKS.get(message.reason),))
    phase = cut_at_word(clean(phase_phrase(message.type, message.phase)), SHORT_LENGTH) or "News"
    return Arrangement(
        title=f"{phase} ({', '.join(firm)})" if firm else phase,
        caveats=_APART.join(mark for mark in marks if mark and mark not in _PHASE_MARKS),
        scene=scene,
        details=cut_at_word(_APART.join(filter(None, map(clean, message.details))), DETAILS_LENGTH),
        quote=said,
        headline="" if said and says_the_same(headline, said) else headline,
        source=cut_at_word(clean(message.source), SHORT_LENGTH),
        url=safe_url(message.url),
        also=cut_at_word(listed([clean(name) for name in message.also_reported_by]), NAMES_LENGTH),
        story=_story(message, scene),
        published_at=message.published_at,
        dated=message.dated,
    )


@dataclass(frozen=True, kw_only=True)
class NoticeArrangement:
    """A notice's parts, clean one-line texts; names in it are a stranger's as much as an article's."""

    title: str
    lines: tuple[str, ...]
    url: str


def arrange_notice(notice: Notice) -> NoticeArrangement:
    """The notice's parts, cleaned and cut."""
    lines = (cut_at_word(clean(line), DETAILS_LENGTH) for line in notice.lines)
    return NoticeArrangement(
        title=cut_at_word(clean(notice.title), SHORT_LENGTH) or "Notice",
        lines=tuple(dict.fromkeys(line for line in lines if line)),
        url=safe_url(notice.url),
    )


def render_plain(message: Message, *, zone: tzinfo, now: datetime) -> tuple[str, ...]:
    """The message as lines of plain text, the most telling first; `now` dates it ("2 h ago")."""
    return tuple(line for _, line in message_lines(message, zone=zone, now=now))


def message_lines(message: Message, *, zone: tzinfo, now: datetime) -> tuple[tuple[str, str], ...]:
    """The message's lines of plain text as (part, line)."""
    if isinstance(message, Notice):
        return _notice_lines(message, zone)
    if isinstance(message, Digest):
        return _digest_lines(message, zone)
    return plain_lines(arrange(message), zone=zone, now=now)


def _notice_lines(notice: Notice, zone: tzinfo) -> tuple[tuple[str, str], ...]:
    parts = arrange_notice(notice)
    since = since_words(notice, zone)
    lines = (
        ("title", parts.title),
        *(("details", line) for line in parts.lines),
        ("source", since),
        ("url", parts.url),
    )
    return tuple((part, line) for part, line in lines if line)


def _digest_lines(digest: Digest, zone: tzinfo) -> tuple[tuple[str, str], ...]:
    span = f"{time_words(digest.since, zone)} – {time_words(digest.until, zone)}"
    left = f"and {digest.left_off} more" if digest.left_off else ""
    lines = [("title", clean(digest.title)), ("source", span)]
    for line in digest.lines:
        lines += [("scene", digest_line(line)), ("details", digest_details(line)), ("url", safe_url(line.url))]
    return tuple((part, text) for part, text in (*lines, ("details", left)) if text)


def digest_line(line: DigestLine) -> str:
    """One story of a digest in one line, phase first."""
    moved = _MOVED.get(line.type, _APART).join(filter(None, (clean(line.who), clean(line.where))))
    told = ": ".join(filter(None, (phase_phrase(line.type, line.phase), cut_at_word(moved, NAMES_LENGTH))))
    return " — ".join(filter(None, (told, cut_at_word(clean(line.title), SHORT_LENGTH))))


def digest_details(line: DigestLine) -> str:
    """What happened to one story of a digest, and who tells it: "Visit planned, Visit under way · Gulf Wire"."""
    way = ", ".join(map(clean, line.steps)) if len(line.steps) > 1 else ""
    reports = f"{line.report_count} reports" if line.report_count > 1 else ""
    told = ", ".join(filter(None, (cut_at_word(clean(line.source), SHORT_LENGTH), reports)))
    return cut_at_word(_APART.join(filter(None, (way, told))), DETAILS_LENGTH)


def since_words(notice: Notice, zone: tzinfo) -> str:
    """When the trouble began; empty once it is over."""
    return f"Since {time_words(notice.since, zone)}" if notice.state is NoticeState.STARTED else ""


def plain_lines(parts: Arrangement, *, zone: tzinfo, now: datetime) -> tuple[tuple[str, str], ...]:
    """The lines of plain text as (part, line), where the part names what the line tells."""
    lines = (
        ("title", parts.title),
        ("scene", parts.scene),
        ("details", parts.details),
        ("quote", f"“{parts.quote}”" if parts.quote else ""),
        ("headline", parts.headline),
        ("source", source_line(parts, zone=zone, now=now)),
        ("also", f"Also: {parts.also}" if parts.also else ""),
        ("story", f"Story: {parts.story}" if parts.story else ""),
        ("url", parts.url),
    )
    return tuple((part, line) for part, line in lines if line)


def scene_of(type: str, who: str, where: str) -> str:
    """Who → where on one clean line; uncut."""
    who, where = clean(who), clean(where)
    if who and where:
        return f"{who}{_MOVED.get(type, _APART)}{where}"
    return who or (_NO_ARRIVAL.get(type, "") + where if where else "")


def source_line(parts: Arrangement, *, zone: tzinfo, now: datetime) -> str:
    """Outlet, published time in the zone, how long ago, and what to keep in mind about the source."""
    seen = "" if parts.dated else "first seen "
    when = f"{seen}{time_words(parts.published_at, zone)}"
    return _APART.join(filter(None, (parts.source, when, age_words(parts.published_at, now), parts.caveats)))


def one_liner(parts: Arrangement) -> str:
    """The alert in one line, phase first; for notifications and logs."""
    told = f"{parts.title}: {parts.scene}" if parts.scene else parts.title
    detail = parts.headline or parts.quote
    return " — ".join(filter(None, (told, cut_at_word(detail, SHORT_LENGTH), parts.source)))


def clean(text: str) -> str:
    """The text on one line, without control, bidi, zero-width or otherwise invisible characters."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(map(_shown, text)).split())


def safe_url(url: str) -> str:
    """An http(s) address with everything but plain URL characters percent-encoded; empty when it is none.

    An address with a user name in it is none: it can pass for another site.
    """
    try:
        parts = urlsplit(clean(url).replace(" ", "%20"))
        host = parts.hostname
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host or parts.username is not None:
        return ""
    try:
        shown = host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    if not re.fullmatch(r"[0-9A-Za-z._:-]+", shown):
        return ""
    net = f"[{shown}]" if ":" in shown else shown
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    rest = quote(f"{parts.path}{query}{fragment}", safe=_SAFE_IN_URL)
    safe = f"{parts.scheme.lower()}://{net}{f':{port}' if port else ''}{rest}"
    return safe if len(safe) <= URL_LENGTH else ""


def time_words(at: datetime, zone: tzinfo) -> str:
    """An instant in the zone: "29 Oct 2024, 14:05 EET"; a zone without a name shows its offset."""
    local = at.astimezone(zone)
    name = local.tzname() or ""
    if not (name.isascii() and name.isalpha()):
        name = f"UTC{local.isoformat()[-6:]}"
    return f"{day_words(local.date())}, {local:%H:%M} {name}"


def age_words(at: datetime, now: datetime) -> str:
    """How long ago, in the largest fitting unit: "just now", "5 min ago", "2 h ago", "3 days ago".

    An instant more than two minutes ahead gives "dated ahead", for the publisher's clock is wrong.
    """
    age = now - at
    if age < timedelta(minutes=-2):
        return "dated ahead"
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 48 * 60:
        return f"{minutes // 60} h ago"
    return f"{minutes // (24 * 60)} days ago"


def _shown(char: str) -> str:
    kind = unicodedata.category(char)
    if kind in _HIDDEN_KINDS:
        return ""
    return " " if kind in _BLANK_KINDS or char in _BLANKS else char


def _story(message: AlertMessage, scene: str) -> str:
    """The story's title where the alert continues one and the title is not the scene again."""
    title = cut_at_word(clean(message.story_title), SHORT_LENGTH)
    is_known = message.reason is AlertReason.NEW_STORY or says_the_same(title, scene)
    return "" if is_known else title
