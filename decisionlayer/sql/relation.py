"""Relations as they stand in a FROM clause."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from decisionlayer.resolve.model import DataFile, Lines, Relation, SqlText, Table, Tree
from decisionlayer.sql.ddl import plain
from decisionlayer.sql.dialects import DUCKDB
from decisionlayer.sql.naming import literal
from decisionlayer.sql.tree import tree


def from_clause(relation: Relation) -> str:
    """Return a relation as it stands in DuckDB's FROM clause, before its alias.

    >>> print(from_clause(Table(("sales", "orders"))), from_clause(DataFile("a.csv", "/data/a.csv")))
    sales.orders read_csv('/data/a.csv', header = true)
    """
    match relation:
        case Table():
            return ".".join(plain(part) for part in relation.parts)
        case SqlText():
            # A comment at the end of the query must not swallow the bracket.
            return f"({relation.text}\n)"
        case DataFile():
            path = literal(relation.absolute)
            if not relation.is_text:
                return f"read_parquet({path})"
            types = ", ".join(f"{literal(name)}: {literal(DUCKDB.type(type))}" for name, type in relation.types)
            # Said here, it has not to be found out from the file, which takes longer than reading a short one.
            written = """, delim = ',', quote = '"', escape = '"'""" if relation.is_plain else ""
            declared = f", types = {{{types}}}" if types else ""
            return f"read_csv({path}, header = true{written}{declared})"
        case Lines():
            return f"(\n{_constants(relation)}\n)"
        case Tree():
            return f"(\n{tree(relation, from_clause(relation.rows))}\n)"
        case _:
            assert_never(relation)


def one_row_per_key(relation: Relation, key: Iterable[str], columns: Iterable[str]) -> str:
    """Return a query with each key of a relation once; the least value stands for the others, column by column."""
    keys = tuple(key)
    listed = ", ".join(plain(column) for column in keys)
    others = "".join(f", MIN({plain(column)}) AS {plain(column)}" for column in columns if column not in keys)
    return f"SELECT {listed}{others} FROM {from_clause(relation)} AS every_row GROUP BY {listed}"


def _constants(relation: Lines) -> str:
    """Return the rows of a file of the project as constants, each of its column's type."""
    types = [DUCKDB.type(type) for _, type in relation.columns]
    columns = ", ".join(plain(name) for name, _ in relation.columns)
    if not relation.rows:
        empty = ", ".join(f"CAST(NULL AS {type}) AS {plain(name)}" for type, (name, _) in zip(types, relation.columns, strict=True))
        return f"SELECT {empty} WHERE FALSE"
    first, *others = relation.rows
    # The first row says what the columns hold; a NULL alone would make one a whole number.
    typed = ", ".join(f"CAST({literal(value)} AS {type})" for value, type in zip(first, types, strict=True))
    rows = [f"({typed})", *(f"({', '.join(literal(value) for value in row)})" for row in others)]
    listed = ",\n  ".join(rows)
    return f"SELECT * FROM (VALUES\n  {listed}\n) AS line({columns})"
