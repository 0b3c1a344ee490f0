"""A quotient under one mix: each class keeps its own value, and no group is better for the calls that it happens to get."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from decisionlayer.decide.naive import naive_walk
from decisionlayer.errors import QueryError
from decisionlayer.layer import Layer
from tests.worlds.made import choice, made, metric

#: S1: North 80 simple calls of 4 minutes and 20 complex ones of 20; South 60 of 3 and 140 of 18.
TABLES = """
create table calls (id integer, day date, site varchar, kind varchar, minutes integer);
insert into calls select i, date '2026-01-05', 'North', 'simple', 4 from range(80) t(i);
insert into calls select 100 + i, date '2026-01-05', 'North', 'complex', 20 from range(20) t(i);
insert into calls select 200 + i, date '2026-04-06', 'South', 'simple', 3 from range(60) t(i);
insert into calls select 300 + i, date '2026-04-06', 'South', 'complex', 18 from range(140) t(i);
"""
WHOLE = {"by": "kind", "mix": "whole"}


def calls(folder: Path, tables: str | duckdb.DuckDBPyConnection = TABLES, reweight: Any = WHOLE, grain: Any = None, **more: Any) -> Layer:
    plain = {"owner": "board", "why": "W.", "loses": "L."}
    said = {**plain, **({"reweight": reweight} if reweight else {})}
    grain = {"grain": grain} if grain else {}
    declared = {
        "project": {"name": "calls", "timezone": "UTC"}, "parties": [{"party": "desk"}, {"party": "board"}],
        "sources": [{
            "source": "calls", "one_row_is": "one call", "table": "calls", "key": ["id"], "time": {"day": "day"}, "owner": "desk",
            "columns": {"id": "integer", "day": "date", "site": "text", "kind": "text", "minutes": "integer"},
            "dimensions": {"site": "site", "kind": "kind"},
        }],
        "metrics": [
            metric("took", measure="sum(minutes)", source="calls"), metric("number", measure="count(*)", source="calls"),
            metric("handle_time", measure="sum(minutes) / count(*)", source="calls"),
            metric("mean_time", measure="avg(minutes)", source="calls"),
            choice("alike", formula="t / n", translation={**said, "terms": {"t": "took", "n": "number"}}, **grain),
            choice("from_one", translation={**said, "from": "handle_time"}, **grain),
            choice("from_mean", translation={**said, "from": "mean_time"}, **grain),
            choice("pooled", formula="t / n", translation={**plain, "terms": {"t": "took", "n": "number"}}),
            *more.get("metrics", ()),
        ],
    }  # fmt: skip
    return made(folder, declared, tables)


@pytest.mark.parametrize("name", ["alike", "from_one", "from_mean"])
def test_sites_under_the_mix_of_all_calls(tmp_path: Path, name: str) -> None:
    layer = calls(tmp_path)
    assert layer.query(metrics=[name], by=["site"]).rows() == [("North", float(Fraction(188, 15))), ("South", 11.0)]  # pooled 7.2 and 13.5
    assert layer.query(metrics=[name]).rows() == [(11.4,)]  # 10.35 is the mean of the sites, 11.7667 that of the two above


def test_beside_other_metrics_every_cell_stays(tmp_path: Path) -> None:
    tables = TABLES + "insert into calls values (900, '2026-04-07', 'West', 'simple', 5), (901, '2026-04-07', null, 'simple', 7);"
    rows = calls(tmp_path, tables).query(metrics=["number", "alike", "pooled"], by=["site"]).rows()
    assert [(site, number, value is None) for site, number, value, _ in rows] == [
        ("North", 100, False), ("South", 200, False), ("West", 1, True), (None, 1, True),  # they have no complex call
    ]  # fmt: skip
    assert rows[2][3] == 5.0


def test_each_period_has_its_own_mix(tmp_path: Path) -> None:
    tables = TABLES + """
        insert into calls select 1000 + i, date '2026-01-06', 'South', 'simple', 2 from range(100) t(i);
        insert into calls select 1200 + i, date '2026-01-06', 'South', 'complex', 10 from range(200) t(i);
        insert into calls select 1400 + i, date '2026-04-06', 'North', 'complex', 15 from range(100) t(i);
    """
    # first quarter: 180 simple and 220 complex calls; second: 60 and 240, of which North has no simple one
    rows = calls(tmp_path, tables).query(metrics=["alike"], by=["quarter", "site"], compare=["previous"]).rows()
    first = {"North": Fraction(4 * 180 + 20 * 220, 400), "South": Fraction(2 * 180 + 10 * 220, 400)}
    assert [(str(row[0]), row[1], row[2], row[3]) for row in rows] == [
        ("2026-01-01", "North", float(first["North"]), None), ("2026-01-01", "South", float(first["South"]), None),
        ("2026-04-01", "North", None, float(first["North"])), ("2026-04-01", "South", 15.0, float(first["South"])),
    ]  # fmt: skip
    assert rows[2][4:] == (None, None) and rows[3][4:] == (15.0 - 6.4, (15.0 - 6.4) / 6.4)


def test_stated_shares(tmp_path: Path) -> None:
    layer = calls(tmp_path, reweight={"by": "kind", "mix": {"simple": 0.4, "complex": 0.6}})
    assert layer.query(metrics=["alike"], by=["site"]).rows() == [("North", pytest.approx(13.6)), ("South", pytest.approx(12.0))]
    assert layer.query(metrics=["alike"]).rows() == [(pytest.approx(0.4 * 500 / 140 + 0.6 * 2920 / 160),)]


def test_a_class_that_nobody_stated_leaves_the_value_missing(tmp_path: Path) -> None:
    tables = TABLES + "insert into calls values (900, '2026-04-07', 'North', 'odd', 5), (901, '2026-04-07', 'South', null, 5);"
    shares = {"simple": 0.4, "complex": 0.6}
    assert calls(tmp_path / "1", tables, {"by": "kind", "mix": shares}).query(metrics=["alike"], by=["site"]).rows() == [("North", None), ("South", None)]
    stated = calls(tmp_path / "2", tables, {"by": "kind", "mix": {**shares, "odd": 0}}).query(metrics=["alike"], by=["site"]).rows()
    assert stated == [("North", pytest.approx(13.6)), ("South", None)]  # a class of which nobody knows the name can have no share


def test_split_by_the_classes_each_has_its_own_value(tmp_path: Path) -> None:
    assert calls(tmp_path).query(metrics=["alike"], by=["site", "kind"]).rows() == [
        ("North", "complex", 20.0), ("North", "simple", 4.0), ("South", "complex", 18.0), ("South", "simple", 3.0),
    ]  # fmt: skip


def test_the_classes_need_not_be_a_split_of_the_number(tmp_path: Path) -> None:
    layer = calls(tmp_path, grain={"time": "month", "by": ["site"]})
    assert layer.query(metrics=["alike"], by=["site"], order=["alike"], limit=1).rows() == [("South", 11.0)]
    assert layer.query(metrics=["alike"], by=["site"], having="alike > 12").rows() == [("North", float(Fraction(188, 15)))]
    with pytest.raises(QueryError, match="DL109"):
        layer.query(metrics=["alike"], by=["kind"])


def test_a_group_without_calls_below_the_line_is_missing_and_no_error(tmp_path: Path) -> None:
    tables = TABLES + "delete from calls;"
    layer = calls(tmp_path, tables)
    assert layer.query(metrics=["alike"]).rows() == [(None,)] and layer.query(metrics=["alike"], by=["site"]).rows() == []


@pytest.mark.parametrize("seed", range(12))
def test_random_calls_against_plain_loops(tmp_path: Path, seed: int) -> None:
    """Sites, kinds and months at random, some kinds missing here and there; loops over rows say what each site should have."""
    random = Random(seed)
    rows = [
        (n, f"2026-{random.randint(1, 3):02}-05", random.choice(["A", "B", None]), random.choice(["s", "c", "x", None][: 2 + seed % 3]), random.randint(1, 30))
        for n in range(random.randint(1, 30))
    ]  # fmt: skip
    with duckdb.connect() as warehouse:
        warehouse.execute("create table calls (id integer, day date, site varchar, kind varchar, minutes integer)")
        warehouse.executemany("insert into calls values (?, ?, ?, ?, ?)", rows)
        found = calls(tmp_path, warehouse).query(metrics=["alike"], by=["month", "site"]).rows()
    kinds: dict[str, set[str | None]] = {}
    for _, day, _, kind, _ in rows:
        kinds.setdefault(day[:7], set()).add(kind)
    expected = {}
    for month, site in {(row[1][:7], row[2]) for row in rows}:
        value: Fraction | None = Fraction(0)
        everywhere = [row for row in rows if row[1][:7] == month]
        for kind in kinds[month]:
            own = [row[4] for row in everywhere if row[2] == site and row[3] == kind]
            share = Fraction(sum(row[3] == kind for row in everywhere), len(everywhere))
            value = None if value is None or not own else value + Fraction(sum(own), len(own)) * share
        expected[month, site] = None if value is None else pytest.approx(float(value), rel=1e-12)
    assert {(str(month)[:7], site): value for month, site, value in found} == expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"translation": {"from": "took"}}, "metric `odd` is put under one mix of `kind`, and is no quotient of two numbers that add up"),
        ({"formula": "t / n + n", "translation": {"terms": {"t": "took", "n": "number"}}}, None),
        ({"translation": {"from": "handle_time", "reweight": {"by": "kind", "mix": {"simple": 0.4, "complex": 0.5}}}},
         "the shares in the mix of metric `odd` add up to 0.9, not to 1"),
        ({"translation": {"from": "handle_time", "reweight": {"by": "kind", "mix": {"simple": 1.5, "complex": -0.5}}}},
         "in the mix of metric `odd` `complex` has the share -0.5"),
        ({"translation": {"from": "handle_time", "reweight": {"by": "sort", "mix": "whole"}}}, "`odd` cannot be split by `sort`: `calls` leads to nothing of that name"),
    ],
)  # fmt: skip
def test_what_no_mix_can_be_put_on_is_refused(tmp_path: Path, body: dict[str, Any], message: str | None) -> None:
    switch = {"owner": "board", "why": "W.", "loses": "L.", "reweight": WHOLE, **body["translation"]}
    layer = calls(tmp_path, metrics=[choice("odd", **{**body, "translation": switch})])
    if message is None:  # arithmetic that is one quotient after all: (t + n * n) / n adds nothing up
        assert "metric odd" in layer.model.broken
        return
    assert message in [each.message for each in layer.model.broken["metric odd"]]


def test_the_naive_reading_takes_the_mix_back_first(tmp_path: Path) -> None:
    layer = calls(tmp_path)
    rows = layer.query(metrics=["alike"], by=["site"], naive=True).rows()
    assert [row[:3] for row in rows] == [("North", float(Fraction(188, 15)), 7.2), ("South", 11.0, 13.5)]
    assert naive_walk(layer, "alike").steps[0].name == "mix"


def test_the_mix_is_part_of_the_meaning(tmp_path: Path) -> None:
    shares = [None, WHOLE, {"by": "site", "mix": "whole"}, {"by": "kind", "mix": {"a": 1}}, {"by": "kind", "mix": {"a": 0.5, "b": 0.5}}]
    found = [calls(tmp_path / str(n), reweight=each).model.metrics["alike"].meaning for n, each in enumerate(shares)]
    assert len(set(found)) == len(shares)
    turned = calls(tmp_path / "t", reweight={"by": "kind", "mix": {"b": 0.5, "a": 0.5}}).model.metrics["alike"].meaning
    assert turned == found[-1]
