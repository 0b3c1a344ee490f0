"""A small CSV that can be read in one way only is read so; anything else is looked at first, as it was.

The plausible wrong number: a file with semicolons or quotes is read by commas, and amounts land in the next column.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer
from decisionlayer.sql.relation import from_clause

PROJECT = """
project: {name: shops, timezone: UTC}
parties: [{party: desk, kind: team, name: The desk}]
sources:
  - {source: sales, one_row_is: one sale, file: sales.csv, key: [id], columns: {id: integer, amount: {type: integer, unit: USD}, shop: text},
     dimensions: [shop], owner: desk}
"""
METRICS = """
for_all: {purpose: action, owner: desk, unit: USD, better: higher, respond: Look.}
metrics:
  - {metric: revenue, definition: Sales., source: sales, measure: sum(amount)}
"""
ROWS = [("Rye", 30), (None, 12)]


def loaded(folder: Path, text: str) -> Layer:
    (folder / "definitions").mkdir()
    (folder / "definitions" / "all.yml").write_text(PROJECT)
    (folder / "metrics").mkdir()
    (folder / "metrics" / "all.yml").write_text(METRICS)
    (folder / "sales.csv").write_bytes(text.encode("utf-8"))
    return Layer.load(folder, warehouse=duckdb.connect())


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ("id,amount,shop\n1,10,Rye\n2,20,Rye\n3,12,\n", True),
        ("id,amount,shop\r\n1,10,Rye\r\n2,20,Rye\r\n3,12,", True),
        ("id;amount;shop\n1;10;Rye\n2;20;Rye\n3;12;\n", False),
        ("id\tamount\tshop\n1\t10\tRye\n2\t20\tRye\n3\t12\t\n", False),
        ('id,amount,shop\n1,10,"Rye"\n2,20,Rye\n3,12,\n', False),
        ("id,amount,shop\n1,10,'Rye'\n2,20,'Rye'\n3,12,\n", False),
        ("id,amount,shop\n" + "".join(f"{each},1,{'Rye' if each < 30 else ''}\n" for each in range(42)) + "0,0,Rye\n" * 9_000, False),
    ],
    ids=["commas", "another line end", "semicolons", "tabs", "quotes", "other quotes", "a large one"],
)
def test_what_is_not_plain_is_looked_at(tmp_path: Path, text: str, is_plain: bool) -> None:
    with loaded(tmp_path, text) as layer:
        result = layer.query(metrics=["revenue"], by=["shop"])
        assert [(row[0], row[1]) for row in result.rows()] == ROWS
        assert ("delim" in result.sql) is is_plain


@pytest.mark.parametrize(
    "lines",
    [
        ["a,b", "1,2"], ["a,b"], ["a,b", ",", ","], ["a,b", "NULL,null", "1,x"], ["a,b", "2013-01-02,01/02/2013", "2013-01-03,02/01/2013"],
        ["a,b", " 1, x ", "2,y"], ["a,b", "0x1,1e3", "2,3.5"], ["a,b", "true,12:30", "T,12:31"], ["1,x y", "2,é"], ["a,b", "$5,[1]", "{},=1"],
    ],
)  # fmt: skip
def test_a_plain_file_holds_what_was_found_in_it_before(tmp_path: Path, lines: list[str]) -> None:
    with loaded(tmp_path, "\n".join(lines)) as layer, duckdb.connect() as connection:
        relation = layer.model.sources["sales"].relation
        asked = from_clause(relation).partition(", types")[0] + ")"
        assert "delim" in asked
        said, looked = (connection.sql(f"FROM {text}") for text in (asked, f"read_csv('{tmp_path / 'sales.csv'}', header = true)"))
        assert (said.columns, said.types, said.fetchall()) == (looked.columns, looked.types, looked.fetchall())


def test_a_file_that_comes_to_be_quoted_is_read_as_before(tmp_path: Path) -> None:
    with loaded(tmp_path, "id,amount,shop\n1,10,Rye\n") as layer:
        (tmp_path / "sales.csv").write_text('id,amount,shop\n1,30,"Rye"\n2,12,\n3,5,"a, ""b"""\n')
        rows = layer.query(metrics=["revenue"], by=["shop"]).rows()
        assert [(row[0], row[1]) for row in rows] == [("Rye", 30), ('a, "b"', 5), (None, 12)]
