"""Questions over the worlds with the rows that a person worked out, put to DuckDB through the layer and to the reference evaluator.

Beside an answer stands the plausible wrong number (``not``: in no metric; ``not_row``: no row of the answer) and where it comes from.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from decisionlayer import DecisionLayerError
from tests.reference.answer import answer_of
from tests.reference.same import is_same, same_rows
from tests.reference.walks import Unanswerable
from tests.worlds import NAMES, shared_world

HERE = Path(__file__).parent

#: What the reference evaluator refuses too; grain and fan-out are not its business.
REFUSED_BY_BOTH = ("ambiguous-path", "unreachable-dimension", "needs-period")


@dataclass(frozen=True)
class Case:
    world: str
    claim: str
    ask: dict[str, Any]
    rows: list[list[Any]] | None
    refused: str | None
    wrong: list[Any]
    wrong_row: list[Any] | None
    is_referred: bool = True
    waits: str | None = None


def read() -> list[Case]:
    cases = []
    for path in sorted(HERE.glob("*.yml")):
        page = yaml.safe_load(path.read_text(encoding="utf-8"))
        for one in page["answers"]:
            unknown = set(one) - {"waits", "claim", "ask", "rows", "refused", "not", "not_row"}
            assert not unknown and ("rows" in one) != ("refused" in one), one["claim"]
            wrong = one.get("not", [])
            ask = {key: str(value) if isinstance(value, dt.date) else value for key, value in one["ask"].items()}
            cases.append(Case(
                page["world"], one["claim"], ask, one.get("rows"), one.get("refused"),
                wrong if isinstance(wrong, list) else [wrong], one.get("not_row"), page.get("reference", True),
                one.get("waits"),
            ))  # fmt: skip
    return cases


CASES = read()
ANSWERED = [case for case in CASES if case.rows is not None]
REFUSED = [case for case in CASES if case.refused is not None]


def name(case: Case) -> str:
    return f"{case.world}: {case.claim}"


def check(case: Case, rows: list[tuple[Any, ...]]) -> None:
    assert case.rows is not None
    assert same_rows(rows, case.rows), f"\nfound    {rows}\nexpected {case.rows}"
    numbers = len(case.ask.get("metrics", ()))
    shown = [value for row in rows for value in row[-numbers:]]
    assert not any(is_same(value, wrong) for value in shown for wrong in case.wrong)
    assert case.wrong_row is None or not any(same_rows([row], [case.wrong_row]) for row in rows)


@pytest.mark.parametrize("case", ANSWERED, ids=name)
def test_duckdb_answers(case: Case) -> None:
    layer, _ = shared_world(case.world)
    if case.waits is not None:
        pytest.xfail(case.waits)
    check(case, layer.query(**case.ask).rows())


@pytest.mark.parametrize("case", [case for case in ANSWERED if case.is_referred], ids=name)
def test_the_reference_evaluator_answers(case: Case) -> None:
    layer, tables = shared_world(case.world)
    columns, rows = answer_of(layer.model, tables, **case.ask)
    check(case, rows)
    assert case.waits is not None or columns == layer.query(**case.ask).columns


@pytest.mark.parametrize("case", REFUSED, ids=name)
def test_what_has_no_answer_is_refused(case: Case) -> None:
    layer, tables = shared_world(case.world)
    with pytest.raises(DecisionLayerError) as refused:
        layer.query(**case.ask)
    assert refused.value.codes == (case.refused,)
    if case.refused in REFUSED_BY_BOTH and case.is_referred:
        with pytest.raises(Unanswerable):
            answer_of(layer.model, tables, **case.ask)


def test_every_world_is_asked_and_at_least_one_wrong_number_named_in_each() -> None:
    assert {case.world for case in CASES} == set(NAMES)
    assert {case.world for case in CASES if case.wrong or case.wrong_row} == set(NAMES)


@pytest.mark.parametrize("world", NAMES)
def test_a_world_declares_nothing_wrong(world: str) -> None:
    layer, _ = shared_world(world)
    assert [found.render() for found in layer.check() if found.is_error] == []
