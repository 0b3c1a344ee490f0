"""NaN and infinity are refused in an answer: they sort, compare and add differently in every warehouse.

Seen: a sum over 1.5, NaN and 2.5 was printed as ``nan``, with exit code 0.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from decisionlayer import DeclarationError, Layer

PROJECT = """
project: {name: shop}
parties: [{party: desk, kind: team, name: Desk}]
sources:
  - source: sales
    one_row_is: one sale
    table: sales
    key: [id]
    columns: {id: integer, amount: float, kind: text}
    dimensions: {kind: kind}
    owner: desk
metrics:
  - {metric: amount, purpose: action, owner: desk, source: sales, unit: 1, definition: What was paid., measure: sum(amount)}
  - {metric: grown, purpose: action, owner: desk, source: sales, unit: 1, definition: What it grows to., measure: exp(sum(amount) * 1000)}
  - {metric: dearest, purpose: action, owner: desk, source: sales, unit: 1, definition: The dearest., measure: max(amount)}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Layer:
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "project.yml").write_text(PROJECT, encoding="utf-8")
    warehouse = duckdb.connect()
    rows = "(1, 1.5, 'a'), (2, 'NaN'::double, 'b'), (3, 2.5, 'a'), (4, NULL, 'c')"
    warehouse.execute(f"create table sales as select * from (values {rows}) as t(id, amount, kind)")
    return Layer.load(tmp_path, warehouse=warehouse)


@pytest.mark.parametrize("metric", ["amount", "dearest"])
def test_a_total_over_nan_is_refused(shop: Layer, metric: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        shop.query(metrics=[metric])
    (finding,) = refused.value.findings
    assert (finding.code, finding.message) == (
        "nan-in-data",
        f"`{metric}` is NaN or infinite in 1 of 1 row of the answer",
    )


def test_cells_without_nan_are_answered_and_null_is_no_nan(shop: Layer) -> None:
    assert shop.query(metrics=["amount"], by=["kind"], where="kind <> 'b'").rows() == [("a", 4.0), ("c", None)]
    with pytest.raises(DeclarationError, match="in 1 of 3 rows"):
        shop.query(metrics=["amount"], by=["kind"])


def test_a_value_beyond_every_number_is_refused(shop: Layer) -> None:
    with pytest.raises(DeclarationError, match="`grown` is NaN or infinite in 1 of 1 row"):
        shop.query(metrics=["grown"], where="kind = 'a'")
