"""The naive reading beside an answer: by any split, matched cell by cell, and never under the governed meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from decisionlayer import Layer, QueryError
from decisionlayer.decide import naive_walk
from tests.worlds.made import choice, made, metric, shop

SWITCH = {"owner": "board", "why": "W.", "loses": "L."}


def test_a_total_shows_the_mean_of_means_beside_the_ratio_of_totals(calls: Layer) -> None:
    result = calls.query(metrics=["effort"], naive=True)
    assert result.columns == ("effort", "effort__naive", "effort__naive_gap")
    assert result.rows() == [(11.4, 10.35, -1.05)]  # 3,420 / 300 against (7.2 + 13.5) / 2


def test_each_site_alone_has_nothing_to_average(calls: Layer) -> None:
    result = calls.query(metrics=["effort", "talk"], by=["site"], naive=True)
    assert result.columns == ("site", "effort", "talk", "effort__naive", "effort__naive_gap")
    assert result.rows() == [("North", 7.2, 720, 7.2, 0.0), ("South", 13.5, 2700, 13.5, 0.0)]


def test_order_limit_and_having_hold_for_the_governed_number(calls: Layer) -> None:
    result = calls.query(metrics=["simple_effort"], by=["site"], order=["-simple_effort"], limit=1, naive=True)
    # North: 720/100 governed, simple calls alone take 4 minutes there; South: 13.5 against 3
    assert result.rows() == [("South", 13.5, 3.0, -10.5)]
    result = calls.query(metrics=["simple_effort"], by=["site"], having="simple_effort < 10", naive=True)
    assert result.rows() == [("North", 7.2, 4.0, -3.2)]


def test_the_gap_of_a_cell_is_the_gap_of_its_walk(calls: Layer) -> None:
    for name in ("effort", "simple_effort", "call_cost", "effort_cost", "known_cost"):
        for where in (None, "site = 'South'", "site = 'West'"):
            ((*_, naive, gap),) = calls.query(metrics=[name], where=where, naive=True).rows()
            walk = naive_walk(calls, name, where=where)
            assert naive == (None if walk.naive is None else float(walk.naive)), (name, where)
            assert gap == (None if walk.gap is None else pytest.approx(float(walk.gap))), (name, where)


def test_counts_stay_whole_numbers(calls: Layer) -> None:
    ((governed, naive, gap),) = calls.query(metrics=["variety"], naive=True).rows()
    assert (governed, naive, gap) == (2, 4.0, 2.0)  # both sites have both kinds


def test_a_column_says_what_it_takes_back_and_bears_no_governed_meaning(calls: Layer) -> None:
    result = calls.query(metrics=["simple_effort"], naive=True)
    governed, naive = result.passport("simple_effort"), result.passport("simple_effort__naive")
    assert naive["takes_back"] == [
        {"step": "population of simple_time", "cause": "population"},
        {"step": "mean of simple_time", "cause": "average of averages"},
    ]
    assert naive["reading"] == "naive" and naive["meaning"] != governed["meaning"]
    assert any("takes back population of simple_time" in note for note in result.notes)


def test_cells_that_only_another_metric_has_are_read_as_in_the_answer(tmp_path: Path) -> None:
    """Late sales of shop B: none. Alone, the late sales have no cell for B; beside all sales it is 0, naive or not."""
    world = shop(
        metric("sold", measure="count(*)"), metric("late", measure="count(*)", where="amount > 30", missing="zero"),
        choice("sales", translation={**SWITCH, "from": "sold"}),
        choice("late_sales", translation={**SWITCH, "from": "late", "where": "amount < 100"}),
    )  # fmt: skip
    result = made(tmp_path, world).query(metrics=["sales", "late_sales"], by=["shop"], naive=True)
    assert result.rows() == [("A", 2, 0, 2, 0, 0, 0), ("B", 1, 1, 1, 0, 1, 0)]


def test_a_stock_is_added_up_along_time(tmp_path: Path) -> None:
    """S4 in small: heads of 90, 98 and 120 on three Sundays are 102.67 on average, 120 at the end, and 308 added up."""
    world = shop(
        metric("heads", source="staff", measure="sum(heads)", over_time="last", grain={"time": "day", "by": ["team"]}),
        choice("mean_heads", grain={"time": "day", "by": ["team"]},
               translation={**SWITCH, "from": "heads", "over_time": "avg"}, formula=None),
    )  # fmt: skip
    world["sources"].append({
        "source": "staff", "one_row_is": "one team on a Sunday", "table": "staff", "key": ["day", "team"], "time": {"day": "day"},
        "snapshot": True, "owner": "desk", "columns": {"day": "date", "team": "text", "heads": "integer"}, "dimensions": {"team": "team"},
    })  # fmt: skip
    world["metrics"][1].pop("formula")
    world["metrics"][1]["translation"] = {**SWITCH, "terms": {"h": {"from": "heads", "over_time": "avg"}}}
    world["metrics"][1]["formula"] = "h"
    tables = "create table staff as select * from (values (date '2024-01-07', 'a', 90), (date '2024-01-14', 'a', 98), (date '2024-01-21', 'a', 120)) t(day, team, heads)"
    walk = naive_walk(made(tmp_path, world, tables), "mean_heads")
    assert [(step.name, step.cause) for step in walk.steps] == [("instants of heads", "grain"), ("sum of heads", "snapshot summed")]
    assert [float(step.after or 0) for step in walk.steps] == [120.0, 308.0]
    assert float(walk.governed or 0) == pytest.approx(308 / 3)


def test_a_number_for_acting_has_nothing_beside_it(calls: Layer) -> None:
    with pytest.raises(QueryError, match="none of the metrics is for choosing"):
        calls.query(metrics=["talk"], naive=True)


def test_subtotals_are_refused(calls: Layer) -> None:
    with pytest.raises(QueryError, match="`totals` makes rows of several kinds"):
        calls.query(metrics=["effort"], by=["site"], totals=True, naive=True)


def test_it_has_no_sql_of_its_own(calls: Layer) -> None:
    with pytest.raises(QueryError, match="has no SQL of its own"):
        calls.sql(metrics=["effort"], naive=True)
