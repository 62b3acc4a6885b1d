"""Requests and responses, free of any HTTP library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FetchPurpose(StrEnum):
    FEED = "feed"
    PAGE = "page"
    ROBOTS = "robots"
    HUB = "hub"  # a WebSub hub


@dataclass(frozen=True, kw_only=True)
class FetchRequest:
    """One GET. `etag` and `last_modified` are sent back verbatim as the server gave them.

    `headers_env` and `auth_env` name environment variables read by the fetcher at the last moment.
    """

    url: str
    purpose: FetchPurpose = FetchPurpose.PAGE
    etag: str | None = None
    last_modified: str | None = None
    accept: str = "*/*"
    obey_robots: bool = True
    headers_env: str | None = None
    auth_env: str | None = None


@dataclass(frozen=True, kw_only=True)
class FormPost:
    """One POST of a form (application/x-www-form-urlencoded), its fields in order."""

    url: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class FetchResponse:
    """The end of a redirect chain: `body` is decoded from its content encoding, never from its charset.

    `url` is the final one. `headers` keys are lower case. `permanent_url` is the target when every
    hop was a 301 or 308.
    """

    status: int
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    fetched_at: datetime
    elapsed_s: float = 0.0
    permanent_url: str | None = None

    def header(self, name: str) -> str | None:
        """The first value of a header, None when absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), None)
