"""Market stalls: a company small enough to add up by hand, with everything that makes questions hard.

Sales have two roles to one entity (buyer and seller are people), a composite link (shop and day to a slot), two clocks (when it
was sold, in UTC; when it was paid, a date), NULL keys and orphans. Costs share shop and month with them. Calls have no clock.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import duckdb

from decisionlayer.capabilities import DUCKDB
from decisionlayer.errors import DecisionLayerError
from decisionlayer.layer import Layer
from decisionlayer.load import load_project
from decisionlayer.plan import build, check_plan, show
from decisionlayer.plan.nodes import Plan
from decisionlayer.plan.query import Query
from decisionlayer.plan.rules import RULES, Rule
from decisionlayer.resolve import resolve
from decisionlayer.resolve.model import Model
from decisionlayer.sql import emit

PROJECT = """
project: {name: stalls, timezone: America/New_York, week_start: monday}
parties: [{party: desk, kind: team, name: The desk}]
units: [{unit: order}, {unit: call}, {unit: piece}, {unit: person}, {unit: kilogram}]
assumptions: [{assumption: fee, value: 2, unit: USD/order, owner: desk, why: The card company's list.}]
sources:
  - source: sales
    one_row_is: one sale
    table: sales
    key: [sale]
    time: {sold_at: {grain: second, zone: UTC}, paid_on: day}
    links:
      shop: shop
      buyer: {entity: person, column: buyer}
      seller: {entity: person, column: seller}
      slot: {entity: slot, columns: [shop, day]}
    columns:
      sale: integer
      shop: text
      day: date
      buyer: text
      seller: text
      sold_at: timestamp
      paid_on: date
      amount: {type: 'decimal(18,2)', unit: USD}
      pieces: {type: integer, unit: piece}
      weight: {type: float, unit: kilogram}
    dimensions:
      kind: "case when amount < 50 then 'small' else 'large' end"
    owner: desk
  - source: costs
    one_row_is: one bill
    table: costs
    key: [bill]
    time: {day: day}
    links: {shop: shop}
    columns: {bill: integer, shop: text, day: date, amount: {type: 'decimal(18,2)', unit: USD}}
    owner: desk
  - source: calls
    one_row_is: one call
    table: calls
    key: [call]
    links: {shop: shop}
    columns: {call: integer, shop: text}
    owner: desk
  - source: shops
    one_row_is: one shop
    describes: shop
    table: shops
    key: [shop]
    links: {town: town}
    columns: {shop: text, town: text, name: text}
    dimensions: {name: name}
    owner: desk
  - source: towns
    one_row_is: one town
    describes: town
    table: towns
    key: [town]
    columns: {town: text, region: text}
    dimensions: {region: region, is_north: "coalesce(region, '') = 'north'"}
    owner: desk
  - source: people
    one_row_is: one person
    describes: person
    table: people
    key: [person]
    links: {home: {entity: town, column: town}}
    columns: {person: text, name: text, town: text}
    dimensions: {name: name}
    owner: desk
  - source: slots
    one_row_is: one day of one shop
    describes: slot
    table: slots
    key: [shop, day]
    columns: {shop: text, day: date, weather: text}
    dimensions: {weather: weather}
    owner: desk
"""

METRICS = """
for_all: {purpose: action, owner: desk, source: sales, unit: USD, definition: As it says., better: higher}
metrics:
  - {metric: revenue, title: Revenue, measure: sum(amount)}
  - {metric: large_revenue, title: Large revenue, measure: sum(amount), where: amount > 50}
  - {metric: orders, title: Orders, unit: order, measure: count(*)}
  - {metric: small_orders, title: Small orders, unit: order, measure: count(*), where: "kind = 'small'"}
  - {metric: paid_orders, title: Paid orders, unit: order, measure: count(*), clock: paid_on}
  - {metric: mean_amount, title: Mean, measure: avg(amount)}
  - {metric: small_share, title: Small share, unit: percent, measure: count(*) filter (where amount < 50) / count(*)}
  - {metric: buyers, title: Buyers, unit: person, measure: count(distinct buyer)}
  - {metric: middle, title: Middle, measure: median(amount)}
  - {metric: dearest, title: Dearest, measure: max(amount)}
  - {metric: north_revenue, title: North revenue, measure: sum(amount), where: "shop.town.region = 'north'"}
  - {metric: fees, title: Fees, formula: orders * fee}
  - {metric: per_order, title: Per order, unit: USD/order, formula: revenue / orders}
  - {metric: kilograms, title: Kilograms, unit: kilogram, measure: sum(weight), decimals: 3}
  - {metric: loose, title: Loose, unit: kilogram, measure: sum(weight)}
  - {metric: pieces_square, title: Pieces squared, unit: piece^2, measure: sum(pieces * pieces)}
  - {metric: spent, title: Spent, source: costs, measure: sum(amount)}
  - {metric: bills_or_zero, title: Spent or zero, source: costs, measure: sum(amount), missing: zero}
  - {metric: orders_or_none, title: Orders or none, unit: order, measure: count(*), missing: 'null'}
  - {metric: calls_taken, title: Calls, source: calls, unit: call, measure: count(*)}
  - {metric: profit, title: Profit, formula: revenue - spent}
  - {metric: margin, title: Margin, unit: percent, formula: (revenue - spent) / revenue}
---
for_all: {purpose: choice, owner: desk, unit: USD, definition: As it says., better: higher, grain: {time: month, by: [shop]}}
metrics:
  - metric: board_revenue
    title: Board revenue
    translation: {owner: desk, why: The board bets on months., loses: The day and the buyer., from: revenue}
  - metric: all_small_share
    title: Small share of all
    unit: percent
    translation: {owner: desk, why: Of all., loses: Nothing much., from: paid_share, population: all}
---
for_all: {purpose: action, owner: desk, source: sales, unit: percent, definition: As it says., better: higher}
metrics:
  - metric: paid_share
    title: Small share of the paid
    population: paid_on is not null
    measure: count(*) filter (where amount < 50) / count(*)
"""

#: What each table holds. The comments add up what the tests expect.
TABLES = """
create table towns (town varchar, region varchar);
insert into towns values ('A', 'north'), ('B', 'south');
create table shops (shop varchar, town varchar, name varchar);
insert into shops values ('s1', 'A', 'First'), ('s2', 'B', 'Second'), ('s3', 'Z', 'Third');   -- Z is no town on file
create table people (person varchar, name varchar, town varchar);
insert into people values ('p1', 'Ann', 'A'), ('p2', 'Bob', 'B');
create table slots (shop varchar, day date, weather varchar);
insert into slots values ('s1', '2024-01-31', 'rain'), ('s2', '2024-02-01', 'sun');
create table sales (sale integer, shop varchar, day date, buyer varchar, seller varchar, sold_at timestamp, paid_on date,
                    amount decimal(18,2), pieces smallint, weight double);
insert into sales values
  -- 2024-02-01 02:00 UTC is still the evening of 31 January in New York
  (1, 's1', '2024-01-31', 'p1', 'p2', '2024-02-01 02:00:00', '2024-02-01', 100.00, 200, 0.1),
  (2, 's1', '2024-01-31', 'p2', 'p1', '2024-01-31 15:00:00', '2024-01-31',  20.00, 300, 0.2),
  (3, 's2', '2024-02-01', 'p1', 'p2', '2024-02-01 15:00:00', null,          60.00,   1, 0.3),
  (4, 's9', '2024-02-01', 'p9', 'p2', '2024-02-01 16:00:00', '2024-02-02',  10.00,   1, null),  -- no such shop, no such person
  (5, null, '2024-02-02', null, null, '2024-02-02 15:00:00', '2024-02-02',   5.00,   1, null),
  (6, 's3', '2024-02-03', 'p2', 'p2', null,                  '2024-02-05',   1.00,   1, null);  -- nobody knows when
create table costs (bill integer, shop varchar, day date, amount decimal(18,2));
insert into costs values (1, 's1', '2024-01-10', 70.00), (2, 's2', '2024-02-10', 90.00), (3, 's4', '2024-02-11', 8.00);
create table calls (call integer, shop varchar);
insert into calls values (1, 's1'), (2, 's1'), (3, null);
"""


@cache
def folder() -> Path:
    """Return the project's folder, written once."""
    root = Path(tempfile.mkdtemp())
    (root / "definitions").mkdir()
    (root / "metrics").mkdir()
    (root / "definitions" / "project.yml").write_text(PROJECT, encoding="utf-8")
    (root / "metrics" / "all.yml").write_text(METRICS, encoding="utf-8")
    return root


@cache
def model() -> Model:
    """Return the company, resolved."""
    found = resolve(load_project(folder()))
    assert [finding.render() for finding in found.findings if finding.is_error] == []
    return found


@cache
def layer() -> Layer:
    """Return the company over its tables. The session's zone is far away, so that nothing may lean on it."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'Asia/Kolkata'").fetchall()
    connection.execute(TABLES).fetchall()
    return Layer.load(folder(), warehouse=connection)


def plan_of(*, rules: tuple[Rule, ...] = RULES, **question: object) -> Plan:
    """Return the plan of a question, proven."""
    plan = build(Query.of(**question), model(), DUCKDB, rules=rules)
    check_plan(plan)
    return plan


def shown(*, rules: tuple[Rule, ...] = RULES, **question: object) -> str:
    """Return the plan of a question as text."""
    return show(plan_of(rules=rules, **question))


def sql_of(**question: object) -> str:
    """Return the SQL of a question."""
    return emit(plan_of(**question), DUCKDB).text


def refused(**question: object) -> tuple[str, ...]:
    """Return the codes with which a question is refused."""
    try:
        plan_of(**question)
    except DecisionLayerError as error:
        return error.codes
    return ()


def messages(**question: object) -> str:
    """Return what a refused question is told."""
    try:
        plan_of(**question)
    except DecisionLayerError as error:
        return str(error)
    return ""
