"""Twins: whether two tables hold the same rows."""

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
