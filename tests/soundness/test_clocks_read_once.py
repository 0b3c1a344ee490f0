"""A clock of whole hours is converted once for each reading, and no row ever hangs on what was looked up.

The plausible wrong number: a row whose reading is not in the list (it is NULL, or was filtered away there) loses its period, or is
counted as often as its reading comes.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer
from decisionlayer.capabilities import DUCKDB
from decisionlayer.plan import build
from decisionlayer.plan.query import Query
from decisionlayer.plan.rules import RULES
from decisionlayer.plan.rules.read_clocks_once import read_clocks_once
from decisionlayer.sql import emit

PROJECT = """
project: {name: gates, timezone: America/New_York, week_start: monday}
parties: [{party: desk, kind: team, name: The desk}]
units: [{unit: flight}]
sources:
  - source: departures
    one_row_is: one departure
    table: departures
    key: [id]
    time: {left_at: {grain: hour, zone: UTC}}
    links: {gate: gate}
    columns: {id: integer, left_at: TYPE, gate: text, delay: {type: integer, unit: minute}}
    dimensions: {held: delay}
    owner: desk
  - source: gates
    one_row_is: one gate
    describes: gate
    table: gates
    key: [gate]
    columns: {gate: text, hall: text}
    dimensions: [hall]
    owner: desk
"""
METRICS = """
for_all: {purpose: action, owner: desk, source: departures, grain: {time: hour}, better: lower, respond: Look.}
metrics:
  - {metric: flights, title: Flights, definition: All., unit: flight, measure: count(*)}
  - {metric: gates_used, title: Gates, definition: Different ones., unit: 1, measure: count(distinct gate)}
  - {metric: lateness, title: Delay, definition: Late minutes., unit: minute, measure: sum(delay), where: delay > 15}
  - {metric: growth, title: Growth, definition: Over the month before., unit: flight, formula: "flights - prior(flights, '1 month')"}
"""

#: In New York 1 February began at 05:00 UTC; on 10 March two o'clock never came, on 3 November one o'clock came twice.
ROWS = """
(1, '2013-01-31 23:00', 'A', 10), (2, '2013-02-01 04:00', 'A', 20), (3, '2013-02-01 05:00', 'B', 30), (4, NULL, 'A', 40),
(5, '2013-03-10 06:00', 'B', 50), (6, '2013-03-10 07:00', 'B', 60), (7, '2013-11-03 05:00', 'A', NULL),
(8, '2013-11-03 06:00', 'C', 70), (9, '2013-11-03 06:00', NULL, 1), (10, '2013-02-01 04:30', 'B', 2)
"""


def layer(folder: Path, type: str) -> Layer:
    (folder / "definitions").mkdir()
    (folder / "metrics").mkdir()
    project = PROJECT.replace("TYPE", type)
    (folder / "definitions" / "all.yml").write_text(project.replace(", zone: UTC", "") if type == "instant" else project)
    (folder / "metrics" / "all.yml").write_text(METRICS)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    held = "timestamptz" if type == "instant" else "timestamp"
    connection.execute(f"create table departures (id integer, left_at {held}, gate varchar, delay integer)")
    connection.execute(f"insert into departures values {ROWS}")
    connection.execute("create table gates as select * from (values ('A', 'north'), ('B', 'south')) as t(gate, hall)")
    return Layer.load(folder, warehouse=connection)


QUESTIONS = [
    {"metrics": ["flights"], "by": ["month"]},
    {"metrics": ["flights", "gates_used", "lateness"], "by": ["day", "gate.hall"]},
    {"metrics": ["flights"], "by": ["hour"]},
    {"metrics": ["flights"], "by": ["2 hours"]},
    {"metrics": ["flights"], "by": ["week", "day_of_week"]},
    {"metrics": ["gates_used", "lateness"], "by": ["quarter"], "where": "held >= 20 or held is null"},
    {"metrics": ["flights"], "by": ["month", "hour_of_day"], "start": "2013-02", "end": "2013-11-03T01"},
    {"metrics": ["flights"], "by": ["gate.hall"], "where": "gate.hall = 'north'", "start": "2013-02-01"},
    {"metrics": ["growth", "lateness"], "by": ["month"], "compare": ["previous"]},
]


@pytest.mark.parametrize("type", ["timestamp", "instant"])
def test_looking_a_clock_up_changes_no_row(tmp_path: Path, type: str) -> None:
    with layer(tmp_path, type) as asked:
        for question in QUESTIONS:
            query = Query.of(**question)
            with_it, without = (
                emit(build(query, asked.model, DUCKDB, rules=rules), DUCKDB)
                for rules in (RULES, tuple(rule for rule in RULES if rule is not read_clocks_once))
            )
            rows = [asked.engine.rows(each.text, each.parameters) for each in (with_it, without)]
            assert rows[0] == rows[1], question


def test_every_row_has_the_month_of_new_york(tmp_path: Path) -> None:
    # January holds 1, 2 and 10 (half past eleven at night), February 3, March 5 and 6, November 7 to 9; 4 has no time
    with layer(tmp_path, "timestamp") as asked:
        result = asked.query(metrics=["flights"], by=["month"])
        assert "LEFT JOIN departures_clock" in result.sql
        assert [(row[0] and row[0].month, row[1]) for row in result.rows()] == [(1, 3), (2, 1), (3, 2), (11, 3), (None, 1)]


def test_few_rows_are_converted_where_they_stand(tmp_path: Path) -> None:
    with layer(tmp_path, "timestamp") as asked:
        for where in ("gate = 'A'", "gate.hall = 'north'", "held is null", "gate in ('A', 'B')"):
            assert "_clock" not in asked.sql(metrics=["flights"], by=["month"], where=where), where
        assert "_clock" in asked.sql(metrics=["flights"], by=["month"], where="held > 15")
