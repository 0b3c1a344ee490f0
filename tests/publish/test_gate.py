"""What refuses a publication: all findings at once, nothing published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from decisionlayer import DecisionLayerError, DeclarationError, Layer, PolicyError


def nothing_published(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute("select count(*) from information_schema.tables where table_schema in ('executive', 'frontline')").fetchall()
    return found == [(0,)]


def test_a_frontline_number_is_not_published_for_executives(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    project = edited("metrics: [revenue], by: [shop.name]", "metrics: [sales], by: [shop.name]")
    project = edited("having: revenue > 60, order: [-revenue]", "having: sales > 60, order: [-sales]")
    with pytest.raises(PolicyError) as refused:
        Layer.load(project, connection).publish()
    assert refused.value.codes == ("purpose-mismatch",)
    assert nothing_published(connection)


def test_one_broken_view_stops_the_whole_set_and_every_finding_is_told(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    edited("by: [shop.name]", "by: [shop.nam]")
    project = edited("by: [month, shop.region.title]", "by: [month, shop.region.titel]")
    with pytest.raises(DecisionLayerError) as refused:
        Layer.load(project, connection).publish()
    assert len(refused.value.findings) == 2
    assert nothing_published(connection)


def test_a_metric_without_unit_answers_and_is_not_published(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    project = edited("paid., purpose: action, owner: desk, unit: EUR,", "paid., purpose: action, owner: desk,")
    layer = Layer.load(project, connection)
    assert layer.query(metrics=["sales"]).rows() == [(560,)]
    with pytest.raises(DecisionLayerError) as refused:
        layer.publish()
    assert "no-unit" in refused.value.codes
    assert nothing_published(connection)


def test_a_broken_metric_stops_publishing_though_no_view_shows_it_for_the_catalog_would(
    project: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    (project / "definitions" / "more.yml").write_text(
        "metrics:\n  - {metric: idle, title: Idle, definition: Nothing., purpose: action, owner: desk, unit: EUR, "
        "source: orders, measure: sum(}\n"
    )
    layer = Layer.load(project, connection)
    assert layer.query(metrics=["sales"]).rows() == [(560,)]
    with pytest.raises(DeclarationError) as refused:
        layer.publish()
    assert {finding.subject for finding in refused.value.findings} == {"metric idle"}
    assert nothing_published(connection)


def test_a_file_that_cannot_be_read_stops_publishing_for_it_may_hold_views(
    project: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    (project / "definitions" / "more.yml").write_text("views:\n\t- {view: x}\n")
    with pytest.raises(DeclarationError) as refused:
        Layer.load(project, connection).publish()
    assert refused.value.codes == ("unreadable",)
    assert nothing_published(connection)


def test_a_missing_table_and_a_missing_column_stop_publishing(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute("alter table orders drop column cost").fetchall()
    project = edited("    table: regions\n", "    table: regins\n")
    with pytest.raises(DeclarationError) as refused:
        Layer.load(project, connection).publish()
    assert set(refused.value.codes) == {"missing-column", "missing-table"}
    assert nothing_published(connection)


def test_a_key_that_is_none_in_the_data_stops_publishing_with_one_finding(
    layer: Layer, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute("insert into shops values ('S1', 'Harbour two', 'N')").fetchall()
    with pytest.raises(DeclarationError) as refused:
        layer.publish()
    assert refused.value.codes == ("key-not-unique",)
    assert "such as S1" in str(refused.value)
    assert nothing_published(connection)


def test_questions_over_broken_views_are_refused_with_the_name_of_the_view(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    project = edited("having: revenue > 60", "having: profit > 60")
    with pytest.raises(DecisionLayerError, match="best_shops") as refused:
        Layer.load(project, connection).publish()
    assert len(refused.value.findings) == 1
    assert nothing_published(connection)
