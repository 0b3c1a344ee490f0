"""Naive figures and walks over calls that a person can add up: North 720 minutes in 100 calls, South 2,700 in 200."""

from __future__ import annotations

from decimal import Decimal

import pytest

from decisionlayer import Layer, QueryError
from decisionlayer.decide import Walk, naive_walk


def summed(walk: Walk) -> Decimal:
    return sum((step.change for step in walk.steps if step.change is not None), Decimal(0))


def test_mean_of_site_values_is_told_from_the_ratio_of_totals(calls: Layer) -> None:
    walk = naive_walk(calls, "effort")
    assert walk.governed == Decimal("11.4")  # 3,420 minutes / 300 calls
    assert walk.naive == Decimal("10.35")  # (7.2 + 13.5) / 2; the mean of the four cells would be 11.25
    assert walk.gap == Decimal("-1.05")
    assert [step.name for step in walk.steps] == ["mean of handle_time"]
    assert "2 values" in walk.steps[0].why and "by site" in walk.steps[0].why


def test_population_is_undone_before_the_mean_is_taken(calls: Layer) -> None:
    walk = naive_walk(calls, "simple_effort")
    assert walk.governed == Decimal("11.4")
    # simple calls alone: (80·4 + 60·3) / 140 = 500/140; the mean of the sites' 4 and 3 is 3.5
    assert [step.name for step in walk.steps] == ["population of simple_time", "mean of simple_time"]
    assert float(walk.steps[0].after or 0) == pytest.approx(500 / 140)
    assert walk.naive == Decimal("3.5")
    assert summed(walk) == walk.gap == Decimal("-7.9")


def test_a_converted_unit_is_a_step_of_its_own(calls: Layer) -> None:
    walk = naive_walk(calls, "hours")
    assert (walk.governed, walk.naive) == (Decimal("57.0"), Decimal("3420.0"))
    assert [step.name for step in walk.steps] == ["units"]


def test_a_formula_is_computed_over_the_naive_value_of_its_term(calls: Layer) -> None:
    walk = naive_walk(calls, "call_cost")
    # complex: (20·20 + 140·18) / 160 = 2,920/160 = 18.25 minutes, 36.5 EUR; all: 11.4, 22.8; mean of sites: 10.35, 20.7
    assert [(step.name, step.after) for step in walk.steps] == [
        ("rows of handle_time", Decimal("22.8")),
        ("mean of handle_time", Decimal("20.7")),
    ]
    assert walk.governed == Decimal("36.5")
    assert summed(walk) == walk.gap


def test_distinct_counts_are_added_though_they_overlap(calls: Layer) -> None:
    walk = naive_walk(calls, "variety")
    assert (walk.governed, walk.naive) == (2, 4)  # both sites have both kinds
    assert "overlap" in walk.steps[0].why


def test_a_choice_number_over_choice_numbers_reads_them_naively(calls: Layer) -> None:
    walk = naive_walk(calls, "effort_cost")
    assert (walk.governed, walk.naive) == (Decimal("22.8"), Decimal("20.7"))
    assert [step.name for step in walk.steps] == ["naive effort"]


def test_a_filter_holds_for_the_governed_and_the_naive_figure(calls: Layer) -> None:
    walk = naive_walk(calls, "effort", where="site = 'North'")
    assert (walk.governed, walk.naive, walk.gap) == (Decimal("7.2"), Decimal("7.2"), 0)


def test_a_cell_without_rows_has_no_gap(calls: Layer) -> None:
    walk = naive_walk(calls, "effort", where="site = 'West'")
    assert (walk.governed, walk.naive, walk.gap) == (None, None, None)
    assert "–" in walk.render()


def test_what_is_missing_is_zero_on_both_sides_where_the_metric_says_so(calls: Layer) -> None:
    walk = naive_walk(calls, "known_cost", where="site = 'West'")
    assert (walk.governed, walk.naive, walk.gap) == (0, 0, 0)


def test_every_step_begins_where_the_one_before_ended(calls: Layer) -> None:
    for metric in ("effort", "simple_effort", "hours", "call_cost", "variety", "effort_cost"):
        walk = naive_walk(calls, metric)
        figures = [walk.governed, *(step.after for step in walk.steps)]
        assert [step.before for step in walk.steps] == figures[:-1]
        assert figures[-1] == walk.naive
        assert summed(walk) == walk.gap


def test_an_action_number_has_no_naive_reading(calls: Layer) -> None:
    with pytest.raises(QueryError, match="`talk` is a number for action") as refused:
        naive_walk(calls, "talk")
    assert refused.value.codes == ("bad-question",)


def test_an_unknown_metric_is_refused_with_near_names(calls: Layer) -> None:
    with pytest.raises(QueryError, match="Did you mean effort"):
        naive_walk(calls, "efort")


def test_a_walk_explains_one_number(calls: Layer) -> None:
    for shape in ({"by": ["site"]}, {"levels": [["site"], []]}, {"limit": 1}, {"having": "effort > 1"}):
        with pytest.raises(QueryError, match=f"takes no `{next(iter(shape))}`"):
            naive_walk(calls, "effort", **shape)


def test_a_walk_reads_as_text(calls: Layer) -> None:
    assert naive_walk(calls, "simple_effort").render(width=200) == "\n".join([
        "Effort of any call (simple_effort)",
        "  governed                          11.40 minute",
        "  population of simple_time  -7.83   3.57 minute  the choice number asks about all rows, `simple_time` only about"
        " rows with kind = 'simple'",
        "  mean of simple_time        -0.07   3.50 minute  the mean of 2 values of `simple_time` by site: the smallest"
        " weighs as much as the largest",
        "  naive                              3.50 minute",
        "  the naive figure is off by -7.90 minute",
    ])  # fmt: skip
