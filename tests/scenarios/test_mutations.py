"""Each scenario is damaged, one damage at a time, and the rule that the kit names must see it: with the damage, not without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenarios import doors
from tests.scenarios.kit import Item, Scenario, scenarios
from tests.scenarios.test_compiler import rule_of
from tests.scenarios.waiting import MUTATIONS

_OPERATION = ("do", "on", "row", "rows", "column", "to", "days", "find", "put", "text")


def name_of(scenario: Scenario, item: Item) -> str:
    what = item.get("column") or (" ".join(item.get("put", "").split())[-40:] if item["do"] == "put" else "")
    which = " ".join(item.get("row", {}).values()) or " ".join(value for row in item.get("rows", ()) for value in row.values())
    return " ".join(filter(None, (scenario.name, item["do"], item["on"].rpartition("/")[2], which, what, "→", item["sees"])))


def cases() -> Iterator[Any]:
    for scenario in scenarios():
        for item in scenario.items("mutations"):
            name = name_of(scenario, item)
            marks = [pytest.mark.xfail(strict=True, reason=MUTATIONS[name])] if name in MUTATIONS else []
            yield pytest.param(scenario, item, id=name, marks=marks)


@pytest.mark.parametrize(("scenario", "item"), list(cases()))
def test_the_damage_is_seen(scenario: Scenario, item: Item) -> None:
    sound = doors.found(scenario, doors.opened(scenario, item), item.get("in"))
    assert item["sees"] not in [rule_of(finding) for finding in sound], "it fires without the damage too"
    damage = {key: item[key] for key in _OPERATION if key in item}
    damaged = doors.found(scenario, doors.opened(scenario, item, damage), item.get("in"))
    seen = [rule_of(finding) for finding in damaged]
    assert item["sees"] in seen, "\n".join(finding.render() for finding in damaged) or "nothing is found"


def test_every_kind_of_damage_is_done_and_every_waiting_line_is_one() -> None:
    done = {item["do"] for scenario in scenarios() for item in scenario.items("mutations")}
    assert done >= {"drop", "double", "null", "shift", "swap", "put"}
    assert set(MUTATIONS) <= {name_of(scenario, item) for scenario in scenarios() for item in scenario.items("mutations")}
