"""Pins: a reporting line never counts a row twice, loses one, or finds it under what it does not compare with."""

from __future__ import annotations

import duckdb
import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from tests.worlds import HERE, connect


def opened(world: str, statement: str) -> Layer:
    connection = connect(world)
    connection.execute(statement).fetchall()
    return Layer.load(HERE / world, warehouse=connection)


def refusal(layer: Layer, **question: object) -> str:
    with pytest.raises(DecisionLayerError) as refused:
        layer.query(**question)
    return refused.value.findings[0].render()


def test_a_unit_on_two_lines_of_the_warehouse_is_refused_before_it_is_counted_twice() -> None:
    layer = opened("reorg", "update shop_lines set valid_to = null where shop = 'U2'")
    assert "error[two-parents] DL405: shop `U2` stands in two places of `line` on one day" in refusal(layer, metrics=["revenue"], by=["line.division"])
    assert layer.query(metrics=["revenue"], by=["org.division"]).rows()[0] == ("Online", 175)
    assert [found.code for found in layer.check(data=True)].count("two-parents") == 1


def test_a_level_under_two_others_is_found_by_check() -> None:
    layer = opened("reorg", "insert into shop_lines values ('U4', 'Retail', 'Web', '2026-05-01', null)")
    found = [found.message for found in layer.check(data=True) if found.code == "two-parents"]
    assert found == ["region `Web` stands under `Online` and under `Retail` in `line`"]


def test_a_level_that_moves_on_a_day_is_in_one_place() -> None:
    moved = "update shop_lines set valid_to = '2026-05-01' where region = 'Web';"
    layer = opened("reorg", moved + "insert into shop_lines values ('U3', 'Retail', 'Web', '2026-05-01', null)")
    assert [found.message for found in layer.check(data=True) if found.code == "two-parents"] == []


def test_who_leads_each_other_in_the_warehouse_is_refused() -> None:
    layer = opened("ragged", "update staff set manager = 'dan' where person = 'bob'")
    told = refusal(layer, metrics=["hours_worked"], by=["reports.board"])
    assert "error[cycle]: units of `reports` stand under each other in a circle: " in told
    assert "cycle" in {found.code for found in layer.check(data=True)}


def test_a_shop_that_is_a_number_in_one_place_and_text_in_the_other_is_not_compared() -> None:
    connection = duckdb.connect()
    connection.execute("create table shops as select 'U1' as shop, 'Quay' as name").fetchall()
    connection.execute("create table sales as select 1 as id, 7 as shop, date '2026-03-01' as day, 5 as amount").fetchall()
    connection.execute("create table shop_lines (shop varchar, division varchar, region varchar, valid_from date, valid_to date)").fetchall()
    layer = Layer.load(HERE / "reorg", warehouse=connection)
    assert "error[column-type]" in refusal(layer, metrics=["revenue"], by=["org.division"])


def test_who_stands_in_no_line_is_told_by_check() -> None:
    told = [found.message for found in opened("reorg", "select 1").check(data=True) if found.code == "rows-without-home"]
    assert "1 of 4 rows of `shops` link by `org` to nothing in `frame org`, such as U4" in told
