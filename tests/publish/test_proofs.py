"""Proofs that can fail: they pass on whole data and break, with both numbers, on data that is cut, doubled or bent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer, QueryError
from decisionlayer.govern.lineage import Lineage
from decisionlayer.publish.proofs import disprove, prove, questions_of


def proof_of(layer: Layer, subject: str) -> str:
    made = prove(layer.desk.capabilities, subject.partition(" ")[2], questions_of(layer.desk, subject))
    assert made.sql is not None
    return made.sql


def broken(layer: Layer, subject: str) -> dict[str, tuple[str, str]]:
    """Return the totals that a proof shows as broken, with what the parts and what the rows add up to."""
    found = layer.engine.rows(proof_of(layer, subject))
    return {str(total).partition(" = ")[0]: (str(part), str(whole)) for _, total, part, whole in found}


@pytest.mark.parametrize("subject", ["view region_month", "view best_shops", "view shop_day", "decision shop_fund"])
def test_parts_of_whole_data_make_the_whole(layer: Layer, subject: str) -> None:
    assert broken(layer, subject) == {}


def test_a_repeated_key_two_hops_away_breaks_the_proof(layer: Layer, connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("insert into regions values ('N', 'Far north', 1)").fetchall()
    totals = broken(layer, "view region_month")
    # The 160 of North's only shop are counted twice: 560 + 160.
    assert ("720", "560") in totals.values()
    assert broken(layer, "view best_shops") == {}  # it does not read regions


def test_a_repeated_key_breaks_every_total_of_a_decision_that_is_split_by_it(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    project = edited("options: {dimension: shop,", "options: {dimension: shop.name,")
    layer = Layer.load(project, connection)
    assert broken(layer, "decision shop_fund") == {}
    connection.execute("insert into shops values ('S2', 'Market again', 'S')").fetchall()
    found = layer.engine.rows(proof_of(layer, "decision shop_fund"))
    assert {question for question, *_ in found} == {"shop_fund, each month", "shop_fund, the winter"}


def test_a_repeated_key_breaks_a_measure_that_reads_across_the_link(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    project = edited("measure: sum(amount)", "measure: sum(amount * shop.region.weight)")
    layer = Layer.load(project, connection)
    assert broken(layer, "view region_month") == {}
    connection.execute("insert into regions values ('S', 'South', 3)").fetchall()
    # North 160·2 = 320, South 280·3 = 840; South again: 2,000.
    assert ("2000", "1160") in broken(layer, "view region_month").values()


def test_having_and_limit_do_not_hide_rows_from_the_proof(layer: Layer, connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("insert into shops values ('S3', 'Station', 'S')").fetchall()
    # Station is not among the two best shops that the view shows, and yet its 70 are doubled.
    assert ("630", "560") in broken(layer, "view best_shops").values()


def test_minima_and_maxima_are_proven_too_and_quantiles_named_as_left_out(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    project = edited("measure: max(amount)", "measure: max(amount) - median(amount)")
    layer = Layer.load(project, connection)
    made = prove(layer.desk.capabilities, "shop_day", questions_of(layer.desk, "view shop_day"))
    assert any("= max(" in total for total in made.proven)
    assert [label.partition(" = ")[2] for label in made.left_out] == ["quantile(orders.amount)"]
    assert made.sql is not None and "Left out, because they do not add up" in made.sql


def test_floating_sums_tie_within_rounding_and_no_further(
    edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute("alter table orders alter amount type double; update orders set amount = amount / 7").fetchall()
    project = edited("amount: {type: integer,", "amount: {type: float,")
    layer = Layer.load(project, connection)
    assert broken(layer, "view region_month") == {}
    connection.execute("insert into regions values ('N', 'North', 1)").fetchall()
    assert broken(layer, "view region_month") != {}


def test_no_rows_at_all_are_proven(layer: Layer, connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("delete from orders").fetchall()
    for subject in ("view region_month", "view shop_day", "decision shop_fund"):
        assert broken(layer, subject) == {}


def test_a_filter_holds_on_both_sides(edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection) -> None:
    project = edited("by: [month, shop.region.title]", "by: [month, shop.region.title], where: shop.region.title = 'South', start: 2025-02")
    layer = Layer.load(project, connection)
    assert broken(layer, "view region_month") == {}
    connection.execute("insert into regions values ('S', 'South', 3)").fetchall()
    assert ("160", "80") in broken(layer, "view region_month").values()


def test_broken_parts_are_a_finding_with_both_numbers(layer: Layer, connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("insert into regions values ('N', 'Far north', 1)").fetchall()
    found = disprove(layer.desk, Lineage(layer.model), frozenset())
    [finding] = [finding for finding in found if finding.subject == "view region_month"]
    assert (finding.code, finding.rule.id) == ("parts-differ", "DL602")
    assert "its cells add up to 720, the rows to 560" in finding.damage
    assert finding.is_error


def test_a_question_that_cannot_be_asked_has_no_proof(edited: Callable[[str, str], Path], connection: duckdb.DuckDBPyConnection) -> None:
    project = edited("having: revenue > 60", "having: profit > 60")
    layer = Layer.load(project, connection)
    if "view best_shops" not in layer.model.broken:
        with pytest.raises(QueryError):
            questions_of(layer.desk, "view best_shops")
    assert not any(finding.code == "parts-differ" for finding in layer.check(data=True))
