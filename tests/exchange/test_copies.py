"""What is held twice: a table under another name or in another schema, a column beside its copy."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer
from tests.exchange.test_estate import PROJECT, TABLES


def copies(folder: Path, sql: str, project: str = PROJECT) -> list[str]:
    (folder / "definitions").mkdir()
    (folder / "definitions" / "all.yml").write_text(project)
    with duckdb.connect() as warehouse:
        warehouse.execute(TABLES + sql).fetchall()
        return [finding.message for finding in Layer.load(folder, warehouse=warehouse).audit().findings if finding.code == "held-twice"]


@pytest.mark.parametrize(("sql", "said"), [
    ("alter table orders add column total integer; update orders set total = amount", ["`amount` and `total` of `orders` are equal in all 5 rows"]),
    ("alter table orders add column total integer; update orders set total = amount where id > 1", []),  # an empty one is another
    ("alter table orders add column total bigint; update orders set total = amount; insert into orders values (6, null, null, null, null, 1)", []),
    ("alter table orders add column a integer default 1; alter table orders add column b integer default 1", []),  # one value is no copy
    ("alter table orders add column total varchar; update orders set total = amount", []),  # a text is no number
    ("create schema old; create table old.orders as from orders", ["the table `old.orders` holds the same 5 rows as `orders`"]),
    ("create table orders_old as from orders", ["the table `orders_old` holds the same 5 rows as `orders`"]),
])  # fmt: skip
def test_what_is_held_twice_is_told(tmp_path: Path, sql: str, said: list[str]) -> None:
    assert copies(tmp_path, sql) == said


def test_a_table_is_no_copy_of_itself_by_its_full_name(tmp_path: Path) -> None:
    assert copies(tmp_path, "", PROJECT.replace("table: orders", "table: main.orders")) == []
