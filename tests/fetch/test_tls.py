"""TLS: the certificate must be good for the name, although the address was dialled."""

from __future__ import annotations

import pytest

from monitor.core.model.feed import PollReason
from monitor.core.model.fetch import FetchRequest
from monitor.errors import ConfigError
from tests.web import Page, Web


@pytest.fixture
def site(tls_server):
    with Web({"/feed": Page(b"encrypted")}, tls=tls_server) as web:
        yield web


def test_a_certificate_of_the_configured_authority_is_trusted(make_fetcher, site, ca_file):
    """For the name in the URL, while the checked address is dialled."""
    fetcher = make_fetcher(ca_file=ca_file, resolve=lambda host, port: ["127.0.0.1"])
    request = FetchRequest(url=site.url("/feed", host="outside.example"), obey_robots=False)
    assert fetcher.fetch(request).body == b"encrypted"


def test_an_unknown_authority_is_a_tls_failure(failure, site):
    """Never passed over."""
    error = failure(site.url("/feed", host="localhost"))
    assert error.reason is PollReason.TLS_FAILURE
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)


def test_a_certificate_for_another_name_is_a_tls_failure(failure, site, ca_file):
    """The address alone proves nothing."""
    url = site.url("/feed", host="other.example")
    assert failure(url, ca_file=ca_file, resolve=lambda host, port: ["127.0.0.1"]).reason is PollReason.TLS_FAILURE


def test_a_server_that_speaks_no_tls_is_a_tls_failure(failure):
    """And is told apart from one that is not there."""
    with Web({"/": Page()}) as plain:
        assert failure(plain.url("/").replace("http://", "https://")).reason is PollReason.TLS_FAILURE


def test_an_authority_that_cannot_be_read_stops_the_start(make_fetcher, tmp_path):
    """With the file's name."""
    (tmp_path / "empty.pem").write_text("nothing here")
    for name in ("missing.pem", "empty.pem"):
        with pytest.raises(ConfigError, match=name):
            make_fetcher(ca_file=str(tmp_path / name))
