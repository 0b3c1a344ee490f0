"""A total that forgets a split, or time, is of what the question asks, and stands in the cells that its measure has rows in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from decisionlayer.layer import Layer
from tests.worlds.made import made, metric, shop

JANUARY, FEBRUARY, MARCH = (dt.date(2024, month, 1) for month in (1, 2, 3))
TABLES = """
create table sales (id integer, day date, seen date, shop varchar, amount integer);
insert into sales values (1, '2024-01-01', '2024-03-01', 'B', 10), (2, '2024-01-02', '2024-03-01', 'A', 20), (3, '2024-02-01', '2024-04-01', 'B', 60);
"""
FORMULAS = {
    "share": "sold / total(sold, all)", "stand_in_all": "total(stand, all)", "stand_of_all": "total(stand)", "mean_in_all": "total(mean, all)",
    "least_of_all": "total(least)", "sold_in_all": "total(sold, all)", "either": "total(large) + total(small)",
    "but_all": "large - total(small, all)",
}  # fmt: skip


@pytest.fixture
def layer(tmp_path: Path) -> Layer:
    declared = shop(
        metric("sold", measure="sum(amount)"), metric("stand", measure="sum(amount)", over_time="last"),
        metric("mean", measure="sum(amount)", over_time="avg"), metric("least", measure="count(*)", over_time="min"),
        metric("large", measure="sum(amount)", where="amount > 15"), metric("small", measure="sum(amount)", where="amount < 15", clock="seen"),
        *(metric(name, formula=formula) for name, formula in FORMULAS.items()),
    )  # fmt: skip
    declared["sources"][0]["columns"]["seen"] = "date"
    declared["sources"][0]["time"] = {"day": "day", "seen": "day"}
    return made(tmp_path, declared, TABLES)


@pytest.mark.parametrize("more", [{}, {"compare": ["previous"]}, {"fill": "spine"}])
def test_what_is_all_of_a_filtered_question_is_all_that_the_filter_keeps(layer: Layer, more: dict[str, object]) -> None:
    """February's 60 are all of February; beside a comparison they were two thirds, 60 of all 90."""
    rows = layer.query(metrics=["sold", "share"], by=["month"], where="month >= '2024-02-01'", **more).rows()
    assert [row[:3] for row in rows] == [(FEBRUARY, 60, 1.0)]
    assert layer.query(metrics=["sold", "share"], by=["month"], **more).rows()[1][:3] == (FEBRUARY, 60, pytest.approx(60 / 90))


@pytest.mark.parametrize(
    ("name", "by", "rows"),
    [
        ("stand_in_all", ["month"], [(JANUARY, 60), (FEBRUARY, 60)]),
        ("mean_in_all", ["month"], [(JANUARY, 30), (FEBRUARY, 30)]),  # 90 at three instants
        # at the last instant of January only A stands, so B has no cell in it
        ("stand_of_all", ["month", "shop"], [(JANUARY, "A", 20), (FEBRUARY, "B", 60)]),
        ("least_of_all", ["month", "shop"], [(JANUARY, "A", 1), (JANUARY, "B", 1), (FEBRUARY, "B", 1)]),
        # the large by day, the small by when they were seen: by the other's clock neither makes a cell
        ("either", ["month", "shop"], [(JANUARY, "A", 20), (FEBRUARY, "B", 60), (MARCH, "B", 10)]),
    ],
)
def test_totals_asked_alone_stand_where_their_measures_have_rows(layer: Layer, name: str, by: list[str], rows: list[object]) -> None:
    assert layer.query(metrics=[name], by=by).rows() == rows


@pytest.mark.parametrize(("name", "value"), [("stand_in_all", 60), ("mean_in_all", 60), ("sold_in_all", 60)])
def test_totals_asked_alone_are_filled(layer: Layer, name: str, value: int) -> None:
    rows = layer.query(metrics=[name], by=["month"], start="2024-02", end="2024-03", fill="spine").rows()
    assert rows == [(FEBRUARY, value), (MARCH, value)]


def test_totals_asked_alone_stand_beside_a_period_and_what_follows_from_it(layer: Layer) -> None:
    """The quarter follows from the month, and was taken for one more split of the cells: the plan did not hold."""
    rows = layer.query(metrics=["stand_of_all"], by=["month", "quarter", "shop"], compare=["previous"]).rows()
    assert [row[:4] for row in rows] == [(JANUARY, JANUARY, "A", 20), (FEBRUARY, JANUARY, "B", 60)]
    assert [row[4] for row in rows] == [None, 20]


@pytest.mark.parametrize("more", [{}, {"rest": True, "limit": 1, "order": ["-large"]}])
def test_what_is_of_all_makes_no_period_beside_a_rest(layer: Layer, more: dict[str, object]) -> None:
    """The small one was seen in March, and is in every cell; March was a row with a rest of nothing."""
    rows = layer.query(metrics=["but_all", "large"], by=["month", "shop"], compare=["previous"], **more).rows()
    assert [row[0] for row in rows if row[0] > FEBRUARY] == []
