"""Migrations: from nothing, twice, at once, and what they leave."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from sqlalchemy import inspect, text

from alembic import command
from monitor.errors import SchemaOutdated, StoreError, StoreUnavailable
from monitor.store.database import open_store
from monitor.store.engine import Database
from monitor.store.migrate import SchemaState, check, current_state, make_ready, upgrade
from monitor.store.tables import metadata
from tests.databases import SCRIPTS, NewDatabase


@pytest.fixture
def database(bare_database_url: str) -> Iterator[Database]:
    opened = Database(bare_database_url)
    yield opened
    opened.close()


def test_a_bare_database_becomes_up_to_date(bare_database_url: str) -> None:
    assert current_state(bare_database_url, SCRIPTS) is SchemaState.EMPTY
    upgrade(bare_database_url, SCRIPTS)
    assert current_state(bare_database_url, SCRIPTS) is SchemaState.UP_TO_DATE
    upgrade(bare_database_url, SCRIPTS)
    assert current_state(bare_database_url, SCRIPTS) is SchemaState.UP_TO_DATE


def test_looking_at_a_missing_file_does_not_make_it(tmp_path: Path) -> None:
    file = tmp_path / "monitor.db"
    assert current_state(f"sqlite:///{file}", SCRIPTS) is SchemaState.EMPTY
    assert check(f"sqlite:///{file}", SCRIPTS) == ("the database is empty",)
    assert not file.exists()


def test_the_migrations_leave_just_the_tables_the_store_expects(bare_database_url: str) -> None:
    upgrade(bare_database_url, SCRIPTS)
    assert check(bare_database_url, SCRIPTS) == ()


def test_the_migrated_tables_are_made_as_the_models_would_make_them(tmp_path: Path) -> None:
    """Constraints, STRICT and partial indexes too, which Alembic's comparison does not look at."""
    migrated, modelled = (Database(f"sqlite:///{tmp_path / name}.db") for name in ("migrated", "modelled"))
    upgrade(migrated.url.render_as_string(), SCRIPTS)
    with modelled.writing() as connection:
        metadata.create_all(connection)

    def made(database: Database) -> dict[str, list[str]]:
        wanted = "SELECT name, sql FROM sqlite_master WHERE sql > '' AND name NOT LIKE 'alert_search%' AND name <> :own"
        with database.reading() as connection:
            rows = connection.execute(text(wanted), {"own": "alembic_version"}).all()
        database.close()
        # Split at commas outside brackets: a column added later stands on the line of the one before.
        parts = {row.name: re.split(r",\s*(?![^()]*\))|\n", row.sql.replace("\n)", ",)")) for row in rows}
        return {
            name: sorted(part.strip(" ,\t)") for part in found if part.strip(" ,\t)")) for name, found in parts.items()
        }

    assert made(migrated) == made(modelled)


def test_a_difference_is_named(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    upgrade(url, SCRIPTS)
    with database.writing() as connection:
        connection.execute(text("ALTER TABLE polls ADD COLUMN extra TEXT"))
        connection.execute(text("DROP INDEX ix_polls_reason"))
    differences = check(url, SCRIPTS)
    assert len(differences) == 2
    assert any("extra" in line for line in differences)
    assert any("ix_polls_reason" in line for line in differences)


def test_every_migration_can_be_undone(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    upgrade(url, SCRIPTS)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    with database.reading() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    assert current_state(url, SCRIPTS) is SchemaState.EMPTY


def test_a_database_of_a_later_version_is_left_alone(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    upgrade(url, SCRIPTS)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert current_state(url, SCRIPTS) is SchemaState.NEWER
    with pytest.raises(StoreError, match="later version"):
        upgrade(url, SCRIPTS)


def test_a_half_made_schema_is_outdated(database: Database, tmp_path: Path) -> None:
    """With a migration the database has not seen yet, and with a migration that fails half-way."""
    url = database.url.render_as_string(hide_password=False)
    upgrade(url, SCRIPTS)
    scripts = tmp_path / "scripts"
    (scripts / "versions").mkdir(parents=True)
    (scripts / "env.py").write_text((SCRIPTS / "env.py").read_text())
    for script in (SCRIPTS / "versions").glob("*.py"):
        (scripts / "versions" / script.name).write_text(script.read_text())
    head = max(script.name[:4] for script in (SCRIPTS / "versions").glob("*.py"))
    (scripts / "versions" / "9998_breaks.py").write_text(
        "from alembic import op\n"
        f"revision = '9998'\ndown_revision = '{head}'\n"
        "def upgrade():\n"
        "    op.execute('CREATE TABLE half (id INTEGER)')\n"
        "    op.execute('INSERT INTO no_such_table VALUES (1)')\n"
    )
    assert current_state(url, scripts) is SchemaState.OUTDATED
    with pytest.raises(StoreError):
        upgrade(url, scripts)
    with database.reading() as connection:
        assert "half" not in inspect(connection).get_table_names()
    assert current_state(url, SCRIPTS) is SchemaState.UP_TO_DATE


def test_processes_that_start_at_once_upgrade_once(bare_database_url: str) -> None:
    program = (
        "import sys; from pathlib import Path; from monitor.store.migrate import make_ready, upgrade\n"
        "sys.stdin.readline(); upgrade(sys.argv[1], Path(sys.argv[2]))"
    )
    call = [sys.executable, "-c", program, bare_database_url, str(SCRIPTS)]
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    started = [subprocess.Popen(call, cwd=SCRIPTS.parent, **pipes) for _ in range(3)]
    for process in started:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    said = [process.communicate()[1].decode() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert current_state(bare_database_url, SCRIPTS) is SchemaState.UP_TO_DATE
    assert check(bare_database_url, SCRIPTS) == ()


def test_a_store_without_its_tables_says_what_to_run(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    if database.is_sqlite:
        Path(database.url.database or "").parent.mkdir(exist_ok=True)
    opened = open_store(url)
    with pytest.raises(SchemaOutdated, match="monitor db upgrade"):
        opened.history.counts()
    opened.close()


def test_a_server_that_does_not_answer_is_unreachable() -> None:
    url = "postgresql://desk:hunter2@127.0.0.1:1/monitor"
    assert current_state(url, SCRIPTS) is SchemaState.UNREACHABLE
    with pytest.raises(StoreUnavailable) as caught:
        upgrade(url, SCRIPTS)
    assert "hunter2" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="file") as caught:
        upgrade(f"sqlite:///{tmp_path / 'file' / 'monitor.db'}", SCRIPTS)
    assert caught.value.permanent


def test_a_percent_sign_in_the_path_of_the_scripts_is_fine(tmp_path: Path) -> None:
    scripts = tmp_path / "100% alembic"
    scripts.symlink_to(SCRIPTS)
    upgrade(f"sqlite:///{tmp_path / 'monitor.db'}", scripts)
    assert current_state(f"sqlite:///{tmp_path / 'monitor.db'}", scripts) is SchemaState.UP_TO_DATE


def test_the_group_may_write_what_the_services_umask_lets_it(tmp_path: Path) -> None:
    """The database and SQLite's own -wal and -shm files follow the umask, nothing tightens or widens them."""
    program = (
        "import os, sys; os.umask(0o007); from pathlib import Path\n"
        "from monitor.store.migrate import make_ready, upgrade; from monitor.store.database import open_store\n"
        "upgrade(sys.argv[1], Path(sys.argv[2])); store = open_store(sys.argv[1])\n"
        "store.outbox.unpark(channels=['desk'])\n"
        "for file in sorted(Path(sys.argv[3]).iterdir()): print(file.name, oct(file.stat().st_mode & 0o777))"
    )
    folder = tmp_path / "state"
    url = f"sqlite:///{folder / 'monitor.db'}"
    call = [sys.executable, "-c", program, url, str(SCRIPTS), str(folder)]
    said = subprocess.run(call, cwd=SCRIPTS.parent, capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == [f"monitor.db{part} 0o660" for part in ("", "-shm", "-wal")]
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o770


def test_sqlite_is_made_ready_at_the_start(new_database: NewDatabase) -> None:
    with new_database("sqlite", bare=True) as url:
        make_ready(url, SCRIPTS)
        assert current_state(url, SCRIPTS) is SchemaState.UP_TO_DATE


def test_postgresql_is_only_upgraded_by_command(new_database: NewDatabase) -> None:
    """A server's database changes when its owner says so; the refusal names the command."""
    with new_database("postgresql", bare=True) as url:
        with pytest.raises(SchemaOutdated, match="monitor db upgrade"):
            make_ready(url, SCRIPTS)
        assert current_state(url, SCRIPTS) is SchemaState.EMPTY
        upgrade(url, SCRIPTS)
        make_ready(url, SCRIPTS)
