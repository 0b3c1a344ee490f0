"""DL103 and DL104 for formulas: distinct counts of one thing are not added, nor quantiles of one measure over several groups.

Customers a and b buy on the web, b and c in the shop: three customers; 2 + 2 is 4. Amounts 1, 2, 9 on the web and 4 in the shop: the
median is 3; the mean of the medians 2 and 4 is 3 by luck, and 3 with 1, 2, 90, 91 against 4 is 4, not 25.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from decisionlayer.layer import Layer
from tests.worlds.made import choice, made, metric, shop

TABLES = """
create table sales (id integer, day date, customer varchar, product varchar, channel varchar, amount integer);
insert into sales values (1, '2024-01-01', 'a', 'x', 'web', 1), (2, '2024-01-02', 'b', 'x', 'web', 2), (3, '2024-02-01', 'b', 'y', 'shop', 9),
    (4, '2024-02-03', 'c', 'y', 'shop', 4);
create table visits (id integer, day date, customer varchar, product varchar);
insert into visits values (1, '2024-01-01', 'a', 'x'), (2, '2024-01-01', 'd', 'y');
create table customers (customer varchar, segment varchar, size integer, home varchar);
insert into customers values ('a', 'firm', 3, 'n'), ('b', 'firm', 1, 'n'), ('c', 'home', 2, 's'), ('d', 'home', 5, 's');
"""
TEXTS = dict.fromkeys(("customer", "product", "channel"), "text")
SOURCES: list[dict[str, Any]] = [
    {"source": "sales", "one_row_is": "one sale", "table": "sales", "key": ["id"], "time": {"day": "day"}, "owner": "desk",
     "links": {"buyer": {"entity": "customer", "column": "customer"}},
     "columns": {"id": "integer", "day": "date", "amount": "integer", **TEXTS}, "dimensions": {"channel": "channel"}},
    {"source": "visits", "one_row_is": "one visit", "table": "visits", "key": ["id"], "time": {"day": "day"}, "owner": "desk",
     "links": {"visitor": {"entity": "customer", "column": "customer"}},
     "columns": {"id": "integer", "day": "date", "customer": "text", "product": "text"}},
    {"source": "customers", "one_row_is": "one customer", "describes": "customer", "table": "customers", "key": ["customer"],
     "owner": "desk", "columns": {"customer": "text", "segment": "text", "size": "integer", "home": "text"},
     "dimensions": {"segment": "segment", "size": "size"}},
]  # fmt: skip
BASE = [
    metric("customers", measure="count(distinct buyer)"),
    metric("by_column", measure="count(distinct customer)"),
    metric("web", measure="count(distinct buyer)", where="channel = 'web'"),
    metric("in_shop", measure="count(distinct buyer)", where="channel = 'shop'"),
    metric("firms", measure="count(distinct buyer)", where="buyer.segment = 'firm'"),
    metric("homes", measure="count(distinct customer)", where="buyer.segment in ('home', 'club')"),
    metric("small", measure="count(distinct buyer)", where="buyer.size < 2"),
    metric("large", measure="count(distinct buyer)", where="buyer.size >= 2"),
    metric("visitors", measure="count(distinct visitor)", source="visits"),
    metric("visiting_homes", measure="count(distinct visitor)", source="visits", where="visitor.segment <> 'firm'"),
    metric("known", measure="count(distinct customer)", source="customers"),
    metric("products", measure="count(distinct product)"),
    metric("seen_products", measure="count(distinct product)", source="visits"),
    metric("sold", measure="count(*)"),
    metric("middle", measure="median(amount)"),
    metric("web_middle", measure="median(amount)", where="channel = 'web'"),
    metric("shop_middle", measure="median(amount)", where="channel = 'shop'"),
    metric("high", measure="quantile(amount, 0.9)"),
]


def layer_with(folder: Path, *more: dict[str, object]) -> Layer:
    return made(folder, shop(*BASE, *more, sources=SOURCES), TABLES)


def found(folder: Path, *more: dict[str, object]) -> list[str]:
    return [finding.code for finding in layer_with(folder, *more).check() if finding.is_error]


@pytest.mark.parametrize("formula", [
    "web + in_shop", "web + by_column", "customers + customers", "web - in_shop", "customers + visitors", "customers - visitors",
    "customers + known", "web / (web + in_shop)", "customers + prior(customers, '1 month')", "2 * web + in_shop", "web - -in_shop",
    "coalesce(web, 0) + in_shop", "sold + web + in_shop", "web - (sold - in_shop)", "products + seen_products",
    "trailing(web, '7 days') + in_shop", "firms + web", "firms + small", "greatest(web, 1) + in_shop", "(web + in_shop) / 3",
    "case when sold > 1 then web end + in_shop", "customers + total(customers)", "visiting_homes + homes",
])  # fmt: skip
def test_what_may_be_in_both_is_not_added(tmp_path: Path, formula: str) -> None:
    assert found(tmp_path, metric("sum", formula=formula)) == ["distinct-summed"]


@pytest.mark.parametrize("formula", [
    "customers - prior(customers, '1 month')", "customers / prior(customers, '1 month') - 1", "web / customers", "web - sold",
    "customers + products", "customers - web", "firms + homes", "small + large", "firms - homes", "(web + in_shop) / 2",
    "total(customers) - customers", "firms + visiting_homes", "customers * sold + web", "greatest(web, in_shop)", "web / customers + in_shop",
    "customers - customers * 0.5", "middle - web_middle", "high - middle", "middle + sold", "middle - prior(middle, '1 month')",
    "(high + middle) / 2", "middle / web_middle",
])  # fmt: skip
def test_what_cannot_be_in_both_or_is_only_compared_is_answered(tmp_path: Path, formula: str) -> None:
    assert found(tmp_path, metric("sum", formula=formula)) == []


@pytest.mark.parametrize("formula", [
    "web_middle + shop_middle", "(web_middle + shop_middle) / 2", "middle + prior(middle, '1 month')",
    "(web_middle * web + shop_middle * sold) / sold",
])  # fmt: skip
def test_a_quantile_is_not_rebuilt_from_those_of_groups(tmp_path: Path, formula: str) -> None:
    assert found(tmp_path, metric("sum", formula=formula)) == ["rebuilt-quantile"]


@pytest.mark.parametrize("measure", [
    "count(distinct buyer) filter (where channel = 'web') + count(distinct customer) filter (where channel = 'shop')",
    "count(distinct buyer) + count(distinct customer)",
])  # fmt: skip
def test_within_one_measure_too(tmp_path: Path, measure: str) -> None:
    assert found(tmp_path, metric("sum", measure=measure)) == ["distinct-summed"]


def test_through_formulas_and_terms(tmp_path: Path) -> None:
    """A term narrows or replaces who is counted, and a formula between hands it on."""
    twice = metric("twice", formula="web * 2")
    assert found(tmp_path / "a", twice, metric("sum", formula="twice + in_shop")) == ["distinct-summed"]
    said = {"owner": "board", "why": "W.", "loses": "L."}
    terms = {"f": {"from": "customers", "where": "buyer.segment = 'firm'"}, "h": {"from": "customers", "where": "buyer.segment = 'home'"}}
    apart = choice("apart", formula="f + h", translation={**said, "terms": terms})
    assert found(tmp_path / "b", apart) == []
    rows = choice("rows", formula="f + h", translation={**said, "terms": {"f": terms["f"], "h": {"from": "web"}}})
    assert found(tmp_path / "c", rows) == ["distinct-summed"]


def test_what_is_answered_is_right(tmp_path: Path) -> None:
    """Firms a and b, home c: 3 customers (web + shop would be 4). All but the web's: 3 - 2 = 1, c."""
    layer = layer_with(tmp_path, metric("both", formula="firms + homes"), metric("never_web", formula="customers - web"))
    assert layer.query(metrics=["customers", "both", "never_web", "web", "in_shop"]).rows() == [(3, 3, 1, 2, 2)]


def test_an_attribute_with_a_history_keeps_nobody_apart(tmp_path: Path) -> None:
    """b was a firm in January and a home in February, so b is in both."""
    sources = [dict(source) for source in SOURCES]
    sources[2] = {**sources[2], "valid": {"from": "since", "to": "before"}, "history": "as_was",
                  "columns": {**sources[2]["columns"], "since": "date", "before": "date"}}  # fmt: skip
    tables = TABLES + "alter table customers add column since date; alter table customers add column before date;"
    layer = made(tmp_path, shop(*BASE, metric("sum", formula="firms + homes"), sources=sources), tables)
    assert [finding.code for finding in layer.check() if finding.is_error] == ["distinct-summed"]
