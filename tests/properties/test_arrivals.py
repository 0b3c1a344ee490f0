"""Random arrivals: two sources that end on different days and whose rows come late, asked as it was known, by what gathers and moves."""

from __future__ import annotations

import copy
import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from decisionlayer import QueryError
from tests.properties.pace import QUESTIONS, TALLY, examples
from tests.properties.sentences import gathers
from tests.reference.answer import answer_of
from tests.reference.same import same_rows
from tests.worlds import rows_of
from tests.worlds.made import made, metric, shop

FIRST = dt.date(2023, 10, 1)
FRESH = {"at": "loaded", "within": "9000 days"}
FORMULAS = {
    "rate": "sold / cost", "gain": "sold - cost", "sold_so_far": "to_date(sold, month)", "rate_so_far": "to_date(rate, month)",
    "gain_of_quarter": "to_date(gain, quarter)", "ten_days": "trailing(rate, '10 days')", "one_month": "trailing(gain, '1 month')",
    "growth": "gain - prior(gain, '1 month')", "so_far_before": "prior(to_date(gain, month), '1 month')",
    "trailing_before": "prior(trailing(sold, '20 days'), '1 month')", "at_first": "period_start(sold, quarter)", "ever": "all_time(gain)",
    "mixed": "to_date(sold, month) / trailing(cost, '40 days')", "shops": "trailing(heads, '20 days')", "of_all": "sold / total(sold)", "of_ever": "cost - total(cost, all)",
    "stand_before": "prior(stand, '1 month')", "mean_so_far": "to_date(mean, quarter)", "stand_of_all": "total(stand)",
}  # fmt: skip
#: What gathers, as of the first day of a longer period.
OPENING = {
    "sold_first": "to_date(sold, month)", "rate_first": "all_time(rate)", "gain_first": "trailing(gain, '20 days')",
    "shops_first": "to_date(heads, quarter)", "sold_first_before": "prior(sold_first, '1 month')", "of_first": "sold / rate_first",
    "two_first": "trailing(gain_first, '2 months')",
}  # fmt: skip
#: And its mean over the days of one.
MEANS = {
    "sold_mean": "to_date(sold, month)", "rate_mean": "all_time(rate)", "gain_mean": "trailing(gain, '20 days')", "shops_mean": "trailing(heads, '9 days')",
    "sold_mean_before": "prior(sold_mean, '1 month')", "of_mean": "sold / rate_mean", "gain_less_mean": "gain - gain_mean",
}  # fmt: skip
REFUSED = {"not-built", "needs-period", "finer-than-grain", "unequal-periods"}

late = st.sampled_from([0, 1, 90])


def rows(values: list[int | None]) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """Return rows within two months or within seven, each with how many days later it came."""
    return st.sampled_from([60, 200]).flatmap(lambda reach: st.lists(
        st.tuples(st.integers(0, reach), st.sampled_from(["A", "B", None]), st.sampled_from(values), late), max_size=12,
    ))  # fmt: skip


def along(formula: str, how: str) -> dict[str, str]:
    """Return how what gathers is read by longer periods; nothing for a formula around such a metric."""
    return {"over_time": how} if gathers(formula) and "_first" not in formula else {}


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a question about one or two metrics."""
    by = [["month"], ["quarter"], ["month", "shop"], ["quarter", "shop"], ["year"], ["day"], ["week"], []]
    asked: dict[str, Any] = {
        "metrics": draw(st.lists(st.sampled_from(["sold", "cost", *FORMULAS, *OPENING, *MEANS]), min_size=1, max_size=2, unique=True)),
        "by": draw(st.sampled_from(by)),
    }
    for key, values in (
        ("known_on", ["2023-11-30", "2024-01-15", "2024-03-01"]), ("today", ["2023-12-13", "2024-02-03"]),
        ("start", ["2023-11", "2023-12-08", "2024-01-01"]), ("end", ["2024-01-17", "2024-02", "2024-03-05"]),
        ("compare", [["previous"], ["year_ago"]]), ("fill", ["spine"]), ("where", ["shop = 'A'", "month >= '2023-12-01'"]),
    ):  # fmt: skip
        value = draw(st.sampled_from([None, *values]))
        if value is not None:
            asked[key] = value
    if draw(st.sampled_from([False, False, True])):
        levels = [asked.pop("by"), ["month", "shop"], ["shop"], ["quarter"], []]
        some = draw(st.lists(st.sampled_from(levels[1:]), min_size=1, max_size=3, unique_by=tuple))
        asked["levels"] = [levels[0], *(each for each in some if each != levels[0])]
    return asked


@examples(15)
@given(sold=rows([5, 10, 40, None]), cost=rows([1, 2, 7]), data=st.data())
def test_what_is_known_of_two_sources_is_what_the_reference_knows(
    sold: list[tuple[Any, ...]], cost: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    declared = shop(
        metric("sold", measure="sum(amount)"), metric("cost", source="costs", measure="sum(cost)"),
        metric("heads", measure="count(distinct shop)"), metric("stand", measure="sum(amount)", over_time="last"),
        metric("mean", source="costs", measure="sum(cost)", over_time="avg"), *(metric(name, formula=formula) for name, formula in FORMULAS.items()),
        *(metric(name, formula=formula, **along(formula, "first")) for name, formula in OPENING.items()),
        *(metric(name, formula=formula, **along(formula, "avg")) for name, formula in MEANS.items()),
    )  # fmt: skip
    declared["sources"][0]["columns"]["loaded"] = "date"
    declared["sources"][0]["fresh"] = FRESH
    declared["sources"].append({
        "source": "costs", "one_row_is": "one cost", "table": "costs", "key": ["id"], "time": {"seen": {"grain": "second", "zone": "UTC"}},
        "owner": "desk", "columns": {"id": "integer", "seen": "timestamp", "shop": "text", "cost": "integer", "loaded": "date"},
        "dimensions": {"shop": "shop"}, "fresh": FRESH,
    })  # fmt: skip
    connection = duckdb.connect()
    for table, clock, value, found in (("sales", "day date", "amount", sold), ("costs", "seen timestamp", "cost", cost)):
        connection.execute(f"create table {table} (id integer, {clock}, shop varchar, {value} integer, loaded date)")
        for number, (after, where, amount, later) in enumerate(found):
            day = FIRST + dt.timedelta(days=after)
            connection.execute(f"insert into {table} values (?, ?, ?, ?, ?)", [number, day, where, amount, day + dt.timedelta(days=later)])
    with tempfile.TemporaryDirectory() as folder:
        layer = made(Path(folder), declared, connection)
        tables = rows_of(layer.model, connection)
        TALLY["companies"] += 1
        for _ in range(QUESTIONS):
            question = data.draw(questions())
            try:
                result = layer.query(**question)
            except QueryError as refused:
                assert set(refused.codes) <= REFUSED, (question, refused)
                TALLY["refused"] += 1
                continue
            columns, expected = answer_of(layer.model, tables, **copy.deepcopy(question))
            assert result.columns == columns
            assert same_rows(result.rows(), expected), f"{question}\nengine    {result.rows()}\nreference {expected}\n{result.sql}"
            TALLY["compared"] += 1
