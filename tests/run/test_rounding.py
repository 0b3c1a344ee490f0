"""What is printed ties (R9): numbers that do not add up when each is rounded by itself get a line, and none is bent."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from decisionlayer.cli.tables import result_table
from decisionlayer.decide.walk import Line, Step, Walk
from decisionlayer.layer import Layer
from decisionlayer.resolve.quantities.printed import prints_tie, read_printed
from tests.worlds.made import made, metric, shop

TABLES = """
create table sales (id integer, day date, shop varchar, amount decimal(18, 4));
insert into sales values (1, '2024-01-01', 'A', 33.3333), (2, '2024-01-02', 'B', 33.3333), (3, '2024-02-01', 'C', 33.3334);
"""


def sold(folder: Path, type: str = "decimal(18,4)", tables: str = TABLES, **more: Any) -> Layer:
    world = shop(metric("sold", measure="sum(amount)", digits=0, **more), metric("mean_sale", measure="avg(amount)", digits=0))
    world["sources"][0]["columns"]["amount"] = type
    return made(folder, world, tables)


def test_three_thirds_print_as_99_of_100_and_a_line_says_so(tmp_path: Path) -> None:
    result = sold(tmp_path).query(metrics=["sold"], by=["shop"], totals=True)
    table = result_table(result, width=80)
    printed = [int(number) for number in re.findall(r"(?:shop|total) +(\d+)$", table, re.M)]
    assert printed == [33, 33, 33, 100]
    assert "note: rounding: sold by shop adds up to 99 as printed, and its total is printed as 100" in table
    assert "rounding: sold by shop adds up to 99" in result._repr_html_()
    assert prints_tie(printed[:3], printed[3], 0)  # the intervals meet, so it is rounding and nothing else


def test_each_level_is_held_to_the_next_one(tmp_path: Path) -> None:
    table = result_table(sold(tmp_path).query(metrics=["sold"], levels=[["month", "shop"], ["month"], []], by=[]), width=80)
    # January: 33 and 33 make 66.6666, printed 67; 67 and 33 make the 100
    assert re.findall("rounding.*", table) == ["rounding: sold by month, shop adds up to 66 as printed, and its total by month is printed as 67"]


def test_what_ties_as_printed_says_nothing_nor_does_what_is_no_sum(tmp_path: Path) -> None:
    layer = sold(tmp_path)
    assert "rounding" not in result_table(layer.query(metrics=["mean_sale"], by=["shop"], totals=True), width=80)
    assert "rounding" not in result_table(layer.query(metrics=["sold"], by=["shop"]), width=80)
    # parts that are cut off are no parts: 33 stands beside 100, and the other two are not there
    cut = layer.query(metrics=["sold"], by=["shop"], totals=True, having="sold > 33.33335")
    assert "rounding" not in result_table(cut, width=80)


def test_several_totals_are_told_in_one_line(tmp_path: Path) -> None:
    tables = """create table sales (id integer, day date, shop varchar, amount decimal(18, 4));
    insert into sales values (1, '2024-01-01', 'A', 0.4), (2, '2024-01-02', 'B', 0.4), (3, '2024-02-01', 'A', 0.4), (4, '2024-02-01', 'B', 0.4)"""
    table = result_table(sold(tmp_path, tables=tables).query(metrics=["sold"], levels=[["month", "shop"], ["month"]]), width=80)
    assert "note: rounding: 2 totals of sold by month differ from what its parts by month, shop add up to as printed, by at most 1" in table


def test_floating_parts_that_make_the_whole_are_rounding_too(tmp_path: Path) -> None:
    tables = TABLES.replace("decimal(18, 4)", "double")
    table = result_table(sold(tmp_path, "float", tables).query(metrics=["sold"], by=["shop"], totals=True), width=80)
    assert "adds up to 99 as printed" in table


def test_a_walk_ends_where_its_printed_steps_lead(tmp_path: Path) -> None:
    third = Decimal("0.004")
    steps = tuple(Step(name, "", third * at, third * (at + 1)) for at, name in enumerate("abc"))
    shown = Walk("m", "M", "1", "", Decimal(0), third * 3, steps).render()
    assert [line.split() for line in shown.splitlines()[1:-1]] == [
        ["governed", "0.00"], ["a", "+0.00", "0.00"], ["b", "+0.00", "0.01"], ["c", "+0.00", "0.01"],
        ["rounding", "+0.01", "what", "is", "printed", "is", "rounded,", "each", "line", "by", "itself"], ["naive", "0.01"],
    ]  # fmt: skip
    assert "rounding" not in Walk("m", "M", "1", "", Decimal(1), Decimal(2), (Step("a", "", Decimal(1), Decimal(2)),)).render()
    nobody = Walk("m", "M", "1", "", Decimal(11), None, (Step("a", "", Decimal(11), Decimal(7)), Step("b", "", Decimal(7), None)))
    assert "rounding" not in nobody.render()


def test_the_lines_of_a_step_add_up_to_it_as_printed() -> None:
    lines = tuple(Line(name, Decimal("0.00333")) for name in "xyz")
    walk = Walk("m", "M", "percent", "", Decimal(0), Decimal("0.00999"), (Step("mix", "", Decimal(0), Decimal("0.00999"), lines=lines),))
    shown = walk.render()
    # 0.33 three times is 0.99, and the step is +1.00 points
    assert "    rounding  +0.01 points" in shown


@pytest.mark.parametrize(("text", "number"), [("1,234.50 EUR", "1234.50"), ("+0.01 points", "0.01"), ("–", "0"), ("<0.1", "0"), ("12", "12")])
def test_a_printed_text_is_read_as_its_number(text: str, number: str) -> None:
    assert read_printed(text) == Decimal(number)
