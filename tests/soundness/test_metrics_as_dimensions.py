"""A metric as a dimension is computed for each thing first; a thing without rows has none, which is zero for counts and no number else."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from tests.worlds.made import made, metric

TABLES = """
create table customers (customer varchar, city varchar);
insert into customers values ('ann', 'Rome'), ('bob', 'Oslo'), ('cyd', 'Rome'), ('dan', 'Oslo');
create table orders (id integer, customer varchar, payer varchar, day date, total integer);
insert into orders values (1, 'ann', 'ann', '2024-01-10', 30), (2, 'ann', 'bob', '2024-01-20', 50), (3, 'bob', 'bob', '2024-02-01', 7),
  (4, 'cyd', 'bob', '2024-02-02', 100), (5, null, null, '2024-02-03', 1000);
create table payments (id integer, order_id integer, paid integer);
insert into payments values (1, 1, 30), (2, 2, 20), (3, 2, 30), (4, 4, 100);
"""
DECLARED: dict[str, Any] = {
    "project": {"name": "shop", "timezone": "UTC"},
    "parties": [{"party": "desk"}],
    "sources": [
        {
            "source": "customers", "one_row_is": "one customer", "describes": "customer", "table": "customers", "key": ["customer"],
            "owner": "desk", "columns": {"customer": "text", "city": "text"},
            "dimensions": {
                "city": "city", "orders_ever": {"metric": "orders_in"}, "spent": {"metric": "turnover"},
                "orders_then": {"metric": "orders_in", "within": "range"}, "paid_per_order": {"metric": "paid_for_each"},
                "more_orders": {"metric": "twice"},
            },
        },
        {
            "source": "orders", "one_row_is": "one order", "describes": "order", "table": "orders", "key": ["id"], "owner": "desk",
            "time": {"day": "day"}, "links": {"customer": "customer"},
            "columns": {"id": "integer", "day": "date", "customer": "text", "total": "integer"},
        },
        {
            "source": "payments", "one_row_is": "one payment", "table": "payments", "key": ["id"], "owner": "desk",
            "links": {"order": {"entity": "order", "column": "order_id"}},
            "columns": {"id": "integer", "order_id": "integer", "paid": "integer"},
        },
    ],
    "metrics": [
        metric("people", source="customers", measure="count(*)"),
        metric("turnover", source="orders", measure="sum(total)"),
        metric("orders_in", source="orders", measure="count(*)"),
        metric("paid", source="payments", measure="sum(paid)"),
        metric("paid_for_each", formula="paid / orders_in"),
        metric("twice", formula="orders_in + orders_in"),
        metric("from_the_loyal", source="orders", measure="sum(total)", where="customer.orders_ever > 1"),
    ],
}  # fmt: skip

JANUARY, FEBRUARY = dt.date(2024, 1, 1), dt.date(2024, 2, 1)


def shop(folder: Path) -> Layer:
    return made(folder, DECLARED, TABLES)


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        # ann has two orders, bob and cyd one, dan none, and that is a number
        ({"metrics": ["people"], "by": ["orders_ever"]}, [(0, 1), (1, 2), (2, 1)]),
        # the order of nobody has no customer, who has no number of orders, not even 0
        ({"metrics": ["turnover"], "by": ["customer.orders_ever"]}, [(1, 107), (2, 80), (None, 1000)]),
        ({"metrics": ["people", "turnover"], "by": ["orders_ever"]}, [(0, 1, None), (1, 2, 107), (2, 1, 80), (None, 0, 1000)]),
        # whose orders are two *ever* stays loyal in each month
        ({"metrics": ["turnover", "from_the_loyal"], "by": ["month"]}, [(JANUARY, 80, 80), (FEBRUARY, 1107, None)]),
        ({"metrics": ["turnover"], "where": "customer.orders_ever > 1", "start": "2024-01-15"}, [(50,)]),
        ({"metrics": ["turnover"], "by": ["customer.orders_then"], "start": "2024-01-15"}, [(1, 157), (None, 1000)]),
        # money that was never spent is no zero
        ({"metrics": ["people"], "by": ["spent"]}, [(7, 1), (80, 1), (100, 1), (None, 1)]),
        ({"metrics": ["people"], "where": "spent < 100"}, [(2,)]),
        ({"metrics": ["people"], "by": ["paid_per_order"]}, [(40, 1), (100, 1), (None, 2)]),
        ({"metrics": ["people"], "by": ["more_orders"]}, [(0, 1), (2, 2), (4, 1)]),
        # two links away, and beside a filter of the many side
        ({"metrics": ["paid"], "by": ["order.customer.orders_ever"]}, [(1, 100), (2, 80)]),
        ({"metrics": ["people"], "where": "spent >= 80 and orders.order = 4"}, [(1,)]),
        ({"by": ["customer", "orders_ever"]}, [("ann", 2), ("bob", 1), ("cyd", 1), ("dan", 0)]),
    ],
)
def test_it_is_computed_for_each_first(tmp_path: Path, asked: dict[str, Any], rows: list[tuple[object, ...]]) -> None:
    assert shop(tmp_path).query(**asked).rows() == rows


def test_nothing_is_declared_wrong_and_meaning_travels(tmp_path: Path) -> None:
    layer = shop(tmp_path / "one")
    assert [found for found in layer.check() if found.is_error] == []
    other = copy.deepcopy(DECLARED)
    other["metrics"][2]["where"] = "total > 10"
    changed = made(tmp_path / "two", other, TABLES)
    assert layer.model.metrics["from_the_loyal"].meaning != changed.model.metrics["from_the_loyal"].meaning
    assert layer.model.metrics["paid"].meaning == changed.model.metrics["paid"].meaning


def declared(dimension: object, **links: str) -> dict[str, Any]:
    world = copy.deepcopy(DECLARED)
    world["sources"][0]["dimensions"] = {"asked": dimension}
    world["sources"][1]["links"] |= links
    circular = metric("circular", source="orders", measure="count(*)", where="customer.asked > 1")
    world["metrics"] = [*world["metrics"][:2], circular]
    return world


@pytest.mark.parametrize(
    ("dimension", "links", "code"),
    [
        ({"metric": "turnovr"}, {}, "unknown-name"),
        ({"metric": "circular"}, {}, "cycle"),
        ({"metric": "turnover"}, {"customer": None, "buyer": {"entity": "customer", "column": "customer"},
                                  "payer": {"entity": "customer", "column": "payer"}}, "ambiguous-path"),
    ],
)  # fmt: skip
def test_what_is_no_number_of_each_is_refused(tmp_path: Path, dimension: object, links: dict[str, Any], code: str) -> None:
    world = declared(dimension)
    world["sources"][1]["links"] = {role: link for role, link in (world["sources"][1]["links"] | links).items() if link is not None}
    if links:
        world["metrics"] = world["metrics"][:2]
    layer = made(tmp_path, world, TABLES)
    assert code in {found.code for found in layer.check() if found.is_error}
    with pytest.raises(DecisionLayerError):
        layer.query(metrics=["people"], by=["asked"])


def test_the_way_to_the_thing_is_said_where_there_are_several(tmp_path: Path) -> None:
    world = declared({"metric": "turnover", "by": "payer"})
    world["metrics"] = world["metrics"][:2]
    world["sources"][1]["links"] = {
        "buyer": {"entity": "customer", "column": "customer"}, "payer": {"entity": "customer", "column": "payer"},
    }  # fmt: skip
    layer = made(tmp_path, world, TABLES)
    assert layer.query(by=["customer", "asked"]).rows() == [("ann", 30), ("bob", 157), ("cyd", None), ("dan", None)]


def test_it_is_not_aggregated_again(tmp_path: Path) -> None:
    world = copy.deepcopy(DECLARED)
    world["metrics"].append(metric("mean_orders", source="customers", measure="avg(orders_ever)"))
    (found,) = [finding for finding in made(tmp_path, world, TABLES).check() if finding.is_error]
    assert found.code == "not-built"
