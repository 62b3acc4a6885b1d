"""Items as JSON lines, plain or gzipped, read one at a time."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from monitor.cli.exits import CommandFailed
from monitor.core.model.report import Article
from monitor.core.text.normalise import nfc


@contextmanager
def opened_lines(path: Path) -> Iterator[Iterator[str]]:
    """The file's lines; gzip is recognised by its content, - is standard input.

    Raises:
        CommandFailed: the file cannot be read, or is broken half-way.
    """
    try:
        if str(path) == "-":
            yield iter(sys.stdin)
            return
        with path.open("rb") as raw:
            packed = raw.peek(2)[:2] == b"\x1f\x8b"
            source = gzip.GzipFile(fileobj=raw) if packed else raw
            yield iter(io.TextIOWrapper(source, encoding="utf-8-sig", errors="replace"))
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandFailed(f"{path}: cannot be read: {reason.lower()}") from error


def article_of(record: Mapping[str, object]) -> Article:
    """The article of an item: title, text, source, and the day of `date` or else `seen_at`."""
    moment = moment_of(record)
    return Article(
        title=nfc(_text(record, "title")),
        text=nfc(_text(record, "text")),
        published_on=_day(record, moment),
        source=_text(record, "source"),
    )


def moment_of(record: Mapping[str, object]) -> datetime | None:
    """When the item appeared: `seen_at`, else `date`; a moment without a zone is taken as UTC."""
    for key in ("seen_at", "date"):
        try:
            moment = datetime.fromisoformat(_text(record, key))
        except ValueError:
            continue
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _day(record: Mapping[str, object], moment: datetime | None) -> date | None:
    try:
        return date.fromisoformat(_text(record, "date")[:10])
    except ValueError:
        return moment.date() if moment else None


def _text(record: Mapping[str, object], key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else ""
