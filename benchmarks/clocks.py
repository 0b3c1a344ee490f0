"""What a clock in UTC costs in a project of another zone: each reading converted once, beside every row converted in its place."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.timing import Line, median

_PROJECT = """
project: {name: gates, timezone: America/New_York, week_start: monday}
parties: [{party: desk, kind: team, name: The desk}]
units: [{unit: flight}]
sources:
  - source: departures
    one_row_is: one departure
    table: departures
    key: [id]
    time: {left_at: {grain: hour, zone: UTC}}
    columns: {id: integer, left_at: timestamp, carrier: text, delay: {type: integer, unit: minute}}
    dimensions: [carrier]
    owner: desk
"""
_METRICS = """
for_all: {purpose: action, owner: desk, source: departures, grain: {time: hour}, better: lower, respond: Look.}
metrics:
  - {metric: flights, title: Flights, definition: All., unit: flight, measure: count(*)}
  - {metric: lateness, title: Lateness, definition: Late minutes., unit: minute, measure: sum(delay)}
"""


def utc_clock(rows: int = 5_000_000) -> list[Line]:
    """Time two metrics by month and by month and carrier over so many rows of one year."""
    import duckdb

    from decisionlayer import Layer
    from decisionlayer.capabilities import DUCKDB
    from decisionlayer.plan import build
    from decisionlayer.plan.query import Query
    from decisionlayer.plan.rules import RULES
    from decisionlayer.plan.rules.read_clocks_once import read_clocks_once
    from decisionlayer.sql import emit

    lines = []
    with tempfile.TemporaryDirectory() as name, duckdb.connect() as connection:
        folder = Path(name)
        for where, text in (("definitions", _PROJECT), ("metrics", _METRICS)):
            (folder / where).mkdir()
            (folder / where / "all.yml").write_text(text)
        connection.execute("SET threads = 2; SET enable_progress_bar = false").fetchall()
        connection.execute(
            "CREATE TABLE departures AS SELECT CAST(i AS INTEGER) AS id, TIMESTAMP '2013-01-01' + to_hours(CAST(hash(i) % 8760 AS INTEGER))"
            f" AS left_at, 'C' || hash(i + 1) % 16 AS carrier, CAST(hash(i + 2) % 90 AS INTEGER) AS delay FROM range({rows}) AS t(i)"
        ).fetchall()
        model = Layer.load(folder).model
        for by in (["month"], ["month", "carrier"]):
            query = Query.of(metrics=["flights", "lateness"], by=by)
            in_place = tuple(rule for rule in RULES if rule is not read_clocks_once)
            once, each = (emit(build(query, model, DUCKDB, rules=rules), DUCKDB).text for rules in (RULES, in_place))
            assert connection.execute(once).fetchall() == connection.execute(each).fetchall()
            took = [median(lambda text=text: connection.execute(text).fetchall(), times=5) * 1000 for text in (once, each)]  # type: ignore[misc]
            what = f"UTC hours by New York's {' and '.join(by)}, {rows:,} rows"
            lines.append((what, f"{took[0]:.0f} ms, converted in every row {took[1]:.0f} ms: {took[1] / took[0]:.1f} ×"))
    return lines
