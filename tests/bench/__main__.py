"""Runs the benches named on the command line, or all."""

from __future__ import annotations

import sys
from importlib import import_module

BENCHES = ("article_links", "articles", "detect", "feeds", "grouping", "hostile", "load", "load_days", "schedule")
"""Modules of this folder; each is imported only when it runs, and its `main()` prints."""


def run(names: list[str]) -> int:
    """Exit code 2 when a bench is not known."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no bench is called {', '.join(unknown)}: there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    for name in names or BENCHES:
        import_module(f"tests.bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
