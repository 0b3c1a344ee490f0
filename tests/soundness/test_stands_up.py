"""Odd but legal declarations and data: an answer or a finding, never a traceback and never a guess."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from tests.worlds.made import made, metric, shop

STAFF = """
create table sales (id integer, who varchar, amount integer);
create table staff (who varchar, boss varchar, name varchar);
insert into sales values (1, 'a', 1), (2, 'b', 2), (3, 'c', 4), (4, 'z', 8);
insert into staff values ('a', null, 'Ann'), ('b', 'a', 'Bob'), ('c', 'b', 'Cid');
"""


def staff(folder: Path) -> Layer:
    declared: dict[str, Any] = shop(
        metric("sold", measure="sum(amount)"), metric("heads", measure="count(*)", source="staff")
    )
    declared["sources"] = [
        {
            "source": "sales", "one_row_is": "a sale", "table": "sales", "key": ["id"], "owner": "desk",
            "columns": {"id": "integer", "who": "text", "amount": "integer"}, "links": {"seller": {"entity": "person", "column": "who"}},
        },
        {
            "source": "staff", "one_row_is": "a person", "describes": "person", "table": "staff", "key": ["who"], "owner": "desk",
            "columns": {"who": "text", "boss": "text", "name": "text"}, "dimensions": {"name": "name"},
            "links": {"boss": {"entity": "person", "column": "boss"}},
        },
    ]  # fmt: skip
    return made(folder, declared, STAFF)


@pytest.mark.parametrize(("by", "rows"), [
    ("seller.name", [("Ann", 1), ("Bob", 2), ("Cid", 4), (None, 8)]),
    ("seller.boss", [("a", 2), ("b", 4), (None, 9)]),
    ("seller.boss.name", [("Ann", 2), ("Bob", 4), (None, 9)]),
    ("seller.boss.boss.name", [("Ann", 4), (None, 11)]),
])  # fmt: skip
def test_a_link_to_the_same_entity_is_walked_as_often_as_it_is_named(tmp_path: Path, by: str, rows: object) -> None:
    assert staff(tmp_path).query(metrics=["sold"], by=[by]).rows() == rows


def test_a_circle_of_links_does_not_guess_which_person_is_meant(tmp_path: Path) -> None:
    layer = staff(tmp_path)
    with pytest.raises(DecisionLayerError) as refused:
        layer.query(metrics=["heads", "sold"], by=["seller.boss.name"])
    assert refused.value.codes == ("ambiguous-path",)
    rows = layer.query(metrics=["heads", "sold"], by=["person.name"]).rows()
    assert rows == [("Ann", 1, 1), ("Bob", 1, 2), ("Cid", 1, 4), (None, 0, 8)]


def test_a_dimension_may_bear_the_name_of_a_column_that_nobody_declared(tmp_path: Path) -> None:
    """Checking it went round for ever: the name inside was taken for the dimension itself."""
    declared = shop(metric("kinds", measure="count(distinct kind)"), metric("sold", measure="sum(amount)"))
    declared["sources"][0]["dimensions"] = {"kind": "kind", "kinder": "kind || '!'"}
    tables = "create table sales (id integer, day date, shop varchar, amount integer, kind varchar);"
    layer = made(
        tmp_path, declared, tables + "insert into sales values (1, null, 'A', 5, 'x'), (2, null, 'A', 7, null);"
    )
    assert [found.render() for found in layer.check() if found.is_error] == []
    assert layer.query(metrics=["kinds"]).rows() == [(1,)]
    assert layer.query(metrics=["sold"], by=["kinder"]).rows() == [("x!", 5), (None, 7)]


def test_a_key_is_not_compared_with_a_key_of_another_kind(tmp_path: Path) -> None:
    """As numbers, '01' and '1' would both be shop 1, and 'x' an error."""
    declared = shop(metric("sold", measure="sum(amount)"))
    declared["sources"][0]["links"] = {"place": {"entity": "place", "column": "shop"}}
    declared["sources"].append({
        "source": "places", "one_row_is": "a place", "describes": "place", "table": "places", "key": ["place"], "owner": "desk",
        "columns": {"place": "integer", "name": "text"}, "dimensions": {"name": "name"},
    })  # fmt: skip
    tables = "create table sales (id integer, day date, shop varchar, amount integer); create table places (place integer, name varchar);"
    layer = made(
        tmp_path,
        declared,
        tables + "insert into sales values (1, null, '01', 1), (2, null, '1', 2); insert into places values (1, 'P');",
    )
    with pytest.raises(DecisionLayerError):
        layer.query(metrics=["sold"], by=["place.name"])


def test_a_sum_too_large_for_its_column_is_refused_and_not_cut(tmp_path: Path) -> None:
    declared = shop(metric("sold", measure="sum(amount)"))
    tables = "create table sales (id integer, day date, shop varchar, amount bigint);"
    layer = made(
        tmp_path,
        declared,
        tables + "insert into sales values (1, null, 'A', 9223372036854775807), (2, null, 'A', 9223372036854775807);",
    )
    with pytest.raises(DecisionLayerError):
        layer.query(metrics=["sold"])


def test_seconds_have_fractions(tmp_path: Path) -> None:
    declared = shop(metric("sold", measure="sum(amount)"))
    declared["sources"][0] |= {"time": {"day": "second"}, "columns": {"day": "timestamp", "amount": "integer"}}
    tables = "create table sales (id integer, day timestamp, shop varchar, amount integer);"
    layer = made(
        tmp_path,
        declared,
        tables + "insert into sales values (1, '2024-01-01 23:59:59.5', 'A', 1), (2, '2024-01-02 00:00:00', 'A', 2);",
    )
    assert layer.query(metrics=["sold"], end="2024-01-01T23:59:59").rows() == [(1,)]
    assert layer.query(metrics=["sold"], start="2024-01-01", end="2024-01-01").rows() == [(1,)]
    assert len(layer.query(metrics=["sold"], by=["second"]).rows()) == 2
