"""Feed markup to paragraphs of plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

from monitor.core.parse.entries import clean_text
from monitor.core.parse.markup import parse_html_text, unescaped
from monitor.core.text.normalise import nfc

_MOST = 2 * 1024 * 1024  # code points; a feed's item is a hundredth of that
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9:-]{0,30}(?=[\s/>])|<!--")
_ESCAPED_TAG = re.compile(
    r"&lt;/?(?:p|br|div|a|b|i|em|strong|span|ul|ol|li|img|h[1-6]|blockquote|figure)\b(?:(?!&gt;).){0,500}&gt;",
    re.I | re.S,
)
# A tag of thousands of attributes costs libxml2 quadratic time: 0.9 MB take eight seconds.
_MONSTER_TAG = re.compile(r"<[^<>]{5000}")
_WITH_ATTRIBUTES = re.compile(r"<(/?[A-Za-z][A-Za-z0-9:-]{0,30})\s[^<>]*>?")
_WORTH_A_SECOND_LOOK = 1000
_WRAPPED_AT = 50  # a shorter line was ended on purpose: a heading, an item of a list
_HEAD = 4096
_PAGE = re.compile(r"<!doctype\s+html|<(?:html|head|body)[\s>]", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>")

_BLOCKS = frozenset(
    [
        "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "div", "dl",
        "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
        "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "td", "th", "tr", "ul",
    ]
)  # fmt: skip
_SKIPPED = frozenset(
    [
        "audio", "button", "canvas", "embed", "form", "head", "iframe", "math", "noscript", "object", "option",
        "picture", "script", "select", "style", "svg", "template", "textarea", "title", "video",
    ]
)  # fmt: skip
# Lines that publishing systems append to every item.
_APPENDED = re.compile(
    r"the post .{1,300} (?:appeared first on|first appeared on) .{1,100}"
    r"|(?:continue reading|read more|read the full (?:story|article)|read full (?:story|article)|click here to read)"
    r"\W*(?:(?:at|on|about|here|in) .{0,60})?\W*|\[?(?:…|\.\.\.)\]?|(?:submitted by|comments?|source|share)\W*",
    re.IGNORECASE,
)
# Pointers to other articles, whose headlines would be taken for this one's news, and invitations.
_POINTER = re.compile(
    r"(?:read (?:more|next|also|on|now)|also read|more|related(?: (?:articles?|stories|news|coverage))?|see also"
    r"|recommended|watch(?: now| live)?|listen(?: now)?|in pictures|explained|opinion|don[’']t miss"
    r"|editor[’']s picks?)\s?[:|►»]\s?.{1,250}"
    r"|(?:sign up (?:for|to)|subscribe to) .{0,80}\b(?:newsletters?|alerts?|emails?)\b.{0,120}"
    r"|join our commenting forum|join thought-provoking conversations, .{1,120}|follow us on .{1,120}"
    r"|click here (?:to|for) .{1,100}|(?:copyright\W+|©\s?)(?:19|20)\d\d\b.{0,100}|.{0,80}\ball rights reserved\W*"
    r"|(?:read more|related(?: (?:articles?|stories))?|recommended|more (?:on this(?: story)?|stories)|advertisement"
    r"|comments|share this(?: article)?|story continues below(?: advertisement)?|newsletter|_{2,})\W*",
    re.IGNORECASE,
)
_SENTENCE_ENDS = re.compile(r"[.!?…:;。！？؟۔][\"'”’»)\]]*$")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u2060\ufeff\xad\u200e\u200f\u202a\u202b\u202c\u202d\u202e"))


def plain_text(markup: str) -> str:
    """The markup's visible text in NFC, one paragraph a line, "" when there is none. Never raises.

    Text without tags keeps its paragraphs; lines wrapped inside a sentence are joined.
    """
    markup = markup[:_MOST]
    if not _TAG.search(markup) and _ESCAPED_TAG.search(markup):
        markup = unescaped(markup)  # escaped once more than the format asks
    lines = _lines_of_html(markup) if _TAG.search(markup) else _lines_of_text(unescaped(markup))
    return join_paragraphs(line for line in lines if not _APPENDED.fullmatch(line) and not is_pointer(line))


def is_whole_page(markup: str) -> bool:
    """Whether the markup is a page with its navigation, not only an article's own text."""
    return _PAGE.search(markup[:_HEAD]) is not None


def is_pointer(line: str) -> bool:
    """Whether a paragraph only leads elsewhere ("Read more: …", "Sign up for our newsletter")."""
    return _POINTER.fullmatch(line) is not None


def one_paragraph(text: str) -> str:
    """The text in NFC on one line, without invisible and control characters."""
    text = nfc(clean_text(text))
    return " ".join(text.translate(_INVISIBLE).split())


def join_paragraphs(lines: Iterable[str]) -> str:
    """One paragraph a line, none empty, none twice in a row."""
    kept: list[str] = []
    for line in lines:
        if line and (not kept or kept[-1] != line):
            kept.append(line)
    return "\n".join(kept)


def _lines_of_html(markup: str) -> list[str]:
    if _MONSTER_TAG.search(markup):
        markup = _WITH_ATTRIBUTES.sub(r"<\1>", markup)
    tree = parse_html_text(f"<html><body>{markup}</body></html>")
    lines = [one_paragraph(line) for line in _blocks(tree)] if tree is not None else []
    if any(lines):
        return lines
    # libxml2 gives up on elements nested by the hundreds.
    return [one_paragraph(unescaped(_ANY_TAG.sub(" ", markup)))] if len(markup) > _WORTH_A_SECOND_LOOK else []


def _blocks(tree: etree._Element) -> list[str]:
    """The text between block borders, in document order."""
    lines = [""]
    skipped: etree._Element | None = None
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = element.tag
        if event == "start" and skipped is None:
            if tag in _SKIPPED:
                skipped = element
                continue
            if tag in _BLOCKS:
                lines.append("")
            lines[-1] += element.text or ""
        elif event == "end" and (skipped is None or skipped is element):
            skipped = None
            if tag in _BLOCKS:
                lines.append("")
            lines[-1] += element.tail or ""
    return lines


def _lines_of_text(text: str) -> list[str]:
    lines: list[str] = []
    goes_on = False
    for raw in text.splitlines():
        line = one_paragraph(raw)
        if goes_on and line:
            lines[-1] += f" {line}"
        elif line:
            lines.append(line)
        goes_on = bool(line) and len(line) >= _WRAPPED_AT and not _SENTENCE_ENDS.search(line)
    return lines
