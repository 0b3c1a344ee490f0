"""What is seen in data that nobody described: counted, never believed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from decisionlayer.errors import EngineError
from decisionlayer.load.observed import ObservedKey, ObservedTable
from decisionlayer.run.inspect import inspect, passed_over

Look = Callable[..., dict[str, ObservedTable]]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Return what makes a DuckDB file of some statements and looks at it; tables by name."""

    def make(*statements: str) -> dict[str, ObservedTable]:
        path = tmp_path / "w.duckdb"
        with duckdb.connect(str(path)) as connection:
            for statement in statements:
                connection.execute(statement).fetchall()
        return {table.name: table for table in inspect(str(path))}

    return make


def refused(*targets: str) -> list[str]:
    with pytest.raises(EngineError) as caught:
        inspect(*targets)
    return [finding.message for finding in caught.value.findings]


def test_columns_have_types_and_empty_rows(look: Look) -> None:
    table = look(
        "create table t (id integer, big hugeint, price decimal(10, 2), share double, name varchar, ok boolean, d date, "
        "\"at\" timestamp, seen timestamptz, tags integer[], e enum ('a', 'b'))",
        "insert into t (id, name) values (1, 'x'), (2, null)",
    )["t"]
    assert [(c.name, c.type, c.empty) for c in table.columns] == [
        ("id", "integer", 0), ("big", "decimal(38,0)", 2), ("price", "decimal(10,2)", 2), ("share", "float", 2),
        ("name", "text", 1), ("ok", "boolean", 2), ("d", "date", 2), ("at", "timestamp", 2), ("seen", "instant", 2),
        ("tags", None, 2), ("e", "enumeration", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "rows", "keys"),
    [
        ("id integer, name varchar", "(1, 'a'), (2, 'a'), (3, 'b')", (("id",),)),
        ("order_no integer, line integer, x integer", "(1, 1, 5), (1, 2, 5), (2, 1, 5)", (("order_no", "line"),)),
        ("a varchar, b varchar, c varchar", "('x','x','x'), ('x','x','y'), ('x','y','x'), ('y','x','x')", (("a", "b", "c"),)),
        # An amount of a small table is all different by chance; the words that name the row come first.
        ("day date, shop varchar, pieces integer", "('2026-01-01', 'a', 1), ('2026-01-01', 'b', 2), ('2026-01-02', 'a', 3)",
         (("day", "shop"), ("day", "pieces"), ("shop", "pieces"))),
        ("shop varchar, x integer", "('a', 1), ('a', 1)", ()),
        ("id integer", "(1), (null)", ()),
        ("x integer", "(7)", (("x",),)),
    ],
)  # fmt: skip
def test_a_key_is_what_no_two_rows_share(look: Look, columns: str, rows: str, keys: object) -> None:
    assert look(f"create table lines ({columns})", f"insert into lines values {rows}")["lines"].keys == keys


def test_a_key_that_only_the_last_row_breaks_is_no_key(look: Look) -> None:
    table = look(
        "create table t as select i as id, i // 2 as pair_id, 'x' as name from range(30000) t(i)",
        "insert into t values (29999, 7, 'x')",
    )["t"]
    assert table.keys == (("id", "pair_id"),)


def test_without_a_key_the_nearest_is_told(look: Look) -> None:
    table = look("create table t (id integer, name varchar)", "insert into t values (1, 'a'), (2, 'b'), (2, 'b')")["t"]
    assert (table.keys, table.near_key) == ((), ObservedKey(("id",), 1))


def test_an_empty_table_has_no_key_and_no_clock(look: Look) -> None:
    table = look("create table t (id integer, seen timestamp)")["t"]
    assert (table.rows, table.keys, table.near_key) == (0, (), None)
    assert [column.finest for column in table.columns] == [None, None]


@pytest.mark.parametrize(
    ("values", "finest"),
    [
        ("'2026-01-01 10:00:01'", "second"),
        ("'2026-01-01 10:00:00.5'", "millisecond"),
        ("'2026-01-01 10:01'", "minute"),
        ("'2026-01-01 10:00'", "hour"),
        ("'2026-01-02'", "day"),
        ("'2026-01-01'", "day"),  # one day that begins a year says nothing about years
        ("'2026-01-01'), ('2026-02-01'), ('2026-03-01'), ('2026-04-01'", "month"),
        ("'2026-01-01'), ('2026-04-01'), ('2026-07-01'), ('2026-10-01'", "quarter"),
        ("'2023-01-01'), ('2024-01-01'), ('2025-01-01'), ('2026-01-01'", "year"),
        ("'infinity'), ('2026-01-01 10:00'", "hour"),
    ],
)
def test_a_clock_has_the_finest_period_that_was_seen(look: Look, values: str, finest: str) -> None:
    table = look("create table t (seen timestamp)", f"insert into t values ({values})")["t"]
    assert table.columns[0].finest == finest


def test_an_instant_is_looked_at_in_utc(look: Look) -> None:
    table = look("create table t (seen timestamptz)", "insert into t values ('2026-01-01 10:00+05:30'), ('2026-01-01 10:00Z')")["t"]
    assert table.columns[0].finest == "minute"


def test_links_are_columns_whose_values_are_found(look: Look) -> None:
    tables = look(
        "create table shops (id integer, town varchar)",
        "insert into shops values (1, 'a'), (2, 'b')",
        "create table sales (sale_id integer, shop_id integer, from_shop_id integer, shop varchar, town varchar)",
        "insert into sales values (1, 1, 2, 'x', 'a'), (2, 2, null, 'x', 'b'), (3, 9, 1, 'x', 'b')",
    )
    links = [(link.columns, link.filled, link.found) for link in tables["sales"].links]
    assert links == [(("shop_id",), 3, 2), (("from_shop_id",), 2, 2)]
    assert tables["shops"].links == ()


def test_a_key_of_two_columns_is_led_to_by_both(look: Look) -> None:
    tables = look(
        "create table shifts (shop varchar, day date, lead varchar)",
        "insert into shifts values ('a', '2026-01-01', 'x'), ('a', '2026-01-02', 'x'), ('b', '2026-01-01', 'x')",
        "create table sales (sale integer, shop varchar, day date)",
        "insert into sales values (1, 'a', '2026-01-01'), (2, 'b', '2026-01-02'), (3, 'a', null), (4, 'a', '2026-01-01')",
    )
    assert [(link.columns, link.filled, link.found) for link in tables["sales"].links] == [(("shop", "day"), 3, 2)]


def test_two_tables_of_the_same_rows_do_not_lead_to_each_other(look: Look) -> None:
    tables = look(
        "create table customers as select i as customer_id from range(5) t(i)",
        "create table profiles as select i as customer_id, 'x' as tone from range(5) t(i)",
        "create table vips as select i as customer_id, 1 as tier from range(2) t(i)",
    )
    assert [len(tables[name].links) for name in ("customers", "profiles")] == [0, 0]
    assert {link.table for link in tables["vips"].links} == {0, 1}


def test_views_and_other_schemas_are_seen_and_what_was_published_is_not(look: Look) -> None:
    tables = look(
        "create table t as select 1 as id", "create view v as select * from t", 'create schema "s 1"',
        'create table "s 1"."a.b" as select 1 as id', "create schema executive",
        "create table executive.dl_publications as select 1 as x", "create view executive.shown as select 1 as x",
    )  # fmt: skip
    assert {name: table.parts for name, table in tables.items()} == {"t": ("t",), "v": ("v",), "a.b": ("s 1", "a.b")}


def test_files_of_rows_are_tables(tmp_path: Path) -> None:
    (tmp_path / "shops.csv").write_text("shop,town\n1,a\n2,b\n")
    (tmp_path / "notes.txt").write_text("no rows")
    (tmp_path / "sales").mkdir()
    duckdb.sql("select i as sale, i % 2 + 1 as shop from range(5) t(i)").write_parquet(str(tmp_path / "sales" / "1.parquet"))
    duckdb.sql("select i as sale, i % 2 + 1 as shop from range(5, 9) t(i)").write_parquet(str(tmp_path / "sales" / "2.parquet"))
    shops, sales = inspect(str(tmp_path))
    assert (shops.name, shops.rows, shops.keys, shops.place) == ("shops", 2, (("shop",), ("town",)), str(tmp_path / "shops.csv"))
    assert (sales.name, sales.rows, sales.keys[0]) == ("sales", 9, ("sale",))
    assert [(link.columns, link.found) for link in sales.links] == [(("shop",), 9)]
    by_pattern = inspect(str(tmp_path / "s*" / "*.parquet"), str(tmp_path / "shops.csv"))
    assert [(table.name, table.rows) for table in by_pattern] == [("1", 5), ("2", 4), ("shops", 2)]


def test_what_cannot_be_looked_at_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.parquet").write_text("no parquet")
    (tmp_path / "void.csv").write_text("")
    (tmp_path / "fine.csv").write_text("a\n1\n")
    (tmp_path / "letter.docx").write_text("x")
    (tmp_path / "text.duckdb").write_text("no database, though it is long enough to be taken for one at first sight")
    duckdb.connect(str(tmp_path / "bare.duckdb")).close()
    assert refused(str(tmp_path / "nothing.csv")) == [f"there is no file {tmp_path}/nothing.csv"]
    assert refused(str(tmp_path / "nothing.duckdb")) == [f"there is no warehouse file {tmp_path}/nothing.duckdb"]
    assert refused(str(tmp_path / "empty")) == [f"the folder {tmp_path}/empty holds no .parquet and no .csv file"]
    assert refused(str(tmp_path / "bare.duckdb")) == [f"{tmp_path}/bare.duckdb holds no table"]
    assert refused(str(tmp_path / "letter.docx")) == [
        f"{tmp_path}/letter.docx is neither a .duckdb file nor a .parquet nor a .csv file"
    ]
    assert refused(str(tmp_path / "bare.duckdb"), str(tmp_path / "fine.csv")) == [
        f"{tmp_path}/bare.duckdb is a warehouse of its own"
    ]
    assert refused() == ["no data was named"]
    (not_a_database,) = refused(str(tmp_path / "text.duckdb"))
    assert not_a_database == f"{tmp_path}/text.duckdb is no DuckDB file"


def test_every_file_that_cannot_be_read_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("no parquet")
    (tmp_path / "b.parquet").write_text("no parquet either")
    (tmp_path / "c.csv").write_text("a\n1\n")
    messages = refused(str(tmp_path))
    assert [message.split(" cannot")[0] for message in messages] == [f"{tmp_path}/a.parquet", f"{tmp_path}/b.parquet"]


def test_letters_before_every_column_say_nothing(look: Look) -> None:
    tables = look(
        "create table nation (n_nationkey integer, n_name varchar)",
        "insert into nation values (0, 'a'), (1, 'b')",
        "create table customer (c_custkey integer, c_nationkey integer, c_name varchar)",
        "insert into customer values (7, 0, 'x'), (8, 0, 'y'), (9, 1, 'y')",
    )
    assert tables["nation"].keys[0] == ("n_nationkey",)
    assert tables["customer"].keys[0] == ("c_custkey",)
    assert [link.columns for link in tables["customer"].links] == [("c_nationkey",)]


def test_the_key_that_other_tables_use_comes_first(look: Look) -> None:
    tables = look(
        "create table people (id integer, person_code varchar, born integer)",
        "insert into people values (1, 'aa', 1990), (2, 'bb', 1990)",
        "create table visits (visit_id integer, person_code varchar)",
        "insert into visits values (1, 'aa'), (2, 'bb'), (3, 'aa')",
    )
    assert tables["people"].keys == (("person_code",), ("id",))
    assert [(link.columns, link.found) for link in tables["visits"].links] == [(("person_code",), 3)]


def test_an_empty_file_is_named_and_other_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,v\n1,2\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    (tmp_path / ".hidden").write_text("x", encoding="utf-8")
    assert passed_over(str(tmp_path)) == ("notes.txt",)
    assert passed_over(str(tmp_path / "a.csv")) == ()
    (tmp_path / "b.csv").write_text("", encoding="utf-8")
    with pytest.raises(EngineError) as refused:
        inspect(str(tmp_path))
    assert refused.value.findings[0].message.endswith("b.csv cannot be read: it is empty, without even a line of names")
