"""Cells that a question about other times must not lose, and edges that it must not misread."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer
from tests.worlds import shared_world
from tests.worlds.made import SHOP, made, metric, shop


def test_a_range_that_ends_within_a_day_keeps_that_day_beside_other_times() -> None:
    """The day that it cuts was lost, with all its rows."""
    layer, _ = shared_world("half_hour")
    rows = layer.query(metrics=["pings"], by=["day"], end="2024-04-07T12", compare=["previous"]).rows()
    assert [row[:3] for row in rows] == [(dt.date(2024, 4, 6), 1, None), (dt.date(2024, 4, 7), 14, None)]  # the ping of 23:59 is of neither


@pytest.mark.parametrize("by", [[], ["month"]])
def test_a_noon_goes_to_a_noon_and_a_day_to_a_day(tmp_path: Path, by: list[str]) -> None:
    """What was sold to noon of 31 March stands beside February to noon of the 28th: 1. To noon of 1 March, the day after, it was 7."""
    declared = shop(metric("m", measure="sum(amount)"), metric("before", formula="prior(m, '1 month')"))
    declared["sources"][0]["time"] = {"day": "second"}
    declared["sources"][0]["columns"]["day"] = "timestamp"
    layer = made(tmp_path, declared, """
        create table sales (id integer, day timestamp, shop varchar, amount integer);
        insert into sales values (1, '2013-02-28 06:00', 'A', 1), (2, '2013-02-28 16:00', 'A', 2), (3, '2013-03-01 06:00', 'A', 4),
            (4, '2013-03-31 06:00', 'A', 8), (5, '2013-03-31 23:00', 'A', 16), (6, '2013-01-01', 'A', 32);
    """)  # fmt: skip
    asked = {"metrics": ["m", "before"], "by": by, "start": "2013-03-01"}
    assert layer.query(end="2013-03-31T11", **asked).rows()[0][-2:] == (12, 1)
    assert layer.query(end="2013-03-30", **asked).rows()[0][-2:] == (4, 3)  # to the end of the last day that February has
    assert layer.query(end="2013-03-31", **asked).rows()[0][-2:] == (28, 3)


def test_a_place_in_a_calendar_keeps_its_time_of_day(tmp_path: Path) -> None:
    """A week of a year ago up to the noon of its Wednesday: 1, not 3 with the afternoon."""
    declared = shop(metric("m", measure="sum(amount)"))
    declared["sources"][0]["time"] = {"day": "second"}
    declared["sources"][0]["columns"]["day"] = "timestamp"
    layer = made(tmp_path, declared, """
        create table sales (id integer, day timestamp, shop varchar, amount integer);
        insert into sales values (1, '2020-01-01 09:00', 'A', 1), (2, '2020-01-01 15:00', 'A', 2), (3, '2021-01-06 09:00', 'A', 4),
            (4, '2021-01-06 15:00', 'A', 8), (5, '2019-01-01', 'A', 16);
    """)  # fmt: skip
    rows = layer.query(metrics=["m"], by=["week"], start="2021-01-04", end="2021-01-06T11", compare=["year_ago"]).rows()
    assert rows == [(dt.date(2021, 1, 4), 4, 1, 3, 3.0)]


def test_where_every_measure_forgets_splits_only_its_own_rows_make_cells(tmp_path: Path) -> None:
    """A shop without a large sale stood there, beside the total of the large ones."""
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "a.yml").write_text(
        "project: {name: edges}\n"
        "parties: [{party: desk, kind: team, name: The desk}]\n"
        "sources:\n"
        "  - {source: sales, one_row_is: one sale, table: sales, key: [id], owner: desk, dimensions: {shop: shop},\n"
        "     columns: {id: integer, shop: text, amount: {type: integer, unit: USD}}}\n"
        "metrics:\n"
        "  - {metric: large, definition: Large sales., owner: desk, purpose: action, unit: USD, better: higher, respond: Look.,\n"
        "     source: sales, measure: sum(amount), where: amount > 10}\n"
        "  - {metric: all_large, definition: All large sales., owner: desk, purpose: action, unit: USD, better: higher, respond: Look.,\n"
        "     formula: total(large)}\n"
    )
    connection = duckdb.connect()
    connection.execute("CREATE TABLE sales AS SELECT * FROM (VALUES (1, 'A', 20), (2, 'B', 5), (3, 'C', 30)) AS t(id, shop, amount)").fetchall()
    layer = Layer.load(tmp_path, warehouse=connection)
    assert layer.query(metrics=["all_large"], by=["shop"]).rows() == [("A", 50), ("C", 50)]


def test_the_first_piece_of_a_year_is_in_reach_of_what_is_nested(tmp_path: Path) -> None:
    """The sale of 1 January is read from March too: 10. Rows were read from 4 January on, as if the piece were as long as March so far: none."""
    nested = metric("m", formula="to_date(period_start(trailing(s, '1 day'), year), month)")
    layer = made(tmp_path, shop(metric("s", measure="sum(amount)"), nested), """
        create table sales (id integer, day date, shop varchar, amount integer);
        insert into sales values (1, '2024-01-01', 'A', 10), (2, '2024-01-05', 'A', 20), (3, '2024-03-04', 'A', 60);
    """)  # fmt: skip
    assert layer.query(metrics=["m"], by=["day"], start="2024-03-04").rows() == [(dt.date(2024, 3, 4), 10)]
    assert layer.query(metrics=["m"], by=["day"], start="2024-03-03", end="2024-03-04", fill="spine").rows() == [
        (dt.date(2024, 3, 3), 10),
        (dt.date(2024, 3, 4), 10),
    ]


def test_the_year_up_to_two_months_before_is_that_year(tmp_path: Path) -> None:
    """2025 up to October has no sale: NULL. Ending with the last row, in November 2024, it would be all of 2024: 30."""
    before = metric("m", formula="prior(to_date(s, year), '2 months')")
    layer = made(tmp_path, shop(metric("s", measure="sum(amount)"), metric("n", measure="count(*)", source="plans"), before, sources=[
        *SHOP["sources"], {**SHOP["sources"][0], "source": "plans", "table": "plans", "one_row_is": "one plan"},
    ]), """
        create table sales (id integer, day date, shop varchar, amount integer);
        insert into sales values (1, '2024-03-01', 'A', 10), (2, '2024-11-05', 'A', 20);
        create table plans as select 1 as id, date '2025-06-01' as day, 'A' as shop, 1 as amount;
    """)  # fmt: skip
    assert layer.query(metrics=["m", "n"], by=["year"]).rows() == [(dt.date(2024, 1, 1), 10, 0), (dt.date(2025, 1, 1), None, 1)]


def test_a_day_of_another_clock_makes_no_cell(tmp_path: Path) -> None:
    """Nothing was ordered on 5 March and nothing was paid a year before: the day stood there all the same, with an order count of 0."""
    sales = {**SHOP["sources"][0], "time": {"day": "day", "paid": "day"}, "columns": {**SHOP["sources"][0]["columns"], "paid": "date"}}
    ordered, paid = metric("n", measure="count(*)"), metric("p", measure="count(*)", clock="paid")
    past = metric("m", formula="n - prior(p, '1 year')")
    layer = made(tmp_path, shop(ordered, paid, past, sources=[sales]), """
        create table sales (id integer, day date, shop varchar, amount integer, paid date);
        insert into sales values (1, '2024-03-01', 'A', 10, '2024-03-05');
    """)  # fmt: skip
    assert [row[0] for row in layer.query(metrics=["n", "m"], by=["day"]).rows()] == [dt.date(2024, 3, 1)]


def test_a_period_after_today_ends_where_the_range_does(tmp_path: Path) -> None:
    """July up to its end has 60, the month before none. With today in March July was moved as a whole quarter: 60 - 60 = 0."""
    growth = metric("growth", formula="s - prior(s, '1 month')")
    layer = made(tmp_path, shop(metric("s", measure="sum(amount)"), growth), """
        create table sales (id integer, day date, shop varchar, amount integer);
        insert into sales values (1, '2023-09-23', 'A', 10), (2, '2024-07-13', 'A', 60);
    """)  # fmt: skip
    asked = {"metrics": ["s", "growth"], "by": ["quarter"], "start": "2023-09-01", "end": "2024-07-31"}
    expected = [(dt.date(2023, 7, 1), 10, None), (dt.date(2024, 7, 1), 60, 60)]
    for today in ("2024-03-15", "2024-12-31", "2024-07-20"):
        assert layer.query(**asked, today=today).rows() == expected, today
