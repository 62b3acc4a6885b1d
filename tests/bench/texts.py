"""Texts to measure on: made of our own sentences, and real ones when a shared corpus lies beside the checkout."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import yaml

from monitor.core.model.report import Article
from monitor.core.text.normalise import nfc

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
ARTICLE_LENGTH = 5_000  # code points
_SEED = 20241029
_EVERYDAY = (
    "The harbour of {city} reopened on {day} after repairs that took most of the winter. ",
    "Officials in {city} said the budget would be presented to parliament before {day}. ",
    "Farmers around {city} have complained for years that the river runs dry by midsummer. ",
    "“We have waited long enough,” said a teacher in {city}, who asked not to be named. ",
    "Shares in {city} closed little changed on {day}, with banks and shippers a touch lower. ",
    "The opposition accused the cabinet of hiding figures on housing, schools and hospitals. ",
    "About 1,250 households were without power on {day}, the grid operator in {city} said. ",
)
_CITIES = "Lisbon Oslo Lagos Lima Nairobi Jakarta Quito Warsaw Tunis Manila".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def golden_headlines() -> list[str]:
    """The headlines of the quality floor."""
    found: list[str] = []
    for path in sorted((ROOT / "tests" / "golden" / "detect").glob("*.yaml")):
        for items in yaml.safe_load(path.read_text(encoding="utf-8"))["cases"].values():
            found += [item["text"] if isinstance(item, dict) else item for item in items]
    return found


def own_headlines(count: int) -> list[Article]:
    """Headlines with a sentence of text, one in ten of them about truces and visits, as in a stream of news."""
    chance = random.Random(_SEED)
    golden = golden_headlines()
    made: list[Article] = []
    for _ in range(count):
        title = chance.choice(golden) if chance.random() < 0.1 else _everyday(chance).rstrip(". ")
        made.append(Article(title=nfc(title), text=_everyday(chance).strip()))
    return made


def own_articles(count: int) -> list[Article]:
    """Articles of 5,000 code points: a golden headline, and text of which every tenth sentence is one."""
    chance = random.Random(_SEED)
    golden = golden_headlines()
    made: list[Article] = []
    for _ in range(count):
        text = ""
        while len(text) < ARTICLE_LENGTH:
            text += f"{chance.choice(golden)}. " if chance.random() < 0.1 else _everyday(chance)
        made.append(Article(title=nfc(chance.choice(golden)), text=nfc(text)[:ARTICLE_LENGTH]))
    return made


def _everyday(chance: random.Random) -> str:
    return chance.choice(_EVERYDAY).format(city=chance.choice(_CITIES), day=chance.choice(_DAYS))


def real_headlines(count: int) -> list[Article]:
    """The first items of the shared stream; none where it is not there."""
    path = CORPUS / "stream" / "headlines_2025-05_2026-02.jsonl.gz"
    if not path.is_file():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = (json.loads(line) for line in islice(lines, count))
        return [Article(title=nfc(r["title"]), text=nfc(r["text"])) for r in records]


def real_articles() -> list[Article]:
    """The shared pages' texts, each repeated or cut to 5,000 code points; none where they are not there."""
    path = CORPUS / "pages" / "gold.jsonl"
    return list(_cut(path)) if path.is_file() else []


def _cut(path: Path) -> Iterator[Article]:
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        text = nfc(next((v for k, v in record.items() if k in ("text", "body", "articleBody") and v), ""))
        if text:
            repeated = (text + "\n") * (ARTICLE_LENGTH // (len(text) + 1) + 1)
            yield Article(
                title=nfc(str(record.get("title") or record.get("headline") or "")), text=repeated[:ARTICLE_LENGTH]
            )
