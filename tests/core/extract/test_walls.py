"""Walls before feeds and pages: samples in a folder, each with what it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.extract.article import extract_article
from monitor.core.extract.walls import wall_of
from monitor.core.model.document import Wall

_FOLDER = Path(__file__).parents[2] / "samples" / "pages" / "walls"
_EXPECTED = json.loads((_FOLDER / "expected.json").read_text(encoding="utf-8"))
_URL = "https://harbour.example/feed"


def body_of(name):
    return (_FOLDER / f"{name}.html").read_bytes()


@pytest.mark.parametrize("name", _EXPECTED)
def test_an_answer_is_told_as_the_wall_it_is(name):
    """By its words, its scripts, its headers or its status, and as nothing when it only quotes them."""
    wanted = _EXPECTED[name]
    headers = tuple((key, value) for key, value in wanted["headers"])
    assert wall_of(body_of(name), url=wanted["url"], status=wanted["status"], headers=headers) == wanted["wall"]


# What a header or status says, a page's body does not.
_BY_RESPONSE = {"cloudflare_header", "payment_required", "login_refused"}


@pytest.mark.parametrize("name", sorted(set(_EXPECTED) - _BY_RESPONSE))
def test_a_page_read_for_its_article_is_told_alike(name):
    """One table of marks serves feeds and pages."""
    article = extract_article(body_of(name), url=_EXPECTED[name]["url"], content_type="text/html")
    assert article.wall == _EXPECTED[name]["wall"]


@pytest.mark.parametrize(
    "body",
    [
        b"<?xml version='1.0'?><!-- Just a moment... --><rss><channel><title>Access Denied</title></channel></rss>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'><title>Are you a robot?</title></feed>",
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "Access denied"}',
        b"",
        b"Access denied",
    ],
)
def test_what_is_no_page_is_no_wall(body):
    """A feed may well tell of robots."""
    assert wall_of(body, url=_URL, status=200, headers=()) is None


def test_a_refusal_by_a_guarded_site_is_the_guards():
    """These headers stand on every answer of such a site, so alone they prove nothing."""
    guarded = (("x-datadome", "protected"),)
    assert wall_of(b"", url=_URL, status=403, headers=guarded) is Wall.BOT_WALL
    assert wall_of(b"", url=_URL, status=200, headers=guarded) is None


@pytest.mark.parametrize(
    "unit", [b"<script>", b"<", b"<!---->", b"cookies privacy accept ", b"&amp;", b"<input type=text ", b" "]
)
def test_any_megabyte_is_looked_at_quickly(unit):
    """Linear patterns over a bounded head: no body keeps the poll step busy."""
    wall_of(b"<html>" + unit * (2_000_000 // len(unit)), url=_URL, status=403, headers=())


def test_a_reference_of_thousands_of_digits_is_survived():
    """int() refuses it, and html.unescape passes that on."""
    body = b"<html><body>" + b"&#" + b"9" * 6000 + b"; Access denied</body></html>"
    assert wall_of(body, url=_URL, status=200, headers=()) is None


@given(st.binary(max_size=300), st.text(max_size=40), st.sampled_from([200, 401, 402, 403, 503]))
def test_nothing_makes_it_raise(body, url, status):
    """Whatever a server sends."""
    assert wall_of(b"<html>" + body, url=url, status=status, headers=(("x-odd", "\udcff"),)) in (None, *Wall)
