"""Whole statements, as a person would sign them. ``statements/`` holds one file each: the question on top, its SQL below.

``python -m tests.sql.test_statements`` writes them anew; read the difference before you keep it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from decisionlayer.capabilities import DUCKDB
from decisionlayer.sql import emit
from tests.plan.company import layer, plan_of

FOLDER = Path(__file__).parent / "statements"
FILES = sorted(FOLDER.glob("*.sql"))


def parts(path: Path) -> tuple[dict[str, object], str]:
    head, _, sql = path.read_text(encoding="utf-8").partition("\n")
    return json.loads(head.removeprefix("-- ")), sql.strip()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_question_is_written_as_a_person_would(path):
    question, sql = parts(path)
    assert emit(plan_of(**question), DUCKDB).text == sql


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_runs_and_gives_the_types_it_promises(path):
    question, _ = parts(path)
    statement = emit(plan_of(**question), DUCKDB)
    relation = layer().engine._connection().sql(statement.text, params=dict(statement.parameters) or None)
    names = {"integer": "BIGINT", "float": "DOUBLE", "text": "VARCHAR", "date": "DATE", "boolean": "BOOLEAN",
             "instant": "TIMESTAMP WITH TIME ZONE"}  # fmt: skip
    promised = [names.get(str(column.type), str(column.type).upper()) for column in statement.columns]
    assert [column.name for column in statement.columns] == relation.columns
    assert [str(kind) for kind in relation.types] == promised


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_view_takes_it_with_its_parameters_written_out(path):
    question, _ = parts(path)
    statement = emit(plan_of(**question), DUCKDB, inline=True)
    assert statement.parameters == {}
    connection = layer().engine._connection()
    connection.execute(f"create or replace temp view shown as {statement.text}").fetchall()
    bound = emit(plan_of(**question), DUCKDB)
    expected = connection.sql(bound.text, params=dict(bound.parameters) or None).fetchall()
    assert connection.sql("select * from shown").fetchall() == expected


def test_filters_reach_the_scan():
    statement = emit(plan_of(metrics=["revenue"], by=["month", "shop.name"], start="2024-02", where="buyer = 'p1'"), DUCKDB)
    plan = layer().engine._connection().sql(f"explain {statement.text}").fetchall()[0][1]
    scan = plan[plan.index("Table: sales") :] if "Table: sales" in plan else plan[plan.index("sales") :]
    assert "sold_at>=" in scan.replace(" ", "") or "sold_at >=" in scan
    assert "buyer" in scan


def test_what_is_read_is_said():
    assert emit(plan_of(metrics=["profit"], by=["shop.town.region"]), DUCKDB).reads == ("costs", "sales", "shops", "towns")


def test_the_same_question_is_the_same_text():
    texts = {emit(plan_of(metrics=["profit", "orders"], by=["shop", "month"]), DUCKDB).text for _ in range(5)}
    assert len(texts) == 1


if __name__ == "__main__":
    for file in FILES:
        asked, _ = parts(file)
        file.write_text(f"-- {json.dumps(asked)}\n{emit(plan_of(**asked), DUCKDB).text}\n", encoding="utf-8")
