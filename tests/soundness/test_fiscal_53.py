"""A retail year of 53 weeks, worked out by hand: what each week sold is a power of two or a small number, so that sums tell.

The year that ends on 2 February 2013 (the Saturday nearest 31 January) began on 29 January 2012 and has 53 weeks.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from tests.worlds.made import made, metric, shop

#: First days of weeks 1, 14, 52 and 53 of 2012, of week 52 of 2011, and of weeks 1 and 2 of 2013: one sale in each.
TABLES = """
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values
  (1, '2012-01-28', 'A', 1),      -- Saturday, the last day of 2011: week 52
  (2, '2012-01-29', 'A', 2),      -- Sunday, the first day of 2012: week 1
  (3, '2012-04-29', 'A', 4),      -- week 14, the first of the second quarter
  (4, '2013-01-26', 'A', 8),      -- Saturday of week 52
  (5, '2013-01-27', 'A', 16),     -- Sunday of week 53
  (6, '2013-02-02', 'A', 32),     -- Saturday of week 53, the last day of 2012
  (7, '2013-02-03', 'A', 64),     -- the first day of 2013: week 1
  (8, '2014-01-26', 'A', 128),    -- week 52 of 2013
  (9, null, 'A', 256);
"""


@pytest.fixture
def layer(tmp_path: Path) -> Layer:
    calendar = {"weeks": "4-5-4", "year_ends": "saturday nearest january 31", "year_named": "start"}
    frames = [
        {"frame": "retail", "owner": "desk", "calendar": calendar},
        {"frame": "fiscal", "owner": "desk", "calendar": {"year_starts": "july", "year_named": "end"}},
    ]
    to_date = metric("so_far", formula="to_date(n, retail.year)")
    return made(tmp_path, shop(metric("n", measure="sum(amount)"), to_date, frames=frames), TABLES)


def test_years_begin_and_end_with_whole_weeks(layer: Layer) -> None:
    rows = layer.query(metrics=["n"], by=["retail.year.label"]).rows()
    # 2 + 4 + 8 + 16 + 32; a year of 52 weeks would give 14 and leave 48 to 2013, the Gregorian year gives 7
    assert rows == [("2011", 1), ("2012", 62), ("2013", 192), (None, 256)]


def test_the_53rd_week_is_in_the_last_period_and_quarter(layer: Layer) -> None:
    asked = {"metrics": ["n"], "start": "2012-12-30", "end": "2013-02-02"}
    assert layer.query(by=["retail.period.label"], **asked).rows() == [("2012 P12", 56)]  # 8 + 16 + 32, not 8
    assert layer.query(by=["retail.quarter.label"], **asked).rows()[-1] == ("2012 Q4", 56)
    assert layer.query(by=["retail.week.label"], **asked).rows() == [("2012 W52", 8), ("2012 W53", 48)]


def test_week_53_has_no_week_a_year_ago_and_none_reads_it(layer: Layer) -> None:
    rows = layer.query(metrics=["n"], by=["retail.week"], compare=["year_ago"], start="2013-01-20", end="2014-02-01").rows()
    assert [row[:3] for row in rows] == [
        (dt.date(2013, 1, 20), 8, 1),       # week 52 against week 52 of 2011
        (dt.date(2013, 1, 27), 48, None),   # 364 days before lies week 1 of 2012, which sold 2
        (dt.date(2013, 2, 3), 64, 2),       # week 1 against week 1; 364 days before lies week 2
        (dt.date(2014, 1, 26), 128, 8),     # week 52 against week 52; 364 days before lies week 53, which sold 48
    ]  # fmt: skip


def test_to_date_runs_to_the_53rd_week_and_begins_anew(layer: Layer) -> None:
    rows = layer.query(metrics=["so_far"], by=["retail.week"], start="2013-01-20", end="2013-02-09").rows()
    # 2 + 4 + 8 = 14, + 48 = 62, then the new year; from January 1st it would be 8, 56, 120
    assert rows == [(dt.date(2013, 1, 20), 14), (dt.date(2013, 1, 27), 62), (dt.date(2013, 2, 3), 64)]


def test_fourteen_weeks_are_not_compared_with_thirteen(layer: Layer) -> None:
    with pytest.raises(DecisionLayerError) as refused:
        layer.query(metrics=["n"], by=["retail.quarter"], compare=["year_ago"], start="2012-10-28", end="2013-02-02")
    assert refused.value.codes == ("unequal-periods",)


def test_fiscal_quarters_count_from_july(layer: Layer) -> None:
    rows = layer.query(metrics=["n"], by=["fiscal.quarter.label"]).rows()
    # January 2012 lies in the third quarter of the year that ends in June 2012
    assert rows == [("2012 Q3", 3), ("2012 Q4", 4), ("2013 Q3", 120), ("2014 Q3", 128), (None, 256)]
