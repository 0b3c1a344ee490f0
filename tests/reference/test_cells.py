from __future__ import annotations

from fractions import Fraction

import pytest

from decisionlayer.resolve.language import parse_formula, parse_measure
from decisionlayer.resolve.language.tree import Aggregate, Expr, Name
from tests.reference.cells import Reader, Worth, aggregate, worth
from tests.reference.language import Value, value_of

#: What the names below are worth in a cell: known, absent without a value, present without a value, a count of none, a price.
CELL = {
    "a": Worth(100, False), "b": Worth(60, False), "gone": Worth(None, True), "unknown": Worth(None, False), "none": Worth(0, True),
    "price": Worth(5, None),
}  # fmt: skip


def formula(text: str) -> Worth:
    parsed = parse_formula(text)
    assert parsed.expr is not None, parsed.problems

    def known(node: Expr) -> Worth:
        assert isinstance(node, Name)
        return CELL[node.text]

    return worth(parsed.expr, known)


@pytest.mark.parametrize(("text", "value", "absent"), [
    ("a - b", 40, False), ("a - gone", 100, False), ("gone - a", -100, False), ("gone - gone", None, True),
    ("-gone", None, True),
    ("a + unknown", None, False), ("gone + unknown", None, False), ("none + gone", 0, True), ("a + none", 100, False),
    ("gone - price", None, True), ("gone + 1", None, True), ("a - price", 95, False), ("price - 1", 4, None),
    ("a - (b - gone)", 40, False), ("-(a - b)", -40, False), ("gone + 1 - b", -59, False), ("gone - b + 1", -59, False),
    ("a * gone", None, False), ("gone * price", None, True), ("gone * price + a", 100, False), ("a / none", None, False),
    ("none / none", None, True), ("none / none + a", 100, False), ("a / none + a", None, False),
    ("coalesce(gone, 0) + gone", 0, True),
    ("coalesce(gone, b)", 60, False), ("case when gone > 1 then a end", None, False),
    ("case when gone is null then gone end + a", 100, False),
    ("(a - b) / a", 0.4, False), ("a - b - gone - none", 40, False),
])  # fmt: skip
def test_a_formula_in_a_cell_is_worth(text: str, value: Value, absent: bool | None) -> None:
    assert formula(text) == Worth(value, absent)


ROWS = ({"x": 1, "y": 10}, {"x": None, "y": 20}, {"x": 4, "y": 30}, {"x": 1, "y": None})


def measure(text: str, rows: tuple[dict[str, Value], ...] = ROWS, decimals: int | None = None) -> Worth:
    parsed = parse_measure(text)
    assert parsed.expr is not None, parsed.problems
    readers = [reader(row) for row in rows]

    def known(node: Expr) -> Worth:
        assert isinstance(node, Aggregate)
        return aggregate(node, readers, decimals)

    return worth(parsed.expr, known)


def reader(row: dict[str, Value]) -> Reader:
    return lambda expr: value_of(expr, lambda name: row[name.text])


@pytest.mark.parametrize(("text", "value"), [
    ("sum(x)", 6), ("avg(x)", 2.0), ("min(x)", 1), ("max(x)", 4), ("count(*)", 4), ("count(x)", 3), ("count(distinct x)", 2),
    ("median(x)", 1.0), ("quantile(y, 0.25)", 15.0), ("quantile_disc(y, 0.25)", 10), ("quantile(x, 1)", 4.0), ("quantile(x, 0)", 1.0), ("sum(x * y)", 130),
    ("sum(x) filter (where y > 20)", 4), ("sum(x) filter (where y > 99)", None), ("count(*) filter (where y > 99)", 0),
    ("sum(x) + sum(y) filter (where y > 99)", 6), ("sum(x) / count(*)", 1.5), ("count(*) - count(x)", 1),
])  # fmt: skip
def test_a_measure_over_four_rows_is_worth(text: str, value: Value) -> None:
    assert measure(text).value == value


def test_over_no_rows_a_count_is_nought_and_all_else_is_null() -> None:
    found = [
        measure(text, ())
        for text in ("count(*)", "count(x)", "count(distinct x)", "sum(x)", "avg(x)", "max(x)", "median(x)")
    ]
    assert [(one.value, one.absent) for one in found] == [(0, True)] * 3 + [(None, True)] * 4


def test_decimals_are_cut_before_they_are_added() -> None:
    rows = tuple({"x": Fraction(5, 1000)} for _ in range(10))
    assert measure("sum(x)", rows).value == Fraction(5, 100)
    assert measure("sum(x)", rows, decimals=2).value == Fraction(10, 100)
