"""A period that follows from the asked one stands beside a comparison: it once made the plan fall over its own key."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from tests.worlds.made import made, metric, shop


def test_quarters_beside_months_and_the_month_before(tmp_path: Path) -> None:
    layer = made(tmp_path, shop(metric("n", measure="sum(amount)")))
    january, february = dt.date(2024, 1, 1), dt.date(2024, 2, 1)
    asked = {"metrics": ["n"], "compare": ["previous"]}
    assert layer.query(by=["month", "quarter"], **asked).rows() == [
        (january, january, 30, None, None, None), (february, january, 60, 30, 30, 1.0),
    ]  # fmt: skip
    assert layer.query(by=["month_of_year", "month"], **asked).rows()[1] == (2, february, 60, 30, 30, 1.0)
