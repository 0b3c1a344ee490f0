"""A company of three shops that a person can add up by hand, in a DuckDB file and in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer

#: Eight orders in two months. S3 is in no region; S9 is no shop at all; one order has no shop.
TABLES = """
create table orders as select * from (values
    (1, date '2025-01-05', 'S1', 100, 40), (2, date '2025-01-20', 'S1',  50, 10), (3, date '2025-01-31', 'S2', 200, 90),
    (4, date '2025-02-01', 'S2',  80, 20), (5, date '2025-02-10', 'S3',  70, 60), (6, date '2025-02-11', 'S9',  30,  5),
    (7, date '2025-02-28', NULL,  20,  5), (8, date '2025-03-02', 'S1',  10,  5)
) as t(id, day, shop, amount, cost);
create table shops as select * from (values ('S1', 'Harbour', 'N'), ('S2', 'Market', 'S'), ('S3', 'Station', NULL))
    as t(shop, name, region);
create table regions as select * from (values ('N', 'North', 2), ('S', 'South', 3)) as t(region, title, weight);
"""

PROJECT = """
project: {name: shops, timezone: UTC, week_start: monday}
parties: [{party: desk, kind: team, name: Sales desk}, {party: board, kind: team, name: Board}]
units: [{unit: order}]
sources:
  - source: orders
    one_row_is: one order
    table: orders
    key: [id]
    time: {day: day}
    links: {shop: shop}
    columns: {id: integer, day: date, shop: text, amount: {type: integer, unit: EUR}, cost: {type: integer, unit: EUR}}
    owner: desk
  - source: shops
    one_row_is: one shop
    describes: shop
    table: shops
    key: [shop]
    links: {region: region}
    columns: {shop: text, name: text, region: text}
    dimensions: {name: name}
    owner: desk
  - source: regions
    one_row_is: one region
    describes: region
    table: regions
    key: [region]
    columns: {region: text, title: text, weight: integer}
    dimensions: {title: title}
    owner: desk
metrics:
  - {metric: sales, title: Sales, definition: What customers paid., purpose: action, owner: desk, unit: EUR, better: higher,
     source: orders, grain: {time: day}, measure: sum(amount), respond: Call the shop.}
  - {metric: spent, title: Spent, definition: What the goods cost., purpose: action, owner: desk, unit: EUR, better: lower,
     source: orders, grain: {time: day}, measure: sum(cost), respond: Call the buyer.}
  - {metric: orders_taken, title: Orders, definition: Orders that came in., purpose: action, owner: desk, unit: order,
     better: higher, source: orders, grain: {time: day}, measure: count(*), respond: Call the shop.}
  - {metric: dearest, title: Dearest order, definition: The dearest order., purpose: action, owner: desk, unit: EUR,
     better: none, source: orders, grain: {time: day}, measure: max(amount), respond: Look at it.}
  - metric: revenue
    title: Revenue
    definition: What customers paid.
    purpose: choice
    owner: board
    unit: EUR
    better: higher
    grain: {time: month, by: [shop]}
    translation: {owner: board, why: A desk sells; a firm grows., loses: Single orders., from: sales}
  - metric: margin
    title: Margin
    definition: What stays of each euro.
    purpose: choice
    owner: board
    unit: percent
    better: higher
    grain: {time: month, by: [shop]}
    formula: (sold - paid) / sold
    translation: {owner: board, why: Sales alone do not feed anybody., loses: The day., terms: {sold: sales, paid: spent}}
views:
  - {view: region_month, audience: executive, owner: board, definition: What each region brings., metrics: [revenue, margin],
     by: [month, shop.region.title]}
  - {view: best_shops, audience: executive, owner: board, definition: Shops that sell., metrics: [revenue], by: [shop.name],
     having: revenue > 60, order: [-revenue], limit: 2}
  - {view: shop_day, audience: frontline, owner: desk, definition: What a shop has on its hands., metrics: [sales, orders_taken, dearest],
     by: [day, shop]}
decisions:
  - decision: shop_fund
    question: Which shops do we refit?
    decider: board
    options: {dimension: shop, status_quo: none, because: Each is old.}
    criteria: [{metric: margin, scale: {worst: 0, best: 1}, weight: 0.5}, {metric: revenue, scale: {worst: 0, best: 1000}, weight: 0.5}]
    horizons: [{name: each month, period: month}, {name: the winter, start: 2025-01, end: 2025-02}]
    review_on: 2026-01-01
    expects: [{option: S1, margin: 0.6}]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "definitions").mkdir(parents=True)
    (folder / "definitions" / "all.yml").write_text(PROJECT)
    return folder


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES).fetchall()
    return path


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    opened.execute(TABLES).fetchall()
    return opened


@pytest.fixture
def layer(project: Path, connection: duckdb.DuckDBPyConnection) -> Layer:
    return Layer.load(project, connection)


@pytest.fixture
def edited(project: Path) -> Callable[[str, str], Path]:
    """Change a text of the project, which must be there."""

    def change(old: str, new: str) -> Path:
        file = project / "definitions" / "all.yml"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        return project

    return change
