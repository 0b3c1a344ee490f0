"""Stocks, conversions, the rest and the ends over nothing, one row, NULLs alone, and the first and last days of the calendar."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from decisionlayer.errors import QueryError
from decisionlayer.layer import Layer
from tests.worlds.made import made, metric, shop

READINGS = ("last", "first", "avg", "min", "max")


def world(folder: Path, *rows: str) -> Layer:
    """Return the shop as a source of stocks, with one metric a reading and a conversion from a sale to the next in its shop."""
    stocks = [metric(f"{one}_stock", measure="sum(amount)", over_time=one) for one in READINGS]
    counts = [metric(f"{one}_count", measure="count(*)", over_time=one) for one in READINGS]
    again = {"from": "sales", "to": "sales", "entity": "shop", "within": "7 days"}
    declared = shop(
        *stocks, *counts,
        metric("again", conversion=again), metric("still_open", conversion={**again, "give": "open"}),
        metric("last_month", formula="prior(last_stock, '1 month')"), metric("mean_so_far", formula="all_time(avg_stock)"),
        metric("share", formula="last_stock / total(last_stock)"), metric("sold", measure="sum(amount)"),
        metric("kinds", measure="count(distinct amount)"), metric("middle", measure="median(amount)"),
        metric("kinds_of_a_week", formula="trailing(kinds, '7 days')"), metric("middle_of_a_week", formula="trailing(middle, '7 days')"),
    )  # fmt: skip
    declared["sources"][0] |= {"links": {"shop": "shop"}, "dimensions": {"half": "case when amount > 15 then 'big' else 'small' end"}}
    declared["sources"].append({
        "source": "shops", "one_row_is": "one shop", "describes": "shop", "table": "shops", "key": ["shop"], "owner": "desk",
        "columns": {"shop": "text"},
    })  # fmt: skip
    values = f"insert into sales values {', '.join(rows)};" if rows else ""
    return made(folder, declared, f"create table sales (id integer, day date, shop varchar, amount integer); {values} create table shops (shop varchar);")


STOCKS = [f"{one}_stock" for one in READINGS]
COUNTS = [f"{one}_count" for one in READINGS]


def test_nothing_has_no_stock_and_counts_nothing(tmp_path: Path) -> None:
    layer = world(tmp_path)
    assert layer.query(metrics=STOCKS).rows() == [(None,) * 5]
    assert layer.query(metrics=COUNTS).rows() == [(0,) * 5]
    assert layer.query(metrics=["again", "still_open"]).rows() == [(None, 0)]
    for by in (["month"], ["shop"], ["month", "shop"]):
        assert layer.query(metrics=[*STOCKS, *COUNTS, "again", "last_month", "mean_so_far"], by=by if "month" in by else ["month"]).rows() == []
    assert layer.query(metrics=["sold"], by=["shop"], limit=1, rest=True).rows() == []
    assert layer.query(by=["shop", "day"], extremes=True).rows() == [(None,) * 4]


def test_one_row_is_every_reading_of_itself(tmp_path: Path) -> None:
    layer = world(tmp_path, "(1, '2024-01-05', 'A', 10)")
    assert layer.query(metrics=STOCKS, by=["month", "shop"]).rows()[0][2:] == (10, 10, 10.0, 10, 10)
    assert layer.query(metrics=COUNTS, by=["month"]).rows()[0][1:] == (1, 1, 1.0, 1, 1)
    # Nothing came after it, and nobody knows of the week that follows.
    assert layer.query(metrics=["again", "still_open"]).rows() == [(None, 1)]
    assert layer.query(metrics=["share"], by=["shop"], limit=1, rest=True).rows() == [("A", False, 1.0)]
    assert layer.query(metrics=["last_month", "mean_so_far"], by=["month"]).rows()[0][1:] == (None, 10.0)


def test_nulls_alone_are_rows_without_a_value(tmp_path: Path) -> None:
    layer = world(tmp_path, "(1, null, null, null)", "(2, null, null, null)")
    assert layer.query(metrics=STOCKS).rows() == [(None,) * 5]
    # Rows without a time stand at no instant.
    assert layer.query(metrics=COUNTS).rows() == [(0,) * 5]
    assert layer.query(metrics=["again", "still_open"]).rows() == [(None, 2)]
    assert layer.query(metrics=["sold"], by=["shop"], limit=1, rest=True).rows() == [(None, False, None)]
    assert layer.query(metrics=["sold"], by=["shop"], limit=0, rest=True).rows() == [(None, True, None)]
    assert layer.query(by=["shop", "day"], extremes=True).rows() == [(None,) * 4]


def test_a_stock_that_says_nothing_at_its_last_count_has_no_last_value(tmp_path: Path) -> None:
    layer = world(tmp_path, "(1, '2024-01-05', 'A', 10)", "(2, '2024-01-12', 'A', null)")
    assert layer.query(metrics=STOCKS, by=["month"]).rows()[0][1:] == (None, 10, 5.0, 10, 10)
    assert layer.query(metrics=COUNTS, by=["month"]).rows()[0][1:] == (1, 1, 1.0, 1, 1)


@pytest.mark.parametrize("by", [["day"], ["month"], ["year"], ["month", "shop"]])
def test_the_ends_of_the_calendar_are_days_like_others(tmp_path: Path, by: list[str]) -> None:
    layer = world(tmp_path, "(1, '0001-01-01', 'A', 10)", "(2, '9999-12-31', 'A', 30)")
    rows = layer.query(metrics=["last_stock", "avg_stock", "min_stock", "mean_so_far", "again"], by=by).rows()
    assert [row[-5:-1] for row in rows] == [(10, 10.0, 10, 10.0), (30, 30.0, 30, 20.0)]
    # The week after the first day was over long before the last row; the week after the last one is over for nobody.
    assert [row[-1] for row in rows] == [0.0, None]


def test_the_past_of_the_first_month_is_missing(tmp_path: Path) -> None:
    layer = world(tmp_path, "(1, '0001-01-01', 'A', 10)", "(2, '9999-12-31', 'A', 30)")
    assert [row[-1] for row in layer.query(metrics=["last_stock", "last_month"], by=["month"]).rows()] == [None, None]


@pytest.mark.parametrize("rows", [(), ("(1, '2024-01-05', 'A', 10)",), ("(1, null, null, null)",), ("(1, '0001-01-01', 'A', 1)", "(2, '9999-12-31', 'B', 2)")])
def test_what_cannot_be_merged_is_counted_anew_at_every_edge(tmp_path: Path, rows: tuple[str, ...]) -> None:
    layer = world(tmp_path, *rows)
    found: list[tuple[Any, ...]] = layer.query(metrics=["kinds", "kinds_of_a_week", "middle_of_a_week"], by=["day"]).rows()
    timed = [row for row in found if row[0] is not None]
    assert [row[2] for row in timed] == [row[1] for row in timed] == [1] * len(timed)
    assert len(timed) == sum("null" not in row for row in rows)


def test_a_mean_of_all_stands_beside_each_part_of_a_stock(tmp_path: Path) -> None:
    """Asked alone, what forgets the split makes no cells, so those of its rows are taken: 15 on the first day and 8 on the second."""
    declared = shop(metric("held", measure="sum(amount)", over_time="avg"), metric("held_in_all", formula="total(held, all)"))
    layer = made(tmp_path, declared, """
    create table sales (id integer, day date, shop varchar, amount integer);
    insert into sales values (1, '2024-01-01', 'a', 10), (2, '2024-01-01', 'b', 5), (3, '2024-02-01', 'a', 8), (4, null, 'c', 99);
    """)  # fmt: skip
    rows = layer.query(metrics=["held_in_all"], by=["shop"]).rows()
    assert rows == [("a", 11.5), ("b", 11.5)] and rows[0][1] != 23  # the total of both days; what stood at no time makes no cell
    assert layer.query(metrics=["held", "held_in_all"], by=["shop"]).rows() == [("a", 9.0, 11.5), ("b", 2.5, 11.5)]


def test_the_rest_tells_why_a_condition_on_the_asked_month_ranks_nothing(tmp_path: Path) -> None:
    """The shops are ranked without months, so nothing says which cells the condition keeps; the help said to ask by month, which it does."""
    layer = world(tmp_path, "(1, '2024-01-05', 'A', 10)")
    with pytest.raises(QueryError) as refused:
        layer.query(metrics=["last_month"], by=["month", "shop"], where="month = '2024-01-01'", limit=1, rest=True)
    assert refused.value.codes == ("needs-period",)
    assert "`rest` ranks groups over the whole range, without periods" in str(refused.value)
    assert "say which periods by `start` and `end`, or leave `rest` out" in str(refused.value)


@pytest.mark.parametrize("over_time", READINGS)
@pytest.mark.parametrize("measure", ["count(amount)", "count(distinct amount)"])
def test_a_count_that_is_zero_at_every_instant_is_absent_however_it_is_read(tmp_path: Path, measure: str, over_time: str) -> None:
    """What it is less a share of it that nobody has is 0, as for a plain count. Of the largest, the least and a mean it was NULL."""
    counted = metric("counted", measure=measure, over_time=over_time)
    declared = shop(counted, metric("less", formula="counted - counted / counted"), metric("more", formula="counted + 1"))
    rows = ", ".join(f"({id}, '2024-01-{day:02}', '{shop}', {amount})" for id, day, shop, amount in (
        (1, 5, "A", "null"), (2, 5, "B", 7), (3, 9, "A", "null"), (4, 9, "B", 7),
    ))  # fmt: skip
    layer = made(tmp_path, declared, f"create table sales (id integer, day date, shop varchar, amount integer); insert into sales values {rows};")
    found = layer.query(metrics=["counted", "less", "more"], by=["shop"]).rows()
    assert found == [("A", 0, 0, 1), ("B", 1, 0, 2)]
