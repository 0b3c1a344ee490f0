"""A column named in other capitals is not a column without a unit, a type and a nature of its own.

Seen: ``columns: {Amount: {type: integer, unit: USD}}`` and ``sum(amount)``: the warehouse read the same column, and the
metric passed in any unit, was added as a float, and averages of a column declared ``is: average`` went through.
"""

from __future__ import annotations

import pytest

from tests.resolve.made import ACT, BASE, found, with_metrics


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("measure: sum(Dep_Delay), unit: minute", "dep_delay"),
        ("measure: avg(MEAN_WAIT), unit: mile", "mean_wait"),
        ("measure: count(*), where: DISTANCE > 800, unit: flight", "distance"),
        ("measure: count(distinct Tailnum), unit: flight", "tailnum"),
    ],
)
def test_other_capitals_are_refused_with_the_declared_name(body: str, wanted: str) -> None:
    ((code, message, help),) = [
        (finding.code, finding.message, finding.help)
        for finding in found(with_metrics(f"metric: x, {ACT}, source: departures, {body}"))
    ]
    assert (code, message[:28]) == ("unknown-name", "`departures` has no column `")
    assert help == f"did you mean `{wanted}`? If it is a column of its own, declare it under `columns:`"


def test_a_dimension_is_held_to_it_too() -> None:
    base = BASE.replace("is_long: haul = 'long'", "is_long: DISTANCE > 800")
    assert "`departures` has no column `DISTANCE`" in [f.message for f in found(with_metrics(base=base))]


def test_the_declared_spelling_passes() -> None:
    assert found(with_metrics(f"metric: x, {ACT}, source: departures, unit: minute, measure: sum(dep_delay)")) == ()
