"""`monitor db`, and what every history command says without a usable database."""

from __future__ import annotations

import sqlite3

import pytest


def test_a_database_is_made_once_and_then_left_alone(cli):
    made = cli("db", "upgrade")
    assert (made.code, made.out) == (0, f"sqlite:///{cli.folder}/var/monitor.db: made\n")
    assert cli("db", "upgrade").out.endswith(": up to date already\n")
    assert cli("db", "check").out.endswith(": up to date\n")


@pytest.mark.parametrize(
    "command",
    ["alerts list", "alerts show 1", "alerts search x", "alerts export --format csv", "status", "status --json"],
)
def test_without_a_database_the_reader_learns_what_to_run(cli, command):
    """Nothing is created by merely asking."""
    ran = cli(*command.split())
    assert (ran.code, ran.out) == (4, "")
    assert ran.err == f"monitor: sqlite:///{cli.folder}/var/monitor.db: nothing is stored yet: start `monitor run`\n"
    assert not (cli.folder / "var").exists()


def test_an_outdated_database_asks_for_its_upgrade(history):
    _set_revision(history, "gone")
    ran = history("alerts", "list")
    assert ran.code == 4
    assert "history.db" in ran.err
    assert "made by a later version" in ran.err


def test_a_table_that_differs_is_named(history):
    with sqlite3.connect(history.folder / "history.db") as connection:
        connection.execute("ALTER TABLE alerts ADD COLUMN extra TEXT")
    connection.close()
    ran = history("db", "check")
    assert ran.code == 4
    assert "run `monitor db upgrade`" in ran.err
    assert "extra" in ran.err


def test_a_check_asks_only_for_what_helps(cli, history):
    """An upgrade makes a database; it cannot take one back to an earlier version."""
    _set_revision(history, "9999")
    newer = history("db", "check")
    assert (newer.code, "made by a later version" in newer.err, "upgrade" in newer.err) == (4, True, False)
    (history.folder / "history.db").unlink()
    missing = history("db", "check")
    assert missing.code == 4
    assert missing.err.endswith("history.db: nothing is stored yet: run `monitor db upgrade`\n")


def test_a_file_that_is_no_database_is_told_in_one_line(history):
    (history.folder / "history.db").write_bytes(b"not a database, only some bytes" * 100)
    ran = history("alerts", "list")
    assert ran.code == 4
    assert "the file is not an SQLite database" in ran.err
    assert "Traceback" not in ran.err


def _set_revision(history, revision: str) -> None:
    with sqlite3.connect(history.folder / "history.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()


def test_an_unreachable_server_is_told_without_its_password(cli):
    cli.write_config("database: {url: 'postgresql://reader:SECRET@127.0.0.1:1/news'}\n")
    for command in ("alerts list", "status", "sources list", "db check", "db upgrade"):
        ran = cli(*command.split())
        assert ran.code == 4, command
        assert "127.0.0.1:1/news" in ran.err
        assert "SECRET" not in ran.err
        assert len(ran.err.splitlines()) == 1
