"""Between two known ends periods are cut on the raw clock; around every change of clocks that is what converting each row gives.

The plausible wrong number: one offset for the whole range, so that the hours after a change lie in the wrong day or month.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer
from decisionlayer.capabilities import DUCKDB
from decisionlayer.plan import build
from decisionlayer.plan.bind.moments import changes
from decisionlayer.plan.query import Query
from decisionlayer.plan.rules import RULES
from decisionlayer.plan.rules.cut_raw_clocks import cut_raw_clocks
from decisionlayer.plan.rules.read_clocks_once import read_clocks_once
from decisionlayer.sql import emit

PROJECT = """
project: {name: gates, timezone: ZONE, week_start: sunday}
parties: [{party: desk, kind: team, name: The desk}]
units: [{unit: flight}]
sources:
  - source: departures
    one_row_is: one departure
    table: departures
    key: [id]
    time: {left_at: {grain: minute, zone: UTC}}
    columns: {id: integer, left_at: timestamp, delay: {type: integer, unit: minute}}
    dimensions: {held: delay}
    owner: desk
"""
METRICS = """
for_all: {purpose: action, owner: desk, source: departures, grain: {time: minute}, better: lower, respond: Look.}
metrics:
  - {metric: flights, title: Flights, definition: All., unit: flight, measure: count(*)}
  - {metric: lateness, title: Delay, definition: Late minutes., unit: minute, measure: sum(delay), where: delay > 15}
"""
#: A zone, and a year in which its clocks do something odd: half hours, changes at midnight or a minute past it, a day that never
#: came, clocks that go back for a month only, and no change at all.
ODD = [
    ("America/New_York", 2013), ("Europe/London", 1995), ("Asia/Kolkata", 2013), ("Australia/Lord_Howe", 2013), ("America/Sao_Paulo", 2013),
    ("America/Havana", 2013), ("America/St_Johns", 2010), ("Pacific/Apia", 2011), ("Africa/Casablanca", 2013), ("Asia/Kathmandu", 1986),
    ("Asia/Pyongyang", 2015), ("America/Caracas", 2016), ("Antarctica/Troll", 2013), ("Asia/Tehran", 2013), ("Pacific/Kiritimati", 1995),
]  # fmt: skip


@pytest.fixture
def gates(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    for room in ("definitions", "metrics"):
        (tmp_path / room).mkdir()
    (tmp_path / "metrics" / "all.yml").write_text(METRICS)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Kolkata'")
        connection.execute("create table departures (id integer, left_at timestamp, delay integer)")
        yield connection


def layer(folder: Path, connection: duckdb.DuckDBPyConnection, zone: str) -> Layer:
    (folder / "definitions" / "all.yml").write_text(PROJECT.replace("ZONE", zone))
    return Layer.load(folder, warehouse=connection)


def both(asked: Layer, connection: duckdb.DuckDBPyConnection, **question: object) -> tuple[str, list[tuple[object, ...]]]:
    """Return the statement and its rows, which must be those that converting every row gives."""
    query = Query.of(**question)  # type: ignore[arg-type]
    converting = tuple(rule for rule in RULES if rule not in (cut_raw_clocks, read_clocks_once))
    raw, each = (emit(build(query, asked.model, DUCKDB, rules=rules), DUCKDB).text for rules in (RULES, converting))
    rows = connection.execute(raw).fetchall()
    assert rows == connection.execute(each).fetchall(), question
    return raw, rows


@pytest.mark.parametrize(("zone", "year"), ODD)
def test_around_each_change_of_clocks(gates: duckdb.DuckDBPyConnection, tmp_path: Path, zone: str, year: int) -> None:
    moments = changes(year, zone) or (dt.datetime(year, 7, 1, tzinfo=dt.UTC),)
    for moment in moments:
        around = moment.replace(tzinfo=None)
        gates.execute(
            "insert into departures select i, ?::timestamp + (i * 7 - 3000) * interval 1 minute, i % 50 from range(860) as t(i)", [around]
        )
        gates.execute("insert into departures values (-1, NULL, 3), (-2, ?, 4), (-3, ?, NULL)", [around, around - dt.timedelta(seconds=1)])
    asked = layer(tmp_path, gates, zone)
    for first, last in ((f"{year}", f"{year}"), *((f"{at.date() - dt.timedelta(1)}", f"{at.date() + dt.timedelta(1)}") for at in moments)):
        for by in (["day"], ["week", "hour_of_day"], ["month", "quarter"], ["year"], ["hour"], ["minute"], ["15 minutes"], []):
            raw, rows = both(asked, gates, metrics=["flights", "lateness"], by=by, start=first, end=last)
            assert rows
            assert f"'{zone}'" not in raw or by[0] in ("hour", "minute", "15 minutes"), (by, raw)
        both(asked, gates, metrics=["flights"], by=["month"], start=first, end=last, compare=["previous"])
        both(asked, gates, metrics=["flights"], levels=[["day", "held"], ["month"], []], start=first, end=last)


def test_new_york_by_hand(gates: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    # 1 July began at 04:00 UTC, 1 December at 05:00; with one offset, that of July, the flight of 04:30 would be one of December's
    gates.execute(
        "insert into departures values (1, '2013-07-01 03:59', 1), (2, '2013-07-01 04:00', 1), (3, '2013-12-01 04:30', 1), "
        "(4, '2013-12-01 05:00', 1), (5, NULL, 1)"
    )
    asked = layer(tmp_path, gates, "America/New_York")
    raw, rows = both(asked, gates, metrics=["flights"], by=["month"], start="2013", end="2013")
    assert rows == [(dt.date(2013, 6, 1), 1), (dt.date(2013, 7, 1), 1), (dt.date(2013, 11, 1), 1), (dt.date(2013, 12, 1), 1)]
    assert "timezone(" not in raw
    assert "WHEN left_at < TIMESTAMP '2013-12-01 05:00:00' THEN DATE '2013-11-01' ELSE DATE '2013-12-01' END AS month" in raw
    assert "cut_raw_clocks: " in asked.explain(metrics=["flights"], by=["month"], start="2013", end="2013")


def test_more_periods_than_a_person_compares_with_add_the_offset(gates: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    asked = layer(tmp_path, gates, "America/New_York")
    raw, _ = both(asked, gates, metrics=["flights"], by=["day"], start="2013", end="2013")
    assert "CASE WHEN left_at < TIMESTAMP '2013-03-10 07:00:00' THEN left_at - INTERVAL 5 HOUR" in raw
    raw, _ = both(asked, gates, metrics=["flights"], by=["day_of_week"], start="2013-01", end="2013-02")
    assert "isodow(left_at - INTERVAL 5 HOUR)" in raw


def test_what_is_not_sure_is_converted(gates: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    gates.execute("insert into departures values (1, '0001-01-01 03:00', 1), (2, '9999-12-31 23:00', 2), (3, 'infinity', 3), (4, '1960-05-05', 4)")
    asked = layer(tmp_path, gates, "America/New_York")
    ranges = (
        {"start": "2013"}, {"end": "2013"}, {}, {"start": "1950", "end": "1970"}, {"start": "2036", "end": "2040"}, {"start": "2000", "end": "2013"},
        {"start": "0001", "end": "9998"},
    )  # fmt: skip
    for ends in ranges:
        raw, _ = both(asked, gates, metrics=["flights"], by=["month"], **ends)
        assert "timezone('America/New_York'" in raw, ends


def test_a_range_without_rows_has_no_period(gates: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    asked = layer(tmp_path, gates, "America/New_York")
    for end in ("2013-06", "2013-07"):
        assert both(asked, gates, metrics=["flights"], by=["month"], start="2013-06", end=end)[1] == []
