"""MetricFlow's own integration cases: its manifests, its questions, the tables that it must answer. No case is special.

The suite is not part of the repository. ``METRICFLOW_SUITE`` names its folder; without it, ``shared/conformance/metricflow`` beside
the repository is looked for. Its comparison is its own: columns by name, rows as a multiset, numbers within one in a million.
"""

from __future__ import annotations

import importlib.util
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from decisionlayer import DecisionLayerError, Layer
from decisionlayer.exchange import metricflow
from decisionlayer.resolve.language.tree import names
from decisionlayer.resolve.model import Formula, Model
from tests.conformance.digests import differs, digest

ROOT = Path(__file__).parent.parent.parent
PLACES = (os.environ.get("METRICFLOW_SUITE"), *(folder / "shared/conformance/metricflow" for folder in ROOT.parents))
SUITE = next((Path(place) for place in PLACES if place and (Path(place) / "cases.jsonl").is_file()), None)

pytestmark = pytest.mark.skipif(SUITE is None, reason="MetricFlow's cases are not here; METRICFLOW_SUITE names their folder")


@cache
def rules() -> ModuleType:
    """Return the suite's own comparison."""
    assert SUITE is not None
    spec = importlib.util.spec_from_file_location("metricflow_compare", SUITE / "compare.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def warehouse() -> Any:
    return rules().connect_with_data(SUITE)


@cache
def layer(model: str) -> Layer:
    assert SUITE is not None
    return metricflow.load_layer(SUITE / "manifests" / f"{model}.json", warehouse=warehouse())


def written(item: Mapping[str, Any]) -> str:
    """Return a group-by item as dbt lets people write it: its name, with the grain or the date part that it asks for."""
    if item["date_part"]:
        return f"TimeDimension('{item['written']}', date_part_name='{item['date_part']}')"
    name, grain = str(item["written"]), item["grain"]
    return name if grain is None or name.endswith(f"__{grain}") else f"{name}__{grain}"


def answer(case: Mapping[str, Any]) -> tuple[list[str], list[tuple[Any, ...]]]:
    times = case["time_range"] or {}
    result = metricflow.query(
        layer(case["model"]),
        metrics=case["metrics"],
        group_by=[written(item) for item in case["group_by"]],
        where=[case["where"]["template"]] if case["where"] else None,
        order_by=[("-" if key["descending"] else "") + key["name"] for key in case["order_by"]],
        limit=case["limit"],
        start_time=times.get("start"),
        end_time=times.get("end"),
        min_max_only=case["min_max_only"],
        deduplicate=case["deduplicate"],
    )
    return list(result.columns), result.rows()


def test_every_case_comes_back_as_metricflow_answers_it() -> None:
    outcomes = rules().run_suite(SUITE, answer)
    passed = Counter(each["feature"] for each in outcomes if each["outcome"] == "pass")
    asked = Counter(each["feature"] for each in outcomes)
    wrong = [f"{each['id']}: {each['outcome']} {each['detail']}" for each in outcomes if each["outcome"] != "pass"]
    told = ", ".join(f"{feature} {passed[feature]}/{count}" for feature, count in sorted(asked.items()))
    assert wrong == [], f"{passed.total()} of {asked.total()}: {told}"
    assert asked.total() > 100


def test_random_questions_come_back_as_metricflow_answers_them() -> None:
    """``questions.jsonl``: questions drawn at random over the suite's data, with what MetricFlow 0.213 answered on DuckDB 2.0.0, digested.

    Of 1,674 that both answered six differ, and none of them is here: four by which of two events of one day dbt takes, which it
    leaves to chance; one by a range that dbt sets beside months as if they were days, where no metric is asked; one in which dbt
    shows a year once for each of its days.
    """
    wrong = []
    questions = [json.loads(line) for line in (Path(__file__).parent / "questions.jsonl").read_text().splitlines()]
    for asked in questions:
        keys = {key: value for key, value in asked.items() if key not in ("model", "answer", "start", "end")}
        result = metricflow.query(layer(asked["model"]), start_time=asked.get("start"), end_time=asked.get("end"), **keys)
        wrong += [f"{asked}: {each}" for each in differs(asked["answer"], digest(result.columns, result.rows()))]
    assert wrong == []
    assert len(questions) > 300


def test_the_digest_would_tell_a_wrong_table() -> None:
    rows = [("us", 1, 2.5), ("us", 2, None), (None, 3, 4.0)]
    right = digest(["country", "orders", "share"], rows)
    assert list(differs(right, digest(["share", "country", "orders"], [(s, c, o) for c, o, s in reversed(rows)]))) == []
    for wrong in (rows[:2], [*rows, rows[0]], [("us", 1, 2.5), ("us", 2, None), (None, 3, 4.1)], [("us", 3, 2.5), ("us", 2, None), (None, 1, 4.0)]):
        assert list(differs(right, digest(["country", "orders", "share"], wrong)))


#: How a question is split, in our words and in dbt's.
SPLITS = (([], []), (["day"], ["metric_time__day"]), (["month"], ["metric_time__month"]), (["year"], ["metric_time__year"]))


def beneath(model: Model, name: str) -> Iterator[str]:
    """Yield the metrics that a metric stands on, however deep: what one of them says otherwise, it says otherwise."""
    body = model.metrics[name].body
    for each in names(body.expr) if isinstance(body, Formula) else ():
        if each.text in model.metrics:
            yield each.text
            yield from beneath(model, each.text)


def test_where_no_loss_is_told_our_own_planner_says_what_dbt_says() -> None:
    assert SUITE is not None
    agreed, different = 0, []
    for manifest in sorted((SUITE / "manifests").glob("*.json")):
        ours = layer(manifest.stem)
        lossy = {loss.subject.removeprefix("metric ") for loss in metricflow.losses(ours)}
        lossy |= {name for name in ours.model.metrics if lossy & set(beneath(ours.model, name))}
        for metric in ours.model.metrics:
            for by, group_by in SPLITS if metric not in lossy else ():
                try:
                    theirs = metricflow.query(ours, metrics=[metric], group_by=group_by)
                    mine = ours.query(metrics=[metric], by=by)
                except DecisionLayerError:
                    continue
                columns = [f"{number}" for number in range(len(mine.columns))]
                found = rules().differences((columns, theirs.rows()), (columns, mine.rows()))
                agreed += not found
                different += [f"{metric} by {by}: {found}"] if found else []
    assert different == []
    assert agreed > 200


def test_the_comparison_would_tell_a_wrong_table() -> None:
    cases = [case for case in rules().read_cases(SUITE) if case["id"] == "simple/query_with_join"]
    columns, rows = answer(cases[0])
    at = columns.index("booking_value")
    wrong = [tuple(value * 1.001 if number == at else value for number, value in enumerate(row)) for row in rows]
    assert rules().differences(rules().read_expected(SUITE, cases[0]), (columns, rows)) == []
    assert rules().differences(rules().read_expected(SUITE, cases[0]), (columns, wrong)) != []

