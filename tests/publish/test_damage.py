"""How far two meanings of one word lie apart, in rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer

SPENT = "{metric: spent, title: Spent,"


def damage(project: Path, connection: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    found = Layer.load(project, connection).check(data=True)
    return {finding.subject: finding.damage for finding in found if finding.code == "two-meanings"}


def test_the_rows_on_which_they_differ_are_named(edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection) -> None:
    edited("measure: sum(cost)", "measure: sum(amount), where: shop <> 'S1'")
    project = edited(SPENT, "{metric: spent, title: ' sales',")
    # Orders 1, 2 and 8 are of S1; of order 7 nobody knows the shop, so it is not counted either.
    assert damage(project, connection)["metric sales"] == "`sales` and `spent` differ on 4 rows of `orders`: 1, 2, 7, 8"
    assert damage(project, connection)["metric spent"] == "`spent` and `sales` differ on 4 rows of `orders`: 1, 2, 7, 8"


def test_the_first_rows_are_named_and_the_others_counted(edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection) -> None:
    project = edited(SPENT, "{metric: spent, title: Sales,")
    assert damage(project, connection)["metric sales"] == "`sales` and `spent` differ on 8 rows of `orders`: 1, 2, 3, 4, 5 and 3 more"


def test_two_spellings_of_one_row_are_the_same(edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection) -> None:
    edited("measure: sum(cost)", "measure: sum(amount), where: amount > 0")
    project = edited(SPENT, "{metric: spent, title: Sales,")
    assert damage(project, connection)["metric sales"] == "on the rows that are there `sales` and `spent` are the same"


@pytest.mark.parametrize("data", [True, False])
def test_without_looking_at_data_nothing_is_measured(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection, data: bool
) -> None:
    project = edited(SPENT, "{metric: spent, title: Sales,")
    found = Layer.load(project, connection).check(data=data)
    assert [bool(finding.damage) for finding in found if finding.code == "two-meanings"] == [data, data]
