"""A stock and a conversion split across a bridge: at each instant, and for each base event, a row counts once in each part or by its shares."""

from __future__ import annotations

from pathlib import Path

import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from tests.worlds.made import made, metric

# p1 has the tags x (a quarter) and y (three quarters), p2 has x, p3 none. On the first day 10, 5 and 2 pieces; on the second 20, none and 4.
TABLES = """
create table products (product varchar);
insert into products values ('p1'), ('p2'), ('p3');
create table tags (id integer, product varchar, tag varchar, weight integer);
insert into tags values (1, 'p1', 'x', 1), (2, 'p1', 'y', 3), (3, 'p2', 'x', 1), (4, 'p2', 'x', 1);
create table shelves (id integer, product varchar, day date, pieces integer);
insert into shelves values
  (1, 'p1', '2024-01-01', 10), (2, 'p2', '2024-01-01', 5), (3, 'p3', '2024-01-01', 2), (4, 'p1', '2024-01-02', 20), (5, 'p3', '2024-01-02', 4);
create table visits (id integer, visitor varchar, product varchar, day date);
insert into visits values (1, 'ann', 'p1', '2024-01-01'), (2, 'bob', 'p2', '2024-01-01'), (3, 'cyd', 'p3', '2024-01-01'), (4, 'dan', 'p1', '2024-01-30');
create table people as select distinct visitor from visits;
create table orders (id integer, visitor varchar, day date);
insert into orders values (1, 'ann', '2024-01-03'), (2, 'ann', '2024-01-04'), (3, 'bob', '2024-01-20'), (4, 'cyd', '2024-01-02');
"""
TAG = "product.tags.tag"


def source(name: str, one: str, columns: dict[str, str], key: str = "id", **more: object) -> dict[str, object]:
    return {"source": name, "one_row_is": one, "table": name, "key": [key], "columns": columns, "owner": "desk", **more}


def shelves(folder: Path, tables: str = TABLES, **bridge: str) -> Layer:
    stock = {"source": "shelves", "measure": "sum(pieces)"}
    return made(folder, {
        "project": {"name": "shelves", "timezone": "UTC"}, "parties": [{"party": "desk"}],
        "sources": [
            source("products", "one product", {"product": "text"}, "product", describes="product", bridges={"tags": bridge}),
            source("tags", "one tag", {"id": "integer", "product": "text", "tag": "text", "weight": "integer"}, links={"product": "product"}, dimensions=["tag"]),
            source("shelves", "one product on one day", {"id": "integer", "product": "text", "day": "date", "pieces": "integer"},
                   time={"day": "day"}, links={"product": "product"}, snapshot=True),
            source("visits", "one visit", {"id": "integer", "visitor": "text", "product": "text", "day": "date"},
                   time={"day": "day"}, links={"product": "product", "visitor": "visitor"}),
            source("orders", "one order", {"id": "integer", "visitor": "text", "day": "date"}, time={"day": "day"}, links={"visitor": "visitor"}),
            source("people", "one visitor", {"visitor": "text"}, "visitor", describes="visitor"),
        ],
        "metrics": [
            *(metric(how, **stock, over_time=how) for how in ("last", "first", "avg", "min", "max")),
            metric("of_all", formula="total(last)"),
            metric("kinds", source="shelves", measure="count(*)", over_time="min"),
            metric("mean", source="shelves", measure="avg(pieces)", over_time="avg"),
            metric("largest", source="shelves", measure="max(pieces)", over_time="last"),
            metric("bought", conversion={"from": "visits", "to": {"source": "orders"}, "entity": "visitor", "within": "5 days"}),
            metric("buyers", conversion={"from": "visits", "to": {"source": "orders"}, "entity": "visitor", "within": "5 days", "give": "converted"}),
        ],
    }, tables)  # fmt: skip


def test_parts_that_overlap_are_read_at_the_instants_of_the_source(tmp_path: Path) -> None:
    result = shelves(tmp_path, split="overlap").query(metrics=["last", "first", "avg", "min", "max", "kinds"], by=[TAG])
    # x is p1 and p2; p2 is not there on the second day, and nothing is carried on
    assert result.rows() == [("x", 20, 15, 17.5, 15, 20, 1), ("y", 20, 10, 15.0, 10, 20, 1), (None, 4, 2, 3.0, 2, 4, 1)]
    assert result.totals == {"last": 24, "first": 17, "avg": 20.5, "min": 17, "max": 24, "kinds": 2}  # and not 44: p1 twice
    assert ("x", 20, 20, 20.0) not in [row[:4] for row in result.rows()]  # p2 twice, once for each of its two rows of x


def test_shares_tie_at_every_instant(tmp_path: Path) -> None:
    layer = shelves(tmp_path, split="allocate", by="weight")
    rows = layer.query(metrics=["last", "first", "avg", "min", "max"], by=[TAG]).rows()
    assert rows == [("x", 5.0, 7.5, 6.25, 5.0, 7.5), ("y", 15.0, 7.5, 11.25, 7.5, 15.0), (None, 4.0, 2.0, 3.0, 2.0, 4.0)]
    whole = layer.query(metrics=["last", "first", "avg"]).rows()[0]
    assert tuple(sum(row[place] for row in rows) for place in (1, 2, 3)) == whole == (24, 17, 20.5)


def test_a_stock_by_period_and_part_compares_with_the_part_before(tmp_path: Path) -> None:
    layer = shelves(tmp_path, split="overlap")
    rows = layer.query(metrics=["last"], by=["day", TAG], compare=["previous"], start="2024-01-02").rows()
    assert [row[1:4] for row in rows] == [("x", 20, 15), ("y", 20, 10), (None, 4, 2)]


def test_a_base_event_converts_once_in_each_part(tmp_path: Path) -> None:
    # dan's window is open; of x ann bought and bob came back too late
    overlap = shelves(tmp_path / "o", split="overlap").query(metrics=["bought", "buyers"], by=[TAG])
    assert overlap.rows() == [("x", 0.5, 1), ("y", 1.0, 1), (None, 1.0, 1)]
    assert overlap.totals == {"bought": pytest.approx(2 / 3), "buyers": 2}  # and not 3 buyers
    shared = shelves(tmp_path / "a", split="allocate", by="weight").query(metrics=["bought", "buyers"], by=[TAG]).rows()
    assert shared == [("x", pytest.approx(0.25 / 1.25), 0.25), ("y", 1.0, 0.75), (None, 1.0, 1.0)]


def test_a_mean_is_of_shares_and_an_extreme_has_none(tmp_path: Path) -> None:
    layer = shelves(tmp_path, split="allocate", by="weight")
    assert layer.query(metrics=["mean"], by=[TAG]).rows() == [("x", pytest.approx(12.5 / 1.5)), ("y", 15.0), (None, 3.0)]
    with pytest.raises(DecisionLayerError) as refused:
        layer.query(metrics=["largest"], by=[TAG])
    assert refused.value.codes == ("fan-out",)


def test_levels_stand_beside_a_bridge_that_leads_back_by_what_they_split_by(tmp_path: Path) -> None:
    """The rows of tags and those of the answer both have a column `product`; the shares of a product are no level of the answer."""
    levels = [["product", TAG], ["product"], []]
    layer = shelves(tmp_path, split="allocate", by="weight")
    rows = layer.query(metrics=["last"], levels=levels, start="2024-01-02").rows()
    both = f"product, {TAG}"
    assert sorted(rows, key=str) == sorted([
        ("p1", "x", both, 5.0), ("p1", "y", both, 15.0), ("p3", None, both, 4.0), ("p1", None, "product", 20.0), ("p3", None, "product", 4.0),
        (None, None, "total", 24.0),
    ], key=str)  # fmt: skip
    filtered = layer.query(metrics=["last"], levels=[["product"], []], where=f"{TAG} = 'x'", start="2024-01-02").rows()
    assert filtered == [("p1", "product", 20), (None, "total", 20)]


def test_a_stock_of_all_stands_beside_what_stood_at_its_instant(tmp_path: Path) -> None:
    layer = shelves(tmp_path, split="overlap")
    days = layer.query(metrics=["of_all"], by=["day", "product"]).rows()
    assert [row[1:] for row in days] == [("p1", 17), ("p2", 17), ("p3", 17), ("p1", 24), ("p3", 24)]
    # by month as well, where the plan once looked for an instant that it had not read; p2 did not stand at the last one
    assert [row[1:] for row in layer.query(metrics=["of_all"], by=["month", "product"]).rows()] == [("p1", 24), ("p3", 24)]
    assert [row[1:] for row in layer.query(metrics=["of_all"], by=["month", TAG]).rows()] == [("x", 24), ("y", 24), (None, 24)]  # and not 44


def test_beside_a_bridge_that_never_had_a_row_the_past_is_what_it_was(tmp_path: Path) -> None:
    """8 a month ago and 10 now are a quarter more. DuckDB 2.0.0 says that nothing is above zero, where it works the two steps out at once."""
    days = "(1, 'p1', '2024-01-01', 0), (2, 'p1', '2024-02-01', 0), (3, 'p1', '2024-02-15', 8), (4, 'p1', '2024-03-01', 10)"
    tables = f"""
        create table products (product varchar); create table tags (id integer, product varchar, tag varchar, weight integer);
        create table shelves (id integer, product varchar, day date, pieces integer); insert into shelves values {days};
        create table visits (id integer, visitor varchar, product varchar, day date); create table people (visitor varchar);
        create table orders (id integer, visitor varchar, day date);
    """
    asked = {"compare": ["previous"], "today": "2024-02-14", "start": "2024-01", "end": "2024-03"}
    rows = shelves(tmp_path, tables, split="overlap").query(metrics=["max"], by=["month", TAG], **asked).rows()
    assert [row[2:] for row in rows] == [(0, None, None, None), (8, 0, 8, None), (10, 8, 2, 0.25)]
