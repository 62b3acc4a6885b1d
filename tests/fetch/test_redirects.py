"""Redirects: followed one by one, with nothing carried where it does not belong."""

from __future__ import annotations

import pytest

from monitor.core.model.feed import PollReason
from monitor.core.model.fetch import FetchRequest
from tests.web import Page, Seen, Web

SECRETS = {"PAPER_AUTH": "reader:s3cret", "PAPER_HEADERS": "X-Api-Key: k3y"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_leads_to_the_final_page(get, status):
    """Relative, with the final URL told."""
    with Web({"/old": Page(redirect="new?x=1", status=status), "/new": Page(b"here")}) as web:
        response = get(web.url("/old"))
        assert (response.status, response.url, response.body) == (200, web.url("/new?x=1"), b"here")
        assert response.permanent_url == (web.url("/new?x=1") if status in (301, 308) else None)


@pytest.mark.parametrize(
    ("statuses", "permanent"), [((301, 308), True), ((301, 302), False), ((302, 301), False), ((308, 308, 301), True)]
)
def test_a_move_is_permanent_only_when_every_hop_says_so(get, statuses, permanent):
    """One temporary hop and the old address stays the right one."""
    with Web({f"/{n}": Page(redirect=f"/{n + 1}", status=status) for n, status in enumerate(statuses)}) as web:
        web[f"/{len(statuses)}"] = Page(b"here")
        assert (get(web.url("/0")).permanent_url is not None) is permanent


def test_redirects_end_at_the_limit(make_fetcher, failure):
    """As many as allowed, and not one more."""
    with Web({f"/{n}": Page(redirect=f"/{n + 1}") for n in range(4)}) as web:
        web["/4"] = Page(b"here")
        assert make_fetcher(max_redirects=4).fetch(FetchRequest(url=web.url("/0"))).body == b"here"
        assert failure(web.url("/0"), max_redirects=3).reason is PollReason.TOO_MANY_REDIRECTS


def test_a_circle_is_noticed_at_once(failure):
    """Asking again would bring the same answer."""
    with Web({"/a": Page(redirect="/b"), "/b": Page(redirect="/a#x")}) as web:
        error = failure(web.url("/a"))
        assert (error.reason, len(web.requests)) == (PollReason.TOO_MANY_REDIRECTS, 2)


def test_a_site_that_waits_for_its_cookie_gets_it_within_the_chain(get):
    """Some send every visitor in circles until then; other hosts and later fetches never see it."""

    def door(seen: Seen) -> Page:
        if seen.header("cookie") == "pass=1":
            return Page(b"come in")
        return Page(redirect="/", headers=(("Set-Cookie", "pass=1; Path=/; HttpOnly"),))

    with Web({"/": door}) as web:
        assert [get(web.url("/")).body for _ in range(2)] == [b"come in"] * 2
        assert [seen.header("cookie") for seen in web.requests] == [None, "pass=1"] * 2
    with Web({"/": Page(b"other")}) as other, Web() as web:
        web["/"] = Page(redirect=other.url("/", host="localhost"), headers=(("Set-Cookie", "pass=1"),))
        assert get(web.url("/")).body == b"other"
        assert other.requests[0].header("cookie") is None


@pytest.mark.parametrize(
    "location", ["ftp://x.example/", "file:///etc/passwd", "http://", "javascript:1", "http://[::1"]
)
def test_a_redirect_to_no_http_url_is_refused(failure, location):
    """Whatever the server wishes."""
    with Web({"/": Page(redirect=location)}) as web:
        assert failure(web.url("/")).reason is PollReason.INVALID_URL


def test_a_redirect_without_target_is_the_answer(get):
    """And so is a 300."""
    with Web({"/": Page(b"x", status=302), "/300": Page(b"choose", status=300, headers=(("Location", "/"),))}) as web:
        assert get(web.url("/")).status == 302
        assert get(web.url("/300")).status == 300


def test_a_redirects_own_body_is_not_read(get):
    """An endless one costs nothing."""
    with Web({"/": Page(b"x" * 65536, redirect="/new", endless=True), "/new": Page(b"here")}) as web:
        assert get(web.url("/")).body == b"here"


def fetch_with_secrets(make_fetcher, url: str):
    request = FetchRequest(url=url, auth_env="PAPER_AUTH", headers_env="PAPER_HEADERS", obey_robots=False)
    return make_fetcher(environ=SECRETS).fetch(request)


def secrets_of(seen: Seen) -> tuple[str | None, str | None]:
    return seen.header("authorization"), seen.header("x-api-key")


def test_credentials_follow_within_their_origin(make_fetcher):
    """A move inside the site keeps the reader logged in."""
    with Web({"/a": Page(redirect="/b"), "/b": Page()}) as web:
        fetch_with_secrets(make_fetcher, web.url("/a"))
        assert [secrets_of(seen) for seen in web.requests] == [("Basic cmVhZGVyOnMzY3JldA==", "k3y")] * 2


def test_credentials_never_reach_another_host(make_fetcher):
    """Not even one on the same machine; and coming back does not bring them back."""
    with Web() as web:
        web["/a"] = Page(redirect=web.url("/b", host="localhost"))
        web["/b"] = Page(redirect=web.url("/c"))
        web["/c"] = Page(b"end")
        assert fetch_with_secrets(make_fetcher, web.url("/a")).body == b"end"
        assert [secrets_of(seen) != (None, None) for seen in web.requests] == [True, False, False]


def test_credentials_never_reach_another_port(make_fetcher):
    """Another port is another server."""
    with Web({"/": Page()}) as other, Web({"/": Page(redirect=other.url("/"))}) as web:
        fetch_with_secrets(make_fetcher, web.url("/"))
        assert secrets_of(other.requests[0]) == (None, None)


def test_a_password_in_the_url_is_sent_and_never_shown(make_fetcher, failure):
    """It works as readers expect, and stays out of final URL and error."""
    with Web({"/": Page(), "/r": Page(redirect="http://x:y@127.0.0.1/"), "/bad": Page(reset=True)}) as web:
        secret = web.url("/").replace("http://", "http://reader:s3cret@")
        assert make_fetcher().fetch(FetchRequest(url=secret, obey_robots=False)).url == web.url("/")
        assert web.requests[0].header("authorization") == "Basic cmVhZGVyOnMzY3JldA=="
        error = failure(secret + "bad")
    assert "s3cret" not in f"{error} {error.url} {error.detail} {error.__cause__!r}"
    assert "s3cret" not in str(failure("ftp://reader:s3cret@paper.example/"))


def test_a_password_offered_by_a_redirect_is_not_used(get):
    """A site must not choose with what the monitor logs in elsewhere."""
    with Web({"/b": Page()}) as web:
        web["/a"] = Page(redirect=f"http://root:root@localhost:{web.port}/b")
        assert get(web.url("/a")).url == web.url("/b", host="localhost")
        assert web.requests[1].header("authorization") is None
