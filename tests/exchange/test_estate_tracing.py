"""Numbers of SQL from outside, followed through queries, views, unions, windows and files to the rows that they are made of.

Orders bring 100, 200, 80, 40 and 60; 1, 2 and 5 are paid, 2 gave back 50 and nobody knows what 5 gave back. Net of what is paid is 310,
which is what is governed. Shops: 1 and 2 are of the North, 3, 4 and 5 of the South.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer
from decisionlayer.findings import Finding

TABLES = """
create table orders as select * from (values
    (1, date '2025-01-05', 'paid', 100, 0, 'N'), (2, date '2025-01-20', 'paid', 200, 50, 'N'), (3, date '2025-02-03', 'pending', 80, 0, 'S'),
    (4, date '2025-02-09', 'cancelled', 40, 0, 'S'), (5, date '2025-03-01', 'paid', 60, null, 'S')) as t(id, ordered_on, status, amount, refund, shop);
create table shops as select * from (values ('N', 'North'), ('S', 'South')) as t(shop, name);
create table tags as select * from (values (1, 'new'), (1, 'gift'), (2, 'new')) as t(id, tag);
create view paid as select * from orders where status = 'paid';
create view paid_net (order_id, gain) as select id, amount - coalesce(refund, 0) from paid;
create schema marts;
create view marts.by_shop as select shop, sum(amount) as total, count(*) as n from paid group by shop;
"""
PROJECT = """
project: {name: shop, timezone: UTC}
parties: [{party: desk, kind: team}, {party: bizops, kind: team}]
units: [{unit: order}]
sources:
  - source: orders
    one_row_is: one order
    table: orders
    key: [id]
    time: {ordered_on: day}
    columns: {id: integer, ordered_on: date, status: text, amount: {type: integer, unit: EUR}, refund: {type: integer, unit: EUR}, shop: text}
    dimensions: {is_paid: "status = 'paid'"}
    owner: desk
metrics:
  - {metric: net, title: Net revenue, definition: Paid less refunds., purpose: action, owner: desk, unit: EUR, better: higher, source: orders,
     measure: "sum(amount - coalesce(refund, 0))", where: is_paid, respond: Call.}
  - {metric: turnover, title: Turnover, definition: What is paid., purpose: action, owner: desk, unit: EUR, better: higher, source: orders,
     measure: sum(amount), where: is_paid, respond: Call.}
  - {metric: paid_orders, title: Paid orders, definition: Orders paid., purpose: action, owner: desk, unit: order, better: higher, source: orders,
     measure: count(*), where: is_paid, respond: Call.}
  - {metric: order_value, title: Order value, definition: What a paid order brings., purpose: action, owner: desk, unit: EUR/order, better: higher, source: orders,
     measure: sum(amount) / count(*), where: is_paid, respond: Call.}
estate: [{estate: dashboards, owner: bizops, sql: "dashboards/*.sql"}]
"""
NUMBERS = ("shadow", "same-as-governed", "ungoverned-name", "not-a-query", "unreadable", "unknown-name", "untraced-sql")


def audited(folder: Path, files: Mapping[str, str], project: str = PROJECT) -> list[str]:
    (folder / "definitions").mkdir()
    (folder / "definitions" / "all.yml").write_text(project)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with duckdb.connect() as warehouse:
        warehouse.execute(TABLES).fetchall()
        found = [each for each in Layer.load(folder, warehouse=warehouse).audit().findings if each.code in NUMBERS]
    return [said(each) for each in found]


def said(finding: Finding) -> str:
    told = finding.message.replace("`dashboards/a.sql` ", "") + (f" [{finding.damage}]" if finding.damage else "")
    return f"{finding.code}: {told}"


SAME = "same-as-governed: computes `a`, which is `{}` on every row that is there: {}"
NET, TURNOVER, ORDERS = SAME.format("net", 310), SAME.format("turnover", 360), SAME.format("paid_orders", 3)
NET_OR = "coalesce(refund, 0)"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        # queries that choose and compute
        (f"select sum(a) as a from (select amount - {NET_OR} as a from orders where status = 'paid') as t", NET),
        (f"with t as (select id, amount - {NET_OR} as a, status from orders) select sum(t.a) as a from t where status = 'paid'", NET),
        (f"with source as (select * from orders), renamed as (select id as order_id, amount as gross, {NET_OR} as back, status as state from source), "
         "final as (select *, gross - back as gain from renamed where state = 'paid') select date_trunc('month', current_date) as m, sum(gain) as a from final group by 1", NET),
        ("select sum(a) as a from (select amount as a from orders where status = 'paid') as t", TURNOVER),
        ("select sum(x) as a from (select id, amount, status from orders) as t(i, x, s) where s = 'paid'", TURNOVER),
        ("select sum(amount) as a from (select * exclude (refund) from orders where status = 'paid') as t", TURNOVER),
        ("select sum(amount) as a from (select * replace (2 * amount as amount) from orders where status = 'paid') as t",
         "shadow: computes `a` from `orders` as 720, and `turnover` is 360 [+360; 3 rows of `orders`: 1, 2, 5]"),
        # the alias of one query is a column to the next
        ("select sum(amount) as a from orders as o join shops as s on s.shop = o.shop where o.status = 'paid' and s.name = 'North'",
         "shadow: computes `a` from `orders` as 300, and `turnover` is 360 [-60; 1 row of `orders`: 5]"),
        ("select sum(o.amount) as a from shops as s, orders as o where s.shop = o.shop and o.status = 'paid'", TURNOVER),
        ("select sum(amount) as a from shops join orders using (shop) where status = 'paid'", TURNOVER),
        # order 1 has two tags and 5 has none: 100 twice, 60 never
        ("with t as (select id, tag from tags), o as (select id, amount from orders where status = 'paid') select sum(amount) as a from o join t using (id)",
         "shadow: computes `a` from `orders` as 400, and `turnover` is 360 [+40; 2 rows of `orders`: 1, 5]"),
        # views over views
        ("select sum(amount) as a from paid", TURNOVER),
        ("select sum(gain) as a from paid_net", NET),
        ("select sum(p.gain) as a from main.paid_net as p", NET),
        ("select sum(total) as a from marts.by_shop", TURNOVER),
        # sums of sums
        ("select sum(s) as a from (select shop, sum(amount) as s from orders where status = 'paid' group by shop) as t", TURNOVER),
        ("with d as (select ordered_on, count(*) as n from orders where status = 'paid' group by all), m as (select date_trunc('month', ordered_on) as m, sum(n) as n "
         "from d group by 1) select sum(n) as a from m", ORDERS),
        ("select sum(s) filter (where shop = 'N') as a from (select shop, sum(amount) as s from orders where status = 'paid' group by shop) as t",
         "shadow: computes `a` from `orders` as 300, and `turnover` is 360 [-60; 1 row of `orders`: 5]"),
        # an average of averages: 150 in the North, 60 in the South; the mean of all is 120
        ("select avg(v) as order_value from (select shop, avg(amount) as v from orders where status = 'paid' group by shop) as t",
         "shadow: computes `order_value` from `orders` as 105, and `order_value` is 120 [-15]"),
        # what is left out of the groups is left out of the sum, and nobody can say of which rows
        ("select sum(s) as a from (select shop, sum(amount) as s from orders where status = 'paid' group by shop having sum(amount) > 100) as t",
         "shadow: computes `a` from `orders` as 300, and `turnover` is 360 [-60]"),
        ("select sum(s) as a from (select shop, sum(amount) as s from orders where status = 'paid' group by shop) as t where s > 0",
         "untraced-sql: computes `a` as 360, as `turnover` is, and its rows cannot be told apart"),
        ("select sum(amount) as a from (select distinct id, amount from orders where status = 'paid') as t",
         "untraced-sql: computes `a` as 360, as `turnover` is, and its rows cannot be told apart"),
        # computed of sums
        ("with t as (select sum(amount) as s, count(*) as n from orders where status = 'paid') select s / n as order_value from t",
         "same-as-governed: computes `order_value`, which is `order_value` on every row that is there: 120"),
        ("select shop, s / n as order_value from (select shop, sum(amount) as s, count(*) as n from orders where status = 'paid' group by shop) as t",
         "same-as-governed: computes `order_value`, which is `order_value` on every row that is there: 120"),
        ("select total as a from (select sum(amount) as total from orders where status = 'paid') as t", TURNOVER),
        ("select total / n as order_value from marts.by_shop",
         "same-as-governed: computes `order_value`, which is `order_value` on every row that is there: 120"),
        # unions
        ("select sum(x) as a from (select amount as x from orders where status = 'paid' and shop = 'N' union all select amount from orders where status = 'paid' and shop = 'S') as t",
         TURNOVER),
        ("select sum(x) as a from (select amount as x from orders where status = 'paid' union all select -refund from orders where status = 'paid') as t", NET),
        # 100, 200 and 60 are different, so as much comes out; two orders of 100 would be one
        ("select sum(x) as a from (select amount as x from orders where status = 'paid' and shop = 'N' union select amount from orders where status = 'paid' and shop = 'S') as t",
         "untraced-sql: computes `a` as 360, as `turnover` is, and its rows cannot be told apart"),
        # windows
        ("select id, sum(amount) over (partition by shop order by ordered_on) as a from orders where status = 'paid'", TURNOVER),
        ("select shop, sum(sum(amount)) over (order by shop) as a from orders where status = 'paid' group by shop", TURNOVER),
        ("select sum(amount) as a from (select *, row_number() over (partition by id order by ordered_on) as rn from orders where status = 'paid') as t where rn = 1", TURNOVER),
        ("select sum(amount) as a from (select * from orders where status = 'paid' qualify row_number() over (partition by id) = 1) as t", TURNOVER),
        # a number within a condition is run by itself, too
        ("select id from orders where amount > (select sum(amount) as a from orders where status = 'paid')", TURNOVER),
    ],
)  # fmt: skip
def test_a_number_is_followed_to_its_rows(tmp_path: Path, sql: str, expected: str) -> None:
    assert audited(tmp_path, {"dashboards/a.sql": sql}) == [expected]


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("with recursive r as (select id, amount from orders union all select id, amount from r where false) select sum(amount) as a from r", "`a`: `amount` comes out of"),
        ("select sum(x) as a from (select unnest([1, 2]) as x) as t, range(3) as r", "`a`: "),
        ("select s.shop, (select sum(o.amount) from orders as o where o.shop = s.shop) as a from shops as s", "`SUM(o.amount)`: it is of each row of the query around it"),
        ("select shop || sum(amount) as a from orders group by shop", "`a`: a column stands beside the sum, which has one value for each group"),
        ("select sum(amount) / sum(sum(amount)) over () as a from orders group by shop", "`a`: a window stands beside the sums of groups"),
        ("select sum(some_macro(amount)) as a from orders", "`a`: what `some_macro` makes of it is not known"),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_told_and_not_guessed(tmp_path: Path, sql: str, why: str) -> None:
    (found,) = audited(tmp_path, {"dashboards/a.sql": sql})
    assert found.startswith(f"untraced-sql: shows what cannot be traced to a table: {why}")


@pytest.mark.parametrize("sql", [
    "select id, rank() over (order by sum(amount) desc) as place from orders group by id",
    "select o.id from orders as o where o.amount > (select avg(i.amount) from orders as i where i.shop = o.shop)",
    "select max(ordered_on) as newest from paid", "select * from marts.by_shop where shop = 'N' limit 1",
    "select shop, name from shops order by (select count(*) from tags)",
])  # fmt: skip
def test_what_shows_no_number_of_a_governed_table_is_left_alone(tmp_path: Path, sql: str) -> None:
    assert [each for each in audited(tmp_path, {"dashboards/a.sql": sql}) if "marts" not in sql] == []


FILES = PROJECT.replace("table: orders\n", "file: data/orders.csv\n")


@pytest.fixture
def orders_file(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    with duckdb.connect() as warehouse:
        warehouse.execute(TABLES).fetchall()
        warehouse.execute(f"copy orders to '{tmp_path / 'data' / 'orders.csv'}' (header)")
    return tmp_path


@pytest.mark.parametrize("read", [
    "read_csv('data/orders.csv')", "read_csv('data/orders.csv', header = true)", "read_csv_auto('data/orders.csv')", "'data/orders.csv'",
    "read_csv('../data/orders.csv')", "'../data/orders.csv' as o", "(select * from 'data/orders.csv') as t",
])  # fmt: skip
def test_a_file_of_the_project_is_read_like_a_table(orders_file: Path, read: str) -> None:
    sql = f"select sum(amount) as a from {read} where status = 'paid'"
    assert audited(orders_file, {"dashboards/a.sql": sql}, FILES) == [TURNOVER]


@pytest.mark.parametrize("read", ["'data/orders.parquet'", "read_parquet('data/orders.parquet')", "parquet_scan('data/orders.parquet') as p"])
def test_so_is_a_parquet_file(tmp_path: Path, read: str) -> None:
    (tmp_path / "data").mkdir()
    with duckdb.connect() as warehouse:
        warehouse.execute(TABLES).fetchall()
        warehouse.execute(f"copy orders to '{tmp_path / 'data' / 'orders.parquet'}' (format parquet)")
    found = audited(tmp_path, {"dashboards/a.sql": f"select sum(amount) as a from {read}"}, FILES.replace("orders.csv", "orders.parquet"))
    assert found == ["shadow: computes `a` from `orders` as 480, and `turnover` is 360 [+120; 2 rows of `orders`: 3, 4]"]


def test_another_file_is_not_the_one_that_is_governed(orders_file: Path) -> None:
    (orders_file / "data" / "other.csv").write_text((orders_file / "data" / "orders.csv").read_text())
    assert audited(orders_file, {"dashboards/a.sql": "select sum(amount) as a from 'data/other.csv'"}, FILES) == []


def test_what_the_project_publishes_is_not_taken_apart(tmp_path: Path) -> None:
    view = "views: [{view: board, audience: frontline, owner: desk, definition: The board., metrics: [turnover], by: [month]}]\n"
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "all.yml").write_text(PROJECT + view)
    (tmp_path / "dashboards").mkdir()
    (tmp_path / "dashboards" / "a.sql").write_text("select month, turnover from frontline.board")
    with duckdb.connect() as warehouse:
        warehouse.execute(TABLES).fetchall()
        with Layer.load(tmp_path, warehouse=warehouse) as layer:
            layer.publish()
            assert [each for each in layer.audit().findings if each.code in NUMBERS] == []


QUERY = PROJECT.replace("    table: orders\n", "    sql: select o.id as order_id, o.*, s.name from orders as o left join shops as s using (shop) where o.status <> 'cancelled'\n").replace(
    "key: [id]", "key: [order_id]").replace("columns: {id: integer,", "columns: {order_id: integer,")


@pytest.mark.parametrize(("sql", "expected"), [
    ("select sum(amount) as a from orders where status = 'paid'", TURNOVER),
    ("with o as (select * from orders) select sum(o.amount) as a from o", "shadow: computes `a` from `orders` as 480, and `turnover` is 360 [+120; 2 rows of `orders`: 3, 4]"),
])  # fmt: skip
def test_a_source_that_is_a_query_is_followed_to_its_table_too(tmp_path: Path, sql: str, expected: str) -> None:
    assert audited(tmp_path, {"dashboards/a.sql": sql}, QUERY) == [expected]


@pytest.mark.parametrize("source", [
    "select 10 * id as order_id, * exclude (id), id from orders", "select id as order_id, * from orders union all select id, * from orders where false",
    "select * from (select *, id as order_id from orders) as t join range(1) as r on true",
])  # fmt: skip
def test_a_source_whose_key_is_no_key_of_a_table_is_left_alone(tmp_path: Path, source: str) -> None:
    project = QUERY.replace(QUERY[QUERY.index("    sql: ") : QUERY.index("    key: ")], f"    sql: {source}\n")
    found = audited(tmp_path, {"dashboards/a.sql": "select sum(amount) as a from orders where status = 'paid'"}, project)
    assert found == []


def test_an_average_of_ratios_is_another_reading_of_a_ratio_and_no_mean_is_one_of_a_total(tmp_path: Path) -> None:
    project = PROJECT.replace("measure: sum(amount) / count(*), where: is_paid, respond: Call.}", "measure: sum(refund) / sum(amount), where: is_paid, respond: Call.}").replace(
        "unit: EUR/order", 'unit: "1"')
    files = {"dashboards/a.sql": "select avg(refund / amount) as a, avg(amount) as b from orders where status = 'paid'"}
    # 0/100, 50/200 and unknown: their mean is 0.125; of all that is paid 50 of 360 went back
    assert audited(tmp_path, files, project) == ["shadow: computes `a` from `orders` as 0.125, and `order_value` is 0.1389 [-0.0139]"]
