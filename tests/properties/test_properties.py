"""Random companies are asked random questions; what must hold for every one of them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import duckdb
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from decisionlayer import EngineError, QueryError
from decisionlayer.capabilities import DUCKDB
from decisionlayer.layer import Layer
from decisionlayer.plan import build
from decisionlayer.plan.query import Query
from decisionlayer.resolve.model import Additivity
from decisionlayer.sql import emit
from tests.properties.choosing import Choice
from tests.properties.companies import Company, Sheet, companies
from tests.properties.opening import fill, is_beyond, is_overflow, opened, show
from tests.properties.pace import TALLY, examples
from tests.properties.questions import MANY_ROWS, asked, leaves, questions
from tests.properties.test_levels import questions_by_levels
from tests.reference.answer import answer_of
from tests.reference.same import is_same, same_rows
from tests.reference.walks import Unanswerable


@examples(450)
@given(company=companies(), data=st.data())
def test_the_engine_answers_as_the_reference_does(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    with opened(warehouse, company) as (layer, world):
        for question in asked(data, questions(world)):
            show(company, question)
            try:
                columns, expected = answer_of(layer.model, world.rows, **question)
            except Unanswerable:  # a source may bear the name of a role, so that what is asked has two meanings
                with pytest.raises(QueryError):
                    layer.query(**question)
                TALLY["refused"] += 1
                continue
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
                assert MANY_ROWS in str(refused), refused
                TALLY["refused"] += 1
                continue
            TALLY["compared"] += 1
            assert result.columns == columns
            assert same_rows(result.rows(), expected), (
                f"\nengine    {result.rows()}\nreference {expected}\n{result.sql}"
            )


@examples(80)
@given(company=companies(), data=st.data())
def test_distinct_values_are_those_of_the_rows(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    """So are their ends. What names no metric is answered from one source, or refused by the engine, which wants to be told whose values are meant."""
    with opened(warehouse, company) as (layer, world):
        texts = sorted({text for source in layer.model.sources for text in world.ways(source)})
        by = data.draw(st.lists(st.sampled_from(texts), min_size=1, max_size=2, unique=True))
        question = {"by": by, "extremes": data.draw(st.booleans())}
        show(company, question)
        try:
            columns, expected = answer_of(layer.model, world.rows, **question)
        except Unanswerable:
            return
        try:
            result = layer.query(**question)
        except QueryError as refused:
            assert set(refused.codes) <= {"ambiguous-path", "needs-period"}, refused
            return
        assert result.columns == columns and same_rows(result.rows(), expected)


@examples(60)
@given(company=companies(), data=st.data())
def test_a_path_that_is_settled_is_the_one_that_is_spelt_out(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    """Each source may be led another way: calls by where they came from beside visits by where they went to."""
    with opened(warehouse, company) as (layer, world):
        choice = Choice(data.draw)
        metrics = choice.several(sorted(layer.model.metrics), 1, 2)
        sources = {leaf.source for metric in metrics for leaf in leaves(layer.model, metric)}
        ends = {f"{way.entity}.{way.attribute}" for source in sources for way in world.ways(source).values() if way.attribute and way.roles}
        assume(ends)
        end = choice.among(sorted(ends))
        led = {source: sorted(text for text, way in world.ways(source).items() if f"{way.entity}.{way.attribute}" == end) for source in sources}
        assume(all(led.values()))
        asked = {"metrics": metrics, "by": [end], "paths": {end: {source: choice.among(texts) for source, texts in sorted(led.items())}}}
        show(company, asked)
        try:
            columns, expected = answer_of(layer.model, world.rows, **asked)
            result = layer.query(**asked)
        except Unanswerable:
            return
        TALLY["compared"] += 1
        assert result.columns == columns and same_rows(result.rows(), expected), f"\nengine    {result.rows()}\nreference {expected}\n{result.sql}"


@examples(80)
@given(company=companies(), data=st.data())
def test_parts_of_an_additive_metric_make_the_whole(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    with opened(warehouse, company) as (layer, world):
        question = data.draw(questions(world, plain=True))
        show(company, question)
        assume(is_answered(layer, question))
        additive = [name for name in question["metrics"] if layer.model.metrics[name].additivity is Additivity.additive]
        assume(additive)
        parts = layer.query(**question).rows()
        whole = layer.query(**{**question, "by": []}).rows()[0]
        for name in additive:
            place = question["metrics"].index(name) - len(question["metrics"])
            known = [row[place] for row in parts if row[place] is not None]
            assert is_same(float(sum(known)), float(whole[place] or 0)), (name, parts, whole)


@examples(80)
@given(company=companies(), data=st.data())
def test_an_answer_is_the_same_without_rewrites_and_with_its_parameters_written_out(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    with opened(warehouse, company) as (layer, world):
        question = data.draw(questions(world))
        show(company, question)
        assume(is_answered(layer, question))
        is_naively_the_same(layer, question)


@examples(60)
@given(company=companies(looking=True), data=st.data())
def test_levels_and_other_times_are_the_same_without_rewrites(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    with opened(warehouse, company) as (layer, world):
        question = data.draw(questions_by_levels(world))
        show(company, question)
        assume(is_answered(layer, question))
        is_naively_the_same(layer, question)


def is_naively_the_same(layer: Layer, question: Mapping[str, Any]) -> None:
    """Compare an answer with that of the naive plan, its values written out as a view needs them."""
    naive = emit(build(Query.of(**question), layer.model, DUCKDB, rules=()), DUCKDB, inline=True)
    assert layer.engine is not None
    found = layer.engine.fetch(naive)
    result = layer.query(**question)
    TALLY["compared"] += 1
    assert found.column_names == list(result.columns)
    plain = list(zip(*(column.to_pylist() for column in found.columns), strict=True))
    assert same_rows(
        [tuple(map(_aware, row)) for row in plain], [tuple(map(_aware, row)) for row in result.rows()]
    ), naive.text


def is_answered(layer: Layer, question: Mapping[str, Any]) -> bool:
    """Say whether a question is none of those with two meanings."""
    try:
        layer.sql(**question)
    except QueryError:
        return False
    return True


def _aware(value: Any) -> Any:
    return value.timestamp() if getattr(value, "tzinfo", None) is not None else value


@examples(60)
@given(company=companies(), data=st.data(), seed=st.integers(0, 9))
def test_the_order_of_rows_in_a_table_says_nothing(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject, seed: int
) -> None:
    with opened(warehouse, company) as (layer, world):
        question = data.draw(questions(world))
        show(company, question)
        assume(is_answered(layer, question))
        before = layer.query(**question).rows()
        turned = {
            name: Sheet(sheet.columns, random.Random(seed).sample(sheet.rows, len(sheet.rows)))
            for name, sheet in company.sheets.items()
        }
        fill(warehouse, turned)
        assert same_rows(layer.query(**question).rows(), before)


@examples(60)
@given(company=companies(), data=st.data())
def test_a_group_is_what_a_filter_for_it_finds(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    """A row of ``by: [tag]`` has the numbers of the question without ``by`` and with ``tag = …``."""
    with opened(warehouse, company) as (layer, _):
        metric = data.draw(st.sampled_from(sorted(layer.model.metrics)))
        show(company, {"metrics": [metric], "by": ["tag"]})
        for tag, value in layer.query(metrics=[metric], by=["tag"]).rows():
            where = "tag is null" if tag is None else "tag = :tag"
            [(alone,)] = layer.query(metrics=[metric], where=where, params={} if tag is None else {"tag": tag}).rows()
            assert is_same(alone, value)


@examples(60)
@given(company=companies(), data=st.data())
def test_a_row_worth_nothing_and_a_row_in_two_halves_add_nothing(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    """Splitting every row's x and y over two rows, one of which bears nothing, leaves every sum what it was."""
    with opened(warehouse, company) as (layer, _):
        sums = [name for name in layer.model.metrics if _is_plain_sum(company, name)]
        assume(sums)
        metric = data.draw(st.sampled_from(sums))
        by = data.draw(st.sampled_from(([], ["tag"], ["is_ok", "tag"])))
        show(company, {"metrics": [metric], "by": by})
        before = layer.query(metrics=[metric], by=by).rows()
        fill(warehouse, {name: _halved(sheet) for name, sheet in company.sheets.items()})
        assert same_rows(layer.query(metrics=[metric], by=by).rows(), before)


def _is_plain_sum(company: Company, name: str) -> bool:
    said = next(metric for metric in company.declared["metrics"] if metric["metric"] == name)
    return said.get("measure") in ("sum(x)", "sum(y)", "sum(z)", "sum(x) - sum(y)", "-sum(x)") and not {
        "where",
        "population",
    } & set(said)


def _halved(sheet: Sheet) -> Sheet:
    if "x" not in sheet.columns:
        return sheet
    names = list(sheet.columns)
    rows: list[tuple[object, ...]] = []
    for row in sheet.rows:
        said = dict(zip(names, row, strict=True))
        half = {name: value if name not in "xyz" or value is None else value * 0 for name, value in said.items()}  # type: ignore[operator]
        rows += [tuple(said.values()), tuple(half.values())]
    return Sheet(sheet.columns, rows)
