"""Checks of the data: each trouble once, with how many rows, an example and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Finding, Layer


def data_findings(layer: Layer) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in layer.check(data=True):
        if finding.code == "shared-component":  # the decision weighs revenue and its margin, whatever the data hold
            continue
        found.setdefault(finding.code, []).append(finding)
    return found


def test_clean_data_shows_only_rows_without_a_home(layer: Layer) -> None:
    found = data_findings(layer)
    assert set(found) == {"rows-without-home"}
    assert [finding.message for finding in found["rows-without-home"]] == [
        "1 of 8 rows of `orders` link by `shop` to nothing in `shops`, such as S9, and 1 have no `shop`",
        "1 of 3 rows of `shops` have no `region`",
    ]
    assert [finding.damage for finding in found["rows-without-home"]] == ["25.0% of the rows", "33.3% of the rows"]
    assert not any(finding.is_error for finding in found["rows-without-home"])


def test_links_that_all_lead_somewhere_are_silent(layer: Layer, connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("delete from orders where shop is null or shop = 'S9'").fetchall()
    connection.execute("update shops set region = 'N' where region is null").fetchall()
    assert data_findings(layer) == {}


def test_a_repeated_key_is_told_once_and_not_again_by_every_proof(layer: Layer, connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("insert into shops values ('S1', 'Harbour', 'N'), ('S1', 'Harbour', 'N'), ('S2', 'Market', 'S')").fetchall()
    found = data_findings(layer)
    assert "parts-differ" not in found
    [finding] = found["key-not-unique"]
    assert finding.subject == "source shops"
    assert "2 keys come more than once, such as S1" in finding.message
    assert finding.damage == "3 of 6 rows are one too many"


def test_a_repeated_row_of_a_key_of_several_columns_is_shown_whole(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    project = edited("    key: [id]\n", "    key: [day, shop]\n")
    connection.execute("insert into orders values (9, date '2025-01-05', 'S1', 1, 1)").fetchall()
    [finding] = data_findings(Layer.load(project, connection))["key-not-unique"]
    assert "such as 2025-01-05, S1" in finding.message


def test_nan_and_infinity_in_a_measured_column_are_found(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute("alter table orders alter amount type double").fetchall()
    connection.execute("update orders set amount = case id when 1 then 'nan'::double else 'inf'::double end where id in (1, 2)").fetchall()
    project = edited("amount: {type: integer,", "amount: {type: float,")
    found = data_findings(Layer.load(project, connection))
    [finding] = found["nan-in-data"]
    assert finding.message == "column `amount` of `orders` holds NaN or infinity in 2 rows"
    assert "parts-differ" not in found


def test_missing_tables_and_columns_silence_only_what_stands_on_them(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute("alter table orders drop column cost").fetchall()
    project = edited("    table: regions\n", "    table: regins\n")
    found = data_findings(Layer.load(project, connection))
    assert [finding.subject for finding in found["missing-table"]] == ["source regions"]
    assert [finding.subject for finding in found["missing-column"]] == ["source orders"]
    assert "warehouse-failed" not in found


def test_a_column_that_only_a_metric_names_is_looked_for_too(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    project = edited(", cost: {type: integer, unit: EUR}}", "}")
    connection.execute("alter table orders rename column cost to price").fetchall()
    [finding] = data_findings(Layer.load(project, connection))["missing-column"]
    assert "no column `cost`" in finding.message


def test_empty_tables_have_nothing_to_find(layer: Layer, connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("delete from orders; delete from shops; delete from regions").fetchall()
    assert data_findings(layer) == {}


def test_one_query_is_asked_of_each_source(layer: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    from decisionlayer.govern.lineage import Lineage
    from decisionlayer.publish.data import check_rows

    asked: list[str] = []
    rows = layer.engine.rows
    monkeypatch.setattr(layer.engine, "rows", lambda sql, parameters=None: asked.append(sql) or rows(sql, parameters))
    check_rows(layer.model, layer.engine, Lineage(layer.model))
    assert len(asked) == 3


def test_a_source_that_the_warehouse_cannot_read_is_told_and_the_others_are_checked(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    project = edited("    table: shops\n", "    sql: select cast(shop as integer)::varchar as shop, name, region from shops -- no number\n")
    found = data_findings(Layer.load(project, connection))
    assert "source shops" in {finding.subject for finding in found["warehouse-failed"]}
    assert "the rows of `orders` could not be checked" in found["warehouse-failed"][0].message
    assert "parts-differ" not in found  # what cannot be read has no proof, and one finding is enough
