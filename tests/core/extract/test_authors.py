"""Bylines as names."""

from __future__ import annotations

import pytest

from monitor.core.extract.authors import clean_authors


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["By Mara Quill"], ("Mara Quill",)),
        (["by: Mara Quill", "MARA QUILL", "Mara Quill "], ("Mara Quill",)),
        (["Written by Mara Quill and Ivo Brandt"], ("Mara Quill", "Ivo Brandt")),
        (["Mara Quill, Ivo Brandt & Ana Lund"], ("Mara Quill", "Ivo Brandt", "Ana Lund")),
        (["Mara Quill; Ivo Brandt"], ("Mara Quill", "Ivo Brandt")),
        (["Mara Quill (mara.quill@post.example)"], ("Mara Quill",)),
        (["mara.quill@post.example"], ()),
        (["Mara Quill @mquill"], ("Mara Quill",)),
        (["Mara Quill, Diplomatic Correspondent"], ("Mara Quill",)),
        (["Mara Quill Senior Foreign Editor"], ("Mara Quill",)),
        (["Mara Quill in Port Alder"], ("Mara Quill",)),
        (["Mara Quill | The Harbour Post"], ("Mara Quill",)),
        (["Mara Quill, Reuters"], ("Mara Quill", "Reuters")),
        (["Associated Press"], ("Associated Press",)),
        (["Harbour Post", "The Harbour Post", "harbourpost.example staff"], ()),
        (["Harbour Post staff and agencies"], ()),
        (["Newsroom"], ()),
        (["Editorial Board"], ()),
        (["https://www.facebook.com/harbourpost"], ()),
        (["ANA O'NEILL-DÍAZ"], ("Ana O'Neill-Díaz",)),
        (["أحمد علي"], ("أحمد علي",)),
        (["<a href='/mq'>Mara Quill</a>"], ("Mara Quill",)),
        (["Mara Quill has written about the lake for twenty years and lives on its shore"], ()),
        (["", " ", "-", "123"], ()),
    ],
)
def test_a_byline_gives_names_alone(given, expected):
    """Without what newsrooms put around them."""
    assert clean_authors(given, site="The Harbour Post") == expected
