"""What two measures ask of their rows is asked once, in the shortest form, and leaves the same rows.

The plausible wrong number: a row that only one of the two asks for goes with the other's condition, or a cell without rows appears.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer
from decisionlayer.capabilities import DUCKDB
from decisionlayer.plan import build
from decisionlayer.plan.query import Query
from decisionlayer.sql import emit

PROJECT = """
project: {name: gates, timezone: UTC}
parties: [{party: desk, kind: team, name: The desk}]
sources:
  - {source: flights, one_row_is: one flight, table: flights, key: [id], columns: {id: integer, delay: integer, gate: text, why: text},
     dimensions: [gate], owner: desk}
"""
METRICS = """
for_all: {purpose: action, owner: desk, source: flights, better: lower, respond: Look., unit: 1}
metrics:
  - {metric: late, definition: Late minutes., measure: sum(delay), where: delay > 15}
  - {metric: flown, definition: Those that left., measure: count(*), where: delay is not null}
  - {metric: late_for, definition: Of one reason., measure: count(*), where: "delay > 15 and why = 'fog'"}
  - {metric: told, definition: With a reason., measure: count(*), where: why is not null}
  - {metric: either, definition: A name of either kind., measure: count(*), where: "'A' in (why, gate)"}
  - {metric: quiet, definition: Odd ones., measure: count(*), where: delay > 15 or gate is null}
"""
#: Gate C has flights that never left only; D those that nobody told a reason of.
ROWS = "(1, 20, 'A', 'fog'), (2, 5, 'A', NULL), (3, NULL, 'A', 'ice'), (4, 16, 'B', NULL), (5, NULL, 'C', 'fog'), (6, NULL, NULL, NULL), (7, 3, 'D', NULL)"


@pytest.fixture
def gates(tmp_path: Path) -> Layer:
    for room, text in (("definitions", PROJECT), ("metrics", METRICS)):
        (tmp_path / room).mkdir()
        (tmp_path / room / "all.yml").write_text(text)
    connection = duckdb.connect()
    connection.execute("create table flights (id integer, delay integer, gate varchar, why varchar)")
    connection.execute(f"insert into flights values {ROWS}")
    return Layer.load(tmp_path, warehouse=connection)


def test_what_is_compared_is_there(gates: Layer) -> None:
    # C has no row of either, though two of its flights are in the table; with `delay > 15` for both, D would be missing
    result = gates.query(metrics=["late", "flown"], by=["gate"])
    assert [tuple(row) for row in result.rows()] == [("A", 20, 2), ("B", 16, 1), ("D", None, 1)]
    assert "WHERE delay IS NOT NULL\n" in result.sql
    assert "COUNT(*) AS flown" in result.sql


@pytest.mark.parametrize(
    "metrics", [["either", "told"], ["late", "flown"], ["late_for", "flown"], ["late_for", "told", "flown"], ["quiet", "flown"], ["late", "told"], ["late_for", "told"]]
)
def test_no_row_goes_or_stays_by_it(gates: Layer, metrics: list[str]) -> None:
    for by in ([], ["gate"]):
        query = Query.of(metrics=metrics, by=by)
        with_it, naive = (emit(build(query, gates.model, DUCKDB, **rules), DUCKDB) for rules in ({}, {"rules": ()}))
        assert gates.engine.rows(with_it.text, {}) == gates.engine.rows(naive.text, {}), metrics


def test_a_parameter_that_a_rewrite_finds_idle_is_not_bound(gates: Layer) -> None:
    # Three have a reason and a gate, whichever it is; the engine would refuse a value that its text has no place for.
    result = gates.query(metrics=["told"], where="(gate = :gate and gate is not null) or gate is not null", params={"gate": "A"})
    assert result.rows() == [(3,)]
    assert gates.query(metrics=["told"], where="gate = :gate", params={"gate": "C"}).rows() == [(1,)]
