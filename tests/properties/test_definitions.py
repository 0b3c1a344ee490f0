"""Random definitions in time: metrics that changed once or twice are asked by the engine and by the reference, which says the same."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from decisionlayer import QueryError
from tests.properties.pace import TALLY, examples
from tests.reference.answer import answer_of
from tests.reference.same import same_rows
from tests.reference.walks import Unanswerable
from tests.worlds import rows_of
from tests.worlds.made import made, metric, shop

#: Days on which definitions may begin: of months and quarters, and in the middle of both.
BEGINS = [dt.date(2023, 10, 1), dt.date(2024, 1, 1), dt.date(2024, 2, 1), dt.date(2024, 4, 1), dt.date(2024, 4, 15), dt.date(2024, 7, 1)]
MEASURES = ("sum(amount)", "count(*)", "count(*) filter (where amount > 20) / count(*)", "sum(amount) / count(*)", "max(amount)")
WHERES = ("true", "amount > 10", "shop = 'A'", "amount < 0")
#: What the engine refuses before it looks at data; the reference answers some of it.
REFUSED = {"unsettled-definition", "unrecorded-restatement", "not-built", "needs-period", "finer-than-grain", "bad-time"}

#: What reads other times: where no cell reads both sides of a change, it is answered.
GATHERS = {
    "so_far": "to_date(one, quarter)", "this_year": "to_date(both, year)", "ten_days": "trailing(one, '10 days')",
    "at_first": "period_start(two, quarter)", "month_so_far": "to_date(one + two, month)",
}

days = st.dates(dt.date(2023, 9, 1), dt.date(2024, 9, 30))
rows = st.lists(st.tuples(days, st.sampled_from(["A", "B", None]), st.sampled_from([-5, 0, 15, 40, None])), max_size=25)


@st.composite
def changing(draw: st.DrawFn, name: str) -> dict[str, object]:
    """Draw a metric with one to three definitions."""
    since = sorted(draw(st.lists(st.sampled_from(BEGINS), min_size=1, max_size=3, unique=True)), reverse=True)
    missing = draw(st.sampled_from([None, None, "zero", "null"]))
    said = {"measure": draw(st.sampled_from(MEASURES)), "where": draw(st.sampled_from(WHERES)), "since": since[0].isoformat()}
    earlier = [
        {
            "since": day.isoformat(), "past": draw(st.sampled_from(["break", "restated"])), "measure": draw(st.sampled_from(MEASURES)),
            "where": draw(st.sampled_from(WHERES)), **draw(st.sampled_from([{}, {"missing": "zero"}])),
        }
        for day in since[1:]
    ]  # fmt: skip
    if earlier:
        said |= {"past": draw(st.sampled_from(["break", "restated"])), "earlier": earlier}
    return metric(name, **said, **({} if missing is None else {"missing": missing}))


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a question about one to three metrics."""
    asked: dict[str, Any] = {
        "metrics": draw(st.lists(st.sampled_from(["one", "two", "plain", "both", "growth", *GATHERS]), min_size=1, max_size=3, unique=True)),
        "by": draw(st.sampled_from([["month"], ["quarter"], ["month", "shop"], ["quarter", "shop"], [], ["shop"], ["year"], ["day"]])),
        "today": draw(st.sampled_from(["2024-12-31", "2024-12-31", "2024-03-15"])),
    }
    how = draw(st.sampled_from(["as_then", "as_then", "as_then", "restated", "as_reported", "neither"]))
    if how == "as_reported":
        asked["basis"] = how
    elif how != "neither":
        asked["definition"] = how
    if draw(st.booleans()):
        asked["start"] = draw(st.sampled_from(["2023-09-01", "2024-01-01", "2024-02-01", "2024-04-01", "2024-07-01"]))
        asked["end"] = draw(st.sampled_from(["2024-07-31", "2024-09-30", "2024-12-31"]))
    if draw(st.booleans()):
        asked["compare"] = draw(st.sampled_from([["previous"], ["year_ago"]]))
    return asked


@examples(60)
@given(one=changing("one"), two=changing("two"), sold=rows, data=st.data())
def test_the_engine_reads_definitions_in_time_as_the_reference_does(
    one: dict[str, object], two: dict[str, object], sold: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    declared = shop(
        one, two, metric("plain", measure="sum(amount)"), metric("both", formula="one + two * 2 - plain"),
        metric("growth", formula="one - prior(one, '1 month')"), *(metric(name, formula=formula) for name, formula in GATHERS.items()),
    )  # fmt: skip
    connection = duckdb.connect()
    connection.execute("create table sales (id integer, day date, shop varchar, amount integer)")
    if sold:
        connection.executemany("insert into sales values (?, ?, ?, ?)", [(number, *row) for number, row in enumerate(sold)])
    with tempfile.TemporaryDirectory() as folder:
        layer = made(Path(folder), declared, connection)
        assert [found.render() for found in layer.check() if found.is_error] == []
        tables = rows_of(layer.model, connection)
        TALLY["companies"] += 1
        for _ in range(4):
            question = data.draw(questions())
            try:
                columns, expected = answer_of(layer.model, tables, **question)
            except Unanswerable as no:
                columns, expected = (), no
            try:
                result = layer.query(**question)
            except QueryError as refused:
                assert set(refused.codes) <= REFUSED, refused
                TALLY["refused"] += 1
                continue
            assert not isinstance(expected, Unanswerable), (question, expected)
            TALLY["compared"] += 1
            assert result.columns == columns
            assert same_rows(result.rows(), expected), f"{question}\nengine    {result.rows()}\nreference {expected}\n{result.sql}"
