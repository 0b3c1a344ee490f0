"""Decimals keep every digit: through sums, differences, choices between them, and where sources meet."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from decisionlayer.layer import Layer
from tests.worlds.made import made, metric, shop

TABLES = """
create table sales (id integer, day date, shop varchar, amount integer, price decimal(18,2), fee decimal(18,4), tax decimal(9,6));
insert into sales values (1, '2024-01-01', 'A', 1, 12.35, 0.0049, 0.000001), (2, '2024-01-02', 'B', 2, null, 0.1251, null);
create table costs (id integer, shop varchar, cost decimal(18,3));
insert into costs values (1, 'A', 0.001), (2, 'C', 0.0005 * 10);
"""


def company(folder: Path, *metrics: dict[str, object]) -> Layer:
    declared: dict[str, Any] = shop(
        metric("prices", measure="sum(price)"), metric("fees", measure="sum(fee)"), metric("taxes", measure="sum(tax)"),
        metric("costs", measure="sum(cost)", source="costs"), *metrics,
    )  # fmt: skip
    declared["sources"][0]["columns"] |= {"price": "decimal(18,2)", "fee": "decimal(18,4)", "tax": "decimal(9,6)"}
    declared["sources"].append({
        "source": "costs", "one_row_is": "a cost", "table": "costs", "key": ["id"], "owner": "desk", "dimensions": {"shop": "shop"},
        "columns": {"id": "integer", "shop": "text", "cost": "decimal(18,3)"},
    })  # fmt: skip
    layer = made(folder, declared, TABLES)
    assert [found.render() for found in layer.check() if found.is_error] == []
    return layer


@pytest.mark.parametrize(("formula", "values"), [
    # A: prices 12.35, fees 0.0049, taxes 0.000001; B: fees 0.1251 alone
    ("prices - fees", ["12.3451", "-0.1251"]),  # 12.35 and -0.13 where DuckDB takes the scale of prices
    ("fees - prices", ["-12.3451", "0.1251"]),
    ("prices + fees + taxes", ["12.354901", "0.1251"]),
    ("coalesce(prices, fees)", ["12.35", "0.1251"]),
    ("coalesce(taxes, prices, fees)", ["0.000001", "0.1251"]),
    ("greatest(coalesce(prices, 0), fees)", ["12.35", "0.1251"]),
    ("least(fees, coalesce(taxes, 1))", ["0.000001", "0.1251"]),
    ("case when prices > 1 then fees else coalesce(prices, fees) end", ["0.0049", "0.1251"]),
    ("case when prices is null then fees else prices end", ["12.35", "0.1251"]),
    ("nullif(fees, prices)", ["0.0049", "0.1251"]),
    ("-(prices - fees)", ["-12.3451", "0.1251"]),
    ("prices * fees", ["0.060515", None]),
    ("abs(fees - prices)", ["12.3451", "0.1251"]),
])  # fmt: skip
def test_a_formula_over_decimals_of_several_lengths(tmp_path: Path, formula: str, values: list[str | None]) -> None:
    layer = company(tmp_path, metric("odd", formula=formula))
    rows = layer.query(metrics=["odd"], by=["shop"]).rows()
    assert rows == [(name, None if value is None else Decimal(value)) for name, value in zip("AB", values, strict=True)]


@pytest.mark.parametrize(("measure", "value"), [
    ("sum(price) - sum(fee)", "12.22"), ("sum(coalesce(price, fee))", "12.4751"), ("sum(greatest(fee, tax))", "0.0049"),
    ("sum(case when price > 1 then fee else tax end)", "0.0049"), ("max(coalesce(tax, fee))", "0.1251"), ("sum(price * fee)", "0.060515"),
])  # fmt: skip
def test_a_measure_over_decimals_of_several_lengths(tmp_path: Path, measure: str, value: str) -> None:
    layer = company(tmp_path, metric("odd", measure=measure))
    assert layer.query(metrics=["odd"]).rows() == [(Decimal(value),)]


def test_sources_that_meet_keep_theirs(tmp_path: Path) -> None:
    layer = company(tmp_path, metric("left", formula="fees - costs"))
    rows = layer.query(metrics=["left", "fees", "costs", "prices"], by=["shop"]).rows()
    assert rows == [
        ("A", Decimal("0.0039"), Decimal("0.0049"), Decimal("0.001"), Decimal("12.35")),
        ("B", Decimal("0.1251"), Decimal("0.1251"), None, None),
        ("C", Decimal("-0.005"), None, Decimal("0.005"), None),
    ]


def test_a_condition_on_the_result_reads_all_digits(tmp_path: Path) -> None:
    layer = company(tmp_path, metric("left", formula="prices - fees"))
    assert layer.query(metrics=["left"], by=["shop"], having="left < 12.346 and left > 12.345").rows() == [
        ("A", Decimal("12.3451"))
    ]
