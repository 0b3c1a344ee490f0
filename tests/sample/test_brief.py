"""The slot decision on real data, beside SQL written by hand; with one definition swapped the first place goes to somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Brief, Layer
from decisionlayer.report import as_text

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.flights

#: Departures of the last quarter of 2013 by New York's days, with the seats that the register knows.
BY_HAND = """
select f.carrier,
       sum(p.seats) filter (where f.dep_delay is not null) / nullif(count(p.seats) filter (where f.dep_delay is not null), 0),
       (coalesce(sum(f.dep_delay) filter (where f.dep_delay > 15), 0) * 74
        + count(*) filter (where f.dep_delay is null) * {cancellation}) / count(*),
       count(*) filter (where f.dep_delay <= 15) / count(*),
       sum(p.seats) filter (where f.dep_delay is not null) / count(*) filter (where f.dep_delay is not null)
from flights f
left join (select tailnum, case when model = 'ERJ 190-100 IGW' then 100 when seats >= 50 then seats end as seats from planes) p using (tailnum)
where f.year = 2013 and f.month in (10, 11, 12) and f.carrier in ('UA', 'B6', 'EV', 'DL', 'AA', 'MQ', 'US', '9E', 'WN', 'VX')
group by f.carrier
"""


@pytest.fixture(scope="module")
def layer(flights_warehouse: Path) -> Iterator[Layer]:
    with duckdb.connect(str(flights_warehouse), read_only=True) as connection:
        yield Layer.load(ROOT, warehouse=connection)


@pytest.fixture(scope="module")
def brief(layer: Layer) -> Brief:
    return layer.brief("slot_portfolio", today="2014-01-15")


def score(seats: float | None, cost: float, kept: float) -> float | None:
    def worth(level: float, worst: float, best: float) -> float:
        return min(max((level - worst) / (best - worst), 0), 1)

    return None if seats is None else 0.5 * worth(seats, 50, 250) + 0.3 * worth(cost, 2000, 500) + 0.2 * worth(kept, 0.6, 0.9)


def test_the_ranking_is_that_of_sql_written_by_hand(layer: Layer, brief: Brief, raw: duckdb.DuckDBPyConnection) -> None:
    cancellation = layer.model.assumptions["cancellation_cost"].value
    rows = raw.execute(BY_HAND.format(cancellation=cancellation)).fetchall()
    quarter = brief.horizons[0]
    assert (quarter["start"], quarter["end"]) == ("2013-10-01", "2013-12-31")
    found = {one["option"]: one for one in quarter["options"]}
    assert len(found) == len(rows) == 10
    for carrier, seats, cost, kept, seats_of_all in rows:
        values = found[carrier]["values"]
        assert float(values["kept_promise"]) == pytest.approx(kept)
        assert float(values["broken_promise_cost"]) == pytest.approx(float(cost))
        assert values["seats_per_slot"] is None if seats is None else float(values["seats_per_slot"]) == pytest.approx(seats)
        wanted = score(seats, float(cost), kept)
        assert found[carrier]["score"] is None if wanted is None else float(found[carrier]["score"]) == pytest.approx(wanted)
        # read as the fleet desk counts: nothing for an aircraft whose seats nobody knows
        swapped = {one["option"]: one for one in next(s for s in quarter["swaps"] if s["definition"] == "seats_per_slot")["options"]}
        wanted = score(seats_of_all, float(cost), kept)
        assert swapped[carrier]["score"] is None if wanted is None else float(swapped[carrier]["score"]) == pytest.approx(wanted)


def test_with_one_definition_swapped_another_carrier_is_first_and_the_brief_says_so(brief: Brief) -> None:
    for horizon in brief.horizons:
        assert horizon["options"][0]["option"] == "AA"
        swap = next(one for one in horizon["swaps"] if one["definition"] == "seats_per_slot")
        assert swap["options"][0]["option"] == "US"
        assert "if `seats_per_slot` is read as the frontline reads it, US is" in horizon["says"]
    assert "DL606" in [finding.rule.id for finding in brief.findings]
    assert "AA is first; if `seats_per_slot` is read as the frontline reads it, US is" in " ".join(as_text(brief).split())


def test_envoy_has_no_place_because_nobody_knows_its_seats(brief: Brief) -> None:
    last = brief.horizons[0]["options"][-1]
    assert (last["option"], last["place"], last["score"], last["values"]["seats_per_slot"]) == ("MQ", None, None, None)


def test_what_moved_since_the_quarter_before_sums_to_the_change(brief: Brief) -> None:
    walks = brief.horizons[0]["walks"]
    assert {(walk["option"], walk["metric"]) for walk in walks} >= {("AA", "kept_promise"), ("US", "seats_per_slot")}
    for walk in walks:
        if walk["change"] is None:
            assert (walk["option"], walk["metric"]) == ("MQ", "seats_per_slot")
            continue
        assert sum(walk["steps"].values()) == walk["change"] == walk["after"] - walk["before"]
    assert brief.horizons[1]["walks"] == []
