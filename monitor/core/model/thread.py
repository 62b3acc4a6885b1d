"""A story's thread in a channel that has threads: one parent message, every later development a reply."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.core.model.story_state import StoryState


@dataclass(frozen=True, kw_only=True)
class ThreadPlace:
    """Where an alert belongs: `parent` is the reference of its story's parent message, None before there is one.

    `state` is what a parent shows; `alert_id` names the alert in what a reader may click.
    """

    state: StoryState
    alert_id: int
    parent: str | None = None
