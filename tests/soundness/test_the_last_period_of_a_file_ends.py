"""The last period of a calendar from a file ends with the last day of the file: what reads to its end reads all of it.

::

    Two terms of two weeks each, from 2026-01-05 to 2026-02-01; 10 on each Monday: 20 a term.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer

PROJECT = """
project: {name: terms, timezone: UTC}
parties: [{party: desk, kind: team}]
frames: [{frame: school, owner: desk, calendar: {file: frames/terms.csv, grains: {term: term, year: year}}}]
sources: [{source: meals, one_row_is: one day, table: meals, key: [day], time: {day: day}, columns: {day: date, eur: {type: integer, unit: EUR}}, owner: desk}]
"""
METRICS = """
for_all: {purpose: action, owner: desk, better: none, unit: EUR, respond: Look.}
metrics:
  - {metric: paid, title: Paid, definition: Paid., source: meals, measure: sum(eur)}
  - {metric: weekly, title: Weekly, definition: A week., unit: EUR/week, formula: "per(paid, week)"}
  - {metric: so_far, title: So far, definition: In the year so far., formula: "to_date(paid, school.year)"}
  - {metric: this_term, title: Term, definition: The term., formula: "trailing(paid, '1 school.term')"}
  - {metric: before, title: Before, definition: The term before., formula: "prior(paid, '1 school.term')"}
"""
FIRST, LAST = dt.date(2026, 1, 5), dt.date(2026, 1, 19)


@pytest.fixture
def layer(tmp_path: Path) -> Layer:
    days = [FIRST + dt.timedelta(number) for number in range(28)]
    for name in ("definitions", "metrics", "frames"):
        (tmp_path / name).mkdir()
    (tmp_path / "definitions" / "all.yml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "metrics" / "all.yml").write_text(METRICS, encoding="utf-8")
    lines = "".join(f"{day},{1 + (day >= LAST)},2026\n" for day in days)
    (tmp_path / "frames" / "terms.csv").write_text(f"day,term,year\n{lines}", encoding="utf-8")
    connection = duckdb.connect()
    rows = ", ".join(f"(date '{day}', 10)" for day in days if day.weekday() == 0)
    connection.execute(f"create table meals as select * from (values {rows}) as t(day, eur)")
    return Layer.load(tmp_path, warehouse=connection)


@pytest.mark.parametrize(("metric", "expected"), [
    ("paid", [20, 20]), ("weekly", [10.0, 10.0]), ("so_far", [20, 40]), ("this_term", [20, 20]),
])  # fmt: skip
@pytest.mark.parametrize("span", [{}, {"start": "2026-01-05", "end": "2026-02-01"}])
def test_by_term(layer: Layer, metric: str, expected: list[float | None], span: dict[str, str]) -> None:
    assert layer.query(metrics=[metric], by=["school.term"], **span).rows() == list(zip([FIRST, LAST], expected, strict=True))


def test_beside_the_year_before_there_is_none(layer: Layer) -> None:
    asked = layer.query(metrics=["weekly"], by=["school.term"], compare=["previous"]).rows()
    assert asked == [(FIRST, 10.0, None, None, None), (LAST, 10.0, 10.0, 0.0, 0.0)]
