"""Behind a proxy: it is used for everything, and told only names that the guard has passed."""

from __future__ import annotations

import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest

from monitor.core.model.feed import PollReason
from monitor.core.model.fetch import FetchRequest
from monitor.errors import ConfigError
from tests.web import Page, Web

NAMES = {"outside.example": "1.1.1.1", "inside.example": "10.0.0.1"}


def resolve(host: str, port: int) -> list[str]:
    if host not in NAMES:
        raise OSError("no such name")
    return [NAMES[host]]


def ask(make_fetcher, proxy: str, url: str, **request):
    fetcher = make_fetcher(proxy=proxy, allow_private=False, resolve=resolve)
    return fetcher.fetch(FetchRequest(url=url, **{"obey_robots": False, **request}))


def test_plain_http_goes_through_the_proxy(make_fetcher):
    """In absolute form, with the proxy's own password and nobody else's."""
    with Web({"http://outside.example/feed": Page(b"by proxy")}) as proxy:
        address = proxy.url("").replace("http://", "http://desk:pw@")
        response = ask(make_fetcher, address, "http://outside.example/feed")
        (seen,) = proxy.requests
    assert (response.body, response.url) == (b"by proxy", "http://outside.example/feed")
    assert seen.header("proxy-authorization") == "Basic ZGVzazpwdw=="
    assert seen.header("host") == "outside.example"


def test_robots_txt_goes_through_the_proxy_too(make_fetcher):
    """And is obeyed."""
    rules = Page(b"User-agent: *\nDisallow: /private", content_type="text/plain")
    with Web({"http://outside.example/robots.txt": rules, "/feed": Page(b"ok")}) as proxy:
        fetcher = make_fetcher(proxy=proxy.url(""), allow_private=False, resolve=resolve)
        assert fetcher.fetch(FetchRequest(url="http://outside.example/feed")).status == 200
        with pytest.raises(Exception, match=r"robots\.txt forbids"):
            fetcher.fetch(FetchRequest(url="http://outside.example/private"))


@pytest.mark.parametrize(
    "host", ["inside.example", "127.0.0.1", "localhost", "[::1]", "169.254.169.254", "db.internal"]
)
def test_the_proxy_is_never_asked_for_the_inside(failure, host):
    """The name is checked before it is handed over."""
    with Web({"/": Page(b"secret")}) as proxy:
        error = failure(f"http://{host}/", proxy=proxy.url(""), allow_private=False, resolve=resolve)
        assert (error.reason, proxy.requests) == (PollReason.ADDRESS_REFUSED, [])


def test_a_redirect_into_the_inside_is_refused(failure):
    """The guard stands at every hop: only the first one leaves."""
    with Web({"http://outside.example/": Page(redirect="http://inside.example/admin")}) as proxy:
        error = failure("http://outside.example/", proxy=proxy.url(""), allow_private=False, resolve=resolve)
        assert error.reason is PollReason.ADDRESS_REFUSED
        assert error.url == "http://outside.example/"
        assert proxy.paths == ["http://outside.example/"]


def test_a_name_only_the_proxy_knows_is_handed_over(make_fetcher):
    """In some networks nothing outside can be looked up here."""
    with Web({"/feed": Page(b"by proxy")}) as proxy:
        assert ask(make_fetcher, proxy.url(""), "http://unknown.example/feed").body == b"by proxy"


def test_a_dead_proxy_is_a_failed_connection(failure):
    """Nothing goes around it."""
    with Web() as proxy:
        pass
    assert failure("http://outside.example/", proxy=proxy.url("")).reason is PollReason.CONNECTION_FAILED


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "127.0.0.1:3128", "http://", "http://[::1"])
def test_a_proxy_that_cannot_be_used_stops_the_start(make_fetcher, proxy):
    """With the setting's name."""
    with pytest.raises(ConfigError, match=r"network\.proxy"):
        make_fetcher(proxy=proxy)


class _Tunnel(socketserver.BaseRequestHandler):
    """CONNECT to a fixed port of this machine, whatever name is asked for."""

    target_port = 0
    asked: ClassVar[list[str]] = []

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.request.recv(4096)
        self.asked.append(head.split(b"\r\n")[0].decode())
        with socket.create_connection(("127.0.0.1", self.target_port)) as inner:
            self.request.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            ends = [self.request, inner]
            while True:
                for end in select.select(ends, [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    ends[1 - ends.index(end)].sendall(data)


@pytest.fixture
def tls_site(tls_server: ssl.SSLContext) -> Iterator[Web]:
    with Web({"/feed": Page(b"encrypted")}, tls=tls_server) as web:
        yield web


def test_https_goes_through_a_tunnel_and_verifies_the_name(make_fetcher, tls_site, ca_file):
    """The proxy sees a name and a port, and no more."""

    class Tunnel(_Tunnel):
        target_port = tls_site.port
        asked: ClassVar[list[str]] = []

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tunnel) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        proxy = f"http://127.0.0.1:{server.server_address[1]}"
        fetcher = make_fetcher(proxy=proxy, ca_file=ca_file, resolve=resolve, allow_private=False)
        response = fetcher.fetch(FetchRequest(url="https://outside.example/feed", obey_robots=False))
        fetcher.close()
        server.shutdown()
    assert response.body == b"encrypted"
    assert Tunnel.asked == ["CONNECT outside.example:443 HTTP/1.1"]
