"""A filter over a many side asks whether there is such a row; it counts nothing twice, as a join would."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from tests.worlds.made import choice, made, metric

TABLES = """
create table orders (id integer, customer varchar, day date, total integer);
insert into orders values (1, 'ann', '2024-01-10', 30), (2, 'ann', '2024-01-20', 50), (3, 'bob', '2024-02-01', 7),
  (4, 'cyd', '2024-02-02', 100);
create table lines (id integer, order_id integer, product varchar, amount integer);
insert into lines values (1, 1, 'bear', 10), (2, 1, 'ball', 20), (3, 2, 'bear', 15), (4, 2, 'apple', 35), (5, 3, 'apple', 7),
  (6, 9, 'bear', 1000), (7, null, 'bear', 2000);
create table products (product varchar, category varchar, fragile boolean);
insert into products values ('bear', 'Toys', false), ('ball', 'Toys', true), ('apple', 'Food', true);
create table payments (id integer, order_id integer, paid integer);
insert into payments values (1, 1, 30), (2, 2, 20), (3, 2, 30), (4, 4, 100);
create table customers (customer varchar, city varchar);
insert into customers values ('ann', 'Rome'), ('bob', 'Oslo'), ('cyd', 'Rome'), ('dan', 'Oslo');
"""
TO_ORDER = {"entity": "order", "column": "order_id"}
DECLARED: dict[str, Any] = {
    "project": {"name": "shop", "timezone": "UTC"},
    "parties": [{"party": "desk"}, {"party": "board"}],
    "sources": [
        {
            "source": "orders", "one_row_is": "one order", "describes": "order", "table": "orders", "key": ["id"], "owner": "desk",
            "time": {"day": "day"}, "links": {"customer": "customer"},
            "columns": {"id": "integer", "day": "date", "customer": "text", "total": "integer"},
        },
        {
            "source": "lines", "one_row_is": "one line of an order", "table": "lines", "key": ["id"], "owner": "desk",
            "links": {"order": TO_ORDER, "product": "product"}, "dimensions": {"big": "amount > 12"},
            "columns": {"id": "integer", "order_id": "integer", "product": "text", "amount": "integer"},
        },
        {
            "source": "products", "one_row_is": "one product", "describes": "product", "table": "products", "key": ["product"],
            "columns": {"product": "text", "category": "text", "fragile": "boolean"}, "dimensions": ["category", "fragile"],
            "owner": "desk",
        },
        {
            "source": "payments", "one_row_is": "one payment", "table": "payments", "key": ["id"], "links": {"order": TO_ORDER},
            "columns": {"id": "integer", "order_id": "integer", "paid": "integer"}, "owner": "desk",
        },
        {
            "source": "customers", "one_row_is": "one customer", "describes": "customer", "table": "customers", "key": ["customer"],
            "columns": {"customer": "text", "city": "text"}, "dimensions": ["city"], "owner": "desk",
        },
    ],
    "metrics": [
        metric("turnover", source="orders", measure="sum(total)"),
        metric("orders_in", source="orders", measure="count(*)"),
        metric("with_toys", source="orders", measure="sum(total)", where="lines.product.category = 'Toys'"),
        metric("of_cyd", source="orders", measure="sum(total)", where="customer = 'cyd'"),
        metric("of_ann", source="orders", measure="sum(total)", where="customer = 'ann'"),
        metric("paid", source="payments", measure="sum(paid)"),
        metric("line_amount", source="lines", measure="sum(amount)"),
        metric("people", source="customers", measure="count(*)"),
        metric("by_customer", source="orders", measure="sum(total)", grain={"by": ["customer"]}),
        choice("toy_share", unit="percent", formula="toys / everything", translation={
            "owner": "board", "why": "W.", "loses": "L.",
            "terms": {"toys": {"from": "turnover", "where": "lines.product.category = 'Toys'"}, "everything": "turnover"},
        }),
    ],
}  # fmt: skip


def shop(folder: Path) -> Layer:
    return made(folder, DECLARED, TABLES)


#: Orders 1 (bear, ball) and 2 (bear, apple) have toys, 2 and 3 food, 4 has no lines.
@pytest.mark.parametrize(
    ("metrics", "where", "row", "wrong"),
    [
        (["turnover", "orders_in"], "lines.product.category = 'Toys'", (80, 2), (110, 3)),  # order 1 once for each toy
        (["turnover"], "lines.product.category = 'Toys' and lines.product.fragile", (30,), (80,)),  # of one line, not of any two
        (["turnover"], "lines.product.category = 'Toys' and lines.product.category = 'Food'", (None,), (50,)),
        (["turnover"], "not (lines.product.category = 'Toys')", (107,), (57,)),  # no such line; order 4 has none at all
        (["turnover"], "lines.product.category <> 'Toys'", (57,), (107,)),  # a line that is otherwise
        (["turnover"], "lines.product.category = 'Toys' or customer = 'cyd'", (180,), (80,)),
        (["turnover"], "lines.product.category = 'Toys' and customer = 'cyd'", (None,), (180,)),
        (["turnover"], "(customer = 'cyd' or customer = 'bob') and lines.product.category = 'Food'", (7,), (107,)),  # AND binds before OR
        (["of_cyd", "of_ann"], "lines.product.category = 'Toys'", (None, 80), (100, 80)),  # rows of either, and with toys
        (["turnover"], "lines.product in ('ball', 'apple')", (87,), (137,)),
        (["turnover"], "lines.big", (80,), (130,)),
        (["paid"], "lines.product.category = 'Toys'", (80,), (110,)),  # through the order that was paid
        (["paid"], "order.lines.product.category = 'Toys'", (80,), (110,)),
        (["paid", "turnover", "line_amount"], "lines.product.category = 'Toys'", (80, 80, 3045), None),  # of the lines: themselves
        (["people"], "orders.order = 2", (1,), (4,)),
        (["people"], "orders.customer.city = 'Rome'", (2,), (3,)),  # ann has two orders
        (["with_toys", "turnover"], None, (80, 187), (110, 187)),
        (["toy_share"], None, (80 / 187,), (110 / 187,)),
    ],
)
def test_a_row_counts_once(
    tmp_path: Path, metrics: list[str], where: str | None, row: tuple[object, ...], wrong: tuple[object, ...] | None
) -> None:
    assert row != wrong
    assert shop(tmp_path).query(metrics=metrics, where=where).rows() == [row]


def test_measures_that_ask_other_lines_share_a_pass(tmp_path: Path) -> None:
    result = shop(tmp_path).query(metrics=["turnover", "with_toys"], by=["month", "customer"], where="lines.big or customer = 'bob'")
    assert [row[1:] for row in result.rows()] == [("ann", 80, 80), ("bob", 7, None)]
    assert result.sql.count("FROM orders") == 1


def test_a_parameter_reaches_the_many_side(tmp_path: Path) -> None:
    layer = shop(tmp_path)
    asked = {"metrics": ["turnover"], "where": "lines.product.category = :kind"}
    assert layer.query(**asked, params={"kind": "Food"}).rows() == [(57,)]
    assert layer.query(**asked, params={"kind": "Toys"}).rows() == [(80,)]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"metrics": ["turnover"], "where": "lines.product.category is not null"}, "bad-question"),
        ({"metrics": ["turnover"], "where": "lines.product not in ('bear')"}, "bad-question"),
        ({"metrics": ["turnover"], "where": "lines.product = customer"}, "bad-question"),
        ({"metrics": ["turnover"], "where": "lines.colour = 'red'"}, "unreachable-dimension"),
        ({"metrics": ["turnover"], "by": ["lines.product.category"]}, "fan-out"),
        ({"metrics": ["by_customer"], "where": "lines.product.category = 'Toys'"}, "finer-than-grain"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(tmp_path: Path, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(DecisionLayerError) as refused:
        shop(tmp_path).query(**asked)
    assert refused.value.codes == (code,)


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"measure": "sum(lines.amount)"}, "fan-out"),  # one order, many amounts
        ({"measure": "sum(total) filter (where lines.amount > 12)"}, "fan-out"),
        ({"measure": "sum(total)", "where": "lines.product not in ('bear')"}, "wrong-argument"),
        ({"measure": "sum(total)", "where": "lines.amount > total"}, "wrong-argument"),
    ],
)
def test_a_metric_says_what_it_asks_of_a_many_side_in_its_filters_only(tmp_path: Path, keys: dict[str, str], code: str) -> None:
    declared = {**copy.deepcopy(DECLARED), "metrics": [metric("odd", source="orders", **keys)]}
    (found,) = [finding for finding in made(tmp_path, declared, TABLES).check() if finding.is_error]
    assert found.code == code


def test_two_links_back_are_nobodys_guess(tmp_path: Path) -> None:
    declared = copy.deepcopy(DECLARED)
    declared["sources"][1]["links"]["replaces"] = {"entity": "order", "column": "id"}
    declared["metrics"] = [metric("turnover", source="orders", measure="sum(total)")]
    with pytest.raises(DecisionLayerError) as refused:
        made(tmp_path, declared, TABLES).query(metrics=["turnover"], where="lines.product.category = 'Toys'")
    assert refused.value.codes == ("fan-out",)


def test_a_many_side_reads_history_by_its_own_clock(tmp_path: Path) -> None:
    """The bear was a toy until February; the line of order 2 was packed after that."""
    declared = copy.deepcopy(DECLARED)
    declared["sources"][1]["time"] = {"packed": "day"}
    declared["sources"][2] |= {"valid": {"from": "since", "to": "until"}}
    declared["sources"][2]["columns"] |= {"since": "date", "until": "date"}
    tables = TABLES + """
    alter table lines add column packed date; update lines set packed = '2024-01-10'; update lines set packed = '2024-02-01' where order_id = 2;
    alter table products add column since date; alter table products add column until date; update products set since = '2020-01-01';
    update products set until = '2024-02-01' where product = 'bear';
    insert into products values ('bear', 'Decoration', false, '2024-02-01', null);
    """
    layer = made(tmp_path, declared, tables)
    assert layer.query(metrics=["turnover"], where="lines.product.category = 'Toys'").rows() == [(30,)]
    assert layer.query(metrics=["turnover"], where="lines.product.category = 'Decoration'").rows() == [(50,)]
    assert layer.query(metrics=["with_toys"], structure={"at": "2024-01-31"}).rows() == [(80,)]


def test_what_arrived_later_was_not_known_of_a_many_side_either(tmp_path: Path) -> None:
    """The food of order 2 was entered in March, the order itself in January."""
    declared = copy.deepcopy(DECLARED)
    declared["sources"][0] |= {"fresh": {"at": "entered", "within": "2 days"}, "bridges": {"lines": {"split": "overlap"}}}
    tables = TABLES + "alter table orders add column entered date; update orders set entered = day;"
    with pytest.raises(DecisionLayerError) as refused:
        made(tmp_path / "one", declared, tables).query(
            metrics=["turnover"], where="lines.product.category = 'Food'", known_on="2024-02-01"
        )
    assert refused.value.codes == ("bad-question",)
    declared["sources"][1]["fresh"] = {"at": "entered", "within": "2 days"}
    tables += "alter table lines add column entered date; update lines set entered = case when id = 4 then date '2024-03-01' else '2024-01-01' end;"
    layer = made(tmp_path / "two", declared, tables)
    asked = {"metrics": ["turnover"], "known_on": "2024-02-01"}
    assert layer.query(**asked, where="lines.product.category = 'Food'").rows() == [(7,)]  # 57 today
    assert layer.query(**asked, by=["lines.product.category"]).rows() == [("Food", 7), ("Toys", 80)]
