"""A break of which no period was measured both ways warns; a record that holds both values settles it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

from decisionlayer.declare.records import Restate
from decisionlayer.govern.writing import write_record
from decisionlayer.layer import Layer
from tests.worlds.made import made, metric, shop

BROKEN = metric(
    "late", measure="sum(amount)", since="2024-02-01", past="break", earlier=[{"since": "2024-01-01", "where": "amount > 20"}]
)


def codes(layer: Layer) -> list[str]:
    return [found.code for found in layer.model.findings if found.code == "break-alone"]


def test_a_break_warns_until_one_period_is_known_both_ways(tmp_path: Path) -> None:
    assert codes(made(tmp_path, shop(BROKEN))) == ["break-alone"]
    write_record(tmp_path, Restate(
        restate="late", since=dt.date(2024, 2, 1), start="2024-01", end="2024-01", was=Decimal(0), now=Decimal(30), why="Both were counted.",
        by="board", dated=dt.date(2024, 2, 2),
    ))  # fmt: skip
    assert codes(Layer.load(tmp_path)) == []


def test_what_was_never_otherwise_breaks_with_nothing(tmp_path: Path) -> None:
    assert codes(made(tmp_path, shop(metric("late", measure="sum(amount)", since="2024-02-01")))) == []
