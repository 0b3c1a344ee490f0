"""Twins of every question that a test asks, which must say the same of its cells; nobody has to know what that is::

    pytest -p tests.reference.twins tests/soundness

A question is put to the naive plan too, its levels each alone, and with another metric and a comparison beside it. What differs stands
in ``twins.log`` (``TWINS`` names another file); the last line of the run counts it. No test fails for it: a metric under its own line
takes what stands beside it with it, totals alone stand in other cells than beside what splits, and a table whose keys are not unique is
another one where a join is pruned.
"""

from __future__ import annotations

import datetime as dt
import traceback
from collections.abc import Iterator
from random import Random
from typing import Any
from zlib import crc32

import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.capabilities import DUCKDB
from decisionlayer.layer import Layer
from decisionlayer.plan import build
from decisionlayer.plan.query import Query
from decisionlayer.run.result import Result
from decisionlayer.sql import emit
from tests.reference.onlooker import Onlooker, answer
from tests.reference.same import same_rows

#: What is of all rows together, and so has no twin but the naive plan.
TOGETHER = {"levels", "totals", "rest", "limit", "having", "order"}
#: What is no number of its own: it is told beside one.
TOLD = {"naive", "ledger", "extremes"}

Row = tuple[Any, ...]


def twins(layer: Layer, result: Result, asked: dict[str, Any], random: Random) -> Iterator[tuple[str, str]]:
    """Yield which twin was looked at and how it differs, "" where it says the same."""
    connection = getattr(layer.engine, "_connection", None)
    if connection is None or TOLD & set(asked) or not asked.get("metrics"):
        return
    naive = emit(build(Query.of(**asked), layer.model, DUCKDB, rules=()), DUCKDB, inline=True)
    yield "naive plan", _apart(connection().execute(naive.text).fetchall(), result.rows())
    if TOGETHER & set(asked):
        return
    if asked.get("by"):
        yield from _levels(layer, asked)
    metrics = list(asked["metrics"])
    numbers = [column for column in result.columns if any(column == one or column.startswith(f"{one}__") for one in metrics)]
    beside = [{"metrics": [*metrics, one]} for one in random.choices(sorted(layer.model.metrics), k=2) if one not in metrics]
    if not asked.get("compare") and "like" not in str(asked.get("basis")):
        beside.append({"compare": [random.choice(["previous", "year_ago"])]})
    for more in beside if "fill" not in asked else ():
        try:
            other = answer(layer, **{**asked, **more})
        except DecisionLayerError:
            continue
        yield f"beside {more}", _moved(result, other, numbers)


def _levels(layer: Layer, asked: dict[str, Any]) -> Iterator[tuple[str, str]]:
    by = list(asked["by"])
    alone: dict[tuple[str, ...], Result] = {}
    for level in dict.fromkeys((tuple(by), tuple(by[:1]), tuple(by[1:]), ())):
        try:
            alone[level] = answer(layer, **{**asked, "by": list(level)})
        except DecisionLayerError:
            continue
    try:
        whole = answer(layer, **{key: value for key, value in asked.items() if key != "by"}, levels=[list(level) for level in alone])
    except DecisionLayerError:
        return
    rows = [dict(zip(whole.columns, row, strict=True)) for row in whole.rows()]
    for level, own in alone.items():
        there = [tuple(row[column] for column in own.columns) for row in rows if row["level"] == (", ".join(level) or "total")]
        yield f"level {list(level)}", _apart(there, own.rows())


def _apart(rows: list[Row], others: list[Row]) -> str:
    """Return two tables that differ, in whatever order their rows are."""
    one, other = (sorted((tuple(map(_instant, row)) for row in each), key=str) for each in (rows, others))
    return "" if same_rows(one, other) or same_rows(rows, others) else f"{one}\n{other}"


def _moved(result: Result, other: Result, numbers: list[str]) -> str:
    """Return the cells of an answer that say otherwise, or are lost, in another one."""
    groups = [column for column in result.columns if column not in numbers]

    def cells(of: Result) -> dict[Row, Row]:
        named = [dict(zip(of.columns, row, strict=True)) for row in of.rows()]
        return {tuple(str(_instant(row[key])) for key in groups): tuple(_instant(row[each]) for each in numbers) for row in named}

    there = cells(other)
    lost = {
        cell: (values, there.get(cell)) for cell, values in cells(result).items()
        if any(value is not None for value in values) and (cell not in there or not same_rows([values], [there[cell]]))
    }  # fmt: skip
    return "" if not lost else str(lost)


def _instant(value: Any) -> Any:
    return value.astimezone(dt.UTC) if isinstance(value, dt.datetime) and value.tzinfo else value


def look(layer: Layer, result: Result, keys: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    asked = {key: value for key, value in keys.items() if value is not None and value is not False}
    try:
        found = list(twins(layer, result, asked, Random(crc32(repr(keys).encode()))))
    except Exception:
        found = [("broken", traceback.format_exc(limit=-4))]
    for twin, said in found:
        yield "OTHERWISE" if said else "the same", twin, said


ONLOOKER = Onlooker(look, "twins")


def pytest_configure() -> None:
    ONLOOKER.begin()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"twins: {ONLOOKER.told()}")
