"""A second opinion on every question that a test asks::

    pytest -p tests.reference.shadow tests/soundness

Each question that DuckDB answers is put to the evaluator too, over the same rows. What both say differently, and what the evaluator
cannot say, stands in ``shadow.log`` (``SHADOW`` names another file); the last line of the run counts them. No test fails for it.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from decisionlayer.layer import Layer
from decisionlayer.run.result import Result
from tests.reference.answer import answer_of
from tests.reference.onlooker import Onlooker
from tests.reference.same import same_rows
from tests.reference.walks import Unanswerable
from tests.worlds import rows_of

#: Companies of more rows take the evaluator too long.
LARGEST = 400
#: What is no number of its own: it is told beside one.
TOLD = ("naive", "ledger")


def second(layer: Layer, result: Result, keys: dict[str, Any]) -> tuple[str, str]:
    """Return how the evaluator stands to an answer, and what there is to say of it."""
    asked = {key: value for key, value in keys.items() if value is not None and value is not False}
    if set(TOLD) & set(asked):
        return "told beside", ""
    connection = getattr(layer.engine, "_connection", None)
    if connection is None:
        return "on another engine", ""
    tables = rows_of(layer.model, connection())
    if sum(len(rows) for rows in tables.values()) > LARGEST:
        return "too large", ""
    try:
        columns, rows = answer_of(layer.model, tables, **asked)
    except Unanswerable as no:
        return "unanswerable", str(no)
    except Exception:
        return "broken", traceback.format_exc(limit=-4)
    if columns == result.columns and same_rows(result.rows(), rows):
        return "the same", ""
    return "DIFFERENT", f"engine    {result.columns} {result.rows()}\nreference {columns} {rows}"


def look(layer: Layer, result: Result, keys: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    how, said = second(layer, result, keys)
    yield how, how, said


ONLOOKER = Onlooker(look, "shadow")


def pytest_configure() -> None:
    ONLOOKER.begin()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"second opinion: {ONLOOKER.told()}")
