"""What stands on what, down to the columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from decisionlayer import Layer
from decisionlayer.govern.lineage import Edge, Lineage


@pytest.fixture
def lineage(layer: Layer) -> Lineage:
    return Lineage(layer.model)


def test_a_view_stands_on_its_metrics_and_on_every_table_that_its_splits_walk_to(lineage: Lineage) -> None:
    assert [edge for edge in lineage.edges if edge.object == "view region_month"] == [
        Edge("view region_month", "metric revenue", "shows"),
        Edge("view region_month", "metric margin", "shows"),
        Edge("view region_month", "source regions", "split by shop.region.title"),
        Edge("view region_month", "source shops", "split by shop.region.title"),
    ]


def test_a_translated_metric_stands_on_its_terms(lineage: Lineage) -> None:
    assert [edge for edge in lineage.edges if edge.object == "metric margin"] == [
        Edge("metric margin", "metric sales", "term sold"),
        Edge("metric margin", "metric spent", "term paid"),
    ]


def test_a_measure_stands_on_its_rows_and_columns(lineage: Lineage) -> None:
    assert [edge for edge in lineage.edges if edge.object == "metric sales"] == [
        Edge("metric sales", "source orders", "rows"),
        Edge("metric sales", "column orders.amount", "measure"),
    ]


def test_everything_beneath_is_told_once_nearest_first(lineage: Lineage) -> None:
    assert lineage.beneath("decision shop_fund") == (
        "decision shop_fund", "metric margin", "metric revenue", "source orders", "metric sales", "metric spent",
        "column orders.amount", "column orders.cost",
    )  # fmt: skip


def test_dimensions_and_keys_are_told_by_the_columns_that_they_read(project: Path) -> None:
    (project / "definitions" / "more.yml").write_text(
        "metrics:\n  - {metric: northern, title: Northern, definition: Sold in the north., purpose: action, owner: desk, "
        "unit: EUR, better: higher, source: orders, measure: sum(amount), where: shop.region.title = 'North' and shop = 'S1', "
        "respond: Look.}\n"
    )
    edges = [edge for edge in Lineage(Layer.load(project).model).edges if edge.object == "metric northern"]
    assert {(edge.stands_on, edge.way) for edge in edges} == {
        ("source orders", "rows"),
        ("column orders.amount", "measure"),
        ("source shops", "where"),
        ("source regions", "where"),
        ("column regions.title", "where"),
        ("column orders.shop", "where"),
    }
