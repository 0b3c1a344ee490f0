"""SQL from outside beside governed numbers: what it computes, which one it competes with, and on which rows they part."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer
from decisionlayer.exchange.estate.reading import read_sql
from decisionlayer.findings import Finding

TABLES = """
create table orders as select * from (values
    (1, date '2025-01-05', 'paid', 100, 0), (2, date '2025-01-20', 'paid', 200, 50), (3, date '2025-02-03', 'pending', 80, 0),
    (4, date '2025-02-09', 'cancelled', 40, 0), (5, date '2025-03-01', 'paid', 60, null)) as t(id, ordered_on, status, amount, refund);
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
    columns: {id: integer, ordered_on: date, status: text, amount: {type: integer, unit: EUR}, refund: {type: integer, unit: EUR}}
    dimensions: {is_paid: "status = 'paid'"}
    owner: desk
metrics:
  - {metric: net, title: Net revenue, definition: Paid less refunds., purpose: action, owner: desk, unit: EUR, better: higher, source: orders,
     measure: "sum(amount - coalesce(refund, 0))", where: is_paid, respond: Call.}
  - {metric: paid_orders, title: Paid orders, definition: Orders paid., purpose: action, owner: desk, unit: order, better: higher, source: orders,
     measure: count(*), where: is_paid, respond: Call.}
estate: [{estate: dashboards, owner: bizops, sql: "dashboards/*.sql"}]
"""


def audited(folder: Path, files: Mapping[str, str | bytes], project: str = PROJECT) -> list[Finding]:
    (folder / "definitions").mkdir()
    (folder / "definitions" / "all.yml").write_text(project)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with duckdb.connect() as warehouse:
        warehouse.execute(TABLES).fetchall()
        return list(Layer.load(folder, warehouse=warehouse).audit().findings)


def told(findings: list[Finding], *codes: str) -> list[str]:
    return [f"{finding.code}: {finding.message}" + (f" [{finding.damage}]" if finding.damage else "") for finding in findings if finding.code in codes]


NUMBERS = ("shadow", "same-as-governed", "ungoverned-name", "not-a-query", "unreadable", "unknown-name", "untraced-sql")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        # 100 + 150 + 60 = 310; without the order whose refund is unknown 250; with what is pending and without refunds 440
        ("select sum(case when status = 'paid' then amount - coalesce(refund, 0) else 0 end) as a from orders", "same-as-governed: `dashboards/a.sql` computes `a`, which is `net` on every row that is there: 310"),
        ("select date_trunc('month', ordered_on) as m, sum(amount - coalesce(refund, 0)) as a from orders where status = 'paid' group by 1 having sum(amount) > 150 limit 1", "same-as-governed: `dashboards/a.sql` computes `a`, which is `net` on every row that is there: 310"),
        ("with x as (select sum(o.amount - coalesce(o.refund, 0)) as a from main.orders as o where o.status in ('paid')) select * from x", "same-as-governed: `dashboards/a.sql` computes `a`, which is `net` on every row that is there: 310"),
        ("select sum(amount - refund) as a from orders where status = 'paid'", "shadow: `dashboards/a.sql` computes `a` from `orders` as 250, and `net` is 310 [-60; 1 row of `orders`: 5]"),
        ("select sum(amount) as a from orders where status in ('paid', 'pending')", "shadow: `dashboards/a.sql` computes `a` from `orders` as 440, and `net` is 310 [+130; 2 rows of `orders`: 2, 3]"),
        # as much in all, by accident: the cancelled order stands in for part of the paid ones
        ("select sum(amount - coalesce(refund, 0)) as a from orders where id in (1, 2) or amount = 60", "same-as-governed: `dashboards/a.sql` computes `a`, which is `net` on every row that is there: 310"),
        ("select sum(case id when 1 then amount + 60 when 2 then amount - refund else 0 end) as a from orders", "shadow: `dashboards/a.sql` computes `a` from `orders` as 310, as `net` is, and the two differ row by row [2 rows of `orders`: 1, 5]"),
        ("select count(*) as paid from orders where status = 'paid'", "same-as-governed: `dashboards/a.sql` computes `paid`, which is `paid_orders` on every row that is there: 3"),
        ("select count(*) as net_revenue from orders where id > 2", "ungoverned-name: `dashboards/a.sql` shows `net_revenue` from `orders`, and `net` is counted otherwise"),
        ("select max(id) as newest from orders", None),
        ("select max(amount) as dearest from orders", None),
        ("select sum(a) as a from (select amount as a from orders where status = 'paid') as t", "shadow: `dashboards/a.sql` computes `a` from `orders` as 360, and `net` is 310 [+50; 1 row of `orders`: 2]"),
        ("with t as (select amount from orders) select sum(amount) as a from t", "shadow: `dashboards/a.sql` computes `a` from `orders` as 480, and `net` is 310 [+170; 3 rows of `orders`: 2, 3, 4]"),
        ("select ordered_on, amount from orders", None),
        ("select sum(amount) over () as a from orders", "shadow: `dashboards/a.sql` computes `a` from `orders` as 480, and `net` is 310 [+170; 3 rows of `orders`: 2, 3, 4]"),
        ("select sum(no_such_column) as a from orders", "untraced-sql: `dashboards/a.sql` shows what cannot be traced to a table: `a`: nobody knows of which table `no_such_column` is"),
        ("drop table orders", "not-a-query: `dashboards/a.sql` holds a statement that is no query: DROP"),
        ("select sum(", "unreadable: `dashboards/a.sql` cannot be read as SQL"),
        ("-- nothing yet", None),
    ],
)  # fmt: skip
def test_sql_is_run_beside_the_number_that_it_competes_with(tmp_path: Path, sql: str, said: str | None) -> None:
    found = told(audited(tmp_path, {"dashboards/a.sql": sql}), *NUMBERS)
    assert [each.partition(". Line")[0] for each in found] == ([] if said is None else [said])


def test_a_statement_that_the_warehouse_cannot_run_is_told_and_nothing_else_is_lost(tmp_path: Path) -> None:
    found = audited(tmp_path, {
        "dashboards/a.sql": "select sum(amount / 'many') as a from orders",
        "dashboards/b.sql": "select sum(amount - refund) as b from orders",
    })  # fmt: skip
    messages = told(found, "shadow")
    assert messages[0] == "shadow: `dashboards/a.sql` computes `a` from the columns of `net`, and could not be run beside it"
    assert messages[1].startswith("shadow: `dashboards/b.sql` computes `b` from `orders` as 370")


def test_a_pattern_without_files_and_a_file_that_is_no_text_are_told(tmp_path: Path) -> None:
    assert told(audited(tmp_path / "none", {"notes.txt": "x"}) if (tmp_path / "none").mkdir() is None else [], "unknown-name") == [
        "unknown-name: `dashboards/*.sql` of estate `dashboards` is no file of the project"
    ]
    (tmp_path / "bytes").mkdir()
    (finding,) = told(audited(tmp_path / "bytes", {"dashboards/a.sql": b"select \xff"}), "unreadable")
    assert finding.startswith("unreadable: `dashboards/a.sql` cannot be read: ")


def test_an_estate_has_an_owner_and_names_files(tmp_path: Path) -> None:
    project = PROJECT.replace('owner: bizops, sql: "dashboards/*.sql"', "owner: nobody")
    assert told(audited(tmp_path, {}, project), "no-owner", "missing-key") == [
        "missing-key: estate `dashboards` names no files", "no-owner: `nobody` looks after estate `dashboards`, and no party has that name",
    ]  # fmt: skip


def test_what_is_measured_is_told_from_which_rows_count() -> None:
    statement = read_sql("select x, sum(case when A > 1 then B end) filter (where c) / count(*) as r from S.T where d = 2", "f.sql", "estate e")
    (shown,) = statement.shown
    assert (shown.table, shown.measured, shown.kept) == (("S", "T"), {"b"}, {"a", "c", "d"})
    assert statement.named == {("t", "x"), ("t", "a"), ("t", "b"), ("t", "c"), ("t", "d")}
    assert shown.total() == "SELECT SUM(CASE WHEN A > 1 THEN B END) FILTER(WHERE c) / COUNT(*) AS value FROM S.T WHERE d = 2"
