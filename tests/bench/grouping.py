"""What grouping costs an item, and how that grows with what is live; how well it does on annotated lines.

    python -m tests.bench.grouping [--gold FILE]

Lines are made up: conflicts, each with two sides and a place, pass through their phases in varied
words, all within three days, so that everything stays live. The cost stands beside that of
detecting the same headline in the same run, since machines differ.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.cli.group import LineGrouping
from monitor.core.detect.detector import RuleDetector
from monitor.core.group.book import StoryBook
from monitor.core.group.estimate import ToldEstimate
from monitor.core.group.terms import Vocabulary, title_terms
from monitor.core.model.report import Article, Evidence, Modality, Report, RoleName, Roles
from monitor.core.model.span import Field, Span
from monitor.core.model.story import FiledReport
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset

SIZES = (1_000, 4_000, 16_000, 50_000)
SAMPLE = 400  # items timed at each size
CONFLICTS = 500
START = datetime(2026, 3, 2, tzinfo=UTC)
_PHASES = ("called_for", "talks", "proposed", "near", "agreed", "in_effect", "violated")
_WORDS = (
    "truce deal talks mediators envoy border town shelling convoy crossing aid prisoners exchange delegation capital "
    "ministry army rebels commander village hospital harbour bridge pledge statement overnight dawn hours draft "
    "clause guarantee monitors withdrawal corridor families relief doubts hopes pressure allies summit hotel airport"
).split()


def made_up_items(count: int, *, seed: int) -> list[FiledReport]:
    """Reports of CONFLICTS conflicts, in order of time, within three days."""
    choice = random.Random(seed)
    step = timedelta(days=3) / count
    return [_item(number, choice, START + number * step) for number in range(count)]


def _item(number: int, choice: random.Random, at: datetime) -> FiledReport:
    conflict = choice.randrange(CONFLICTS)
    phase = choice.choice(_PHASES)
    sides = (f"Northland{conflict}", f"Southland{conflict}")
    title = f"{sides[0]} and {sides[1]}: {' '.join(choice.sample(_WORDS, 7))}"
    names = tuple(
        RoleName(role=role, name=name, surface=name, entity_id=f"country:{name}", home=name)
        for role, name in (("party", sides[0]), ("party", sides[1]), ("place", f"Valley{conflict}"))
    )
    proof = Evidence(
        rule="r", at="r:1", role="sentence", field=Field.TITLE, span=Span(start=0, end=len(title)), quote=title
    )
    return FiledReport(
        id=number + 1, document_id=number + 1, feed_id=1, source=f"Outlet {choice.randrange(300)}", tier="2",
        title=title, url="", canonical_url=str(number), published_at=at, dated=True, seen_at=at, backlog=False,
        text_digest="",
        report=Report(
            type="ceasefire", phase=phase, modality=Modality.ASSERTED, score=0.9, alert=True,
            roles=Roles(names=names), evidence=(proof,),
        ),
    )  # fmt: skip


def growth() -> list[tuple[int, int, float, float]]:
    """(items filed, live developments, median ms an item, p99 ms) at each of SIZES."""
    estimate = ToldEstimate(load_ruleset([shipped_config_dir()]).events)
    book: StoryBook = estimate.book("ceasefire")
    costs: list[float] = []
    rows: list[tuple[int, int, float, float]] = []
    for number, item in enumerate(made_up_items(max(SIZES), seed=7), start=1):
        started = time.perf_counter()
        estimate.file(item)
        costs.append((time.perf_counter() - started) * 1_000)
        if number in SIZES:
            last = sorted(costs[-SAMPLE:])
            rows.append((number, len(book), statistics.median(last), last[int(0.99 * len(last))]))
    return rows


def detection_ms(detector: RuleDetector, items: Sequence[FiledReport]) -> float:
    """Median milliseconds to detect one of these headlines."""
    costs = []
    for item in items:
        started = time.perf_counter()
        detector.detect(Article(title=item.title, text="", published_on=item.published_at.date()))
        costs.append((time.perf_counter() - started) * 1_000)
    return statistics.median(costs)


def bcubed(gold: Sequence[str], predicted: Sequence[str]) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    joint, p, g = Counter(zip(predicted, gold, strict=True)), Counter(predicted), Counter(gold)
    precision = sum(c * c / p[a] for (a, _), c in joint.items()) / len(gold)
    recall = sum(c * c / g[b] for (_, b), c in joint.items()) / len(gold)
    return precision, recall, 2 * precision * recall / (precision + recall)


def tfidf_and_time(rows: Sequence[dict[str, str]], threshold: float, days: float) -> list[str]:
    """The usual baseline: a headline joins the likest one of the last days, or begins a cluster."""
    vocabulary, known, answers = Vocabulary(), list[tuple[frozenset[str], datetime, str]](), list[str]()
    for row in rows:
        terms, at = title_terms(row["title"]), datetime.fromisoformat(row["published"])
        vocabulary.count_in(terms)
        best: tuple[float, str] = (0.0, "")
        for other, other_at, cluster in known:
            if abs((at - other_at).total_seconds()) <= days * 86_400:
                best = max(best, (_cosine(terms, other, vocabulary), cluster))
        cluster = best[1] if best[0] >= threshold else row["id"]
        known.append((terms, at, cluster))
        answers.append(cluster)
    return answers


def _cosine(ones: frozenset[str], others: frozenset[str], vocabulary: Vocabulary) -> float:
    shared = sum(map(vocabulary.squared, ones & others))
    return shared / (vocabulary.length(ones) * vocabulary.length(others)) if shared else 0.0


def quality(gold: Path) -> None:
    """Prints BCubed F1 on the counted rows: ours, and TF-IDF with time at its best threshold."""
    rows = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    ruleset = load_ruleset([shipped_config_dir()])
    grouping = LineGrouping(RuleDetector(ruleset), ToldEstimate(ruleset.events))
    ours = [grouping.answer(row, datetime.fromisoformat(row["published"]).replace(tzinfo=UTC)) for row in rows]
    kept = [n for n, row in enumerate(rows) if row["type"] in ("ceasefire", "visit", "resolution")]
    truth = [rows[n]["development"] for n in kept]
    answered = bcubed(truth, [str(ours[n]["development"] or f"alone {n}") for n in kept])
    print(f"ours             {_shown(answered)}")
    only = [rows[n] for n in kept]
    tried = [
        (bcubed(truth, tfidf_and_time(only, t / 100, days)), t / 100, days)
        for t in range(10, 80, 5)
        for days in (1, 2, 3)
    ]
    best = max(tried, key=lambda each: each[0][2])
    print(f"TF-IDF and time  {_shown(best[0])}  (its best: cosine {best[1]}, {best[2]} days)")


def _shown(scores: tuple[float, float, float]) -> str:
    return "P {:.3f}  R {:.3f}  F1 {:.3f}".format(*scores)


def main(arguments: Sequence[str] = ()) -> None:
    """The bench's command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, help="annotated lines, with development and type")
    options = parser.parse_args(arguments)
    if options.gold:
        quality(options.gold)
        return
    detector = RuleDetector(load_ruleset([shipped_config_dir()]))
    sample = made_up_items(SAMPLE, seed=8)
    detection_ms(detector, sample[:50])
    one = detection_ms(detector, sample)
    print(f"detecting one headline: {one:.2f} ms")
    print("items filed  developments live  median ms  p99 ms  x detecting")
    for count, live, median, p99 in growth():
        print(f"{count:>11,}  {live:>17,}  {median:>9.2f}  {p99:>6.1f}  {median / one:>11.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
