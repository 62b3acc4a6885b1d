"""Channels that thread, and what is kept of their threads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from monitor.core.model.alert import Message, Receipt
from monitor.core.model.story_state import StoryState
from monitor.core.model.thread import ThreadPlace
from monitor.core.model.work import ClaimedEdit
from monitor.errors import DeliveryFault
from monitor.ports.telling import Channel


@runtime_checkable
class ThreadingChannel(Channel, Protocol):
    """A channel that shows a story as one parent message, quietly edited, with its later developments as replies."""

    @property
    def workspace(self) -> str:
        """What channels with the same token have in common; no secret. They have one sender."""
        ...

    def wait_for_turn(self) -> None:
        """Sleep until the channel's pace allows a call, so that nothing is marked as being sent before it is.

        Raises: Transient: the channel asked for silence.
        """
        ...

    def send(self, message: Message, *, key: str, place: ThreadPlace | None = None) -> Receipt:
        """Post the message; with a place as its story's parent, or as a reply to it.

        Raises: ParentGone, Transient, OutcomeUnknown, ChannelBroken, MessageRefused.
        """
        ...

    def find(
        self, key: str, *, since: datetime, until: datetime | None = None, place: ThreadPlace | None = None
    ) -> Receipt | None:
        """As `Channel.find`; not among what came after `until`, and a reply in its thread."""
        ...

    def edit(self, place: ThreadPlace, *, key: str, shown: str) -> str:
        """Make the parent show its state; nothing is called when its digest is `shown` already. The digest then.

        Raises: ParentGone, Transient, OutcomeUnknown, ChannelBroken, MessageRefused.
        """
        ...


class ThreadStore(Protocol):
    def story_states(self, story_ids: Collection[int], *, now: datetime) -> Mapping[int, StoryState]:
        """The newest state of each of these stories that is known."""
        ...

    def show_change(self, story_ids: Collection[int], *, due_at: datetime) -> None:
        """Have the parents of these stories edited at `due_at`, or when that was to happen anyhow."""
        ...

    def claim_edits(
        self, *, channels: Sequence[str], now: datetime, limit: int, lease_s: float
    ) -> tuple[ClaimedEdit, ...]:
        """Parents to be edited, the longest due first; never one with a delivery of its story under way."""
        ...

    def record_edit(self, claim: ClaimedEdit, *, shown: str, now: datetime) -> None:
        """The parent shows the state with this digest; due again if its story changed since. Raises: LeaseLost."""
        ...

    def record_edit_failure(
        self, claim: ClaimedEdit, *, fault: DeliveryFault, detail: str, retry_at: datetime | None
    ) -> None:
        """Try again at `retry_at`; None: at the story's next change. Raises: LeaseLost."""
        ...

    def forget(self, story_id: int, channel: str) -> None:
        """Let the story's next alert in the channel be a new parent."""
        ...
