"""Accumulations are stocks: what `over_time` may say of them, and what it changes."""

from __future__ import annotations

from typing import Any

import pytest

from decisionlayer.errors import QueryError
from decisionlayer.layer import Layer
from decisionlayer.resolve.model import Formula
from decisionlayer.resolve.telling.passports import passport
from tests.resolve.made import ACT, only, with_metrics
from tests.worlds import shared_world

D = f"metric: late, {ACT}, source: departures, unit: minute, measure: sum(dep_delay)"
X = f"metric: x, {ACT}, unit: minute, "


def along(formula: str, *keys: str) -> Any:
    return with_metrics(D, f"{X}{''.join(f'{key}, ' for key in keys)}formula: \"{formula}\"")


def test_the_last_day_is_what_it_is_anyway_and_the_first_another_number() -> None:
    plain, last, first = (along("to_date(late, month)", *keys).metrics["x"] for keys in ((), ("over_time: last",), ("over_time: first",)))
    assert plain.meaning == last.meaning != first.meaning
    assert isinstance(first.body, Formula) and (first.body.over_time, first.body.instants) == ("first", "day")
    assert "over_time" not in passport(along("to_date(late, month)"), plain)
    assert passport(along("to_date(late, month)", "over_time: first"), first)["over_time"] == "first"


def test_its_instants_are_days_or_the_longer_periods_that_it_is_limited_to() -> None:
    body = along("to_date(late, year)", "over_time: first", "grain: {time: month}").metrics["x"].body
    assert isinstance(body, Formula) and body.instants == "month"


@pytest.mark.parametrize("formula", ["late", "late - prior(late, '1 month')", "to_date(late, month) - late", "prior(to_date(late, month), '1 year')"])
def test_what_is_no_accumulation_has_no_days_to_choose_from(formula: str) -> None:
    finding = only(along(formula, "over_time: first"))
    assert (finding.code, finding.message) == ("wrong-argument", "metric `x` is a formula, and `over_time` is about rows")


def test_its_mean_is_another_number_and_a_broken_one() -> None:
    metric = along("to_date(late, month)", "over_time: avg").metrics["x"]
    assert str(metric.type) == "float" and metric.meaning != along("to_date(late, month)", "over_time: first").metrics["x"].meaning


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"by": ["month"], "today": "2024-03-10"}, "over a period that `today` lies in"),
        ({"by": ["month"], "start": "2024-02-10", "compare": ["previous"]}, "beside another period where the range cuts a month"),
    ],
)  # fmt: skip
def test_where_its_mean_would_not_be_right_it_is_refused(question: dict[str, Any], said: str) -> None:
    with pytest.raises(QueryError, match=said):
        shared_world("seasons")[0].query(metrics=["ever_mean"], **question)


def test_the_lowest_of_its_days_is_not_built() -> None:
    assert only(along("to_date(late, month)", "over_time: min")).code == "not-built"


def test_it_is_said_aloud() -> None:
    layer: Layer = shared_world("seasons")[0]
    assert "Asked by a longer period, it is what it was at the end of that period's first day." in layer.explain("ever_first")
