"""Laws that hold on any bytes and any string."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.urls import canonical_url, same_site

_HOSTS = [
    "http://",
    "HTTPS://",
    "www.",
    "m.",
    "amp.",
    "example.com",
    "bücher.example",
    "google.com",
    "cdn.ampproject.org",
]
_PATHS = [
    "/amp",
    "/s/",
    "/",
    "/c/s/",
    ".amp",
    ".html",
    "index.html",
    "..",
    "~",
    " ",
    "\t",
    "%",
    "%41",
    "%2f",
    "%zz",
    "é",
]
_TAILS = ["?", "&", "=", "utm_source", "id", "amp", "rss", "ref", "#", "#!", ":443", ":80", ":x", "[", "]", "@"]
_URL_PIECES = st.lists(st.sampled_from([*_HOSTS, *_PATHS, *_TAILS]), max_size=14).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(_URL_PIECES, _URL_PIECES.map("https://".__add__), st.text(max_size=60)))
def test_a_canonical_url_is_its_own_canonical_url(url):
    once = canonical_url(url)
    assert canonical_url(once) == once


@settings(max_examples=100, deadline=None)
@given(_URL_PIECES, _URL_PIECES)
def test_being_of_one_site_is_symmetric_and_never_raises(a, b):
    assert same_site(a, b) == same_site(b, a)
