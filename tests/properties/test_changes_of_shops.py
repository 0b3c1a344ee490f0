"""What is done to the rows of a shop and must not show: across bridges, along time, under one mix, and in what follows something."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from typing import Any

import duckdb
from hypothesis import assume, given
from hypothesis import strategies as st

from decisionlayer import QueryError
from tests.properties.companies import Company, Sheet
from tests.properties.opening import fill, opened, show
from tests.properties.pace import examples
from tests.properties.shops import shops
from tests.properties.test_shops import questions
from tests.reference.same import same_rows

RATE = 8
#: Numbers that are amounts whatever the shop is; stocks are where they add up or are a mean.
AMOUNTS = {"turnover", "worth", "mean", "alike", "pooled"}
COUNTS = {"number", "came", "came_back"}
Row = tuple[Any, ...]


def asked(layer: Any, question: Mapping[str, Any]) -> list[Row]:
    try:
        rows: list[Row] = layer.query(**question).rows()
    except QueryError:
        assume(False)  # what has no answer has none however the rows lie
    return rows


def measure_of(company: Company, name: str) -> str:
    return str(next(metric for metric in company.declared["metrics"] if metric["metric"] == name).get("measure", ""))


kinds = st.sampled_from(["crossed", "crossed", "mixed", "alike"])


@examples(20)
@given(company=shops(), kind=kinds, data=st.data(), seed=st.integers(0, 9))
def test_the_order_of_rows_says_nothing(
    warehouse: duckdb.DuckDBPyConnection, company: Company, kind: str, data: st.DataObject, seed: int
) -> None:
    with opened(warehouse, company) as (layer, _):
        question = data.draw(questions(kind))
        show(company, question)
        before = asked(layer, question)
        chance = random.Random(seed)
        fill(warehouse, {name: Sheet(sheet.columns, chance.sample(sheet.rows, len(sheet.rows))) for name, sheet in company.sheets.items()})
        assert same_rows(layer.query(**question).rows(), before)


@examples(20)
@given(company=shops(), kind=kinds, data=st.data())
def test_another_currency_scales_amounts_and_stocks_and_no_count(
    warehouse: duckdb.DuckDBPyConnection, company: Company, kind: str, data: st.DataObject
) -> None:
    with opened(warehouse, company) as (layer, _):
        question = {key: value for key, value in data.draw(questions(kind)).items() if key != "having"}
        scaled = {name: name in AMOUNTS or ("owes" in name and "count(" not in measure_of(company, name)) for name in question["metrics"]}
        assume(all(scaled[name] or name in COUNTS or ("count(" in measure_of(company, name) and "/" not in measure_of(company, name)) for name in scaled))
        show(company, question)
        before = asked(layer, question)
        columns = layer.query(**question).columns
        grown = [any(scales and column in _amounts(name) for name, scales in scaled.items()) for column in columns]
        expected = [tuple(value * RATE if value is not None and grows else value for value, grows in zip(row, grown, strict=True)) for row in before]
        fill(warehouse, {name: _times(sheet, {"orders": "total", "debts": "owed"}.get(name)) for name, sheet in company.sheets.items()})
        after = layer.query(**question).rows()
        assert same_rows(after, expected), f"\nbefore {before}\nafter  {after}"


def _amounts(metric: str) -> set[str]:
    beside = {f"{metric}__{each}" for each in ("previous", "year_ago")}
    return {metric, *beside, *(f"{column}_change" for column in beside)}


def _times(sheet: Sheet, column: str | None) -> Sheet:
    if column is None:
        return sheet
    place = list(sheet.columns).index(column)
    return Sheet(sheet.columns, [(*row[:place], None if row[place] is None else row[place] * RATE, *row[place + 1 :]) for row in sheet.rows])


@examples(30)
@given(company=shops(), kind=kinds, data=st.data())
def test_what_comes_twice_in_one_part_and_is_worth_nothing_adds_nothing(
    warehouse: duckdb.DuckDBPyConnection, company: Company, kind: str, data: st.DataObject
) -> None:
    """Each line, tag and card once more in the same part, without a share; each debt beside one of nothing; each order that may follow, twice."""
    with opened(warehouse, company) as (layer, _):
        question = copy.deepcopy(data.draw(questions(kind)))
        names = set(question["metrics"])
        assume("parts" not in str(question) and "parts" not in str([metric for metric in company.declared["metrics"] if metric["metric"] in {*names, "other"}]))
        assume(not any("owes" in name and measure_of(company, name) != "sum(owed)" for name in names) and "made" not in names)
        show(company, question)
        before = asked(layer, question)
        fill(warehouse, enlarged(company.sheets, followers=names <= {"came", "came_back"}))
        after = layer.query(**question).rows()
        assert same_rows(after, before), f"\nbefore {before}\nafter  {after}"


def enlarged(sheets: Mapping[str, Sheet], *, followers: bool) -> dict[str, Sheet]:
    """Return the sheets with the rows that add nothing; ``id`` is the first column of each."""
    worth = {"lines": "amount", "tags": "weight", "cards": "points", "debts": "owed", **({"orders": ""} if followers else {})}
    found = dict(sheets)
    for name, column in worth.items():
        sheet = sheets[name]
        place = list(sheet.columns).index(column) if column else None
        more = [
            (1000 + row[0], *(None if value is None else 0 if at == place else value for at, value in enumerate(row[1:], start=1)))
            for row in sheet.rows
        ]
        found[name] = Sheet(sheet.columns, [*sheet.rows, *more])
    return found
