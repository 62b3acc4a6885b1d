"""What reading a feed costs: feedparser's own time beside ours, from bytes to entries, in the same run."""

from __future__ import annotations

import importlib.util
import io
import statistics
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import feedparser

from monitor.core.parse.charset import decode_body
from monitor.core.parse.feed import parse_feed
from monitor.core.parse.formats import Format, tell_format
from monitor.core.parse.strictxml import NotSureError
from monitor.core.parse.xmlfeed import read_mended, read_strictly
from monitor.errors import ParseError

_CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "feeds" / "real"
_SAMPLES = Path(__file__).parents[1] / "samples" / "feeds"
_URL = "https://feeds.example/world/rss"
_ROUNDS = 3


def main() -> None:
    """Print CPU time a feed (best of three rounds), entries found, and how many feeds take the fast way."""
    folder = _CORPUS if _CORPUS.is_dir() else _SAMPLES
    bodies = [body for path in sorted(folder.iterdir()) if _is_xml_feed(body := path.read_bytes())]
    size_bytes = sum(map(len, bodies))
    print(f"feeds: CPU ms a feed over {len(bodies)} of {folder.parent.name}/{folder.name}, {size_bytes / 1e6:.1f} MB")
    print(f"  {'':<32}{'median':>8}{'p95':>8}{'total':>9}{'ratio':>7}{'entries':>9}{'failed':>8}")
    whole_s = None
    for name, read in _readers().items():
        costs_s, counts = zip(*(_measured(read, body) for body in bodies), strict=True)
        whole_s = whole_s or sum(costs_s)
        found = sum(count for count in counts if count is not None)
        print(
            f"  {name:<32}{1000 * statistics.median(costs_s):>8.2f}{1000 * _p95(costs_s):>8.2f}"
            f"{1000 * sum(costs_s):>9.1f}{whole_s / sum(costs_s):>7.1f}{found:>9}{counts.count(None):>8}"
        )
    ways = Counter(_way(body) for body in bodies)
    print("  ways: " + ", ".join(f"{way} {count}" for way, count in ways.most_common()))


def _readers() -> dict[str, Callable[[bytes], int]]:
    readers: dict[str, Callable[[bytes], int]] = {
        "feedparser, its defaults": lambda body: len(feedparser.parse(io.BytesIO(body)).entries),
        "feedparser, nothing sanitized": lambda body: len(
            feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False).entries
        ),
    }
    if importlib.util.find_spec("fastfeedparser"):
        readers["fastfeedparser"] = _read_all_fields(importlib.import_module("fastfeedparser").parse)
    readers["ours, bytes to entries"] = lambda body: len(parse_feed(body, url=_URL, content_type=None).entries)
    return readers


def _read_all_fields(parse: Callable[[bytes], Any]) -> Callable[[bytes], int]:
    """For a parser that makes out an entry's fields only when they are asked for."""
    keys = ("id", "link", "title", "description", "content", "author", "published", "updated")

    def read(body: bytes) -> int:
        entries = parse(body).entries
        return len([[entry.get(key) for key in keys] for entry in entries])

    return read


def _measured(read: Callable[[bytes], int], body: bytes) -> tuple[float, int | None]:
    """CPU seconds, and entries found; None where the reader gave up."""
    best_s, count = float("inf"), None
    for _ in range(_ROUNDS):
        began = time.process_time()
        try:
            count = read(body)
        except Exception:
            count = None
        best_s = min(best_s, time.process_time() - began)
    return best_s, count


def _is_xml_feed(body: bytes) -> bool:
    return tell_format(decode_body(body, content_type=None).text).format is Format.XML_FEED


def _way(body: bytes) -> str:
    text = decode_body(body, content_type=None).text
    document = text[tell_format(text).start :]
    reason = ""
    for way, read in (("fast", read_strictly), ("fast after mending", read_mended)):
        try:
            read(document)
            return way
        except NotSureError as unsure:
            reason = reason or str(unsure.reason)
        except ParseError as error:
            return f"refused ({error.reason})"
    return f"feedparser ({reason})"


def _p95(costs_s: tuple[float, ...]) -> float:
    return sorted(costs_s)[min(len(costs_s) - 1, int(0.95 * len(costs_s)))]
