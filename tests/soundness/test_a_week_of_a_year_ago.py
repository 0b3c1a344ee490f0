"""Which week a week of a year ago is: that of its number, which only weeks from Monday have without a calendar."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from decisionlayer import QueryError
from tests.worlds.made import made, metric, shop

TABLES = """
create table sales as select (row_number() over ())::integer as id, day::date as day, 'A' as shop, 1 as amount
from generate_series(date '2014-12-29', date '2021-12-31', interval 1 day) as days(day);
update sales set amount = extract(isoyear from day) * 100 + extract(week from day);
"""
RETAIL = {"weeks": "4-5-4", "year_ends": "saturday nearest january 31", "year_named": "start"}


def test_each_week_stands_beside_the_one_of_its_number(tmp_path: Path) -> None:
    """Each day sold its year and week, 202053 in the last week of 2020, so the other value says which week was read."""
    layer = made(tmp_path, shop(metric("n", measure="max(amount)")), TABLES)
    rows = layer.query(metrics=["n"], by=["week"], start="2016-01-04", end="2022-01-02", compare=["year_ago"]).rows()
    assert len(rows) == 313  # six years, of which 2020 had 53 weeks
    for begins, now, then, *_ in rows:
        year, week, _ = begins.isocalendar()
        # 2015 and 2020 had 53 weeks; nothing of 2019 stands beside the 53rd of 2020
        assert (now, then) == (year * 100 + week, None if week == 53 else (year - 1) * 100 + week), begins


def test_weeks_from_sunday_have_no_number(tmp_path: Path) -> None:
    declared = shop(metric("n", measure="sum(amount)"))
    declared["project"]["week_start"] = "sunday"
    asked = {"metrics": ["n"], "by": ["week"], "compare": ["year_ago"]}
    with pytest.raises(QueryError) as refused:
        made(tmp_path / "bare", declared).query(**asked)
    assert str(refused.value) == (
        "error[needs-period]: `year_ago` sets a week beside the one of its number, and weeks from sunday have no number\n"
        "  why: a year is no number of weeks: only a calendar says which is the first, and whether there is a 53rd\n"
        "  help: declare a calendar of weeks (`frames`) and ask by its week, or by day with `same_weekday_last_year`"
    )
    declared["frames"] = [{"frame": "retail", "owner": "desk", "calendar": RETAIL}]
    layer = made(tmp_path / "retail", declared)
    with pytest.raises(QueryError, match=r"ask by `retail\.week`, or by day"):
        layer.query(**asked)
    rows = layer.query(metrics=["n"], by=["retail.week"], compare=["year_ago"]).rows()
    assert [row[:2] for row in rows] == [(dt.date(2023, 12, 31), 30), (dt.date(2024, 1, 28), 60)]


def test_the_year_of_bare_weeks_has_a_name(tmp_path: Path) -> None:
    so_far = metric("so_far", formula="to_date(n, week.year)")
    layer = made(tmp_path, shop(metric("n", measure="count(*)"), so_far), TABLES)
    rows = layer.query(metrics=["so_far"], by=["week"], start="2020-12-28", end="2021-01-10").rows()
    assert rows == [(dt.date(2020, 12, 28), 53 * 7), (dt.date(2021, 1, 4), 7)]  # the Gregorian year began on a Friday: 10
