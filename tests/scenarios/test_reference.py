"""The same questions put to the slow evaluator in plain Python, where it knows the feature."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.reference.answer import answer_of
from tests.scenarios import doors
from tests.scenarios.kit import Item, Scenario, scenarios
from tests.scenarios.test_compiler import same
from tests.scenarios.waiting import REFERENCE


def cases() -> Iterator[Any]:
    for scenario in scenarios():
        for item in scenario.items("values"):
            name = f"{scenario.name} values: {item['id']}"
            marks = [pytest.mark.xfail(strict=True, reason=REFERENCE[name])] if name in REFERENCE else []
            yield pytest.param(scenario, item, id=name, marks=marks)


@pytest.mark.parametrize(("scenario", "item"), list(cases()))
def test_the_evaluator_says_the_same(scenario: Scenario, item: Item) -> None:
    layer = doors.opened(scenario, item)
    ask = dict(item["ask"])
    if "today" in scenario.expected:
        ask.setdefault("today", scenario.expected["today"])
    _, rows = answer_of(layer.model, doors.tables_of(layer), **ask)
    assert same(rows, item), f"\nfound    {rows}\nexpected {item['rows']}"
