"""Only public addresses are asked, whatever form the others hide in."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model.feed import PollReason
from monitor.core.model.fetch import FetchRequest
from monitor.fetch.guard import AddressRefused, Guard, NameNotResolved, is_inside_name, is_public, system_resolve
from tests.web import Page, Web

REFUSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::",
    "2002:c0a8:101::1",
    "2a00:1450::5efe:a00:1",
    "2a00:1450::200:5efe:7f00:1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.215.14",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:82a::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_public_are_refused(address):
    """Private, shared, link-local, metadata, multicast, reserved, and IPv4 hidden in IPv6."""
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address):
    """Neighbours of the refused ranges among them."""
    assert is_public(ipaddress.ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_disguise(address):
    """Mapped, 6to4 and NAT64 forms lead to the same host."""
    number = int(address)
    disguises = ((0xFFFF << 32) | number, (0x2002 << 112) | (number << 80), (0x0064_FF9B << 96) | number)
    assert {is_public(ipaddress.IPv6Address(form)) for form in disguises} == {is_public(address)}


HOSTILE_URLS = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://0/",
    "http://0.0.0.0:8080/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://0xa9fea9fe/",
    "http://100.100.100.200/",
    "http://192.168.0.1/",
    "http://10.1/",
    "http://172.16.0.1:9200/_cat",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://user:pw@127.0.0.1/",
    "http://public.example@127.0.0.1/",
    "http://127.0.0.1#@public.example/",
    "http://127.0.0.1\u3002/",
    "http://\uff11\uff12\uff17.0.0.1/",
    "http://\u2460\u2461\u2466.0.0.1/",
    "https://127.0.0.1:443/",
]


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_hostile_urls_are_refused_before_anything_is_sent(failure, monkeypatch, url):
    """No connection is even tried; the reason says why."""
    tried: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: tried.append(address))
    error = failure(url, allow_private=False)
    assert error.reason in (PollReason.ADDRESS_REFUSED, PollReason.INVALID_URL, PollReason.DNS_FAILURE)
    assert tried == []


# A header line holds no others than these.
IN_A_HEADER = [url for url in HOSTILE_URLS if url.isascii()]


@pytest.mark.parametrize("url", [*IN_A_HEADER, "http://inside.example/"])
def test_a_redirect_to_a_hostile_url_is_refused_at_its_hop(failure, monkeypatch, url):
    """The guard asks again at every hop; the network here leads one public address to a server of this machine."""
    names = {"public.example": ["1.1.1.1"], "inside.example": ["10.1.2.3"]}
    connect, tried = socket.socket.connect, []

    def routed(self: socket.socket, address: tuple[str, int]) -> None:
        tried.append(address)
        connect(self, ("127.0.0.1", address[1]) if address[0] == "1.1.1.1" else address)

    with Web({"/": Page(redirect=url)}) as web:
        monkeypatch.setattr(socket.socket, "connect", routed)
        error = failure(
            f"http://public.example:{web.port}/",
            allow_private=False,
            resolve=lambda host, port: names.get(host) or system_resolve(host, port),
        )
        assert error.reason in (PollReason.ADDRESS_REFUSED, PollReason.INVALID_URL, PollReason.DNS_FAILURE)
        assert tried == [("1.1.1.1", web.port)]


def test_the_usual_names_of_this_machine_are_refused_for_their_address(failure):
    """By what they lead to, not by how they are spelt."""
    with Web({"/": Page(b"secret")}) as web:
        for host in ("127.0.0.1", "localhost", "127.1", "2130706433"):
            assert failure(web.url("/", host=host), allow_private=False).reason is PollReason.ADDRESS_REFUSED
        assert web.requests == []


def test_one_private_address_among_public_ones_refuses_the_name(failure):
    """Which of them is dialled must not be left to chance."""
    error = failure("http://mixed.example/", allow_private=False, resolve=lambda host, port: ["1.1.1.1", "10.0.0.1"])
    assert error.reason is PollReason.ADDRESS_REFUSED
    assert "10.0.0.1" in str(error)


def test_the_address_that_was_checked_is_the_one_that_is_dialled(make_fetcher):
    """A name that changes its answer between check and connection gets no second look-up."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    with Web({"/": Page(b"pinned")}) as web:
        fetcher = make_fetcher(resolve=lambda host, port: next(answers))
        response = fetcher.fetch(FetchRequest(url=f"http://rebind.example:{web.port}/", obey_robots=False))
        (seen,) = web.requests
    assert response.body == b"pinned"
    assert seen.header("host") == f"rebind.example:{web.port}"
    assert next(answers) == ["10.0.0.1"]


def test_literal_addresses_are_never_looked_up():
    """And come back as they are."""
    guard = Guard(allow_private=False, resolve=lambda host, port: pytest.fail("looked up"))
    assert guard.addresses("1.1.1.1", 80, timeout_s=1) == ("1.1.1.1",)
    assert guard.addresses("2606:4700:4700::1111", 80, timeout_s=1) == ("2606:4700:4700::1111",)


@pytest.mark.parametrize("name", ["router", "printer.local", "db.internal", "nas.home.arpa", "localhost", "x.LAN."])
def test_inside_names_are_known_by_their_form(name):
    """Where only a proxy could look them up, the form is all there is to judge."""
    assert is_inside_name(name)
    assert not is_inside_name("paper.example")
    assert not is_inside_name("1.1.1.1")


def test_a_name_only_the_proxy_can_look_up_passes_unless_it_is_an_inside_one():
    """What the proxy will find cannot be checked from here."""

    def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    guard = Guard(allow_private=False, resolve=unknown)
    guard.check_for_proxy("paper.example", 80, timeout_s=1)
    with pytest.raises(NameNotResolved):
        guard.addresses("paper.example", 80, timeout_s=1)
    for inside in ("router", "db.internal", "10.0.0.1"):
        with pytest.raises(AddressRefused):
            guard.check_for_proxy(inside, 80, timeout_s=1)
