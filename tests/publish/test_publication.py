"""What a publication leaves in the warehouse: the right rows, their meaning, the catalog, and nothing of anybody else's touched."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from decisionlayer import DeclarationError, Layer
from decisionlayer.publish import Receipt

JANUARY, FEBRUARY, MARCH = dt.date(2025, 1, 1), dt.date(2025, 2, 1), dt.date(2025, 3, 1)


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return connection.execute(sql).fetchall()


def comment(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> str:
    found = rows(connection, f"select comment from duckdb_columns() where table_name = '{table}' and column_name = '{column}'")
    return str(found[0][0])


def test_executive_view_holds_the_rows_worked_out_by_hand(layer: Layer, connection: duckdb.DuckDBPyConnection) -> None:
    layer.publish()
    assert rows(connection, "select * from executive.region_month") == [
        (JANUARY, "North", 150, pytest.approx(100 / 150)),
        (JANUARY, "South", 200, pytest.approx(110 / 200)),
        (FEBRUARY, "South", 80, pytest.approx(60 / 80)),
        (FEBRUARY, None, 120, pytest.approx(50 / 120)),  # S3 without a region, S9 that is no shop, and an order without a shop
        (MARCH, "North", 10, pytest.approx(5 / 10)),
    ]


def test_having_order_and_limit_belong_to_the_view(layer: Layer, connection: duckdb.DuckDBPyConnection) -> None:
    layer.publish()
    assert rows(connection, "select * from executive.best_shops") == [("Market", 280), ("Harbour", 160)]


def test_frontline_views_stand_in_a_schema_of_their_own(layer: Layer, connection: duckdb.DuckDBPyConnection) -> None:
    layer.publish()
    assert rows(connection, "select * from frontline.shop_day where day = date '2025-02-28'") == [(dt.date(2025, 2, 28), None, 20, 1, 20)]
    assert rows(connection, "select count(*) from information_schema.tables where table_schema = 'frontline'") == [(1,)]


def test_decision_has_a_view_of_its_criteria_by_option_and_whole_period(
    layer: Layer, connection: duckdb.DuckDBPyConnection
) -> None:
    layer.publish()
    # The data begins on 5 January and ends on 2 March, so February is the only whole month in it.
    assert rows(connection, "select * from executive.shop_fund") == [
        ("each month", FEBRUARY, "S2", pytest.approx(60 / 80), 80),
        ("each month", FEBRUARY, "S3", pytest.approx(10 / 70), 70),
        ("each month", FEBRUARY, "S9", pytest.approx(25 / 30), 30),
        ("each month", FEBRUARY, None, pytest.approx(15 / 20), 20),
        ("the winter", JANUARY, "S1", pytest.approx(100 / 150), 150),
        ("the winter", JANUARY, "S2", pytest.approx(170 / 280), 280),
        ("the winter", JANUARY, "S3", pytest.approx(10 / 70), 70),
        ("the winter", JANUARY, "S9", pytest.approx(25 / 30), 30),
        ("the winter", JANUARY, None, pytest.approx(15 / 20), 20),
    ]
    assert [column for (column,) in rows(connection, "select column_name from (describe executive.shop_fund)")] == [
        "horizon", "period", "shop", "margin", "revenue",
    ]  # fmt: skip


def test_listed_options_are_the_only_ones_in_the_view(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    project = edited("options: {dimension: shop, ", "options: {dimension: shop, list: [S1, S3], ")
    Layer.load(project, connection).publish()
    found = rows(connection, "select distinct shop from executive.shop_fund order by 1")
    assert found == [("S1",), ("S3",)]


def test_meaning_in_words_is_the_comment_of_a_column(layer: Layer, connection: duckdb.DuckDBPyConnection) -> None:
    layer.publish()
    meaning = layer.model.metrics["margin"].meaning
    assert comment(connection, "region_month", "margin") == (
        "Margin (margin): What stays of each euro. Unit percent, stored as a fraction; higher is better. For choice. "
        "Board answers for it. Translated from sales as sold, spent as paid by Board. Why: Sales alone do not feed anybody. "
        f"Lost on the way: The day. Meaning {meaning}. DRAFT: nothing of it is signed."
    )
    assert comment(connection, "region_month", "month") == "The first day of the month, cut in UTC."
    assert comment(connection, "region_month", "shop__region__title").startswith("Split by shop.region.title. NULL is Unassigned")
    assert "Weighs 0.5. 0 is worth 0, 1 is worth 1." in comment(connection, "shop_fund", "margin")


def test_view_says_what_it_is_who_answers_how_to_prove_it_and_that_it_is_a_draft(
    layer: Layer, connection: duckdb.DuckDBPyConnection
) -> None:
    layer.publish()
    [(said,)] = rows(connection, "select comment from duckdb_views() where view_name = 'region_month'")
    text = str(said)
    assert text.startswith("What each region brings. For those who choose. Board answers for it.")
    assert "run the SQL in executive.dl_publications.proof of object 'region_month'" in text
    assert text.endswith("DRAFT: nothing of it is signed.")


def test_advice_is_stamped_on_what_it_is_about(edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection) -> None:
    project = edited("    review_on: 2026-01-01\n", "")
    receipt = Layer.load(project, connection).publish()
    [(said,)] = rows(connection, "select comment from duckdb_views() where view_name = 'shop_fund'")
    assert "Warned (DL211)" in str(said)
    assert isinstance(receipt, Receipt)
    assert [finding.code for finding in receipt.warnings] == ["no-review", "shared-component"]


def test_catalog_says_what_was_published_under_which_sql_and_proof(
    layer: Layer, connection: duckdb.DuckDBPyConnection
) -> None:
    layer.publish()
    found = rows(connection, "select object, declared_as, stored_as, status, format from executive.dl_publications order by 1")
    assert found == [
        ("best_shops", "view", "view", "draft", 1),
        ("dl_decisions", "catalog", "table", "draft", 1),
        ("dl_flags", "catalog", "table", "draft", 1),
        ("dl_lineage", "catalog", "table", "draft", 1),
        ("dl_metrics", "catalog", "table", "draft", 1),
        ("dl_publications", "catalog", "table", "draft", 1),
        ("dl_translations", "catalog", "table", "draft", 1),
        ("region_month", "view", "view", "draft", 1),
        ("shop_day", "view", "view", "draft", 1),
        ("shop_fund", "decision", "view", "draft", 1),
    ]
    [(sql, proof, question)] = rows(
        connection, "select sql, proof, question from executive.dl_publications where object = 'region_month'"
    )
    assert rows(connection, str(sql)) == rows(connection, "select * from executive.region_month")
    assert rows(connection, str(proof)) == []
    assert json.loads(str(question)) == {"metrics": ["revenue", "margin"], "by": ["month", "shop.region.title"]}


def test_every_catalog_column_says_what_it_holds(layer: Layer, connection: duckdb.DuckDBPyConnection) -> None:
    layer.publish()
    catalog = "from duckdb_columns() where starts_with(table_name, 'dl_')"
    assert rows(connection, f"select table_name, column_name {catalog} and comment is null") == []
    first = rows(connection, f"select distinct column_name {catalog} and column_index = 1")
    assert first == [("format",)]


def test_catalog_tells_metrics_translations_criteria_and_lineage(
    layer: Layer, connection: duckdb.DuckDBPyConnection
) -> None:
    layer.publish()
    assert rows(connection, "select metric, purpose, unit from executive.dl_metrics where owner = 'board'") == [
        ("revenue", "choice", "EUR"),
        ("margin", "choice", "percent"),
    ]
    assert rows(connection, "select term, from_metric, loses from executive.dl_translations where metric = 'margin'") == [
        ("sold", "sales", "The day."),
        ("paid", "spent", "The day."),
    ]
    assert rows(connection, "select position, criterion, weight, best from executive.dl_decisions") == [
        (1, "margin", 0.5, 1.0),
        (2, "revenue", 0.5, 1000.0),
    ]
    below_margin = """
        with recursive below(kind, name) as (
            select 'metric', 'margin'
            union select l.kind, l.stands_on from executive.dl_lineage l join below on object = name and object_kind = below.kind
        ) select kind, name from below order by all"""
    assert rows(connection, below_margin) == [
        ("column", "orders.amount"),
        ("column", "orders.cost"),
        ("metric", "margin"),
        ("metric", "sales"),
        ("metric", "spent"),
        ("source", "orders"),
    ]


def test_receipt_says_what_stands_where_and_as_what(layer: Layer) -> None:
    receipt = layer.publish()
    assert isinstance(receipt, Receipt)
    assert [standing.full_name for standing in receipt.published] == [
        "executive.region_month", "executive.best_shops", "frontline.shop_day", "executive.shop_fund",
    ]  # fmt: skip
    assert (receipt.status, receipt.proven, receipt.dropped) == ("draft", 4, ())
    assert receipt.render().splitlines()[0].startswith("published 3 views, 1 decision and 6 catalog tables to the DuckDB connection in ")
    assert "draft: nothing of it is signed" in receipt.render()
    assert json.loads(receipt.as_json())["published"][0]["name"] == "region_month"


def test_publishing_again_replaces_the_former_edition_and_nothing_else(
    layer: Layer, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute("create schema executive; create table executive.notes as select 'mine' as note").fetchall()
    layer.publish()
    connection.execute("insert into orders values (9, date '2025-03-03', 'S2', 5, 5)").fetchall()
    layer.publish()
    assert rows(connection, "select revenue from executive.region_month where month = date '2025-03-01'") == [(10,), (5,)]
    assert rows(connection, "select * from executive.notes") == [("mine",)]


def test_what_is_no_longer_declared_is_dropped(
    layer: Layer, edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    layer.publish()
    project = edited("view: best_shops", "view: good_shops")
    receipt = Layer.load(project, connection).publish()
    assert isinstance(receipt, Receipt) and receipt.dropped == ("executive.best_shops",)
    standing = rows(connection, "select view_name from duckdb_views() where schema_name = 'executive' order by 1")
    assert standing == [("good_shops",), ("region_month",), ("shop_fund",)]


@pytest.mark.parametrize("theirs", ["table executive.Best_Shops as select 1", "view executive.dl_metrics as select 1"])
def test_somebody_elses_object_of_the_same_name_is_never_replaced(
    layer: Layer, connection: duckdb.DuckDBPyConnection, theirs: str
) -> None:
    connection.execute(f"create schema executive; create {theirs}").fetchall()
    with pytest.raises(DeclarationError, match="was not published from here") as refused:
        layer.publish()
    assert refused.value.codes == ("bad-name",)
    assert rows(connection, "select count(*) from information_schema.tables where table_schema = 'executive'") == [(1,)]


def test_a_table_that_somebody_put_in_place_of_our_view_is_theirs(layer: Layer, connection: duckdb.DuckDBPyConnection) -> None:
    layer.publish()
    connection.execute("drop view executive.best_shops; create table executive.best_shops as select 7 as a").fetchall()
    with pytest.raises(DeclarationError, match=r"a table executive\.best_shops already"):
        layer.publish()
    assert rows(connection, "select * from executive.best_shops") == [(7,)]


def test_a_newer_edition_is_not_replaced_by_an_older_version(layer: Layer, connection: duckdb.DuckDBPyConnection) -> None:
    layer.publish()
    connection.execute("update executive.dl_publications set format = 2").fetchall()
    with pytest.raises(DeclarationError, match="published by a newer version"):
        layer.publish()


def test_a_view_may_be_stored_as_a_table(edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection) -> None:
    project = edited("view: best_shops, audience", "view: best_shops, as: table, audience")
    layer = Layer.load(project, connection)
    layer.publish()
    layer.publish()
    assert rows(connection, "select table_type from information_schema.tables where table_name = 'best_shops'") == [("BASE TABLE",)]
    assert rows(connection, "select * from executive.best_shops") == [("Market", 280), ("Harbour", 160)]


def test_a_view_reads_the_same_tables_whoever_asks_it(project: Path, warehouse: Path) -> None:
    with Layer.load(project, warehouse) as layer:
        layer.publish()
    with duckdb.connect() as other:
        other.execute("create table orders as select 9 as id, date '2025-01-01' as day, 'S1' as shop, 9999 as amount, 0 as cost").fetchall()
        other.execute(f"attach '{warehouse}' as theirs (read_only)").fetchall()
        assert rows(other, "select sum(revenue) from theirs.executive.region_month") == [(560,)]  # not 9,999
    with duckdb.connect(str(warehouse)) as same:
        same.execute("create table executive.orders as select 9 as id").fetchall()
        assert rows(same, "select sum(revenue) from executive.region_month") == [(560,)]


def test_a_file_that_a_view_reads_is_named_in_its_comment(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    project = edited("    table: regions\n", "    file: regions.csv\n")
    file = project / "regions.csv"
    file.write_text("region,title,weight\nN,Nord,2\nS,Sued,3\n")
    receipt = Layer.load(project, connection).publish()
    assert isinstance(receipt, Receipt)
    assert any(str(file) in note for note in receipt.notes)
    [(said,)] = rows(connection, "select comment from duckdb_views() where view_name = 'region_month'")
    assert f"It reads {file}, and works as long as that file lies there." in str(said)
    assert rows(connection, "select distinct shop__region__title from executive.region_month order by 1 nulls last") == [
        ("Nord",), ("Sued",), (None,),
    ]  # fmt: skip


def test_a_project_without_views_publishes_its_catalog_and_says_so(
    project: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    file = project / "definitions" / "all.yml"
    file.write_text(file.read_text().partition("views:")[0])
    receipt = Layer.load(project, connection).publish()
    assert isinstance(receipt, Receipt)
    assert receipt.published == ()
    assert "no view and no decision is declared" in receipt.render()
    assert rows(connection, "select count(*) from executive.dl_metrics") == [(6,)]


def test_odd_words_and_values_are_quoted(edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection) -> None:
    project = edited("definition: Shops that sell.", "definition: \"It's 100 % 'safe'; drop table orders; -- \\\"x\\\"\"")
    Layer.load(project, connection).publish()
    [(said,)] = rows(connection, "select comment from duckdb_views() where view_name = 'best_shops'")
    assert str(said).startswith("It's 100 % 'safe'; drop table orders; -- \"x\".")
    assert rows(connection, "select count(*) from orders") == [(8,)]


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        ("limit: 1, order: [-margin]", "Of the results only the first 1, by -margin; the others are not shown, so what is shown"),
        ("having: margin > 0.5", "Of the results only those with margin > 0.5; the others are not shown, so what is shown"),
        ("where: shop.name = 'Harbour'", "Of the rows only those with shop.name = 'Harbour'."),
        ("start: 2025-01, end: 2025-02", "Of the rows only those from 2025-01 to 2025-02, both included."),
        ("start: 2025", "Of the rows only those from 2025 on."),
    ],
)
def test_what_a_view_leaves_out_is_said_where_it_is_read(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection, cut: str, said: str
) -> None:
    view = "{view: cut, audience: executive, owner: board, definition: A part., metrics: [margin], by: [shop.name], " + cut + "}"
    Layer.load(edited("views:\n", f"views:\n  - {view}\n"), connection).publish()
    [(text,)] = rows(connection, "select comment from duckdb_views() where view_name = 'cut'")
    assert str(text).startswith(f"A part. For those who choose. Board answers for it. {said}")
