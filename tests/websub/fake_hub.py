"""A hub on loopback that does the protocol: takes requests, asks back, pushes signed bodies."""

from __future__ import annotations

import hmac
import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.web import Page, Seen, Web


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def call(
    url: str, *, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """One request by a client that knows nothing of this project."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=30)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, body=body, headers=dict(headers or {}))
        response = connection.getresponse()
        return Answer(status=response.status, body=response.read(), headers=tuple(response.getheaders()))
    finally:
        connection.close()


@dataclass
class FakeHub:
    """Use as a context manager.

    `verifies` is when it asks back: "at once" (before it answers) or "later" (by `verify`). `status`
    is its answer to requests; `lease_s` what it grants, None for what was asked.
    """

    verifies: str = "at once"
    status: int = 202
    lease_s: int | None = None
    held: dict[str, dict[str, str]] = field(default_factory=dict)  # callback -> what was asked last, once verified
    asked: list[dict[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # callbacks that gave no echo
    answers: list[Answer] = field(default_factory=list)  # to our questions
    headers: tuple[tuple[str, str], ...] = ()
    web: Web = field(default_factory=Web)

    def __enter__(self) -> FakeHub:
        self.web["/hub"] = self._take
        self.web.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.web.__exit__(kind, error, trace)

    @property
    def url(self) -> str:
        return self.web.url("/hub")

    def verify(self, **changes: str) -> Answer:
        """Ask back about the last request, with some parameters changed."""
        request = self.asked[-1]
        question = {
            "hub.mode": request["hub.mode"],
            "hub.topic": request["hub.topic"],
            "hub.challenge": "challenge-123",
            **({} if request["hub.mode"] == "unsubscribe" else {"hub.lease_seconds": self._lease(request)}),
            **changes,
        }
        answer = call(f"{request['hub.callback']}?{urlencode(question)}")
        self.answers.append(answer)
        if answer.status == 200 and answer.body.decode() == question["hub.challenge"]:
            if request["hub.mode"] == "subscribe":
                self.held[request["hub.callback"]] = request
            else:
                self.held.pop(request["hub.callback"], None)
        else:
            self.refused.append(request["hub.callback"])
        return answer

    def deny(self, reason: str = "not today") -> Answer:
        """Say that there will be no subscription."""
        request = self.asked[-1]
        question = {"hub.mode": "denied", "hub.topic": request["hub.topic"], "hub.reason": reason}
        self.held.pop(request["hub.callback"], None)
        return call(f"{request['hub.callback']}?{urlencode(question)}")

    def push(self, body: bytes = b"<feed/>", *, method: str = "sha256", signature: str | None = None) -> list[Answer]:
        """Send a body to all subscribers, signed as each asked, or with the signature given ("" for none)."""
        return [self.push_to(request, body, method=method, signature=signature) for request in self.held.values()]

    def push_to(self, request: Mapping[str, str], body: bytes, *, method: str, signature: str | None) -> Answer:
        signed = f"{method}={hmac.new(request['hub.secret'].encode(), body, method).hexdigest()}"
        headers = {"Content-Type": "application/atom+xml", "Link": f'<{self.url}>; rel="hub"'}
        if signature != "":
            headers["X-Hub-Signature"] = signed if signature is None else signature
        return call(request["hub.callback"], method="POST", body=body, headers=headers)

    def _take(self, seen: Seen) -> Page:
        request = dict(parse_qsl(seen.body.decode()))
        self.asked.append(request)
        if self.status >= 300:
            return Page(b"go away", status=self.status, headers=self.headers)
        if self.verifies == "at once":
            self.verify()
        return Page(status=self.status)

    def _lease(self, request: Mapping[str, str]) -> str:
        return str(self.lease_s if self.lease_s is not None else request["hub.lease_seconds"])
