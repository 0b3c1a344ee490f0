"""Several levels in one question: each is what the reference says to the question by that level alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from decisionlayer import QueryError
from decisionlayer.names import column_name
from tests.properties.choosing import Choice
from tests.properties.companies import Company, companies
from tests.properties.opening import opened, show
from tests.properties.pace import TALLY, examples
from tests.properties.questions import timed_questions
from tests.properties.test_time import NOT_YET, REFUSED
from tests.reference.answer import answer_of
from tests.reference.same import same_rows
from tests.reference.walks import Unanswerable, World

#: Refused by both accounts, or by grain and structure, of which the reference knows nothing.
KNOWN = {*REFUSED, *NOT_YET, "finer-than-grain", "unsettled-structure", "bad-question", "duplicate-name"}
ALONE = ("rest", "order", "limit", "fill")


@examples(330)
@given(company=companies(looking=True), data=st.data())
def test_a_level_is_the_question_by_it_alone(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    with opened(warehouse, company) as (layer, world):
        for _ in range(2):
            asked = data.draw(timed_questions(world))
            question = {key: value for key, value in asked.items() if key not in ALONE and key != "by"}
            levels = data.draw(_levels(world, asked["by"]))
            show(company, {**question, "levels": levels})
            try:
                alone = [answer_of(layer.model, world.rows, **question, by=level) for level in levels]
            except Unanswerable:
                continue
            try:
                result = layer.query(**question, levels=levels)
            except QueryError as refused:
                assert set(refused.codes) <= KNOWN, refused
                TALLY["refused"] += 1
                continue
            TALLY["compared"] += 1
            rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows()]
            assert len(rows) == sum(len(expected) for _, expected in alone), (rows, alone)
            for level, (columns, expected) in zip(levels, alone, strict=True):
                own = [row for row in rows if row["level"] == (", ".join(level) or "total")]
                found = [tuple(row[column] for column in columns) for row in own]
                keys = len(columns) - len([column for column in columns if column not in _keys(columns, question)])
                assert same_rows(sorted(found, key=_by(keys)), sorted(expected, key=_by(keys))), (
                    f"\nlevel     {level}\nengine    {found}\nreference {expected}\n{result.sql}"
                )


@st.composite
def _levels(draw: st.DrawFn, world: World, by: list[str]) -> list[list[str]]:
    """Draw two to four levels: what is asked, shorter beginnings of it, other periods, the grand total."""
    choice = Choice(draw)
    found = [by, by[:1], [], by[1:], ["tag"], ["tag", *by[:1]], [*by, "is_ok"], ["year"], ["year", "tag"]]
    distinct = [level for number, level in enumerate(found) if len(set(level)) == len(level) and level not in found[:number]]
    return [distinct[0], *choice.several(distinct[1:], 1, 2, 3)]


def _keys(columns: tuple[str, ...], question: dict[str, Any]) -> set[str]:
    metrics = {column_name(metric) for metric in question["metrics"]}
    return {column for column in columns if column not in metrics and not any(column.startswith(f"{metric}__") for metric in metrics)}


def _by(keys: int) -> Any:
    def key(row: tuple[Any, ...]) -> list[tuple[bool, str]]:
        return [
            (value is None, str(value.timestamp()) if isinstance(value, dt.datetime) else str(value)) for value in row[:keys]
        ]

    return key
