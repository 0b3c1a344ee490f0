"""Random shops: filters over the many side, overlap and allocation through a history, beside plain loops over the same rows."""

from __future__ import annotations

import copy
import datetime as dt
import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.soundness.test_bridges import DECLARED
from tests.worlds.made import made

WORLDS = 40
TABLES = """
create table orders (id integer, customer varchar, day date, total integer);
create table lines (id integer, order_id integer, product varchar, amount integer, packed date);
create table products (product varchar, category varchar, since date, until date);
create table payments (id integer, order_id integer, paid integer);
"""
Row = tuple[Any, ...]


def day(number: int) -> dt.date:
    return dt.date(2024, 1, 1) + dt.timedelta(number)


class Shop:
    """Rows of a shop, and what a question over them is by counting one by one; ``at`` is the day of its structure, None as it was."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        pick = chance.choice
        self.at = pick([None, day(30)])
        self.orders = [(i, pick(["a", "b", None]), day(chance.randrange(60)), pick([None, 0, 5, 10, -3])) for i in range(pick(range(6)))]
        packed = [None, *map(day, range(0, 60, 7))]
        self.lines = [
            (i, pick([None, 0, 1, 2, 3, 9]), pick(["p", "q", "r", None]), pick([None, 0, 1, 2, 5]), pick(packed)) for i in range(pick(range(9)))
        ]
        self.products: list[Row] = []
        for product in "pq":
            cuts = [day(cut) for cut in sorted(chance.sample(range(-5, 60), pick(range(4))))]
            versions = zip(cuts, [*cuts[1:], None], strict=False)
            self.products += [(product, pick(["X", "Y", None]), *version) for version in versions if chance.random() < 0.8]
        self.of: dict[int, list[Row]] = defaultdict(list)
        for line in self.lines:
            if line[1] is not None:
                self.of[line[1]].append(line)

    def fill(self, connection: duckdb.DuckDBPyConnection) -> None:
        for table, rows in (("orders", self.orders), ("lines", self.lines), ("products", self.products)):
            connection.execute(f"delete from {table}")
            if rows:
                connection.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)

    def category(self, line: Row) -> str | None:
        moment = line[4] if self.at is None else self.at
        if moment is None:
            return None
        held = (p[1] for p in self.products if p[0] == line[2] and p[2] <= moment and (p[3] is None or moment < p[3]))
        return next(held, None)

    def kept(self, fits: Callable[[Shop, int], bool]) -> Row:
        orders = [order for order in self.orders if fits(self, order[0])]
        return added([order[3] for order in orders]), len(orders)

    def overlapping(self) -> set[Row]:
        parts: dict[str | None, list[Row]] = defaultdict(list)
        for order in self.orders:
            for part in {self.category(line) for line in self.of[order[0]]} or {None}:
                parts[part].append(order)
        return {(part, added([order[3] for order in orders]), len(orders)) for part, orders in parts.items()}

    def shared(self) -> dict[str | None, list[Any]]:
        parts: dict[str | None, list[Any]] = defaultdict(lambda: [None, 0.0])
        for order in self.orders:
            whole = sum(line[3] or 0 for line in self.of[order[0]])
            shares: dict[str | None, float] = defaultdict(float) if whole else {None: 1.0}
            for line in self.of[order[0]] if whole else ():
                shares[self.category(line)] += (line[3] or 0) / whole
            for part, share in shares.items():
                if order[3] is not None:
                    parts[part][0] = (parts[part][0] or 0) + order[3] * share
                parts[part][1] += share
        return parts


def added(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


FILTERS: dict[str, Callable[[Shop, int], bool]] = {
    "lines.product.category = 'X'": lambda shop, order: any(shop.category(line) == "X" for line in shop.of[order]),
    "not (lines.product.category = 'X')": lambda shop, order: not any(shop.category(line) == "X" for line in shop.of[order]),
    "lines.product.category <> 'X' or lines.product = 'p'": lambda shop, order: any(
        shop.category(line) not in ("X", None) or line[2] == "p" for line in shop.of[order]
    ),
    "lines.product = 'p' and lines.product.category = 'Y'": lambda shop, order: any(
        line[2] == "p" and shop.category(line) == "Y" for line in shop.of[order]
    ),
}


def test_many_sides_are_read_as_by_loops(tmp_path: Path) -> None:
    declared = copy.deepcopy(DECLARED)
    shares = {"split": "allocate", "by": "amount", "source": "lines"}
    declared["sources"][0]["bridges"] = {"lines": {"split": "overlap"}, "shares": shares}
    declared["sources"][1]["time"] = {"packed": "day"}
    declared["sources"][1]["columns"]["packed"] = "date"
    declared["sources"][2] |= {"valid": {"from": "since", "to": "until"}}
    declared["sources"][2]["columns"] |= {"since": "date", "until": "date"}
    connection = duckdb.connect()
    connection.execute(TABLES)
    layer = made(tmp_path, declared, connection)
    for seed in range(WORLDS):
        shop = Shop(seed)
        shop.fill(connection)
        asked: dict[str, Any] = {"metrics": ["turnover", "orders_in"], "structure": "as_was" if shop.at is None else {"at": str(shop.at)}}
        for text, fits in FILTERS.items():
            assert layer.query(**asked, where=text).rows() == [shop.kept(fits)], (seed, text)
        assert set(layer.query(**asked, by=["lines.product.category"]).rows()) == shop.overlapping(), seed
        found = {row[0]: list(row[1:]) for row in layer.query(**asked, by=["shares.product.category"]).rows()}
        expected = {part: [pytest.approx(value) if value is not None else None for value in values] for part, values in shop.shared().items()}
        assert found == expected, seed
