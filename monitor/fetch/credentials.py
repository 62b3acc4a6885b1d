"""Headers from environment variables, read at the last moment and never shown."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping

Header = tuple[bytes, bytes]

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_BAD_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# These belong to the fetcher: one from outside would break framing, the byte cap or the guard.
_RESERVED = frozenset(
    ("host", "content-length", "transfer-encoding", "connection", "te", "upgrade", "accept-encoding", "range")
)


class CredentialMissing(Exception):
    """The named variable is unset, empty, or not in the promised form. The message names it, never its value."""


def credential_headers(
    *, headers_env: str | None, auth_env: str | None, environ: Mapping[str, str]
) -> tuple[Header, ...]:
    """The extra request headers.

    `headers_env` names a variable with a JSON object or "Name: value" lines, `auth_env` one with
    "user:password" or a whole Authorization value of scheme and token ("Bearer x").

    Raises: CredentialMissing.
    """
    headers: list[Header] = []
    if headers_env:
        pairs = _pairs(_value_of(headers_env, environ), headers_env)
        headers += [_checked(name, value, headers_env) for name, value in pairs]
    if auth_env:
        headers = [header for header in headers if header[0].lower() != b"authorization"]
        headers.append(_checked("Authorization", _authorization(_value_of(auth_env, environ), auth_env), auth_env))
    return tuple(headers)


def basic_authorization(user: str, password: str) -> str:
    """The value of an Authorization header (RFC 7617, UTF-8)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def _value_of(variable: str, environ: Mapping[str, str]) -> str:
    value = environ.get(variable, "").strip()
    if not value:
        raise CredentialMissing(f"the environment variable {variable} is not set")
    return value


def _pairs(value: str, variable: str) -> list[tuple[str, str]]:
    if value.startswith("{"):
        try:
            loaded = json.loads(value)
        except ValueError:
            raise CredentialMissing(f"{variable} starts like a JSON object but is none") from None
        return [(str(name), str(content)) for name, content in loaded.items()]
    lines = [line.partition(":") for line in value.splitlines() if line.strip()]
    if not all(colon for _, colon, _ in lines):
        raise CredentialMissing(f'{variable} is neither a JSON object nor lines of "Name: value"')
    return [(name.strip(), content.strip()) for name, _, content in lines]


def _authorization(value: str, variable: str) -> str:
    scheme, space, rest = value.partition(" ")
    if space and rest.strip() and _NAME.fullmatch(scheme):
        return f"{scheme} {rest.strip()}"
    user, colon, password = value.partition(":")
    if not colon:
        raise CredentialMissing(f'{variable} is neither "user:password" nor a scheme and token such as "Bearer …"')
    return basic_authorization(user, password)


def _checked(name: str, value: str, variable: str) -> Header:
    if not _NAME.fullmatch(name):
        raise CredentialMissing(f"{variable} has a header whose name no header can have")
    if name.lower() in _RESERVED:
        raise CredentialMissing(f"{variable} sets {name}, which is not its to set")
    if _BAD_VALUE.search(value):
        raise CredentialMissing(f"{variable} has a control character in the value of {name}")
    return name.encode("ascii"), value.encode()
