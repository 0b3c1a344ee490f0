"""What inner joins lose and count twice, step by step, over a shop that a person can add up.

Orders 1 (ann, 30, two toys), 2 (ann, 50, a toy and food), 3 (bob, 7, food), 4 (dan, 100, no lines; the customers' table lacks dan).
"""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from decisionlayer.decide import naive_walk
from decisionlayer.decide.readings import Reading, figures
from decisionlayer.layer import Layer
from decisionlayer.plan.query import Query
from tests.worlds.made import choice, made, metric

TABLES = """
create table orders as select * from (values (1, 'ann', date '2024-01-10', 30), (2, 'ann', date '2024-02-20', 50),
    (3, 'bob', date '2024-02-21', 7), (4, 'dan', date '2024-02-22', 100)) t(id, customer, day, total);
create table lines as select * from (values (1, 1, 'Toys', 10), (2, 1, 'Toys', 20), (3, 2, 'Toys', 15), (4, 2, 'Food', 35),
    (5, 3, 'Food', 7)) t(id, order_id, category, amount);
create table customers as select * from (values ('ann', 'Oslo'), ('bob', 'Rome')) t(customer, city);
create table payments as select * from (values (1, 1, 10), (2, 1, 20), (3, 2, 50), (4, 9, 3)) t(id, order_id, paid);
"""
SWITCH = {"owner": "board", "why": "W.", "loses": "L."}


def source(name: str, **keys: Any) -> dict[str, Any]:
    return {"source": name, "one_row_is": f"one of {name}", "table": name, "owner": "desk", **keys}


@pytest.fixture
def shop(tmp_path: Path) -> Layer:
    return opened(tmp_path, {"split": "overlap"})


def opened(folder: Path, bridge: dict[str, str], tables: str = TABLES) -> Layer:
    world = {
        "project": {"name": "shop", "timezone": "UTC"}, "parties": [{"party": "desk"}, {"party": "board"}],
        "sources": [
            source("orders", describes="order", key=["id"], time={"day": "day"}, links={"customer": "customer"},
                   bridges={"lines": bridge},
                   columns={"id": "integer", "customer": "text", "day": "date", "total": "integer"}),
            source("lines", key=["id"], links={"order": {"entity": "order", "column": "order_id"}},
                   columns={"id": "integer", "order_id": "integer", "category": "text", "amount": "integer"}, dimensions=["category"]),
            source("customers", describes="customer", key=["customer"], columns={"customer": "text", "city": "text"}, dimensions=["city"]),
            source("payments", key=["id"], links={"order": {"entity": "order", "column": "order_id"}},
                   columns={"id": "integer", "order_id": "integer", "paid": "integer"}),
        ],
        "metrics": [
            metric("turnover", source="orders", measure="sum(total)"),
            metric("orders_taken", source="orders", measure="count(*)"),
            metric("mean_order", source="orders", measure="avg(total)"),
            metric("largest", source="orders", measure="max(total)"),
            metric("middle", source="orders", measure="median(total)"),
            metric("buyers", source="orders", measure="count(distinct customer)"),
            metric("takings", source="payments", measure="sum(paid)"),
            choice("sales", translation={**SWITCH, "from": "turnover"}),
            choice("sales_by_city", grain={"by": ["customer.city"]}, translation={**SWITCH, "from": "turnover"}),
            choice("sales_by_customer", grain={"by": ["customer"]}, translation={**SWITCH, "from": "turnover"}),
            choice("orders_sold", translation={**SWITCH, "from": "orders_taken"}),
            choice("basket", translation={**SWITCH, "terms": {"t": "turnover", "n": "orders_taken"}}, formula="t / n"),
            choice("mean_basket", translation={**SWITCH, "from": "mean_order"}),
            choice("highest", translation={**SWITCH, "from": "largest"}),
            choice("median_basket", translation={**SWITCH, "from": "middle"}),
            choice("cash", translation={**SWITCH, "from": "takings"}),
            choice("people_a_week", unit="1/week", translation={**SWITCH, "terms": {"p": "buyers"}}, formula="per(p, week)"),
        ],
    }  # fmt: skip
    return made(folder, world, tables)


def steps(layer: Layer, metric: str, **question: Any) -> list[tuple[str, Decimal | None]]:
    walk = naive_walk(layer, metric, **question)
    assert sum((step.change for step in walk.steps if step.change is not None), Decimal(0)) == walk.gap
    return [(step.cause, step.after) for step in walk.steps if step.change]


def test_an_order_is_counted_once_for_each_line_that_fits(shop: Layer) -> None:
    toys = "lines.category = 'Toys'"
    assert steps(shop, "sales", where=toys) == [("fan-out", 110)]  # 30 x 2 + 50, where 30 + 50 is right
    assert steps(shop, "orders_sold", where=toys) == [("fan-out", 3)]  # three toys in two orders
    assert steps(shop, "basket", where=toys) == [("fan-out", Decimal(repr(110 / 3)))]  # 80 / 2 = 40 is right
    assert steps(shop, "sales", where="lines.category in ('Toys', 'Food')") == [("fan-out", 60 + 100 + 7)]
    assert steps(shop, "sales", where="lines.category = :what", params={"what": "Toys"}) == [("fan-out", 110)]


def test_what_stands_together_is_asked_of_one_line(shop: Layer) -> None:
    assert steps(shop, "sales", where="lines.category >= 'Food' and lines.category <> 'Food'") == [("fan-out", 110)]


def test_a_filter_for_orders_without_such_lines_joins_nothing(shop: Layer) -> None:
    assert steps(shop, "sales", where="not (lines.category = 'Toys')") == []


def test_the_greatest_stays_the_greatest_and_a_median_is_not_told(shop: Layer) -> None:
    toys = "lines.category = 'Toys'"
    assert naive_walk(shop, "highest", where=toys).governed == 50
    assert steps(shop, "highest", where=toys) == []
    assert [step.cause for step in naive_walk(shop, "median_basket", where=toys).steps] == ["average of averages"]


def test_payments_are_repeated_by_the_lines_of_their_order(shop: Layer) -> None:
    where = "order.lines.category = 'Toys'"
    # 10 + 20 of order 1 twice, 50 of order 2 once; payment 4 is of no order and has no lines
    assert naive_walk(shop, "cash", where=where).governed == 80
    assert steps(shop, "cash", where=where) == [("fan-out", 110)]


def test_rows_without_a_partner_fall_out_where_a_report_joins(shop: Layer) -> None:
    walk = naive_walk(shop, "sales_by_city")
    assert (walk.governed, walk.naive) == (187, 87)  # dan's 100
    assert "`customer` leads nowhere" in walk.steps[0].why
    rows = shop.query(metrics=["sales_by_city"], by=["customer.city"], naive=True).rows()
    assert rows == [("Oslo", 80, 80, 0), ("Rome", 7, 7, 0), (None, 100, None, None)]
    assert steps(shop, "sales_by_customer") == []  # the key itself is there without a join
    assert steps(shop, "sales") == []
    nobody = naive_walk(shop, "sales", where="customer.city is null")
    assert (nobody.governed, nobody.naive, [step.cause for step in nobody.steps]) == (100, None, ["orphan"])


def test_nothing_lost_is_no_step(shop: Layer) -> None:
    result = shop.query(metrics=["sales_by_city"], by=["customer.city"], end="2024-02-21", naive=True)
    assert not any("orphans" in note for note in result.notes)
    result = shop.query(metrics=["sales_by_city"], by=["customer.city"], naive=True)
    assert any("takes back orphans" in note for note in result.notes)


def test_what_is_passed_up_is_divided_by_the_length_of_its_own_cell(shop: Layer) -> None:
    """Buyers by day, added: ann in January; ann, bob and dan in February. February 2024 has 29 days, ten of them before the 11th."""
    reading = Reading().with_passed("people_a_week", "p")
    query = Query.of(metrics=["people_a_week"], by=["month"])
    found = figures(shop.desk, reading, "people_a_week", query)
    assert list(found.values()) == pytest.approx([1 / (31 / 7), 3 / (29 / 7)])
    cut = Query.of(metrics=["people_a_week"], by=["month"], start="2024-02-11", end="2024-02-24")
    assert list(figures(shop.desk, reading, "people_a_week", cut).values()) == pytest.approx([3 / 2])
    assert [row[1] for row in shop.query(metrics=["people_a_week"], by=["month"], start="2024-02-11", end="2024-02-24").rows()] == [1.5]
    whole = Query.of(metrics=["people_a_week"], start="2024-02-11", end="2024-02-24")
    assert figures(shop.desk, reading, "people_a_week", whole) == {(): 1.5}
    today = Query.of(metrics=["people_a_week"], start="2024-02-11", end="2024-12-31", today="2024-02-24")
    assert figures(shop.desk, reading, "people_a_week", today)[()] == shop.query(metrics=["people_a_week"], start="2024-02-11", end="2024-12-31", today="2024-02-24").rows()[0][0]


def test_lengths_are_a_step_of_their_own(shop: Layer) -> None:
    assert steps(shop, "people_a_week", start="2024-02-11", end="2024-02-24") == [("calendar", 3)]


def test_a_split_across_a_bridge_is_read_as_a_join(shop: Layer) -> None:
    """Two of order 1's lines are toys: 30 counts twice there. Order 4 has no lines, and is lost."""
    result = shop.query(metrics=["sales"], by=["lines.category"], naive=True)
    assert result.rows() == [("Food", 57, 57.0, 0.0), ("Toys", 80, 110.0, 30.0), (None, 100, None, None)]
    assert any("takes back repeated rows" in note for note in result.notes)
    # 57 / 2 and 110 / 3, where 28.5 and 40 are right
    baskets = shop.query(metrics=["basket"], by=["lines.category"], naive=True).rows()
    assert [(row[0], row[1], row[2]) for row in baskets] == [("Food", 28.5, 28.5), ("Toys", 40.0, pytest.approx(110 / 3)), (None, 100.0, None)]
    months = shop.query(metrics=["sales"], by=["month", "lines.category"], naive=True).rows()
    assert [(str(row[0])[:7], *row[1:4]) for row in months] == [
        ("2024-01", "Toys", 30, 60.0), ("2024-02", "Food", 57, 57.0), ("2024-02", "Toys", 50, 50.0), ("2024-02", None, 100, None),
    ]  # fmt: skip


def test_what_is_shared_out_is_read_as_a_join_too(tmp_path: Path) -> None:
    rows = opened(tmp_path, {"split": "allocate", "by": "amount"}).query(metrics=["sales"], by=["lines.category"], naive=True).rows()
    assert rows == [("Food", 42.0, 57.0, 15.0), ("Toys", 45.0, 110.0, 65.0), (None, 100.0, None, None)]


@pytest.mark.parametrize("seed", range(12))
def test_random_shops_read_naively_as_inner_joins_written_by_hand(tmp_path: Path, seed: int) -> None:
    """The walk is made of governed answers; the joins here are those that somebody types, over the same rows."""
    chance = random.Random(seed)
    people, kinds = ["ann", "bob", "cid", None, "zoe"], ["Toys", "Food", "Wine"]
    orders = [(each, chance.choice(people), f"2024-0{chance.randint(1, 3)}-1{chance.randint(0, 9)}", chance.choice([None, chance.randint(-20, 90)])) for each in range(1, 15)]
    lines = [(each, chance.choice([*range(1, 17), None]), chance.choice([*kinds, None]), 1) for each in range(1, chance.randint(2, 30))]
    customers = [(name, chance.choice(["Rome", None])) for name in people if name and chance.random() < 0.7]
    tables = "".join(
        f"create table {name} ({columns}); " + (f"insert into {name} values {', '.join(map(_row, rows))}; " if rows else "")
        for name, columns, rows in (
            ("orders", "id integer, customer varchar, day date, total integer", orders),
            ("lines", "id integer, order_id integer, category varchar, amount integer", lines),
            ("customers", "customer varchar, city varchar", customers),
            ("payments", "id integer, order_id integer, paid integer", [(each, chance.randint(1, 17), chance.randint(1, 9)) for each in range(1, 12)]),
        )
    )
    layer = opened(tmp_path, {"split": "overlap"}, tables)
    connection = duckdb.connect()
    connection.execute(tables)

    def by_hand(sql: str) -> Any:
        return connection.execute(sql).fetchall()

    def naive(metric: str, **question: Any) -> float | None:
        found = naive_walk(layer, metric, **question).naive
        return None if found is None else float(found)

    ((lost,),) = by_hand("select sum(total) from orders join customers using (customer)")
    assert naive("sales_by_city") == lost
    fits = "category in ('Toys', 'Wine')"
    ((total, count, mean, most),) = by_hand(f"select sum(total), count(*), avg(total), max(total) from orders join lines on order_id = orders.id where {fits}")
    where = f"lines.{fits}"
    assert (naive("sales", where=where), naive("orders_sold", where=where), naive("highest", where=where)) == (total, count, most)
    assert naive("basket", where=where) == (None if total is None else pytest.approx(total / count))
    ((paid,),) = by_hand(f"select sum(paid) from payments join orders on payments.order_id = orders.id join lines on lines.order_id = orders.id where {fits}")
    assert naive("cash", where=f"order.{where}") == paid
    parts = by_hand("select category, sum(total) from orders join lines on order_id = orders.id group by category")
    rows = layer.query(metrics=["sales"], by=["lines.category"], naive=True).rows()
    assert {row[0]: row[2] for row in rows if row[2] is not None} == {key: value for key, value in parts if value is not None}
    joined = [step.after for step in naive_walk(layer, "mean_basket", where=where).steps if step.cause == "fan-out"]
    assert [float(after) for after in joined if after is not None] == [pytest.approx(mean) for _ in joined if mean is not None]


def _row(values: tuple[object, ...]) -> str:
    return f"({', '.join('null' if value is None else repr(value) for value in values)})"
