"""Like for like: units with rows in every period that is set side by side, in every source of a number, and the share left out said."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from tests.worlds.made import choice, made, metric

# Units with rows in 2025 and 2026: of the sales A, B and C; of the visits A, C and D; of the staff A and C.
TABLES = """
create table sales (id integer, shop varchar, day date, amount integer);
insert into sales values
  (1, 'A', '2025-03-01', 100), (2, 'B', '2025-03-01', 40), (3, 'C', '2025-03-01', 60), (8, 'A', '2025-05-01', 1),
  (4, 'A', '2026-03-01', 110), (5, 'B', '2026-03-01', 50), (6, 'D', '2026-03-01', 70), (7, 'C', '2026-04-01', 9),
  (9, 'D', '2026-03-20', 5), (10, 'B', '2026-03-25', 0);
create table visits (id integer, shop varchar, day date, people integer);
insert into visits values
  (1, 'A', '2025-03-02', 10), (3, 'C', '2025-03-02', 6), (7, 'D', '2025-03-02', 1),
  (2, 'B', '2026-03-02', 5), (4, 'A', '2026-03-02', 20), (5, 'D', '2026-03-02', 7), (6, 'C', '2026-03-02', 3);
create table staff (id integer, shop varchar, day date, heads integer);
insert into staff values
  (1, 'A', '2025-03-31', 2), (2, 'B', '2025-03-31', 3), (3, 'A', '2025-12-31', 4), (4, 'B', '2025-12-31', 5), (5, 'C', '2025-12-31', 9),
  (6, 'A', '2026-06-30', 6), (7, 'C', '2026-06-30', 9), (8, 'D', '2026-06-30', 50), (9, 'A', '2026-12-31', 7), (10, 'D', '2026-12-31', 60);
"""
LINES = "shop,division,valid_from,valid_to\nA,Retail,,\nB,Retail,,2026-01-01\nB,Online,2026-01-01,\nC,Online,,\nD,Online,,\n"
YEAR = dt.date(2026, 1, 1)
ASKED: dict[str, Any] = {"compare": ["previous"], "basis": "like_for_like", "start": "2026", "end": "2026", "today": "2026-12-31"}


def source(name: str, one: str, column: str, **more: object) -> dict[str, object]:
    columns = {"id": "integer", "shop": "text", "day": "date", column: "integer"}
    has: Any = more.pop("has", ())
    dimensions = {"dimensions": {"kind": "kind"}} if "kind" in has else {}
    clocks = {"day": "day", **({"received": "day"} if "received" in has else {})}
    return {
        "source": name, "one_row_is": one, "table": name, "key": ["id"], "time": clocks, "links": {"shop": "shop"}, "owner": "desk",
        "columns": {**columns, **({"kind": "text"} if dimensions else {}), **dict.fromkeys(clocks, "date")}, **dimensions, **more,
    }  # fmt: skip


def shops(folder: Path, tables: str | duckdb.DuckDBPyConnection = TABLES, has: tuple[str, ...] = (), metrics: tuple[Any, ...] = ()) -> Layer:
    folder.joinpath("frames").mkdir(parents=True)
    folder.joinpath("frames/org.csv").write_text(LINES)
    return made(folder, {
        "project": {"name": "shops", "timezone": "UTC"}, "parties": [{"party": "desk"}, {"party": "board"}],
        "sources": [
            source("sales", "one sale", "amount", has=has), source("visits", "one visit", "people"),
            source("staff", "one shop on one day", "heads", snapshot=True),
            {"source": "stores", "one_row_is": "one shop", "describes": "shop", "sql": "select distinct shop from sales", "key": ["shop"],
             "columns": {"shop": "text"}, "owner": "desk"},
        ],
        "frames": [{"frame": "org", "owner": "desk", "hierarchy": {"of": "shop", "file": "frames/org.csv", "levels": ["division"]}}],
        "metrics": [
            metric("revenue", source="sales", measure="sum(amount)"), metric("people", source="visits", measure="sum(people)"),
            metric("each", formula="revenue / people"), metric("heads", source="staff", measure="sum(heads)", over_time="last"),
            metric("mean_heads", source="staff", measure="sum(heads)", over_time="avg"), metric("per_head", formula="revenue / mean_heads"),
            metric("bought", conversion={"from": "visits", "to": "sales", "entity": "shop", "within": "25 days"}),
            metric("half_year", formula="trailing(revenue, '6 months')"), *metrics,
        ],
    }, tables)  # fmt: skip


@pytest.mark.parametrize("asked", [{"by": ["year"]}, {}])
def test_a_unit_that_came_after_the_like_part_of_the_year_before_is_not_alike(tmp_path: Path, asked: dict[str, Any]) -> None:
    """On 2 April D has sold for 75 this year, and last year not before May: A, B and C alone, 169 beside 200. With D it was 244 beside 200."""
    layer = shops(tmp_path, TABLES + "insert into sales values (11, 'D', '2025-05-05', 1000);")
    row = layer.query(metrics=["revenue"], **asked, **{**ASKED, "today": "2026-04-02"}).rows()[0]
    assert row[-4:-2] == (169, 200)


@pytest.mark.parametrize("compare", [[], ["previous"]])
def test_a_formula_that_reads_the_past_alone_is_shown_where_like_units_have_rows(tmp_path: Path, compare: list[str]) -> None:
    """A, B and C sold in both years, 201 in 2025, of which 2026 is told. No year was shown: their rows of 2025 are not of 2025's units."""
    layer = shops(tmp_path, metrics=(metric("a_year_before", formula="prior(revenue, '1 year')"),))
    (row,) = layer.query(metrics=["a_year_before"], by=["year"], basis="like_for_like", compare=compare).rows()
    assert row[:2] == (YEAR, 201)
    filled = layer.query(metrics=["a_year_before"], by=["year"], basis="like_for_like", compare=compare, fill="spine")
    assert [row[:2] for row in filled.rows()] == [(YEAR, 201)]  # what the range is open for begins with the first year that is shown


@pytest.mark.parametrize("fill", [{}, {"fill": "spine"}])
def test_a_stock_of_like_units_is_shown_where_they_were_counted_at_any_instant(tmp_path: Path, fill: dict[str, Any]) -> None:
    """A had 8 at the end of February and 10 on 5 March; at the last count of March only B was there. A is in both months, and is 8 less."""
    tables = TABLES + """
        delete from staff;
        insert into staff values (1, 'A', '2025-02-28', 8), (2, 'A', '2025-03-05', 10), (3, 'B', '2025-03-31', 5);
    """
    layer = shops(tmp_path, tables, metrics=(metric("a_month_before", formula="prior(heads, '1 month')"),))
    asked: dict[str, Any] = {"by": ["month"], "basis": "like_for_like", "compare": ["previous"], **fill}
    assert layer.query(metrics=["heads"], **asked).rows() == [(dt.date(2025, 3, 1), None, 8, -8, -1.0)]
    # what reads the past alone has a row of March as well, and nothing is known of January
    assert layer.query(metrics=["a_month_before"], **asked).rows() == [(dt.date(2025, 3, 1), 8, None, None, None)]


def test_a_number_over_two_sources_is_of_units_that_both_have(tmp_path: Path) -> None:
    layer = shops(tmp_path)
    rows = layer.query(metrics=["each"], by=["year"], **ASKED).rows()
    assert rows[0][1:3] == (pytest.approx(119 / 23), pytest.approx(161 / 16))  # A and C
    assert rows[0][1] != pytest.approx(169 / 30)  # sales of A, B, C for visits to A, C, D
    assert layer.query(metrics=["each"], by=["year"], **ASKED).notes[-1] == (
        "like for like leaves out 60.0% of the rows and 28.6% of the rows before"
    )


def test_a_number_over_two_clocks_is_of_units_that_are_there_by_both(tmp_path: Path) -> None:
    """A ordered and received in both years, 2 of 4 and 3 of 3; B ordered in both, and received in the second only."""
    tables = TABLES + """
        alter table sales add column received date; update sales set received = null; delete from sales; delete from visits;
        insert into sales values (1, 'A', '2025-03-01', 2, '2025-03-02'), (2, 'A', '2025-03-01', 2, null), (3, 'B', '2025-03-01', 9, null),
          (4, 'A', '2026-03-01', 3, '2026-03-02'), (5, 'B', '2026-03-01', 9, '2026-03-05');
    """
    metrics = (
        metric("ordered", source="sales", measure="sum(amount)", clock="day"), metric("received", source="sales", measure="sum(amount)", clock="received"),
        metric("kept", formula="received / ordered"),
    )  # fmt: skip
    layer = shops(tmp_path, tables, ("received",), metrics)
    rows = layer.query(metrics=["kept", "ordered", "received"], by=["year"], **ASKED).rows()
    assert rows[0][1:5] == (1.0, 12, 3, 0.5)  # and not 3 / 12 beside 2 / 13, what A received over what A and B ordered
    assert layer.query(metrics=["kept"], by=["year"], **ASKED).rows()[0][1:3] == (1.0, 0.5)


def test_what_stands_beside_it_moves_no_number(tmp_path: Path) -> None:
    layer = shops(tmp_path)
    together = layer.query(metrics=["revenue", "people", "each"], by=["year"], **ASKED)
    assert together.rows()[0][1:4] == (169, 30, pytest.approx(119 / 23))
    for name in ("revenue", "people", "each"):
        alone = layer.query(metrics=[name], by=["year"], **ASKED)
        column = together.columns.index(f"{name}__previous")
        assert alone.rows()[0][2:] == together.rows()[0][column : column + 3]


def test_rows_without_a_time_are_in_no_period_that_has_one_before_it(tmp_path: Path) -> None:
    layer = shops(tmp_path, TABLES + "insert into sales values (30, 'A', null, 500), (31, 'B', null, 7);")
    rows = layer.query(metrics=["revenue"], by=["year"], **{**ASKED, "start": None, "end": None}).rows()
    assert [row[:3] for row in rows] == [(YEAR, 169, 201)]  # and no 507 beside nothing, as if those two were there in both


def test_each_level_is_of_its_own_units_and_says_its_share(tmp_path: Path) -> None:
    layer = shops(tmp_path)
    result = layer.query(metrics=["revenue", "each"], levels=[["month"], ["year", "org.division"], []], **ASKED)
    year = [row for row in result.rows() if row[3] == "year, org.division"]
    assert [(row[2], row[4], row[6]) for row in year] == [("Online", 59, 100), ("Retail", 110, 101)]
    assert [row[4:] for row in result.rows() if row[3] == "total"] == layer.query(metrics=["revenue", "each"], **ASKED).rows()
    for level in (["month"], ["year", "org.division"]):
        alone = layer.query(metrics=["revenue", "each"], by=level, **ASKED)
        there = [row for row in result.rows() if row[3] == ", ".join(level)]
        assert [row[4:] for row in there] == [row[len(level) :] for row in alone.rows()]
    assert [note for note in result.notes if note.startswith("like for like leaves out")] == [
        "like for like leaves out 100.0% of revenue and 100.0% of revenue before (by month)",  # nobody sold in two months in a row
        "like for like leaves out 100.0% of the rows and 100.0% of the rows before (by month)",
        "like for like leaves out 30.7% of revenue and 0.0% of revenue before (by year, org.division; total)",
        "like for like leaves out 60.0% of the rows and 28.6% of the rows before (by year, org.division; total)",
    ]


def test_the_share_is_that_of_all_cells_whatever_is_chosen_of_them(tmp_path: Path) -> None:
    """A parameter of `having` alone kept the share from being told."""
    layer = shops(tmp_path)
    every = layer.query(metrics=["revenue"], by=["year", "org.division"], **ASKED)
    chosen = layer.query(metrics=["revenue"], by=["year", "org.division"], having="revenue > :least", params={"least": 100}, **ASKED)
    assert len(chosen) < len(every) and chosen.notes == every.notes
    assert any(note.startswith("like for like leaves out") for note in every.notes)


def test_a_stock_is_that_of_the_units_that_were_counted_in_both(tmp_path: Path) -> None:
    rows = shops(tmp_path).query(metrics=["heads", "mean_heads"], by=["year"], **ASKED).rows()
    # instants stay those of the source: C is not there at the end of 2026, A and C add up to 15 and 7
    assert (rows[0][1], rows[0][3], rows[0][2], rows[0][6]) == (7, 13, 11.0, 7.5)
    assert rows[0][1] != 67 and rows[0][6] != 11.5  # with D; with B


def test_a_stock_below_the_line_of_a_flow(tmp_path: Path) -> None:
    rows = shops(tmp_path).query(metrics=["per_head"], by=["year"], **ASKED).rows()
    assert rows[0][1:3] == (pytest.approx(119 / 11), pytest.approx(161 / 7.5))


def test_a_conversion_is_of_base_events_of_units_in_both(tmp_path: Path) -> None:
    rows = shops(tmp_path).query(metrics=["bought"], by=["year"], **ASKED).rows()
    assert rows[0][1:3] == (pytest.approx(1 / 3), 0.0)  # D of A, C and D; with B, who came in 2026 only, it were 2 of 4


def test_empty_periods_are_filled_in(tmp_path: Path) -> None:
    asked = {**ASKED, "compare": ["year_ago"], "start": "2026-03", "end": "2026-05"}
    rows = shops(tmp_path).query(metrics=["revenue"], by=["month"], fill="spine", **asked).rows()
    assert [row[1:3] for row in rows] == [(160, 140), (None, None), (None, None)]  # A and B in March; C had no April before


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"metrics": ["revenue"], "by": ["year", "org.division"], "limit": 1, "rest": True}, "bad-question"),
        ({"metrics": ["half_year"], "by": ["month"]}, "not-built"),
        ({"metrics": ["revenue"], "by": ["year"], "compare": []}, "bad-question"),
    ],
)
def test_what_has_no_units_of_its_own_is_refused(tmp_path: Path, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(DecisionLayerError) as refused:
        shops(tmp_path).query(**{**ASKED, **asked})
    assert code in refused.value.codes


KINDS = TABLES + """
    alter table sales add column kind varchar; update sales set kind = case when id % 2 = 0 then 'even' else 'odd' end;
"""
ALIKE = (metric("number", source="sales", measure="count(*)"), choice("alike", formula="r / n", translation={
    "owner": "board", "why": "W.", "loses": "L.", "terms": {"r": "revenue", "n": "number"}, "reweight": {"by": "kind", "mix": "whole"},
}))  # fmt: skip


def test_one_mix_is_of_the_units_that_are_compared(tmp_path: Path) -> None:
    tables = KINDS + "insert into sales values (20, 'B', '2026-05-01', 7, 'odd'), (21, 'A', '2026-05-01', 30, 'odd');"
    layer = shops(tmp_path, tables, ("kind",), ALIKE)
    rows = layer.query(metrics=["alike"], by=["year", "org.division"], **ASKED).rows()
    # in 2026 Retail is A with even 110 and odd 30, Online B and C with even 0 and odd 50, 9 and 7: two even sales and four odd ones
    retail, online = (110 * 2 + 30 * 4) / 6, (0 * 2 + 22 * 4) / 6
    assert [(row[1], row[2]) for row in rows] == [("Online", pytest.approx(online)), ("Retail", pytest.approx(retail))]
    assert rows[1][2] != pytest.approx((110 * 3 + 30 * 5) / 8)  # the mix with D, who sold in 2026 only


def test_what_a_formula_reads_of_a_mix_is_of_the_units_that_the_question_compares(tmp_path: Path) -> None:
    """A, B and C sold in 2025 and 2026: 201 / 4 and 169 / 4. With 2024 as a third period it was A alone, 110 - 101 / 2."""
    tables = KINDS + "insert into sales values (30, 'A', '2024-03-01', 5, 'even');"
    layer = shops(tmp_path, tables, ("kind",), (*ALIKE, metric("over", formula="alike - prior(alike, '1 year')")))
    (row,) = layer.query(metrics=["over", "alike"], by=["year"], **ASKED).rows()
    assert row[:3] == (YEAR, -8, 42.25)


def test_a_mix_within_a_number_over_two_sources_is_of_units_that_both_have(tmp_path: Path) -> None:
    """A and C have sales and visits in both years: 119 / 2 - 16. With B, who is in the sales alone, it was 26.25; beside it B counts."""
    over = metric("over", formula="alike - prior(people, '1 year')")
    layer = shops(tmp_path, KINDS, ("kind",), (*ALIKE, over))
    (row,) = layer.query(metrics=["over", "alike"], by=["year"], **ASKED).rows()
    assert row[:3] == (YEAR, 43.5, 42.25)


@pytest.mark.parametrize("compare", [[], ["previous"]])
def test_a_formula_that_moves_years_by_months_is_refused_whatever_it_is_compared_with(tmp_path: Path, compare: list[str]) -> None:
    """It found no rows for the twelve months from December on, and said 169 - 0."""
    layer = shops(tmp_path, metrics=(metric("risen", formula="revenue - prior(revenue, '1 month')"),))
    with pytest.raises(DecisionLayerError, match="by year beside a month before"):
        layer.query(metrics=["risen"], by=["year"], basis="like_for_like", compare=compare)


@pytest.mark.parametrize("seed", range(12))
def test_random_shops_against_plain_loops(tmp_path: Path, seed: int) -> None:
    random = Random(seed)

    def some(most: int) -> list[tuple[Any, ...]]:
        return [
            (n, random.choice(["A", "B", "C", "D", None]), dt.date(2025, 1, 1) + dt.timedelta(random.randrange(6) * 100), random.randint(1, 9))
            for n in range(random.randint(0, most))
        ]

    sales, visits, staff = some(14), some(14), some(14)
    with duckdb.connect() as warehouse:
        warehouse.execute(TABLES + "delete from sales; delete from visits; delete from staff; insert into sales values (99, 'Z', null, 0);")
        for table, rows in (("sales", sales), ("visits", visits), ("staff", staff)):
            if rows:
                warehouse.executemany(f"insert into {table} values (?, ?, ?, ?)", rows)
        layer = shops(tmp_path, warehouse)
        found = layer.query(metrics=["revenue", "each", "per_head"], by=["year", "org.division"], **ASKED).rows()
    division = {"A": "Retail", "B": "Online", "C": "Online", "D": "Online", None: None}

    def units(rows: list[tuple[Any, ...]]) -> set[str]:
        per_year = [{row[1] for row in rows if row[2].year == year} for year in (2025, 2026)]
        return (per_year[0] & per_year[1]) - {None}

    def sums(rows: list[tuple[Any, ...]], year: int, group: str | None, kept: set[str]) -> int | None:
        values = [row[3] for row in rows if row[2].year == year and row[1] in kept and division[row[1]] == group]
        return sum(values) if values else None

    def over(one: int | None, other: Fraction | int | None) -> Any:
        return None if one is None or not other else pytest.approx(float(Fraction(one) / Fraction(other)))

    for year, group, *values in found:
        both, held = units(sales) & units(visits), units(sales) & units(staff)
        for place, when in ((0, 2026), (3, 2025)):
            revenue = sums(sales, when, group, units(sales))
            each = over(sums(sales, when, group, both), sums(visits, when, group, both))
            instants = {row[2] for row in staff if row[2].year == when}
            heads = sums(staff, when, group, held)
            mean = None if heads is None or not instants else Fraction(heads, len(instants))
            got = (values[0], values[1], values[2]) if place == 0 else (values[3], values[6], values[9])
            assert got == (revenue, each, over(sums(sales, when, group, held), mean)), (year, group, when)
