"""A horizon that crosses a change of definition is told when the project is checked, not when the brief is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from decisionlayer.layer import Layer
from tests.worlds.made import choice, made, metric, shop

TABLES = """
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values (1, '2024-01-01', 'A', 10), (2, '2024-01-02', 'B', 20), (3, '2024-02-01', 'B', 60), (4, '2024-03-02', 'A', 25);
"""


def layer(folder: Path, past: str = "restated", **horizon: Any) -> Layer:
    return made(folder, shop(
        metric("sold", measure="sum(amount)"),
        choice(
            "earned", better="higher", since="2024-02-01", past=past, formula="s",
            translation={"owner": "desk", "why": "W.", "loses": "L.", "terms": {"s": {"from": "sold", "where": "amount >= 20"}}},
            earlier=[{"since": "2024-01-01", "translation": {"terms": {"s": {"where": "true"}}}}],
        ),
        decisions=[{
            "decision": "which", "question": "Which shop?", "decider": "board", "mode": "support",
            "options": {"dimension": "shop", "status_quo": "none", "because": "Each is weighed."},
            "criteria": [{"metric": "earned", "scale": {"worst": 0, "best": 100}, "weight": 1}],
            "horizons": [{"name": "the time", **horizon}, {"name": "since", "start": "2024-02", "end": "2024-03"}],
        }],
    ), TABLES)  # fmt: skip


def told(found: Layer) -> list[tuple[str, str]]:
    return [(each.rule.id, each.message) for each in found.check() if each.subject == "decision which" and each.rule.id in ("DL401", "DL406")]


def test_a_horizon_across_a_change_is_told_without_data(tmp_path: Path) -> None:
    found = layer(tmp_path, start="2024-01", end="2024-03")
    assert told(found) == [(
        "DL401",
        "horizon `the time` of decision `which`: the question reaches back past 2024-02-01, when `earned` was defined as it is today; "
        "before, it was: D",
    )]  # fmt: skip
    (finding,) = [each for each in found.check() if each.rule.id == "DL401"]
    assert finding.is_error and finding.place is not None


@pytest.mark.parametrize(("horizon", "rules"), [
    ({"start": "2024-02", "end": "2024-03"}, []),
    ({"start": "2024-01", "end": "2024-01", "definition": "as_then"}, []),
    ({"start": "2024-01", "end": "2024-03", "basis": "as_reported"}, ["DL401"]),   # one number by two rules
    ({"start": "2024-01", "end": "2024-03", "basis": "restated"}, ["DL406"]),      # nobody restated it
    ({"start": "2024-01", "end": "2024-03", "basis": "restated@2024-01-31"}, []),
])  # fmt: skip
def test_what_it_says_of_definitions_decides(tmp_path: Path, horizon: dict[str, str], rules: list[str]) -> None:
    assert [rule for rule, _ in told(layer(tmp_path, **horizon))] == rules


def test_a_break_is_told_too(tmp_path: Path) -> None:
    found = told(layer(tmp_path, past="break", start="2024-01", end="2024-03", basis="restated"))
    assert [rule for rule, _ in found] == ["DL401"]
    assert "cannot be read under its definition of 2024-02-01 before 2024-02-01" in found[0][1]
