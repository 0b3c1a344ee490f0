"""A division by zero is NULL: never infinity, never an error, never nought, wherever it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds import shared_world
from tests.worlds.made import made, metric, shop


@pytest.mark.parametrize("measure", [
    "sum(amount) / sum(amount - amount)", "sum(amount / 0)", "sum(amount) / 0", "avg(amount / (amount - amount))",
    "sum(0) / sum(0)",
    "sum(amount) / count(*) filter (where amount > 99)", "max(ln(amount - 60))", "min(sqrt(0 - amount))",
    "sum(power(0 - amount, 0.5))",
    "sum(power(amount - amount, -1))", "ln(sum(amount) * 0)", "sqrt(0 - sum(amount))",
])  # fmt: skip
def test_what_is_undefined_is_null(tmp_path: Path, measure: str) -> None:
    layer = made(tmp_path, shop(metric("odd", measure=measure)))
    assert [found.render() for found in layer.check() if found.is_error] == []
    assert layer.query(metrics=["odd"]).rows() == [(None,)]


@pytest.mark.parametrize(
    "formula",
    [
        "a / (a - a)",
        "(a - a) / (a - a)",
        "1 / (a - a)",
        "a / b / (b - b)",
        "ln(a - a)",
        "sqrt(0 - b)",
        "power(a - a, -1)",
    ],
)
def test_what_is_undefined_in_a_formula_is_null(tmp_path: Path, formula: str) -> None:
    measured = (metric("a", measure="sum(amount)"), metric("b", measure="count(*)"))
    layer = made(tmp_path, shop(*measured, metric("odd", formula=formula)))
    assert [found.render() for found in layer.check() if found.is_error] == []
    assert layer.query(metrics=["odd"], by=["shop"]).rows() == [("A", None), ("B", None)]


def test_a_rate_of_nothing_is_not_nought() -> None:
    rows = shared_world("zero")[0].query(metrics=["pass_rate"], by=["team"]).rows()
    assert rows == [("A", 0.5), ("B", None), ("C", None), ("D", 0.0)]


def test_a_whole_number_over_a_whole_number_is_not_cut() -> None:
    assert shared_world("averages")[0].query(metrics=["ratio_time"], where="kind = 'simple'").rows() == [
        (500 / 140,)
    ]  # 3 when cut
