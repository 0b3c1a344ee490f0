"""A question that joins an entity whose key comes twice is refused: each row would be counted once for each of them.

Seen: two sales of 30 in all, with shop 1 twice in the shops, split by the shop's name came out as 30 and 30.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from decisionlayer import DeclarationError, Layer

PROJECT = """
project: {name: shop}
parties: [{party: desk, kind: team, name: Desk}]
sources:
  - {source: sales, one_row_is: one sale, table: sales, key: [id], links: {shop: shop}, owner: desk, columns: {amount: integer}}
  - {source: shops, one_row_is: one shop, describes: shop, table: shops, key: [shop], dimensions: {name: name}, owner: desk}
metrics:
  - {metric: taken, purpose: action, owner: desk, definition: Taken., unit: 1, source: sales, measure: sum(amount), respond: L.}
"""


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create table sales as select * from (values (1, 1, 10), (2, 1, 20)) as t(id, shop, amount)")
    connection.execute("create table shops as select * from (values (1, 'X'), (2, 'Z'), (NULL, 'P'), (NULL, 'Q')) as t(shop, name)")
    return connection


@pytest.fixture
def shop(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> Layer:
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "project.yml").write_text(PROJECT, encoding="utf-8")
    return Layer.load(tmp_path, warehouse=warehouse)


@pytest.mark.parametrize("question", [{"by": ["shop.name"]}, {"where": "shop.name = 'X'"}, {"by": ["name"], "limit": 1}])
def test_a_join_that_would_multiply_is_refused(
    shop: Layer, warehouse: duckdb.DuckDBPyConnection, question: dict[str, object]
) -> None:
    warehouse.execute("insert into shops values (1, 'Y')")
    with pytest.raises(DeclarationError) as refused:
        shop.query(metrics=["taken"], **question)
    (finding,) = refused.value.findings
    assert (finding.code, finding.message) == (
        "key-not-unique", "`shops` says that `shop` tells each shop from the others, and 1 comes more than once",
    )  # fmt: skip
    assert finding.why == "every row that links to a repeated shop would be counted as often as it is repeated"


def test_what_joins_nothing_is_answered(shop: Layer, warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("insert into shops values (1, 'Y')")
    assert shop.query(metrics=["taken"]).rows() == [(30,)]
    assert shop.query(metrics=["taken"], by=["shop"]).rows() == [(1, 30)]


def test_rows_without_a_key_link_to_nothing_and_repeat_nothing(shop: Layer) -> None:
    assert shop.query(metrics=["taken"], by=["shop.name"]).rows() == [("X", 30)]
