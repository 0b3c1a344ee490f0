"""Twins: whether two tables hold the same rows, or two columns the same values."""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer.resolve.model import Table
from decisionlayer.sql.ddl import plain
from decisionlayer.sql.relation import from_clause


def differing_rows(one: Table, other: Table, columns: Iterable[str]) -> str:
    """Return a query of one row: how many rows the first table has, and whether any row of either is not in the other.

    Rows that are there twice must be there twice in both.
    """
    listed = ", ".join(plain(column) for column in columns)
    first, second = (f"SELECT {listed} FROM {from_clause(each)}" for each in (one, other))
    apart = f"SELECT 1 FROM (({first}) EXCEPT ALL ({second})) AS a UNION ALL SELECT 1 FROM (({second}) EXCEPT ALL ({first})) AS b"
    return f"SELECT (SELECT COUNT(*) FROM {from_clause(one)}) AS rows, EXISTS ({apart}) AS apart"


def column_marks(table: Table, columns: Iterable[str]) -> str:
    """Return a query of one row: for each column a mark of its values, and whether there are several of them."""
    names = [plain(each) for each in columns]
    marks = (f"BIT_XOR(HASH({name}))::VARCHAR || SUM(HASH({name})), MIN({name}) <> MAX({name})" for name in names)
    return f"SELECT {', '.join(marks)} FROM {from_clause(table)}"


def differing_values(table: Table, pairs: Iterable[tuple[str, str]]) -> str:
    """Return a query of one row: how many rows there are, and for each pair of columns whether they differ in any row."""
    apart = (f"COALESCE(BOOL_OR({plain(one)} IS DISTINCT FROM {plain(other)}), TRUE)" for one, other in pairs)
    return f"SELECT COUNT(*), {', '.join(apart)} FROM {from_clause(table)}"
