"""Draws the items that a reader judges: alerts, and items with a trigger word that brought none.

    python docs/evaluation/sample.py STREAM.jsonl.gz --leave-out DEV.jsonl --seed 20261130 --count 100 --folder OUT

STREAM lines have id, title, text, seen_at. OUT gets alerts.jsonl and silent.jsonl (with the texts, for the
reader's eyes; what is committed are ids, verdicts and error classes). Also printed: alerts a day.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from monitor.core.detect.detector import RuleDetector
from monitor.core.model.report import Article
from monitor.core.text.normalise import nfc
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset

# The words a keyword alert would be built from; chosen before looking at what the rules do with them.
TRIGGER = re.compile(
    r"\b(cease-?fires?|truces?|armistice|hostilities|peace (deal|plan|talks|accord|agreement)|hostage deal|"
    r"visit(s|ed|ing)?|trip|arriv(e|es|ed|ing)|lands?|landed|tour|summit|delegation|envoys?|"
    r"meets?|met with|hosts?|hosted|welcomes|talks)\b",
    re.IGNORECASE,
)


def rows(stream: Path, left_out: set[str]) -> Iterator[dict[str, Any]]:
    """The stream's items, each title once, in order."""
    seen: set[str] = set()
    with gzip.open(stream, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            title = row["title"].strip().casefold()
            if row["id"] not in left_out and title not in left_out and title not in seen:
                seen.add(title)
                yield row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stream", type=Path)
    parser.add_argument("--leave-out", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    known = [json.loads(line) for line in given.leave_out.read_text(encoding="utf-8").splitlines() if line.strip()]
    left_out = {row["id"] for row in known} | {row["title"].strip().casefold() for row in known}
    detector = RuleDetector(load_ruleset([shipped_config_dir()]))
    alerts, silent, days = [], [], Counter[str]()
    total = 0
    for row in rows(given.stream, left_out):
        total += 1
        article = Article(title=nfc(row["title"]), text=nfc(row.get("text") or ""))
        told = [(r.type, r.phase) for r in detector.detect(article) if r.alert]
        item = {"id": row["id"], "title": row["title"], "text": (row.get("text") or "")[:500]}
        if told:
            alerts.append({**item, "told": told})
            days[row["seen_at"][:10]] += 1
        elif TRIGGER.search(f"{row['title']} {item['text']}"):
            silent.append(item)
    draw = random.Random(given.seed)  # noqa: S311  # repeatable on purpose
    given.folder.mkdir(parents=True, exist_ok=True)
    for name, pool in (("alerts", alerts), ("silent", silent)):
        chosen = draw.sample(pool, min(given.count, len(pool)))
        text = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in chosen)
        (given.folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    print(f"{total} items, {len(alerts)} with alerts, {len(silent)} silent with a trigger word; seed {given.seed}")
    print(f"{len(alerts) / max(1, len(days)):.1f} alerting items a day over {len(days)} days, before grouping")


if __name__ == "__main__":
    main()
