"""The real third-party material beside the project, where it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
EVAL = CORPUS.parent / "eval"

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real feeds is not beside this checkout")
