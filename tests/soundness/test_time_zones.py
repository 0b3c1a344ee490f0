"""Periods and ranges are cut in the project's zone, whatever the session, the machine and the warehouse think."""

from __future__ import annotations

import pytest

from decisionlayer.layer import Layer
from tests.worlds import HERE, connect, shared_world


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu"])
@pytest.mark.parametrize("question", [
    {"metrics": ["pings", "events", "walls", "dates", "india"], "by": ["day"]}, {"metrics": ["pings", "india"], "by": ["hour"]},
    {"metrics": ["events"], "start": "2024-03-10", "end": "2024-03-10"}, {"metrics": ["pings",
    "placed"], "by": ["week"], "start": "2024-02"},
])  # fmt: skip
def test_the_zone_of_the_session_says_nothing(zone: str, question: dict[str, object]) -> None:
    connection = connect("clocks")
    connection.execute(f"set timezone = '{zone}'").fetchall()
    there = Layer.load(HERE / "clocks", warehouse=connection)
    assert there.query(**question).rows() == shared_world("clocks")[0].query(**question).rows()


@pytest.mark.parametrize(
    ("day", "n"), [("2024-03-09", 1), ("2024-03-10", 30), ("2024-03-11", 32), ("2024-11-02", 64), ("2024-11-03", 1920)]
)
def test_a_range_of_a_day_and_the_day_as_a_group_hold_the_same_rows(day: str, n: int) -> None:
    layer, _ = shared_world("clocks")
    assert layer.query(metrics=["pings"], start=day, end=day).rows() == [(n,)]
    assert layer.query(metrics=["pings"], where=f"day = '{day}'").rows() == [(n,)]
    assert [row[1] for row in layer.query(metrics=["pings"], by=["day"]).rows() if str(row[0]) == day] == [n]


@pytest.mark.parametrize(("start", "end", "n"), [
    ("2024", "2024", 4095), ("2024-03", "2024-03", 63), ("2024-W10", "2024-W10", 31), ("2024-03-10", None, 4094),
    (None, "2024-03-10", 31),
    ("2024-03-10T00", "2024-03-10T01", 6), ("2024-03-10T03:00", "2024-03-10T03:00", 8), ("2024-03-10T03:00:00",
    "2024-03-10T03:00:00", 8),
    ("2024-11-03T01", "2024-11-03T01", 768), ("2024-11-03T05:00Z", "2024-11-03T05:59Z", 256), ("2024-11-03T01:00-04:00",
    "2024-11-03T01:59-04:00", 256),
    ("0001", "9999", 4095), ("9999", None, None), (None, "9999-12-31T23:59:59", 4095),
])  # fmt: skip
def test_start_and_end_are_whole_as_written(start: str | None, end: str | None, n: int | None) -> None:
    """The clock that showed no time (4096) is in no range."""
    assert shared_world("clocks")[0].query(metrics=["pings"], start=start, end=end).rows() == [(n,)]


def test_a_date_is_not_moved_by_a_zone() -> None:
    layer, _ = shared_world("clocks")
    assert layer.query(metrics=["dates"], start="2024-03-10", end="2024-03-16").rows() == [(6,)]  # 3 or 12 when moved
