"""The last of each shop is read in whole periods, or not at all.

Shop A was counted on 3 January (5) and 9 February (6), shop B on 20 January only (4). To date in February each shop's last count is
6 + 4 = 10. Read at the instants of February alone it would be 6; and March against February up to the 10th needs days, not months.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from decisionlayer import QueryError
from decisionlayer.layer import Layer
from tests.worlds.made import made, metric, shop

TABLES = """
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values (1, '2024-01-03', 'A', 5), (2, '2024-01-20', 'B', 4), (3, '2024-02-09', 'A', 6);
"""


@pytest.fixture
def layer(tmp_path: Path) -> Layer:
    stock = metric("stock", measure="sum(amount)", last_of_each="shop")
    looks = {"so_far": "to_date(stock, year)", "recent": "trailing(stock, '2 months')", "ever": "all_time(stock)", "before": "prior(stock, '1 month')"}
    return made(tmp_path, shop(stock, *(metric(name, formula=text) for name, text in looks.items())), TABLES)


@pytest.mark.parametrize("name", ["so_far", "recent", "ever"])
def test_accumulations_are_refused(layer: Layer, name: str) -> None:
    with pytest.raises(QueryError) as refused:
        layer.query(metrics=[name], by=["month"])
    assert refused.value.codes == ("bad-question",)
    assert "takes the last instant of each `shop`" in str(refused.value)


def test_a_part_of_a_period_is_refused(layer: Layer) -> None:
    with pytest.raises(QueryError) as refused:
        layer.query(metrics=["before"], by=["month"], end="2024-02-10")
    assert refused.value.codes == ("bad-question",)


def test_whole_periods_and_the_whole_range_are_answered(layer: Layer) -> None:
    """January 5 + 4, February 6; over the year so far each shop's last: 6 + 4."""
    assert [row[1:] for row in layer.query(metrics=["stock", "before"], by=["month"]).rows()] == [(9, None), (6, 9)]
    assert layer.query(metrics=["so_far"], start="2024-02", end="2024-02").rows() == [(10,)]
