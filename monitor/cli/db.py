"""`monitor db`: bring the database up to date, or say how it stands."""

from __future__ import annotations

import typer

from monitor.cli.context import context_of
from monitor.cli.screen import say, working
from monitor.cli.stored import shown_url
from monitor.errors import SchemaOutdated
from monitor.settings.paths import alembic_dir
from monitor.store import migrate
from monitor.store.migrate import SchemaState

app = typer.Typer(help="Bring the database up to date, or check it.", no_args_is_help=True)


@app.command(
    short_help="Make the database, or bring it up to date.",
    epilog="""\b
Example:
  monitor db upgrade
""",
)
def upgrade(ctx: typer.Context) -> None:
    """Make the database, or bring it to the newest schema; doing it again changes nothing."""
    url = context_of(ctx).loaded.settings.database.url
    before = migrate.current_state(url, alembic_dir())
    with working("upgrading …"):
        migrate.upgrade(url, alembic_dir())
    done = {SchemaState.UP_TO_DATE: "up to date already", SchemaState.EMPTY: "made"}.get(before, "brought up to date")
    say(f"{shown_url(url)}: {done}")


@app.command(
    short_help="Say whether the database fits this version.",
    epilog="""\b
Example:
  monitor db check
""",
)
def check(ctx: typer.Context) -> None:
    """Say whether the database is what this version needs; exit code 4 when it is not."""
    url = context_of(ctx).loaded.settings.database.url
    state = migrate.current_state(url, alembic_dir())
    if state is SchemaState.EMPTY:
        raise SchemaOutdated(f"{shown_url(url)}: nothing is stored yet: run `monitor db upgrade`")
    if state is SchemaState.NEWER:
        raise SchemaOutdated(f"{shown_url(url)}: made by a later version of the monitor")
    differences = migrate.check(url, alembic_dir())
    if differences:
        listed = "".join(f"\n  {each}" for each in differences)
        raise SchemaOutdated(f"{shown_url(url)}: not what this version needs; run `monitor db upgrade`:{listed}")
    say(f"{shown_url(url)}: up to date")
