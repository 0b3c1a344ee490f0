"""A price with dates: each cell has the price of its own time, and none has two."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from decisionlayer import QueryError
from decisionlayer.layer import Layer
from tests.worlds.made import made, metric, shop

PRICE: dict[str, Any] = {
    "assumption": "price", "value": 3, "unit": "1", "owner": "desk", "why": "So.", "since": "2024-02-01", "earlier": [{"value": 2.5}],
}  # fmt: skip


def company(folder: Path, price: dict[str, Any], *more: dict[str, object]) -> Layer:
    metrics = [metric("m", measure="sum(amount)"), metric("worth", formula="m * price"), *more]
    return made(folder, shop(*metrics, assumptions=[price]))


def test_the_digits_of_every_price_are_kept(tmp_path: Path) -> None:
    """2.5 beside a 3 that is whole: 30 * 2.5 is 75, not 60 or 90."""
    layer = company(tmp_path, PRICE)
    assert layer.query(metrics=["worth"], by=["month"]).rows() == [(dt.date(2024, 1, 1), 75), (dt.date(2024, 2, 1), 180)]
    assert layer.query(metrics=["worth"], by=["month"]).about["notes"] == ["`price` is 3 from 2024-02-01, 2.5 until 2024-01-31"]


@pytest.mark.parametrize(("asked", "code"), [
    ({}, "needs-period"), ({"by": ["week"]}, "needs-period"), ({"by": ["quarter"]}, "needs-period"), ({"by": ["shop"]}, "needs-period"),
    ({"by": ["month_of_year"]}, "needs-period"),
])  # fmt: skip
def test_no_cell_has_two_prices(tmp_path: Path, asked: dict[str, Any], code: str) -> None:
    """The week of 29 January ends in February; a part of the year is of the whole range."""
    with pytest.raises(QueryError) as refused:
        company(tmp_path, PRICE).query(metrics=["worth"], **asked)
    assert refused.value.codes == (code,)


def test_a_range_that_still_runs_has_the_prices_of_all_its_rows(tmp_path: Path) -> None:
    """Rows of 10, 20 and, after today, 60: 225 is what they are at January's price, and 255 is no number of one price."""
    layer = company(tmp_path, PRICE, metric("before", formula="prior(worth, '1 month')"))
    with pytest.raises(QueryError) as refused:
        layer.query(metrics=["worth"], start="2024", end="2024", today="2024-01-15")
    assert refused.value.codes == ("needs-period",)
    # what is read of the time before ends with the like part of it
    assert layer.query(metrics=["before"], start="2024-02", end="2024-03", today="2024-02-20").rows() == [(75,)]


def test_after_its_last_day_there_is_no_price(tmp_path: Path) -> None:
    layer = company(tmp_path, {**PRICE, "until": "2024-02-28"})
    assert layer.query(metrics=["worth"], by=["day"], end="2024-02-28").rows()[-1] == (dt.date(2024, 2, 1), 180)
    with pytest.raises(QueryError) as refused:
        layer.query(metrics=["worth"], by=["month"], end="2024-02")
    assert str(refused.value).startswith(
        "error[bad-question]: `price` has no value for all that the question reads, from the beginning to 2024-02-29"
    )


def test_a_row_without_a_time_has_no_price(tmp_path: Path) -> None:
    tables = "create table sales as select * from (values (1, date '2024-01-01', 'A', 10), (2, null, 'A', 20)) v(id, day, shop, amount);"
    layer = made(tmp_path, shop(metric("m", measure="sum(amount)"), metric("worth", formula="m * price"), assumptions=[PRICE]), tables)
    assert layer.query(metrics=["m", "worth"], by=["month"]).rows() == [(dt.date(2024, 1, 1), 10, 25), (None, 20, None)]


def test_what_is_looked_at_has_its_own_price(tmp_path: Path) -> None:
    """`prior(m * price, '1 month')` would be January's sales at February's price, 90; through a metric of its own it is 75."""
    inside = metric("inside", formula="prior(m * price, '1 month')")
    assert "not-built" in [finding.code for finding in company(tmp_path / "inside", PRICE, inside).check()]
    layer = company(tmp_path / "own", PRICE, metric("before", formula="prior(worth, '1 month')"))
    assert layer.query(metrics=["before"], by=["month"], start="2024-02", end="2024-02").rows() == [(dt.date(2024, 2, 1), 75)]


@pytest.mark.parametrize(("changed", "code"), [
    ({"since": None}, "missing-key"), ({"until": "2024-01-31"}, "wrong-argument"),
    ({"earlier": [{"value": 1, "since": "2024-02-01"}]}, "wrong-argument"),
    ({"earlier": [{"value": 1}, {"value": 2}]}, "missing-key"),
])  # fmt: skip
def test_dates_follow_each_other(tmp_path: Path, changed: dict[str, Any], code: str) -> None:
    said = {key: value for key, value in {**PRICE, **changed}.items() if value is not None}
    assert code in [finding.code for finding in company(tmp_path, said).check() if finding.is_error]


def test_dates_are_part_of_the_meaning(tmp_path: Path) -> None:
    dates = [{}, {"since": "2024-02-02"}, {"until": "2024-12-31"}, {"earlier": [{"value": 2.4}]}, {"earlier": [{"value": 2.5, "since": "2023-01-01"}]}]
    meanings = {company(tmp_path / str(number), {**PRICE, **each}).model.metrics["worth"].meaning for number, each in enumerate(dates)}
    assert len(meanings) == len(dates)
