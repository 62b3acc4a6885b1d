"""Which addresses may be asked: public ones only, whatever form they hide in.

The table follows the IANA special-purpose address registries (RFC 6890 and its updates) instead of
`ipaddress.is_global`, which differs between Python releases and takes 6to4, NAT64 and site-local
addresses for global.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
from collections.abc import Callable, Sequence
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from monitor.fetch.lookup import LookupThreads

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

_REFUSED_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network; 0.0.0.0 reaches loopback on Linux
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; also Alibaba Cloud's metadata service
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host service: a public number, answered by the host
        "169.254.0.0/16",  # link-local; metadata services of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; also Oracle Cloud's metadata service
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays, retired
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_REFUSED_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, among them Teredo, which hides an IPv4 address
        "2001:db8::/32",
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_ISATAP_MARKS = (0x00005EFE, 0x02005EFE)  # RFC 5214, 6.1: the upper half of the interface identifier

# Names that only mean something inside a network (RFC 6761, 6762, 8375, and common practice).
_INSIDE_SUFFIXES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "home.arpa")

_MAX_ADDRESSES = 4


class AddressRefused(Exception):
    """The name leads, or may lead, to an address that is not public."""


class NameNotResolved(Exception):
    """The name has no address, or the answer did not come in time."""


def is_public(address: Address) -> bool:
    """Whether the address belongs to the public internet; addresses in addresses are looked into."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _REFUSED_V4)
    hidden = _hidden_v4(address)
    if hidden is not None:
        return is_public(hidden)
    return address in _GLOBAL_UNICAST and not any(address in network for network in _REFUSED_V6)


def _hidden_v4(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a packet to this IPv6 address would end at, if it is of that kind."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    number = int(address)
    if address in _NAT64:
        return IPv4Address(number & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return IPv4Address((number >> 80) & 0xFFFFFFFF)
    if address in _GLOBAL_UNICAST and (number >> 32) & 0xFFFFFFFF in _ISATAP_MARKS:
        return IPv4Address(number & 0xFFFFFFFF)
    return None


def system_resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, in the order the system prefers.

    Raises:
        OSError: there are none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


class Guard:
    """Turns a name into the addresses that may be dialled."""

    def __init__(self, *, allow_private: bool, resolve: Resolve = system_resolve) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._threads = LookupThreads()

    def addresses(self, host: str, port: int, *, timeout_s: float) -> tuple[str, ...]:
        """The checked addresses of a name, best first, four at most; dial these and nothing else.

        One address that is not public refuses the name: which one gets dialled must not be left to
        chance, or to whoever answers for the name.

        Raises:
            AddressRefused: an address is not public.
            NameNotResolved: no address, or none within `timeout_s`.
        """
        found = self._lookup(host, port, timeout_s)
        for text in found:
            # Parsed in any case: what is no address would be looked up again where it is dialled.
            address = ipaddress.ip_address(text)
            if not (self._allow_private or is_public(address)):
                leads = f"{text} is" if host == text else f"{host} leads to {text},"
                raise AddressRefused(f"{leads} not a public address")
        return found[:_MAX_ADDRESSES]

    def check_for_proxy(self, host: str, port: int, *, timeout_s: float) -> None:
        """Nothing, if a proxy may be asked for this name.

        What this cannot check: the proxy looks the name up again, and may see other addresses. A
        name that cannot be looked up here at all, as in networks where only the proxy can, passes
        unless it is one of an inside network.

        Raises:
            AddressRefused: an address is not public, or the name is an inside one.
        """
        if self._allow_private:
            return
        if is_inside_name(host):
            raise AddressRefused(f"{host} is a name of an inside network")
        try:
            self.addresses(host, port, timeout_s=timeout_s)
        except NameNotResolved:
            return

    def _lookup(self, host: str, port: int, timeout_s: float) -> tuple[str, ...]:
        try:
            return (str(ipaddress.ip_address(host)),)
        except ValueError:
            pass
        # getaddrinfo takes no timeout and can block for half a minute: wait for it beside a clock.
        answers: queue.SimpleQueue[tuple[str, ...] | Exception] = queue.SimpleQueue()
        self._threads.start(partial(self._answer, host, port, answers))
        try:
            answer = answers.get(timeout=max(timeout_s, 0.001))
        except queue.Empty:
            raise NameNotResolved(f"looking up {host} took longer than {timeout_s:.1f} s") from None
        if isinstance(answer, Exception):
            raise NameNotResolved(f"{host} has no address: {answer}") from answer
        if not answer:
            raise NameNotResolved(f"{host} has no address")
        return answer

    def _answer(self, host: str, port: int, answers: queue.SimpleQueue[tuple[str, ...] | Exception]) -> None:
        try:
            # A zone ("fe80::1%eth0") says which link, which no public address needs.
            answers.put(tuple(text.partition("%")[0] for text in self._resolve(host, port)))
        except (OSError, UnicodeError) as error:
            answers.put(error)


def is_inside_name(host: str) -> bool:
    """Whether a name can only mean something inside a network: one label, or a private suffix."""
    name = host.rstrip(".").lower()
    try:
        ipaddress.ip_address(name)
        return False
    except ValueError:
        pass
    return "." not in name or name.endswith(tuple(f".{suffix}" for suffix in _INSIDE_SUFFIXES))
