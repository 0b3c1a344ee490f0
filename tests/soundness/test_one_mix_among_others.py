"""A quotient under one mix by levels, beside the rest, in empty periods, in formulas, in other times and under several definitions."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from decisionlayer.errors import QueryError
from tests.soundness.test_one_mix import TABLES, WHOLE, calls
from tests.worlds.made import choice, made, metric

# First quarter: 180 simple and 220 complex calls; second: 110 and 250. North 12.8 and 11.9444, South 6.4 and 13.4167, West 22.6667 in the second.
YEAR = TABLES + """
    insert into calls select 1000 + i, date '2026-01-06', 'South', 'simple', 2 from range(100) t(i);
    insert into calls select 1200 + i, date '2026-01-06', 'South', 'complex', 10 from range(200) t(i);
    insert into calls select 1400 + i, date '2026-04-06', 'North', 'complex', 15 from range(100) t(i);
    insert into calls select 1600 + i, date '2026-04-07', 'North', 'simple', 5 from range(40) t(i);
    insert into calls select 1700 + i, date '2026-04-07', 'West', 'simple', 6 from range(10) t(i);
    insert into calls select 1720 + i, date '2026-04-07', 'West', 'complex', 30 from range(10) t(i);
"""
Q1, Q2 = dt.date(2026, 1, 1), dt.date(2026, 4, 1)
PLAIN = {"owner": "board", "why": "W.", "loses": "L."}
OVER = [
    choice("twice", formula="alike * 2"),
    choice("by_mix", formula="pooled - alike"),
    choice("was", formula="alike - prior(alike, '1 quarter')"),
    choice("half_year", formula="trailing(alike, '2 quarters')"),
    choice("in_north", formula="a", translation={**PLAIN, "terms": {"a": {"from": "alike", "where": "site = 'North'"}}}),
    choice("of_all", formula="alike / total(alike)"),
]


def near(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    exact = (float(value) if isinstance(value, Fraction) else value for row in rows for value in row)
    flat = [pytest.approx(value, rel=1e-9) if isinstance(value, float) else value for value in exact]
    width = len(rows[0])
    return [tuple(flat[start : start + width]) for start in range(0, len(flat), width)]


def test_each_level_has_its_own_value_under_the_mix_of_all(tmp_path: Path) -> None:
    layer = calls(tmp_path)
    rows = layer.query(metrics=["alike"], levels=[["site", "kind"], ["site"], ["kind"], []]).rows()
    assert rows == near([
        ("North", "complex", "site, kind", 20.0), ("North", "simple", "site, kind", 4.0), ("North", None, "site", Fraction(188, 15)),
        ("South", "complex", "site, kind", 18.0), ("South", "simple", "site, kind", 3.0), ("South", None, "site", 11.0),
        (None, "complex", "kind", 18.25), (None, "simple", "kind", Fraction(25, 7)), (None, None, "total", 11.4),
    ])  # fmt: skip
    totals = layer.query(metrics=["alike", "pooled"], by=["site"], totals=True).rows()
    assert totals[-1] == (None, "total", 11.4, 11.4) and totals[0][2] != 7.2  # the mean of the sites under the mix is 11.7667


def test_a_level_compares_with_its_own_past(tmp_path: Path) -> None:
    rows = calls(tmp_path, YEAR).query(metrics=["alike"], levels=[["quarter", "site"], ["quarter"]], compare=["previous"], start="2026-04").rows()
    assert [row[:5] for row in rows] == near([
        (Q2, "North", "quarter, site", Fraction(215, 18), 12.8), (Q2, "South", "quarter, site", Fraction(161, 12), 6.4),
        (Q2, "West", "quarter, site", Fraction(68, 3), None), (Q2, None, "quarter", Fraction(119, 9), 7.3),
    ])  # fmt: skip


def test_the_rest_is_one_group_under_the_same_mix(tmp_path: Path) -> None:
    rows = calls(tmp_path, YEAR).query(metrics=["alike", "pooled"], by=["site"], order=["-alike"], limit=1, rest=True).rows()
    # all calls: 290 simple, 470 complex; the rest is North and South: simple 900 / 280, complex 6420 / 460
    rest = (Fraction(900, 280) * 290 + Fraction(6420, 460) * 470) / 760
    assert rows == near([("West", False, Fraction(6 * 290 + 30 * 470, 760), 18.0), (None, True, rest, Fraction(7320, 740))])
    north, south = (Fraction(520, 120) * 290 + Fraction(1900, 120) * 470) / 760, (Fraction(380, 160) * 290 + Fraction(4520, 340) * 470) / 760
    assert rows[1][2] != pytest.approx(float((north + south) / 2))  # nor the mean of what it holds


def test_an_empty_period_is_shown_and_missing(tmp_path: Path) -> None:
    rows = calls(tmp_path, YEAR).query(metrics=["alike"], by=["month", "site"], fill="spine", where="site <> 'West'").rows()
    assert [row[2] is None for row in rows] == [False, False, True, True, True, True, False, False]


def test_formulas_stand_on_it(tmp_path: Path) -> None:
    layer = calls(tmp_path, metrics=OVER)
    rows = layer.query(metrics=["alike", "twice", "by_mix"], by=["site"]).rows()
    assert rows == near([("North", Fraction(188, 15), Fraction(376, 15), 7.2 - 188 / 15), ("South", 11.0, 22.0, 2.5)])
    assert rows[0][2] != 14.4 and rows[1][2] != 27.0  # pooled, as if nobody had asked for a mix
    assert layer.query(metrics=["twice"], by=["site"], having="twice > 23", order=["-twice"]).rows() == near([("North", Fraction(376, 15))])


def test_in_other_times_the_mix_is_that_of_what_is_read(tmp_path: Path) -> None:
    layer = calls(tmp_path, YEAR, metrics=OVER)
    rows = layer.query(metrics=["was", "half_year"], by=["quarter", "site"], where="site <> 'West'").rows()
    # without West: 280 simple, 460 complex calls in the half year; 100 and 240 in the second quarter
    north, south = (Fraction(520, 120) * 280 + Fraction(1900, 120) * 460) / 740, (Fraction(380, 160) * 280 + Fraction(4520, 340) * 460) / 740
    assert rows == near([
        (Q1, "North", None, 12.8), (Q1, "South", None, 6.4),
        (Q2, "North", Fraction(5 * 100 + 15 * 240, 340) - Fraction(64, 5), north), (Q2, "South", Fraction(3 * 100 + 18 * 240, 340) - Fraction(32, 5), south),
    ])  # fmt: skip


def test_it_is_read_of_the_past_where_only_something_else_has_rows(tmp_path: Path) -> None:
    """In March there are visits and no calls; North had 2 simple and 1 complex call before, South 1 and 1."""
    source = {"one_row_is": "one row", "key": ["id"], "time": {"day": "day"}, "owner": "desk", "dimensions": ["site"]}
    columns = {"id": "integer", "day": "date", "site": "text"}
    alike = {**PLAIN, "reweight": WHOLE, "terms": {"t": "took", "n": "number"}}
    layer = made(tmp_path, {
        "project": {"name": "calls", "timezone": "UTC"}, "parties": [{"party": "desk"}, {"party": "board"}],
        "sources": [
            {**source, "source": "calls", "table": "calls", "dimensions": ["site", "kind"], "columns": {**columns, "kind": "text", "minutes": "integer"}},
            {**source, "source": "visits", "table": "visits", "columns": columns},
        ],
        "metrics": [
            metric("took", measure="sum(minutes)", source="calls"), metric("number", measure="count(*)", source="calls"),
            metric("came", measure="count(*)", source="visits"), choice("alike", formula="t / n", translation=alike),
            choice("so_far", formula="to_date(alike, year)"), choice("before", formula="prior(alike, '2 months')"),
        ],
    }, """
        create table calls (id integer, day date, site varchar, kind varchar, minutes integer);
        insert into calls values (1, '2026-01-05', 'North', 'simple', 4), (2, '2026-01-05', 'North', 'complex', 20),
          (3, '2026-01-06', 'South', 'simple', 3), (4, '2026-01-06', 'South', 'complex', 18), (5, '2026-02-07', 'North', 'simple', 8);
        create table visits (id integer, day date, site varchar);
        insert into visits values (1, '2026-03-03', 'North'), (2, '2026-03-03', 'South');
    """)  # fmt: skip
    rows = layer.query(metrics=["came", "so_far", "before"], by=["month", "site"], start="2026-03", compare=["previous"]).rows()
    # three simple calls to two complex ones; and not NULL, as if nobody had called this year
    assert [row[1:5] for row in rows] == [("North", 1, pytest.approx((6 * 3 + 20 * 2) / 5), 12.0), ("South", 1, pytest.approx((3 * 3 + 18 * 2) / 5), 10.5)]
    # up to February the same calls
    assert [row[8] for row in rows] == [pytest.approx(11.6), pytest.approx(9.0)]
    filled = layer.query(metrics=["so_far"], by=["month"], start="2026-01", end="2026-03", fill="spine").rows()
    assert [row[1] for row in filled] == [pytest.approx((3.5 * 2 + 19 * 2) / 4), pytest.approx((5 * 3 + 19 * 2) / 5), pytest.approx((5 * 3 + 19 * 2) / 5)]


def test_a_term_may_narrow_what_is_weighed(tmp_path: Path) -> None:
    rows = calls(tmp_path, metrics=OVER).query(metrics=["in_north", "alike"]).rows()
    assert rows == [(7.2, 11.4)]  # the mix of the calls that are left, and not that of all: 12.5333


def test_each_definition_has_the_mix_that_it_says(tmp_path: Path) -> None:
    even = {"since": "2026-01-01", "translation": {"reweight": {"by": "kind", "mix": {"simple": 0.5, "complex": 0.5}}}}
    short = {"since": "2026-01-01", "translation": {"terms": {
        "t": {"from": "took", "where": "minutes < 15"}, "n": {"from": "number", "where": "minutes < 15"},
    }}}  # fmt: skip
    said = {"formula": "t / n", "since": "2026-04-01", "past": "restated"}
    switch = {**PLAIN, "reweight": WHOLE, "terms": {"t": "took", "n": "number"}}
    layer = calls(tmp_path, YEAR, metrics=[
        choice("timed", **said, translation=switch, earlier=[short]), choice("evened", **said, translation=switch, earlier=[even]),
        choice("twice_timed", formula="timed * 2"),
    ])  # fmt: skip
    rows = layer.query(metrics=["timed", "evened", "twice_timed"], by=["quarter", "site"], definition="as_then", today="2026-12-31").rows()
    assert rows == near([
        (Q1, "North", None, 12.0, None),  # no complex call of North took less than 15 minutes
        (Q1, "South", Fraction(2360, 380), 6.0, Fraction(2360, 190)),
        (Q2, "North", Fraction(215, 18), Fraction(215, 18), Fraction(215, 9)), (Q2, "South", Fraction(161, 12), Fraction(161, 12), Fraction(161, 6)),
        (Q2, "West", Fraction(68, 3), Fraction(68, 3), Fraction(136, 3)),
    ])  # fmt: skip
    assert 6.4 not in {row[3] for row in rows[:2]}  # under the mix of today


def test_what_forgets_the_groups_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="`alike` is put under one mix of classes, and under `total` it is not answered"):
        calls(tmp_path, metrics=OVER).query(metrics=["of_all"], by=["site"])


def test_it_may_be_a_dimension_of_each_thing(tmp_path: Path) -> None:
    declared = {
        "project": {"name": "calls", "timezone": "UTC"}, "parties": [{"party": "desk"}, {"party": "board"}],
        "sources": [{
            "source": "calls", "one_row_is": "one call", "table": "calls", "key": ["id"], "time": {"day": "day"}, "owner": "desk",
            "columns": {"id": "integer", "day": "date", "site": "text", "kind": "text", "minutes": "integer"},
            "dimensions": {"kind": "kind"}, "links": {"site": "site"},
        }, {
            "source": "sites", "one_row_is": "one site", "describes": "site", "table": "sites", "key": ["site"], "owner": "desk",
            "columns": {"site": "text"}, "dimensions": {"typical": {"metric": "alike"}},
        }],
        "metrics": [
            metric("took", measure="sum(minutes)", source="calls"), metric("number", measure="count(*)", source="calls"),
            choice("alike", formula="t / n", translation={**PLAIN, "reweight": WHOLE, "terms": {"t": "took", "n": "number"}}),
        ],
    }  # fmt: skip
    layer = made(tmp_path, declared, TABLES + "create table sites as select distinct site from calls;")
    assert layer.query(metrics=["number"], by=["site.typical"]).rows() == near([(11.0, 200), (Fraction(188, 15), 100)])
    assert layer.query(metrics=["number"], where="site.typical > 12").rows() == [(100,)]  # pooled, South is the slow one: 13.5


@pytest.mark.parametrize("seed", range(10))
def test_random_calls_by_levels_and_with_a_rest_against_plain_loops(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    rows = [
        (n, f"2026-{random.randint(1, 3):02}-05", random.choice(["A", "B", "C", None]), random.choice(["s", "c", "x"][: 2 + seed % 2]), random.randint(1, 30))
        for n in range(random.randint(5, 40))
    ]  # fmt: skip
    twice = choice("twice", formula="alike * 2 + pooled")
    with duckdb.connect() as warehouse:
        warehouse.execute("create table calls (id integer, day date, site varchar, kind varchar, minutes integer)")
        warehouse.executemany("insert into calls values (?, ?, ?, ?, ?)", rows)
        layer = calls(tmp_path, warehouse, metrics=[twice])
        found = layer.query(metrics=["alike", "twice"], levels=[["month", "site"], ["site"], ["month"], []]).rows()
        rest = layer.query(metrics=["alike", "number"], by=["month", "site"], order=["-number"], limit=1, rest=True).rows()

    def alike(everywhere: list[Any], own: list[Any]) -> Fraction | None:
        kinds = {row[3] for row in everywhere}
        if {row[3] for row in own} != kinds:
            return None
        minutes = {kind: [row[4] for row in own if row[3] == kind] for kind in kinds}
        return sum((Fraction(sum(minutes[kind]), len(minutes[kind])) * sum(row[3] == kind for row in everywhere) for kind in kinds), Fraction(0)) / len(everywhere)

    def of(month: object, site: object, level: str) -> tuple[Fraction | None, Fraction | None]:
        everywhere = [row for row in rows if "month" not in level or row[1][:7] == str(month)[:7]]
        own = [row for row in everywhere if "site" not in level or row[2] == site]
        value = alike(everywhere, own)
        return value, None if value is None else value * 2 + Fraction(sum(row[4] for row in own), len(own))

    for month, site, level, *values in found:
        assert near([tuple(values)]) == near([of(month, site, level)]), (month, site, level)
    first = min({row[2] for row in rows}, key=lambda site: (-sum(row[2] == site for row in rows), site is None, site or ""))
    for month, site, is_rest, value, number in rest:
        everywhere = [row for row in rows if row[1][:7] == str(month)[:7]]
        own = [row for row in everywhere if (row[2] != first if is_rest else row[2] == site)]
        assert (number, near([(value,)])) == (len(own), near([(alike(everywhere, own),)]))
