"""Two sources in one question are aggregated apart and meet on their groups; no row of one is counted once for each of the other."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.worlds import shared_world

METRICS = ("revenue", "sales_made", "cost", "people", "visits")
ALONE = {"revenue": 180, "sales_made": 3, "cost": 90, "people": 20, "visits": 5}


@pytest.mark.parametrize("by", [(), ("region",), ("month",), ("region", "month"), ("region.name", "quarter")])
@pytest.mark.parametrize("pair", list(combinations(METRICS, 2)), ids=" and ".join)
def test_a_metric_beside_another_adds_up_to_what_it_is_alone(pair: tuple[str, str], by: tuple[str, ...]) -> None:
    rows = shared_world("two_facts")[0].query(metrics=pair, by=by).rows()
    for place, name in enumerate(pair, start=len(by)):
        assert sum(row[place] or 0 for row in rows) == ALONE[name]


def test_the_revenue_of_the_north_is_not_doubled_by_its_visits() -> None:
    rows = shared_world("two_facts")[0].query(metrics=["revenue", "people"], by=["region"]).rows()
    assert rows[0] == ("N", 100, 10)  # joined row by row it is 200 and 20


def test_two_clocks_of_one_source_are_two_aggregates() -> None:
    rows = shared_world("clocks")[0].query(metrics=["placed", "delivered"], by=["month"]).rows()
    assert sum(row[1] or 0 for row in rows) == 15 and sum(row[2] or 0 for row in rows) == 15
