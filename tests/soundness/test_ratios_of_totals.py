"""A ratio, a share and a mean are quotients of totals at every grain; what was divided already is never divided or averaged again."""

from __future__ import annotations

from pathlib import Path

import pytest

from decisionlayer import DecisionLayerError
from tests.worlds import shared_world
from tests.worlds.made import choice, made, metric, shop


@pytest.mark.parametrize("name", ["handle_time", "ratio_time", "formula_time"])
def test_a_mean_of_all_is_not_the_mean_of_the_means(name: str) -> None:
    layer, _ = shared_world("averages")
    assert layer.query(metrics=[name]).rows() == [(11.4,)]  # 10.35 over two sites, 11.25 over four cells
    assert layer.query(metrics=[name], by=["site"]).rows() == [
        ("North", 7.2),
        ("South", 13.5),
    ]  # 12 and 10.5 over two kinds


def test_a_quotient_across_sources_is_a_quotient_of_totals() -> None:
    assert shared_world("two_facts")[0].query(metrics=["revenue_per_visit"]).rows() == [
        (36.0,)
    ]  # 65 as a mean of regions


def test_a_middle_is_found_in_the_rows_again() -> None:
    assert shared_world("averages")[0].query(metrics=["middle"]).rows() == [(18.0,)]  # 11 as a mean of sites


@pytest.mark.parametrize("around", ["avg", "sum", "min", "max", "median"])
def test_an_aggregate_around_a_metric_is_refused(tmp_path: Path, around: str) -> None:
    layer = made(tmp_path, shop(metric("mean", measure="avg(amount)"), metric("again", formula=f"{around}(mean)")))
    assert [found.code for found in layer.check() if found.is_error] == ["average-of-averages"]
    with pytest.raises(DecisionLayerError):
        layer.query(metrics=["again"])


@pytest.mark.parametrize(("held", "measure", "code"), [
    ("average", "avg(amount)", "average-of-averages"), ("average", "sum(amount)", "average-of-averages"),
    ("distinct", "sum(amount)", "distinct-summed"), ("quantile", "avg(amount)", "rebuilt-quantile"), ("ratio",
    "avg(amount)", "stored-ratio"),
])  # fmt: skip
def test_a_column_that_holds_averages_is_not_averaged_again(tmp_path: Path, held: str, measure: str, code: str) -> None:
    declared = shop(metric("again", measure=measure))
    declared["sources"][0]["columns"]["amount"] = {"type": "integer", "is": held}
    layer = made(tmp_path, declared)
    assert code in {found.code for found in layer.check() if found.is_error}
    with pytest.raises(DecisionLayerError) as refused:
        layer.query(metrics=["again"])
    assert code in refused.value.codes


def test_a_translation_is_no_way_round(tmp_path: Path) -> None:
    translation = {"owner": "board", "why": "It is handy.", "loses": "Much.", "terms": {"m": "mean"}}
    layer = made(
        tmp_path,
        shop(metric("mean", measure="avg(amount)"), choice("again", formula="avg(m)", translation=translation)),
    )
    assert "average-of-averages" in {found.code for found in layer.check()}
    with pytest.raises(DecisionLayerError):
        layer.query(metrics=["again"])
