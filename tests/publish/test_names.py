"""Tables are named with their schema, so that a published view reads the same rows whoever asks it; nothing else is changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer
from decisionlayer.publish import Receipt
from decisionlayer.resolve.model import DataFile, SqlText, Table
from decisionlayer.sql.qualify import qualified

KNOWN = ["flights", "planes", "Odd Name"]


@pytest.mark.parametrize(
    ("written", "qualified_text"),
    [
        ("select * from flights", "select * from main.flights"),
        ("select * from Flights f, planes", "select * from main.Flights f, main.planes"),
        ("select * from \"Odd Name\" -- flights", "select * from main.\"Odd Name\" -- flights"),
        ("with planes as (select 1 as a) select * from planes", "with planes as (select 1 as a) select * from planes"),
        ("with p as (from planes) select 'flights', p.* from p", "with p as (from main.planes) select 'flights', p.* from p"),
        ("select * from other.flights", "select * from other.flights"),
        ("select * from nobody", "select * from nobody"),
        ("select a from flights union all select a from flights", "select a from main.flights union all select a from main.flights"),
        ("from flights where id in (select id from planes)", "from main.flights where id in (select id from main.planes)"),
        ("select flights.a from flights", "select flights.a from main.flights"),
        ("select (select max(a) from planes)", "select (select max(a) from main.planes)"),
        ("select * from flights as a join flights as b using (id)", "select * from main.flights as a join main.flights as b using (id)"),
        ("from flights select 1", "from main.flights select 1"),
    ],
)  # fmt: skip
def test_a_query_gets_the_schema_before_its_tables_and_keeps_every_other_letter(written: str, qualified_text: str) -> None:
    assert qualified(SqlText(written), "main", KNOWN, "duckdb") == SqlText(qualified_text)


def test_a_query_that_cannot_be_read_is_left_to_its_author() -> None:
    assert qualified(SqlText("select from from where"), "main", KNOWN, "duckdb") is None


def test_declared_tables_get_it_only_where_they_lack_it() -> None:
    assert qualified(Table(("flights",)), "main", KNOWN, "duckdb") == Table(("main", "flights"))
    assert qualified(Table(("FLIGHTS",)), "main", KNOWN, "duckdb") == Table(("main", "FLIGHTS"))
    assert qualified(Table(("sales", "flights")), "main", KNOWN, "duckdb") == Table(("sales", "flights"))
    assert qualified(Table(("elsewhere",)), "main", KNOWN, "duckdb") == Table(("elsewhere",))
    file = DataFile("a.csv", "/data/a.csv")
    assert qualified(file, "main", KNOWN, "duckdb") == file


def test_a_view_may_bear_the_name_of_the_table_that_it_reads(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    project = edited("view: best_shops,", "view: orders,")
    Layer.load(project, connection).publish()
    assert connection.execute("select * from executive.orders").fetchall() == [("Market", 280), ("Harbour", 160)]
    Layer.load(project, connection).publish()
    assert connection.execute("select sum(revenue) from executive.region_month").fetchall() == [(560,)]


def test_sources_in_sql_are_read_from_the_same_tables(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    project = edited("    table: shops\n", "    sql: select * from shops -- the desk's own list\n")
    receipt = Layer.load(project, connection).publish()
    assert isinstance(receipt, Receipt) and receipt.notes == ()
    connection.execute("create table executive.shops as select 'S1' as shop, 'Elsewhere' as name, 'N' as region").fetchall()
    assert connection.execute("select * from executive.best_shops").fetchall() == [("Market", 280), ("Harbour", 160)]
