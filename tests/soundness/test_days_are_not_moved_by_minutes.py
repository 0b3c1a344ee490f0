"""What knows only days is not read by minutes, with a split by time or without; without one it was read by whole days, unsaid."""

from __future__ import annotations

from pathlib import Path

import pytest

from decisionlayer import QueryError
from tests.worlds.made import made, metric, shop


@pytest.mark.parametrize("by", [[], ["day"]])
def test_days_are_not_moved_by_minutes(tmp_path: Path, by: list[str]) -> None:
    layer = made(tmp_path, shop(metric("sales", measure="sum(amount)"), metric("before", formula="prior(sales, '90 minutes')")))
    with pytest.raises(QueryError) as refused:
        layer.query(metrics=["before"], by=by, start="2024-01-01", end="2024-01-31")
    assert refused.value.codes == ("finer-than-grain",)


@pytest.mark.parametrize("by", ["hour", "6 hours", "15 minutes"])
def test_days_are_not_cut_into_hours(tmp_path: Path, by: str) -> None:
    """Several hours were an error without a name."""
    layer = made(tmp_path, shop(metric("sales", measure="sum(amount)")))
    with pytest.raises(QueryError) as refused:
        layer.query(metrics=["sales"], by=[by])
    assert refused.value.codes == ("finer-than-grain",)
