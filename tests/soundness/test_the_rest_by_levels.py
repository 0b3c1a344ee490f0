"""The rest beside levels and over a bridge of shares: each level has its own first groups, and what lies beyond them is read from rows."""

from __future__ import annotations

from pathlib import Path
from random import Random

import duckdb
import pytest

from decisionlayer import DecisionLayerError
from tests.soundness.test_one_mix import calls
from tests.soundness.test_one_mix_among_others import Q1, Q2, YEAR, near
from tests.soundness.test_several_bridges import CATEGORY, OVERLAP, TAG, allocate, several

LEVELS = [["quarter", "site"], ["kind"], ["quarter"], []]


def test_each_level_has_a_rest_of_its_own(tmp_path: Path) -> None:
    # calls by site: South 500, North 240, West 20; by kind: complex 470, simple 290
    result = calls(tmp_path, YEAR).query(metrics=["number", "pooled"], levels=LEVELS, order=["level", "-number"], limit=1, rest=True)
    assert result.columns[:5] == ("quarter", "site", "kind", "rest", "level")
    rows = [(*row[:4], row[5]) for row in result.rows()]
    assert rows == [
        (None, None, "complex", False, 470), (None, None, None, True, 290), (Q1, None, None, None, 400), (Q2, None, None, None, 360),
        (Q1, "South", None, False, 300), (Q2, "South", None, False, 200), (Q2, None, None, True, 160), (Q1, None, None, True, 100),
        (None, None, None, None, 760),
    ]  # fmt: skip
    pooled = {row[3:6]: row[6] for row in result.rows() if row[4] == "quarter, site"}
    assert pooled[True, "quarter, site", 160] == pytest.approx((100 * 15 + 40 * 5 + 60 + 300) / 160)  # 15.0714 is the mean of North and West


def test_a_level_alone_has_the_same_rest(tmp_path: Path) -> None:
    layer = calls(tmp_path, YEAR)
    asked = {"metrics": ["alike", "number"], "limit": 1, "rest": True, "order": ["-alike"]}
    together = layer.query(**asked, levels=[["site"], ["quarter", "site"], []])
    for level in (["site"], ["quarter", "site"]):
        alone = layer.query(**asked, by=level)
        there = sorted(str(row[-2:]) for row in together.rows() if row[-3] == ", ".join(level))
        assert there == sorted(str(row[-2:]) for row in alone.rows())
    assert [row[-2:] for row in together.rows() if row[-3] == "total"] == layer.query(metrics=["alike", "number"]).rows()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"levels": [["site"], []]}, "`rest` is what lies beyond a `limit`, and there is none"),
        ({"levels": [["quarter"], []], "limit": 1}, "`rest` gathers groups, and no level has any"),
        ({"levels": [["site"], []], "limit": 1, "order": ["-numbr"]}, "in `order`: `numbr` is no column"),
    ],
)
def test_what_has_no_rest_is_refused(tmp_path: Path, asked: dict[str, object], message: str) -> None:
    with pytest.raises(DecisionLayerError, match=message):
        calls(tmp_path, YEAR).query(metrics=["number"], rest=True, **asked)


def test_the_rest_of_shares_is_what_is_left_of_the_whole(tmp_path: Path) -> None:
    layer = several(tmp_path, allocate("amount"), OVERLAP)
    # Food 42, Toys 45, no lines or nothing in them 110: order 2 is 35 of Food and 15 of Toys, and counts in the rest with its share
    first = layer.query(metrics=["turnover", "orders_in"], by=[CATEGORY], order=["-turnover"], limit=1, rest=True).rows()
    assert first == near([(None, False, 110.0, 2.0), (None, True, 87.0, 3.0)])
    last = layer.query(metrics=["turnover", "orders_in"], by=[CATEGORY], order=["turnover"], limit=1, rest=True).rows()
    assert last == near([("Food", False, 42.0, 1.7), (None, True, 155.0, 3.3)]) and last[1][1:] != (True, 157.0, 4.0)


def test_the_rest_of_parts_that_overlap_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DecisionLayerError, match="`rest` over `tags`, whose parts overlap") as refused:
        several(tmp_path, OVERLAP, OVERLAP).query(metrics=["turnover"], by=[TAG], limit=1, rest=True)
    assert refused.value.codes == ("not-built",)


@pytest.mark.parametrize("seed", range(8))
def test_random_calls_by_levels_with_a_rest(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    rows = [
        (n, f"2026-{random.randint(1, 3):02}-05", random.choice(["A", "B", "C", None]), random.choice(["s", "c", "x"]), random.randint(1, 30))
        for n in range(random.randint(4, 30))
    ]  # fmt: skip
    with duckdb.connect() as warehouse:
        warehouse.execute("create table calls (id integer, day date, site varchar, kind varchar, minutes integer)")
        warehouse.executemany("insert into calls values (?, ?, ?, ?, ?)", rows)
        found = calls(tmp_path, warehouse).query(metrics=["number"], levels=[["month", "site"], ["kind"], []], order=["-number"], limit=2, rest=True)
    first = {
        at: sorted({row[at] for row in rows}, key=lambda key: (-sum(row[at] == key for row in rows), key is None, key or ""))[:2] for at in (2, 3)
    }  # fmt: skip
    for row in found.rows():
        said = dict(zip(found.columns, row, strict=True))
        place = {"month, site": 2, "kind": 3}.get(str(said["level"]))
        own = [each for each in rows if said["month"] is None or each[1][:7] == str(said["month"])[:7]]
        if place is not None:
            name = said["site"] if place == 2 else said["kind"]
            own = [each for each in own if (each[place] not in first[place] if said["rest"] else each[place] == name)]
        assert said["number"] == len(own), said
