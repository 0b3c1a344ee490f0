"""DL603: which cells of a quotient have too little below the line, and what is no base."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from decisionlayer.layer import Layer
from tests.worlds.made import choice, made, metric, shop

TABLES = """
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales select i, date '2024-01-01' + i::integer % 40, case when i < 30 then 'A' when i < 37 then 'B' end, i from range(40) t(i);
"""
SWITCH = {"owner": "board", "why": "W.", "loses": "L."}


def layer(folder: Path, **keys: Any) -> Layer:
    said = {"formula": "a / n", "translation": {**SWITCH, "terms": {"a": "taken", "n": "came"}}, **keys}
    body = {key: value for key, value in said.items() if value is not None}
    return made(folder, shop(metric("taken", measure="sum(amount)"), metric("came", measure="count(*)"), choice("each", **body)), TABLES)


def told(asked: Layer, **question: Any) -> list[tuple[str | None, str]]:
    return [(each.rule.id, each.message) for each in asked.query(metrics=["each"], **question).findings]


def test_thirty_are_enough_and_seven_are_not(tmp_path: Path) -> None:
    asked = layer(tmp_path, min_base=30)
    assert told(asked) == []
    assert told(asked, where="shop = 'A'") == []
    assert told(asked, where="shop = :s", params={"s": "B"}) == [("DL603", "`each` has fewer than 30 below the line: 7")]
    assert told(asked, by=["shop"]) == [("DL603", "2 of 3 cells of `each` have fewer than 30 below the line: 3 in Unassigned")]
    assert told(asked, by=["shop"], order=["-each"], limit=1) == [("DL603", "1 of 1 cells of `each` have fewer than 30 below the line: 3 in Unassigned")]
    assert told(asked, where="shop = 'C'") == []  # there is no value that anybody could believe too much


def test_a_mean_has_a_base_too(tmp_path: Path) -> None:
    asked = layer(tmp_path, formula=None, measure="avg(amount)", source="sales", translation=SWITCH, min_base=8)
    assert told(asked, by=["shop"])[0][1] == "2 of 3 cells of `each` have fewer than 8 below the line: 3 in Unassigned"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"min_base": 0}, "`min_base` of metric `each` is 0, and nothing has fewer than that"),
        ({"min_base": 5, "formula": "a + n"}, "metric `each` says `min_base`, and is no quotient of two numbers that add up"),
    ],
)
def test_what_is_no_base_is_refused(tmp_path: Path, keys: dict[str, Any], message: str) -> None:
    assert message in [each.message for each in layer(tmp_path, **keys).model.broken["metric each"]]
