"""Where a request goes: parsed URLs without credentials, and the hops of a redirect chain."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

import httpx

from monitor.fetch.credentials import Header, basic_authorization

_DEFAULT_PORTS = {"http": 80, "https": 443}
_PERMANENT = (301, 308)
REDIRECTS = (301, 302, 303, 307, 308)
SAME_METHOD = (307, 308)  # RFC 9110, 15.4: a POST stays a POST
_COOKIE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,128})=([\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{0,2048})")
_MAX_COOKIES = 20
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


class UnusableUrl(Exception):
    """Not an http(s) URL with a host. The message is fit for logs: it holds no credentials."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One URL to ask, free of user and password; `authorization` is what they make."""

    url: httpx.URL
    authorization: str | None = None

    @property
    def host(self) -> str:
        return self.url.raw_host.decode("ascii")

    @property
    def port(self) -> int:
        return self.url.port or _DEFAULT_PORTS[self.url.scheme]

    @property
    def gate(self) -> str:
        """The key for manners: the host, with its port only where that is an unusual one."""
        return self.host if self.port in (80, 443) else self._host_and_port

    @property
    def origin(self) -> str:
        return f"{self.url.scheme}://{self._host_and_port}"

    @property
    def _host_and_port(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_target(text: str, *, base: httpx.URL | None = None) -> Target:
    """The target a URL names, relative to `base` if given; a fragment is dropped.

    Raises: UnusableUrl.
    """
    return _parsed(text.strip(), base)


@lru_cache(maxsize=1024)  # one URL is parsed for its host's turn, and again when it comes
def _parsed(text: str, base: httpx.URL | None) -> Target:
    try:
        # An absolute URL is never joined: joining makes "http://" the base's own address.
        url = httpx.URL(text) if base is None or _ABSOLUTE.match(text) else base.join(text)
        scheme, host = url.scheme, url.raw_host.decode("ascii")
        port_is_fine = url.port is None or 0 < url.port < 65536
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise UnusableUrl(f"not a URL: {error}") from None
    if scheme not in _DEFAULT_PORTS:
        raise UnusableUrl(f"only http and https are fetched, not {scheme[:20] or 'a URL without scheme'!r}")
    if not host.strip("."):
        raise UnusableUrl("the URL has no host")
    if not port_is_fine:
        raise UnusableUrl("the URL has no usable port")
    authorization = basic_authorization(url.username, url.password) if url.userinfo else None
    return Target(url=url.copy_with(userinfo=b"", fragment=None), authorization=authorization)


def without_credentials(text: str) -> str:
    """A URL as it may be shown and stored: user and password cut out, even of a malformed one."""
    return re.sub(r"^(\s*[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*@", lambda found: f"{found[1] or ''}//", text)


@dataclass(frozen=True, kw_only=True)
class Chain:
    """How far a fetch has come along its redirects.

    `credentials` go only to where they were meant for: once the chain has left that origin they
    are gone for good. `cookies` live for this chain alone; some sites send every visitor in
    circles until their cookie comes back.
    """

    target: Target
    credentials: tuple[Header, ...] = ()
    cookies: tuple[tuple[str, str, str], ...] = ()  # host, name, value
    hops: int = 0
    all_permanent: bool = True

    @property
    def permanent_url(self) -> str | None:
        """The present URL when it was reached over permanent redirects only, at least one."""
        return str(self.target.url) if self.hops and self.all_permanent else None

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for host, name, value in self.cookies if host == self.target.host)

    @property
    def state(self) -> tuple[str, str]:
        """What decides the answer: meeting the same state twice is a loop."""
        return str(self.target.url), self.cookie_header


def next_hop(chain: Chain, *, status: int, location: str, set_cookies: tuple[str, ...]) -> Chain:
    """The chain after following one redirect.

    Raises: UnusableUrl.
    """
    target = replace(parse_target(location, base=chain.target.url), authorization=None)
    keeps_credentials = may_keep_credentials(chain.target, target)
    return replace(
        chain,
        target=target,
        credentials=chain.credentials if keeps_credentials else (),
        cookies=_with_cookies(chain, set_cookies),
        hops=chain.hops + 1,
        all_permanent=chain.all_permanent and status in _PERMANENT,
    )


def may_keep_credentials(before: Target, after: Target) -> bool:
    """Whether credentials may follow: to the same origin, or from http to https of the same host."""
    if before.origin == after.origin:
        return True
    upgrade = (before.url.scheme, before.port, after.url.scheme, after.port) == ("http", 80, "https", 443)
    return upgrade and before.host == after.host


def _with_cookies(chain: Chain, set_cookies: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    held = {(host, name): value for host, name, value in chain.cookies}
    for line in set_cookies:
        match = _COOKIE.match(line.strip())
        if match:
            held[(chain.target.host, match[1])] = match[2]
    return tuple((host, name, value) for (host, name), value in held.items())[:_MAX_COOKIES]
