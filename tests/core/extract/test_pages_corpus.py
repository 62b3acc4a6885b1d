"""Real pages, where they are at hand: how much of each article's text is found."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from monitor.core.extract.article import extract_article

_PAGES = Path(__file__).parents[4] / "shared" / "corpus" / "pages"
pytestmark = pytest.mark.skipif(not _PAGES.is_dir(), reason="the corpus of real pages is not here")

_WORD = re.compile(r"\w+")


def token_f1(found, wanted):
    found, wanted = (Counter(_WORD.findall(text.lower())) for text in (found, wanted))
    common = (found & wanted).total()
    return 2 * common / (found.total() + wanted.total())


def test_articles_are_found_nearly_whole_and_dated():
    gold = [json.loads(line) for line in (_PAGES / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    scores, dated = [], 0
    for page in gold:
        body = (_PAGES / page["file"]).read_bytes()
        article = extract_article(body, url="https://news.example/2024/story", content_type="text/html")
        scores.append(token_f1(article.text, page["text"]))
        dated += str(article.published_on) == page["published"][:10]
        assert article.language == "en"
        assert (article.paywalled, article.consent, article.bot_wall) == (False, False, False), page["file"]
    assert sum(scores) / len(scores) >= 0.96
    assert min(scores) >= 0.84
    assert dated == len(gold)
