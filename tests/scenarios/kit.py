"""The kit as data: scenarios, their variants laid out as folders, and their tables."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

HERE = Path(__file__).parent
Item = Mapping[str, Any]
Row = dict[str, str]


@dataclass(frozen=True)
class Scenario:
    """One folder of the kit."""

    name: str
    folder: Path
    expected: Item

    def items(self, kind: str) -> list[Item]:
        """Return the items under a key, or none."""
        found: list[Item] = self.expected.get(kind, [])
        return found

    def operations(self, variant: str | None) -> list[Item]:
        """Return what makes a variant of the scenario."""
        if variant is None:
            return []
        found: list[Item] = self.expected["variants"][variant]["do"]
        return found


@cache
def scenarios() -> tuple[Scenario, ...]:
    """Return all scenarios in their order."""
    found = []
    for path in sorted(HERE.glob("s*/expected.json")):
        expected = json.loads(path.read_text(encoding="utf-8"))
        found.append(Scenario(expected["scenario"], path.parent, expected))
    return tuple(found)


def exact(text: str | None) -> Fraction | None:
    """Return the number that a text of the kit says."""
    return None if text is None else Fraction(text)


# -- laying a scenario out -------------------------------------------------------------------------------------------


def lay_out(scenario: Scenario, folder: Path, operations: Iterable[Item]) -> None:
    """Write a scenario into a folder, changed by operations; what is in the log there stays."""
    log = folder / "project" / "definitions" / "records"
    kept = {path.relative_to(log): path.read_bytes() for path in log.rglob("*") if path.is_file()} if log.exists() else {}
    if folder.exists():
        shutil.rmtree(folder)
    for part in ("data", "project"):
        shutil.copytree(scenario.folder / part, folder / part)
    for operation in operations:
        operate(scenario, folder, operation)
    for name, content in kept.items():
        (log / name).parent.mkdir(parents=True, exist_ok=True)
        (log / name).write_bytes(content)


def operate(scenario: Scenario, folder: Path, operation: Item) -> None:
    """Do one operation of the kit in a folder where the scenario is laid out."""
    path = folder / operation["on"]
    match operation["do"]:
        case "lay":
            shutil.copytree(scenario.folder / operation["on"], folder, dirs_exist_ok=True)
        case "put":
            text = path.read_text(encoding="utf-8")
            assert operation["find"] in text, f"{path} does not hold {operation['find']!r}"
            path.write_text(text.replace(operation["find"], operation["put"], 1), encoding="utf-8")
        case "write":
            path.write_text(operation["text"], encoding="utf-8")
        case _:
            columns, rows = read_csv(path)
            change(operation, columns, rows)
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)


def read_csv(path: Path) -> tuple[list[str], list[Row]]:
    """Return the columns of a file and its rows as texts."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        return list(reader.fieldnames or ()), rows


def change(operation: Item, columns: list[str], rows: list[Row]) -> None:
    """Do an operation on the rows of a file."""
    match operation["do"]:
        case "add":
            assert set(operation["row"]) == set(columns), operation
            rows.append(dict(operation["row"]))
        case "drop":
            rows.remove(the_row(operation["row"], rows))
        case "double":
            rows.append(dict(the_row(operation["row"], rows)))
        case "null":
            the_row(operation["row"], rows)[operation["column"]] = ""
        case "set":
            the_row(operation["row"], rows)[operation["column"]] = operation["to"]
        case "shift":
            row, column = the_row(operation["row"], rows), operation["column"]
            row[column] = (dt.date.fromisoformat(row[column]) + dt.timedelta(operation["days"])).isoformat()
        case "swap":
            one, other = (the_row(told, rows) for told in operation["rows"])
            column = operation["column"]
            assert one[column] != other[column], operation
            one[column], other[column] = other[column], one[column]
        case unknown:
            raise ValueError(f"the kit has no operation {unknown}")


def the_row(told: Mapping[str, str], rows: list[Row]) -> Row:
    """Return the one row that is told by values of its columns."""
    found = [row for row in rows if all(row[column] == value for column, value in told.items())]
    assert len(found) == 1, f"{told} tells {len(found)} rows"
    return found[0]


# -- its tables ------------------------------------------------------------------------------------------------------


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a database with a table for each file of ``data/``. Its clock shows Honolulu, so that nothing may lean on it."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'Pacific/Honolulu'").fetchall()
    for path in sorted((folder / "data").glob("*.csv")):
        columns, rows = read_csv(path)
        table = pa.table({column: typed([row[column] for row in rows]) for column in columns})
        connection.register("incoming", table)
        connection.execute(f'create table "{path.stem}" as select * from incoming').fetchall()
        connection.unregister("incoming")
    return connection


def typed(texts: list[str]) -> pa.Array:
    """Return a column in the type that all its texts have; an empty text is NULL."""
    known = [text for text in texts if text]
    for reads, kind in ((_whole, pa.int64()), (_decimal, _decimals(known)), (dt.date.fromisoformat, pa.date32()), (_truth, pa.bool_())):
        try:
            return pa.array([reads(text) if text else None for text in texts], kind) if known else pa.array(texts, pa.string())
        except ValueError:
            continue
    return pa.array([text or None for text in texts], pa.string())


def _whole(text: str) -> int:
    if not text.lstrip("-").isdecimal():
        raise ValueError(text)
    return int(text)


def _decimal(text: str) -> Decimal:
    if not text.lstrip("-").replace(".", "", 1).isdecimal():
        raise ValueError(text)
    return Decimal(text)


def _decimals(texts: list[str]) -> pa.DataType:
    return pa.decimal128(18, max((len(text.partition(".")[2]) for text in texts), default=0))


def _truth(text: str) -> bool:
    return {"true": True, "false": False}[text] if text in ("true", "false") else _no_truth(text)


def _no_truth(text: str) -> bool:
    raise ValueError(text)
