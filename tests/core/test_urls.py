"""Which addresses name one article."""

from __future__ import annotations

import pytest

from monitor.core.urls import canonical_url, registrable_domain, same_site

_KEY = "https://harbour.example/2025/envoy-lands"


@pytest.mark.parametrize(
    "variant",
    [
        "https://harbour.example/2025/envoy-lands",
        "  http://harbour.example/2025/envoy-lands \n",
        "HTTPS://WWW.Harbour.Example:443/2025/envoy-lands/",
        "http://harbour.example:80/2025/envoy-lands?",
        "https://m.harbour.example/2025/envoy-lands#comments",
        "https://mobile.harbour.example/2025/envoy-lands",
        "https://amp.harbour.example/2025/envoy-lands",
        "https://www.m.harbour.example/2025/envoy-lands",
        "https://harbour.example/2025/envoy-lands/amp",
        "https://harbour.example/2025/envoy-lands/amp/",
        "https://harbour.example/2025/envoy-lands.amp",
        "https://harbour.example/2025/envoy-lands?amp",
        "https://harbour.example/2025/envoy-lands?amp=1&outputType=amp",
        "https://harbour.example/amp/2025/envoy-lands",
        "https://www.google.com/amp/s/www.harbour.example/2025/envoy-lands",
        "https://harbour-example.cdn.ampproject.org/c/s/harbour.example/2025/envoy-lands?usqp=mq331AQ",
        "https://harbour.example/2025/envoy-lands?utm_source=rss&utm_medium=feed&fbclid=abc",
        "https://harbour.example/2025/envoy-lands?at_medium=RSS&at_campaign=KARANGA",
        "https://harbour.example/2025/envoy-lands?ns_mchannel=rss&ns_campaign=x&xtor=AL-72",
        "https://harbour.example/2025/envoy-lands?CMP=Share_iOSApp_Other",
        "https://harbour.example/2025/envoy-lands?ito=1490&ocid=ob&smid=tw-share&maca=en-rss",
        "https://harbour.example/2025/envoy-lands?ref=rss",
        "https://harbour.example/2025/envoy-lands?mod=rss_world",
        "https://harbour.example/2025/envoy%2Dlands",
        "https://harbour.example/2025/envoy-lands/index.html",
        "https://reader@harbour.example/2025/envoy-lands",
        "https://harbour.example./2025/envoy-lands",
    ],
)
def test_variants_of_an_address_have_one_key(variant):
    assert canonical_url(variant) == _KEY


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("https://harbour.example/story?id=1", "https://harbour.example/story?id=2"),
        ("https://harbour.example/story?p=1", "https://harbour.example/story"),
        ("https://harbour.example/view.php?mod=view&tid=1", "https://harbour.example/view.php?mod=list&tid=1"),
        ("https://harbour.example/story?ref=annex-b", "https://harbour.example/story"),
        ("https://harbour.example/Story", "https://harbour.example/story"),
        ("https://news.harbour.example/1", "https://harbour.example/1"),
        ("https://harbour.example:8443/1", "https://harbour.example/1"),
        ("https://harbour.example/a%2Fb", "https://harbour.example/a/b"),
        ("https://harbour.example/#!/a", "https://harbour.example/#!/b"),
        ("https://harbour.example/ampere/x", "https://harbour.example/x"),
        ("https://harbour.example/?b=1&a=2", "https://harbour.example/?a=2"),
    ],
)
def test_different_articles_keep_different_keys(a, b):
    assert canonical_url(a) != canonical_url(b)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://bücher.example/ä?q=ü", "https://xn--bcher-kva.example/%C3%A4?q=%C3%BC"),
        ("https://harbour.example/%e4%bd%a0", "https://harbour.example/%E4%BD%A0"),
        ("https://harbour.example/100%/x", "https://harbour.example/100%25/x"),
        ("https://harbour.example", "https://harbour.example/"),
        ("https://[2001:DB8::1]/x", "https://[2001:db8::1]/x"),
        ("https://harbour.example/a?b=1&utm_id=2&c=3", "https://harbour.example/a?b=1&c=3"),
    ],
)
def test_a_key_is_written_in_one_way(url, key):
    assert canonical_url(url) == key
    assert canonical_url(key) == key


@pytest.mark.parametrize(
    "odd",
    ["", "   ", "not a url", "mailto:desk@harbour.example", "http://", "http://[::1", "https://h:port/", "//x/y",
     "https://exa mple/", "https://" + "a" * 400 + ".example/", "javascript:alert(1)",
     "https://x.example/" + "y" * 9000],
)  # fmt: skip
def test_what_is_no_address_comes_back_stripped(odd):
    assert canonical_url(odd) == odd.strip()


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.bbc.co.uk", "bbc.co.uk"),
        ("NEWS.harbour.example", "harbour.example"),
        ("a.b.gov.il", "b.gov.il"),
        ("one.github.io", "one.github.io"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "::1"),
        ("co.uk", "co.uk"),
        ("github.io", "github.io"),
        ("", ""),
        ("www.xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("www.bücher.de", "xn--bcher-kva.de"),
    ],
)
def test_a_host_belongs_to_what_was_registered(host, domain):
    assert registrable_domain(host) == domain


def test_a_site_is_its_registered_domain():
    assert same_site("https://news.bbc.co.uk/1", "http://www.bbc.co.uk/2")
    assert not same_site("https://one.co.uk/", "https://two.co.uk/")
    assert not same_site("https://one.github.io/", "https://two.github.io/")
    assert same_site("http://127.0.0.1:8000/a", "http://127.0.0.1:9000/b")
    assert not same_site("mailto:a@b.example", "https://b.example/")
