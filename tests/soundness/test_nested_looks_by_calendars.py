"""Looks inside of each other by a calendar, over a clock: right, and in a statement that a warehouse can plan.

Written into one another, three of them by the year of a calendar were 1.1 million characters, which took DuckDB 20 s, and from within a
day nine times that, which took it all the memory of the machine.
"""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest

from decisionlayer import Layer
from tests.reference.answer import answer_of
from tests.reference.same import same_rows
from tests.worlds import rows_of
from tests.worlds.made import made, metric, shop

RETAIL = {"frame": "retail", "owner": "desk", "calendar": {"weeks": "4-5-4", "year_ends": "last sunday of december", "year_named": "end"}}
#: By clocks in Kolkata; in New York the first is on 31 December 2023, the second on 1 May, the last on 30 December 2022.
TABLES = """
create table sales (id integer, day timestamp, shop varchar, amount integer);
insert into sales values
  (1, '2024-01-01 03:00', 'A', 7), (2, '2024-05-02 04:00', 'A', 5), (3, '2023-02-02 04:00', 'B', 11),
  (4, '2024-03-10 12:40', 'B', 13), (5, '2022-12-31 06:40', 'B', 17);
"""
LOOKS = {
    "half": "trailing(sold, '1 retail.half')",
    "of_period": "to_date(trailing(sold, '1 retail.half'), retail.period)",
    "three": "to_date(period_start(trailing(sold, '1 retail.half'), year), retail.period)",
    "four": "trailing(to_date(period_start(trailing(sold, '1 retail.half'), year), retail.period), '1 retail.quarter')",
}
YEAR_2023, YEAR_2024 = dt.date(2022, 12, 26), dt.date(2024, 1, 1)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(TABLES)
    return connection


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory, connection: duckdb.DuckDBPyConnection) -> Layer:
    declared = shop(
        metric("sold", measure="sum(amount)"), *(metric(name, formula=formula) for name, formula in LOOKS.items()), frames=[RETAIL]
    )
    declared["project"]["timezone"] = "America/New_York"
    declared["sources"][0]["columns"]["day"] = "timestamp"
    declared["sources"][0]["time"] = {"day": {"grain": "second", "zone": "Asia/Kolkata"}}
    return made(tmp_path_factory.mktemp("nested"), declared, connection)


def test_two_looks_by_hand(layer: Layer) -> None:
    # 2024: the period of the last row is the fifth, 29 April to 2 June, which ends 154 days into its half. As many days into the half
    # before, which began on 26 June 2023, is 27 November: 7 + 13 + 5. 2023: its last period ends with the half: 7 since 26 June.
    assert layer.query(metrics=["of_period"], by=["retail.year"]).rows() == [(YEAR_2023, 7), (YEAR_2024, 25)]


@pytest.mark.parametrize("start", [None, "2024-03-10", "2024-03-10T02"])
def test_three_looks_by_hand(layer: Layer, start: str | None) -> None:
    # 2024: the fifth period began in the year 2024, whose first piece, one retail year, goes on beyond the data; so the half ends with
    # that of the last row, on 30 June, and is the one since 1 January: 13 + 5, without the 7 of 31 December. 2023: the last period began
    # in the year 2023; a retail year from 1 January 2023, the 7th day of one, ends on the 7th of the next. The half up to there is the
    # one since 2 July: 7, without the 11 of February.
    expected = [(YEAR_2023, 7), (YEAR_2024, 18)]
    assert layer.query(metrics=["three"], by=["retail.year"], start=start).rows() == expected[0 if start is None else 1 :]


@pytest.mark.parametrize("by", ["retail.year", "retail.quarter", "month", "day"])
@pytest.mark.parametrize("start", [None, "2024-03-10", "2024-03-10T02"])
@pytest.mark.parametrize("name", LOOKS)
def test_the_second_opinion_agrees(layer: Layer, connection: duckdb.DuckDBPyConnection, name: str, by: str, start: str | None) -> None:
    asked = {"metrics": [name], "by": [by], "end": "2024-07", **({} if start is None else {"start": start})}
    assert same_rows(layer.query(**asked).rows(), answer_of(layer.model, rows_of(layer.model, connection), **asked)[1])


def test_a_statement_grows_by_the_look(layer: Layer) -> None:
    def length(name: str, **asked: str) -> int:
        return len(layer.sql(metrics=[name], by=["retail.year"], **asked))

    one, two, three, four = (length(name) for name in LOOKS)
    assert max(two - one, three - two, four - three) < 1.5 * one < 10_000
    assert length("three", start="2024-03-10T02") < 30_000  # 9,400,000 where each look wrote its ends out
