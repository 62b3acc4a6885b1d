"""The tables of routing: what was decided about each alert, who wants to hear nothing, what waits for a digest."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint

from monitor.core.model.route import DispatchReason, Outcome
from monitor.store.columns import at, index, one_of, ref, row_id, table, words

dispatches = table(
    "dispatches",
    row_id(),
    ref("alert_id", "alerts.id"),
    words("route"),  # empty, like the channel, when no route took the alert
    words("channel"),
    words("outcome"),
    words("reason"),
    words("detail"),
    at("at"),
    at("opened_at", nullable=True),  # set where it opened the story in the channel
    at("due_at", nullable=True),
    at("escalates_at", nullable=True),  # NULL: not, or settled
    words("escalation", nullable=True),  # how it was settled
    UniqueConstraint("alert_id", "channel"),
    one_of("outcome", Outcome),
    one_of("reason", DispatchReason),
)
index(dispatches, "opened_at", where="opened_at IS NOT NULL")
index(dispatches, "escalates_at", where="escalates_at IS NOT NULL")

silences = table(
    "silences",
    row_id(),
    words("owner"),
    words("reason"),
    words("matchers"),  # JSON
    at("created_at"),
    at("expires_at"),
)
index(silences, "expires_at")

digest_items = table(
    "digest_items",
    row_id(),
    ref("alert_id", "alerts.id"),
    words("route"),
    words("channel"),
    words("reason"),
    at("due_at"),
    ref("notice_id", "notices.id", nullable=True),  # the digest that told it
    UniqueConstraint("alert_id", "channel"),
    one_of("reason", DispatchReason),
)
index(digest_items, "due_at", where="notice_id IS NULL")
index(digest_items, "notice_id", where="notice_id IS NOT NULL")
