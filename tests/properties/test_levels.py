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
from tests.properties.pace import QUESTIONS, TALLY, examples
from tests.properties.questions import timed_questions
from tests.properties.test_time import NOT_YET, RANKED, REFUSED
from tests.reference.answer import answer_of
from tests.reference.same import same_rows
from tests.reference.walks import Unanswerable, World

#: Refused by both accounts, or by grain and structure, of which the reference knows nothing.
KNOWN = {*REFUSED, *NOT_YET, "finer-than-grain", "unsettled-structure", "bad-question", "duplicate-name"}
#: What is of all rows together; beside a rest it is of the groups of each level.
TOGETHER = ("order", "limit")
REST = ("rest", *TOGETHER)


@examples(200)
@given(company=companies(looking=True), data=st.data())
def test_a_level_is_the_question_by_it_alone(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    ask(warehouse, company, data)


@examples(130)
@given(company=companies(shaped=True), data=st.data())
def test_a_level_of_stocks_and_conversions_is_the_question_by_it_alone(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    ask(warehouse, company, data)


def ask(warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject) -> None:
    """Put a question by several levels to the engine, and by each of them to the reference."""
    with opened(warehouse, company) as (layer, world):
        for _ in range(QUESTIONS - 1):
            question = data.draw(questions_by_levels(world))
            levels = question.pop("levels")
            show(company, {**question, "levels": levels})
            try:
                alone = [answer_of(layer.model, world.rows, **of_level(question, level, world), by=level) for level in levels]
            except Unanswerable:
                continue
            try:
                result = layer.query(**question, levels=levels)
            except QueryError as refused:
                assert set(refused.codes) <= {*KNOWN, *(RANKED if "rest" in question else ())}, refused
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
def questions_by_levels(draw: st.DrawFn, world: World) -> dict[str, Any]:
    """Draw a question by two to four levels: what is asked, shorter beginnings of it, other periods, the grand total."""
    asked: dict[str, Any] = draw(timed_questions(world))
    choice, by = Choice(draw), asked.pop("by")
    if "rest" not in asked:
        asked = {key: value for key, value in asked.items() if key not in TOGETHER}
    found = [by, by[:1], [], by[1:], ["tag"], ["tag", *by[:1]], [*by, "is_ok"], ["year"], ["year", "tag"]]
    if "fill" in asked:  # gaps are filled between periods, so there must be some
        found = [level for level in found if set(level) & set(world.model.project.almanac.grains())]
    distinct = [level for number, level in enumerate(found) if len(set(level)) == len(level) and level not in found[:number]]
    return {**asked, "levels": [distinct[0], *choice.several(distinct[1:], 1, 2, 3)]}


def of_level(question: dict[str, Any], level: list[str], world: World) -> dict[str, Any]:
    """Return what is asked of one level: without groups there is no rest of them."""
    almanac = world.model.project.almanac
    has_groups = any(almanac.parse(path) is None for path in level)
    return question if has_groups else {key: value for key, value in question.items() if key not in REST}


def _keys(columns: tuple[str, ...], question: dict[str, Any]) -> set[str]:
    metrics = {column_name(metric) for metric in question["metrics"]}
    return {column for column in columns if column not in metrics and not any(column.startswith(f"{metric}__") for metric in metrics)}


def _by(keys: int) -> Any:
    def key(row: tuple[Any, ...]) -> list[tuple[bool, str]]:
        return [
            (value is None, str(value.timestamp()) if isinstance(value, dt.datetime) else str(value)) for value in row[:keys]
        ]

    return key
