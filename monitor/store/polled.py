"""What polls bring, many in one transaction: a disk that syncs for each commit allows few of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from monitor.core.model.feed import FeedState
from monitor.ports import ClaimedFeed, PollResult, PollWritten
from monitor.store.chunks import chunks
from monitor.store.entries import write_entries
from monitor.store.rows import state_values
from monitor.store.subscriptions import note_hub
from monitor.store.tables import feed_states, polls

_NOBODYS = {"lease_until": None, "lease_owner": None, "fence": feed_states.c.fence + 1}
_OF_FEED = feed_states.c.feed_id == bindparam("of_feed")
_RESULT = (
    update(feed_states)
    .where(_OF_FEED)
    .values(
        {name: bindparam(f"new_{name}") for name in state_values(FeedState())}
        | {
            "found_homepage": func.coalesce(bindparam("homepage"), feed_states.c.found_homepage),
            "found_language": func.coalesce(bindparam("language"), feed_states.c.found_language),
        }
        | _NOBODYS
    )
)
_PUT_BACK = update(feed_states).where(_OF_FEED).values({"next_poll_at": bindparam("again_at")} | _NOBODYS)


def record_polls(
    connection: Connection, polled: Sequence[tuple[ClaimedFeed, PollResult]]
) -> tuple[PollWritten | None, ...]:
    """What became of each poll's entries, in order; None where the lease was lost and nothing is written."""
    held = _held(connection, (claim for claim, _ in polled))
    written: list[PollWritten | None] = []
    kept = []
    for claim, result in polled:
        if claim.lease.row_id not in held:
            written.append(None)
            continue
        held.remove(claim.lease.row_id)  # one claim writes one poll
        kept.append((claim, result))
        if result.advertised is not None:
            note_hub(connection, claim.lease.row_id, result.advertised)
        written.append(
            write_entries(
                connection,
                feed_id=claim.lease.row_id,
                entries=result.entries,
                seen_at=result.finished_at,
                first_success=claim.state.first_success_at is None,
            )
        )
    if kept:
        connection.execute(_RESULT, [_state_row(claim, result) for claim, result in kept])
        counts = [each for each in written if each is not None]
        rows = [_poll_row(claim, result, each) for (claim, result), each in zip(kept, counts, strict=True)]
        connection.execute(insert(polls), rows)
    return tuple(written)


def put_back(connection: Connection, due_again: Sequence[tuple[ClaimedFeed, datetime]]) -> None:
    """End the leases of these claims, as far as they are still theirs."""
    held = _held(connection, (claim for claim, _ in due_again))
    rows = [{"of_feed": claim.lease.row_id, "again_at": at} for claim, at in due_again if claim.lease.row_id in held]
    if rows:
        connection.execute(_PUT_BACK, rows)


def _held(connection: Connection, claims: Iterable[ClaimedFeed]) -> set[int]:
    """The feeds whose leases are still these claims'; their rows stay locked until the transaction ends."""
    fences = {claim.lease.row_id: claim.lease.fence for claim in claims}
    wanted = select(feed_states.c.feed_id, feed_states.c.fence)
    return {
        row.feed_id
        for part in chunks(sorted(fences))  # in one order everywhere, or two batches could wait for each other
        for row in connection.execute(
            wanted.where(feed_states.c.feed_id.in_(part))
            .order_by(feed_states.c.feed_id)
            .with_for_update(key_share=True)
        )
        if fences[row.feed_id] == row.fence
    }


def _state_row(claim: ClaimedFeed, result: PollResult) -> dict[str, object]:
    values: dict[str, object] = {f"new_{name}": value for name, value in state_values(result.state).items()}
    return values | {"of_feed": claim.lease.row_id, "homepage": result.homepage, "language": result.language}


def _poll_row(claim: ClaimedFeed, result: PollResult, written: PollWritten) -> dict[str, object]:
    return {
        "feed_id": claim.lease.row_id,
        "started_at": result.started_at,
        "finished_at": result.finished_at,
        "reason": str(result.reason),
        "detail": result.detail,
        "status": result.status,
        "new_count": written.new,
        "edited_count": written.edited,
        "known_count": written.known,
    }
