"""Random shops with tags of orders and parts of lines: two bridges at once, a bridge behind a bridge, beside plain loops over the rows."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pytest

from decisionlayer.layer import Layer
from tests.soundness.test_several_bridges import CATEGORY, MAKER, MORE, OVERLAP, TAG, allocate, several

WORLDS = 40
Shares = dict[Any, float]


class Shop:
    """Rows of a shop. A share is how much of a row counts in a part: all of it in each where parts overlap."""

    def __init__(self, seed: int, lines: bool, tags: bool, parts: bool) -> None:
        self.shared_lines, self.shared_tags, self.shared_parts = lines, tags, parts
        chance = random.Random(seed)
        pick = chance.choice
        self.orders = [(i, "ann", "2024-01-01", pick([0, 5, 10, -3])) for i in range(pick(range(5)))]
        self.lines = [(i, pick([None, 0, 1, 2, 9]), pick(["bear", "apple", None]), pick([None, 0, 1, 2, 5])) for i in range(pick(range(8)))]
        self.tags = [(i, pick([None, 0, 1, 2]), pick(["gift", "rush", None]), pick([None, 0, 1, 3])) for i in range(pick(range(6)))]
        self.parts = [(i, pick([None, *range(8)]), pick(["acme", "bolt", None]), pick([None, 0, 1, 4])) for i in range(pick(range(9)))]

    def category(self, line: tuple[Any, ...]) -> str | None:
        return {"bear": "Toys", "apple": "Food", None: None}[line[2]]

    def of_order(self, order: tuple[Any, ...]) -> Shares:
        """The tags of an order."""
        return spread([({tag[2]: 1.0}, tag[3]) for tag in self.tags if tag[1] == order[0]], self.shared_tags)

    def of_line(self, line: tuple[Any, ...]) -> Shares:
        """The makers of a line."""
        return spread([({part[2]: 1.0}, part[3]) for part in self.parts if part[1] == line[0]], self.shared_parts)

    def of_lines(self, order: tuple[Any, ...], parts: Callable[[tuple[Any, ...]], Shares]) -> Shares:
        """What the lines of an order are split by."""
        return spread([(parts(line), line[3]) for line in self.lines if line[1] == order[0]], self.shared_lines)

    def categories_and_tags(self, order: tuple[Any, ...]) -> Shares:
        categories = self.of_lines(order, lambda line: {self.category(line): 1.0})
        pairs = product(categories.items(), self.of_order(order).items())
        return {(one, other): share * part for (one, share), (other, part) in pairs}

    def makers(self, order: tuple[Any, ...]) -> Shares:
        return self.of_lines(order, self.of_line)

    def categories_and_makers(self, order: tuple[Any, ...]) -> Shares:
        def in_line(line: tuple[Any, ...]) -> Shares:
            return {(self.category(line), maker): share for maker, share in self.of_line(line).items()}

        return {part or (None, None): share for part, share in self.of_lines(order, in_line).items()}

    def added(self, of: Callable[[tuple[Any, ...]], Shares]) -> dict[Any, list[float]]:
        cells: dict[Any, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for order in self.orders:
            for part, share in of(order).items():
                cells[part][0] += order[3] * share
                cells[part][1] += share
        return dict(cells)


def spread(rows: list[tuple[Shares, float | None]], shared: bool) -> Shares:
    """The parts of the rows that belong to one, and how much of the one counts in each; None is no part."""
    whole = sum(by or 0 for _, by in rows)
    if not rows or (shared and not whole):
        return {None: 1.0}
    found: Shares = defaultdict(float)
    for parts, by in rows:
        for part, share in parts.items():
            found[part] = found[part] + share * (by or 0) / whole if shared else 1.0
    return dict(found)


@pytest.mark.parametrize("shared", [(False, False, False), (True, False, True), (True, True, False), (False, True, False)])
def test_several_bridges_are_as_by_loops(tmp_path: Path, shared: tuple[bool, bool, bool]) -> None:
    of_lines, of_tags, of_parts = shared
    connection = duckdb.connect()
    connection.execute(MORE)
    layer = several(
        tmp_path, allocate("amount") if of_lines else OVERLAP, allocate("weight") if of_tags else OVERLAP,
        allocate("cost") if of_parts else OVERLAP, connection,
    )  # fmt: skip
    for seed in range(WORLDS):
        shop = Shop(seed, *shared)
        for table, rows in (("orders", shop.orders), ("lines", shop.lines), ("tags", shop.tags), ("parts", shop.parts)):
            connection.execute(f"delete from {table}")
            if rows:
                connection.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)
        assert shop.added(shop.categories_and_tags) == found(layer, CATEGORY, TAG), seed
        assert shop.added(shop.makers) == found(layer, MAKER), seed
        assert shop.added(shop.categories_and_makers) == found(layer, CATEGORY, MAKER), seed


def found(layer: Layer, *by: str) -> dict[Any, list[Any]]:
    rows = layer.query(metrics=["turnover", "orders_in"], by=by).rows()
    return {(row[0] if len(by) == 1 else tuple(row[: len(by)])): [pytest.approx(value) for value in row[len(by) :]] for row in rows}
