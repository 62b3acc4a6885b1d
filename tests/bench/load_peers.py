"""What the libraries need for the same served feeds.

`python -m tests.bench.load_peers httpx|threads|reader PACE_S < FILE`
The file is one JSON list of [url, etag]; PACE_S seconds lie between two requests of httpx.
Prints one JSON object of CPU seconds for all of them.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

WARM_UP = 0.05  # of the feeds
THREADS = 32  # poll.concurrency


def ask_with_httpx(feeds: list[list[str]], pace_s: float) -> dict[str, float]:
    """Plain conditional GETs, one after the other; each host is another, so each connection is new, as the daemon's.

    A process that wakes up for each request pays more for it than one that never sleeps.
    """
    import httpx  # noqa: PLC0415  # this file also runs where httpx is not installed

    first = round(len(feeds) * WARM_UP)
    with httpx.Client() as client:
        for url, etag in feeds[:first]:
            client.get(url, headers={"If-None-Match": etag})
        began = time.process_time()
        statuses = []
        for url, etag in feeds[first:]:
            statuses.append(client.get(url, headers={"If-None-Match": etag}).status_code)
            if pace_s:
                time.sleep(pace_s)
        spent = time.process_time() - began
    return {"cpu_s": spent, "asked": len(statuses), "unchanged": sum(status == 304 for status in statuses)}


def ask_in_threads(feeds: list[list[str]]) -> dict[str, float]:
    """The same GETs through one client in as many threads as the daemon polls with, which take turns."""
    import httpx  # noqa: PLC0415

    first = round(len(feeds) * WARM_UP)
    with httpx.Client() as client, ThreadPoolExecutor(THREADS) as pool:

        def ask(feed: list[str]) -> int:
            return client.get(feed[0], headers={"If-None-Match": feed[1]}).status_code

        list(pool.map(ask, feeds[:first]))
        began = time.process_time()
        statuses = list(pool.map(ask, feeds[first:]))
        spent = time.process_time() - began
    return {"cpu_s": spent, "asked": len(statuses), "unchanged": sum(status == 304 for status in statuses)}


def update_with_reader(feeds: list[list[str]]) -> dict[str, float]:
    """`Reader.update_feeds` when nothing has changed since its last."""
    from reader import __version__, make_reader  # noqa: PLC0415  # only where it is installed

    reader = make_reader(":memory:")
    for url, _ in feeds:
        reader.add_feed(url)
    reader.update_feeds()
    began, wall = time.process_time(), time.perf_counter()
    reader.update_feeds(scheduled=False)
    spent = time.process_time() - began
    failed = sum(feed.last_exception is not None for feed in reader.get_feeds())
    reader.close()
    return {
        "cpu_s": spent,
        "wall_s": time.perf_counter() - wall,
        "asked": len(feeds),
        "failed": failed,
        "version": float(".".join(__version__.split(".")[:2])),
    }


if __name__ == "__main__":
    given = json.load(sys.stdin)
    match sys.argv[1]:
        case "httpx":
            figures = ask_with_httpx(given, float(sys.argv[2]))
        case "threads":
            figures = ask_in_threads(given)
        case _:
            figures = update_with_reader(given)
    print(json.dumps(figures))
