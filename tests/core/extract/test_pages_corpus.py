"""Real pages where they are at hand, else our own: how much of each article's text is found."""

from __future__ import annotations

import pytest

from tests.bench.articles import CORPUS, SAMPLES, gold_pages, mean, score

_FOLDERS = [
    pytest.param(SAMPLES, id="samples"),
    pytest.param(CORPUS, id="corpus", marks=pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus of real pages")),
]


@pytest.mark.parametrize("folder", _FOLDERS)
def test_articles_are_found_nearly_whole_and_dated(folder):
    """Never worse on the whole than the extractor alone, no page far off, and no article taken for a wall."""
    scores = [score(page) for page in gold_pages(folder)]
    assert mean([s.ours for s in scores]) >= max(0.97, mean([s.theirs for s in scores]))
    assert {s.page.file: s.ours for s in scores if s.ours < 0.85} == {}
    assert [s.page.file for s in scores if not (s.date_is_right and s.title_is_right)] == []
    assert {s.article.wall for s in scores} == {None}
    assert {s.article.language for s in scores} == {"en"}
