"""Every fault a feed can have: nothing is lost, the reason is stored and reported, the next good poll mends it."""

from __future__ import annotations

import gzip
import json
import socket
import zlib
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import pytest

from monitor.cli.context import CliContext
from monitor.cli.main import main
from monitor.core.model.feed import FeedState, PollReason
from monitor.workers.pool import WorkerPool
from tests.databases import NewDatabase
from tests.house import NOW, House, Item
from tests.web import Page
from tests.web import Seen as Asked

FIRST, SECOND = (Item(slug=slug, title=f"The {slug} headline", published_at=NOW) for slug in ("first", "second"))
QUICK = {"connect_timeout": 1, "read_timeout": 0.4, "total_timeout": 2, "max_redirects": 5}


@dataclass(frozen=True)
class Fault:
    """What a feed does meanwhile: its own page, its host's robots.txt, and where its host's name leads."""

    reason: PollReason
    page: Page = field(default_factory=Page)
    robots: str = ""
    address: str | Exception = "127.0.0.1"


def _bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(b" " * 2**20) for _ in range(64)) + packer.flush()


def _endless_items() -> bytes:
    """Just below the limit on a body, and nothing wrong with it: no parser is through with it in time."""
    return b"<rss><channel>" + b"<item><title>a</title></item>" * 480_000 + b"</channel></rss>"


HTML = "<!doctype html><html><head><title>{0}</title></head><body><p>{0}</p></body></html>"
RSS = "application/rss+xml"
CONSENT = (
    "Before you go on: we and our 120 partners store and/or access information on a device. "
    "Accept all cookies, or manage your privacy settings."
)
FAULTS = {
    "name without address": Fault(PollReason.DNS_FAILURE, address=socket.gaierror(-2, "Name or service not known")),
    "refused connection": Fault(PollReason.CONNECTION_FAILED, address="127.0.0.9"),
    "reset": Fault(PollReason.CONNECTION_FAILED, Page(reset=True)),
    "not HTTP": Fault(PollReason.CONNECTION_FAILED, Page(raw=b"220 mail.example ESMTP\r\n")),
    "no answer": Fault(PollReason.TIMEOUT, Page(stall=True)),
    "head without body": Fault(PollReason.TIMEOUT, Page(b"x", stall_body=True)),
    "byte by byte": Fault(PollReason.TIMEOUT, Page(b"x" * 1000, drip_s=0.05)),
    "endless head": Fault(PollReason.TOO_LARGE, Page(raw=b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 20_000)),
    "body shorter than promised": Fault(PollReason.TRUNCATED, Page(b"<rss/>", content_length=5000)),
    "gzip cut in the middle": Fault(
        PollReason.TRUNCATED, Page(gzip.compress(b"<rss>" * 99)[:-12], headers=(("Content-Encoding", "gzip"),))
    ),
    "no gzip at all": Fault(PollReason.BAD_ENCODING, Page(b"<rss/>", headers=(("Content-Encoding", "gzip"),))),
    "an encoding nobody asked for": Fault(
        PollReason.BAD_ENCODING, Page(b"\x1b\x03", headers=(("Content-Encoding", "br"),))
    ),
    "gzip bomb": Fault(PollReason.TOO_LARGE, Page(_bomb(), headers=(("Content-Encoding", "gzip"),))),
    "endless body": Fault(PollReason.TOO_LARGE, Page(b"<rss>" * 2000, endless=True)),
    "redirects in a circle": Fault(PollReason.TOO_MANY_REDIRECTS, Page(redirect="#again")),
    "redirect to no URL": Fault(PollReason.INVALID_URL, Page(redirect="gopher://old.example/")),
    "403": Fault(PollReason.HTTP_ERROR, Page(b"no", status=403)),
    "404": Fault(PollReason.HTTP_ERROR, Page(b"no", status=404)),
    "410": Fault(PollReason.GONE, Page(b"no", status=410)),
    "429": Fault(PollReason.RATE_LIMITED, Page(b"slow", status=429, headers=(("Retry-After", "120"),))),
    "500": Fault(PollReason.HTTP_ERROR, Page(b"oops", status=500)),
    "503": Fault(PollReason.HTTP_ERROR, Page(b"later", status=503, headers=(("Retry-After", "120"),))),
    "forbidden by robots.txt": Fault(PollReason.REFUSED_BY_ROBOTS, robots="User-agent: *\nDisallow: /"),
    "empty body": Fault(PollReason.EMPTY_BODY, Page(b"  \n")),
    "a page instead": Fault(PollReason.NOT_A_FEED, Page(HTML.format("Welcome"))),
    "a bot wall, 200": Fault(PollReason.BOT_WALL, Page(HTML.format("Just a moment..."))),
    "a bot wall, 403": Fault(
        PollReason.BOT_WALL, Page(HTML.format("Checking"), status=403, headers=(("cf-mitigated", "challenge"),))
    ),
    "a consent page": Fault(PollReason.CONSENT_PAGE, Page(HTML.format(CONSENT))),
    "a login page": Fault(PollReason.LOGIN_WALL, Page(HTML.format("Please log in to read this"), status=401)),
    "broken XML": Fault(PollReason.INVALID_XML, Page("<rss><channel><title>T</", content_type=RSS)),
    "broken JSON": Fault(PollReason.INVALID_JSON, Page('{"version": ', content_type="application/feed+json")),
    "JSON Feed 9": Fault(
        PollReason.UNKNOWN_VERSION, Page('{"version": "https://jsonfeed.org/version/9", "items": []}')
    ),
    "no entries": Fault(PollReason.EMPTY_FEED, Page("<rss><channel><title>T</title></channel></rss>")),
    "too much to parse": Fault(PollReason.PARSER_TIMEOUT, Page(_endless_items(), content_type=RSS)),
}
NO_FAILURE = {PollReason.EMPTY_FEED}


FEEDS = {name: f"feed{number}" for number, name in enumerate(FAULTS)}


@dataclass(frozen=True)
class Seen:
    """What is known of a feed after a run: its state, what `monitor sources list` says, and its entries."""

    state: FeedState
    listed: dict[str, Any]

    @property
    def entries(self) -> int:
        count: int = self.listed["entries"]
        return count


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Iterator[list[dict[str, Seen]]]:
    """A good poll of every feed, one with every feed at fault, and a good one again: what was known after each."""
    with (
        WorkerPool(2, 2.0, 2**30) as workers,
        new_database("sqlite") as url,
        House(folder=tmp_path_factory.mktemp("faults"), database_url=url, workers=workers) as house,
        pytest.MonkeyPatch.context() as patch,
    ):
        house.settings = {"network": QUICK}
        serve(house, FIRST)
        seen = [run(house, patch, at_fault=False)]
        house.web["/robots.txt"] = lambda asked: Page(of_host(asked).robots, content_type="text/plain")
        for name, path in FEEDS.items():
            house.web[f"/{path}.xml"] = FAULTS[name].page
        house.clock.advance(hours=1)
        seen.append(run(house, patch, at_fault=True))
        del house.web["/robots.txt"]
        serve(house, SECOND, FIRST)
        house.clock.advance(days=8)
        seen.append(run(house, patch, at_fault=False))
        yield seen


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_stored_reported_and_mended_by_the_next_good_poll(runs: list[dict[str, Seen]], name: str) -> None:
    """Before, meanwhile and after: every entry is stored once, whatever the feed did in between."""
    before, meanwhile, after = (seen[name] for seen in runs)
    reason = FAULTS[name].reason
    is_failure = reason not in NO_FAILURE
    assert (before.state.last_reason, before.entries) == (PollReason.NEW_ENTRIES, 1)

    assert meanwhile.state.last_reason is reason
    assert (meanwhile.state.failures > 0) is is_failure
    assert meanwhile.entries == 1
    assert (meanwhile.listed["last_reason"], meanwhile.listed["state"]) == (reason, "failing" if is_failure else "ok")
    assert meanwhile.listed["last_detail"] or not is_failure
    if is_failure:  # what is remembered of the last good body stays
        assert meanwhile.state.body_digest == before.state.body_digest

    assert (after.state.last_reason, after.state.failures, after.entries) == (PollReason.NEW_ENTRIES, 0, 2)
    assert after.state.gone_since is None


def serve(house: House, *items: Item) -> None:
    """Every feed holds these entries, each at a host of its own."""
    for name, path in FEEDS.items():
        house.publish_feed(f"/{path}.xml", items, name=name)
    house.sources[:] = [
        {"name": name, "url": house.web.url(f"/{path}.xml", host=f"{path}.test")} for name, path in FEEDS.items()
    ]


def run(house: House, patch: pytest.MonkeyPatch, *, at_fault: bool) -> dict[str, Seen]:
    """One pass over all feeds, and what is known then."""
    addresses = {f"{path}.test": FAULTS[name].address if at_fault else "127.0.0.1" for name, path in FEEDS.items()}

    def look_up(host: str, *arguments: Any, **options: Any) -> Any:
        answer = addresses.get(host, host)
        if isinstance(answer, Exception):
            raise answer
        return LOOK_UP(answer, *arguments, **options)

    patch.setattr(socket, "getaddrinfo", look_up)
    house.run_once()
    listed = {source["name"]: source for source in sources_list(house)}
    return {name: Seen(state=house.feed_state(name), listed=listed[name]) for name in FAULTS}


LOOK_UP = socket.getaddrinfo


def of_host(asked: Asked) -> Fault:
    """The fault of the host a request was for."""
    host = (asked.header("host") or "").partition(".")[0]
    return next(FAULTS[name] for name, path in FEEDS.items() if path == host)


def sources_list(house: House) -> list[dict[str, Any]]:
    """What `monitor sources list --json` says."""
    given = CliContext(environ=house.environ, now=house.clock.now)
    with redirect_stdout(StringIO()) as printed, pytest.raises(SystemExit) as ended:
        main(["--config", str(house.config()), "sources", "list", "--json"], given=given)
    assert ended.value.code in (0, None)
    sources: list[dict[str, Any]] = json.loads(printed.getvalue())
    return sources
