"""Alerts, notices and digests in Slack's Block Kit, inside all of its limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo

from monitor.core.alert.message import cut_at_word
from monitor.core.model.alert import AlertMessage, Digest, DigestLine, Message, Notice
from monitor.deliver.layout import (
    Arrangement,
    arrange,
    arrange_notice,
    clean,
    digest_line,
    one_liner,
    safe_url,
    since_words,
)
from monitor.deliver.slack_parts import (
    LINE_LENGTH,
    MESSAGE_LENGTH,
    MOST_BLOCKS,
    SHORTER,
    TEXT_LENGTH,
    Block,
    Payload,
    bold,
    context,
    escape,
    header,
    italic,
    link,
    linkable,
    moment,
    section,
)

_DIGEST_LINE = 300
_ROOM_AT_END = 200  # for "and 12 more"


def slack_payload(message: Message, *, zone: tzinfo) -> Payload:
    """The message for Slack, at most MESSAGE_LENGTH characters; text of `&`s alone is cut harder to fit."""
    if isinstance(message, Notice):
        return _notice_payload(message, zone)
    return _digest_payload(message, zone) if isinstance(message, Digest) else _alert_payload(message, zone)


def minimal_payload(message: Message) -> Payload:
    """The one-line text with its link and no blocks, for when Slack refuses the blocks."""
    if isinstance(message, Notice):
        return Payload(text=_notice_line(message), blocks=())
    if isinstance(message, Digest):
        return Payload(text=_digest_title(message), blocks=())
    parts = _linkable(arrange(message))
    line = _line(parts)
    return Payload(text=f"{line}\n{link(parts.url, 'Article')}" if parts.url else line, blocks=())


def _alert_payload(message: AlertMessage, zone: tzinfo) -> Payload:
    parts = _linkable(arrange(message))
    payload = _payload(parts, zone)
    for length in SHORTER:
        if payload.fits():
            break
        payload = _payload(_shortened(parts, length), zone)
    return payload


def _payload(parts: Arrangement, zone: tzinfo) -> Payload:
    details = escape(parts.details)
    blocks: list[Block] = [header(parts.title)]
    blocks += section("\n".join(filter(None, (bold(parts.scene), details))))
    blocks += section(f">“{escape(parts.quote)}”" if parts.quote else "")
    blocks += section(link(parts.url, parts.headline) if parts.headline else "")
    seen = "" if parts.dated else "first seen "
    blocks += context(
        escape(parts.source),
        seen + moment(parts.published_at, zone),
        italic(parts.caveats),
        link(parts.url, "Read article") if parts.url and not parts.headline else "",
        f"also: {escape(parts.also)}" if parts.also else "",
        f"story: {escape(parts.story)}" if parts.story else "",
    )
    return Payload(text=_line(parts), blocks=tuple(blocks))


def _line(parts: Arrangement) -> str:
    return escape(cut_at_word(one_liner(parts), LINE_LENGTH))


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
    return replace(parts, url=linkable(parts.url))


def _notice_payload(notice: Notice, zone: tzinfo) -> Payload:
    parts = arrange_notice(notice)
    url = linkable(parts.url)
    for length in (TEXT_LENGTH, *SHORTER):
        blocks = [header(parts.title)]
        for line in parts.lines:
            blocks += section(escape(cut_at_word(line, length)))
        blocks += context(escape(since_words(notice, zone)), link(url, "Address") if url else "")
        payload = Payload(text=_notice_line(notice), blocks=tuple(blocks))
        if payload.fits():
            break
    return payload


def _notice_line(notice: Notice) -> str:
    parts = arrange_notice(notice)
    return escape(cut_at_word(" — ".join((parts.title, *parts.lines[:1])), LINE_LENGTH))


def _digest_payload(digest: Digest, zone: tzinfo) -> Payload:
    """As many stories as find room, the most severe first; the rest are counted."""
    title = clean(digest.title) or "Digest"
    form = "{date_short_pretty}, {time}"
    span = f"{moment(digest.since, zone, form=form)} – {moment(digest.until, zone, form=form)}"
    payload = Payload(text=_digest_title(digest), blocks=(header(title), *context(span)))
    for number, line in enumerate(digest.lines):
        longer = replace(payload, blocks=(*payload.blocks, *_digest_section(line)))
        if len(longer.blocks) >= MOST_BLOCKS or longer.size() > MESSAGE_LENGTH - _ROOM_AT_END:
            return _with_left_off(payload, len(digest.lines) - number + digest.left_off)
        payload = longer
    return _with_left_off(payload, digest.left_off)


def _with_left_off(payload: Payload, count: int) -> Payload:
    return replace(payload, blocks=(*payload.blocks, *context(f"and {count} more" if count else "")))


def _digest_section(line: DigestLine) -> list[Block]:
    url = linkable(safe_url(line.url))
    reports = f"{line.report_count} reports" if line.report_count > 1 else ""
    for length in (_DIGEST_LINE, *SHORTER):
        told = bold(cut_at_word(digest_line(line), length))
        steps = escape(cut_at_word(" → ".join(filter(None, map(clean, line.steps))), length))
        source = cut_at_word(clean(line.source), length // 2)
        small = " · ".join(filter(None, (steps, reports, link(url, source or "Article") if source or url else "")))
        text = "\n".join(filter(None, (told, small)))
        if len(text) <= TEXT_LENGTH:
            break
    return section(text)


def _digest_title(digest: Digest) -> str:
    told = digest_line(digest.lines[0]) if digest.lines else ""
    return escape(cut_at_word(" — ".join(filter(None, (clean(digest.title) or "Digest", told))), LINE_LENGTH))
