"""A fetcher under short limits, closed after the test."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import trustme

from monitor.core.model.fetch import FetchRequest, FetchResponse
from monitor.errors import FetchError
from monitor.fetch.http import HttpFetcher
from monitor.settings.schema import Network

MakeFetcher = Callable[..., HttpFetcher]


@pytest.fixture
def make_fetcher() -> Iterator[MakeFetcher]:
    """Fetchers that may reach this machine, in no hurry to be polite to it, unless told otherwise."""
    made: list[HttpFetcher] = []

    def make(*, environ: Mapping[str, str] | None = None, resolve: Any = None, **network: Any) -> HttpFetcher:
        limits = {"allow_private": True, "host_gap": 0.001, "total_timeout": 10, "read_timeout": 5}
        more = {} if resolve is None else {"resolve": resolve}
        made.append(HttpFetcher(Network(**{**limits, **network}), version="1.2", environ=environ or {}, **more))
        return made[-1]

    yield make
    for fetcher in made:
        fetcher.close()


@pytest.fixture
def get(make_fetcher: MakeFetcher) -> Callable[..., FetchResponse]:
    """The response to one GET of one fetcher, without asking robots.txt."""
    fetcher = make_fetcher()

    def ask(url: str, **request: Any) -> FetchResponse:
        return fetcher.fetch(FetchRequest(url=url, **{"obey_robots": False, **request}))

    return ask


@pytest.fixture
def failure(make_fetcher: MakeFetcher) -> Callable[..., FetchError]:
    """The error that one GET ends with, under the given network settings."""

    def ask(url: str, *, environ: Mapping[str, str] | None = None, resolve: Any = None, **settings: Any) -> FetchError:
        request = {k: settings.pop(k) for k in ("headers_env", "auth_env", "obey_robots") if k in settings}
        fetcher = make_fetcher(environ=environ, resolve=resolve, **settings)
        with pytest.raises(FetchError) as caught:
            fetcher.fetch(FetchRequest(url=url, **{"obey_robots": False, **request}))
        return caught.value

    return ask


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that exists for this run only."""
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The authority's certificate as a PEM file."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(scope="session")
def tls_server(authority: trustme.CA) -> ssl.SSLContext:
    """A server's TLS context with a certificate for localhost and outside.example."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "outside.example").configure_cert(context)
    return context
