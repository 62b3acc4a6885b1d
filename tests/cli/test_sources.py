"""`monitor sources` against a loopback site."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import pytest

from tests.cli.conftest import Cli
from tests.web import Page, Web

RSS = "application/rss+xml"


def rss(title: str, *headlines: str, language: str = "en") -> Page:
    items = "".join(
        f"<item><title>{escape(h)}</title><link>https://p.example/{i}</link>"
        f"<pubDate>Sun, 01 Mar 2026 0{i}:00:00 GMT</pubDate></item>"
        for i, h in enumerate(headlines)
    )
    body = f"<rss version='2.0'><channel><title>{title}</title><language>{language}</language>{items}</channel></rss>"
    return Page(body, content_type=RSS)


WORLD = rss("Pier World", "Envoys gather for talks in the harbour town", "The ministers arrived late on Friday night")
NORSK = rss(
    "Brygga",
    "Utenriksministeren reiste til hovedstaden for å møte sine kolleger i går kveld",
    "Partene ble enige om våpenhvile etter lange forhandlinger på fredag",
    language="no",
)
HOME = Page(
    "<html><head><link rel='alternate' type='application/rss+xml' href='/broken.xml'>"
    "<link rel='alternate' type='application/rss+xml' href='/world.xml'>"
    "<link rel='alternate' type='application/rss+xml' href='/sport.xml'></head><body>Welcome</body></html>"
)
NEWS_MAP = Page(
    "<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'><url><loc>https://p.example/2</loc><n:news>"
    "<n:publication><n:name>Pier Post</n:name><n:language>en</n:language></n:publication>"
    "<n:publication_date>2026-03-01T09:00:00Z</n:publication_date>"
    "<n:title>The ministers arrived late on Friday night</n:title></n:news></url></urlset>",
    content_type="application/xml",
)
PLAIN_MAP = Page(
    "<urlset><url><loc>https://p.example/1</loc><lastmod>2026-03-01</lastmod></url></urlset>",
    content_type="application/xml",
)
LISTED = (
    ("envoy-leaves-the-capital-without-a-paper", "Envoy leaves the capital without a paper"),
    ("ministers-agree-on-rules-for-the-river", "Ministers agree on rules for the river"),
    ("aid-lorries-reach-the-towns-by-the-lake", "Aid lorries reach the towns by the lake"),
)
LIST_PAGE = Page(
    "<html lang='en'><head><title>News of the ministry</title></head><body><nav><a href='/about'>About</a></nav><main>"
    + "".join(f"<h3><a href='/news/2026/03/{slug}'>{title}</a></h3>" for slug, title in LISTED)
    + "</main></body></html>"
)
PRESS = Page("<html><body><h3><a href='/p/1'>Minister travels to the coast</a></h3><a href='/x'>x</a></body></html>")


@pytest.fixture
def web() -> Iterator[Web]:
    pages = {"/world.xml": WORLD, "/no.xml": NORSK, "/": HOME, "/press": PRESS, "/broken.xml": Page(status=500)}
    with Web(pages) as web:
        yield web


@pytest.fixture
def desk(cli: Cli) -> Cli:
    """Loopback may be asked, at once."""
    database = cli.folder / "var" / "monitor.db"
    cli.write_config(
        f"database: {{url: 'sqlite:///{database}'}}\nnetwork: {{allow_private: true, host_gap: 0.001}}\n"
        "workers: {count: 1}\nalerts: {timezone: UTC}\n"
    )
    return cli


def names(cli: Cli) -> dict[str, str]:
    return {source["name"]: source["state"] for source in cli("sources", "list", "--json").json}


def test_a_feed_is_looked_at_and_added(desk, web):
    ran = desk("sources", "add", web.url("/world.xml"), "--tag", "world")
    assert ran.code == 0, ran.err
    for said in ("title    Pier World\n", "entries  2\n", "newest   01:00 (11 h ago)\n", "language en\n"):
        assert said in ran.out
    assert "a running monitor takes it up on SIGHUP" in ran.out
    (source,) = desk("sources", "list", "--json").json
    assert (source["name"], source["url"], source["tags"]) == ("Pier World", web.url("/world.xml"), ["world"])


def test_a_home_page_leads_to_its_feed(desk, web):
    """The first feed that works is taken, the others are named; nothing of the page itself is stored."""
    ran = desk("sources", "add", web.url("/"), "--name", "Pier")
    assert ran.code == 0, ran.err
    assert f"feed     {web.url('/world.xml')}\n" in ran.out
    assert f"the page also names:\n    {web.url('/broken.xml')}\n    {web.url('/sport.xml')}\n" in ran.out
    assert [s["url"] for s in desk("sources", "list", "--json").json] == [web.url("/world.xml")]


def test_a_home_page_without_a_link_is_searched_at_the_usual_places(desk, web):
    web["/"] = Page("<html><body>Nothing here</body></html>")
    web["/rss.xml"] = WORLD
    assert desk("sources", "add", web.url("/")).code == 0
    assert [s["url"] for s in desk("sources", "list", "--json").json] == [web.url("/rss.xml")]


def test_a_page_is_watched_by_selector(desk, web):
    assert desk("sources", "add", web.url("/press"), "--selector", "h3 a").code == 0
    assert (desk.folder / "sources.yaml").read_text().endswith("kind: html_index\n  selector: h3 a\n")
    ran = desk("sources", "add", web.url("/"), "--selector", "h9 a")
    assert ran.code == 1
    assert "not added" in ran.err


def managed(desk: Cli) -> str:
    return (desk.folder / "sources.yaml").read_text()


@pytest.mark.parametrize("command", ["add", "test"])
def test_without_a_feed_the_sitemap_for_news_is_found(desk, web, command):
    """robots.txt names it before the usual places are tried; it comes before a plain one."""
    web["/"] = Page("<html><body>Nothing here</body></html>")
    web["/robots.txt"] = Page(
        f"User-agent: *\nSitemap: {web.url('/all.xml')}\nSitemap: {web.url('/maps/google-news.xml')}\n",
        content_type="text/plain",
    )
    web["/all.xml"] = PLAIN_MAP
    web["/maps/google-news.xml"] = NEWS_MAP
    ran = desk("sources", command, web.url("/"))
    assert ran.code == 0, ran.err
    assert ran.out.startswith("a sitemap\n")
    assert f"sitemap  {web.url('/maps/google-news.xml')}\n" in ran.out
    assert "title    Pier Post\n" in ran.out
    assert f"tried first:\n    {web.url('/feed/')}  HTTP 404\n" in ran.out
    assert web.asked("/all.xml") == []
    if command == "add":
        assert managed(desk).endswith(f"name: Pier Post\n  url: {web.url('/maps/google-news.xml')}\n  kind: sitemap\n")


@pytest.mark.parametrize(("path", "page"), [("/news-sitemap.xml", NEWS_MAP), ("/sitemap.xml", PLAIN_MAP)])
def test_without_a_word_in_robots_txt_sitemaps_are_looked_for_at_the_usual_places(desk, web, path, page):
    web["/"] = Page("<html><body>Nothing here</body></html>")
    web[path] = page
    assert desk("sources", "add", web.url("/")).code == 0
    assert [(s["url"], s["kind"]) for s in desk("sources", "list", "--json").json] == [(web.url(path), "sitemap")]


def test_a_sitemap_is_told_by_its_content(desk, web):
    """Nobody has to know that it is none of the feeds."""
    web["/list"] = NEWS_MAP
    assert desk("sources", "add", web.url("/list")).code == 0
    assert managed(desk).endswith("kind: sitemap\n")


def test_a_feed_with_entries_beats_an_empty_one_and_a_sitemap(desk, web):
    web["/"] = Page("<html><body>Nothing here</body></html>")
    web["/feed/"] = rss("Empty")
    web["/atom.xml"] = WORLD
    web["/sitemap.xml"] = PLAIN_MAP
    assert desk("sources", "add", web.url("/")).code == 0
    assert [s["url"] for s in desk("sources", "list", "--json").json] == [web.url("/atom.xml")]


def test_a_page_is_watched_without_a_selector_only_when_asked_for(desk, web):
    """Otherwise it is shown what it would give."""
    web["/"] = LIST_PAGE
    ran = desk("sources", "add", web.url("/"))
    assert ran.code == 1
    assert "neither feed nor sitemap was found behind it" in ran.out
    assert "the page itself has 3 links to articles (h3 > a): --watch takes them\n" in ran.out
    assert f"    {web.url('/sitemap.xml')}  HTTP 404\n" in ran.out
    ran = desk("sources", "add", web.url("/"), "--watch")
    assert ran.code == 0
    assert "pattern  h3 > a, 3 links\n" in ran.out
    assert managed(desk).endswith(f"- name: News of the ministry\n  url: {web.url('/')}\n  kind: html_index\n")
    assert desk("sources", "test", web.url("/")).code == 0


def test_a_source_can_be_told_what_it_is(desk, web):
    """Then nothing else is looked for."""
    web["/"] = LIST_PAGE
    ran = desk("sources", "test", web.url("/"), "--kind", "html_index")
    assert ran.code == 0
    assert "pattern  h3 > a, 3 links\n" in ran.out
    assert {seen.path for seen in web.requests} == {"/"}
    ran = desk("sources", "add", web.url("/"), "--kind", "sitemap")
    assert ran.code == 1
    assert "an HTML page where a sitemap was promised" in ran.out
    assert desk("sources", "add", web.url("/"), "--kind", "feed", "--selector", "a").code == 2


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Page("<html><body><div id='app'></div><script src='/a.js'></script></body></html>"), "a script builds it"),
        (Page("<html><body><nav><a href='/about'>About</a></nav></body></html>"), "none of the page's 1 links"),
    ],
)
def test_a_page_without_articles_is_not_watched(desk, web, page, said):
    web["/"] = page
    ran = desk("sources", "add", web.url("/"), "--kind", "html_index")
    assert ran.code == 1
    assert f"no links to articles: {said}" in ran.out or said in ran.out
    assert desk("sources", "add", web.url("/"), "--watch").code == 1


def test_a_feed_in_another_language_is_added_with_a_warning(desk, web):
    ran = desk("sources", "add", web.url("/no.xml"))
    assert ran.code == 0
    assert "articles will be stored, but only English is searched" in ran.out


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Page(status=404), "HTTP 404"),
        (Page(status=410), "gone (410): HTTP 410"),
        (Page(b"", content_type=RSS), "empty answer"),
        (Page(b"<rss><channel><item><ti", content_type=RSS), ""),
        (Page(reset=True), "no connection"),
    ],
)
def test_what_does_not_answer_is_not_added_unless_forced(desk, web, page, said):
    web["/world.xml"] = page
    ran = desk("sources", "add", web.url("/world.xml"))
    assert (ran.code, names(desk)) == (1, {})
    assert said in ran.out
    assert "(--force adds it all the same)" in ran.err
    assert desk("sources", "add", web.url("/world.xml"), "--force").code == 0
    assert names(desk) == {"127.0.0.1": "new"}


def test_an_empty_feed_may_be_added(desk, web):
    web["/world.xml"] = rss("Quiet")
    assert desk("sources", "add", web.url("/world.xml")).code == 0
    assert names(desk) == {"Quiet": "new"}


def test_private_addresses_are_refused_unless_configured(desk, web):
    desk.write_config("")
    ran = desk("sources", "test", web.url("/world.xml"))
    assert ran.code == 1
    assert "not a public address" in ran.out
    assert web.requests == []


def test_a_source_is_added_once(desk, web):
    assert desk("sources", "add", web.url("/world.xml")).code == 0
    ran = desk("sources", "add", web.url("/world.xml"))
    assert ran.code == 1
    assert "sources.yaml:4 already" in ran.err
    assert "already" in desk("sources", "add", web.url("/")).err


def test_adding_keeps_the_readers_own_words(desk, web):
    mine = "# my list\n- url: https://a.example/  # the best\n"
    (desk.folder / "sources.yaml").write_text(mine)
    assert desk("sources", "add", web.url("/world.xml")).code == 0
    assert (desk.folder / "sources.yaml").read_text().startswith(mine)


def test_a_source_is_switched_off_and_on_by_name_or_url(desk, web):
    """One of the configuration's own file is switched off in the managed file."""
    desk.write_config(f"sources:\n  - {{name: Pier, url: '{web.url('/world.xml')}'}}\n")
    assert desk("sources", "disable", "pier").out.startswith("Pier: disabled; ")
    assert names(desk) == {"Pier": "off"}
    assert desk("sources", "disable", "Pier").out == "Pier: was disabled already\n"
    assert desk("sources", "enable", web.url("/world.xml")).out.startswith("Pier: enabled; ")
    assert names(desk) == {"Pier": "new"}


def test_an_unknown_or_ambiguous_name_is_told(desk):
    desk.write_config(
        "sources:\n  - {name: Pier, url: https://a.example/}\n  - {name: pier, url: https://b.example/}\n"
    )
    unknown = desk("sources", "disable", "Peir")
    assert (unknown.code, unknown.err) == (1, "monitor: no source is called 'Peir': did you mean 'Pier'?\n")
    both = desk("sources", "disable", "Pier")
    assert (
        both.err == "monitor: 2 sources are called 'Pier'; give the URL:\n  https://a.example/\n  https://b.example/\n"
    )
    assert desk("sources", "test", "not a url").code == 2


def test_a_source_is_tested_by_its_name(desk, web):
    desk.write_config(
        f"network: {{allow_private: true}}\nsources:\n  - {{name: Pier, url: '{web.url('/world.xml')}'}}\n"
    )
    ran = desk("sources", "test", "Pier")
    assert ran.code == 0
    assert ran.out.startswith("a feed\n")
    assert not (desk.folder / "sources.yaml").exists()


def test_all_sources_are_tested_at_once(desk, web):
    """The failing ones come first; one of them makes the exit code 1. Disabled ones are left alone."""
    sources = "".join(
        f"  - {{name: {name}, url: '{web.url(path)}', enabled: {enabled}}}\n"
        for name, path, enabled in [
            ("Pier", "/world.xml", "true"),
            ("Brygga", "/no.xml", "true"),
            ("Broken", "/broken.xml", "true"),
            ("Off", "/off.xml", "false"),
        ]
    )
    desk.write_config(f"network: {{allow_private: true, host_gap: 0.001}}\nworkers: {{count: 1}}\nsources:\n{sources}")
    ran = desk("sources", "test", "--all")
    assert (ran.code, ran.err) == (1, "2 of 3 sources answer\n")
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert rows[0] == ["name", "result", "entries", "newest", "language", "url"]
    assert [row[:3] for row in rows[1:]] == [
        ["Broken", "HTTP 500", ""],
        ["Pier", "ok", "2"],
        ["Brygga", "ok", "2"],
    ]
    assert rows[3][4] == "no: not searched"
    assert web.asked("/off.xml") == []


def test_test_wants_a_url_or_all(desk):
    assert desk("sources", "test").code == 2
    assert desk("sources", "test", "https://a.example/", "--all").code == 2


def test_a_list_comes_in_once_and_goes_out_again(desk):
    """Importing twice adds nothing the second time; what is exported imports into another monitor."""
    opml = desk.folder / "mine.opml"
    opml.write_text(
        "<opml version='2.0'><body><outline text='World'><outline text='A &amp; B' xmlUrl='https://a.example/f'/>"
        "<outline text='C' xmlUrl='https://c.example/f'/></outline><outline text='A' xmlUrl='https://A.example/f'/>"
        "<outline text='Odd' xmlUrl='feed:x'/></body></opml>"
    )
    first = desk("sources", "import", str(opml), "--tag", "mine")
    assert first.code == 0
    assert first.out.startswith("2 added, 0 known already, 1 twice in the list\n")
    assert first.err == "skipped: Odd: its address is not an http URL\n"
    assert desk("sources", "import", str(opml)).out == "0 added, 2 known already, 1 twice in the list\n"
    listed = desk("sources", "list", "--json").json
    assert [(s["name"], s["url"], s["tags"]) for s in listed] == [
        ("A & B", "https://a.example/f", ["world", "mine"]),
        ("C", "https://c.example/f", ["world", "mine"]),
    ]
    out = desk.folder / "out.opml"
    assert desk("sources", "export", "--output", str(out)).code == 0
    assert desk("sources", "export").out == out.read_text()
    desk.config = desk.folder / "other" / "monitor.yaml"
    desk.config.parent.mkdir()
    desk.write_config("")
    assert desk("sources", "import", str(out)).out.startswith("2 added, 0 known already")


def test_what_is_no_list_is_told_and_changes_nothing(desk):
    bad = desk.folder / "bad.opml"
    bad.write_text("<!DOCTYPE x [<!ENTITY a 'b'>]><opml><body/></opml>")
    ran = desk("sources", "import", str(bad))
    assert ran.code == 3
    assert "has a DOCTYPE" in ran.err
    assert not (desk.folder / "sources.yaml").exists()


def test_an_export_leaves_out_pages_and_what_is_disabled(desk):
    desk.write_config(
        "sources:\n  - {name: A, url: https://a.example/}\n  - {name: B, url: https://b.example/, enabled: false}\n"
        "  - {name: C, url: https://c.example/, kind: html_index, selector: a}\n"
    )
    ran = desk("sources", "export")
    assert ran.out.count("<outline") == 1
    assert ran.err == "1 page or sitemap is left out: OPML lists feeds only\n"


def test_the_list_tells_state_last_answer_and_languages(history):
    rows = [line.split("\t") for line in history("sources", "list").out.splitlines()]
    assert rows[1:] == [
        [
            "Harbour Post",
            "ok",
            "new entries",
            "2026-03-01T13:57:00+02:00",
            "2",
            "0",
            "https://www.harbourpost.example/rss",
        ],
        [
            "Steppe Radio World Service",
            "ok",
            "new entries",
            "2026-03-01T13:57:00+02:00",
            "1",
            "0",
            "https://steppe.example/world.xml",
        ],
        ["Gulf Ledger", "failing", "HTTP 503", "2026-03-01T13:57:00+02:00", "1", "0", "https://gulf.example/feed"],
        ["Nordlys", "ok", "new entries", "2026-03-01T13:57:00+02:00", "1", "1", "https://nordlys.example/rss"],
        ["Quiet Quarter", "off", "", "", "0", "0", "https://quiet.example/rss"],
    ]
    assert [s["name"] for s in history("sources", "list", "--failing", "--json").json] == ["Gulf Ledger"]
    assert [s["name"] for s in history("sources", "list", "--tag", "asia", "--json").json] == [
        "Steppe Radio World Service"
    ]
    failing = history("sources", "list", "--failing", "--json").json[0]
    assert (failing["last_reason"], failing["last_detail"], failing["failures"]) == ("http_error", "HTTP 503", 2.0)
    assert failing["last_polled_at"] == "2026-03-01T11:57:00Z"
    assert (failing["interval_reason"], failing["interval_s"]) == ("back_off", 900.0)


def test_an_empty_selection_is_said_in_its_own_words(desk, history):
    assert history("sources", "list", "--tag", "tundra").err == "No source with the tag 'tundra'.\n"
    assert history("sources", "list", "--tag", "asia", "--failing").err == "No source with the tag 'asia' fails.\n"
    desk.write_config("")
    assert desk("sources", "list").err == "No sources: add one with `monitor sources add URL`.\n"
