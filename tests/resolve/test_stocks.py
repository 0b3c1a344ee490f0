"""Stocks: which measures may be read along time, what a term changes about them, and what they may be divided by."""

from __future__ import annotations

import pytest

from decisionlayer.resolve.model import Additivity, Formula, Measure
from tests.resolve.made import ACT, CHOOSE, OWNED, codes, model_of, only, said, with_metrics

D = f"metric: x, {ACT}, source: departures, unit: minute, measure: sum(dep_delay)"
HEADS = f"metric: heads, {ACT}, source: staff, unit: head, over_time: last, measure: sum(heads)"


def test_a_snapshot_is_added_up_at_each_instant_and_then_read_along_time() -> None:
    model = with_metrics(HEADS)
    body = model.metrics["heads"].body
    assert isinstance(body, Measure) and body.over_time == "last" and not model.findings
    assert model.metrics["heads"].additivity is Additivity.stock


@pytest.mark.parametrize(
    ("over_time", "type", "additivity"),
    [
        ("first", "integer", Additivity.stock),
        ("avg", "float", Additivity.stock),
        ("min", "integer", Additivity.holistic),
        ("max", "integer", Additivity.holistic),
    ],
)
def test_how_it_is_read_decides_its_type_and_what_adds_up(over_time: str, type: str, additivity: Additivity) -> None:
    metric = with_metrics(HEADS.replace("last", over_time)).metrics["heads"]
    assert (str(metric.type), metric.additivity) == (type, additivity)


def test_each_reading_is_another_meaning() -> None:
    readings = (D, f"{D}, over_time: last", f"{D}, over_time: avg", f"{D}, last_of_each: carrier", f"{D}, last_of_each: origin")
    assert len({with_metrics(one).metrics["x"].meaning for one in readings}) == 5


def test_a_term_that_reads_in_another_way_means_something_else() -> None:
    terms = ("heads", "{from: heads, over_time: avg}", "{from: heads, over_time: first}")
    lines = [f"metric: x, {CHOOSE}, unit: head, formula: a, translation: {{{OWNED}, terms: {{a: {term}}}}}" for term in terms]
    assert len({with_metrics(HEADS, line).metrics["x"].meaning for line in lines}) == 3


@pytest.mark.parametrize(
    ("keys", "code", "message"),
    [
        (
            "source: carriers, unit: flight, over_time: last, measure: count(*)",
            "wrong-argument",
            "metric `x` is read along time, and `carriers` has no clock",
        ),
        (
            "source: staff, unit: head, over_time: max, measure: sum(heads) - min(heads)",
            "wrong-argument",
            "metric `x` is arithmetic over several aggregates, and `over_time: max` compares the values of one",
        ),
        (
            "source: departures, unit: minute, over_time: avg, last_of_each: carrier, measure: sum(dep_delay)",
            "wrong-argument",
            "`last_of_each` takes one instant of each, and metric `x` says `over_time: avg`",
        ),
        (
            "source: departures, unit: minute, last_of_each: nothing, measure: sum(dep_delay)",
            "unreachable-dimension",
            "`x` cannot be split by `nothing`: `departures` leads to nothing of that name",
        ),
    ],
)
def test_what_cannot_be_read_along_time_is_refused(keys: str, code: str, message: str) -> None:
    finding = only(with_metrics(f"metric: x, {ACT}, {keys}"))
    assert (finding.code, finding.message) == (code, message)


def test_a_word_that_is_no_reading_is_refused() -> None:
    assert codes(with_metrics(HEADS.replace("last", "latest"))) == ["wrong-type"]


def test_a_formula_has_no_instants_of_its_own() -> None:
    finding = only(with_metrics(HEADS, f"metric: x, {ACT}, unit: head, over_time: avg, formula: heads + heads"))
    assert (finding.code, finding.message) == ("wrong-argument", "metric `x` is a formula, and `over_time` is about rows")


def test_a_term_reads_a_stock_in_another_way() -> None:
    model = with_metrics(
        HEADS,
        f"metric: x, {CHOOSE}, unit: head, formula: mean, translation: {{{OWNED}, terms: {{mean: {{from: heads, over_time: avg}}}}}}",
    )
    body = model.metrics["x"].body
    assert isinstance(body, Formula) and body.terms["mean"].over_time == "avg"
    assert str(model.metrics["x"].type) == "float" and not codes(model)


COST = f"metric: cost, {ACT}, source: departures, unit: USD, measure: sum(fare)"


@pytest.mark.parametrize(
    ("formula", "term", "code"),
    [
        ("cost / heads", "heads", "unlike-frames"),
        ("(cost - cost * 2) / heads", "heads", "unlike-frames"),
        ("cost * 2 / (heads + heads)", "heads", "unlike-frames"),
        ("cost / heads", "{from: heads, over_time: first}", "unlike-frames"),
        ("cost / heads", "{from: heads, over_time: max}", "unlike-frames"),
        ("cost / heads", "{from: heads, over_time: avg}", None),
        ("heads / heads", "heads", None),
        ("heads / cost", "heads", None),
    ],
)
def test_a_flow_is_not_divided_by_one_day_of_a_stock(formula: str, term: str, code: str | None) -> None:
    terms = f"{{heads: {term}, cost: cost}}" if "cost" in formula else f"{{heads: {term}}}"
    unit = "'1'" if formula == "heads / heads" else "head/USD" if formula == "heads / cost" else "USD/head"
    model = with_metrics(
        HEADS, COST, f"metric: x, {CHOOSE}, unit: {unit}, formula: {formula}, translation: {{{OWNED}, terms: {terms}}}"
    )
    assert codes(model) == ([code] if code else [])


def test_the_message_of_unlike_frames() -> None:
    model = with_metrics(HEADS, COST, f"metric: x, {ACT}, unit: USD/head, formula: cost / heads")
    assert said(model) == (
        "error[unlike-frames] DL107: what adds up along time is divided by `heads`, which stands for one instant\n"
        "  --> metrics/m1.yml:4:135\n"
        "  why: a quarter of costs over the heads of one day is neither the cost of a head nor of a day\n"
        "  help: take its mean over the same time: a term `{from: heads, over_time: avg}`"
    )


def test_a_formula_of_flows_and_one_of_stocks_say_what_they_are() -> None:
    model = with_metrics(
        HEADS, COST, f"metric: all_cost, {ACT}, unit: USD, formula: cost + cost",
        f"metric: all_heads, {ACT}, unit: head, formula: heads * 2",
        f"metric: x, {ACT}, unit: USD/head, formula: all_cost / all_heads",
    )  # fmt: skip
    assert codes(model) == ["unlike-frames"]


def test_an_empty_model_has_no_stocks() -> None:
    assert not model_of(base="project: {name: p}\n").findings
