"""Hours before and after clocks are changed, without a period and by one: as many as passed. Worked out by hand.

Every row is a power of two, so that a sum says which rows are in it.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from decisionlayer import Layer
from decisionlayer.plan.bind.moments import keeps_midnights
from tests.worlds.made import made, metric, shop


def told(tmp_path: Path, zone: str, rows: list[str], **formulas: str) -> Layer:
    """Return sales at these times of UTC, the first of them 1, the next 2, then 4."""
    declared = shop(metric("m", measure="sum(amount)"), *(metric(name, formula=formula) for name, formula in formulas.items()))
    declared["project"]["timezone"] = zone
    declared["sources"][0]["time"] = {"day": "second"}
    declared["sources"][0]["columns"]["day"] = "instant"
    values = ", ".join(f"({number}, timestamptz '{row}+00', 'A', {2**number})" for number, row in enumerate(rows))
    return made(tmp_path, declared, f"create table sales (id integer, day timestamptz, shop varchar, amount integer); insert into sales values {values};")


def test_the_range_before_one_with_a_change_of_clocks_is_as_long(tmp_path: Path) -> None:
    """10 March 2024 to 11 o'clock has ten hours in New York; the ten before it began at 14:00. By the wall clock it were eleven, and 7."""
    layer = told(tmp_path, "America/New_York", ["2024-03-09 18:30", "2024-03-09 19:30", "2024-03-10 04:30", "2024-03-10 05:30", "2024-03-10 14:30"])
    [row] = layer.query(metrics=["m"], start="2024-03-10", end="2024-03-10T10", compare=["previous"]).rows()
    assert row[:2] == (24, 6)
    # So are the 24 hours to 01:00 of the 11th. A day earlier by the wall clock they would end at 01:00 of the 10th, and be 15.
    [row] = layer.query(metrics=["m"], start="2024-03-10", end="2024-03-11T00", compare=["previous"]).rows()
    assert row[:2] == (24, 7)
    # Whole days are days by the wall clock, of 23 hours and of 24.
    [row] = layer.query(metrics=["m"], start="2024-03-10", end="2024-03-10", compare=["previous"]).rows()
    assert row[:2] == (24, 7)


@pytest.mark.parametrize("by", [[], ["hour"]])
def test_hours_are_as_many_as_passed_whether_or_not_a_period_is_asked(tmp_path: Path, by: list[str]) -> None:
    """Six hours to 04:00 on 10 March began at 21:00, for there was no 02:00; by the wall clock at 22:00: 4 for 6.

    A day of 24 hours before 03:00 was 02:00 of the 9th; by the wall clock nothing was read, for 03:00 has no row.
    """
    layer = told(
        tmp_path, "America/New_York", ["2024-03-09 07:30", "2024-03-10 02:30", "2024-03-10 07:30"],
        six="trailing(m, '6 hours')", earlier="prior(m, '24 hours')",
    )  # fmt: skip
    [row] = layer.query(metrics=["m", "six", "earlier"], by=by, start="2024-03-10T03", end="2024-03-10T03").rows()
    assert row[-3:] == (4, 6, 1)


def test_what_ends_in_an_hour_that_comes_twice_is_moved_from_its_second_run(tmp_path: Path) -> None:
    """Three hours before 03:00 on 3 November was the 01:00 that came first: 2. By the wall clock it was 00:00, and to the last 01:00: 3."""
    layer = told(
        tmp_path, "America/New_York", ["2024-11-03 04:30", "2024-11-03 05:30", "2024-11-03 06:30", "2024-11-03 08:30"], before="prior(m, '3 hours')",
    )  # fmt: skip
    [row] = layer.query(metrics=["m", "before"], start="2024-11-03T03", end="2024-11-03T03").rows()
    assert row == (8, 2)


def test_a_day_ends_before_its_next_midnight_comes_for_the_first_time(tmp_path: Path) -> None:
    """On 3 November clocks in Havana go from 01:00 to 00:00. To the second midnight, 2 November had a row of the 3rd: 3."""
    layer = told(tmp_path, "America/Havana", ["2024-11-02 16:00", "2024-11-03 04:30", "2024-11-03 05:30", "2024-11-03 17:00"])
    assert not keeps_midnights("America/Havana")
    assert layer.query(metrics=["m"], end="2024-11-02").rows() == [(1,)]
    assert layer.query(metrics=["m"], start="2024-11-03").rows() == [(14,)]
    assert layer.query(metrics=["m"], by=["day"], end="2024-11-02").rows() == [(dt.date(2024, 11, 2), 1)]
    [row] = layer.query(metrics=["m"], start="2024-11-03", end="2024-11-03", compare=["previous"]).rows()
    assert row[:2] == (14, 1)


def test_the_first_hour_of_a_day_is_its_first_midnight(tmp_path: Path) -> None:
    """Of a midnight that comes twice, the first piece of the day is the first hour: 1. Of the second it was 2."""
    layer = told(tmp_path, "America/Havana", ["2024-11-03 04:30", "2024-11-03 05:30", "2024-11-03 17:30"], opening="period_start(m, day)")
    rows = layer.query(metrics=["opening"], by=["hour"], start="2024-11-03T12").rows()
    assert [row[1] for row in rows] == [1]


def test_a_day_without_a_midnight_goes_to_a_midnight(tmp_path: Path) -> None:
    """10 March 2024 began at 01:00 in Havana. The day before it began at 00:00, and its row of 00:30 is in it up to ten o'clock: 1 for none."""
    layer = told(tmp_path, "America/Havana", ["2024-03-09 05:30", "2024-03-09 15:30", "2024-03-10 05:30"])
    rows = layer.query(metrics=["m"], by=["day"], start="2024-03-10", end="2024-03-10T09", compare=["previous"]).rows()
    assert [row[:3] for row in rows] == [(dt.date(2024, 3, 10), 4, 1)]


@pytest.mark.parametrize(("unit", "rows"), [("hour", [("07:00", 8, 1), ("08:00", 16, 2), ("09:00", 32, 4)]), ("6 hours", [("06:00", 56, 7)])])
def test_hours_that_begin_within_others_are_read_by_their_minutes(tmp_path: Path, unit: str, rows: list[tuple[str, int, int]]) -> None:
    """Lord Howe goes back half an hour: 12 hours before 07:00 on 7 April 2024 it was 19:30. No hour begins there, and by whole hours nothing was read."""
    layer = told(
        tmp_path, "Australia/Lord_Howe",
        ["2024-04-06 09:15", "2024-04-06 10:00", "2024-04-06 10:45", "2024-04-06 21:00", "2024-04-06 21:45", "2024-04-06 22:45"],
        earlier="prior(m, '12 hours')",
    )  # fmt: skip
    found = layer.query(metrics=["m", "earlier"], by=[unit], start="2024-04-07T06", end="2024-04-07T11").rows()
    assert [(f"{row[0]:%H:%M}", *row[1:]) for row in found] == rows
    assert layer.query(metrics=["earlier"], start="2024-04-07T06", end="2024-04-07T11").rows() == [(7,)]


def test_two_hours_that_begin_in_a_skipped_hour_follow_those_before_it(tmp_path: Path) -> None:
    """In Berlin 31 March 2024 has no 02:00: the two hours from then begin at 03:00, last one, and come after those of midnight.

    Moved from 03:00 they came after those of 01:00, which are none: the 4 stood beside nothing.
    """
    layer = told(
        tmp_path, "Europe/Berlin", ["2024-03-30 01:30", "2024-03-30 23:30", "2024-03-31 01:30", "2024-03-31 02:30"],
        a_day_ago="prior(m, '1 day')", so_far="to_date(m, day)", an_hour_ago="prior(m, '1 hour')",
    )  # fmt: skip
    rows = layer.query(metrics=["m"], by=["2 hours"], start="2024-03-31", compare=["previous"]).rows()
    assert [(row[0].astimezone(dt.UTC).hour, *row[1:3]) for row in rows] == [(23, 2, None), (1, 4, 2), (2, 8, 4)]  # of UTC
    # What the same hours of the 30th have, the day so far, and the time an hour earlier: nothing from 00:00 to 01:00 of UTC.
    rows = layer.query(metrics=["a_day_ago", "so_far", "an_hour_ago"], by=["2 hours"], start="2024-03-31").rows()
    assert [row[1:] for row in rows] == [(None, 2, 2), (1, 6, None), (None, 14, 12)]


def test_two_hours_to_whose_beginning_clocks_are_put_back_begin_with_the_first(tmp_path: Path) -> None:
    """On 27 October 2024 the hour from 02:00 comes twice in Berlin, and 02:00 to 04:00 are three, from midnight of UTC on.

    They were told by the second 02:00, and the hour before them began with the first: 6 and not 7.
    """
    layer = told(
        tmp_path, "Europe/Berlin", ["2024-10-26 23:30", "2024-10-27 00:30", "2024-10-27 01:30", "2024-10-27 02:30"],
        an_hour_ago="prior(m, '1 hour')",
    )  # fmt: skip
    rows = layer.query(metrics=["m", "an_hour_ago"], by=["2 hours"]).rows()
    assert [(row[0].astimezone(dt.UTC), *row[1:]) for row in rows] == [
        (dt.datetime(2024, 10, 26, 22, tzinfo=dt.UTC), 1, None), (dt.datetime(2024, 10, 27, 0, tzinfo=dt.UTC), 14, 7),
    ]  # fmt: skip


def test_a_first_day_asked_by_hours_ends_where_they_do(tmp_path: Path) -> None:
    """Three hours before midnight nothing had been sold on the first day: unknown at 23:00. It read that day to its end: 1."""
    declared = shop(
        metric("m", measure="sum(amount)"), metric("opened", formula="trailing(m, '7 days')", over_time="first"),
        metric("then", formula="to_date(prior(opened, '3 hours'), year)"),
    )  # fmt: skip
    declared["sources"][0]["time"], declared["sources"][0]["columns"]["day"] = {"day": "second"}, "instant"
    layer = made(tmp_path, declared, """
        create table sales (id integer, day timestamptz, shop varchar, amount integer);
        insert into sales values (1, '2024-01-27 23:10+00', 'A', 1), (2, '2024-01-28 05:00+00', 'A', 2);
    """)
    assert [row[1] for row in layer.query(metrics=["then", "m"], by=["hour"]).rows()] == [None, 1]
