"""What a translation says of itself, in sentences and plain data; the buffer index; whether printed numbers tie."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from decisionlayer.layer import Layer
from decisionlayer.resolve.quantities.printed import prints_tie, rounding_line
from decisionlayer.resolve.switching.buffer import buffer_index
from tests.worlds.made import choice, made, metric, shop

MANUAL = [{"by": "desk", "does": "Types the takings over.", "hours": 1.5}, {"by": "board", "does": "Signs the sheet."}]
SAID = {
    "owner": "board", "why": "W.", "loses": "L.", "tolerance": {"unassigned": 0.05}, "manual": MANUAL,
    "control_total": {"metric": "taken", "by": ["month"], "within": 2}, "exclude": [{"when": "amount < 0", "reason": "paid back"}],
}  # fmt: skip


def project(folder: Path) -> Layer:
    return made(folder, shop(
        metric("taken", measure="sum(amount)"), metric("came", measure="count(*)"),
        choice("kept", translation={**SAID, "from": "taken"}), choice("above", formula="kept * 2"),
        choice("clean", translation={"owner": "board", "why": "W.", "loses": "L.", "from": "came"}),
        choice("each", formula="a / n", translation={
            "owner": "board", "why": "W.", "loses": "L.", "terms": {"a": "taken", "n": "came"},
            "reweight": {"by": "shop", "mix": {"A": 0.25, "B": 0.75}},
        }),
    ))  # fmt: skip


def test_a_metric_says_what_its_translation_does_to_the_whole(tmp_path: Path) -> None:
    layer = project(tmp_path)
    said = layer.explain("kept")
    for sentence in (
        "Left out of it and counted by reason: paid back (where amount < 0).", "At most 5% of it may stand under Unassigned.",
        "It must tie to taken by month, within 2.", "By hand, desk, 1.5 hours each time: Types the takings over.", "By hand, board: Signs the sheet.",
    ):  # fmt: skip
        assert sentence in said
    assert "Each shop keeps its own value, and weighs as in one mix: A 0.25, B 0.75." in layer.explain("each")
    told = layer.query(metrics=["kept"]).passport("kept")["translation"]
    assert isinstance(told, dict)
    assert told["tolerance"] == {"unassigned": "0.05"} and told["manual"][0]["hours"] == "1.5"


def test_the_buffer_index_counts_what_crosses_a_step_by_hand(tmp_path: Path) -> None:
    """Two of four numbers for choosing: one by its own translation, one above it; a number for acting crosses nothing."""
    found = buffer_index(project(tmp_path).model)
    assert found.share == Fraction(1, 2) and found.crossing == ("kept", "above") and found.of == 4
    assert found.hours == Decimal("1.5") and len(found.steps) == 2


@pytest.mark.parametrize(
    ("parts", "total", "digits", "ties"),
    [
        ((33, 33, 33), 100, 0, True),  # [97.5, 100.5] meets [99.5, 100.5]
        ((33, 33, 31), 100, 0, False),  # [95.5, 98.5] does not
        ((33, 33, 32), 100, 0, True),  # 98 and 100: [96.5, 99.5] touches [99.5, 100.5]
        (("33.3", "33.3", "33.3"), "100.0", 1, True),
        (("33.3", "33.3", "33.1"), "100.0", 1, False),
        ((), 0, 0, True),
    ],
)
def test_printed_parts_and_totals_tie_where_their_intervals_touch(parts: tuple[str, ...], total: str, digits: int, ties: bool) -> None:
    assert prints_tie(parts, total, digits) is ties


def test_what_printing_loses_is_a_line_of_its_own() -> None:
    assert rounding_line((33, 33, 33), 100) == 1
