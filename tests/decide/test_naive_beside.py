"""The naive reading beside an answer: by any split, matched cell by cell, and never under the governed meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from decisionlayer import Layer, QueryError
from decisionlayer.cli.formats import walks
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


def test_each_level_has_a_naive_reading_of_its_own(calls: Layer) -> None:
    """The total is 11.40 and its naive reading 10.35, which is no total of what stands above it."""
    rows = [("North", "site", 7.2, 7.2, 0.0), ("South", "site", 13.5, 13.5, 0.0), (None, "total", 11.4, 10.35, -1.05)]
    result = calls.query(metrics=["effort"], by=["site"], totals=True, naive=True)
    assert result.columns == ("site", "level", "effort", "effort__naive", "effort__naive_gap")
    assert result.rows() == rows
    assert calls.query(metrics=["effort"], levels=[[], ["site"]], order=["-level", "site"], naive=True).rows() == [rows[2], *rows[:2]]
    kept = calls.query(metrics=["simple_effort"], levels=[[], ["site"]], having="simple_effort > :least", params={"least": 8}, naive=True)
    assert kept.rows() == [("South", "site", 13.5, 3.0, -10.5), (None, "total", 11.4, 3.5, -7.9)]


def test_levels_of_several_splits_are_matched_by_their_own_keys(tmp_path: Path) -> None:
    """Mean sale by shop and month: the report of a shop is the mean of its months, 60 of B counts like 15 of A."""
    world = shop(
        metric("mean_sale", measure="avg(amount)", grain={"time": "day", "by": ["shop"]}),
        choice("sale", grain={"time": "day", "by": ["shop"]}, translation={**SWITCH, "from": "mean_sale"}),
    )  # fmt: skip
    tables = """create table sales (id integer, day date, shop varchar, amount integer);
    insert into sales values (1, '2024-01-01', 'A', 10), (2, '2024-01-01', 'A', 20), (3, '2024-02-01', 'B', 60), (4, '2024-01-02', 'A', 30)"""
    rows = made(tmp_path, world, tables).query(metrics=["sale"], levels=[["month", "shop"], ["shop"], []], naive=True).rows()
    found = {(row[2], row[1]): row[3:] for row in rows}
    # A by day: 15 on the first, 30 on the second; all: 15, 30 and 60
    assert found["month, shop", "A"] == (20.0, 22.5, 2.5)
    assert found["shop", "A"] == (20.0, 22.5, 2.5) and found["shop", "B"] == (60.0, 60.0, 0.0)
    assert found["total", None] == (30.0, 35.0, 5.0)


def test_extremes_are_refused_with_the_reason(calls: Layer) -> None:
    with pytest.raises(QueryError, match="has no reading of `extremes`") as refused:
        calls.query(metrics=["effort"], by=["site"], naive=True, extremes=True)
    assert "no numbers that anybody passes up" in refused.value.findings[0].why


def test_the_rest_is_read_from_its_own_rows(tmp_path: Path) -> None:
    """Shop C is first with 100; the rest are A with 10 and 20 on one day and 60 on another, and a sale of nobody's shop of 7."""
    world = shop(
        metric("mean_sale", measure="avg(amount)", grain={"time": "day", "by": ["shop"]}),
        choice("sale", grain={"time": "day", "by": ["shop"]}, translation={**SWITCH, "from": "mean_sale"}),
        choice("share", grain={"time": "day", "by": ["shop"]}, formula="s / total(s)", translation={**SWITCH, "terms": {"s": "mean_sale"}}),
    )  # fmt: skip
    tables = """create table sales (id integer, day date, shop varchar, amount integer);
    insert into sales values (1, '2024-01-01', 'A', 10), (2, '2024-01-01', 'A', 20), (3, '2024-02-01', 'A', 60), (4, '2024-01-02', 'C', 100),
        (5, '2024-01-01', null, 7)"""
    layer = made(tmp_path, world, tables)
    asked = {"by": ["shop"], "order": ["-sale"], "limit": 1, "rest": True, "naive": True}
    # all of the rest: 97 / 4; its reports by shop and day: 15, 60 and 7
    first, rest = layer.query(metrics=["sale"], **asked).rows()
    assert first == ("C", False, 100.0, 100.0, 0.0)
    assert rest == (None, True, 24.25, pytest.approx(82 / 3), pytest.approx(82 / 3 - 24.25))
    months = layer.query(metrics=["sale"], **{**asked, "by": ["month", "shop"]}).rows()
    rests = [(row[0].month, row[3], row[4]) for row in months if row[2]]
    assert rests == [(1, pytest.approx(37 / 3), 11.0), (2, 60.0, 60.0)]  # January: 15 and 7
    narrow = layer.query(metrics=["sale"], **asked, where="shop = 'A' or shop = 'C'").rows()
    assert narrow[1][2:4] == (30.0, 37.5)
    with pytest.raises(QueryError, match="cannot be read naively"):
        layer.query(metrics=["sale", "share"], **asked)


def test_a_key_of_two_columns_is_one_split(tmp_path: Path) -> None:
    world = shop(
        metric("mean_sale", measure="avg(amount)", grain={"time": "day", "by": ["desk"]}),
        choice("sale", grain={"time": "day", "by": ["desk"]}, translation={**SWITCH, "from": "mean_sale"}),
    )  # fmt: skip
    world["sources"][0]["links"] = {"desk": {"entity": "desk", "columns": ["shop", "no"]}}
    world["sources"][0]["columns"]["no"] = "integer"
    world["sources"].append({
        "source": "desks", "one_row_is": "one desk", "describes": "desk", "table": "desks", "key": ["shop", "no"], "owner": "desk",
        "columns": {"shop": "text", "no": "integer"},
    })  # fmt: skip
    tables = """create table sales (id integer, day date, shop varchar, no integer, amount integer);
    insert into sales values (1, '2024-01-01', 'A', 1, 10), (2, '2024-01-01', 'A', 1, 20), (3, '2024-02-01', 'A', 1, 60), (4, '2024-01-02', 'A', 2, 30);
    create table desks as select * from (values ('A', 1), ('A', 2)) t(shop, no)"""
    result = made(tmp_path, world, tables).query(metrics=["sale"], by=["desk"], naive=True)
    assert result.rows() == [("A", 1, 30.0, 37.5, 7.5), ("A", 2, 30.0, 30.0, 0.0)]  # the mean of 15 and 60, where 90 / 3 is right


def test_it_has_no_sql_of_its_own(calls: Layer) -> None:
    with pytest.raises(QueryError, match="has no SQL of its own"):
        calls.sql(metrics=["effort"], naive=True)


def test_an_answer_by_levels_has_no_walk_under_it(calls: Layer) -> None:
    assert "governed" in walks(calls, {"metrics": ["effort"], "naive": True})
    assert walks(calls, {"metrics": ["effort"], "naive": True, "levels": [["site"], []]}) == ""
