"""Tiny companies that a person can add up by hand, each a folder with its rows (``tables.sql``) and its declarations.

``open_world("two_facts")`` is a layer on an in-memory DuckDB; ``rows_of`` gives the same rows to the reference evaluator, so that
DuckDB is asked for nothing but to hand them over.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import duckdb

from decisionlayer.layer import Layer
from decisionlayer.resolve.model import DataFile, Lines, Model, SqlText, Table, Tree
from tests.worlds.trees import levels_of

HERE = Path(__file__).parent
NAMES = tuple(sorted(folder.name for folder in HERE.iterdir() if (folder / "tables.sql").exists()))

Rows = Mapping[str, list[dict[str, object]]]


def connect(name: str) -> duckdb.DuckDBPyConnection:
    """Return a database with the tables of a world. Its clock shows Honolulu, so that nothing may lean on it."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'Pacific/Honolulu'").fetchall()
    connection.execute((HERE / name / "tables.sql").read_text(encoding="utf-8")).fetchall()
    return connection


def open_world(name: str) -> Layer:
    """Return a world as a layer on a database of its own."""
    return Layer.load(HERE / name, warehouse=connect(name))


@cache
def shared_world(name: str) -> tuple[Layer, Rows]:
    """Return a world with its rows, once for all tests that only ask."""
    connection = connect(name)
    layer = Layer.load(HERE / name, warehouse=connection)
    return layer, rows_of(layer.model, connection)


def rows_of(model: Model, connection: duckdb.DuckDBPyConnection) -> Rows:
    """Return the rows of every source as dictionaries."""
    found: dict[str, list[dict[str, object]]] = {}
    for name, source in model.sources.items():
        match source.relation:
            case Lines(columns=columns, rows=rows):
                found[name] = [dict(zip((column for column, _ in columns), row, strict=True)) for row in rows]
            case Tree() as tree:
                found[name] = list(levels_of(tree, _read(tree.rows, connection)))
            case relation:
                found[name] = _read(relation, connection)
    return found


def _read(relation: Table | SqlText | DataFile, connection: duckdb.DuckDBPyConnection) -> list[dict[str, object]]:
    answer = connection.execute(f"select * from {_spelt(relation)}")
    columns = [column[0] for column in answer.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]


def _spelt(relation: Table | SqlText | DataFile) -> str:
    match relation:
        case Table():
            return ".".join('"' + part.replace('"', '""') + '"' for part in relation.parts)
        case SqlText():
            return f"({relation.text})"
        case DataFile():
            return "'" + relation.absolute.replace("'", "''") + "'"
