"""A metric that is a dimension is one number of each thing: under one definition, which the answer names, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from decisionlayer.errors import QueryError
from decisionlayer.layer import Layer
from tests.worlds.made import choice, made, metric, shop

TABLES = """
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values (1, '2024-01-01', 'A', 10), (2, '2024-01-02', 'A', 20), (3, '2024-02-01', 'B', 60), (4, '2024-02-02', 'A', 15),
  (5, '2024-02-03', 'A', 30);
create table shops (shop varchar);
insert into shops values ('A'), ('B');
"""
#: Sales of 20 since February, of 10 before.
DATED: dict[str, Any] = {"since": "2024-02-01", "measure": "count(*)", "where": "amount >= 20"}
EARLIER = [{"since": "2024-01-01", "where": "amount >= 10"}]


def world(folder: Path, *, recorded: bool = True) -> Layer:
    declared = shop(
        metric("sold", measure="sum(amount)"),
        metric("big", **DATED, past="restated", earlier=EARLIER),
        metric("broken", **DATED, past="break", earlier=EARLIER),
        metric("of_busy", measure="sum(amount)", where="shop.bigs > 1"),
        choice("kept", translation={"owner": "desk", "why": "w", "loses": "l", "from": "sold", "population": "shop.bigs > 1"}),
    )
    declared["sources"][0] |= {"dimensions": {}, "links": {"shop": "shop"}}
    declared["sources"].append({
        "source": "shops", "one_row_is": "one shop", "describes": "shop", "table": "shops", "key": ["shop"], "owner": "desk",
        "columns": {"shop": "text"},
        "dimensions": {"bigs": {"metric": "big"}, "bigs_then": {"metric": "big", "within": "range"}, "breaks": {"metric": "broken"}},
    })  # fmt: skip
    layer = made(folder, declared, TABLES)
    if recorded:
        layer.record({
            "restate": "big", "since": "2024-02-01", "start": "2024-01-01", "end": "2024-01-31", "was": 2, "now": 1, "why": "W.", "by": "desk",
            "dated": "2024-02-02",
        })  # fmt: skip
        layer = made(folder, declared, TABLES)
    return layer


def test_restated_each_thing_has_one_number_and_the_answer_says_so(tmp_path: Path) -> None:
    layer = world(tmp_path)
    result = layer.query(metrics=["sold"], by=["shop.bigs"], definition="restated")
    assert result.rows() == [(1, 60), (2, 75)]  # not 3, two of January by its own rule and one of February
    assert result.notes == ("the dimension `bigs`: big is restated: every period under its definition of 2024-02-01",)
    told: Any = result.passport("sold")["definitions"][0]  # type: ignore[index]
    assert (told["metric"], told["dimension"], told["since"]) == ("big", "bigs", "2024-02-01")
    assert layer.query(metrics=["sold"], by=["shop.bigs"], basis="restated@2024-01-31").rows() == [(1, 60), (4, 75)]


def test_filters_say_so_too_and_numbers_under_two_of_them_are_not_compared(tmp_path: Path) -> None:
    layer = world(tmp_path)
    asked = layer.query(metrics=["of_busy", "kept"], definition="restated")
    assert asked.rows() == [(75, 75)]
    assert asked.notes == ("the dimension `bigs`: big is restated: every period under its definition of 2024-02-01",)
    found = [layer.query(metrics=["of_busy"], definition=how, basis=basis).facts()[0].circumstances for how, basis in (
        ("restated", None), (None, "restated@2024-01-31"),
    )]  # fmt: skip
    assert [each.definitions for each in found if each is not None] == [("big",), ("big@2024-01-01",)]


def test_of_the_range_it_lies_under_the_definition_of_the_range(tmp_path: Path) -> None:
    layer = world(tmp_path)
    assert layer.query(metrics=["sold"], by=["shop.bigs_then"], start="2024-02").rows() == [(1, 105)]
    january = layer.query(metrics=["sold"], by=["shop.bigs_then"], end="2024-01", start="2024-01", definition="as_then")
    assert january.rows() == [(2, 30)]  # not 1, by the rule of February
    assert january.notes == ("the dimension `bigs_then`: big as it was defined from 2024-01-01 on: D.",)


@pytest.mark.parametrize(("asked", "code", "help"), [
    ({"by": ["shop.bigs"]}, "unsettled-definition", "say `definition: restated`, or let `bigs` say `within: range`"),
    ({"by": ["shop.bigs"], "start": "2024-02"}, "unsettled-definition", "let `bigs` say `within: range`"),
    ({"by": ["shop.bigs"], "definition": "as_then"}, "unsettled-definition", "say `definition: restated`"),
    ({"where": "shop.bigs > 1", "definition": "as_then"}, "unsettled-definition", "say `definition: restated`"),
    ({"by": ["shop.bigs_then"], "definition": "as_then"}, "unsettled-definition", "let the question begin on 2024-02-01 or end before it"),
    ({"by": ["shop.breaks"], "definition": "restated"}, "unsettled-definition", "let `breaks` say `within: range`"),
    ({"metrics": ["of_busy"]}, "unsettled-definition", "say `definition: restated`"),
])  # fmt: skip
def test_one_number_of_two_definitions_is_refused_by_name(tmp_path: Path, asked: dict[str, Any], code: str, help: str) -> None:
    with pytest.raises(QueryError) as refused:
        world(tmp_path).query(**{"metrics": ["sold"], **asked})
    assert refused.value.codes == (code,)
    (finding,) = refused.value.findings
    assert finding.message.startswith("the dimension `")
    assert help in finding.help
    assert "as_then" not in finding.help  # which would be refused as well


def test_a_past_that_nobody_restated_makes_no_dimension(tmp_path: Path) -> None:
    with pytest.raises(QueryError) as refused:
        world(tmp_path, recorded=False).query(metrics=["sold"], by=["shop.bigs"], definition="restated")
    assert refused.value.codes == ("unrecorded-restatement",)
