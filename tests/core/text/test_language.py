"""Telling a text's language; above all, English from everything else."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from monitor.core.text.language import detect_language, primary_subtag

_SAMPLES = Path(__file__).parents[2] / "samples" / "languages" / "news.tsv"
_ROWS = [line.split("\t") for line in _SAMPLES.read_text(encoding="utf-8").splitlines()]
_STREAM = Path(__file__).parents[4] / "shared" / "corpus" / "stream" / "headlines_2025-05_2026-02.jsonl.gz"


@pytest.mark.parametrize(("language", "title", "text"), [row for row in _ROWS if row[0] != "en"])
def test_news_of_other_languages_is_not_called_english(language, title, text):
    for declared in (None, language, "US"):
        found = detect_language(f"{title}\n{text}", declared=declared)
        assert found == language or {found, language} == {"da", "no"}


@pytest.mark.parametrize("title", [row[1] for row in _ROWS if row[0] == "en"])
def test_english_headlines_full_of_foreign_names_stay_english(title):
    assert detect_language(title, declared="en-GB") == "en"
    assert detect_language(title, declared=None) in ("en", None)


def test_a_feed_that_wrongly_declares_english_is_found_out():
    wrong = [row for row in _ROWS if row[0] not in ("en", "no")]
    found = [detect_language(f"{title}\n{text}", declared="en") for _, title, text in wrong]
    assert "en" not in found


def test_a_feed_that_wrongly_declares_another_language_does_not_hide_english():
    text = "The foreign minister landed in Port Alder on Sunday and will meet the envoy before the talks begin."
    for declared in ("es", "ar", "zh", "de-CH"):
        assert detect_language(text, declared=declared) == "en"


def test_text_that_says_nothing_is_what_it_is_declared():
    assert detect_language("", declared="fr-CA") == "fr"
    assert detect_language("2025 – 10:30", declared=None) is None
    assert detect_language("Blinken Netanyahu Riyadh", declared="en-US") == "en"
    assert detect_language("Blinken Netanyahu Riyadh", declared=None) is None


@pytest.mark.parametrize(
    ("declared", "subtag"),
    [("en-US", "en"), ("EN", "en"), ("pt_BR", "pt"), ("zh-Hant-TW", "zh"), ("iw", "he"), ("nb-NO", "no"),
     ("US", None), ("english", None), ("", None), (None, None), ("ru-RU,ru;q=0.9", "ru")],
)  # fmt: skip
def test_a_declared_tag_counts_by_its_language(declared, subtag):
    assert primary_subtag(declared) == subtag


def test_near_languages_are_believed_as_declared():
    assert detect_language("Statsministeren møter presidenten i Washington i dag", declared="no") == "no"
    assert detect_language("وزير الخارجية يصل إلى القاهرة", declared="fa") == "fa"


@pytest.mark.skipif(not _STREAM.is_file(), reason="the corpus of real headlines is not here")
def test_hardly_any_real_english_headline_is_called_foreign():
    with gzip.open(_STREAM, "rt", encoding="utf-8") as lines:
        titles = [json.loads(line)["title"] for line in lines][::10]
    foreign = [title for title in titles if detect_language(title, declared=None) not in ("en", None)]
    assert len(foreign) <= len(titles) // 5000
    assert all(detect_language(title, declared="en") == "en" for title in titles)
