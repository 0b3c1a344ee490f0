"""A stock is read at the same instants for every group, also where groups are made of its own clock.

Counted on Fridays (10 pieces on 2024-01-26) and on Mondays (7 on 2024-01-29), January ends with the 7 of Monday. Read at the last
instant of each weekday, Friday would say 10, and the parts 17 where the whole is 7.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from decisionlayer.layer import Layer
from tests.worlds.made import SHOP, made, metric, shop

TABLES = """
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values (1, '2024-01-22', 'A', 3), (2, '2024-01-26', 'A', 10), (3, '2024-01-29', 'A', 5), (4, '2024-01-29', 'B', 2);
"""
SOURCE = {**SHOP["sources"][0], "dimensions": {"shop": "shop", "weekday": "day_of_week(day)"}}


@pytest.fixture
def layer(tmp_path: Path) -> Layer:
    stocks = [metric(how, measure="sum(amount)", over_time=how) for how in ("last", "first", "avg", "max")]
    return made(tmp_path, shop(*stocks, sources=[SOURCE]), TABLES)


def test_the_parts_make_the_whole(layer: Layer) -> None:
    """Monday has the last and the first instant; the mean is over three instants, whichever weekday: 10 / 3 and (3 + 7) / 3."""
    assert layer.query(metrics=["last", "first"], by=["month"]).rows()[0][1:] == (7, 3)
    rows = layer.query(metrics=["last", "first", "avg"], by=["month", "weekday"]).rows()
    assert [row[1:] for row in rows] == [(1, 7, 3, pytest.approx(10 / 3)), (5, None, None, pytest.approx(10 / 3))]


def test_a_filter_by_the_dimension_leaves_the_instants_as_they_are(layer: Layer) -> None:
    """Of the last day's pieces none are of a Friday, and Fridays have 10 of the mean's 20 pieces over three instants."""
    assert layer.query(metrics=["last", "avg", "max"], where="weekday = 5").rows() == [(None, pytest.approx(10 / 3), 10)]
    assert layer.query(metrics=["last", "avg"], where="weekday = 5 and day <= '2024-01-26'").rows() == [(10, pytest.approx(10 / 2))]


def test_a_filter_by_a_period_is_a_range(layer: Layer) -> None:
    """Up to Friday, the last instant is Friday's; of two instants the mean is 13 / 2."""
    assert layer.query(metrics=["last", "avg"], where="day <= '2024-01-26'").rows() == [(10, 6.5)]


def test_what_a_period_is_called_is_of_time(tmp_path: Path) -> None:
    """The year to January ends with Monday's 7, of three instants with 20 pieces; read at the last instant of all it has none, and a mean of 5."""
    fiscal = {"frame": "fiscal", "owner": "desk", "calendar": {"year_starts": "february", "year_named": "end"}}
    stocks = [metric(how, measure="sum(amount)", over_time=how) for how in ("last", "avg", "min")]
    later = TABLES.rstrip().rstrip(";") + ", (5, '2024-02-05', 'B', 9);"
    layer = made(tmp_path, shop(*stocks, sources=[SOURCE], frames=[fiscal]), later)
    rows = [("2024", 7, pytest.approx(20 / 3), 3), ("2025", 9, 9, 9)]
    assert layer.query(metrics=["last", "avg", "min"], by=["fiscal.year.label"]).rows() == rows
    assert [(row[1], *row[2:]) for row in layer.query(metrics=["last", "avg", "min"], by=["fiscal.year", "fiscal.year.label"]).rows()] == rows
    found = layer.query(metrics=["last", "avg"], by=["fiscal.year.label", "shop"]).rows()
    assert found == [("2024", "A", 5, 6), ("2024", "B", 2, pytest.approx(2 / 3)), ("2025", "B", 9, 9)]
