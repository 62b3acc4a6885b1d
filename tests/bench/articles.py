"""How much of an article's text is found, beside trafilatura's own extraction, and what it costs.

Token F1 as the fundus benchmark of news extractors has it: both texts become multisets of their
lower-case word tokens (`\\w+`); precision is the share of found tokens that are wanted, recall the
share of wanted tokens that are found, F1 their harmonic mean. The order of tokens does not count.

Pages are a folder of HTML files with gold.jsonl beside them ("file", "url", "title", "text",
"published"): one named on the command line, the corpus where it is at hand, else our own samples.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trafilatura import bare_extraction

from monitor.core.extract.article import extract_article
from monitor.core.model.document import ExtractedArticle

ROUNDS = 5
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "pages"
SAMPLES = Path(__file__).parents[1] / "samples" / "pages"
SETTINGS: dict[str, dict[str, Any]] = {
    "standard": {"with_metadata": True},
    "standard, no metadata": {"with_metadata": False},
    "favor_precision": {"with_metadata": True, "favor_precision": True},
    "favor_precision, no metadata": {"with_metadata": False, "favor_precision": True},
    "favor_recall, no metadata": {"with_metadata": False, "favor_recall": True},
    "fast, no metadata": {"with_metadata": False, "fast": True},
}
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True)
class GoldPage:
    """A page with what a reader takes its article to be; `published` begins with the day."""

    file: str
    body: bytes
    url: str
    title: str
    text: str
    published: str


@dataclass(frozen=True, kw_only=True)
class Score:
    page: GoldPage
    ours: float
    theirs: float
    title_is_right: bool
    date_is_right: bool
    article: ExtractedArticle


def token_f1(found: str, wanted: str) -> float:
    """0 to 1; see the module."""
    a, b = (Counter(_WORD.findall(text.lower())) for text in (found, wanted))
    return 2 * (a & b).total() / max(1, a.total() + b.total())


def gold_pages(folder: Path | None = None) -> list[GoldPage]:
    """The folder's pages; without one the corpus, or our samples where that is absent."""
    folder = folder or (CORPUS if CORPUS.is_dir() else SAMPLES)
    lines = (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    keys = ("file", "url", "title", "text", "published")
    return [GoldPage(body=(folder / row["file"]).read_bytes(), **{key: row[key] for key in keys}) for row in rows]


def ours(page: GoldPage) -> ExtractedArticle:
    return extract_article(page.body, url=page.url, content_type="text/html")


def theirs(page: GoldPage, **settings: Any) -> str:
    """The text by trafilatura alone, from bytes, as the comparison asks for."""
    settings = settings or SETTINGS["standard"]
    found = bare_extraction(page.body, url=page.url, include_comments=False, **settings)
    return (getattr(found, "text", "") or "") if found is not None else ""


def score(page: GoldPage) -> Score:
    article = ours(page)
    return Score(
        page=page,
        ours=token_f1(article.text, page.text),
        theirs=token_f1(theirs(page), page.text),
        title_is_right=token_f1(article.title, page.title) >= 0.6,  # headlines are edited
        date_is_right=str(article.published_on) == page.published[:10],
        article=article,
    )


def cpu_s(work: Callable[[GoldPage], object], page: GoldPage) -> float:
    began = time.process_time()
    work(page)
    return time.process_time() - began


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def main() -> None:
    """Print page by page our F1 beside trafilatura's, then dates, titles, time, and its settings compared."""
    pages = gold_pages()
    scores = [score(page) for page in pages]
    print("articles: token F1, ours beside trafilatura's (standard, with metadata)")
    for each in scores:
        flags = f"title {'ok' if each.title_is_right else 'WRONG'}, date {'ok' if each.date_is_right else 'WRONG'}"
        print(f"  {each.page.file[:40]:<40} {each.ours:.3f}  {each.theirs:.3f}  {flags}")
    print(f"  {'mean':<40} {mean([s.ours for s in scores]):.3f}  {mean([s.theirs for s in scores]):.3f}")
    print(f"  {'worst':<40} {min(s.ours for s in scores):.3f}  {min(s.theirs for s in scores):.3f}")
    dates = sum(s.date_is_right for s in scores)
    titles = sum(s.title_is_right for s in scores)
    print(f"  dates right on {dates} of {len(scores)}, titles on {titles}")
    # In turns, so that a busy machine slows both alike.
    rounds = [(sum(cpu_s(ours, p) for p in pages), sum(cpu_s(theirs, p) for p in pages)) for _ in range(ROUNDS)]
    mine, other = (min(spent) / len(pages) * 1000 for spent in zip(*rounds, strict=True))
    print(f"  CPU a page, bytes to article: {mine:.1f} ms, trafilatura {other:.1f} ms, ratio {mine / other:.2f}")
    print("trafilatura alone by settings: mean F1, worst page, CPU a page")
    for name, settings in SETTINGS.items():
        found = [token_f1(theirs(page, **settings), page.text) for page in pages]
        spent = min(sum(cpu_s(lambda p, s=settings: theirs(p, **s), page) for page in pages) for _ in range(3))
        print(f"  {name:<30} {mean(found):.3f}  {min(found):.3f}  {spent / len(pages) * 1000:.1f} ms")
