"""Stocks, conversions, the rest and the ends: the rewritten plan gives what the naive one gives, and nothing multiplies."""

from __future__ import annotations

from typing import Any

import pytest

from decisionlayer.plan import build
from decisionlayer.plan.query import Query
from decisionlayer.sql import emit
from tests.worlds import connect, open_world

QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("balances", {"metrics": ["pieces", "opening", "counted", "fullest"], "by": ["month", "shop"]}),
    ("balances", {"metrics": ["mean_pieces", "mean_shops", "per_shelf"], "by": ["shop.town"]}),
    ("balances", {"metrics": ["least", "most", "least_counted", "pieces"], "by": ["month"]}),
    ("balances", {"metrics": ["pieces", "mean_pieces", "least"], "by": ["month", "shop"], "compare": ["previous"]}),
    ("balances", {"metrics": ["pieces_two_weeks", "mean_of_year", "most_ever", "opening_of_year"], "by": ["day", "shop"]}),
    ("balances", {"metrics": ["last_of_shops", "sales_per_piece"], "by": ["month"]}),
    ("balances", {"metrics": ["pieces", "sales"], "by": ["month", "shop"], "order": ["-pieces"], "limit": 1, "rest": True}),
    ("funnel", {"metrics": ["bought", "bought_it", "bought_and_paid", "open_visits"], "by": ["channel", "visitor.country"]}),
    ("funnel", {"metrics": ["orders_each_visit", "bought"], "by": ["day"], "where": "visitor.country = 'CH'", "start": "2024-03-02"}),
    ("funnel", {"by": ["channel", "day"], "extremes": True}),
    ("seasons", {"metrics": ["ever_first", "shops_of_28_first", "ever_mean"], "by": ["quarter", "shop"], "compare": ["previous"]}),
    ("seasons", {"metrics": ["last_28_mean", "shops_of_28_mean", "orders_ever_mean", "basket_ever_mean"], "by": ["month", "shop"], "start": "2024-02-10"}),
]  # fmt: skip


@pytest.mark.parametrize(("world", "question"), QUESTIONS)
def test_rewriting_changes_no_number(world: str, question: dict[str, Any]) -> None:
    layer, connection = open_world(world), connect(world)
    query = Query.of(**question)
    naive = build(query, layer.model, layer.desk.capabilities, rules=())
    said = emit(naive, layer.desk.capabilities, inline=True).text
    assert connection.execute(said).fetchall() == layer.query(**question).rows()


def test_a_stock_is_read_without_adding_up_its_instants() -> None:
    text = open_world("balances").explain(metrics=["pieces"], by=["month"])
    assert "last instant = shelves.sunday by period_day(shelves.sunday, 'month', 'monday')" in text
    assert "LEFT JOIN last_of_shelves ON last_of_shelves.instant = shelves.sunday" in text


def test_each_visit_is_met_with_one_order() -> None:
    text = open_world("funnel").explain(metrics=["bought"])
    assert "match events, the nearest after each row on visits.visitor = orders.visitor and visits.seen < orders.placed" in text
    assert text.count("ASOF LEFT JOIN") == 1


def test_a_reader_is_told_what_is_left_out_and_what_stands_at_different_times() -> None:
    assert open_world("balances").query(metrics=["last_of_shops"]).notes == (
        "last_of_shops takes the last instant of each shop, so parts of different times stand in one number",
    )
    assert open_world("funnel").query(metrics=["bought", "open_visits"]).notes == (
        "bought leaves out what of `visits` was not 7 days old when the last row of `orders` came",
    )
