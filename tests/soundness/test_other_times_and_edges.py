"""Cells that a question about other times must not lose, and edges that it must not misread."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer, QueryError
from tests.worlds import shared_world


def test_a_range_that_ends_within_a_day_is_refused_beside_other_times() -> None:
    """The day that it cuts was lost, with all its rows."""
    layer, _ = shared_world("half_hour")
    with pytest.raises(QueryError) as refused:
        layer.query(metrics=["pings"], by=["day"], end="2024-04-07T12", compare=["previous"])
    assert refused.value.codes == ("not-built",)
    assert "lies within a day" in str(refused.value)


def test_where_every_measure_forgets_splits_only_its_own_rows_make_cells(tmp_path: Path) -> None:
    """A shop without a large sale stood there, beside the total of the large ones."""
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "a.yml").write_text(
        "project: {name: edges}\n"
        "parties: [{party: desk, kind: team, name: The desk}]\n"
        "sources:\n"
        "  - {source: sales, one_row_is: one sale, table: sales, key: [id], owner: desk, dimensions: {shop: shop},\n"
        "     columns: {id: integer, shop: text, amount: {type: integer, unit: USD}}}\n"
        "metrics:\n"
        "  - {metric: large, definition: Large sales., owner: desk, purpose: action, unit: USD, better: higher, respond: Look.,\n"
        "     source: sales, measure: sum(amount), where: amount > 10}\n"
        "  - {metric: all_large, definition: All large sales., owner: desk, purpose: action, unit: USD, better: higher, respond: Look.,\n"
        "     formula: total(large)}\n"
    )
    connection = duckdb.connect()
    connection.execute("CREATE TABLE sales AS SELECT * FROM (VALUES (1, 'A', 20), (2, 'B', 5), (3, 'C', 30)) AS t(id, shop, amount)").fetchall()
    layer = Layer.load(tmp_path, warehouse=connection)
    assert layer.query(metrics=["all_large"], by=["shop"]).rows() == [("A", 50), ("C", 50)]
