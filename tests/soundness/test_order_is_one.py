"""The same question gives the same columns, the same rows and the same order, however the rows lie in the table."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from decisionlayer.layer import Layer
from tests.worlds import HERE, connect, open_world, shared_world
from tests.worlds.made import SHOP_TABLES, made, metric, shop

QUESTIONS = [
    ("two_facts", {"metrics": ["profit", "visits"], "by": ["region", "month"]}),
    ("two_facts", {"metrics": ["revenue", "cost", "people"], "by": ["region.name"], "order": ["-people"]}),
    ("orphans", {"metrics": ["kilos", "billed"], "by": ["customer"], "order": ["billed"]}),
    ("odd_names", {"metrics": ["sum"], "by": ["group", "where"]}),
    ("zero", {"metrics": ["pass_rate", "awards"], "by": ["team"], "order": ["pass_rate"]}),
]


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_rows_come_in_one_order_whichever_way_they_were_stored(name: str, question: dict[str, object]) -> None:
    first = shared_world(name)[0].query(**question)
    turned = turned_round(name)
    again = Layer.load(HERE / name, warehouse=turned).query(**question)
    assert (again.columns, again.rows()) == (first.columns, first.rows())


def turned_round(name: str) -> duckdb.DuckDBPyConnection:
    """Return a world whose tables hold their rows last first."""
    connection = connect(name)
    tables = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
    for schema, table in tables:
        quoted = f'"{schema}"."{table.replace(chr(34), chr(34) * 2)}"'
        connection.execute(f"create table turned as select * from {quoted} order by rowid desc").fetchall()
        connection.execute(f"drop table {quoted}").fetchall()
        connection.execute(f"create table {quoted} as select * from turned").fetchall()
        connection.execute("drop table turned").fetchall()
    return connection


def test_rows_with_equal_numbers_are_sorted_by_their_groups(tmp_path: Path) -> None:
    tables = (
        SHOP_TABLES
        + "insert into sales select 10 + range, date '2024-03-01', chr((90 - range)::int), 10 from range(20);"
    )
    layer = made(tmp_path, shop(metric("m", measure="sum(amount)")), tables)
    rows = layer.query(metrics=["m"], by=["shop"], order=["m"]).rows()
    assert [row[0] for row in rows[:20]] == [chr(code) for code in range(71, 91)]


def test_unknown_comes_last_whichever_way_a_column_runs() -> None:
    layer, _ = shared_world("orphans")
    up, down = (
        layer.query(metrics=["kilos"], by=["port.name"], order=[order]).rows() for order in ("port.name", "-port.name")
    )
    assert up[-1] == down[-1] == (None, 48) and up[:-1] == down[-2::-1]


def test_columns_come_as_asked_whatever_else_is_in_the_question() -> None:
    layer, _ = shared_world("two_facts")
    result = layer.query(metrics=["visits", "revenue"], by=["month", "region.name"], order=["revenue"])
    assert result.columns == ("month", "region__name", "visits", "revenue")


def test_two_layers_say_the_same_sql() -> None:
    question = {
        "metrics": ["profit", "margin", "visits"],
        "by": ["region.name", "month"],
        "where": "region.is_cold = 'cold'",
    }
    assert open_world("two_facts").sql(**question) == open_world("two_facts").sql(**question)
