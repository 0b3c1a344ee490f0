"""A view by levels: subtotals and the grand total stand beside the cells, each level proven by itself."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from decisionlayer import DecisionLayerError, Layer
from tests.publish.conftest import TABLES

VIEW = """
views:
  - {view: by_level, audience: executive, owner: board, definition: Regions and months, metrics: [revenue, margin], %s}
"""


def opened(project: Path, keys: str) -> Layer:
    text = (project / "definitions" / "all.yml").read_text()
    (project / "definitions" / "all.yml").write_text(text.replace("views:\n", VIEW.lstrip() % keys, 1))
    connection = duckdb.connect()
    connection.execute(TABLES).fetchall()
    return Layer.load(project, warehouse=connection)


@pytest.mark.parametrize("keys", ["levels: [[month, shop.region.title], [month], []]", "by: [month, shop.region.title], totals: true"])
def test_a_view_has_its_subtotals(project: Path, keys: str) -> None:
    """Sales 100 + 50 in the north and 200 in the south make January 350; all eight orders 560, which cost 235: 1 - 235 / 560."""
    layer = opened(project, keys)
    layer.publish()
    assert layer.engine is not None
    rows = layer.engine.rows("select month::varchar, shop__region__title, level, revenue, margin from executive.by_level")
    january = {(row[1], row[2]): row[3] for row in rows if row[0] == "2025-01-01"}
    assert january == {("North", "month, shop.region.title"): 150, ("South", "month, shop.region.title"): 200, (None, "month"): 350}
    [whole] = [row for row in rows if row[2] == "total"]
    assert whole[:4] == (None, None, "total", 560)
    assert whole[4] == pytest.approx(1 - 235 / 560)


@pytest.mark.parametrize(("keys", "code"), [
    ("levels: [[month], [shop], []], min_group: 3", "wrong-argument"), ("by: [month], totals: true, min_group: 3, having: revenue > 5", "not-built"),
    ("by: [month], totals: true, min_group: 3, limit: 2", "not-built"), ("by: [month], totals: true, min_group: 3, compare: [previous]", "not-built"),
    ("levels: [[month], []], by: [month]", "wrong-argument"),
    ("levels: [[month, shop.nmae], []]", "unreachable-dimension"), ("levels: [[day], []]", "finer-than-grain"),
])  # fmt: skip
def test_what_cannot_be_published_by_levels_is_refused(project: Path, keys: str, code: str) -> None:
    layer = opened(project, keys)
    assert code in [finding.code for finding in layer.check() if finding.is_error]
    with pytest.raises(DecisionLayerError):
        layer.publish()


def test_other_levels_are_another_view(project: Path) -> None:
    one = opened(project, "levels: [[month], []]").model.views["by_level"]
    text = (project / "definitions" / "all.yml").read_text()
    (project / "definitions" / "all.yml").write_text(text.replace("levels: [[month], []]", "levels: [[month], [shop]]"))
    assert Layer.load(project).model.views["by_level"].meaning != one.meaning
