"""Weeks are numbered from Monday to Sunday, so that one which begins on a Sunday has two numbers: it is not the week of its first day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from decisionlayer import QueryError
from decisionlayer.layer import Layer
from tests.worlds.made import made, metric, shop

# The Sunday is of week 52 of 2023, the Tuesday after it of week 1 of 2024.
TABLES = """
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values (1, '2023-12-31', 'A', 1), (2, '2024-01-02', 'A', 10), (3, '2024-01-09', 'B', 60);
"""
FIRST, SECOND = dt.date(2023, 12, 31), dt.date(2024, 1, 7)
BOTH = ["week", "week_of_year"]


def sales(folder: Path, week_start: str) -> Layer:
    by_week = metric("by_week", measure="sum(amount)", grain={"time": "week", "by": []})
    declared = shop(metric("sold", measure="sum(amount)"), by_week)
    declared["project"]["week_start"] = week_start
    return made(folder, declared, TABLES)


def test_a_week_from_sunday_has_two_numbers(tmp_path: Path) -> None:
    layer = sales(tmp_path, "sunday")
    assert layer.query(metrics=["sold"], by=BOTH).rows() == [(FIRST, 1, 10), (FIRST, 52, 1), (SECOND, 2, 60)]
    levels = layer.query(metrics=["sold"], levels=[["week"], ["week_of_year"]]).rows()
    # merged from the weeks, 52 would be 11 and there were no second week
    assert sorted(row[1:] for row in levels if row[0] is None) == [(1, "week_of_year", 10), (2, "week_of_year", 60), (52, "week_of_year", 1)]
    assert [row[3] for row in levels if row[1] is None] == [11, 60]


@pytest.mark.parametrize("more", [{"compare": ["previous"]}, {"fill": "spine"}])
def test_so_it_does_not_follow_from_the_week_in_which_another_is_read(tmp_path: Path, more: dict[str, object]) -> None:
    asked = {"metrics": ["sold"], "by": BOTH, "start": "2023-12-31", "end": "2024-01-13", **more}
    with pytest.raises(QueryError) as refused:
        sales(tmp_path / "s", "sunday").query(**asked)
    assert refused.value.codes == ("needs-period",)  # and not 52 with 11, then 1 with 60
    rows = sales(tmp_path / "m", "monday").query(**{**asked, "start": "2023-12-25", "end": "2024-01-14"}).rows()
    assert [row[1:3] for row in rows] == [(52, 1), (1, 10), (2, 60)]


def test_a_metric_by_whole_weeks_has_no_number_of_half_a_week(tmp_path: Path) -> None:
    assert sales(tmp_path / "m", "monday").query(metrics=["by_week"], by=["week_of_year"]).rows() == [(1, 10), (2, 60), (52, 1)]
    with pytest.raises(QueryError) as refused:
        sales(tmp_path / "s", "sunday").query(metrics=["by_week"], by=["week_of_year"])
    assert refused.value.codes == ("finer-than-grain",)
