"""Random shops are asked by what their numbers cross: bridges, one mix, a reporting line that changes, and other times."""

from __future__ import annotations

import copy
from typing import Any

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from decisionlayer import QueryError
from tests.properties.choosing import Choice
from tests.properties.companies import Company
from tests.properties.opening import opened, show
from tests.properties.pace import TALLY, examples
from tests.properties.questions import asked
from tests.properties.shops import WHERES, shops
from tests.reference.answer import answer_of
from tests.reference.same import same_rows

#: What only the engine looks at: grain, structure, parts that have no sum, and what may be read in two ways.
REFUSED = {
    "fan-out", "finer-than-grain", "unsettled-structure", "not-built", "bad-question", "needs-period", "ambiguous-path", "unreachable-dimension",
    "unequal-periods",
}  # fmt: skip
OF_ORDERS = ["turnover", "number", "worth", "mean", "other", "made", "over", "alike"]
OF_CUSTOMERS = ["owes_last", "owes_first", "owes_avg", "owes_min", "owes_max", "owes_each", "came", "came_back", "made"]
CROSSED = ["lines.product.category", "tags.tag", "lines.parts.maker", "customer.cards.colour", "lines.product"]
PLAIN = ["customer.city", "kind", "customer", "org.division"]
RANGES: tuple[dict[str, str], ...] = (
    {"start": "2024", "end": "2024"}, {"start": "2024-01-01", "end": "2024-03-31"}, {"start": "2024-02", "end": "2024-02"}, {"start": "2024-01-20"},
    {"end": "2024-02-15"},
)  # fmt: skip


@st.composite
def questions(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    return question_of(Choice(draw), kind)


def question_of(choice: Choice, kind: str) -> dict[str, Any]:
    """Return the keys of a question about one or two numbers; ``kind`` says what it is about."""
    period = choice.several(["month", "quarter", "year", "day"], 1, 0, 1)
    match kind:
        case "crossed":
            metrics = choice.several(OF_ORDERS[:5] + OF_CUSTOMERS if choice.of(0, 1) else OF_CUSTOMERS, 1, 2)
            by = period + choice.several(["customer.cards.colour", *CROSSED], 1, 2) + choice.several(PLAIN, 0, 0, 1)
        case "switched":
            metrics = choice.several(["kept", "under_line", "priced", "turnover", "came"], 1, 2, 3)
            by = period + choice.several(["org.division", "org@before.division", "org@after.region", "customer", "customer.city", *CROSSED[:2]], 1, 0, 2)
        case "wide":
            # Two clocks of one source meet the versions of the line each in its own way, at every level.
            metrics = ["settled", *choice.several(["number", "worth", "alike", "kept", "priced", "turnover"], 1, 2)]
            period = choice.of([], period, ["paid.month"], ["month_of_year"], ["day.month", "paid.quarter"])
            by = [*period, choice.of("org.division", "org.region"), *choice.several(["customer.city", "kind", *CROSSED[:3]], 0, 1)]
        case "mixed":
            metrics = choice.several(["alike", "over", *OF_ORDERS], 1, 2)
            by = period + choice.several([*PLAIN, *CROSSED], 1, 0, 2)
        case _:
            metrics = choice.several([*OF_ORDERS, *OF_CUSTOMERS], 1, 2)
            by = period + choice.several(["org.division", "customer", "org.region", *CROSSED], 1, 0)
    question: dict[str, Any] = {"metrics": metrics, "by": list(dict.fromkeys(by)), "today": choice.of("2025-06-30", "2024-02-14")}
    if choice.of(0, 0, 1):
        question["where"] = choice.among(WHERES if set(metrics) <= set(OF_ORDERS) else ("kind = 'new'", "customer = 'ann'", "customer.cards.colour = 'red'"))
    if choice.of(0, 1):
        question |= choice.among(RANGES)
    if kind == "alike":
        question |= {"basis": choice.of("like_for_like", "like_for_like", "like_for_like@2024-02-01"), "compare": [choice.of("previous", "year_ago")]}
        if choice.of(0, 0, 1):
            question |= {"where": "org.division = 'A'"}
        if not period and "start" not in question:
            question |= RANGES[1]
    elif kind == "wide":
        question |= choice.of({"structure": "as_was"}, {"basis": "as_reported"}, {"basis": "restated@2024-02-01"})
        question |= choice.of({}, {}, {"compare": ["previous"]})
    else:
        question |= choice.of({}, {}, {"structure": "as_was"}, {"structure": "as_is"}, {"basis": "restated@2024-02-01"}, {"basis": "as_reported"})
        question |= choice.of({}, {}, {}, {"compare": ["previous"]}, {"compare": ["year_ago", "previous"]})
    told = ("levels", "levels", "totals", "", "having") if kind == "wide" else ("", "", "", "fill", "rest", "levels", "totals", "having")
    match choice.among(told):
        case "fill" if period and (kind != "alike" or "start" in question):
            question["fill"] = "spine"
        case "rest" if len(by) > len(period):
            question |= {"rest": True, "limit": choice.of(1, 2), "order": [choice.of("-", "") + metrics[0]]}
        case "levels":
            if kind != "wide" and choice.of(False, True):
                question |= {"rest": True, "limit": 1, "order": [f"-{metrics[0]}"]}
            by = question.pop("by")
            question["levels"] = [list(level) for level in dict.fromkeys((tuple(by), tuple(by[:1]), tuple(by[1:]), ()))]
        case "totals":
            question["totals"] = True
        case "having":
            question["having"] = choice.of("{0} > 2", "{0} is null", "not ({0} < 1)").format(metrics[0])
    return question


def compare(warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject, kind: str) -> None:
    with opened(warehouse, company) as (layer, world):
        for question in asked(data, questions(kind)):
            show(company, question)
            try:
                columns, expected = answer_of(layer.model, world.rows, **copy.deepcopy(question))
            except Exception as no:
                columns, expected = (), no  # type: ignore[assignment]
            try:
                result = layer.query(**question)
            except QueryError as refused:
                assert set(refused.codes) <= REFUSED, refused
                TALLY["refused"] += 1
                continue
            if isinstance(expected, Exception):
                raise expected
            TALLY["compared"] += 1
            assert result.columns == columns
            assert same_rows(result.rows(), expected), f"\nengine    {result.rows()}\nreference {expected}\n{result.sql}"


@examples(40)
@given(company=shops(), data=st.data())
def test_stocks_and_conversions_cross_bridges_as_the_reference_says(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    compare(warehouse, company, data, "crossed")


@examples(40)
@given(company=shops(), data=st.data())
def test_one_mix_stands_anywhere_as_the_reference_says(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    compare(warehouse, company, data, "mixed")


@examples(40)
@given(company=shops(), data=st.data())
def test_what_leaves_and_what_stands_in_one_line_is_as_the_reference_says(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    compare(warehouse, company, data, "switched")


@examples(40)
@given(company=shops(), data=st.data())
def test_levels_of_two_clocks_are_as_the_reference_says(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    compare(warehouse, company, data, "wide")


@examples(40)
@given(company=shops(), data=st.data())
def test_like_is_compared_with_like_as_the_reference_says(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    compare(warehouse, company, data, "alike")
