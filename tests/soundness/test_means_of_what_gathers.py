"""Means over days of what gathers: each number has the days of its own data, whatever stands beside it, and a missing past stays missing.

Sales on one day, costs around it; worked out by hand, and put to the second opinion by several periods.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer, QueryError
from tests.reference.answer import answer_of
from tests.reference.same import same_rows
from tests.worlds import rows_of
from tests.worlds.made import made, metric, shop

#: Sales on one day, costs from before it until long after.
TABLES = """
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values (1, '2023-10-10', 'A', 40);
create table costs (id integer, seen timestamp, shop varchar, cost integer);
insert into costs values (1, '2023-10-05', 'A', 7), (2, '2023-10-13', 'A', 8), (3, '2023-11-27', 'A', 7);
"""
TRAILING = {"sold_mean": "sold", "cost_mean": "cost", "gain_mean": "gain"}


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(TABLES)
    return connection


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory, connection: duckdb.DuckDBPyConnection) -> Layer:
    means = (metric(name, formula=f"trailing({of}, '20 days')", over_time="avg") for name, of in TRAILING.items())
    declared = shop(
        metric("sold", measure="sum(amount)"), metric("cost", source="costs", measure="sum(cost)"), metric("gain", formula="sold - cost"),
        metric("kinds_ever", formula="all_time(kinds)", over_time="avg"), metric("kinds", measure="count(distinct shop)"), *means,
    )  # fmt: skip
    declared["sources"].append({
        "source": "costs", "one_row_is": "one cost", "table": "costs", "key": ["id"], "time": {"seen": {"grain": "second", "zone": "UTC"}},
        "owner": "desk", "columns": {"id": "integer", "seen": "timestamp", "shop": "text", "cost": "integer"}, "dimensions": {"shop": "shop"},
    })  # fmt: skip
    return made(tmp_path_factory.mktemp("means"), declared, connection)


def test_what_stands_on_one_source_has_the_days_of_that_whatever_is_asked_beside_it(layer: Layer) -> None:
    (row,) = layer.query(metrics=["sold_mean", "gain_mean"], by=["quarter"]).rows()
    # one day of sales, 40; with the costs 54 days, from 5 October to 27 November: 20 of 40, 20 of -7, 20 of -8, one of -7
    assert row == (dt.date(2023, 10, 1), 40.0, pytest.approx((20 * 40 - 20 * 7 - 20 * 8 - 7) / 54))
    assert row[1] != pytest.approx(20 * 40 / 54)  # over the days of the costs


def test_what_every_day_of_the_range_reads_beyond_the_data_is_missing(layer: Layer) -> None:
    asked = {"by": ["quarter"], "start": "2023-11", "end": "2024-01-17"}
    (row,) = layer.query(metrics=["gain_mean", "cost_mean"], **asked).rows()
    # nothing is known of the sales of any 20 days that end in November: no -3
    assert row[1] is None and row[2] == pytest.approx((8 + 7) / 27)


def test_of_what_counts_nothing_there_is_nothing_on_any_day(layer: Layer) -> None:
    assert layer.query(metrics=["kinds_ever"], by=["month"], where="shop = 'B'").rows() == []


@pytest.mark.parametrize("by", [["quarter"], ["month"], ["day"], ["month", "shop"]])
@pytest.mark.parametrize("range", [{}, {"start": "2023-11"}, {"start": "2023-10-08", "end": "2023-11-03"}])
def test_the_second_opinion_agrees(layer: Layer, connection: duckdb.DuckDBPyConnection, by: list[str], range: dict[str, str]) -> None:
    asked = {"metrics": [*TRAILING, "kinds_ever"], "by": by, **range}
    assert same_rows(layer.query(**asked).rows(), answer_of(layer.model, rows_of(layer.model, connection), **asked)[1])


@pytest.mark.parametrize("by", ["day", "week", "month"])
def test_the_first_day_ends_with_the_data_as_it_does_by_day(tmp_path: Path, by: str) -> None:
    """The 90 minutes before 05:10, the last row of the only day: 15. By week they were those before midnight, and there was no row."""
    declared = shop(metric("cost", measure="sum(amount)"), metric("late", formula="trailing(cost, '90 minutes')", over_time="first"))
    declared["sources"][0]["columns"]["day"] = "timestamp"
    declared["sources"][0]["time"] = {"day": {"grain": "minute", "zone": "UTC"}}
    own = """
    create table sales (id integer, day timestamp, shop varchar, amount integer);
    insert into sales values (1, '2023-10-09 04:30', 'A', 7), (2, '2023-10-09 05:10', 'A', 8), (3, '2023-10-09 01:00', 'A', 100);
    """
    assert [row[1] for row in made(tmp_path, declared, own).query(metrics=["late"], by=[by]).rows()] == [15]


def test_a_mean_over_days_of_hours_that_gather_is_refused(tmp_path: Path) -> None:
    """On the last day they end with the data, and on every other one at midnight."""
    declared = shop(metric("cost", measure="sum(amount)"), metric("late", formula="trailing(cost, '90 minutes')", over_time="avg"))
    declared["sources"][0]["columns"]["day"] = "timestamp"
    declared["sources"][0]["time"] = {"day": {"grain": "minute", "zone": "UTC"}}
    own = "create table sales (id integer, day timestamp, shop varchar, amount integer); insert into sales values (1, '2023-10-09 04:30', 'A', 7);"
    layer = made(tmp_path, declared, own)
    assert layer.query(metrics=["late"], by=["day"]).rows() == [(dt.date(2023, 10, 9), 7)]
    with pytest.raises(QueryError, match="of what gathers by less than a day"):
        layer.query(metrics=["late"], by=["week"])
