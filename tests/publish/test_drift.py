"""Drift: the audit tells what stands published otherwise than it is declared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb

from decisionlayer import Layer


def told(project: Path, connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [finding.message for finding in Layer.load(project, connection).audit().findings if finding.code == "published-otherwise"]


def test_what_stands_as_declared_is_no_drift_and_neither_is_a_warehouse_without_a_publication(
    project: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    assert told(project, connection) == []
    Layer.load(project, connection).publish()
    connection.execute("insert into orders values (9, date '2025-03-05', 'S2', 5, 1)").fetchall()
    assert told(project, connection) == []


def test_a_definition_that_was_edited_and_not_published(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    project = edited("refit?", "refit first?")
    Layer.load(project, connection).publish()
    edited("measure: sum(amount)", "measure: sum(amount), where: amount > 0")
    stale = told(project, connection)
    # Every view and the decision stand on what orders brought.
    assert [message.partition(": ")[0] for message in stale] == [
        f"{thing} is published otherwise than it is declared"
        for thing in ("view `region_month`", "view `best_shops`", "view `shop_day`", "decision `shop_fund`")
    ]
    assert "it means m1:" in stale[0] and "and what is published means m1:" in stale[0]
    Layer.load(project, connection).publish()
    assert told(project, connection) == []


def test_words_that_were_edited_are_drift_of_words_alone(edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection) -> None:
    project = edited("refit?", "refit first?")
    Layer.load(project, connection).publish()
    edited("definition: What stays of each euro.", "definition: What is left of each euro.")
    assert told(project, connection) == [
        "view `region_month` is published otherwise than it is declared: the comment of `margin` says something else",
        "decision `shop_fund` is published otherwise than it is declared: the comment of `margin` says something else",
    ]


def test_things_that_came_and_went(edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection) -> None:
    project = edited("refit?", "refit first?")
    Layer.load(project, connection).publish()
    edited("view: best_shops", "view: dearest_shops")
    connection.execute("drop view frontline.shop_day; drop view executive.region_month").fetchall()
    connection.execute("create table executive.region_month (month date, shop__region__title varchar, revenue varchar)").fetchall()
    found = told(project, connection)
    assert found[0].startswith(
        "view `region_month` is published otherwise than it is declared: `margin` is missing in it; `revenue` is text in it and integer as declared"
    )
    assert found[1] == "view `dearest_shops` is published otherwise than it is declared: it is declared and not published"
    assert found[2].startswith("view `shop_day` is published otherwise than it is declared: ") and "shop_day" in found[2]
    assert found[3] == "view `best_shops` stands published as executive.best_shops, and nothing declares it any more"


def test_a_file_of_its_own_is_not_looked_at(project: Path, warehouse: Path, tmp_path: Path) -> None:
    with Layer.load(project, warehouse=f"duckdb:///{warehouse}") as layer:
        layer.publish(to=str(tmp_path / "board.duckdb"))
        assert not any(finding.code == "published-otherwise" for finding in layer.audit().findings)
