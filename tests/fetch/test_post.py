"""Forms posted under the same rules as everything that is fetched."""

from __future__ import annotations

import pytest

from monitor.core.model.feed import PollReason
from monitor.core.model.fetch import FormPost
from monitor.errors import FetchError
from tests.fetch.conftest import MakeFetcher
from tests.web import Page, Seen, Web

FIELDS = (("hub.mode", "subscribe"), ("hub.topic", "https://a.example/f?x=1&y=ü"))


def test_a_form_arrives_as_one(make_fetcher: MakeFetcher) -> None:
    with Web({"/hub": Page(b"accepted", status=202)}) as web:
        answer = make_fetcher().post(FormPost(url=web.url("/hub"), fields=FIELDS))
        (seen,) = web.asked("/hub")
        assert web.asked("/robots.txt") == []
    assert (answer.status, answer.body) == (202, b"accepted")
    assert (seen.method, seen.header("content-type")) == ("POST", "application/x-www-form-urlencoded")
    assert seen.body == b"hub.mode=subscribe&hub.topic=https%3A%2F%2Fa.example%2Ff%3Fx%3D1%26y%3D%C3%BC"


@pytest.mark.parametrize(
    ("status", "is_followed"), [(307, True), (308, True), (301, False), (302, False), (303, False)]
)
def test_only_redirects_that_keep_the_method_are_followed(
    make_fetcher: MakeFetcher, status: int, is_followed: bool
) -> None:
    with Web({"/hub": Page(redirect="/new", status=status), "/new": Page(status=202)}) as web:
        answer = make_fetcher().post(FormPost(url=web.url("/hub"), fields=FIELDS))
        assert answer.status == (202 if is_followed else status)
        assert [(seen.path, seen.method, seen.body) for seen in web.requests][1:] == (
            [("/new", "POST", web.requests[0].body)] if is_followed else []
        )


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/hub", "http://169.254.169.254/", "http://[::1]/", "file:///etc"])
def test_the_guard_holds_for_forms(make_fetcher: MakeFetcher, url: str) -> None:
    with pytest.raises(FetchError) as caught:
        make_fetcher(allow_private=False).post(FormPost(url=url, fields=FIELDS))
    assert caught.value.reason in (PollReason.ADDRESS_REFUSED, PollReason.INVALID_URL)


def test_a_redirect_leads_a_form_to_no_private_address(make_fetcher: MakeFetcher) -> None:
    """The guard looks at every hop."""

    def resolve(host: str, port: int) -> tuple[str, ...]:
        raise AssertionError("not asked for an address")

    with Web({"/hub": Page(redirect="http://10.0.0.1/steal", status=307)}) as web, pytest.raises(FetchError):
        make_fetcher(allow_private=False, resolve=resolve).post(FormPost(url=web.url("/hub"), fields=FIELDS))


def test_a_hubs_endless_answer_is_cut_short(make_fetcher: MakeFetcher) -> None:
    def answer(seen: Seen) -> Page:
        return Page(b"x" * 100_000, endless=True, status=400)

    with Web({"/hub": answer}) as web:
        got = make_fetcher().post(FormPost(url=web.url("/hub"), fields=FIELDS))
    assert (got.status, len(got.body)) == (400, 256 * 1024)
