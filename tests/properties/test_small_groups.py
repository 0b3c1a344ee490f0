"""Random shops are published with small groups hidden: no number is over too few rows, and none is lost that is over enough.

How many rows a number is over is asked of the evaluator. Beside each number stand metrics that count them, declared here by what
the number is, which no code of the package reads.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from decisionlayer import QueryError
from decisionlayer.ask import Desk
from decisionlayer.findings import Place
from decisionlayer.frozen import replace
from decisionlayer.plan.query import Query
from decisionlayer.publish.groups import hidden
from decisionlayer.resolve.model import View
from tests.properties.companies import Company
from tests.properties.opening import opened, show
from tests.properties.pace import TALLY, examples
from tests.properties.questions import asked
from tests.properties.shops import shops
from tests.properties.test_shops import REFUSED, questions
from tests.reference.answer import answer_of
from tests.reference.same import is_same
from tests.worlds.made import choice as choosing
from tests.worlds.made import metric

MEASURED = ("turnover", "number", "worth", "mean", "settled", "came", "other", "owes_last", "owes_first", "owes_avg", "owes_min", "owes_max", "owes_each")
COUNTED = (*MEASURED, "came_back", "alike", "kept", "under_line")
NUMBERS = re.compile(rf"\b({'|'.join(COUNTED)})\b")
#: A formula that is one function of one number looks at what the same function of its rows says.
ONE_FUNCTION = re.compile(r"\w+\([^()]*\)")
#: What other formulas look at, where that is not all their numbers in the cell that is asked; they are over the fewest rows of these.
LOOKS = {
    "settled - prior(settled, '1 month')": ("settled", "prior(settled, '1 month')"),
    "turnover - prior(turnover, '1 month')": ("turnover", "prior(turnover, '1 month')"),
    "turnover / total(turnover)": ("turnover", "total(turnover)"),
    "to_date(number, quarter) / to_date(came, quarter)": ("to_date(number, quarter)", "to_date(came, quarter)"),
    "alike - prior(alike, '1 month')": ("alike", "prior(alike, '1 month')"), "prior(alike, '1 quarter') / alike": ("prior(alike, '1 quarter')", "alike"),
    "prior(number, '1 month') * price": ("prior(number, '1 month')",),
}  # fmt: skip


def counted(company: Company) -> tuple[Company, dict[str, tuple[str, ...]]]:
    """Return the company with metrics that count rows, and by the name of each number those that count what it is over."""
    said = {each["metric"]: each for each in company.declared["metrics"]}
    more: list[dict[str, Any]] = []
    for name in MEASURED:
        along = {key: said[name][key] for key in ("source", "clock", "last_of_each") if key in said[name]}
        if "over_time" in said[name]:  # the largest of several instants may be that of the fewest rows
            along["over_time"] = {"max": "min"}.get(said[name]["over_time"], said[name]["over_time"])
        more.append(metric(f"{name}_rows", measure="count(*)", **along))
    more.append(metric("came_back_rows", source="visits", measure="count(*)"))
    more.append(metric("alike_rows", source="orders", measure="count(*)"))
    for name in ("kept", "under_line"):
        base = "number" if name == "kept" else f"{said[name]['translation']['from']}_rows"
        more.append(choosing(f"{name}_rows", translation={**said[name]["translation"], "from": base}))
    found = {name: (f"{name}_rows",) for name in COUNTED}
    for name in ("made", "priced", "over"):
        text = said[name]["formula"].replace("pooled", "number")
        looks = LOOKS.get(text) or ((text,) if ONE_FUNCTION.fullmatch(text) else tuple(dict.fromkeys(NUMBERS.findall(text))))
        more += [metric(f"{name}_rows_{at}", formula=NUMBERS.sub(r"\1_rows", look)) for at, look in enumerate(looks)]
        found[name] = tuple(f"{name}_rows_{at}" for at in range(len(looks)))
    return replace(company, declared={**company.declared, "metrics": [*company.declared["metrics"], *more]}), found


def to_be_hidden(question: Mapping[str, Any]) -> dict[str, Any]:
    """Return the question as a view may ask it that hides groups: levels one within the other, and nothing beside them."""
    if "levels" not in question and "totals" not in question:
        return dict(question)
    found = {key: value for key, value in question.items() if key not in ("having", "order", "limit", "rest", "compare")}
    if "levels" in question:
        finest = question["levels"][0]
        found["levels"] = [finest[:length] for length in range(len(finest), -1, -1)]
    return found


@examples(60)
@given(
    company=shops(), data=st.data(), kind=st.sampled_from(["crossed", "switched", "mixed", "wide", "alike", "plain"]),
    least=st.sampled_from([2, 3, 5]),
)  # fmt: skip
def test_a_view_hides_what_is_over_too_few_rows_and_no_more(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject, kind: str, least: int
) -> None:
    company, counts = counted(company)
    with opened(warehouse, company) as (layer, world):
        for drawn in asked(data, questions(kind)):
            question = to_be_hidden(drawn)
            show(company, question)
            view = View("shown", "executive", None, "Shown.", "view", question, Place("views.yml", 1, 1), min_group=least)
            desk = Desk(replace(layer.model, views={"shown": view}, decisions={}), layer.engine)
            try:
                text = hidden(desk, view, Query.of(**question))
            except QueryError as refused:
                assert set(refused.codes) <= REFUSED, refused
                TALLY["refused"] += 1
                continue
            TALLY["compared"] += 1
            # Of a formula the like units are those that all its sources have, which nothing that is counted here alone says.
            alike = "like_for_like" in question.get("basis", "")
            numbers = numbers_of(question, {name: () if alike and len(over) > 1 else over for name, over in counts.items()})
            columns, rows = answer_of(layer.model, world.rows, **copy.deepcopy(question))
            beside = [name for metric in question["metrics"] for name in counts[metric]]
            more, of_rows = answer_of(layer.model, world.rows, **copy.deepcopy({**question, "metrics": [*question["metrics"], *beside]}))
            groups = [column for column in columns if column not in numbers]
            listed = [*groups, *(column for column in columns if column in numbers)]
            whole, few, shown = (told(groups, *each) for each in ((columns, rows), (more, of_rows), (listed, layer.engine.rows(text))))
            by_levels = "levels" in question or "totals" in question
            compare(whole, few, shown, numbers, least, filtered="having" in question, by_levels=by_levels)


def numbers_of(question: Mapping[str, Any], counts: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the columns of numbers, and for each those of the rows that it is over."""
    found: dict[str, tuple[str, ...]] = {}
    for name in question["metrics"]:
        found[name] = counts[name]
        for word in question.get("compare", ()):
            then = tuple(f"{each}__{word}" for each in counts[name])
            found[f"{name}__{word}"] = then
            found[f"{name}__{word}_change"] = found[f"{name}__{word}_pct"] = (*counts[name], *then)
    return found


def told(groups: Sequence[str], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return the rows of an answer by their cells."""
    found = {tuple(str(row[columns.index(group)]) for group in groups): dict(zip(columns, row, strict=True)) for row in rows}
    assert len(found) == len(rows)
    return found


def compare(
    whole: Mapping[tuple[str, ...], dict[str, Any]], counted: Mapping[tuple[str, ...], dict[str, Any]],
    shown: Mapping[tuple[str, ...], dict[str, Any]], numbers: Mapping[str, tuple[str, ...]], least: int, *, filtered: bool, by_levels: bool,
) -> None:  # fmt: skip
    """Compare what a view shows with the answer without it, by the fewest rows that each number is over (None for none)."""
    few = {
        (cell, number): min((counted[cell][each] for each in over if counted[cell][each]), default=None)
        for cell in whole for number, over in numbers.items()
    }  # fmt: skip
    assert set(shown) <= set(whole)
    assert filtered or len(shown) == len(whole)
    for (cell, number), rows in few.items():
        full = whole[cell][number]
        if cell not in shown:
            assert any((few[cell, each] or 0) < least for each in numbers), f"{cell} is left out"
            continue
        value = shown[cell][number]
        assert value is None or is_same(value, full), f"{cell} {number} is {full}, not {value}"
        if rows is not None and rows < least:
            assert value is None, f"{cell} {number} shows {value} over {rows}"
        elif rows is not None and not by_levels:
            assert is_same(value, full), f"{cell} {number} hides {full} over {rows}"
    # A part of a total may be too small of which the number has no cell.
    some = [row[each] for row in counted.values() for over in numbers.values() for each in over]
    if by_levels and None not in few.values() and not any(rows and rows < least for rows in some):
        assert all(is_same(row[number], whole[cell][number]) for cell, row in shown.items() for number in numbers), "nothing is small"
