"""httpx on a connection pool of our own, because httpx's offers no say in how connections are made."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterator

import httpcore
import httpx

from monitor.errors import ConfigError, ConfigProblem
from monitor.fetch.connections import KEEPALIVE_COUNT, KEEPALIVE_S, Connections, Requests
from monitor.fetch.dial import GuardedBackend
from monitor.fetch.guard import Guard
from monitor.settings.schema import Network

_MAX_CONNECTIONS = 200


class PoolTransport(httpx.BaseTransport):
    """Hands requests to a pool. Errors pass as httpcore raises them: `faults` reads those.

    A response's headers are in its extension "head", as bytes. httpx itself gets none of them: it
    would parse Location, Content-Encoding and Set-Cookie before anyone asks, each in its own way.
    """

    def __init__(self, pool: Requests) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        answer = self._pool.handle_request(
            httpcore.Request(
                request.method,
                url,
                headers=request.headers.raw,
                content=request.read(),
                extensions=request.extensions,
            )
        )
        head = [(name.lower(), value) for name, value in answer.headers]
        return httpx.Response(answer.status, stream=_Stream(answer), extensions={"head": head})

    def close(self) -> None:
        self._pool.close()


class _Stream(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


def build_client(settings: Network, guard: Guard, *, user_agent: str) -> httpx.Client:
    """The one client of a process.

    Raises:
        ConfigError: `network.ca_file` or `network.proxy` cannot be used.
    """
    limits = httpx.Timeout(settings.read_timeout, connect=settings.connect_timeout, pool=settings.total_timeout)
    return httpx.Client(
        transport=PoolTransport(_pool(settings, guard)),
        trust_env=False,
        follow_redirects=False,
        timeout=limits,
        headers={"User-Agent": user_agent},
    )


def _pool(settings: Network, guard: Guard) -> Requests:
    context = _tls_context(settings.ca_file)
    if settings.proxy is None:
        return Connections(ssl_context=context, backend=GuardedBackend(guard))
    proxy = _proxy_url(settings.proxy)
    return httpcore.HTTPProxy(
        proxy_url=httpcore.URL(scheme=proxy.raw_scheme, host=proxy.raw_host, port=proxy.port, target=b"/"),
        proxy_headers=_proxy_headers(proxy),
        ssl_context=context,
        proxy_ssl_context=_tls_context(settings.ca_file) if proxy.scheme == "https" else None,
        max_connections=_MAX_CONNECTIONS,
        max_keepalive_connections=KEEPALIVE_COUNT,
        keepalive_expiry=KEEPALIVE_S,
        network_backend=GuardedBackend(None),
    )


def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    """The usual authorities, and those of `ca_file` beside them."""
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            problem = f"network.ca_file cannot be read as PEM certificates: {error}"
            raise ConfigError((ConfigProblem(file=ca_file, line=0, message=problem),)) from error
    return context


def _proxy_url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
        usable = url.scheme in ("http", "https") and bool(url.host)
    except (httpx.InvalidURL, ValueError):
        usable = False
    if not usable:
        # The value may hold a password: it is not repeated.
        problem = "must be an http:// or https:// URL of a proxy"
        raise ConfigError((ConfigProblem(file="network.proxy", line=0, message=problem),))
    return url


def _proxy_headers(proxy: httpx.URL) -> list[tuple[bytes, bytes]]:
    if not proxy.userinfo:
        return []
    token = base64.b64encode(f"{proxy.username}:{proxy.password}".encode())
    return [(b"Proxy-Authorization", b"Basic " + token)]
