"""Pairs of addresses: one article or two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.urls import canonical_url

_A = "harbour.example/2025/envoy-lands"
_SAME = [
    # variants of one host
    (f"http://{_A}", f"https://{_A}"),
    (f"https://www.{_A}", f"https://{_A}"),
    (f"https://m.{_A}", f"https://www.{_A}"),
    (f"https://mobile.{_A}", f"https://amp.{_A}"),
    (f"https://en.m.{_A}", f"https://en.{_A}"),
    (f"https://HARBOUR.example/{_A.partition('/')[2]}", f"https://{_A}"),
    (f"https://{_A.replace('/', ':443/', 1)}", f"https://{_A}"),
    ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
    # AMP
    (f"https://{_A}/amp", f"https://{_A}"),
    (f"https://{_A}.amp.html", f"https://{_A}.html"),
    (f"https://{_A}?amp=1", f"https://{_A}"),
    (f"https://{_A}?outputType=amp", f"https://{_A}"),
    (f"https://www.google.co.uk/amp/s/amp.{_A}", f"https://{_A}"),
    (f"https://harbour-example.cdn.ampproject.org/v/s/{_A}?amp_js_v=a6&usqp=mq3", f"https://{_A}"),
    # how a path is written
    (f"https://{_A}/", f"https://{_A}"),
    (f"https://{_A}#comments", f"https://{_A}"),
    (f"https://{_A}#:~:text=truce", f"https://{_A}"),
    (f"https://{_A}#xtor=RSS-1", f"https://{_A}"),
    (f"https://{_A}/index.html", f"https://{_A}"),
    (f"https://{_A.replace('/2025', '//2025')}", f"https://{_A}"),
    (f"https://{_A.replace('/2025', '/old/../2025/./')}", f"https://{_A}"),
    ("https://harbour.example/%7edesk/%c3%a4", "https://harbour.example/~desk/ä"),
    # parameters that say where a reader came from
    (f"https://{_A}?utm_source=x&utm_medium=y&utm_id=3", f"https://{_A}"),
    (f"https://{_A}?utm_source=x&amp;utm_medium=y", f"https://{_A}"),
    (f"https://{_A}?fbclid=1&igsh=2&twclid=3", f"https://{_A}"),
    (f"https://{_A}?gclid=1&gbraid=2&gad_source=1&gad_campaignid=7&_ga=2.1", f"https://{_A}"),
    (f"https://{_A}?msclkid=1&ocid=msedgntp&cvid=1a", f"https://{_A}"),
    (f"https://{_A}?mc_cid=1&mc_eid=2&mkt_tok=3&_hsenc=4", f"https://{_A}"),
    (f"https://{_A}?at_medium=RSS&at_campaign=rss&at_link_id=9", f"https://{_A}"),
    (f"https://{_A}?ns_mchannel=rss&ns_source=publisher&ito=1490", f"https://{_A}"),
    (f"https://{_A}?CMP=share_btn_tw&xtor=AL-72&maca=en-rss-en-all", f"https://{_A}"),
    (f"https://{_A}?smid=url-share&unlocked_article_code=1.x&referringSource=articleShare", f"https://{_A}"),
    (f"https://{_A}?partner=rss&emc=rss", f"https://{_A}"),
    (f"https://{_A}?mod=rss_world&reflink=desktopwebshare_permalink", f"https://{_A}"),
    (f"https://{_A}?gift=j9r7avb6p&sr_share=twitter", f"https://{_A}"),
    (f"https://{_A}?wt_zmc=sm.ext.x&sara_ref=re-xx-cp-sh&ftcamp=rss", f"https://{_A}"),
    (f"https://{_A}?dicbo=v2-1&tblci=GiA&rdt_cid=5&_branch_match_id=1", f"https://{_A}"),
    (f"https://{_A}?guccounter=1&guce_referrer=x&_guc_consent_skip=17", f"https://{_A}"),
    (f"https://{_A}?ref=rss&from=rss&source=twitter&feature=share", f"https://{_A}"),
    (f"https://{_A}?scope=anon&error=cookies_not_supported&print=true", f"https://{_A}"),
    (f"https://{_A}?&&utm_source=x&", f"https://{_A}"),
    (f"https://{_A}?id=7&utm_source=x", f"https://{_A}?id=7"),
]
_OTHER = [
    ("https://harbour.example/story?id=1", "https://harbour.example/story?id=2"),
    ("https://harbour.example/story?id=1", "https://harbour.example/story"),
    ("https://harbour.example/?p=15456", "https://harbour.example/?p=15457"),
    ("https://harbour.example/watch?v=oUSW", "https://harbour.example/watch?v=LRCE"),
    ("https://harbour.example/live?page=with:block-1", "https://harbour.example/live?page=with:block-2"),
    ("https://harbour.example/a?lang=en", "https://harbour.example/a?lang=fr"),
    ("https://harbour.example/view?mod=view&tid=1", "https://harbour.example/view?mod=list&tid=1"),
    ("https://harbour.example/a?ref=annex-b", "https://harbour.example/a"),
    ("https://harbour.example/a?source=ministry", "https://harbour.example/a?source=council"),
    ("https://harbour.example/doc?scope=harbour", "https://harbour.example/doc?scope=lake"),
    ("https://harbour.example/doc?error=404-7", "https://harbour.example/doc?error=404-8"),
    ("https://harbour.example/doc?print=evening", "https://harbour.example/doc?print=morning"),
    ("https://harbour.example/Ab3", "https://harbour.example/aB3"),
    ("https://harbour.example/2025/a", "https://harbour.example/2024/a"),
    ("https://news.harbour.example/1", "https://harbour.example/1"),
    ("https://mu.harbour.example/1", "https://harbour.example/1"),
    ("https://m.example/1", "https://example/1"),
    ("https://harbour.example:8443/1", "https://harbour.example/1"),
    ("https://harbour.example/a%2Fb", "https://harbour.example/a/b"),
    ("https://harbour.example/ampere/x", "https://harbour.example/x"),
    ("https://harbour.example/champ", "https://harbour.example/ch"),
    ("https://harbour.example/#!/a", "https://harbour.example/#!/b"),
    ("https://harbour.example/a..b", "https://harbour.example/b"),
    ("https://harbour.example/...", "https://harbour.example/"),
    ("https://one.example/a", "https://two.example/a"),
]


@pytest.mark.parametrize(("a", "b"), _SAME)
def test_one_article_has_one_key(a, b):
    """However it is linked."""
    assert canonical_url(a) == canonical_url(b)


@pytest.mark.parametrize(("a", "b"), _OTHER)
def test_two_articles_have_two_keys(a, b):
    """A wrong merge loses an article, a missed one costs a repeat: so what is not known to track stays."""
    assert canonical_url(a) != canonical_url(b)


@given(
    st.lists(st.sampled_from(["a", "..", ".", "amp", "", "%2e", "index.html", "a.amp", "m"]), max_size=7),
    st.lists(st.sampled_from(["utm_x=1", "amp", "amp;amp", "id=7", "amp;id=7", "", "print=1"]), max_size=4),
    st.sampled_from(["harbour.example", "m.harbour.example", "en.m.harbour.example", "www.google.com"]),
)
def test_a_key_is_its_own_key(segments, parameters, host):
    """Canonical form is reached at once."""
    key = canonical_url(f"https://{host}/{'/'.join(segments)}?{'&'.join(parameters)}")
    assert canonical_url(key) == key
