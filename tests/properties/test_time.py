"""Random companies are asked about other times: metric functions nested and mixed, comparisons, cut ranges, filled gaps."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisionlayer import EngineError, QueryError
from tests.properties.companies import Company, companies
from tests.properties.opening import is_beyond, is_overflow, opened, show
from tests.properties.pace import TALLY, examples
from tests.properties.questions import MANY_ROWS, asked, timed_questions
from tests.reference.answer import answer_of
from tests.reference.same import same_rows
from tests.reference.walks import Unanswerable

#: What has no answer, by both accounts.
REFUSED = ("needs-period",)
#: What the engine does not answer yet, and longer periods beside shorter ones, of which the reference tells all the same.
NOT_YET = ("not-built", "unequal-periods")
#: Beside a rest: the groups that come first are ranked by one metric alone, which may not lead where all of them meet.
RANKED = {"fan-out", "unreachable-dimension", "ambiguous-path"}

#: Two things that are refused by name, where the reference takes them to be meant in one way.
BY_NAME = ("takes the last instant of each", MANY_ROWS)


@examples(400)
@given(company=companies(looking=True), data=st.data())
def test_the_engine_reads_other_times_as_the_reference_does(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    ask(warehouse, company, data)


@examples(400)
@given(company=companies(shaped=True), data=st.data())
def test_the_engine_reads_stocks_and_conversions_as_the_reference_does(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    ask(warehouse, company, data)


def ask(warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject) -> None:
    """Put three questions to both, and see that they say the same."""
    with opened(warehouse, company) as (layer, world):
        for question in asked(data, timed_questions(world)):
            show(company, question)
            try:
                columns, expected = answer_of(layer.model, world.rows, **question)
            except Unanswerable as no:
                expected = no
            if is_beyond(expected):
                with pytest.raises(EngineError, match="out of range"):
                    layer.query(**question)
                continue
            try:
                result = layer.query(**question)
            except duckdb.OutOfRangeException as failed:  # on the way to an answer that is within them
                assert is_overflow(failed), failed
                TALLY["refused"] += 1
                continue
            except QueryError as refused:
                met = RANKED if "rest" in question else set()
                # Each thing's own last instant in several periods is refused by name: nothing small stands for them.
                # So is what `not` would mean of many rows, of one of which it is said.
                met = met | {"bad-question"} if any(said in str(refused) for said in BY_NAME) else met
                assert set(refused.codes) <= {*REFUSED, *NOT_YET, *met, "finer-than-grain", "unsettled-structure"}, refused
                # Groups are ranked over the whole range, where a condition on periods beside metric functions says nothing.
                ranked = "`rest` ranks groups over the whole range" in str(refused)
                if set(refused.codes) <= set(REFUSED) and not ranked:
                    assert isinstance(expected, Unanswerable), refused
                TALLY["refused"] += 1
                continue
            TALLY["compared"] += 1
            assert not isinstance(expected, Unanswerable), expected
            assert result.columns == columns
            assert same_rows(result.rows(), expected), f"\nengine    {result.rows()}\nreference {expected}\n{result.sql}"
