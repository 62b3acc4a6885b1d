"""What hubs say, answered: their questions, their refusals and their pushes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import structlog

from monitor.core.model.subscription import Subscription
from monitor.core.websub.decide import after_denial, after_verification, is_heard
from monitor.core.websub.signature import SignatureCheck
from monitor.errors import StoreError
from monitor.ports import Clock
from monitor.websub.outside import SubscriptionStore

log = structlog.get_logger("websub")

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 random bytes in URL-safe base64
_LEASE = re.compile(r"[0-9]{1,12}")
_LONGEST_CHALLENGE = 2000
_MOST_PARAMETERS = 50
_COALESCED = timedelta(seconds=1)  # pushes of one hub within this are one


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer; the body is plain text."""

    status: int
    body: bytes = b""


NOT_FOUND = Reply(status=404)
GONE = Reply(status=410)
TAKEN = Reply(status=204)
NOT_NOW = Reply(status=503)
BAD = Reply(status=400)


class Inbox:
    """Answers requests to callbacks. Thread-safe."""

    def __init__(self, store: SubscriptionStore, *, clock: Clock, path: str, lease_s: float) -> None:
        """`path` is that of the callbacks, which begin with it; a proxy may have cut it off."""
        self._store = store
        self._clock = clock
        self._paths = (path, "/")
        self._lease_s = lease_s

    def knock(self, target: str) -> Subscription | Reply:
        """The subscription that a request's target belongs to, or the answer when there is none."""
        try:
            folder, _, token = urlsplit(target).path.rpartition("/")
            if f"{folder}/" not in self._paths or not _TOKEN.fullmatch(token):
                return NOT_FOUND
            return self._store.by_token(token) or NOT_FOUND
        except ValueError:
            return NOT_FOUND
        except StoreError as error:
            log.warning("not answered", why=str(error))
            return NOT_NOW

    def question(self, target: str) -> Reply:
        """The answer to a GET: the challenge, when it asks about what we asked for."""
        found = self.knock(target)
        if isinstance(found, Reply):
            return found
        try:
            asked = dict(reversed(parse_qsl(urlsplit(target).query, max_num_fields=_MOST_PARAMETERS)))
        except ValueError:
            return BAD
        try:
            if asked.get("hub.mode") == "denied":
                return self._denied(found, asked)
            return self._verified(found, asked)
        except StoreError as error:
            log.warning("not answered", topic=found.topic, why=str(error))
            return NOT_NOW

    def push(self, found: Subscription, signature: str | None, pieces: Iterable[bytes]) -> Reply:
        """The answer to a POST, whose body is read and forgotten.

        A push only says that the feed has news, which is then fetched from the publisher: nothing a
        hub sends, or anybody in its name, becomes an article. So a replay costs one poll at most.
        A wrong signature gets the same answer as a right one (WebSub, section 7.1).
        """
        check = SignatureCheck(signature, secret=found.secret)
        for piece in pieces:
            check.feed(piece)
        if not is_heard(found):
            return GONE
        if not check.holds:
            log.warning("push ignored", topic=found.topic, why="its signature is missing or wrong")
            return TAKEN
        now = self._clock.now()
        if found.pushed_at is not None and timedelta(0) <= now - found.pushed_at < _COALESCED:
            return TAKEN
        try:
            is_taken = self._store.push(found.token, now=now)
        except StoreError as error:
            log.warning("not answered", topic=found.topic, why=str(error))
            return NOT_NOW
        if is_taken:
            log.info("pushed", topic=found.topic)
        return TAKEN if is_taken else GONE

    def _verified(self, found: Subscription, asked: Mapping[str, str]) -> Reply:
        mode, topic = asked.get("hub.mode", ""), asked.get("hub.topic", "")
        challenge, lease = asked.get("hub.challenge", ""), asked.get("hub.lease_seconds", "")
        if not challenge or len(challenge) > _LONGEST_CHALLENGE:
            return BAD
        now = self._clock.now()

        def decide(subscription: Subscription) -> tuple[bool, Subscription | None]:
            return after_verification(
                subscription,
                mode=mode,
                topic=topic,
                lease_s=float(lease) if _LEASE.fullmatch(lease) else None,
                asked_lease_s=self._lease_s,
                now=now,
            )

        if not self._store.change(found.token, decide):
            log.warning("hub asks for what we did not", topic=found.topic, mode=mode[:20])
            return NOT_FOUND
        log.info("verified", topic=found.topic, mode=mode)
        return Reply(status=200, body=challenge.encode())

    def _denied(self, found: Subscription, asked: Mapping[str, str]) -> Reply:
        topic, detail = asked.get("hub.topic", ""), asked.get("hub.reason", "")
        now = self._clock.now()
        self._store.change(found.token, lambda each: (True, after_denial(each, topic=topic, detail=detail, now=now)))
        log.warning("denied", topic=found.topic, detail=detail[:200])
        return Reply(status=200)
