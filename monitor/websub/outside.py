"""What this room asks of the outside world."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from monitor.core.model.fetch import FetchResponse, FormPost
from monitor.core.model.subscription import ClaimedSubscription, HubFeed, Subscription
from monitor.core.websub.decide import Changes

T = TypeVar("T")


class Poster(Protocol):
    def post(self, post: FormPost) -> FetchResponse:
        """The answer to a form, of any status. Raises: FetchError."""
        ...


class SubscriptionStore(Protocol):
    """Every method may raise StoreUnavailable."""

    def hub_feeds(self) -> tuple[HubFeed, ...]:
        """Enabled feeds that name a hub and need no credentials."""
        ...

    def all(self) -> tuple[Subscription, ...]:
        """Every subscription, those that end included."""
        ...

    def apply(self, changes: Changes, *, made: Callable[[HubFeed], Subscription], now: datetime) -> None:
        """End and add subscriptions in one transaction; `made` gives a feed's new one."""
        ...

    def claim_due(self, *, now: datetime, limit: int, lease_s: float) -> tuple[ClaimedSubscription, ...]:
        """Subscriptions whose hub is to be asked, marked as asked; those asked to stop often enough are gone."""
        ...

    def record(self, claim: ClaimedSubscription, changed: Subscription) -> None:
        """Write what came of a claim. Raises: LeaseLost, when the hub has spoken (or somebody asked) meanwhile."""
        ...

    def by_token(self, token: str) -> Subscription | None:
        """The subscription whose callback ends in the token; a cheap read."""
        ...

    def change(self, token: str, decide: Callable[[Subscription], tuple[T, Subscription | None]]) -> T | None:
        """What `decide` answers, after its change (None deletes) is stored; None for an unknown token."""
        ...

    def push(self, token: str, *, now: datetime) -> bool:
        """Note a push and make its feed due, as `due_after_push` has it; False when nobody listens to it any more."""
        ...

    def echo(self, *, now: datetime) -> int:
        """Make feeds due once more whose last push led to no new entry yet; how many."""
        ...
