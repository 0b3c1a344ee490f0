"""The sample's own metrics over a few hundred real rows, asked at random: the engine against the reference evaluator."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from tests.properties.pace import examples
from tests.properties.questions import questions
from tests.reference.answer import answer_of
from tests.reference.same import same_rows
from tests.reference.walks import World
from tests.worlds import rows_of

ROOT = Path(__file__).resolve().parents[2]
KEPT = {"flights": 400, "weather": 300, "airlines": 100, "airports": 2000, "planes": 4000}


@pytest.fixture(scope="module")
def world(flights_warehouse: Path) -> tuple[Layer, World]:
    connection = duckdb.connect()
    connection.execute(f"attach '{flights_warehouse}' as everything (read_only)").fetchall()
    for table, rows in KEPT.items():
        # the same rows every time, from all over the year
        connection.execute(
            f"create table {table} as select * from everything.{table} order by hash({table}) limit {rows}"
        ).fetchall()
    connection.execute("detach everything").fetchall()
    layer = Layer.load(ROOT, warehouse=connection)
    return layer, World(layer.model, rows_of(layer.model, connection))


@pytest.mark.flights
@examples(60)
@given(data=st.data())
def test_the_sample_is_answered_as_the_reference_evaluator_does(
    world: tuple[Layer, World], data: st.DataObject
) -> None:
    layer, rows = world
    question = data.draw(questions(rows))
    note(f"question {question}")
    try:
        result = layer.query(**question)
    except DecisionLayerError as refused:
        assert set(refused.codes) == {"finer-than-grain"}
        return
    columns, expected = answer_of(layer.model, rows.rows, **question)
    assert result.columns == columns and same_rows(result.rows(), expected), result.sql
