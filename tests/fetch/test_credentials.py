"""Headers from environment variables."""

from __future__ import annotations

import pytest

from monitor.core.model.feed import PollReason
from monitor.core.model.fetch import FetchRequest
from monitor.fetch.credentials import CredentialMissing, credential_headers
from tests.web import Page, Web


def headers(value: str) -> dict[bytes, bytes]:
    return dict(credential_headers(headers_env="H", auth_env=None, environ={"H": value}))


def authorization(value: str) -> bytes:
    return dict(credential_headers(headers_env=None, auth_env="A", environ={"A": value}))[b"Authorization"]


def test_headers_are_an_object_or_lines():
    """As they are easiest to put into an environment file."""
    expected = {b"X-Key": b"a:b", b"Accept-Language": b"en"}
    assert headers('{"X-Key": "a:b", "Accept-Language": "en"}') == expected
    assert headers("X-Key: a:b\nAccept-Language:en\n\n") == expected


def test_authorization_is_user_and_password_or_scheme_and_token():
    """A password may hold colons; a scheme is what stands before a blank."""
    assert authorization("Aladdin:open:sesame") == b"Basic QWxhZGRpbjpvcGVuOnNlc2FtZQ=="
    assert authorization("Bearer abc.def") == b"Bearer abc.def"
    assert authorization("us\xe9r:p\xe4ss w\xf6rd") == b"Basic dXPDqXI6cMOkc3Mgd8O2cmQ="


def test_authorization_of_its_own_variable_wins():
    """Over one among the other headers."""
    made = credential_headers(
        headers_env="H", auth_env="A", environ={"H": "authorization: x\nX-Key: k", "A": "Bearer y"}
    )
    assert made == ((b"X-Key", b"k"), (b"Authorization", b"Bearer y"))


@pytest.mark.parametrize(
    "value",
    ["", "   ", "{broken", "no colon here", ": x", "X Y: 1", '{"X": "a\\r\\nY: b"}', "Host: evil.example"],
)
def test_unusable_headers_are_named_by_their_variable(value):
    """The message never repeats the value."""
    with pytest.raises(CredentialMissing, match=r"\bH\b") as caught:
        headers(value)
    assert not value.strip() or value not in str(caught.value)


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding", "Accept-Encoding", "Connection"])
def test_headers_that_belong_to_the_fetcher_are_refused(name):
    """They would break framing or the cap on the body."""
    with pytest.raises(CredentialMissing, match=name):
        headers(f"{name}: 5")


def test_a_password_alone_is_refused_without_being_shown():
    """It is neither of the two forms."""
    with pytest.raises(CredentialMissing) as caught:
        authorization("hunter2")
    assert "hunter2" not in str(caught.value)


def test_a_missing_variable_fails_before_anything_is_sent(failure):
    """The reason names the variable."""
    with Web({"/": Page()}) as web:
        error = failure(web.url("/"), auth_env="PAPER_AUTH")
        assert (error.reason, web.requests) == (PollReason.CREDENTIAL_MISSING, [])
    assert "PAPER_AUTH" in str(error)


def test_a_configured_header_replaces_the_usual_one(make_fetcher):
    """It is sent once, not twice."""
    with Web({"/": Page()}) as web:
        fetcher = make_fetcher(environ={"H": "Accept: text/x-own\nUser-Agent: own/1"})
        fetcher.fetch(FetchRequest(url=web.url("/"), headers_env="H", obey_robots=False))
        sent = [value for name, value in web.requests[0].headers if name in ("accept", "user-agent")]
    assert sorted(sent) == ["own/1", "text/x-own"]


def test_robots_txt_is_asked_without_credentials(make_fetcher):
    """They are for the feed."""
    with Web({"/": Page()}) as web:
        make_fetcher(environ={"A": "Bearer x"}).fetch(FetchRequest(url=web.url("/"), auth_env="A"))
        assert web.asked("/robots.txt")[0].header("authorization") is None
        assert web.requests[0].header("authorization") == "Bearer x"
