"""Each metric meets the versions of an entity at its own clock, also where both clocks cut periods of the question.

Shop A was small until the end of January and large from February on. One sale was ordered in January and paid in February: ordered it is a
small shop's, paid a large one's. Read by one of the clocks alone, both would be of one size.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.made import made, metric, shop

TABLES = """
create table sales (id integer, ordered date, paid date, shop varchar, amount integer);
insert into sales values (1, '2024-01-20', '2024-02-03', 'A', 10);
create table shops (shop varchar, size varchar, since date, before date);
insert into shops values ('A', 'small', '2020-01-01', '2024-02-01'), ('A', 'large', '2024-02-01', null);
"""
SOURCES = [
    {"source": "sales", "one_row_is": "one sale", "table": "sales", "key": ["id"], "time": {"ordered": "day", "paid": "day"},
     "owner": "desk", "links": {"shop": "shop"},
     "columns": {"id": "integer", "ordered": "date", "paid": "date", "shop": "text", "amount": "integer"}},
    {"source": "shops", "one_row_is": "one shop", "describes": "shop", "table": "shops", "key": ["shop"], "owner": "desk",
     "valid": {"from": "since", "to": "before"}, "history": "as_was",
     "columns": {"shop": "text", "size": "text", "since": "date", "before": "date"}, "dimensions": {"size": "size"}},
]  # fmt: skip


def test_a_row_is_of_two_sizes_by_two_clocks(tmp_path: Path) -> None:
    metrics = [metric("ordered_for", measure="sum(amount)", clock="ordered"), metric("paid_for", measure="sum(amount)", clock="paid")]
    layer = made(tmp_path, shop(*metrics, sources=SOURCES), TABLES)
    rows = layer.query(metrics=["ordered_for", "paid_for"], by=["ordered.month", "paid.month", "shop.size"]).rows()
    assert [row[2:] for row in rows] == [("large", None, 10), ("small", 10, None)]


@pytest.mark.parametrize("levels", [[["shop.size"], []], [["paid.month", "shop.size"], ["shop.size"], []]])
def test_levels_are_merged_from_states_of_one_clock(tmp_path: Path, levels: list[list[str]]) -> None:
    """The sale is ordered for a small shop at every level. Merged from states of the other clock, both stood beside one size."""
    metrics = [metric("ordered_for", measure="sum(amount)", clock="ordered"), metric("paid_for", measure="sum(amount)", clock="paid")]
    layer = made(tmp_path, shop(*metrics, sources=SOURCES), TABLES)
    rows = layer.query(metrics=["ordered_for", "paid_for"], levels=levels).rows()
    by_size = [row[-4:] for row in rows if row[-3] == "shop.size"]
    assert by_size == [("large", "shop.size", None, 10), ("small", "shop.size", 10, None)]
    assert rows[-1][-2:] == (10, 10)
