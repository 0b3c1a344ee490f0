"""A range cuts which cells come out, never what they read: also where a period ends early, with the data, with today or with the range."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from decisionlayer.layer import Layer
from tests.worlds.made import made, metric, shop

TABLES = """
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values (1, '2024-01-02', 'A', 1000), (2, '2024-01-30', 'A', 100), (3, '2024-02-03', 'A', 10);
"""


def world(folder: Path, more: str = "") -> Layer:
    return made(folder, shop(
        metric("sold", measure="sum(amount)"),
        metric("week_long", formula="trailing(sold, '7 days')"),
        metric("month_long", formula="trailing(sold, '1 month')"),
        metric("first_month", formula="period_start(sold, quarter)"),
        metric("first_week", formula="period_start(sold, week)"),
        metric("long_first_week", formula="to_date(period_start(sold, week), quarter)"),
        metric("month_before", formula="prior(to_date(sold, month), '1 month')"),
    ), TABLES + more)  # fmt: skip


@pytest.mark.parametrize("start", [None, "2024-02", "2024-02-02"])
@pytest.mark.parametrize("by", ["month", "quarter"])
def test_seven_days_that_end_with_the_data_begin_before_the_range(tmp_path: Path, start: str | None, by: str) -> None:
    """28 January to 3 February: 110. Counted from the first of February it was 10."""
    rows = world(tmp_path).query(metrics=["week_long"], by=[by], start=start).rows()
    assert rows[-1][1] == 110


@pytest.mark.parametrize("start", [None, "2024-02"])
@pytest.mark.parametrize("ends", [{"today": "2024-02-03"}, {"end": "2024-02-03"}])
def test_a_month_that_ends_with_today_or_with_the_range_does(tmp_path: Path, start: str | None, ends: dict[str, Any]) -> None:
    """4 January to 3 February: 110, and not 10."""
    layer = world(tmp_path, "insert into sales values (4, '2024-02-20', 'A', 7);")
    assert layer.query(metrics=["month_long"], by=["month"], start=start, **ends).rows()[-1][1] == 110


@pytest.mark.parametrize("start", [None, "2024-02"])
def test_a_month_before_that_ends_with_the_range_is_there(tmp_path: Path, start: str | None) -> None:
    """The first three days of January; the row was lost, for only February was read."""
    assert world(tmp_path).query(metrics=["month_before"], by=["quarter"], start=start, end="2024-02-03").rows()[-1][1] == 1000


@pytest.mark.parametrize("by", ["month", "quarter"])
def test_the_first_piece_of_a_longer_period_is_a_whole_one(tmp_path: Path, by: str) -> None:
    """January, though the range ends within it: 1100; by quarter the first piece is the quarter. It was cut to 1000."""
    rows = world(tmp_path).query(metrics=["first_month"], by=[by], end="2024-01-15").rows()
    assert [value for _, value in rows] == [1100 if by == "month" else 1110]


@pytest.mark.parametrize("start", [None, "2024", "2024-01-02"])
def test_a_year_that_is_cut_within_its_last_quarter_of_data_ends_with_that_quarter(tmp_path: Path, start: str | None) -> None:
    """The data end in February, and by year the quarter so far is the first: 90. From the second of January on it was the last one: none."""
    layer = made(tmp_path, shop(metric("sold", measure="sum(amount)"), metric("so_far", formula="to_date(sold, quarter)")))
    assert [row[1] for row in layer.query(metrics=["so_far"], by=["year"], start=start).rows()] == [90]


@pytest.mark.parametrize("end", [None, "2024-12"])
def test_a_first_piece_that_outlasts_the_asked_period_is_read_to_its_end(tmp_path: Path, end: str | None) -> None:
    """The year's last quarter begins in the week of 30 September, and a year from there holds 7 of January 2025: it was lost to the range."""
    layer = world(tmp_path, "insert into sales values (4, '2025-01-01', 'A', 7);")
    assert layer.query(metrics=["long_first_week"], by=["year"], end=end).rows()[0][1] == 7


def test_the_first_piece_of_a_cut_period_begins_with_what_the_cut_falls_into(tmp_path: Path) -> None:
    """From February on the year begins in the week of 29 January, and a year from there holds 7 of January 2025: 117. The range left 110."""
    layer = world(tmp_path, "insert into sales values (4, '2025-01-01', 'A', 7);")
    assert layer.query(metrics=["first_week"], by=["year"], start="2024-02", end="2024-12").rows() == [(dt.date(2024, 1, 1), 117)]


@pytest.mark.parametrize("start", [None, "2024-03-10"])
def test_two_weeks_of_all_that_was_end_with_the_last_row_though_the_range_begins_after_it(tmp_path: Path, start: str | None) -> None:
    """All sales end on 3 February, so their last two weeks are those from 21 January: 110. Read from the range on it was nothing."""
    layer = made(tmp_path, shop(
        metric("sold", measure="sum(amount)"), metric("last_weeks", formula="all_time(trailing(sold, '2 weeks'))"),
    ), TABLES)  # fmt: skip
    rows = layer.query(metrics=["last_weeks"], by=["quarter"], start=start, end="2024-06-30", fill="spine").rows()
    assert rows[0] == (dt.date(2024, 1, 1), 110)
