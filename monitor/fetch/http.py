"""GET (and now and then POST) with our own redirect loop, every limit kept, and every failure named."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from monitor.core.model.feed import PollReason
from monitor.core.model.fetch import FetchPurpose, FetchRequest, FetchResponse, FormPost
from monitor.core.model.traffic import HostTraffic
from monitor.core.poll.hints import cache_hints
from monitor.core.poll.politeness import Manners
from monitor.errors import FetchError
from monitor.fetch.body import ACCEPT_ENCODING, Decoder
from monitor.fetch.circuits import HostCircuits
from monitor.fetch.credentials import Header, credential_headers
from monitor.fetch.dial import Budget, current_budget
from monitor.fetch.faults import fetch_error
from monitor.fetch.guard import Guard, Resolve, system_resolve
from monitor.fetch.hosts import HostGate
from monitor.fetch.robots import MAX_ROBOTS_BYTES, RobotsCache, RobotsFile
from monitor.fetch.target import (
    REDIRECTS,
    SAME_METHOD,
    Chain,
    Target,
    UnusableUrl,
    next_hop,
    parse_target,
    without_credentials,
)
from monitor.fetch.traffic import Exchange, TrafficMeter
from monitor.fetch.transport import build_client
from monitor.ports import HostTurn
from monitor.settings.schema import Network

# An error page is only looked at for what kind of refusal it is.
_MAX_ERROR_BODY = 256 * 1024
_ROBOTS_REDIRECTS = 5  # RFC 9309, 2.3.1.2


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """How one chain is asked and read: `lenient` takes what came of a body that breaks off or a limit."""

    headers: tuple[Header, ...]
    purpose: FetchPurpose
    max_bytes: int
    max_redirects: int
    obey_robots: bool
    lenient: bool = False
    form: bytes | None = None  # posted instead of a GET


@dataclass(frozen=True, kw_only=True)
class _Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def values(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.headers if key == name)

    @property
    def location(self) -> str | None:
        return next(iter(self.values("location")), None) if self.status in REDIRECTS else None


class HttpFetcher:
    """The process's one way out to feeds, pages and robots.txt. Thread-safe.

    Raises:
        ConfigError: from the constructor, when proxy or CA file cannot be used.
    """

    def __init__(
        self,
        settings: Network,
        *,
        version: str,
        environ: Mapping[str, str],
        resolve: Resolve = system_resolve,
        robots_clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._environ = environ
        self._user_agent = user_agent(settings, version=version)
        self._guard = Guard(allow_private=settings.allow_private, resolve=resolve)
        self._client = build_client(settings, self._guard, user_agent=self._user_agent)
        self._gate = HostGate(
            usual=Manners(at_once=settings.per_host, gap_s=settings.host_gap),
            special=_special_manners(settings),
            max_wait_s=settings.total_timeout,
        )
        self._robots = RobotsCache(agent=product_token(self._user_agent), monotonic=robots_clock)
        self._circuits = HostCircuits()
        self._meter = TrafficMeter()

    def fetch(self, request: FetchRequest) -> FetchResponse:
        """The final response of any status, redirects followed.

        The body of an error status is cut short rather than refused. A status 429 or 503 with
        Retry-After keeps everything away from that host for that long (an hour at most).

        Raises:
            FetchError: no response, or one that breaks a limit. RATE_LIMITED without `status`
                means the host was not asked: it has a queue here, or asked for a pause.
        """
        return self._within_budget(request.url, lambda budget: self._fetch(request, budget))

    def post(self, post: FormPost) -> FetchResponse:
        """The answer to a form, of any status, under the same guard, limits and manners as a fetch.

        Only redirects that keep the method (307, 308) are followed. The body is cut short rather
        than refused.

        Raises:
            FetchError: as `fetch`.
        """
        return self._within_budget(post.url, lambda budget: self._post(post, budget))

    def _within_budget(self, url: str, work: Callable[[Budget], FetchResponse]) -> FetchResponse:
        shown = without_credentials(url)
        budget = Budget(self._settings.total_timeout)
        token = current_budget.set(budget)
        try:
            return work(budget)
        except Exception as error:
            failure = fetch_error(shown, error)
            if failure is error:
                raise
            raise failure from error
        finally:
            current_budget.reset(token)

    def turn(self, url: str) -> HostTurn:
        """When the URL's host may next be asked, as it looks now; a URL that names no host waits for none."""
        try:
            gate = parse_target(url).gate
        except UnusableUrl:
            return HostTurn(host="")
        wait_s, gap_s = self._gate.turn(gate)
        return HostTurn(host=gate, wait_s=wait_s, gap_s=gap_s)

    def take_traffic(self) -> tuple[HostTraffic, ...]:
        """What was asked of each host since the last call."""
        return self._meter.take()

    def close(self) -> None:
        """Close all connections; a fetch under way fails."""
        self._client.close()

    def _fetch(self, request: FetchRequest, budget: Budget) -> FetchResponse:
        started = time.monotonic()
        target = parse_target(request.url)
        reading = _Reading(
            headers=_request_headers(request),
            purpose=request.purpose,
            max_bytes=self._settings.max_body,
            max_redirects=self._settings.max_redirects,
            obey_robots=request.obey_robots,
        )
        chain = Chain(target=replace(target, authorization=None), credentials=self._credentials(request, target))
        chain, answer = self._follow(chain, reading, budget)
        return _response(chain, answer, started)

    def _post(self, post: FormPost, budget: Budget) -> FetchResponse:
        started = time.monotonic()
        reading = _Reading(
            headers=((b"Accept", b"*/*"), (b"Content-Type", b"application/x-www-form-urlencoded")),
            purpose=FetchPurpose.HUB,
            max_bytes=_MAX_ERROR_BODY,
            max_redirects=self._settings.max_redirects,
            obey_robots=False,  # a request that the feed itself asks for, no crawling
            lenient=True,
            form=urlencode(post.fields).encode("ascii"),
        )
        target = replace(parse_target(post.url), authorization=None)
        chain, answer = self._follow(Chain(target=target), reading, budget)
        return _response(chain, answer, started)

    def _credentials(self, request: FetchRequest, target: Target) -> tuple[Header, ...]:
        headers = credential_headers(headers_env=request.headers_env, auth_env=request.auth_env, environ=self._environ)
        if target.authorization and not any(name.lower() == b"authorization" for name, _ in headers):
            headers += ((b"Authorization", target.authorization.encode("ascii")),)
        return headers

    def _follow(self, chain: Chain, reading: _Reading, budget: Budget) -> tuple[Chain, _Answer]:
        """The end of the chain and its answer."""
        met = set()
        while True:
            url = str(chain.target.url)
            if chain.state in met:
                raise FetchError(url, PollReason.TOO_MANY_REDIRECTS, "the redirects lead in a circle")
            met.add(chain.state)
            if reading.obey_robots:
                self._ask_robots(chain.target, budget)
            answer = self._one_hop(chain, reading, budget)
            keeps_method = reading.form is None or answer.status in SAME_METHOD
            if answer.location is None or not keeps_method:
                return chain, answer
            if chain.hops >= reading.max_redirects:
                raise FetchError(url, PollReason.TOO_MANY_REDIRECTS, f"more than {reading.max_redirects} redirects")
            chain = next_hop(
                chain, status=answer.status, location=answer.location, set_cookies=answer.values("set-cookie")
            )

    def _ask_robots(self, target: Target, budget: Budget) -> None:
        url = str(target.url)
        verdict = self._robots.verdict(url, origin=target.origin, fetch=lambda: self._robots_file(target, budget))
        if not verdict.allowed:
            self._meter.refused_by_robots(target.gate)
            raise FetchError(url, PollReason.REFUSED_BY_ROBOTS, verdict.detail)
        if verdict.crawl_delay_s:
            self._gate.set_crawl_delay(target.gate, verdict.crawl_delay_s)

    def _robots_file(self, target: Target, budget: Budget) -> RobotsFile:
        url = f"{target.origin}/robots.txt"
        reading = _Reading(
            headers=((b"Accept", b"text/plain, */*;q=0.5"),),
            purpose=FetchPurpose.ROBOTS,
            max_bytes=MAX_ROBOTS_BYTES,
            max_redirects=_ROBOTS_REDIRECTS,
            obey_robots=False,
            lenient=True,
        )
        try:
            _, answer = self._follow(Chain(target=parse_target(url)), reading, budget)
        except Exception as error:
            failure = fetch_error(url, error)
            if failure.reason is PollReason.TOO_MANY_REDIRECTS:
                return RobotsFile(status=404, body=b"")
            raise failure from error
        return RobotsFile(status=answer.status, body=answer.body)

    def _one_hop(self, chain: Chain, reading: _Reading, budget: Budget) -> _Answer:
        """One request in its slot of the host; the wait for it costs no network time."""
        target = chain.target
        if self._settings.proxy is not None:
            self._guard.check_for_proxy(target.host, target.port, timeout_s=self._settings.connect_timeout)
        with self._circuits.watching(target.gate), self._gate.slot(target.gate) as waited_s:
            budget.extend(waited_s)
            answer = self._request_again_if_stale(chain, reading, budget)
        hints = cache_hints(answer.headers, datetime.now(UTC))
        if answer.status in (429, 503) and hints.retry_after_s is not None:
            self._gate.hold_off(target.gate, hints.retry_after_s)
        return answer

    def _request_again_if_stale(self, chain: Chain, reading: _Reading, budget: Budget) -> _Answer:
        """A kept connection that the server closed meanwhile is no failure of the server: ask on a new one."""
        dialled = budget.dialled
        try:
            return self._metered(chain, reading)
        except FetchError as error:
            if error.reason is not PollReason.CONNECTION_FAILED or budget.dialled > dialled:
                raise
            return self._metered(chain, reading)

    def _metered(self, chain: Chain, reading: _Reading) -> _Answer:
        with self._meter.request(chain.target.gate, reading.purpose) as exchange:
            return self._request(chain, reading, exchange)

    def _request(self, chain: Chain, reading: _Reading, exchange: Exchange) -> _Answer:
        url = str(chain.target.url)
        own = {name.lower() for name, _ in chain.credentials}
        headers = [*(header for header in reading.headers if header[0].lower() not in own), *chain.credentials]
        if chain.cookie_header:
            headers.append((b"Cookie", chain.cookie_header.encode("ascii")))
        exchange.conditional = any(name in (b"If-None-Match", b"If-Modified-Since") for name, _ in headers)
        method = "GET" if reading.form is None else "POST"
        request = self._client.build_request(method, chain.target.url, headers=headers, content=reading.form)
        try:
            response = self._client.send(request, stream=True, auth=None)
        except Exception as error:
            raise fetch_error(url, error) from error
        try:
            head = tuple(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.extensions["head"]
            )
            exchange.status = response.status_code
            answer = _Answer(status=response.status_code, headers=head)
            pieces = _counted(response.iter_raw(), exchange)
            return replace(answer, body=_body(answer, pieces, reading, url))
        finally:
            response.close()


def _special_manners(settings: Network) -> dict[str, Manners]:
    return {
        name.lower().rstrip("."): Manners(
            at_once=settings.per_host if host.at_once is None else host.at_once,
            gap_s=settings.host_gap if host.gap is None else host.gap,
            pauses_whole=host.retry_after == "host",
        )
        for name, host in settings.hosts.items()
    }


def _response(chain: Chain, answer: _Answer, started: float) -> FetchResponse:
    return FetchResponse(
        status=answer.status,
        url=str(chain.target.url),
        headers=answer.headers,
        body=answer.body,
        fetched_at=datetime.now(UTC),
        elapsed_s=time.monotonic() - started,
        permanent_url=chain.permanent_url,
    )


def user_agent(settings: Network, *, version: str) -> str:
    """The User-Agent as sent: the configured one with version and contact filled in, printable ASCII only."""
    text = settings.user_agent.replace("{version}", version).replace("{contact}", settings.contact)
    return re.sub(r"[^\x20-\x7e]", "?", text).strip()


def product_token(agent: str) -> str:
    """The name that robots.txt knows an agent by (RFC 9309, 2.2.1), also of a "Mozilla/5.0 (compatible; Name/1)"."""
    found = re.search(r"compatible;\s*([A-Za-z_-]+)", agent) or re.match(r"([A-Za-z_-]+)", agent)
    return found[1] if found else agent


def _request_headers(request: FetchRequest) -> tuple[Header, ...]:
    headers = [(b"Accept", request.accept.encode("latin-1", "ignore")), (b"Accept-Encoding", ACCEPT_ENCODING.encode())]
    if request.etag:
        headers.append((b"If-None-Match", request.etag.encode("latin-1", "ignore")))
    if request.last_modified:
        headers.append((b"If-Modified-Since", request.last_modified.encode("latin-1", "ignore")))
    return tuple(headers)


def _counted(pieces: Iterator[bytes], exchange: Exchange) -> Iterator[bytes]:
    for piece in pieces:
        exchange.body_bytes += len(piece)
        yield piece


def _body(answer: _Answer, pieces: Iterator[bytes], reading: _Reading, url: str) -> bytes:
    """The decoded body. Of a redirect nothing is read, of an error status what can be had."""
    status = answer.status
    if status in (204, 304) or answer.location is not None:
        return b""
    lenient = reading.lenient or status >= 400
    max_bytes = min(reading.max_bytes, _MAX_ERROR_BODY) if status >= 400 else reading.max_bytes
    decoder: Decoder | None = None
    try:
        decoder = Decoder(", ".join(answer.values("content-encoding")), max_bytes=max_bytes)
        for piece in pieces:
            decoder.feed(piece)
        return decoder.finish()
    except Exception as error:
        if lenient:
            return decoder.so_far if decoder is not None else b""
        raise fetch_error(url, error, in_body=True) from error
