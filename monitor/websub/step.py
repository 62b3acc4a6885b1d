"""WebSub: hubs are asked for what the feeds want, and told to stop what they no longer want."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from monitor.core.model.feed import PollReason
from monitor.core.model.fetch import FormPost
from monitor.core.model.subscription import ClaimedSubscription, HubFeed, Subscription, SubscriptionReason
from monitor.core.poll.hints import cache_hints
from monitor.core.websub.decide import HubAnswer, after_answer, mode_of, reconcile
from monitor.errors import FetchError, LeaseLost
from monitor.ports import Clock
from monitor.steps.step import Work, write_result
from monitor.websub.outside import Poster, SubscriptionStore

log = structlog.get_logger("websub")

LEASE_S = 300.0  # above the longest request and wait for the hub's turn
THREADS = 2  # many feeds share one hub, which is asked no faster than any host
LOOK_EVERY = timedelta(seconds=10)  # at which feeds name which hubs
_SAID = 200  # characters of a hub's refusal that are kept

RandomText = Callable[[], str]


def random_text() -> str:
    """43 characters nobody can guess."""
    return secrets.token_urlsafe(32)


class WebSubStep:
    """Asks hubs while `is_heard` says that their questions reach us; with `ending`, only to stop."""

    name = "websub"
    threads = THREADS

    def __init__(
        self,
        *,
        store: SubscriptionStore,
        poster: Poster,
        clock: Clock,
        callback: str,
        lease_s: float,
        is_heard: Callable[[], bool],
        ending: bool = False,
        random: RandomText = random_text,
    ) -> None:
        self._store = store
        self._poster = poster
        self._clock = clock
        self._callback = callback
        self._lease_s = lease_s
        self._is_heard = is_heard
        self._ending = ending
        self._random = random
        self._look_at: datetime | None = None

    def claim(self, limit: int) -> tuple[Work, ...]:
        """Subscriptions whose hub is to be asked; none while nobody could hear the answer."""
        if not self._is_heard():
            return ()
        now = self._clock.now()
        if self._look_at is None or now >= self._look_at:
            self._reconcile(now)
            self._look_at = now + LOOK_EVERY
        again = self._store.echo(now=now)
        if again:
            log.info("polled once more after a push", feeds=again)
        return tuple(
            partial(self._ask, claim) for claim in self._store.claim_due(now=now, limit=limit, lease_s=LEASE_S)
        )

    def _reconcile(self, now: datetime) -> None:
        wanted = () if self._ending else self._store.hub_feeds()
        gone = SubscriptionReason.SWITCHED_OFF if self._ending else SubscriptionReason.FEED_GONE
        changes = reconcile(wanted, self._store.all(), callback=self._callback, gone=gone)
        self._store.apply(changes, made=partial(self._made, now), now=now)

    def _made(self, now: datetime, feed: HubFeed) -> Subscription:
        token = self._random()
        return Subscription(
            feed_id=feed.feed_id,
            hub=feed.hub,
            topic=feed.topic,
            callback=self._callback + token,
            token=token,
            secret=self._random(),
            due_at=now,
        )

    def _ask(self, claim: ClaimedSubscription) -> None:
        asked = claim.subscription
        answer = self._answer(asked)
        changed = after_answer(asked, answer, self._clock.now())
        write_result(partial(self._record, claim, changed))

    def _record(self, claim: ClaimedSubscription, changed: Subscription) -> None:
        try:
            self._store.record(claim, changed)
        except LeaseLost:  # it was verified while we waited for the hub's answer, as many hubs do
            log.debug("hub was faster", topic=changed.topic)
            return
        is_fine = changed.reason is SubscriptionReason.ACCEPTED
        tell = log.info if is_fine else log.warning
        details = {} if is_fine else {"detail": changed.detail, "attempts": changed.attempts}
        tell(changed.reason.value, mode=mode_of(claim.subscription), topic=changed.topic, hub=changed.hub, **details)

    def _answer(self, asked: Subscription) -> HubAnswer:
        fields = [
            ("hub.mode", mode_of(asked)),
            ("hub.topic", asked.topic),
            ("hub.callback", asked.callback),
            ("hub.lease_seconds", str(round(self._lease_s))),
            # Over http too, where section 5.1 advises against it: unsigned pushes are never taken.
            ("hub.secret", asked.secret),
            ("hub.verify", "async"),  # PubSubHubbub 0.3 and 0.4, which hubs still speak
        ]
        if mode_of(asked) == "unsubscribe":
            fields = fields[:3]
        try:
            response = self._poster.post(FormPost(url=asked.hub, fields=tuple(fields)))
        except FetchError as error:
            retry_after_s = error.retry_after_s if error.reason is PollReason.RATE_LIMITED else None
            return HubAnswer(status=None, detail=error.detail, retry_after_s=retry_after_s)
        said = " ".join(response.body[:_SAID].decode("utf-8", "replace").split())
        hints = cache_hints(response.headers, self._clock.now())
        detail = f"HTTP {response.status}: {said}" if said else f"HTTP {response.status}"
        return HubAnswer(status=response.status, detail=detail, retry_after_s=hints.retry_after_s)
