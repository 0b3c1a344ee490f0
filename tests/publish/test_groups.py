"""Small groups: refused while they are there, and without a number when they come up later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from decisionlayer import DeclarationError, Layer
from decisionlayer.findings import Finding

YEARLY = "metrics: [revenue, margin],\n     by: [month, shop.region.title]"


def found(project: Path, connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    return [finding for finding in Layer.load(project, connection).check(data=True) if finding.code == "small-group"]


def test_a_cell_over_too_few_rows_refuses_the_publication(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    project = edited("definition: What each region brings.", "definition: What each region brings., min_group: 2")
    (finding,) = found(project, connection)
    # North January 2, South January 1, South February 1, none 3, North March 1
    assert finding.message == (
        "3 of 5 cells of view `region_month` are over fewer than 2 rows; the smallest, month 2025-01-01, shop.region.title South, over 1"
    )
    with pytest.raises(DeclarationError) as refused:
        Layer.load(project, connection).publish()
    assert [each.code for each in refused.value.findings] == ["small-group"]
    assert connection.execute("select count(*) from information_schema.schemata where schema_name = 'executive'").fetchall() == [(0,)]


def test_a_cell_that_becomes_small_later_shows_no_number(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    edited("definition: What each region brings.", "definition: What each region brings., min_group: 2")
    project = edited(YEARLY, "metrics: [revenue, margin],\n     by: [year, shop.region.title]")
    assert found(project, connection) == []
    Layer.load(project, connection).publish()
    asked = "select * exclude (year) from executive.region_month"
    assert connection.execute(asked).fetchall() == [
        ("North", 160, pytest.approx(105 / 160)), ("South", 280, pytest.approx(170 / 280)), (None, 120, pytest.approx(50 / 120)),
    ]  # fmt: skip
    connection.execute("delete from orders where id = 3").fetchall()
    # South has one order left: 80 and 0.75 would be that order's own.
    assert connection.execute(asked).fetchall() == [
        ("North", 160, pytest.approx(105 / 160)), ("South", None, None), (None, 120, pytest.approx(50 / 120)),
    ]  # fmt: skip


def test_rows_in_question_make_a_group_whatever_part_of_them_counts(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    edited("definition: What each region brings.", "definition: What each region brings., min_group: 2")
    edited("measure: sum(amount)", "measure: sum(amount), where: amount > 150")
    project = edited(YEARLY, "metrics: [revenue],\n     by: [year]")
    assert found(project, connection) == [], "one order is that dear, of eight that could be"
    project = edited("where: amount > 150", "population: amount > 150")
    (finding,) = found(project, connection)
    assert finding.message == "1 of 1 cells of view `region_month` is over fewer than 2 rows; the smallest, year 2025-01-01, over 1"


def test_the_size_of_a_group_is_part_of_what_a_view_means(edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection) -> None:
    project = edited("definition: What each region brings.", "definition: What each region brings., min_group: 2")
    two = Layer.load(project, connection).model.views["region_month"].meaning
    edited("min_group: 2", "min_group: 3")
    assert Layer.load(project, connection).model.views["region_month"].meaning != two


def test_a_group_of_one_is_refused(edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection) -> None:
    project = edited("definition: What each region brings.", "definition: What each region brings., min_group: 1")
    messages = [finding.message for finding in Layer.load(project, connection).check()]
    assert "view `region_month` allows groups of 1" in messages
