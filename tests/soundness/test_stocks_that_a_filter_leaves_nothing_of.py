"""A period in which a stock was counted is one, also where a filter leaves nothing of its last instant. Worked out by hand.

Shop P held 2 at the end of 2023. In May 2024 it held 10, and at the last count of that year only Q was there.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from decisionlayer import Layer
from tests.worlds.made import made, metric, shop


def shelves(tmp_path: Path) -> Layer:
    declared = shop(
        metric("held", measure="max(amount)", over_time="last"), metric("ours", measure="max(amount)", over_time="last", where="shop = 'P'"),
        metric("sold", measure="sum(amount)"),
    )  # fmt: skip
    return made(tmp_path, declared, """
        create table sales (id integer, day date, shop varchar, amount integer);
        insert into sales values (1, '2023-03-10', 'P', 2), (2, '2024-05-01', 'P', 10), (3, '2024-12-31', 'Q', 5);
    """)


@pytest.mark.parametrize("asked", [{"metrics": ["ours"]}, {"metrics": ["held"], "where": "shop = 'P'"}])
@pytest.mark.parametrize("by", [["year"], ["year", "shop"]])
def test_what_is_gone_at_the_last_instant_stands_beside_what_there_was(tmp_path: Path, asked: dict[str, object], by: list[str]) -> None:
    """2024 was not there at all, as if the data ended with 2023: the stock that went to nothing was not told."""
    rows = shelves(tmp_path).query(**asked, by=by, compare=["previous"]).rows()
    assert [(row[0].year, *row[-4:]) for row in rows] == [(2023, 2, None, None, None), (2024, None, 2, -2, -1.0)]


def test_a_stock_by_itself_has_no_row_where_nothing_is_read(tmp_path: Path) -> None:
    """Nothing asked reads a row of 2024, so there is no cell of it; nor is there one of a year in which nothing was counted."""
    layer = shelves(tmp_path)
    assert layer.query(metrics=["ours"], by=["year"]).rows() == [(dt.date(2023, 1, 1), 2)]
    rows = layer.query(metrics=["held"], by=["year"], where="shop = 'Q'", compare=["previous"]).rows()
    assert [row[:3] for row in rows] == [(dt.date(2024, 1, 1), 5, None)]


@pytest.mark.parametrize("more", [{}, {"compare": ["previous"]}, {"compare": ["previous"], "by": ["year", "shop"]}])
def test_gaps_are_filled_up_to_the_last_period_in_which_the_stock_was_counted(tmp_path: Path, more: dict[str, object]) -> None:
    """Filled up, 2024 was gone again, which the same question says without being filled: nothing is left of the 2."""
    rows = shelves(tmp_path).query(**{"metrics": ["ours"], "by": ["year"], "fill": "spine", **more}).rows()
    compared = {2023: [None, None, None], 2024: [2, -2, -1.0]}
    expected = [(year, held, *(compared[year] if more else [])) for year, held in ((2023, 2), (2024, None))]
    assert [(row[0].year, *row[-len(expected[0]) + 1 :]) for row in rows] == expected


def test_filled_periods_are_those_in_which_a_stock_was_counted_by_whatever_else_it_is_read(tmp_path: Path) -> None:
    """P was there in May 2024, so that is a period: with its day beside it, and without, where only a finer period showed it."""
    declared = shop(
        metric("held", measure="count(*)", over_time="last"), metric("just_before", formula="prior(held, '1 day')"),
    )  # fmt: skip
    layer = made(tmp_path, declared, """
        create table sales (id integer, day date, shop varchar, amount integer);
        insert into sales values (1, '2022-03-10', 'P', 2), (2, '2024-05-01', 'P', 10), (3, '2024-12-31', 'Q', 5);
    """)
    asked = {"by": ["year"], "where": "shop = 'P'", "fill": "spine"}
    years = [dt.date(year, 1, 1) for year in (2022, 2023, 2024)]
    assert layer.query(metrics=["held"], **asked).rows() == list(zip(years, (1, 0, 0), strict=True))
    assert [row[:2] for row in layer.query(metrics=["held", "just_before"], **asked).rows()] == list(zip(years, (1, 0, 0), strict=True))


def test_a_stock_of_the_whole_range_makes_no_period(tmp_path: Path) -> None:
    """The first count of all is P's, so nothing is left of it for Q: 0 in the year in which Q was sold, and 2023 is no row."""
    declared = shop(
        metric("held", measure="count(*)", over_time="first"), metric("all_held", formula="total(held, all)"), metric("sold", measure="sum(amount)"),
        metric("before", formula="prior(sold, '1 year')"),
    )  # fmt: skip
    layer = made(tmp_path, declared, """
        create table sales (id integer, day date, shop varchar, amount integer);
        insert into sales values (1, '2023-03-10', 'P', 2), (2, '2023-05-01', 'P', 10), (3, '2024-12-31', 'Q', 5);
    """)
    rows = layer.query(metrics=["sold", "before", "all_held"], by=["year"], where="shop = 'Q'").rows()
    assert rows == [(dt.date(2024, 1, 1), 5, None, 0)]


def test_without_a_filter_nothing_more_is_read(tmp_path: Path) -> None:
    """Each last instant has a row then, and periods need no look at the others."""
    layer = shelves(tmp_path)
    plain, kept = (layer.sql(metrics=[name], by=["year"], compare=["previous"]).count("FROM sales\n") for name in ("held", "ours"))
    assert kept == plain + 1


def test_a_stock_that_is_gone_is_told_by_what_crosses_a_bridge(tmp_path: Path) -> None:
    """P has a red card and a blue one, each of which was at 2; the plan was refused by its own check, for the year alone does not tell cards apart."""
    declared = shop(metric("held", measure="max(amount)", over_time="last"))
    declared["sources"][0]["links"] = {"shop": "shop"}
    declared["sources"] += [
        {"source": "shops", "one_row_is": "one shop", "table": "shops", "key": ["shop"], "columns": {"shop": "text"}, "owner": "desk",
         "describes": "shop", "bridges": {"cards": {"split": "overlap"}}},
        {"source": "cards", "one_row_is": "one card", "table": "cards", "key": ["id"], "columns": {"id": "integer", "shop": "text", "colour": "text"},
         "owner": "desk", "links": {"shop": "shop"}, "dimensions": ["colour"]},
    ]  # fmt: skip
    layer = made(tmp_path, declared, """
        create table sales (id integer, day date, shop varchar, amount integer);
        insert into sales values (1, '2023-03-10', 'P', 2), (2, '2024-05-01', 'P', 10), (3, '2024-12-31', 'Q', 5);
        create table shops (shop varchar); insert into shops values ('P'), ('Q');
        create table cards (id integer, shop varchar, colour varchar); insert into cards values (1, 'P', 'red'), (2, 'P', 'blue');
    """)
    rows = layer.query(metrics=["held"], by=["year", "shop.cards.colour"], where="shop = 'P'", compare=["previous"]).rows()
    assert [(row[0].year, *row[1:5]) for row in rows] == [
        (2023, "blue", 2, None, None), (2023, "red", 2, None, None), (2024, "blue", None, 2, -2), (2024, "red", None, 2, -2),
    ]  # fmt: skip


def test_what_reads_the_whole_range_makes_cells_where_every_measure_forgets_a_split(tmp_path: Path) -> None:
    """The shelf of 2 April has 3, and nothing was sold a quarter before: 3 less nothing. The day was none of the sales', and stood with NULL."""
    declared = shop(
        metric("sold", measure="sum(amount)"), metric("held", source="shelves", measure="sum(amount)", over_time="max"),
        metric("left", formula="total(held, all) - prior(total(sold), '1 quarter')"),
    )  # fmt: skip
    declared["sources"].append({**declared["sources"][0], "source": "shelves", "table": "shelves", "one_row_is": "one shelf on a day", "snapshot": True})
    layer = made(tmp_path, declared, """
        create table sales (id integer, day date, shop varchar, amount integer);
        insert into sales values (1, '2024-01-01', 'P', 2), (2, '2024-04-01', 'P', 1);
        create table shelves (id integer, day date, shop varchar, amount integer);
        insert into shelves values (1, '2024-04-02', 'P', 3);
    """)
    rows = layer.query(metrics=["left"], by=["day", "shop"], start="2024-04", end="2024-04").rows()
    assert rows == [(dt.date(2024, 4, 1), "P", 1), (dt.date(2024, 4, 2), "P", 3)]
