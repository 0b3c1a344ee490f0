"""Every question over the sample company: the compiled answer equals SQL by hand, and its parts make the whole."""

from __future__ import annotations

import datetime as dt
import json
import math
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer
from decisionlayer.plan import build
from decisionlayer.plan.query import Query
from decisionlayer.sql import emit
from tests.sample.asked_of_departures import DEPARTURES
from tests.sample.asked_of_the_network import NETWORK
from tests.sample.asked_of_weather import WEATHER
from tests.sample.question import Question

pytestmark = pytest.mark.flights

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = {question.name: question for question in (*DEPARTURES, *WEATHER, *NETWORK)}
every_question = pytest.mark.parametrize("name", QUESTIONS)


@pytest.fixture(scope="module")
def layer(flights_warehouse):
    with duckdb.connect(str(flights_warehouse), read_only=True) as connection:
        yield Layer.load(ROOT, warehouse=connection)


@every_question
def test_the_answer_equals_sql_by_hand(layer, raw, name):
    question = QUESTIONS[name]
    by_hand = raw.sql(question.sql).fetchall()
    rows = layer.query(**question.keys).rows()
    assert_same_rows(rows, by_hand)


@pytest.mark.parametrize("name", [name for name, question in QUESTIONS.items() if question.whole])
def test_the_parts_make_the_whole(layer, name):
    question = QUESTIONS[name]
    asked = list(question.keys["metrics"])
    weights = [words.partition(" of ")[2] for words in question.whole.values() if " of " in words]
    metrics = [*asked, *(weight for weight in dict.fromkeys(weights) if weight not in asked)]
    rows_of_the_question = {
        key: value for key, value in question.keys.items() if key not in ("metrics", "by", "having", "order", "limit")
    }
    groups = list(question.keys.get("by", ())) or ["carrier", "month"]
    parts = layer.query(metrics=metrics, by=groups, **rows_of_the_question).rows()
    [whole] = layer.query(metrics=metrics, **rows_of_the_question).rows()

    assert set(question.whole) == set(asked)
    for place, metric in enumerate(asked):
        how, _, weight = question.whole[metric].partition(" of ")
        values = [row[len(groups) + place] for row in parts]
        weighted = [row[len(groups) + metrics.index(weight)] for row in parts] if weight else [1] * len(parts)
        pairs = [(value, weight) for value, weight in zip(values, weighted, strict=True) if value is not None]
        assert_ties(metric, how, pairs, whole[place])


@every_question
def test_the_rewrites_change_no_row(layer, name):
    query = Query.of(**QUESTIONS[name].keys)
    desk = layer.desk
    naive = emit(build(query, layer.model, desk.capabilities, rules=()), desk.capabilities)
    columns = [column.to_pylist() for column in desk.engine.fetch(naive).columns]
    assert_same_rows(list(zip(*columns, strict=True)), layer.query(**QUESTIONS[name].keys).rows())


FROM_THE_SHELL = (
    "two hops: who made the aircraft, with those that nobody knows",
    "the end of December: days of flights without weather stay",
    "the expensive corner: carriers above fifteen dollars a seat",
)


@pytest.mark.parametrize("name", FROM_THE_SHELL)
def test_the_command_line_gives_the_same_rows(flights_warehouse, name):
    keys = QUESTIONS[name].keys
    command = [sys.executable, "-m", "decisionlayer", "query", *keys["metrics"], "--format", "json"]
    command += ["--project", str(ROOT), "--warehouse", str(flights_warehouse)]
    for key in ("by", "order"):
        command += [f"--{key}={item}" for item in keys.get(key, ())]
    for key in ("where", "having", "start", "end", "limit"):
        command += [f"--{key}={keys[key]}"] if key in keys else []
    command += [f"--param={param}='{value}'" for param, value in keys.get("params", {}).items()]

    with duckdb.connect(str(flights_warehouse), read_only=True) as connection:
        by_hand = connection.sql(QUESTIONS[name].sql).fetchall()
    printed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert_same_rows(printed["rows"], [[as_json(value) for value in row] for row in by_hand])


def as_json(value):
    return value.isoformat() if isinstance(value, dt.date) else value


def assert_ties(metric, how, pairs, whole):
    """`pairs` holds each group's value and weight; groups without a value take no part."""
    values = [value for value, _ in pairs]
    if not values:
        assert whole in (None, 0), metric
    elif how == "sum":
        assert same(sum(values), whole), metric
    elif how in ("max", "min"):
        assert whole == (max if how == "max" else min)(values), metric
    elif how == "mean":
        assert same(math.fsum(v * w for v, w in pairs) / math.fsum(w for _, w in pairs), whole), metric
    elif how == "harmonic":
        assert same(math.fsum(w for _, w in pairs) / math.fsum(w / v for v, w in pairs), whole), metric
    elif how == "between":
        assert min(values) <= whole <= max(values), metric
    else:
        assert how == "overlap", metric
        assert max(values) <= whole <= sum(values), metric


def assert_same_rows(rows, by_hand):
    assert len(rows) == len(by_hand)
    for number, (row, hand) in enumerate(zip(rows, by_hand, strict=True)):
        assert len(row) == len(hand)
        assert all(same(ours, theirs) for ours, theirs in zip(row, hand, strict=True)), (number, row, hand)


def same(ours, theirs):
    """Whether two values are one: whole numbers, texts and times exactly, fractions to nine digits."""
    if isinstance(ours, float | Decimal) or isinstance(theirs, float | Decimal):
        return ours is not None and theirs is not None and math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=0)
    if isinstance(ours, dt.datetime) and isinstance(theirs, dt.datetime):
        return as_utc(ours) == as_utc(theirs)
    return type(ours) is type(theirs) and ours == theirs


def as_utc(time):
    """The raw tables write instants as UTC times without a zone; two zones are never equal in an hour that comes twice."""
    return time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)


def test_the_questions_are_different_and_enough():
    assert len(QUESTIONS) == len({str(question.keys) for question in QUESTIONS.values()}) >= 28
    assert all(isinstance(question, Question) for question in QUESTIONS.values())
