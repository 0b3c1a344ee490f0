"""The mean over days of what gathers since the beginning of a term is unknown where a day of the period lies outside of all terms."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from decisionlayer.errors import QueryError
from decisionlayer.layer import Layer
from tests.reference.answer import answer_of
from tests.reference.same import same_rows
from tests.worlds import rows_of
from tests.worlds.made import made, metric, shop

JANUARY, FEBRUARY = dt.date(2024, 1, 1), dt.date(2024, 2, 1)
#: The file lists two terms, from 11 January to 20 February.
TERMS = "".join(f"2024-01-{day},one\n" for day in range(11, 32)) + "".join(f"2024-02-{day:02},two\n" for day in range(1, 21))


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def layer(folder: Path, connection: duckdb.DuckDBPyConnection, *sold: str) -> Layer:
    """Return a shop that sold 10 on each of some days."""
    rows = ", ".join(f"({number}, date '{day}', 'A', 10)" for number, day in enumerate(sold))
    connection.execute(f"create or replace table sales as select * from (values {rows}) v(id, day, shop, amount)").fetchall()
    declared = shop(
        metric("sold", measure="sum(amount)"),
        metric("mean", formula="to_date(sold, terms.term)", over_time="avg"),
        metric("mean_or_0", formula="to_date(sold, terms.term)", over_time="avg", missing="zero"),
        metric("price", formula="to_date(sold / (sold / 2), terms.term)", over_time="avg"),
        metric("piece", formula="to_date(period_start(to_date(sold, month), quarter), terms.term)"),
        metric("moved", formula="trailing(prior(sold, '1 retail.period'), '60 days')", over_time="avg"),
        frames=[
            {"frame": "terms", "owner": "desk", "calendar": {"file": "terms.csv", "grains": {"term": "term"}}},
            {"frame": "retail", "owner": "desk", "calendar": {"weeks": "4-4-5", "year_ends": "saturday nearest january 31", "year_named": "start"}},
        ],
    )
    folder.mkdir(exist_ok=True)
    (folder / "terms.csv").write_text(f"day,term\n{TERMS}", encoding="utf-8")
    return made(folder, declared, connection)


def test_a_day_outside_of_the_file_leaves_its_month_without_a_mean(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """The days after 20 February were worth nothing: 10 * 20 / 29 = 6.9, though nobody knows which term they are of."""
    shop = layer(tmp_path, connection, "2024-01-11", "2024-02-01", "2024-02-29")
    rows = shop.query(metrics=["mean", "mean_or_0", "price"], by=["month"]).rows()
    assert rows == [(JANUARY, 10, 10, 2), (FEBRUARY, None, None, None)]


def test_a_range_or_data_that_end_within_the_file_have_one(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    shop = layer(tmp_path, connection, "2024-01-11", "2024-02-11", "2024-02-29")
    rows = shop.query(metrics=["mean"], by=["month"], end="2024-02-20").rows()
    assert rows == [(JANUARY, 10), (FEBRUARY, 5)]  # ten days of nothing, ten of 10
    shop = layer(tmp_path, connection, "2024-01-11", "2024-02-11", "2024-02-20")
    assert shop.query(metrics=["mean"], by=["month"]).rows() == [(JANUARY, 10), (FEBRUARY, pytest.approx((9 * 10 + 20) / 20))]


def test_data_that_begin_within_the_file_have_one_though_their_month_began_before(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """The first day of January lies in no term; the first day that is counted, 12 January, does."""
    shop = layer(tmp_path, connection, "2024-01-12", "2024-01-31")
    assert shop.query(metrics=["mean", "mean_or_0"], by=["month"]).rows() == [(JANUARY, pytest.approx((19 * 10 + 20) / 20), 10.5)]
    shop = layer(tmp_path, connection, "2024-01-10", "2024-01-31")
    assert shop.query(metrics=["mean", "mean_or_0"], by=["month"]).rows() == [(JANUARY, None, None)]
    assert shop.query(metrics=["mean"], by=["month"], start="2024-01-11").rows() == [(JANUARY, pytest.approx(10 / 21))]


@pytest.mark.parametrize("by", [["month"], ["quarter", "shop"], ["week"], ["day"]])
@pytest.mark.parametrize("asked", [{}, {"fill": "spine"}, {"start": "2024-01-11"}, {"end": "2024-02-20"}, {"start": "2024-01-05", "end": "2024-02-12"}])
@pytest.mark.parametrize("sold", [("2024-01-12", "2024-02-20"), ("2024-01-10", "2024-02-11"), ("2024-01-20", "2024-02-21")])
def test_the_second_opinion_agrees(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, sold: tuple[str, ...], asked: dict[str, str], by: list[str]
) -> None:
    shop = layer(tmp_path, connection, *sold)
    question = {"metrics": ["mean", "mean_or_0", "price"], "by": by, **asked}
    assert same_rows(shop.query(**question).rows(), answer_of(shop.model, rows_of(shop.model, connection), **question)[1])


def test_what_moves_to_days_that_a_shorter_period_lacks_is_refused(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Sixty days reach back to one of five weeks, whose last have no counterpart in one of four: those were worth nothing."""
    with pytest.raises(QueryError, match=r"not answered of what is moved by a retail\.period, in which days may lack a counterpart"):
        layer(tmp_path, connection, "2023-11-11", "2024-04-01").query(metrics=["moved"], by=["retail.period"], start="2024-03-03", end="2024-03-30")


def test_of_a_range_that_ends_outside_nobody_knows_the_first_piece(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Nobody knows in which term 31 March lies, so none when it began; the quarter was taken from the beginning of the range, and February for it."""
    shop = layer(tmp_path, connection, "2024-01-11", "2024-02-01", "2024-02-12")
    assert shop.query(metrics=["piece"], start="2024-02-10", end="2024-03-31").rows() == [(None,)]
    assert shop.query(metrics=["piece"], start="2024-02-10", end="2024-02-20").rows() == [(10,)]  # 1 to 20 January, of whose month it is
