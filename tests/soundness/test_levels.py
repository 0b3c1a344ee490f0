"""Pins: a level of a question is the answer to the question by that level alone, however the levels are worked out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.capabilities import DUCKDB
from decisionlayer.layer import Layer
from decisionlayer.plan.build import build
from decisionlayer.plan.query import Query
from decisionlayer.sql import emit
from tests.worlds import shared_world
from tests.worlds.made import made, metric, shop

ORG = [["month", "org.division", "org.region"], ["month", "org.division"], ["month"], ["year", "org.division"], ["org.region"], []]
LINES = [["reports.board", "reports.director"], ["reports.board"], []]
MOVED: dict[str, Any] = {"start": "2025", "end": "2026", "structure": "as_is", "today": "2026-12-31", "compare": ["previous", "year_ago"]}

QUESTIONS: dict[str, tuple[str, list[list[str]], dict[str, Any]]] = {
    "levels of organisation and time": ("reorg", ORG, {"metrics": ["revenue", "sales_count"]}),
    "beside other periods, each of its own level": ("reorg", ORG, {"metrics": ["revenue", "sales_count"], **MOVED}),
    "many finished alike": (
        "reorg", [["month"], ["quarter", "org.division"], ["year"], []], {"metrics": ["revenue", "sales_count"], **MOVED},
    ),
    "one finished alike in part": ("reorg", [["month"], ["year", "org.division"], []], {"metrics": ["sales_count"], "structure": "as_was"}),
    "a range that cuts a month": (
        "reorg", [["month", "org.division"], ["month"], ["year"], []],
        {"metrics": ["revenue"], "start": "2025-02-15", "end": "2026-03-01", "compare": ["previous"], "structure": "as_was"},
    ),
    "the widest level first": ("seasons", [[], ["shop"], ["year", "shop"]], {"metrics": ["sales", "orders", "shops"]}),
    "a filter": ("reorg", ORG, {"metrics": ["revenue"], "where": "org.division = :name", "params": {"name": "Online"}}),
    "two levels that no level makes up": ("reorg", [["shop.name", "year"], ["org.region"], ["shop"]], {"metrics": ["revenue", "sales_count"]}),
    "what no level can be merged from": ("ragged", LINES, {"metrics": ["hours_worked", "people_at_work"]}),
    "distinct people over years": ("ragged", [["year", "line.director"], ["year"], ["line.board"], []], {"metrics": ["people_at_work"]}),
    "several sources and quotients": (
        "roles", [["origin.city.name", "origin.name"], ["origin.city.name"], []], {"metrics": ["seats", "rain", "rain_per_flight"]},
    ),
    "a key of several columns": ("orphans", [["customer", "depot"], ["customer"], ["depot"], []], {"metrics": ["kilos", "shipments"]}),
}  # fmt: skip


def rows_of(layer: Layer, asked: Query, *, is_plain: bool) -> list[dict[str, object]]:
    plan = build(asked, layer.model, DUCKDB, rules=()) if is_plain else build(asked, layer.model, DUCKDB)
    table = layer.engine.fetch(emit(plan, DUCKDB))
    return list(table.to_pylist())


@pytest.mark.parametrize("is_plain", [False, True], ids=["rewritten", "naive"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_level_is_the_question_by_it_alone(question: str, is_plain: bool) -> None:
    world, levels, keys = QUESTIONS[question]
    layer, _ = shared_world(world)
    together = rows_of(layer, Query.of(levels=levels, **keys), is_plain=is_plain)
    assert {row["level"] for row in together} <= {", ".join(level) or "total" for level in levels}
    for level in levels:
        alone = rows_of(layer, Query.of(by=level, **keys), is_plain=False)
        own = [row for row in together if row["level"] == (", ".join(level) or "total")]
        assert sorted(map(repr, own and [{key: row[key] for key in alone[0]} for row in own])) == sorted(map(repr, alone))
        others = {key for row in own for key in row} - {key for row in alone for key in row} - {"level"}
        assert all(row[key] is None for row in own for key in others)


def scans(layer: Layer, levels: list[list[str]], **keys: object) -> int:
    text = layer.sql(levels=levels, **keys)
    return text.count("FROM sales\n")


def test_rows_are_read_once_for_all_levels_of_one_line() -> None:
    layer, _ = shared_world("reorg")
    assert scans(layer, [["month", "org.region"], ["quarter", "org.division"], ["year"], []], metrics=["revenue"]) == 1
    assert scans(layer, [["month", "org.region"], ["month", "shop.name"]], metrics=["revenue"]) == 2


def test_levels_that_are_finished_alike_are_finished_once() -> None:
    """By year the period before is a year ago and stands under both names, and in total the past is a range: the formulas are one."""
    layer, _ = shared_world("reorg")
    periods = [["month"], ["quarter", "org.division"], ["year"]]
    for levels in (periods, [*periods, []]):
        found = layer.query(metrics=["revenue", "sales_count"], levels=levels, **MOVED)
        worked_out = [line for line in found.sql.splitlines() if line.endswith(" AS revenue__previous_change,") and "COALESCE" in line]
        assert len(worked_out) == 1
        # A sum of counts is wider than a count, and so is what is left of two; people are given what counts are given as.
        assert str(found.arrow().schema.field("sales_count__previous_change").type) == "int64"


def test_columns_stand_as_they_are_asked_first(tmp_path: Path) -> None:
    """Months and shops by month are worked out together, and quarters by themselves: their column came last."""
    layer = made(tmp_path, shop(metric("sold", measure="sum(amount)")))
    result = layer.query(metrics=["sold"], levels=[["month"], ["quarter"], ["month", "shop"]])
    assert result.columns == ("month", "quarter", "shop", "level", "sold")
    january, february = dt.date(2024, 1, 1), dt.date(2024, 2, 1)
    assert result.rows() == [
        (january, None, "A", "month, shop", 30), (january, None, None, "month", 30),
        (february, None, "B", "month, shop", 60), (february, None, None, "month", 60),
        (None, january, None, "quarter", 90),
    ]  # fmt: skip


def test_totals_are_the_beginnings_of_what_is_split_by() -> None:
    layer, _ = shared_world("reorg")
    asked: dict[str, Any] = {"metrics": ["revenue"], "start": "2026"}
    found = layer.query(by=["year", "org"], totals=True, **asked)
    levels = [["year", "org.division", "org.region"], ["year", "org.division"], ["year"], []]
    assert found.rows() == layer.query(levels=levels, **asked).rows()


def test_having_order_and_limit_are_of_all_levels() -> None:
    layer, _ = shared_world("reorg")
    found = layer.query(
        metrics=["revenue"], levels=[["org.division"], ["org.region"], []], having="revenue > :least", params={"least": 100},
        order=["-revenue"], limit=3,
    )  # fmt: skip
    assert found.columns == ("org__division", "org__region", "level", "revenue")
    assert found.rows() == [(None, None, "total", 431), ("Retail", None, "org.division", 243), (None, "North", "org.region", 203)]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "levels beside by": ({"by": ["month"], "levels": [["month"]]}, "`levels` says what to split by already"),
    "a level twice": ({"levels": [["month", "shop"], ["shop", "month"]]}, "`levels` says shop, month twice"),
    "levels that are one text": ({"levels": "month"}, "`levels` takes a list of splits, not 'month'"),
    "an unknown path": ({"levels": [["month"], ["shopp"]]}, "`revenue` cannot be split by `shopp`"),
    "a level finer than the metric": ({"metrics": ["by_region"], "levels": [["shop"], []]}, "`by_region` cannot be asked by `shop`"),
    "a left over parameter": ({"levels": [["month"], []], "params": {"x": 1}}, "`x`"),
    "no metric": ({"metrics": [], "levels": [["month"], []]}, "levels are of metrics"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_level_is_refused(case: str) -> None:
    layer, _ = shared_world("reorg")
    keys, told = REFUSED[case]
    with pytest.raises(DecisionLayerError) as refused:
        layer.query(**{"metrics": ["revenue"], **keys})
    assert told in refused.value.findings[0].message




def test_a_total_makes_cells_where_it_is_a_number_of_the_level(tmp_path: Path) -> None:
    """In A no sale is above 50, in B one of 60 in February is: the share of all sales by month, and of both shops together.

    By month alone the total is the month's own, so January has a cell, without a large sale; beside the shops it has one too.
    """
    large = metric("large", measure="sum(amount)", where="amount > 50")
    layer = made(tmp_path, shop(large, metric("sales", measure="sum(amount)"), metric("share", formula="large / total(sales)")))
    alone = [row for level in ([["month"]], [[]]) for row in layer.query(metrics=["share"], by=level[0]).rows()]
    assert [row[-1] for row in alone] == [None, 1.0, pytest.approx(60 / 90)]
    rows = layer.query(metrics=["share"], levels=[["month", "shop"], ["month"], ["shop"], []]).rows()
    assert sorted((row[2], str(row[0]), row[1], row[3]) for row in rows if row[2] in ("month", "total")) == [
        ("month", "2024-01-01", None, None), ("month", "2024-02-01", None, 1.0), ("total", "None", None, pytest.approx(60 / 90)),
    ]  # fmt: skip


def test_what_a_period_is_called_stands_in_every_level_that_has_it(tmp_path: Path) -> None:
    """Levels that are finished alike were finished together, and what a period is called was lost on the way: no answer."""
    fiscal = {"frame": "fiscal", "owner": "desk", "calendar": {"year_starts": "february", "year_named": "end"}}
    ever = metric("ever", formula="all_time(sold) + sold")
    layer = made(tmp_path, shop(metric("sold", measure="sum(amount)"), ever, frames=[fiscal]))
    levels = [["fiscal.year", "fiscal.year.label", "shop"], ["shop", "fiscal.year"]]
    found = [row[1:] for row in layer.query(metrics=["ever"], levels=levels).rows()]
    split, bare = "fiscal.year, fiscal.year.label, shop", "shop, fiscal.year"
    assert sorted(found, key=str) == sorted(
        [("2024", "A", split, 60), ("2025", "A", split, 30), ("2025", "B", split, 120), (None, "A", bare, 60), (None, "A", bare, 30), (None, "B", bare, 120)],
        key=str,
    )


def test_filled_periods_of_a_level_without_groups_need_no_rows(tmp_path: Path) -> None:
    """In March nothing was sold: by month alone there is a March with 0 sales, and beside the shops, of which there is none, there was not."""
    layer = made(tmp_path, shop(metric("sold", measure="sum(amount)"), metric("sales", measure="count(*)")))
    asked = {"metrics": ["sold", "sales"], "start": "2024-03", "end": "2024-03", "fill": "spine"}
    march = dt.date(2024, 3, 1)
    assert layer.query(**asked, by=["month"]).rows() == [(march, None, 0)] and layer.query(**asked, by=["month", "shop"]).rows() == []
    assert layer.query(**asked, levels=[["month"], ["month", "shop"]]).rows() == [(march, None, "month", None, 0)]


def test_a_quarter_that_follows_from_the_month_and_one_that_is_split_by_are_told_apart(tmp_path: Path) -> None:
    """The quarter of the months was worked out once for all levels: twice beside the quarters, and for months by shop, which have none."""
    before = metric("before", formula="prior(sold, '1 month')")
    layer = made(tmp_path, shop(metric("sold", measure="sum(amount)"), before))
    rows = layer.query(metrics=["sold", "before"], levels=[["month", "quarter"], ["quarter"], ["month", "shop"]]).rows()
    first, january, february = dt.date(2024, 1, 1), dt.date(2024, 1, 1), dt.date(2024, 2, 1)
    assert sorted(rows, key=str) == sorted([
        (january, first, None, "month, quarter", 30, None), (february, first, None, "month, quarter", 60, 30),
        (None, first, None, "quarter", 90, 90),  # a month earlier: December to February
        (january, None, "A", "month, shop", 30, None), (february, None, "A", "month, shop", None, 30), (february, None, "B", "month, shop", 60, None),
    ], key=str)  # fmt: skip
