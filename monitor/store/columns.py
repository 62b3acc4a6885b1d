"""What all tables are made of: names by one convention, STRICT on SQLite, columns of the types of this store."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, Table, UniqueConstraint, text

from monitor.store.types import RowId, UtcDateTime, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def table(name: str, *parts: Column[Any] | CheckConstraint | UniqueConstraint) -> Table:
    """A table with these columns and constraints."""
    return Table(name, metadata, *parts, sqlite_strict=True)


def row_id() -> Column[Any]:
    """The primary key."""
    return Column("id", RowId, primary_key=True)


def ref(name: str, target: str, *, nullable: bool = False, primary_key: bool = False) -> Column[Any]:
    """A reference to a row of another table, `target` being its column."""
    return Column(name, RowId, ForeignKey(target), nullable=nullable, primary_key=primary_key)


def words(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[Any]:
    """Text from outside."""
    return Column(name, Words, nullable=nullable, primary_key=primary_key)


def at(name: str, *, nullable: bool = False) -> Column[Any]:
    """An instant."""
    return Column(name, UtcDateTime, nullable=nullable)


def count(name: str) -> Column[Any]:
    """A whole number that is never missing."""
    return Column(name, Integer, nullable=False)


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """The constraint that the column holds one of the enumeration's values."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(str(v)) for v in values)})", name=column)


def index(table: Table, *columns: str, where: str | None = None, unique: bool = False) -> None:
    """An index over the columns, of the rows that pass `where`."""
    only: dict[str, Any] = {"sqlite_where": text(where), "postgresql_where": text(where)} if where else {}
    name = f"ix_{table.name}_{'_'.join(columns)}"
    Index(name, *(table.c[column] for column in columns), unique=unique, **only)
