"""Names and texts that would break a careless statement: tables called like our steps, queries with line breaks, odd words."""

from __future__ import annotations

from pathlib import Path

import pytest

from decisionlayer.errors import QueryError
from tests.worlds.made import made, metric, shop


def source(name: str, **keys: object) -> dict[str, object]:
    return {
        "source": name, "one_row_is": "one row", "key": ["id"], "owner": "desk", "dimensions": {"shop": "shop"},
        "columns": {"id": "integer", "shop": "text", "amount": "integer"}, **keys,
    }  # fmt: skip


def test_tables_called_like_our_steps_are_not_shadowed(tmp_path: Path):
    # every name that the writer would give a step is a table here, worth another power of ten
    declared = shop(sources=[
        source("a", table="a_cells"), source("b", sql="select * from cells union all select * from finished"),
        source("c", table="stacked"),
    ])  # fmt: skip
    declared["metrics"] = [
        metric("ma", measure="sum(amount)", source="a"), metric("mb", measure="sum(amount)", source="b"),
        metric("mc", measure="sum(amount)", source="c"), metric("all", formula="ma / 1 + mb + mc"),
    ]  # fmt: skip
    tables = "".join(
        f"create table {name} (id integer, shop varchar, amount integer); insert into {name} values (1, 'A', {amount});"
        for name, amount in (("a_cells", 1), ("cells", 10), ("finished", 100), ("stacked", 1000), ("b_cells", 5), ("c_cells", 7))
    )
    layer = made(tmp_path, declared, tables)
    question = {"metrics": ["ma", "mb", "mc", "all"], "by": ["shop"], "having": "all > 0"}
    assert layer.query(**question).rows() == [("A", 1, 110, 1000, 1111.0)]
    assert "b_cells AS (" in layer.sql(**question)
    assert "a_cells_2 AS (" in layer.sql(**question)
    assert "finished_2 AS (" in layer.sql(**question)


def test_a_role_called_like_its_source_gets_rows_of_its_own_name(tmp_path: Path):
    declared = shop(sources=[
        {**source("person", table="people", describes="person"), "links": {"person": {"entity": "person", "column": "boss"}},
         "columns": {"id": "integer", "boss": "integer", "shop": "text", "amount": "integer"}},
    ])  # fmt: skip
    declared["metrics"] = [metric("m", measure="sum(amount)", source="person")]
    layer = made(tmp_path, declared, (
        "create table people (id integer, boss integer, shop varchar, amount integer);"
        "insert into people values (1, null, 'A', 1), (2, 1, 'B', 2), (3, 2, 'C', 4);"
    ))  # fmt: skip
    assert layer.query(metrics=["m"], by=["person.shop"]).rows() == [("A", 2), ("B", 4), (None, 1)]
    assert layer.query(metrics=["m"], by=["shop", "person.person"]).rows() == [
        ("A", None, 1), ("B", None, 2), ("C", 1, 4),
    ]  # fmt: skip


def test_line_breaks_of_texts_and_queries_stay_as_they_were_written(tmp_path: Path):
    declared = shop(sources=[
        source("a", sql="select id, 'one\n  two' as shop, amount -- the last line is a comment\nfrom t -- so is this"),
        source("b", table="t"),
    ])  # fmt: skip
    declared["metrics"] = [
        metric("ma", measure="sum(amount)", source="a", where="shop = 'one\n  two'"),
        metric("mb", measure="count(*) filter (where shop = 'x\ny') + 0 * sum(amount)", source="b"),
    ]
    layer = made(tmp_path, declared, (
        "create table t (id integer, shop varchar, amount integer);"
        "insert into t values (1, 'x' || chr(10) || 'y', 4), (2, 'x', 8);"
    ))  # fmt: skip
    assert layer.query(metrics=["ma", "mb"]).rows() == [(12, 1)]
    assert layer.query(metrics=["ma"], by=["shop"]).rows() == [("one\n  two", 12)]


def test_metrics_that_differ_in_case_only_are_kept_apart(tmp_path: Path):
    declared = shop(metric("late", measure="sum(amount)"), metric("Late", measure="count(*)", unit="1"))
    declared["metrics"].append(metric("both", formula="late / Late"))
    layer = made(tmp_path, declared)
    assert layer.query(metrics=["both"], by=["shop"]).rows() == [("A", 15.0), ("B", 60.0)]
    with pytest.raises(QueryError, match="`late` and `Late` differ in case only"):
        layer.query(metrics=["late", "Late"])


def test_column_names_that_are_words_of_sql(tmp_path: Path):
    declared = shop(sources=[{
        "source": "order", "one_row_is": "one order", "table": '"select"', "key": ["from"], "owner": "desk",
        "columns": {"from": "integer", "where": "text", "group by": "integer", 'a"b': "integer", "Größe": "integer"},
        "links": {"table": {"entity": "join", "column": "where"}},
    }, {
        "source": "joins", "one_row_is": "one", "describes": "join", "table": "on", "key": ["using"], "owner": "desk",
        "columns": {"using": "text", "left": "text"}, "dimensions": {"left": "left"},
    }])  # fmt: skip
    declared["metrics"] = [
        metric("sum", measure='sum("group by" + "a""b" * "Größe")', source="order", where='"from" > 0'),
    ]
    layer = made(tmp_path, declared, (
        'create table "select" ("from" integer, "where" varchar, "group by" integer, "a""b" integer, "Größe" integer);'
        "insert into \"select\" values (1, 'x', 1, 2, 3), (2, 'y', 10, 20, 30), (0, 'x', 5, 5, 5);"
        'create table "on" ("using" varchar, "left" varchar); insert into "on" values (\'x\', \'L\');'
    ))  # fmt: skip
    assert layer.query(metrics=["sum"], by=["table.left", "table"]).rows() == [("L", "x", 7), (None, "y", 610)]
