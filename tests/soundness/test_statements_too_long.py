"""A statement that no warehouse can plan is refused before it takes the memory of the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from decisionlayer import QueryError
from tests.worlds.made import made, metric, shop

RETAIL = {"frame": "retail", "owner": "desk", "calendar": {"weeks": "4-5-4", "year_ends": "last sunday of december", "year_named": "end"}}


def test_a_statement_of_millions_of_characters_is_refused_and_a_shorter_one_answered(tmp_path: Path) -> None:
    """Three looks by the years of a calendar, from within a day: DuckDB took 24 GB to plan the 9 million characters and was killed."""
    declared = shop(
        metric("sold", measure="sum(amount)"),
        metric("read", formula="to_date(period_start(trailing(sold, '1 retail.half'), year), retail.period)"), frames=[RETAIL],
    )  # fmt: skip
    declared["project"]["timezone"] = "America/New_York"
    declared["sources"][0]["columns"]["day"] = "timestamp"
    declared["sources"][0]["time"] = {"day": {"grain": "second", "zone": "Asia/Kolkata"}}
    layer = made(tmp_path, declared, """
        create table sales (id integer, day timestamp, shop varchar, amount integer);
        insert into sales values (1, '2024-01-01 13:00', 'A', 7), (2, '2024-05-02 04:00', 'A', 5);
    """)  # fmt: skip
    with pytest.raises(QueryError, match="characters, more than a warehouse can plan") as refused:
        layer.query(metrics=["read"], by=["retail.year"], start="2024-03-10T02")
    assert refused.value.codes == ("not-built",)
    # The period that 31 January lies in began on the 29th, whose year begins with January: the half year up to its end has the sale of New Year.
    found = layer.query(metrics=["read"], by=["month"], start="2024-01-01", end="2024-01-31")
    assert found.rows()[0][1] == 7
