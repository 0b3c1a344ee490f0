"""What becomes of an answer when something is done to every row, or to the range, that is known to do one thing to numbers."""

from __future__ import annotations

import copy
import datetime as dt
from contextlib import suppress
from decimal import Decimal

import duckdb
from hypothesis import assume, given
from hypothesis import strategies as st

from decisionlayer import QueryError
from decisionlayer.names import PERIODS
from tests.properties.companies import Company, Sheet, companies
from tests.properties.opening import fill, opened, show
from tests.properties.pace import examples
from tests.properties.questions import timed_questions
from tests.reference.same import same_rows
from tests.worlds.made import SAID

#: What is measured of an amount, and whether another currency scales it or leaves it as it is.
OF_AN_AMOUNT = {
    "sum(y)": True, "max(y)": True, "avg(y)": True, "median(y)": True, "sum(y) filter (where ok) - min(y)": True,
    "sum(y) filter (where ok) / sum(y)": False, "count(y)": False, "count(distinct y)": False, "count(distinct y) / count(*)": False,
    "max(y) / min(y)": False,
}  # fmt: skip
#: The same over other times; ``{0}`` is the amount.
OVER_TIMES = {
    "prior({0}, '1 month')": True, "trailing({0}, '2 months')": True, "to_date({0}, year)": True, "{0} - prior({0}, '1 year')": True,
    "{0} / prior({0}, '1 month')": False, "{0} / total({0})": False, "all_time({0}) / to_date({0}, quarter)": False,
}  # fmt: skip
#: A power of two, so that no float of the way is rounded elsewhere.
RATE = 8


@examples(60)
@given(company=companies(looking=True), data=st.data())
def test_another_currency_scales_amounts_and_nothing_else(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    fact = next(source["source"] for source in company.declared["sources"] if "tag" in source["columns"] and "y" in source["columns"])
    own = [{"metric": f"own_{i}", "title": f"Own {i}", **SAID, "source": fact, "measure": text} for i, text in enumerate(OF_AN_AMOUNT)]
    other = [{"metric": f"other_{i}", "title": f"Other {i}", **SAID, "formula": text.format("own_0")} for i, text in enumerate(OVER_TIMES)]
    enlarged = Company({**copy.deepcopy(company.declared), "metrics": [*company.declared["metrics"], *own, *other]}, company.sheets, company.files)
    scales = dict(zip([metric["metric"] for metric in (*own, *other)], [*OF_AN_AMOUNT.values(), *OVER_TIMES.values()], strict=True))
    with opened(warehouse, enlarged) as (layer, _):
        metrics = data.draw(st.lists(st.sampled_from(sorted(scales)), min_size=1, max_size=4, unique=True))
        by = data.draw(st.sampled_from((["month"], ["month", "tag"], ["tag", "quarter"], ["is_ok", "year"])))
        question = {"metrics": metrics, "by": by}
        show(enlarged, question)
        before = layer.query(**question).rows()
        fill(warehouse, {name: _scaled(sheet) for name, sheet in company.sheets.items()})
        expected = [
            (*row[: len(by)], *(value * RATE if value is not None and scales[name] else value for name, value in zip(metrics, row[len(by) :], strict=True)))
            for row in before
        ]
        after = layer.query(**question).rows()
        assert same_rows(after, expected), f"\nbefore {before}\nafter  {after}"


def _scaled(sheet: Sheet) -> Sheet:
    if "y" not in sheet.columns:
        return sheet
    place = list(sheet.columns).index("y")
    return Sheet(sheet.columns, [
        (*row[:place], None if row[place] is None else Decimal(row[place]) * RATE, *row[place + 1 :]) for row in sheet.rows
    ])  # fmt: skip


@examples(100)
@given(company=st.one_of(companies(looking=True), companies(shaped=True)), data=st.data())
def test_a_range_that_is_wider_than_the_data_may_be_wider_still(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    """By period nothing hangs on where a range begins or ends in which there are no rows."""
    with opened(warehouse, company) as (layer, world):
        question = {key: value for key, value in data.draw(timed_questions(world)).items() if key not in ("start", "end")}
        assume(set(question["by"]) & set(PERIODS) and "fill" not in question)
        assume("rest" not in question)  # which groups come first is asked of the whole range
        show(company, question)
        try:
            answers = [layer.query(**question, start="2021", end="2027").rows()]
        except QueryError:
            assume(False)  # what has no answer has none in a wider range
        try:
            answers.append(layer.query(**question, start="1990", end="2080").rows())
        except QueryError as refused:  # a day that the first range ends before is refused by name where its period still runs
            # and what takes the last instant of each thing would have to read a part of it, which is several of its days
            said = any(words in str(refused) for words in ("a period that `today` lies in", "it takes the last instant of each"))
            assert said and str(question["today"]) > "2027", refused
        with suppress(QueryError):  # a range that cuts a period may be too much to ask of what stands at its own instants
            answers.append(layer.query(**question, start="2020-02-29", end=dt.date(2031, 3, 1)).rows())
        assert all(same_rows(answer, answers[0]) for answer in answers[1:]), f"\n{answers}"
