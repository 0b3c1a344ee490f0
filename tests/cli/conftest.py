"""A tiny shop in a DuckDB file, and the command line as its user types it.

::

    orders: no  placed_on   branch  amount  late_min        branches: branch  name
            1   2024-01-05  n       100.00  0                         n       North
            2   2024-01-20  n        50.00  30                        s       South, by the sea
            3   2024-02-02  s        20.00  NULL
            4   2024-02-03  x         5.50  10              x is no branch, and order 5 has none
            5   2024-02-04  NULL      1.00  NULL
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from decisionlayer.cli import run

PROJECT = """\
project: {name: shop, timezone: UTC, week_start: monday, warehouse: "duckdb:///shop.duckdb"}
parties: [{party: desk, kind: team}, {party: board, kind: team}, {party: bizops, kind: team}]
units: [{unit: order}]
sources:
  - source: orders
    one_row_is: one order
    table: orders
    key: [no]
    time: {placed_on: day}
    links: {branch: branch}
    columns:
      no: integer
      placed_on: date
      branch: text
      amount: {type: "decimal(38,2)", unit: EUR}
      late_min: {type: integer, unit: minute}
    dimensions: {price: amount, placed: placed_on}
    owner: desk
  - source: branches
    one_row_is: one branch
    describes: branch
    table: branches
    key: [branch]
    columns: {branch: text, name: text}
    dimensions: [name]
    owner: desk
views:
  - view: branch_month
    audience: executive
    owner: bizops
    definition: What came in, month by month.
    metrics: [kept_promise]
    by: [month, branch.name]
"""

METRICS = """\
for_all: {purpose: action, owner: desk, source: orders, grain: {time: day, by: [branch, price, placed]}}
metrics:
  - {metric: orders_in, title: Orders, definition: Orders that came in., unit: order, better: higher, measure: count(*), respond: Pack.}
  - {metric: revenue, title: Revenue, definition: What they came to., unit: EUR, better: higher, measure: sum(amount), respond: Count.}
  - metric: in_time_share
    title: In time
    definition: Share of the orders that went out, within a quarter of an hour.
    unit: percent
    better: higher
    population: late_min is not null
    measure: count(*) filter (where late_min <= 15) / count(*)
    respond: Send a runner.
---
for_all: {purpose: choice, owner: board, grain: {time: month, by: [branch]}}
metrics:
  - metric: kept_promise
    title: Kept promises
    definition: Share of all orders that went out within a quarter of an hour.
    unit: percent
    better: higher
    translation: {owner: bizops, why: An order that never went out was late too., loses: The day., from: in_time_share, population: all}
"""

TABLES = """
create table orders (no integer, placed_on date, branch varchar, amount decimal(10,2), late_min integer);
insert into orders values
  (1, '2024-01-05', 'n', 100.00, 0), (2, '2024-01-20', 'n', 50.00, 30), (3, '2024-02-02', 's', 20.00, null),
  (4, '2024-02-03', 'x', 5.50, 10), (5, '2024-02-04', null, 1.00, null);
create table branches (branch varchar, name varchar);
insert into branches values ('n', 'North'), ('s', 'South, by the sea');
"""


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


CommandLine = Callable[..., Said]


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line, in this process: words in, what it said out."""
    monkeypatch.setenv("COLUMNS", "100")

    def typed(*words: str) -> Said:
        capfd.readouterr()
        code = run(list(words))
        said = capfd.readouterr()
        return Said(code, said.out, said.err)

    return typed


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shop's project, with its warehouse; one stands in it."""
    folder = tmp_path / "shop"
    (folder / "definitions").mkdir(parents=True)
    (folder / "metrics").mkdir()
    (folder / "definitions" / "project.yml").write_text(PROJECT)
    (folder / "metrics" / "orders.yml").write_text(METRICS)
    with duckdb.connect(str(folder / "shop.duckdb")) as warehouse:
        warehouse.execute(TABLES)
    monkeypatch.chdir(folder)
    return folder
