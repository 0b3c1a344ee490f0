"""Statements that change a warehouse: schemas, views, tables, comments, rows. Every name and value is quoted here.

Names are always quoted, so that a view may be called ``order`` and keeps its spelling. Views take no parameters, so values
are written as literals; text is only ever put between quotes that it cannot leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import assert_never

from decisionlayer.resolve.language.types import DataType, Kind
from decisionlayer.sql.dialects import DUCKDB
from decisionlayer.sql.naming import identifier, literal
from decisionlayer.sql.statement import Bound

#: How many rows one INSERT carries; long statements take longer to parse than they save.
ROWS_AT_ONCE = 200


def create_schema(schema: str) -> str:
    """Create a schema unless it is there."""
    return f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}"


def create_view(schema: str, name: str, query: str) -> str:
    """Create a view over a query without parameters."""
    return f"CREATE VIEW {full_name(schema, name)} AS\n{query}"


def create_table_as(schema: str, name: str, query: str) -> str:
    """Create a table that holds the rows of a query."""
    return f"CREATE TABLE {full_name(schema, name)} AS\n{query}"


def create_table(schema: str, name: str, columns: Iterable[tuple[str, DataType]]) -> str:
    """Create an empty table."""
    listed = ", ".join(f"{quoted(column)} {type_name(type)}" for column, type in columns)
    return f"CREATE TABLE {full_name(schema, name)} ({listed})"


def drop_view(schema: str, name: str) -> str:
    """Drop a view that may be gone already."""
    return f"DROP VIEW IF EXISTS {full_name(schema, name)}"


def drop_table(schema: str, name: str) -> str:
    """Drop a table that may be gone already."""
    return f"DROP TABLE IF EXISTS {full_name(schema, name)}"


def comment_on(kind: str, schema: str, name: str, comment: str, *, column: str | None = None) -> str:
    """Comment on a ``VIEW`` or ``TABLE``, or on one of its columns."""
    where = full_name(schema, name)
    # A comment takes nothing but plain text, and plain text ends at a NUL.
    comment = comment.replace("\0", "")
    if column is not None:
        return f"COMMENT ON COLUMN {where}.{quoted(column)} IS {literal(comment)}"
    return f"COMMENT ON {kind} {where} IS {literal(comment)}"


def insert(schema: str, name: str, rows: Sequence[Sequence[Bound]]) -> Iterable[str]:
    """Yield the statements that put rows into a table, in order; none for no rows."""
    for start in range(0, len(rows), ROWS_AT_ONCE):
        lines = [f"({', '.join(literal(value) for value in row)})" for row in rows[start : start + ROWS_AT_ONCE]]
        yield f"INSERT INTO {full_name(schema, name)} VALUES\n" + ",\n".join(lines)


def what_stands(schemas: Iterable[str]) -> str:
    """Ask which tables and views stand in some schemas: one row each, schema, name and ``BASE TABLE`` or ``VIEW``."""
    listed = ", ".join(literal(schema) for schema in schemas)
    return (
        "SELECT table_schema, table_name, table_type FROM information_schema.tables "
        f"WHERE table_catalog = current_database() AND table_schema IN ({listed}) ORDER BY ALL"
    )


def current_schema() -> str:
    """Ask for the schema in which names without one are looked for."""
    return "SELECT current_schema()"


def current_database() -> str:
    """Ask for the name of the database."""
    return "SELECT current_database()"


def everything() -> str:
    """Ask for every table and view of the database: one row each, schema and name."""
    return (
        "SELECT table_schema, table_name FROM information_schema.tables "
        "WHERE table_catalog = current_database() ORDER BY ALL"
    )


def columns_of(schema: str, name: str) -> str:
    """Ask for the names of a table's columns, in order."""
    return (
        "SELECT column_name FROM information_schema.columns WHERE table_catalog = current_database() "
        f"AND table_schema = {literal(schema)} AND table_name = {literal(name)} ORDER BY ordinal_position"
    )


def comments_in(schemas: Iterable[str]) -> str:
    """Ask for the comments in some schemas: one row each, schema, table or view, column (empty for its own) and comment."""
    kept = f"WHERE database_name = current_database() AND schema_name IN ({', '.join(literal(schema) for schema in schemas)})"
    return (
        f"SELECT schema_name, view_name, '', comment FROM duckdb_views() {kept} UNION ALL "
        f"SELECT schema_name, table_name, '', comment FROM duckdb_tables() {kept} UNION ALL "
        f"SELECT schema_name, table_name, column_name, comment FROM duckdb_columns() {kept}"
    )


def select(schema: str, name: str, columns: Iterable[str]) -> str:
    """Ask for some columns of all rows of a table."""
    return f"SELECT {', '.join(quoted(column) for column in columns)} FROM {full_name(schema, name)}"


def may_stop(query: str) -> bool:
    """Say whether a query holds a guard that stops it on some rows."""
    return " error(" in query


def evaluated(query: str, columns: Iterable[str]) -> str:
    """Return one row that takes the value of every column in every row of ``query``."""
    return f"SELECT {', '.join(f'COUNT({plain(column)})' for column in columns)} FROM (\n{query}\n) AS shown"


def full_name(schema: str, name: str) -> str:
    """Return a name with its schema, both quoted."""
    return f"{quoted(schema)}.{quoted(name)}"


def plain(name: str) -> str:
    """Return a name as a person would write it: quoted only where it must be."""
    return identifier(name, DUCKDB)


def quoted(name: str) -> str:
    """Return a name in double quotes.

    >>> print(quoted('a "b"'))
    "a ""b""\"
    """
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def type_name(type: DataType) -> str:
    """Return the name of a type in SQL; a column whose type nobody knows holds text."""
    match type.kind:
        case Kind.boolean:
            return "BOOLEAN"
        case Kind.integer:
            return "BIGINT"
        case Kind.decimal:
            return f"DECIMAL({type.precision},{type.scale})"
        case Kind.float:
            return "DOUBLE"
        case Kind.text | Kind.unknown:
            return "VARCHAR"
        case Kind.date:
            return "DATE"
        case Kind.timestamp:
            return "TIMESTAMP"
        case Kind.instant:
            return "TIMESTAMPTZ"
        case _:
            assert_never(type.kind)
