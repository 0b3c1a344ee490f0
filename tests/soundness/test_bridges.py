"""A split across a bridge counts no row twice in one part: parts overlap and say so, with the true total, or shares tie to it."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from tests.reference.answer import answer_of
from tests.reference.same import same_rows
from tests.worlds import rows_of
from tests.worlds.made import made, metric

TABLES = """
create table orders (id integer, customer varchar, day date, total integer);
insert into orders values (1, 'ann', '2024-01-10', 30), (2, 'ann', '2024-01-20', 50), (3, 'bob', '2024-02-01', 7),
  (4, 'cyd', '2024-02-02', 100), (5, 'cyd', '2024-02-03', 10);
create table lines (id integer, order_id integer, product varchar, amount integer);
insert into lines values (1, 1, 'bear', 10), (2, 1, 'ball', 20), (3, 2, 'bear', 15), (4, 2, 'apple', 35), (5, 3, 'apple', 7),
  (6, 9, 'bear', 1000), (7, null, 'bear', 2000), (8, 5, 'bear', 0), (9, 5, 'apple', null);
create table products (product varchar, category varchar);
insert into products values ('bear', 'Toys'), ('ball', 'Toys'), ('apple', 'Food');
create table payments (id integer, order_id integer, paid integer);
insert into payments values (1, 1, 30), (2, 2, 20), (3, 2, 30), (4, 4, 100);
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
            "links": {"order": TO_ORDER, "product": "product"},
            "columns": {"id": "integer", "order_id": "integer", "product": "text", "amount": "integer"},
        },
        {
            "source": "products", "one_row_is": "one product", "describes": "product", "table": "products", "key": ["product"],
            "columns": {"product": "text", "category": "text"}, "dimensions": ["category"], "owner": "desk",
        },
        {
            "source": "payments", "one_row_is": "one payment", "table": "payments", "key": ["id"], "links": {"order": TO_ORDER},
            "columns": {"id": "integer", "order_id": "integer", "paid": "integer"}, "owner": "desk",
        },
        {
            "source": "customers", "one_row_is": "one customer", "describes": "customer", "table": "orders", "key": ["customer"],
            "columns": {"customer": "text"}, "owner": "desk",
        },
    ],
    "metrics": [
        metric("turnover", source="orders", measure="sum(total)"),
        metric("orders_in", source="orders", measure="count(*)"),
        metric("worth", formula="turnover / orders_in"),
        metric("buyers", source="orders", measure="count(distinct customer)"),
        metric("largest", source="orders", measure="max(total)"),
        metric("paid", source="payments", measure="sum(paid)"),
        metric("line_amount", source="lines", measure="sum(amount)"),
        metric("a_month_before", formula="prior(turnover, '1 month')"),
        metric("by_customer", source="orders", measure="sum(total)", grain={"by": ["customer"]}),
        metric("by_product", source="orders", measure="sum(total)", grain={"by": ["lines.product"]}),
    ],
}  # fmt: skip
CATEGORY = "lines.product.category"


def shop(folder: Path, tables: str = TABLES, metrics: tuple[dict[str, Any], ...] = (), **bridge: object) -> Layer:
    declared = copy.deepcopy(DECLARED)
    declared["metrics"] += metrics
    declared["sources"][0]["bridges"] = {"lines": bridge}
    return made(folder, declared, tables)


# Orders 1 (two toys), 2 (a toy, food) and 5 (both, for nothing) have toys, 2, 3 and 5 food, 4 has no lines.


@pytest.mark.parametrize(
    ("asked", "rows", "wrong"),
    [
        ({"metrics": ["turnover", "orders_in"]}, [("Food", 67, 3), ("Toys", 90, 3), (None, 100, 1)], ("Toys", 120, 4)),  # once a line
        ({"metrics": ["worth"]}, [("Food", 67 / 3), ("Toys", 30), (None, 100)], ("Food", 107 / 4)),
        ({"metrics": ["buyers", "largest"]}, [("Food", 3, 50), ("Toys", 2, 50), (None, 1, 100)], None),
        # through the order that was paid, beside rows of the lines themselves
        ({"metrics": ["paid", "line_amount"]}, [("Food", 50, 42), ("Toys", 80, 3045), (None, 100, None)], ("Toys", 110, 3045)),
        # the filter chooses orders, not the parts of them
        ({"metrics": ["turnover"], "where": f"{CATEGORY} = 'Toys'"}, [("Food", 60), ("Toys", 90)], None),
        ({"metrics": ["turnover"], "start": "2024-02"}, [("Food", 17), ("Toys", 10), (None, 100)], None),
        ({"metrics": ["turnover", "a_month_before"], "start": "2024-02", "end": "2024-02"},
         [("Food", 17, 50), ("Toys", 10, 80), (None, 100, None)], None),
    ],
)  # fmt: skip
def test_a_row_counts_once_in_each_part(
    tmp_path: Path, asked: dict[str, Any], rows: list[tuple[object, ...]], wrong: tuple[object, ...] | None
) -> None:
    result = shop(tmp_path, split="overlap").query(**asked, by=[CATEGORY])
    assert result.rows() == rows and wrong not in rows


def test_parts_that_overlap_say_so_and_carry_the_true_total(tmp_path: Path) -> None:
    layer = shop(tmp_path, split="overlap")
    result = layer.query(metrics=["turnover", "orders_in"], by=[CATEGORY])
    assert result.totals == {"turnover": 197, "orders_in": 5}  # and not 257 of 7
    assert result.notes == (
        "split over lines, the parts overlap: each row (one order) counts once in every part that it belongs to",
        "turnover is 197 in all, each row once",
        "orders_in is 5 in all, each row once",
    )
    assert layer.query(metrics=["turnover"], by=["month"]).totals == {}
    top = layer.query(metrics=["turnover"], by=[CATEGORY], order=["-turnover"], limit=1, where="customer <> 'cyd'")
    assert top.rows() == [("Toys", 80)] and top.totals == {"turnover": 87}


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ({"levels": [[CATEGORY], ["customer"]]}, 197),
        ({"levels": [["customer"], [CATEGORY]]}, 197),  # the first customer has 80
        ({"levels": [[CATEGORY], ["customer"]], "where": "customer = 'nobody'"}, None),
        ({"by": [CATEGORY], "where": "customer <> :but", "having": "turnover > :least", "params": {"but": "cyd", "least": 60}}, 87),
    ],
)  # fmt: skip
def test_the_true_total_is_of_no_level_and_of_no_chosen_row(tmp_path: Path, asked: dict[str, Any], total: int | None) -> None:
    """It was the first row of the first level, 67 for Food, and an error where no row was left."""
    assert shop(tmp_path, split="overlap").query(metrics=["turnover"], **asked).totals == {"turnover": total}


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        # order 2 is shared 15 to 35; order 5 has lines of nothing, so there is no share of it to give
        ({"metrics": ["turnover", "orders_in"]}, [("Food", 42, 1.7), ("Toys", 45, 1.3), (None, 110, 2)]),
        ({"metrics": ["worth"]}, [("Food", 42 / 1.7), ("Toys", 45 / 1.3), (None, 55)]),
        ({"metrics": ["paid", "line_amount"]}, [("Food", 35, 42), ("Toys", 45, 3045), (None, 100, None)]),
        ({"metrics": ["orders_in"], "start": "2024-02-02"}, [(None, 2)]),
    ],
)
def test_a_row_is_shared_out_and_ties_to_the_total(tmp_path: Path, asked: dict[str, Any], rows: list[tuple[object, ...]]) -> None:
    result = shop(tmp_path, split="allocate", by="amount").query(**asked, by=[CATEGORY])
    assert result.rows() == [tuple(pytest.approx(value) if isinstance(value, float) else value for value in row) for row in rows]
    assert result.totals == {}


@pytest.mark.parametrize(("missing", "shown"), [("zero", 0), ("null", None)])
def test_a_share_of_nothing_is_no_row(tmp_path: Path, missing: str, shown: int | None) -> None:
    """Order 1 has a ball of weight 0, so no row of Balls; its 30 times 0 were taken for a row, and `missing` said nothing."""
    tables = TABLES + "update lines set amount = 0 where id = 2; update products set category = 'Balls' where product = 'ball';"
    more = metric("kept", source="orders", measure="sum(total)", where="total > 0", missing=missing)
    rows = shop(tmp_path, tables, (more,), split="allocate", by="amount").query(metrics=["kept", "turnover"], by=[CATEGORY]).rows()
    assert [row[1] for row in rows if row[0] in ("Balls", "Toys")] == [shown, 45]


def test_thirds_are_not_rounded(tmp_path: Path) -> None:
    tables = TABLES + """
    delete from orders where id <> 1; delete from lines; update orders set total = 100;
    insert into lines values (1, 1, 'bear', 1), (2, 1, 'ball', 1), (3, 1, 'apple', 1);
    """
    rows = shop(tmp_path, tables, split="allocate", by="amount").query(metrics=["turnover"], by=["lines.product"]).rows()
    assert sum(row[1] for row in rows) == pytest.approx(100, rel=1e-12) and 33.0 not in {row[1] for row in rows}


@pytest.mark.parametrize(
    ("bridge", "asked", "code"),
    [
        ({"split": "allocate", "by": "amount"}, {"metrics": ["buyers"], "by": [CATEGORY]}, "fan-out"),
        ({"split": "allocate", "by": "amount"}, {"metrics": ["largest"], "by": [CATEGORY]}, "fan-out"),
        ({"split": "overlap"}, {"metrics": ["by_customer"], "by": [CATEGORY]}, "finer-than-grain"),
        ({"split": "overlap"}, {"metrics": ["turnover"], "by": ["lines.colour"]}, "unreachable-dimension"),
    ],
)
def test_what_has_no_parts_is_refused(tmp_path: Path, bridge: dict[str, Any], asked: dict[str, Any], code: str) -> None:
    with pytest.raises(DecisionLayerError) as refused:
        shop(tmp_path, **bridge).query(**asked)
    assert refused.value.codes == (code,)


def test_a_grain_may_promise_a_split_across_a_bridge(tmp_path: Path) -> None:
    layer = shop(tmp_path, split="overlap")
    assert layer.query(metrics=["by_product"], by=[CATEGORY]).rows() == [("Food", 67), ("Toys", 90), (None, 100)]


@pytest.mark.parametrize(
    ("bridges", "code"),
    [
        ({"lines": {"split": "allocate"}}, "missing-key"),
        ({"lines": {"split": "overlap", "by": "amount"}}, "wrong-argument"),
        ({"lines": {"split": "allocate", "by": "product"}}, "wrong-type"),
        ({"lines": {"split": "allocate", "by": "ammount"}}, "unknown-name"),
        ({"lins": {"split": "overlap"}}, "unknown-name"),
        ({"lines": {"split": "overlap", "link": "product"}}, "unknown-name"),
        ({"customers": {"split": "overlap"}}, "unknown-name"),
        ({"customer": {"split": "overlap", "source": "lines"}}, "bad-name"),
        ({"parts": {"split": "overlap", "source": "lines", "link": "order"}}, None),
    ],
)
def test_a_bridge_leads_somewhere(tmp_path: Path, bridges: dict[str, Any], code: str | None) -> None:
    declared = copy.deepcopy(DECLARED)
    declared["metrics"].pop()
    declared["sources"][0]["bridges"] = bridges
    found = [finding.code for finding in made(tmp_path, declared, TABLES).model.findings if finding.is_error]
    assert found == ([] if code is None else [code])


def test_a_bridge_may_bear_another_name_than_its_source(tmp_path: Path) -> None:
    declared = copy.deepcopy(DECLARED)
    declared["metrics"].pop()
    declared["sources"][0]["bridges"] = {"parts": {"split": "overlap", "source": "lines"}}
    layer = made(tmp_path, declared, TABLES)
    assert layer.query(metrics=["turnover", "line_amount"], by=["parts.product.category"]).rows() == [
        ("Food", 67, 42), ("Toys", 90, 3045), (None, 100, None),
    ]  # fmt: skip
    assert layer.query(metrics=["turnover"], where="parts.product.category = 'Food'").rows() == [(67,)]


def test_shares_that_make_up_nothing_are_rows_all_the_same(tmp_path: Path) -> None:
    """A line that was taken back gives a share below zero, and may cancel the share of another order: that is a count of 0 over two rows."""
    declared = copy.deepcopy(DECLARED)
    declared["metrics"] = [
        metric("mean", source="orders", measure="sum(total) / count(*)", missing="zero"), metric("orders_in", source="orders", measure="count(*)"),
        metric("turnover", source="orders", measure="sum(total)"), metric("below", formula="total(mean) - mean"),
        metric("grown", formula="prior(turnover, '1 month')"),
    ]  # fmt: skip
    declared["sources"][0]["bridges"] = {"lines": {"split": "allocate", "by": "amount"}}
    layer = made(tmp_path, declared, """
    create table orders (id integer, customer varchar, day date, total integer);
    insert into orders values (1, 'ann', '2024-01-10', 8), (2, 'bob', '2024-01-20', 4), (3, 'bob', '2024-02-20', 1);
    create table lines (id integer, order_id integer, product varchar, amount integer);
    insert into lines values (1, 1, 'bear', 3), (2, 1, 'ball', -1), (3, 2, 'bear', 1), (4, 2, 'ball', 1), (5, 3, 'bear', 1), (6, 3, 'ball', null);
    create table products (product varchar, category varchar);
    create table payments (id integer, order_id integer, paid integer);
    """)  # fmt: skip
    # bear: 8 * 3/2 + 4 * 1/2 of 2 orders; ball: 8 * -1/2 + 4 * 1/2 of none
    january = layer.query(metrics=["turnover", "orders_in", "mean", "below"], by=["lines.product"], start="2024-01", end="2024-01").rows()
    assert january == [("ball", -2.0, 0.0, None, None), ("bear", 14.0, 2.0, 7.0, -1.0)]
    assert january[0] != ("ball", -2.0, 0.0, 0, 6.0)  # as if there were no rows: nothing in the mean, nothing taken off
    # of order 3 no share is in the ball, so `missing` speaks
    assert layer.query(metrics=["mean"], by=["lines.product"], start="2024-02", end="2024-02").rows() == [("ball", 0.0), ("bear", 1.0)]
    # in February the ball reads its January, which has rows
    february = layer.query(metrics=["grown"], by=["month", "lines.product"], start="2024-02", end="2024-02").rows()
    assert february == [(dt.date(2024, 2, 1), "ball", -2.0), (dt.date(2024, 2, 1), "bear", 14.0)]


def test_a_ratio_of_counts_of_which_no_share_is_there_is_absent_from_a_sum(tmp_path: Path) -> None:
    """Order 1 has a ball of no amount: counts of nothing there, 0 less 0. NULL would be a ratio over rows that are there, and make the sum NULL."""
    declared = copy.deepcopy(DECLARED)
    declared["metrics"] = [
        metric("big", source="orders", measure="count(*) filter (where total > 5) / count(*)"), metric("told", source="orders", measure="count(total)"),
        metric("less", formula="big - told"),
    ]  # fmt: skip
    declared["sources"][0]["bridges"] = {"lines": {"split": "allocate", "by": "amount"}}
    layer = made(tmp_path, declared, """
    create table orders (id integer, customer varchar, day date, total integer); insert into orders values (1, 'ann', '2024-01-10', 8);
    create table lines (id integer, order_id integer, product varchar, amount integer); insert into lines values (1, 1, 'bear', 2), (2, 1, 'ball', null);
    create table products (product varchar, category varchar);
    create table payments (id integer, order_id integer, paid integer);
    """)  # fmt: skip
    asked: dict[str, Any] = {"metrics": ["big", "told", "less"], "by": ["lines.product"]}
    rows = layer.query(**asked).rows()
    assert rows == [("ball", None, 0.0, 0.0), ("bear", 1.0, 1.0, 0.0)]
    assert same_rows(answer_of(layer.model, rows_of(layer.model, layer.engine._connection()), **asked)[1], rows)
