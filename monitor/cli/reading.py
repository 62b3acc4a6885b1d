"""The article that an argument means: a text, a file, a page, or something stored."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import typer

from monitor.cli.context import CliContext
from monitor.cli.exits import CommandFailed
from monitor.core.model.history import DocumentTrail
from monitor.core.model.report import Article
from monitor.core.text.normalise import nfc

_URL_STARTS = ("http://", "https://")
_LONGEST_PATH = 1000  # a longer argument is a text, never the name of a file
_STORED = re.compile(r"(document|alert):(\d{1,18})")


def day(text: str | None) -> date | None:
    """The day of a --date option. Raises: typer.BadParameter."""
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date: write YYYY-MM-DD", param_hint="--date") from None


def read_article(context: CliContext, what: str, *, title: str | None, on: date | None) -> Article:
    """What `what` says: a page is fetched, a file read, - is standard input, everything else is the text itself.

    Without a title the first line is the title; `on` and `title` come before what a page states.

    Raises:
        CommandFailed: no such file, or the page is no article.
        FetchError: the page does not answer.
    """
    if what.startswith(_URL_STARTS):
        # Imported here: only a page needs HTTP and worker processes, which take a while to import.
        from monitor.cli.page import article_of_page  # noqa: PLC0415

        page = article_of_page(context, what)
        return replace(page, title=nfc(title or page.title), published_on=on or page.published_on)
    text = nfc(_text_of(what)).replace("\r\n", "\n")
    if title is None:
        first, _, rest = text.strip().partition("\n")
        return Article(title=first.strip(), text=rest.strip(), published_on=on)
    return Article(title=nfc(title), text=text, published_on=on)


def stored_trail(context: CliContext, what: str) -> DocumentTrail | None:
    """The stored document that "document:ID" or "alert:ID" means; None when `what` is neither.

    Raises:
        CommandFailed: there is no such document or alert.
        ConfigError, StoreError: the database cannot be used.
    """
    match = _STORED.fullmatch(what.strip())
    if match is None:
        return None
    kind, number = match[1], int(match[2])
    history = context.store.history
    if kind == "alert":
        view = history.alert(number)
        if view is None:
            raise CommandFailed(f"there is no alert {number}: `monitor alerts list` shows them")
        number = view.document_id
    trail = history.trail_of(number)
    if trail is None:
        raise CommandFailed(f"there is no document {number}")
    return trail


def article_of_trail(trail: DocumentTrail) -> Article:
    """The stored document as the detector reads it."""
    document = trail.document
    return Article(
        title=document.title,
        text=document.text,
        published_on=document.published_at.date() if document.dated else None,
        source=trail.feed.name,
        tier=trail.feed.tier.value,
    )


def _text_of(what: str) -> str:
    if what == "-":
        return sys.stdin.read()
    path = Path(what)
    if len(what) < _LONGEST_PATH and "\n" not in what and "\0" not in what and path.is_file():
        try:
            return path.read_text(encoding="utf-8-sig", errors="replace")
        except OSError as error:
            raise CommandFailed(f"{what}: cannot be read: {error}") from error
    if len(what.split()) == 1 and path.suffix in (".txt", ".md", ".html"):
        raise CommandFailed(f"{what}: no such file")
    return what
