"""Money: what a view says when its rows have outgrown its rates, what a float is cut to, which rows a rate may lack for."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from decisionlayer.layer import Layer
from tests.worlds import HERE, connect, open_world


def test_a_published_view_fails_rather_than_leave_out_what_has_no_rate() -> None:
    """Seen on the way: a row of next month, which no rate is there for yet, left the sum smaller by itself."""
    warehouse = connect("money")
    layer = Layer.load(HERE / "money", warehouse=warehouse)
    view = layer.sql(metrics=["us_eur"], by=["month"])
    warehouse.execute(f"create view published as {view}")
    assert [row[1] for row in warehouse.sql("select * from published").fetchall()] == [90, 92, 194]
    warehouse.execute("insert into sales values (11, '2026-05-04', 'US', 'USD', 10, 0, 1)")
    with pytest.raises(duckdb.Error, match="`group_eur` has no average rate for USD on 2026-05-01"):
        warehouse.sql("select * from published").fetchall()


def test_a_published_view_fails_rather_than_add_dollars_to_euros() -> None:
    warehouse = connect("money")
    layer = Layer.load(HERE / "money", warehouse=warehouse)
    warehouse.execute(f"create view published as {layer.sql(metrics=['sales_local'], by=['region'])}")
    assert warehouse.sql("select * from published").fetchall()[:1] == [("EU", 390)]
    warehouse.execute("insert into sales values (11, '2026-01-04', 'EU', 'USD', 10, 0, 1)")
    with pytest.raises(duckdb.Error, match="`sales_local` adds up EUR and USD"):
        warehouse.sql("select * from published").fetchall()


def test_a_rate_may_lack_for_rows_that_another_metric_of_the_question_counts() -> None:
    """An engine computes what an aggregate takes before it filters: a row of the UK would stop the sum of the US."""
    layer = open_world("money")
    rows = layer.query(metrics=["us_eur", "sales_eu", "price_eur"]).rows()
    assert rows == [(376, 390, 18.8)]


@pytest.mark.parametrize("type", ["decimal(38,2)", "decimal(3,1)", "bigint"])
def test_amounts_of_any_width_are_multiplied(type: str) -> None:
    warehouse = connect("money")
    warehouse.execute(
        f"create or replace table collections as select 1 as id, date '2026-01-20' as paid_on, 'US' as region, cast(1.0 as {type}) as amount"
    )
    layer = Layer.load(HERE / "money", warehouse=warehouse)
    assert [float(value) for value in layer.query(metrics=["collected_eur"]).rows()[0]] == [0.9]


def test_what_is_cut_to_digits_is_cut_before_it_is_converted(tmp_path: Path) -> None:
    """Cut after it, 10.00 at 0.333 would be 3.33 a row and 6.66 in all."""
    project(tmp_path, "decimals: 2")
    with duckdb.connect() as warehouse:
        rows = "(1, date '2026-01-03', 10.004e0), (2, date '2026-01-04', 10e0)"
        warehouse.execute(f"create table sales as select * from (values {rows}) as t(id, day, amount)")
        layer = Layer.load(tmp_path, warehouse=warehouse)
        assert [float(value) for value in layer.query(metrics=["euros"]).rows()[0]] == [6.66]
        assert str(layer.query(metrics=["euros"]).rows()[0][0]) == "6.66000"


def project(folder: Path, extra: str) -> None:
    (folder / "rates.csv").write_text("currency,month,mean\nUSD,2026-01-01,0.333\n")
    (folder / "definitions").mkdir()
    (folder / "metrics").mkdir()
    (folder / "definitions/p.yml").write_text(
        "project: {name: p, timezone: UTC, week_start: monday}\n"
        "parties: [{party: desk, kind: team, name: Desk}]\n"
        "frames: [{frame: eur, owner: desk, fx: {file: rates.csv, from: currency, to: EUR, rates: {average: mean}}}]\n"
        "sources: [{source: sales, one_row_is: one sale, table: sales, key: [id], time: {day: day},"
        " columns: {id: integer, day: date, amount: {type: float, unit: USD}}, owner: desk}]\n"
    )
    (folder / "metrics/m.yml").write_text(
        "metrics:\n"
        "  - {metric: dollars, purpose: action, owner: desk, definition: d, unit: USD, better: higher, source: sales,\n"
        f"     measure: sum(amount), respond: r, {extra}}}\n"
        "  - {metric: euros, purpose: choice, owner: desk, definition: d, unit: EUR, better: higher, formula: x,\n"
        "     translation: {owner: desk, why: w, loses: l, terms: {x: {from: dollars, convert: {fx: eur, rate: average}}}}}\n"
    )
