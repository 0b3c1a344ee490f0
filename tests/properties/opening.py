"""A random company, opened: as a layer on a warehouse, and as rows for the reference evaluator."""

from __future__ import annotations

import atexit
import re
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import note

from decisionlayer.layer import Layer
from decisionlayer.resolve.model import Lines, Table
from decisionlayer.run.duckdb import DuckDBEngine
from decisionlayer.sql.statement import Bound, Statement
from tests.properties.companies import Company, Sheet
from tests.properties.pace import TALLY
from tests.reference.walks import World
from tests.worlds.made import SAID, made

#: What a random formula may do and no sound one does.
UNSOUND = ("distinct-summed", "rebuilt-quantile")
#: Every company is written where the last one was.
_ROOM = tempfile.TemporaryDirectory(prefix="properties-")
atexit.register(_ROOM.cleanup)


class Hasty(DuckDBEngine):
    """A DuckDB that plans a statement once: nobody has unread rows on its connection, which is what the second time is for.

    Nothing is switched off in it: statements are right by themselves, for whoever runs them. But where a table is empty, which makes
    DuckDB 2.0.0 wrong about what two steps have in common (docs/adr/0016-one-optimizer-less.md).
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection=connection)
        self._is_steady = True

    def fetch(self, statement: Statement) -> pa.Table:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # the rows are copied once more, all twenty of them
            return self._connection().execute(statement.text, dict(statement.parameters) or None).to_arrow_table()

    def rows(self, sql: str, parameters: Mapping[str, Bound] | None = None) -> list[tuple[object, ...]]:
        rows: list[tuple[object, ...]] = self._connection().execute(sql, dict(parameters) if parameters else None).fetchall()
        return rows


def is_beyond(rows: object) -> bool:
    """Say whether a whole number of an answer is beyond 64 bits: the warehouse fails on it, and says so."""
    return isinstance(rows, list) and any(isinstance(value, int) and not -(2**63) <= value < 2**63 for row in rows for value in row)


def is_overflow(failed: duckdb.OutOfRangeException) -> bool:
    """Say whether the warehouse failed on a step of a formula that is beyond 64 bits, by the two whole numbers that it names."""
    said = re.search(r"of INT64 \((-?\d+) ([-+*]) (-?\d+)\)", str(failed))
    if said is None:
        return False
    one, other = int(said[1]), int(said[3])
    return is_beyond([({"+": one + other, "-": one - other, "*": one * other}[said[2]],)])


def fill(connection: duckdb.DuckDBPyConnection, sheets: Mapping[str, Sheet]) -> None:
    for name, sheet in sheets.items():
        columns = ", ".join(f'"{column}" {kind}' for column, kind in sheet.columns.items())
        connection.execute(f"create or replace table {name} ({columns})").fetchall()
        if sheet.rows:
            rows = ", ".join("(" + ", ".join("?" * len(sheet.columns)) + ")" for _ in sheet.rows)
            connection.execute(
                f"insert into {name} values {rows}", [value for row in sheet.rows for value in row]
            ).fetchall()


@contextmanager
def opened(connection: duckdb.DuckDBPyConnection, company: Company) -> Iterator[tuple[Layer, World]]:
    """Yield the company as a layer on the warehouse, and its rows for the reference evaluator."""
    fill(connection, company.sheets)
    folder = Path(_ROOM.name)
    for name, text in company.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    layer = made(folder, company.declared, connection)
    if any(found.code in UNSOUND for found in layer.model.findings):
        # A random formula may add distinct counts of one thing: refused, and with it whatever stands on it.
        broken = {name for name in layer.model.broken if name.startswith("metric ")}
        said = [metric for metric in company.declared["metrics"] if f"metric {metric['metric']}" not in broken]
        layer = made(folder, {**company.declared, "metrics": said}, connection)
    errors = [found.render() for found in layer.model.findings if found.is_error]
    assert errors == [], "\n".join(errors)
    TALLY["companies"] += 1
    has_rows = all(sheet.rows for sheet in company.sheets.values())
    connection.execute("reset disabled_optimizers").fetchall()  # the last company may have had it switched off
    engine = Hasty(connection) if has_rows else DuckDBEngine(connection=connection)
    yield Layer(layer.book, layer.model, engine), World(layer.model, tables(layer, company.sheets))


def tables(layer: Layer, sheets: Mapping[str, Sheet]) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for name, source in layer.model.sources.items():
        match source.relation:
            case Lines(columns=columns, rows=rows):  # of the file of a frame
                found[name] = [dict(zip((column for column, _ in columns), row, strict=True)) for row in rows]
            case Table(parts=(table,)):
                found[name] = sheets[table].dictionaries()
    return found


def show(company: Company, question: Mapping[str, Any]) -> None:
    note(f"question {dict(question)}")
    for metric in company.declared["metrics"]:
        note(f"metric { ({key: value for key, value in metric.items() if key not in SAID and key != 'title'}) }")
