"""Small worlds for naive readings, each of which a person can add up by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer

#: Calls of two sites: North 80 simple of 4 minutes and 20 complex of 20, South 60 of 3 and 140 of 18.
CALLS = """
create table calls as
select row_number() over () as id, site, kind, minutes
from (values ('North', 'simple', 4, 80), ('North', 'complex', 20, 20), ('South', 'simple', 3, 60), ('South', 'complex', 18, 140))
     as cells(site, kind, minutes, n), generate_series(1, n)
"""

CALLS_PROJECT = """
project: {name: calls, timezone: UTC, week_start: monday}
parties: [{party: desk, kind: team, name: Desk}, {party: board, kind: team, name: Board}]
units: [{unit: call}]
assumptions: [{assumption: minute_price, value: 2, unit: EUR/minute, owner: board, why: Last year's ledger.}]
sources:
  - source: calls
    one_row_is: one call
    table: calls
    key: [id]
    columns: {id: integer, site: text, kind: text, minutes: {type: integer, unit: minute}}
    dimensions: {site: site, kind: kind}
    owner: desk
metrics:
  - metric: handle_time
    title: Handle time
    definition: Minutes a call takes.
    purpose: action
    owner: desk
    unit: minute
    better: lower
    source: calls
    grain: {by: [site]}
    measure: avg(minutes)
    respond: Look at the longest call of the day.
  - metric: simple_time
    title: Simple calls
    definition: Minutes a simple call takes.
    purpose: action
    owner: desk
    unit: minute
    better: lower
    source: calls
    grain: {by: [site]}
    population: kind = 'simple'
    measure: avg(minutes)
    respond: Look at the longest call of the day.
  - metric: talk
    title: Talk
    definition: Minutes spent on calls.
    purpose: action
    owner: desk
    unit: minute
    better: none
    source: calls
    grain: {by: [site]}
    measure: sum(minutes)
    respond: Plan the shift.
  - metric: kinds
    title: Kinds
    definition: Different kinds of calls.
    purpose: action
    owner: desk
    unit: call
    better: none
    source: calls
    grain: {by: [site]}
    measure: count(distinct kind)
    respond: Train for them.
  - metric: effort
    title: Effort
    definition: Minutes a call takes, over all calls.
    purpose: choice
    owner: board
    unit: minute
    better: lower
    grain: {by: [site]}
    translation: {owner: board, why: A site is not the firm., loses: Which site., from: handle_time}
  - metric: simple_effort
    title: Effort of any call
    definition: Minutes a call takes, whatever its kind.
    purpose: choice
    owner: board
    unit: minute
    better: lower
    grain: {by: [site]}
    translation: {owner: board, why: The firm answers hard calls too., loses: Which site., from: simple_time, population: all}
  - metric: hours
    title: Hours
    definition: Hours spent on calls.
    purpose: choice
    owner: board
    unit: hour
    better: none
    grain: {by: [site]}
    translation: {owner: board, why: Shifts are planned in hours., loses: Single calls., from: talk, to: hour}
  - metric: call_cost
    title: Cost of a minute's handling
    definition: What it costs to handle a call, with what complex calls cost on top.
    purpose: choice
    owner: board
    unit: EUR
    better: lower
    grain: {by: [site]}
    formula: time * minute_price
    translation: {owner: board, why: The firm pays., loses: Which site., terms: {time: {from: handle_time, where: kind = 'complex'}}}
  - metric: variety
    title: Variety
    definition: Different kinds of calls that the firm must know.
    purpose: choice
    owner: board
    unit: call
    better: none
    grain: {by: []}
    translation: {owner: board, why: The firm trains once., loses: Which site., from: kinds}
  - metric: known_cost
    title: Cost that is known
    definition: What it costs to handle a call, nothing where there is none.
    purpose: choice
    owner: board
    unit: EUR
    better: lower
    grain: {by: [site]}
    missing: zero
    formula: time * minute_price
    translation: {owner: board, why: The firm pays., loses: Which site., terms: {time: handle_time}}
  - metric: effort_cost
    title: What the effort costs
    definition: What a call costs.
    purpose: choice
    owner: board
    unit: EUR
    better: lower
    grain: {by: [site]}
    formula: effort * minute_price
"""


@pytest.fixture
def calls(tmp_path: Path) -> Layer:
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "all.yml").write_text(CALLS_PROJECT)
    connection = duckdb.connect()
    connection.execute(CALLS).fetchall()
    return Layer.load(tmp_path, connection)


@pytest.fixture
def exactly() -> Callable[[str], object]:
    from decimal import Decimal

    return Decimal
