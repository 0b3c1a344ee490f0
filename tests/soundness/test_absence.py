"""No rows is not NULL: in a sum a side without rows counts as nothing, and a side that is there and unknown does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds import shared_world
from tests.worlds.made import made

SIDES = """
create table ins (id integer, area varchar, amount integer);
create table outs (id integer, area varchar, amount integer);
insert into ins values (1, 'N', 100), (2, 'S', 80), (3, 'U', null), (4, 'Z', 0);
insert into outs values (1, 'N', 60), (2, 'W', 30), (3, 'U', 5), (4, 'Z', 0);
"""


def source(name: str) -> dict[str, object]:
    columns = {"id": "integer", "area": "text", "amount": "integer"}
    return {
        "source": name,
        "one_row_is": "a row",
        "table": name,
        "key": ["id"],
        "columns": columns,
        "dimensions": {"area": "area"},
        "owner": "desk",
    }


def asked(folder: Path, formula: str, **keys: object) -> list[tuple[object, ...]]:
    said = {
        "definition": "D.",
        "owner": "desk",
        "unit": "1",
        "better": "none",
        "purpose": "action",
        "respond": "Look at it.",
    }
    metrics = [
        {"metric": "income", "title": "income", **said, "source": "ins", "measure": "sum(amount)"},
        {"metric": "spent", "title": "spent", **said, "source": "outs", "measure": "sum(amount)"},
        {"metric": "sales", "title": "sales", **said, "source": "ins", "measure": "count(*)"},
        {"metric": "net", "title": "net", **said, "formula": formula, **keys},
    ]
    declared = {
        "project": {"name": "p"},
        "parties": [{"party": "desk"}],
        "sources": [source("ins"), source("outs")],
        "metrics": metrics,
    }
    layer = made(folder, declared, SIDES)
    assert [found.render() for found in layer.check() if found.is_error] == []
    return [
        row[:2] for row in layer.query(metrics=["net", "income", "spent"], by=["area"]).rows()
    ]  # all areas, whatever net stands on


@pytest.mark.parametrize(("formula", "values"), [
    # N 100 and 60, S 80 and no rows, U unknown and 5, W no rows and 30, Z 0 and 0
    ("income - spent", [40, 80, -5, -30, 0]),
    ("spent - income", [-40, -80, 5, 30, 0]),
    ("income + spent", [160, 80, 5, 30, 0]),
    ("-income", [-100, -80, None, None, 0]),
    ("income * spent", [6000, None, None, None, 0]),
    ("income / spent + sales", [100 / 60 + 1, None, None, None, None]),  # the quotient is there and unknown, except in N
    ("income - 1", [99, 79, None, None, -1]),
    ("income - (spent - 1)", [41, 81, -4, -29, 1]),
    ("coalesce(income, 7) - spent", [40, 80, 2, -23, 0]),
    ("sales - spent", [-59, 1, -4, -30, 1]),
    ("greatest(income, spent)", [100, None, None, None, 0]),
    ("case when income is null then 0 else income end", [100, 80, 0, 0, 0]),
])  # fmt: skip
def test_in_each_area(tmp_path: Path, formula: str, values: list[float | None]) -> None:
    rows = asked(tmp_path, formula)
    assert [row[0] for row in rows] == ["N", "S", "U", "W", "Z"]
    assert [row[1] for row in rows] == pytest.approx(values)


def test_missing_zero_is_nought_where_there_is_no_row_and_unknown_where_a_row_says_nothing(tmp_path: Path) -> None:
    """In U there is a row of income without an amount: to call that nought would be a number that nobody knows."""
    assert [row[1] for row in asked(tmp_path, "income * 2", missing="zero")] == [200, 160, None, 0, 0]


def test_missing_null_leaves_a_count_unknown_where_there_is_no_row(tmp_path: Path) -> None:
    assert [row[1] for row in asked(tmp_path, "sales * 2", missing="null")] == [2, 2, 2, None, 2]


def test_a_profit_without_cost_is_not_lost() -> None:
    rows = shared_world("two_facts")[0].query(metrics=["profit"], by=["region"]).rows()
    assert (
        rows == [("N", 40), ("S", 80), ("W", -30)] and sum(row[1] for row in rows) == 90
    )  # NULL-propagating parts add to 40


def test_missing_zero_speaks_of_areas_without_rows_and_not_of_unknown_amounts(tmp_path: Path) -> None:
    """The wrong number is 0 for U: one sale was made there, and nobody knows for how much."""
    found = {row[0]: row[1] for row in asked(tmp_path, "income", missing="zero")}
    assert found == {"N": 100, "S": 80, "U": None, "W": 0, "Z": 0}


def test_missing_null_speaks_of_areas_without_rows_and_not_of_rows_that_do_not_count(tmp_path: Path) -> None:
    """The wrong number is nothing for Z: its one sale is there, it is only not above zero."""
    found = {row[0]: row[1] for row in asked(tmp_path, "sales - sales", missing="null")}
    assert found == {"N": 0, "S": 0, "U": 0, "W": None, "Z": 0}
