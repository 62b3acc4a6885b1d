"""How well the article links of the sample index pages are told, page by page, and what that costs."""

from __future__ import annotations

import time

from monitor.core.parse.html_index import parse_index
from monitor.core.parse.markup import parse_html
from tests.index_pages import (
    LAYOUTS,
    SEEN_FIFTH,
    SEEN_FOURTH,
    SEEN_SECOND,
    SEEN_THIRD,
    WORKED_ON,
    body_of,
    judge,
    url_of,
)

_ROUNDS = 20


def main() -> None:
    """Print precision, recall and pattern a page, the sums a set, and the cost beside that of lxml's own parse."""
    sets = (("worked on", WORKED_ON), ("second", SEEN_SECOND), ("third", SEEN_THIRD), ("fourth", SEEN_FOURTH))
    for title, names in (*sets, ("fifth", SEEN_FIFTH)):
        pages = [judge(name) for name in names]
        print(f"{title}:")
        for page in pages:
            print(f"  {page.name:22} precision {page.precision:.2f}  recall {page.recall:.2f}  {page.pattern}")
        hits, strays = sum(page.hits for page in pages), sum(len(page.strays) for page in pages)
        print(f"  all: precision {hits / (hits + strays):.3f}, recall {hits / sum(len(p.wanted) for p in pages):.3f}")
    bodies = [(body_of(name), url_of(name)) for name in LAYOUTS]
    started_s = time.process_time()
    for _ in range(_ROUNDS):
        for body, _ in bodies:
            parse_html(body, content_type=None)
    parsing_s = time.process_time() - started_s
    started_s = time.process_time()
    for _ in range(_ROUNDS):
        for body, url in bodies:
            parse_index(body, url=url, content_type=None, selector=None)
    whole_s = time.process_time() - started_s
    each_ms = 1000 * whole_s / _ROUNDS / len(bodies)
    print(f"cost: {each_ms:.2f} ms a page, {whole_s / parsing_s:.1f} x the parsing of its HTML")
