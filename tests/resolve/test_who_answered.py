"""Who answered for an earlier definition is checked like every owner, on the last day that it held; `explain` says who it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from decisionlayer.layer import Layer
from tests.worlds import open_world
from tests.worlds.made import choice, made, metric, shop

PARTIES = [
    {"party": "desk"}, {"party": "board"}, {"party": "left", "until": "2024-01-31", "successor": "desk"},
    {"party": "gone", "until": "2024-01-15", "successor": "desk"}, {"party": "to_come", "since": "2024-03-01"},
]  # fmt: skip


def world(folder: Path, **earlier: Any) -> Layer:
    return made(folder, shop(
        metric("sold", measure="sum(amount)"),
        choice(
            "earned", since="2024-02-01", past="restated", formula="s",
            translation={"owner": "desk", "why": "W.", "loses": "L.", "terms": {"s": {"from": "sold", "where": "amount >= 20"}}},
            earlier=[{"since": "2024-01-01", **earlier}],
        ),
        parties=PARTIES,
    ))  # fmt: skip


def lacks(layer: Layer) -> list[tuple[str, str]]:
    return [(finding.rule.id, finding.message) for finding in layer.check() if finding.code in ("no-owner", "unowned-translation")]


@pytest.mark.parametrize("earlier", [{}, {"owner": "left"}, {"owner": "desk"}, {"translation": {"owner": "left"}}])
def test_who_was_there_on_its_last_day_may_have_left_since(tmp_path: Path, earlier: dict[str, Any]) -> None:
    assert lacks(world(tmp_path, **earlier)) == []


@pytest.mark.parametrize(("earlier", "rule", "message"), [
    ({"owner": "nobody"}, "DL003", "`nobody` answered for metric `earned@2024-01-01`, and no party has that name"),
    ({"owner": "gone"}, "DL003", "`gone` answered for metric `earned@2024-01-01`, and was a party only until 2024-01-15"),
    ({"owner": "to_come"}, "DL003", "`to_come` answered for metric `earned@2024-01-01`, and is no party before 2024-03-01"),
    ({"translation": {"owner": "gone"}}, "DL003",
     "`gone` owned the translation of metric `earned@2024-01-01`, and was a party only until 2024-01-15"),
    ({"translation": {"owner": "nobody"}}, "DL203", "the translation of metric `earned@2024-01-01` has an owner, `nobody`, whom nobody knows"),
])  # fmt: skip
def test_who_was_no_party_then_is_refused_where_it_stands(tmp_path: Path, earlier: dict[str, Any], rule: str, message: str) -> None:
    layer = world(tmp_path, **earlier)
    assert lacks(layer) == [(rule, message)]
    (finding,) = [each for each in layer.check() if each.rule.id == rule]
    assert finding.is_error and finding.place is not None and finding.place.line == 1


def test_explain_says_since_when_and_who_answered_before() -> None:
    told = open_world("two_rules").explain("on_time_rate")
    assert "It is defined so since 2026-07-01, and a record restates the periods before it." in told
    assert (
        "From 2024-01-01 to 2026-06-30 it was answered for by quality: Orders delivered at most two days late, of all delivered. Then: It is "
        "translated by quality as on_time / all_orders, where on_time is Orders (orders_delivered), with only those rows entering where "
        "days_late <= 2;" in told
    )
    lost = open_world("two_rules").explain("days_lost")
    assert "It is defined so since 2026-07-01, and no period before it may be read so." in lost
    assert "From 2024-01-01 to 2026-03-31 it was answered for by depot: Days beyond the third. Then: It is sum(days_late - 3)" in lost
    assert "defined so since" not in open_world("two_rules").explain("orders_delivered")
