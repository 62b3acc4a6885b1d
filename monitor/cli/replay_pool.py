"""Rules run over many articles in processes of their own; each loads the rules once."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from monitor.core.detect.detector import RuleDetector
from monitor.core.model.report import Article, Report
from monitor.settings.rules import load_ruleset

CHUNK = 100  # articles sent at once: a tenth of a second's work, some 100 kB
_AHEAD = 3  # chunks waiting for each process, so that none is idle and memory stays bounded


@dataclass(frozen=True, kw_only=True)
class Item:
    """One article to run over. `before` has the stored reports, None when the rules in force shall say them."""

    id: str
    url: str
    article: Article
    at: datetime | None
    before: tuple[Report, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What both sides say of one item; of the evidence only the proving sentence comes along."""

    id: str
    url: str
    title: str
    source: str
    tier: str
    at: datetime | None
    before: tuple[Report, ...]
    after: tuple[Report, ...]


def run_over(items: Iterable[Item], *, in_force: Sequence[Path], tried: Sequence[Path], jobs: int) -> Iterator[Outcome]:
    """Each item's outcome, in order, from `jobs` processes; at most some hundred items are in memory at once.

    `in_force` and `tried` are the rule folders of both sides; when they are the same, or the items
    bring their stored reports, one run serves.
    """
    sides = (tuple(map(str, in_force)), tuple(map(str, tried)))
    # A fresh interpreter: a forked one would share the parent's threads' locks and database handles.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_load, initargs=sides) as pool:
        waiting: deque[Future[list[Outcome]]] = deque()
        rest = iter(items)
        try:
            while chunk := list(islice(rest, CHUNK)):
                waiting.append(pool.submit(_run, chunk))
                if len(waiting) >= jobs * _AHEAD:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@dataclass
class _Loaded:
    """The rules of this process, set once when it starts."""

    in_force: RuleDetector | None = None
    tried: RuleDetector | None = None


_loaded = _Loaded()


def _load(in_force: tuple[str, ...], tried: tuple[str, ...]) -> None:
    _loaded.tried = RuleDetector(load_ruleset([Path(folder) for folder in tried]))
    _loaded.in_force = None if in_force == tried else RuleDetector(load_ruleset([Path(f) for f in in_force]))


def _run(items: list[Item]) -> list[Outcome]:
    if _loaded.tried is None:
        raise RuntimeError("the rules were not loaded")
    return [outcome_of(item, tried=_loaded.tried, in_force=_loaded.in_force) for item in items]


def outcome_of(item: Item, *, tried: RuleDetector, in_force: RuleDetector | None) -> Outcome:
    """What the rules tried, and the stored reports or the rules in force, say of one item."""
    after = tried.detect(item.article)
    before = item.before
    if before is None:
        before = in_force.detect(item.article) if in_force else after
    return Outcome(
        id=item.id,
        url=item.url,
        title=item.article.title or item.article.text[:200],
        source=item.article.source,
        tier=item.article.tier,
        at=item.at,
        before=tuple(map(_light, before)),
        after=tuple(map(_light, after)),
    )


def _light(report: Report) -> Report:
    return replace(report, evidence=tuple(e for e in report.evidence if e.role == "sentence"))
