"""Conversions over unlike clocks: days are the project's days, a day later is the same time by its clock, a month later its last day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.worlds.made import SHOP, made, metric


def share(folder: Path, visits: str, orders: str, within: str, kinds: tuple[Any, Any], columns: tuple[str, str], **asked: Any) -> tuple[Any, ...]:
    """Return share, closed and open of visits followed by orders, each side with its clock as ``kinds`` say."""

    def source(name: str, clock: Any, column: str) -> dict[str, Any]:
        return {
            "source": name, "one_row_is": "one", "table": name, "key": ["id"], "time": {"at_time": clock}, "owner": "desk",
            "links": {"visitor": "visitor"}, "columns": {"id": "integer", "visitor": "text", "at_time": column},
        }  # fmt: skip

    conversion = {"from": "visits", "to": "orders", "entity": "visitor", "within": within}
    declared = {
        "project": {"name": "x", "timezone": "America/New_York"}, "parties": SHOP["parties"],
        "sources": [
            source("visits", kinds[0], columns[0]), source("orders", kinds[1], columns[1]),
            {"source": "visitors", "one_row_is": "one", "table": "visitors", "describes": "visitor", "key": ["visitor"], "owner": "desk",
             "columns": {"visitor": "text"}},
        ],
        "metrics": [metric("share", conversion=conversion), *(metric(one, conversion={**conversion, "give": one}) for one in ("closed", "open"))],
    }  # fmt: skip
    types = {"date": "date", "timestamp": "timestamp", "instant": "timestamptz"}
    tables = f"""
        set timezone = 'UTC';
        create table visits as select row_number() over () id, 'ann' visitor, unnest({visits})::{types[columns[0]]} at_time;
        create table orders as select row_number() over () id, 'ann' visitor, unnest({orders})::{types[columns[1]]} at_time;
        create table visitors as select 'ann' visitor;
    """
    return made(folder, declared, tables).query(metrics=["share", "closed", "open"], **asked).rows()[0]


UTC, HERE = {"grain": "minute", "zone": "UTC"}, {"grain": "minute"}


def test_a_day_is_a_day_of_the_project(tmp_path: Path) -> None:
    # Three in the night in London is ten in the evening before in New York: the order of 2 March is of the next day.
    found = share(tmp_path, "['2024-03-02 03:00']", "['2024-03-02', '2024-03-10']", "1 day", (UTC, "day"), ("timestamp", "date"))
    assert found == (1.0, 1, 0)  # read by the clock of London, both are of 2 March, and nothing came after


@pytest.mark.parametrize(("columns", "kinds"), [(("timestamp", "timestamp"), (UTC, UTC)), (("instant", "instant"), ("minute", "minute")), (("instant", "timestamp"), ("minute", UTC))])
def test_a_day_later_is_the_same_time_by_the_clock(tmp_path: Path, columns: tuple[str, str], kinds: tuple[Any, Any]) -> None:
    # In the night of 10 March 2024 clocks go forward: noon to noon is 23 hours, so 16:30 in London is half past twelve, too late.
    visits, late, just = "['2024-03-09 17:00']", "['2024-03-10 16:30', '2024-03-20 00:00']", "['2024-03-10 16:00', '2024-03-20 00:00']"
    assert share(tmp_path / "late", visits, late, "1 day", kinds, columns)[0] == 0.0  # 23 and a half hours later
    assert share(tmp_path / "just", visits, just, "1 day", kinds, columns)[0] == 1.0
    assert share(tmp_path / "hours", visits, late, "24 hours", kinds, columns)[0] == 1.0


def test_a_month_after_the_31st_ends_with_the_month(tmp_path: Path) -> None:
    visits, clocks, columns = "['2024-01-31 10:00']", (HERE, HERE), ("timestamp", "timestamp")
    assert share(tmp_path / "just", visits, "['2024-02-29 10:00', '2024-05-01']", "1 month", clocks, columns) == (1.0, 1, 0)
    assert share(tmp_path / "late", visits, "['2024-02-29 10:01', '2024-05-01']", "1 month", clocks, columns) == (0.0, 1, 0)


def test_a_window_is_over_with_the_last_row_and_with_the_day_that_counts_as_today(tmp_path: Path) -> None:
    visits, clocks, columns = "['2024-01-01 10:00', '2024-01-05 10:00']", (HERE, HERE), ("timestamp", "timestamp")
    orders = "['2024-01-02 00:00', '2024-01-08 10:00']"
    assert share(tmp_path / "end", visits, orders, "7 days", clocks, columns) == (1.0, 1, 1)
    assert share(tmp_path / "on", visits, orders, "7 days", clocks, columns, today="2024-01-08") == (1.0, 1, 1)
    assert share(tmp_path / "before", visits, orders, "7 days", clocks, columns, today="2024-01-07") == (None, 0, 2)


def test_an_order_of_the_same_day_is_not_after_a_visit_where_only_days_are_known(tmp_path: Path) -> None:
    found = share(tmp_path, "['2024-01-01', '2024-01-02']", "['2024-01-02', '2024-01-20']", "7 days", ("day", "day"), ("date", "date"))
    assert found == (0.5, 2, 0)
