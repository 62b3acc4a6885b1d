"""robots.txt: asked once a day, obeyed before every request, understood as RFC 9309 has it."""

from __future__ import annotations

import pytest

from monitor.core.model.feed import PollReason
from monitor.core.model.fetch import FetchRequest
from monitor.errors import FetchError
from monitor.fetch.http import HttpFetcher
from monitor.settings.schema import Network
from tests.web import Page, Web

RULES = Page(b"User-agent: *\nDisallow: /private/\n", content_type="text/plain")
HOUR = 3600.0


class Time:
    """Seconds that pass when told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def fetcher(time):
    settings = Network(allow_private=True, host_gap=0.001, total_timeout=5, read_timeout=0.3)
    made = HttpFetcher(settings, version="1", environ={}, robots_clock=time)
    yield made
    made.close()


def ask(fetcher, url: str, *, obey: bool = True):
    """The response's status, or the reason why there is none."""
    try:
        return fetcher.fetch(FetchRequest(url=url, obey_robots=obey)).status
    except FetchError as error:
        return error.reason


def test_a_forbidden_page_is_not_asked_for(fetcher):
    """The refusal names the file."""
    with Web({"/robots.txt": RULES, "/private/feed": Page(), "/feed": Page()}) as web:
        assert ask(fetcher, web.url("/private/feed")) is PollReason.REFUSED_BY_ROBOTS
        assert ask(fetcher, web.url("/feed")) == 200
        assert web.paths == ["/robots.txt", "/feed"]
        with pytest.raises(FetchError, match=r"/robots\.txt forbids it"):
            fetcher.fetch(FetchRequest(url=web.url("/private/feed")))


def test_a_source_may_be_exempt(fetcher):
    """By its own configuration, and then the file is not asked for at all."""
    with Web({"/robots.txt": RULES, "/private/feed": Page()}) as web:
        assert ask(fetcher, web.url("/private/feed"), obey=False) == 200
        assert web.paths == ["/private/feed"]


def test_rules_for_the_monitor_itself_beat_those_for_all(fetcher):
    """Matched by the product name of the User-Agent."""
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: News-Development-Monitor\nDisallow: /x\nCrawl-delay: 0\n"
    with Web({"/robots.txt": Page(rules), "/feed": Page()}) as web:
        assert ask(fetcher, web.url("/feed")) == 200
        assert ask(fetcher, web.url("/x/y")) is PollReason.REFUSED_BY_ROBOTS


def test_the_file_is_asked_for_once_a_day(fetcher, time):
    """And again on the next."""
    with Web({"/robots.txt": [RULES, Page(b"")], "/private/feed": Page()}) as web:
        for _ in range(3):
            assert ask(fetcher, web.url("/private/feed")) is PollReason.REFUSED_BY_ROBOTS
        time.now += 23 * HOUR
        assert ask(fetcher, web.url("/private/feed")) is PollReason.REFUSED_BY_ROBOTS
        assert len(web.asked("/robots.txt")) == 1
        time.now += 2 * HOUR
        assert ask(fetcher, web.url("/private/feed")) == 200
        assert len(web.asked("/robots.txt")) == 2


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_without_a_file_all_is_allowed(fetcher, status):
    """RFC 9309, 2.3.1.3."""
    with Web({"/robots.txt": Page(b"no", status=status), "/feed": Page()}) as web:
        assert ask(fetcher, web.url("/feed")) == 200


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_broken_file_forbids_all_until_it_is_well(fetcher, time, status):
    """RFC 9309, 2.3.1.4; looked at again after ten minutes."""
    with Web({"/robots.txt": [Page(status=status), Page(status=404)], "/feed": Page()}) as web:
        assert [ask(fetcher, web.url("/feed")) for _ in range(2)] == [PollReason.REFUSED_BY_ROBOTS] * 2
        assert web.paths == ["/robots.txt"]
        time.now += 601
        assert ask(fetcher, web.url("/feed")) == 200


def test_known_rules_outlive_a_broken_file(fetcher, time):
    """What was allowed yesterday stays so, and what was not as well."""
    with Web({"/robots.txt": [RULES, Page(status=500)], "/feed": Page(), "/private/feed": Page()}) as web:
        assert ask(fetcher, web.url("/feed")) == 200
        time.now += 25 * HOUR
        assert ask(fetcher, web.url("/feed")) == 200
        assert ask(fetcher, web.url("/private/feed")) is PollReason.REFUSED_BY_ROBOTS


def test_a_month_of_broken_files_counts_as_none(fetcher, time):
    """RFC 9309, 2.3.1.4: after 30 days it may be taken for unavailable."""
    with Web({"/robots.txt": Page(status=500), "/feed": Page()}) as web:
        assert ask(fetcher, web.url("/feed")) is PollReason.REFUSED_BY_ROBOTS
        time.now += 31 * 24 * HOUR
        assert ask(fetcher, web.url("/feed")) == 200


@pytest.mark.parametrize(
    ("page", "reason"),
    [(Page(reset=True), PollReason.CONNECTION_FAILED), (Page(stall=True), PollReason.TIMEOUT)],
    ids=["reset", "stalled"],
)
def test_a_host_that_cannot_be_reached_is_called_that(fetcher, time, page, reason):
    """Not "refused": the feed itself could not be had either. Tried again after a minute."""
    with Web({"/robots.txt": [page, page, Page(status=404)], "/feed": Page()}) as web:
        assert ask(fetcher, web.url("/feed")) is reason
        assert ask(fetcher, web.url("/feed")) is reason
        assert len(web.asked("/robots.txt")) == 1
        time.now += 61
        del web["/robots.txt"]
        assert ask(fetcher, web.url("/feed")) == 200


def test_each_host_of_a_redirect_has_its_own_word(fetcher):
    """A page may be fetched only where every host on the way allows it."""
    with Web({"/robots.txt": RULES, "/private/feed": Page()}) as other, Web() as web:
        web["/feed"] = Page(redirect=other.url("/private/feed"))
        assert ask(fetcher, web.url("/feed")) is PollReason.REFUSED_BY_ROBOTS
        assert other.paths == ["/robots.txt"]


def test_a_file_behind_redirects_counts(fetcher):
    """RFC 9309, 2.3.1.2: five hops at least; a circle counts as no file."""
    with Web({"/robots.txt": Page(redirect="/r1"), "/r1": Page(redirect="/r2"), "/r2": RULES}) as web:
        assert ask(fetcher, web.url("/private/x")) is PollReason.REFUSED_BY_ROBOTS
    with Web({"/robots.txt": Page(redirect="/robots.txt"), "/feed": Page()}) as web:
        assert ask(fetcher, web.url("/feed")) == 200


@pytest.mark.parametrize(
    "body",
    [
        b"User-agent: *\nDisallow: /private\n" + b"# x\n" * 200_000,
        b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /private\r\n",
        b"user-agent:*\rdisallow:/private\r",
        b"User-agent: *\nDisallow: /private\n\xff\xfe\x00",
    ],
    ids=["larger than read", "byte order mark", "old line ends", "broken bytes"],
)
def test_odd_files_are_read_as_far_as_they_go(fetcher, body):
    """The first 500 KB, in whatever shape."""
    with Web({"/robots.txt": Page(body)}) as web:
        assert ask(fetcher, web.url("/private/x")) is PollReason.REFUSED_BY_ROBOTS


def test_an_endless_file_is_cut(fetcher):
    """What was read of it counts."""
    with Web({"/robots.txt": Page(b"User-agent: *\nDisallow: /private\n" * 999, endless=True)}) as web:
        assert ask(fetcher, web.url("/private/x")) is PollReason.REFUSED_BY_ROBOTS
