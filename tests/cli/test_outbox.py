"""`monitor outbox`: what waits, what failed, and what is done about it by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.model.alert import Receipt
from monitor.errors import DeliveryFault
from monitor.settings.paths import alembic_dir
from monitor.store.database import open_store
from monitor.store.migrate import upgrade
from tests.cli import samples
from tests.cli.conftest import Cli
from tests.store.arrange import tell


@pytest.fixture
def outbox(cli: Cli) -> Cli:
    """Five deliveries: 1 sent, 2 parked, 3 dead, 4 being sent, 5 waiting."""
    url = f"sqlite:///{cli.folder / 'outbox.db'}"
    upgrade(url, alembic_dir())
    store = open_store(url)
    for guid in "abcde":
        tell(store, guid, channels=("pager" if guid == "c" else "desk",), now=samples.NOW)
    claims = store.outbox.claim_due(channels=("desk", "pager"), now=samples.NOW, limit=4, lease_s=60)
    store.outbox.record_sent(claims[0], Receipt(reference="C1:1"), now=samples.NOW)
    store.outbox.record_parked(claims[1], fault=DeliveryFault.CHANNEL, detail="is_archived")
    store.outbox.record_dead(claims[2], fault=DeliveryFault.MESSAGE, detail="msg_too_long")
    store.close()
    cli.write_config(f"database: {{url: '{url}'}}\n")
    return cli


def standing(cli: Cli) -> dict[int, str]:
    statuses = [word for status in ("pending", "sending", "sent", "parked", "dead") for word in ("--status", status)]
    return {row["id"]: row["status"] for row in cli("outbox", "list", *statuses, "--json").json}


def test_without_a_status_what_has_not_got_out_is_listed_newest_first(outbox: Cli) -> None:
    rows = outbox("outbox", "list", "--json").json
    assert [(row["id"], row["status"], row["fault"]) for row in rows] == [
        (5, "pending", None),
        (4, "sending", None),
        (3, "dead", "message"),
        (2, "parked", "channel"),
    ]


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--status", "sent"], [1]),
        (["--status", "dead", "--status", "parked"], [3, 2]),
        (["--channel", "pager"], [3]),
        (["--route", "none"], []),
        (["--limit", "2"], [5, 4]),
    ],
)
def test_filters_choose_and_limit(outbox: Cli, options: list[str], ids: list[int]) -> None:
    assert [row["id"] for row in outbox("outbox", "list", *options, "--json").json] == ids


def test_a_pipe_gets_tabs_under_titles(outbox: Cli) -> None:
    titles, first, *_ = outbox("outbox", "list").out.splitlines()
    assert titles.split("\t") == ["id", "status", "channel", "made", "tries", "fault", "what", "detail"]
    assert first.split("\t")[:3] == ["5", "pending", "desk"]
    assert "Visit under way: Amélie Rouvier" in first


def test_retrying_makes_parked_and_dead_ones_pending_and_leaves_the_rest(outbox: Cli) -> None:
    assert outbox("outbox", "retry", "--all", "--json").json == {"retried": [2, 3]}
    assert standing(outbox) == {1: "sent", 2: "pending", 3: "pending", 4: "sending", 5: "pending"}


def test_dropping_gives_up_what_waits_or_is_parked(outbox: Cli) -> None:
    assert outbox("outbox", "drop", "--channel", "desk", "--json").json == {"dropped": [2, 5]}
    (dropped, *_) = outbox("outbox", "list", "--status", "dead", "--json").json
    assert (dropped["id"], dropped["fault"], dropped["detail"]) == (5, "dropped", "dropped by hand")


def test_a_dropped_delivery_can_be_taken_up_again(outbox: Cli) -> None:
    assert outbox("outbox", "drop", "5").code == 0
    assert outbox("outbox", "retry", "5").out == "1 delivery to be tried again\n"
    assert standing(outbox)[5] == "pending"


@pytest.mark.parametrize(("command", "missed"), [("retry", "1"), ("drop", "4"), ("drop", "99")])
def test_an_id_that_does_not_stand_so_fails(outbox: Cli, command: str, missed: str) -> None:
    before = standing(outbox)
    ran = outbox("outbox", command, missed)
    assert (ran.code, missed in ran.err) == (1, True)
    assert standing(outbox) == before


@pytest.mark.parametrize("arguments", [["retry"], ["drop"], ["list", "--status", "lost"]])
def test_nothing_happens_unless_it_is_said_to_what(outbox: Cli, arguments: list[str]) -> None:
    assert outbox("outbox", *arguments).code == 2


def test_an_empty_outbox_says_so(cli: Cli, filled_database: Path) -> None:
    url = f"sqlite:///{cli.folder / 'empty.db'}"
    upgrade(url, alembic_dir())
    cli.write_config(f"database: {{url: '{url}'}}\n")
    ran = cli("outbox", "list")
    assert (ran.code, ran.out, ran.err) == (0, "", "Nothing waits, and nothing failed.\n")
