"""Projects that the company is too tidy for: towers of formulas, columns that nobody declared."""

from __future__ import annotations

import pytest

from decisionlayer.errors import QueryError
from tests.worlds.made import made, metric, shop


def test_a_tower_of_formulas_is_refused_and_not_a_crash(tmp_path):
    steps = [metric("m0", measure="sum(amount)")]
    steps += [metric(f"m{number}", formula=f"m{number - 1} + 1") for number in range(1, 1200)]
    layer = made(tmp_path, shop(*steps))
    assert layer.query(metrics=["m99"]).rows() == [(90 + 99,)]
    with pytest.raises(QueryError, match="`m1199` is 1200 metrics tall, one above the other; 100 is the most"):
        layer.sql(metrics=["m1199"])


def test_a_dimension_may_bear_the_name_of_the_column_that_it_is_though_no_column_is_declared(tmp_path):
    declared = shop(metric("m", measure="sum(amount)"))
    del declared["sources"][0]["columns"]
    assert made(tmp_path, declared).query(metrics=["m"], by=["shop"]).rows() == [("A", 30), ("B", 60)]
