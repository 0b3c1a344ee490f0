"""Every additive metric of every world, over every split that may be asked: the parts add up to the whole, exactly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from decisionlayer.names import PERIODS
from decisionlayer.resolve.model import Additivity
from tests.reference.same import is_same
from tests.reference.walks import World
from tests.worlds import NAMES, shared_world


def splits(layer: Layer, tables: object) -> Iterator[str]:
    """Yield every path from any source, and every period."""
    world = World(layer.model, tables)  # type: ignore[arg-type]
    yield from sorted({text for source in layer.model.sources for text in world.ways(source)})
    yield from PERIODS


def parts(layer: Layer, metric: str, by: list[str], keys: dict[str, str]) -> list[object] | None:
    """Return the metric in each group, or None where the split may not be asked of it."""
    try:
        return [row[-1] for row in layer.query(metrics=[metric], by=by, **keys).rows()]
    except DecisionLayerError as refused:
        assert refused.codes, "a refusal names its reason"
        return None


@pytest.mark.parametrize("name", NAMES)
def test_parts_of_every_split_add_up(name: str) -> None:
    layer, tables = shared_world(name)
    asked = 0
    for metric in layer.model.named_metrics.values():
        if metric.additivity is not Additivity.additive:
            continue
        # Of a metric that was defined in several ways, the time of one of them is a whole.
        keys = {"start": metric.editions[0].since.isoformat(), "today": "2100-01-01"} if metric.editions else {}
        in_all = parts(layer, metric.name, [], keys)
        if in_all is None:  # a world may be there to be refused
            continue
        [whole] = in_all
        for split in splits(layer, tables):
            found = parts(layer, metric.name, [split], keys)
            if found is None:
                continue
            asked += 1
            total = sum(value for value in found if value is not None) if any(v is not None for v in found) else None
            assert is_same(total or 0, whole or 0), f"{metric.name} by {split}: {found} make {total}, not {whole}"
    assert asked >= 2 or name == "half_hour", "a world whose metrics nothing splits shows nothing"


@pytest.mark.parametrize(("name", "metric", "by"), [
    ("two_facts", "profit", ["month", "region.name"]), ("orphans", "kilos", ["port.sea.name", "customer", "month"]),
    ("roles", "seats", ["origin.city.name", "destination.name", "month"]), ("clocks", "undelivered", ["day"]),
    ("steps", "late_cost", ["line", "month"]), ("clocks", "pings", ["hour", "odd"]),
])  # fmt: skip
def test_parts_of_several_splits_at_once_add_up(name: str, metric: str, by: list[str]) -> None:
    layer, _ = shared_world(name)
    found = parts(layer, metric, by, {})
    [(whole,)] = layer.query(metrics=[metric]).rows()
    assert found is not None and len(found) >= 3
    assert is_same(sum(value or 0 for value in found), whole)  # type: ignore[misc]
