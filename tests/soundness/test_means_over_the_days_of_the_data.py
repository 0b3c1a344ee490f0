"""The mean of what gathers is of the days from the first row to the last of what stands in it, whatever is asked beside it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from decisionlayer.layer import Layer
from tests.worlds.made import made, metric, shop

OCTOBER, NOVEMBER = dt.date(2023, 10, 1), dt.date(2023, 11, 1)
COSTS = {
    "source": "costs", "one_row_is": "one cost", "table": "costs", "key": ["id"], "time": {"seen": "day"}, "owner": "desk",
    "columns": {"id": "integer", "seen": "date", "cost": "integer"},
}  # fmt: skip


def world(folder: Path, sold_on: str) -> Layer:
    """Return a shop that sold 40 on one day, and paid 7 on 5 October and 6 on 27 November."""
    metrics = [metric("sold", measure="sum(amount)"), metric("cost", source="costs", measure="sum(cost)"), metric("gain", formula="sold - cost")]
    metrics += [metric(f"{name}_mean", formula=f"trailing({name}, '20 days')", over_time="avg") for name in ("sold", "cost", "gain")]
    declared = shop(*metrics)
    declared["sources"].append(COSTS)
    return made(folder, declared, f"""
        create table sales as select 1 as id, date '{sold_on}' as day, 'A' as shop, 40 as amount;
        create table costs as select * from (values (1, date '2023-10-05', 7), (2, date '2023-11-27', 6)) v(id, seen, cost);
    """)  # fmt: skip


def test_days_end_with_what_stands_in_the_number_alone(tmp_path: Path) -> None:
    """Sales have one day, with 40. Beside the gain, whose costs reach November, they were spread over its 54 days: 14.8."""
    rows = world(tmp_path, "2023-10-25").query(metrics=["gain_mean", "sold_mean"], by=["quarter"]).rows()
    # 20 days of 40, 20 of 7 and one of 6, over the 54 days from 5 October to 27 November
    assert rows == [(OCTOBER, pytest.approx((800 - 140 - 6) / 54), 40)]
    assert world(tmp_path, "2023-10-25").query(metrics=["sold_mean"], by=["quarter"]).rows() == [(OCTOBER, 40)]


def test_a_range_after_the_data_has_none_of_its_days(tmp_path: Path) -> None:
    """Nothing was sold after October, so November has no day of sales; its first one was taken for one, with 40. Costs have 27."""
    rows = world(tmp_path, "2023-10-25").query(metrics=["sold_mean", "cost_mean"], by=["month"], start="2023-11").rows()
    assert rows == [(NOVEMBER, None, pytest.approx(6 / 27))]


@pytest.mark.parametrize(("by", "first"), [("month", NOVEMBER), ("quarter", OCTOBER)])
@pytest.mark.parametrize(("sold_on", "right"), [("2023-10-10", None), ("2023-10-25", (40 * 13 - 6) / 27)])
def test_a_cut_period_opens_with_the_range(tmp_path: Path, by: str, first: dt.date, sold_on: str, right: float | None) -> None:
    """From November on no 20 days reach back to 10 October: sales are missing, and no sum takes them for nothing. By quarter it was -6 / 27."""
    rows = world(tmp_path, sold_on).query(metrics=["gain_mean"], by=[by], start="2023-11").rows()
    assert rows == [(first, None if right is None else pytest.approx(right))]
